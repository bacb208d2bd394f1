//! The projects that both sides are asked about.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// One project, said as a user would with flags and variables.
#[derive(Clone, Debug, Default)]
pub(crate) struct Job {
    /// The list that it belongs to.
    pub(crate) list: &'static str,
    /// Its name, unique over all lists.
    pub(crate) id: String,
    /// `-f`, absolute; none lets the default names be found.
    pub(crate) files: Vec<PathBuf>,
    /// `--project-directory`, or the folder where the user stands when there are no files.
    pub(crate) directory: Option<PathBuf>,
    env: BTreeMap<String, String>,
    env_files: Vec<PathBuf>,
    profiles: Vec<String>,
    name: String,
}

impl Job {
    fn new(list: &'static str, id: &str) -> Self {
        Self { list, id: format!("{list}: {id}"), ..Self::default() }
    }

    /// The line that both programs read.
    pub(crate) fn line(&self) -> Value {
        json!({
            "id": self.id,
            "files": self.files,
            "directory": self.base(),
            "env": self.env,
            "env_files": self.env_files,
            "profiles": self.profiles,
            "name": self.name,
        })
    }

    /// The folder that relative paths of the project are seen from.
    pub(crate) fn base(&self) -> &Path {
        let beside = || self.files.first().and_then(|file| file.parent());
        self.directory.as_deref().or_else(beside).unwrap_or(Path::new("/"))
    }
}

/// One job for each folder of the test data; its file `args` holds the flags of the command line.
pub(crate) fn cases(folder: &Path) -> Result<Vec<Job>, String> {
    let mut jobs = Vec::new();
    for case in folders(folder)? {
        let name = case.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let arguments = std::fs::read_to_string(case.join("args")).unwrap_or_default();
        jobs.push(case_job(&name, &case, &arguments)?);
    }
    Ok(jobs)
}

fn case_job(name: &str, case: &Path, arguments: &str) -> Result<Job, String> {
    let mut job = Job::new("cases", name);
    let mut words =
        arguments.lines().filter(|line| !line.starts_with('#')).flat_map(|line| line.split_whitespace());
    while let Some(word) = words.next() {
        let (flag, value) = match word.split_once('=').filter(|_| word.starts_with("--")) {
            Some((flag, value)) => (flag, value),
            None if word.starts_with('-') => {
                (word, words.next().ok_or_else(|| format!("{name}/args: `{word}` needs a value"))?)
            }
            None => return Err(format!("{name}/args: the lane knows flags only, not `{word}`")),
        };
        match flag {
            "-f" | "--file" => job.files.push(case.join(value)),
            "--env-file" => job.env_files.push(case.join(value)),
            "--profile" => job.profiles.push(value.to_owned()),
            "--project-directory" => job.directory = Some(case.join(value)),
            "-p" | "--project-name" => value.clone_into(&mut job.name),
            "-e" | "--env" => {
                let (key, value) = value
                    .split_once('=')
                    .ok_or_else(|| format!("{name}/args: `-e {value}` has no value of its own"))?;
                job.env.insert(key.to_owned(), value.to_owned());
            }
            other => return Err(format!("{name}/args: the lane knows no `{other}`")),
        }
    }
    if job.files.is_empty() && job.directory.is_none() {
        job.directory = Some(case.to_owned());
    }
    Ok(job)
}

/// The lists over the dev corpus; a sample takes the files whose path has the smallest SHA-256.
pub(crate) fn corpus(corpus: &Path, sample: Option<usize>) -> Result<Vec<Job>, String> {
    let files = corpus_files(corpus, sample)?;
    let mut jobs = Vec::new();
    for file in &files {
        jobs.push(Job { files: vec![corpus.join(file)], ..Job::new("alone", file) });
    }
    for file in &files {
        let everything = vec!["*".to_owned()];
        jobs.push(Job {
            files: vec![corpus.join(file)],
            profiles: everything,
            ..Job::new("all profiles", file)
        });
    }
    for file in &files {
        let env = variables_of(&corpus.join(file));
        if !env.is_empty() {
            jobs.push(Job { files: vec![corpus.join(file)], env, ..Job::new("variables", file) });
        }
    }
    for file in &files {
        jobs.extend(overrides_of(corpus, file));
    }
    Ok(jobs)
}

/// The files of the corpus by their paths in it, in order; a sample is the same on every machine.
pub(crate) fn corpus_files(corpus: &Path, sample: Option<usize>) -> Result<Vec<String>, String> {
    let manifest = corpus.join("MANIFEST.tsv");
    let rows =
        std::fs::read_to_string(&manifest).map_err(|error| format!("{}: {error}", manifest.display()))?;
    let names = rows.lines().skip(1).filter_map(|row| row.split('\t').next());
    let mut files: Vec<String> = names.map(str::to_owned).collect();
    if let Some(count) = sample {
        files.sort_by_cached_key(|file| Sha256::digest(file));
        files.truncate(count);
        files.sort_unstable();
    }
    Ok(files)
}

/// A base with the override file beside it, when it has one.
fn overrides_of(corpus: &Path, file: &str) -> Vec<Job> {
    let Some((stem, _)) = file.rsplit_once('.').filter(|(stem, _)| stem.ends_with("compose")) else {
        return Vec::new();
    };
    ["yml", "yaml"]
        .iter()
        .map(|ending| corpus.join(format!("{stem}.override.{ending}")))
        .filter(|path| path.is_file())
        .map(|path| Job { files: vec![corpus.join(file), path], ..Job::new("overrides", file) })
        .collect()
}

/// A likely value for each variable that a file names, so that more of what it says takes part in the comparison.
fn variables_of(file: &Path) -> BTreeMap<String, String> {
    let text = String::from_utf8_lossy(&std::fs::read(file).unwrap_or_default()).replace("$$", "");
    let mut variables = BTreeMap::new();
    for part in text.split('$').skip(1) {
        let part = part.strip_prefix('{').unwrap_or(part);
        let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(part.len());
        let name = &part[..end];
        if name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            variables.insert(name.to_owned(), likely_value(name).to_owned());
        }
    }
    variables
}

/// A likely value for each variable of a file that has no default there: what its author keeps in an env file.
pub(crate) fn needed_variables_of(file: &Path) -> BTreeMap<String, String> {
    let text = String::from_utf8_lossy(&std::fs::read(file).unwrap_or_default()).into_owned();
    let mut variables = variables_of(file);
    variables.retain(|name, _| {
        let defaults = [format!("${{{name}:-"), format!("${{{name}-"), format!("${{{name}:+")];
        !defaults.iter().any(|default| text.contains(default))
    });
    variables
}

fn likely_value(name: &str) -> &'static str {
    const LIKELY: &[(&str, &[&str])] = &[
        ("8080", &["PORT"]),
        ("512m", &["MEM", "SIZE"]),
        ("1", &["CPU"]),
        ("1000", &["UID", "GID", "COUNT", "REPLICAS", "NUM", "TIMEOUT", "RETRIES"]),
        ("./some/data", &["DIR", "PATH", "VOLUME", "FOLDER", "LOCATION", "ROOT"]),
        ("10.1.2.3", &["IPV4", "_IP"]),
        ("true", &["ENABLE", "DISABLE", "DEBUG"]),
    ];
    let name = name.to_ascii_uppercase();
    let fits = |(_, words): &&(&str, &[&str])| words.iter().any(|word| name.contains(word));
    LIKELY.iter().find(fits).map_or("value1", |(value, _)| value)
}

/// The folders in a folder, in order; none where it is missing.
pub(crate) fn folders(folder: &Path) -> Result<Vec<PathBuf>, String> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut folders: Vec<PathBuf> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_dir()).collect();
    folders.sort_unstable();
    Ok(folders)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_of_a_case_become_a_job() {
        let text = "# two files\n-f a.yaml --file=b.yaml\n--profile dev -p shop -e A=b=c --env-file x.env\n";
        let job = case_job("two", Path::new("/case"), text).expect("the flags are known");
        assert_eq!(
            job.line().to_string(),
            r#"{"id":"cases: two","files":["/case/a.yaml","/case/b.yaml"],"directory":"/case","env":{"A":"b=c"},"env_files":["/case/x.env"],"profiles":["dev"],"name":"shop"}"#
        );
    }

    #[test]
    fn a_case_without_files_stands_in_its_folder() {
        let job = case_job("found", Path::new("/case"), "").expect("no flags are fine");
        assert_eq!((job.files.len(), job.base()), (0, Path::new("/case")));
    }

    #[test]
    fn an_unknown_flag_is_an_error() {
        let error = case_job("odd", Path::new("/case"), "--colour red").expect_err("the lane does not guess");
        assert_eq!(error, "odd/args: the lane knows no `--colour`");
    }
}
