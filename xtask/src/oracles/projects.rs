//! Real conversions: the projects that the lanes convert, and what transship makes of each, as a user would start it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use super::jobs;
use crate::place;

/// A project, and the words behind `convert`.
pub(crate) struct Project {
    /// The list that it belongs to.
    pub(crate) list: &'static str,
    /// Its name, unique over all lists.
    pub(crate) id: String,
    /// Where the user stands.
    folder: PathBuf,
    arguments: Vec<String>,
}

/// How the projects are converted.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Way {
    /// As the project's own flags say.
    AsGiven,
    /// In a posture, with nothing allowed.
    Posture(&'static str),
    /// With network policies of this kind.
    Policies(&'static str),
}

/// What came out of one run.
pub(crate) struct Converted {
    /// The exit code; none of a program that was killed.
    pub(crate) code: Option<i32>,
    /// The objects, as YAML.
    pub(crate) manifests: String,
    /// What was said on standard error.
    pub(crate) words: String,
    /// The report; null when none was written.
    pub(crate) report: Value,
}

/// How many conversions run at once.
const WORKERS: usize = 2;

/// The cases of `testdata/convert`, and with what lies beside the repository the seeds and the dev corpus, of which a
/// sample is enough when `sample` says so.
pub(crate) fn all(sample: Option<usize>) -> Result<Vec<Project>, String> {
    let mut projects = cases()?;
    match place::shared().map(|shared| shared.join("seeds")).filter(|seeds| seeds.is_dir()) {
        Some(seeds) => projects.extend(seeds_in(&seeds)?),
        None => println!("did not run: the seeds (../shared/seeds is missing)"),
    }
    match corpus(sample)? {
        Some(corpus) => projects.extend(corpus),
        None => println!("did not run: the dev corpus (../shared/corpus/dev.tar.xz is missing)"),
    }
    Ok(projects)
}

/// The golden cases.
pub(crate) fn cases() -> Result<Vec<Project>, String> {
    let mut projects = Vec::new();
    for folder in jobs::folders(&place::root().join("testdata/convert"))? {
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let flags = std::fs::read_to_string(folder.join("args")).unwrap_or_default();
        let flags = flags.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace);
        let arguments = flags.map(str::to_owned).collect();
        projects.push(Project { list: "cases", id: format!("cases: {name}"), folder, arguments });
    }
    if projects.is_empty() { Err("`testdata/convert` holds no case".to_owned()) } else { Ok(projects) }
}

/// The files of the dev corpus, each a project whose variables have values; nothing where it is missing.
pub(crate) fn corpus(sample: Option<usize>) -> Result<Option<Vec<Project>>, String> {
    let Some(corpus) = place::corpus()? else { return Ok(None) };
    let files = jobs::corpus_files(&corpus, sample)?;
    let project = |file: &String| {
        let path = corpus.join(file);
        let mut project = project("corpus", &corpus, &path);
        for (name, value) in jobs::needed_variables_of(&path) {
            project.arguments.extend(["-e".to_owned(), format!("{name}={value}")]);
        }
        project
    };
    Ok(Some(files.iter().map(project).collect()))
}

/// The Compose files of the systems that the project exists for, each alone.
fn seeds_in(seeds: &Path) -> Result<Vec<Project>, String> {
    let mut files = Vec::new();
    compose_files(seeds, &mut files)?;
    let mut projects: Vec<Project> = files.iter().map(|file| project("seeds", seeds, file)).collect();
    for one in &mut projects {
        let system = one.id.trim_start_matches("seeds: ").split('/').next().unwrap_or_default();
        let variables = seeds.join(format!("inputs/{system}.env"));
        if variables.is_file() {
            one.arguments.extend(["--env-file".to_owned(), variables.display().to_string()]);
        }
    }
    Ok(projects)
}

fn compose_files(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    let entries = std::fs::read_dir(folder).map_err(failed)?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort_unstable();
    for path in paths {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if path.is_dir() {
            compose_files(&path, files)?;
        } else if name.contains("compose") && (name.ends_with(".yml") || name.ends_with(".yaml")) {
            files.push(path);
        }
    }
    Ok(())
}

fn project(list: &'static str, base: &Path, file: &Path) -> Project {
    let name = file.strip_prefix(base).unwrap_or(file).display();
    Project {
        list,
        id: format!("{list}: {name}"),
        folder: file.parent().unwrap_or(base).to_owned(),
        arguments: vec!["-f".to_owned(), file.display().to_string()],
    }
}

impl Project {
    fn words(&self, way: Way) -> Vec<String> {
        let (gone, added): (&[&str], _) = match way {
            Way::AsGiven => (&[], None),
            // Who allows what the level forbids has left the level.
            Way::Posture(posture) => (&["--posture", "--allow"], Some(["--posture", posture])),
            Way::Policies(policies) => (&["--network-policy"], Some(["--network-policy", policies])),
        };
        let mut words = Vec::new();
        let mut given = self.arguments.iter();
        while let Some(word) = given.next() {
            if gone.contains(&word.as_str()) {
                given.next();
            } else {
                words.push(word.clone());
            }
        }
        words.extend(added.into_iter().flatten().map(str::to_owned));
        words
    }

    /// A project of a lane of its own.
    pub(crate) fn new(list: &'static str, name: &str, folder: PathBuf, arguments: Vec<String>) -> Self {
        Self { list, id: format!("{list}: {name}"), folder, arguments }
    }

    /// Where the user stands.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The Compose files that its flags name.
    pub(crate) fn files(&self) -> Vec<String> {
        let named = self.arguments.windows(2).filter(|pair| pair[0] == "-f");
        named.map(|pair| pair[1].clone()).collect()
    }

    /// The same with further words.
    pub(crate) fn with(mut self, words: Vec<String>) -> Self {
        self.arguments.extend(words);
        self
    }

    /// Writes a file to be read on top, with the same keys for every service, and returns the words that name it.
    pub(crate) fn everywhere(&self, program: &Path, file: &Path, keys: &str) -> Result<Vec<String>, String> {
        // `--services` names jobs as well.
        let model = place::succeeds(self.config(program).args(["--format", "json"]))?;
        let model: Value = serde_json::from_slice(&model).map_err(|error| error.to_string())?;
        let names = model["services"].as_object().into_iter().flatten().map(|(name, _)| name.as_str());
        std::fs::write(file, override_of(names, keys))
            .map_err(|error| format!("{}: {error}", file.display()))?;
        let first = if self.files().is_empty() { &["-f", "compose.yaml"][..] } else { &[] };
        let words = first.iter().map(|word| (*word).to_owned());
        Ok(words.chain(["-f".to_owned(), file.display().to_string()]).collect())
    }

    /// `convert` as a user would start it.
    pub(crate) fn command(&self, program: &Path, way: Way) -> Command {
        let mut command = Command::new(program);
        command.arg("convert").args(self.words(way)).current_dir(&self.folder).env_clear();
        command.stdin(Stdio::null());
        command
    }

    /// `config` as a user would start it, with the flags that make the project.
    pub(crate) fn config(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.arg("config").current_dir(&self.folder).env_clear().stdin(Stdio::null());
        command.args(self.flags(&["-f", "-e", "-p", "--env-file", "--profile", "--project-directory"]));
        command
    }

    /// Those of its flags, with their values.
    pub(crate) fn flags<'p>(&'p self, names: &'p [&str]) -> impl Iterator<Item = &'p String> {
        let pairs = self.arguments.windows(2);
        pairs.filter(|pair| names.contains(&pair[0].as_str())).flatten()
    }

    fn convert(&self, program: &Path, way: Way, report: &Path) -> Result<Converted, String> {
        // A report that was left by an earlier run must not speak for this one.
        let _ = std::fs::remove_file(report);
        let output = place::ended(self.command(program, way).arg("--report").arg(report))?;
        let report = match std::fs::read(report) {
            Ok(text) => serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", self.id))?,
            Err(_) => Value::Null,
        };
        Ok(Converted {
            code: output.status.code(),
            manifests: String::from_utf8(output.stdout).map_err(|error| format!("{}: {error}", self.id))?,
            words: String::from_utf8_lossy(&output.stderr).into_owned(),
            report,
        })
    }
}

/// Converts all projects and keeps of each what `look` takes from it, in the order of the projects.
pub(crate) fn each<T: Send>(
    projects: &[Project],
    way: Way,
    look: impl Fn(&Project, Converted) -> T + Sync,
) -> Result<Vec<T>, String> {
    let program = place::transship()?;
    let scratch = place::target().join("oracles/reports");
    std::fs::create_dir_all(&scratch).map_err(|error| format!("{}: {error}", scratch.display()))?;
    side_by_side(projects, |worker, project| {
        let report = scratch.join(format!("{worker}.json"));
        Ok(look(project, project.convert(&program, way, &report)?))
    })
}

/// Does something with all projects, several at once, and keeps what comes of it, in the order of the projects; the
/// number says which worker does it.
pub(crate) fn side_by_side<P: Sync, T: Send>(
    projects: &[P],
    act: impl Fn(usize, &P) -> Result<T, String> + Sync,
) -> Result<Vec<T>, String> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, T)>> = Mutex::new(Vec::new());
    let work = |worker: usize| -> Result<(), String> {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(project) = projects.get(number) else { return Ok(()) };
            let seen = act(worker, project)?;
            done.lock().map_err(|_| "a worker died".to_owned())?.push((number, seen));
        }
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS).map(|worker| scope.spawn(move || work(worker))).collect();
        workers.into_iter().try_for_each(|worker| worker.join().map_err(|_| "a worker died".to_owned())?)
    })?;
    let mut done = done.into_inner().map_err(|_| "a worker died".to_owned())?;
    done.sort_by_key(|(number, _)| *number);
    Ok(done.into_iter().map(|(_, seen)| seen).collect())
}

/// An override that gives the same keys to all these services.
pub(crate) fn override_of<'n>(names: impl Iterator<Item = &'n str>, keys: &str) -> String {
    let services = names.map(|name| format!("  {}: {{{keys}}}\n", Value::from(name)));
    std::iter::once("services:\n".to_owned()).chain(services).collect()
}

/// What is wrong with how a run ended; a run ends with 0, 1 or 2, and says why when it is not 0.
pub(crate) fn misbehaviour(converted: &Converted) -> Option<String> {
    let words = converted.words.trim();
    if words.contains("panicked at") {
        return Some(format!("it panics: {words}"));
    }
    match converted.code {
        Some(0) => None,
        Some(code @ (1 | 2)) if words.is_empty() => Some(format!("exit code {code} without a word")),
        Some(1) if converted.report.is_null() => Some("exit code 1 without a report".to_owned()),
        Some(1 | 2) => None,
        code => Some(format!("it ends with {code:?}: {words}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(arguments: &[&str]) -> Project {
        let arguments = arguments.iter().map(|word| (*word).to_owned()).collect();
        Project { list: "cases", id: "cases: one".to_owned(), folder: PathBuf::from("/"), arguments }
    }

    #[test]
    fn a_posture_takes_the_place_of_the_one_that_was_given() {
        let project = one(&["--posture", "production", "--allow", "root-user", "--expose", "nodeport"]);
        assert_eq!(
            project.words(Way::Posture("restricted")),
            ["--expose", "nodeport", "--posture", "restricted"]
        );
        assert_eq!(project.words(Way::AsGiven).len(), 6);
        assert_eq!(one(&[]).words(Way::Policies("strict")), ["--network-policy", "strict"]);
    }

    #[test]
    fn a_run_ends_with_a_known_code_and_a_reason() {
        let run = |code, words: &str| Converted {
            code,
            manifests: String::new(),
            words: words.to_owned(),
            report: Value::Bool(true),
        };
        assert_eq!(misbehaviour(&run(Some(0), "")), None);
        assert_eq!(misbehaviour(&run(Some(1), "why")), None);
        assert!(misbehaviour(&run(Some(1), " ")).is_some());
        assert!(misbehaviour(&run(Some(101), "thread 'main' panicked at …")).is_some());
        assert!(misbehaviour(&run(None, "")).is_some());
    }
}
