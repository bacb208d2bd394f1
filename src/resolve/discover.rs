//! Which files make the project, where it stands, and which variables it has: Compose's own rules of selection.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::context::printed_name;
use super::variables::Environment;
use super::{Input, Request, Variable, normalized_name};
use crate::diag::{Finding, slugs};
use crate::source::Text;
use crate::source::files::Files;
use crate::source::reader::{Kind, Reader, join};
use crate::source::span::Span;

/// The names under which Compose looks for its file, the first that exists wins.
pub const DEFAULT_NAMES: [&str; 4] =
    ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
/// The names of the file that is merged on top of a default one.
pub const OVERRIDE_NAMES: [&str; 4] = [
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
];

/// What the user has named; all paths are absolute and clean.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Where the user stands.
    pub standpoint: PathBuf,
    /// What is to be loaded.
    pub target: Target,
    /// Files that are merged on top of those that the target finds.
    pub on_top: Vec<Input>,
    /// `--project-directory`.
    pub directory: Option<PathBuf>,
    /// `--env-file`, in order.
    pub env_files: Vec<PathBuf>,
    /// `-e`, and what `--host-env` lets in: these win over every env file.
    pub given: BTreeMap<Text, Text>,
    /// `--profile`.
    pub profiles: Vec<String>,
    /// `--project-name`.
    pub name: Option<String>,
}

/// What is to be loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// What `docker compose` would find where the user stands, or above.
    Here,
    /// What `docker compose` would find in that very folder.
    Folder(PathBuf),
    /// One file; one with a default name takes its override neighbour along.
    File(Input),
    /// These files, merged in this order.
    Files(Vec<Input>),
}

/// What is to be loaded, settled.
#[derive(Debug)]
pub struct Plan {
    /// The Compose files, merged in this order; none when the search found nothing.
    pub inputs: Vec<Input>,
    /// The project folder.
    pub directory: PathBuf,
    /// The project's name, when it is not left to the files.
    pub name: Option<String>,
    /// The variables for interpolation.
    pub variables: BTreeMap<Text, Variable>,
    /// The active profiles.
    pub profiles: Vec<String>,
    /// The env files that were read.
    pub files: Files,
    /// What is to be said about env files and their `COMPOSE_…` variables; Compose refuses a project with any of these.
    pub findings: Vec<Finding>,
    /// What else is to be said about env files.
    pub warnings: Vec<Finding>,
    /// Default Compose files that Compose passes over, because it found another one first.
    pub beside: Vec<PathBuf>,
}

/// Settles what is to be loaded.
#[must_use]
pub fn plan(selection: &Selection, reader: &dyn Reader) -> Plan {
    let mut environment = Environment::new(reader, &selection.standpoint, &selection.given);
    let mut beside = Vec::new();
    let base = match &selection.target {
        Target::Folder(folder) => folder,
        Target::Here | Target::File(_) | Target::Files(_) => &selection.standpoint,
    };
    let mut inputs = match &selection.target {
        Target::Here | Target::Folder(_) => Vec::new(),
        Target::File(input) => with_neighbour(input, reader),
        Target::Files(inputs) => inputs.clone(),
    };
    let named = !inputs.is_empty();
    read_env_files(&mut environment, selection, &working_folder(selection, &inputs, base));
    if !named {
        inputs = named_by_variable(&mut environment, base, reader);
    }
    if inputs.is_empty() && !environment.variables.contains_key("COMPOSE_FILE") {
        let start = selection.directory.as_ref().unwrap_or(base);
        (inputs, beside) = search(start, selection.target == Target::Here, reader);
    }
    // The files may have moved the project folder, and with it the default env file.
    let directory = working_folder(selection, &inputs, base);
    read_env_files(&mut environment, selection, &directory);
    if !inputs.is_empty() {
        inputs.extend(selection.on_top.iter().cloned());
    }
    let profiles = profiles(&selection.profiles, &environment);
    let name = selection.name.clone().or_else(|| name(&mut environment));
    let Environment { variables, files, findings, warnings, .. } = environment;
    Plan { inputs, directory, name, variables, profiles, files, findings, warnings, beside }
}

impl Plan {
    /// The request to load what was settled.
    #[must_use]
    pub fn request<'a>(&self, standpoint: &Path, reader: &'a dyn Reader) -> Request<'a> {
        Request {
            reader,
            inputs: self.inputs.clone(),
            directory: self.directory.clone(),
            standpoint: standpoint.to_path_buf(),
            name: self.name.clone(),
            variables: self.variables.clone(),
            profiles: self.profiles.clone(),
            files: self.files.clone(),
        }
    }

    /// What is to be said about the files that Compose passes over, at the start of the file that it reads.
    #[must_use]
    pub fn passed_over(&self, standpoint: &Path, files: &Files) -> Option<Finding> {
        let read = printed_name(standpoint, &self.inputs.first()?.path);
        let names: Vec<String> =
            self.beside.iter().map(|path| format!("`{}`", printed_name(standpoint, path))).collect();
        let (file, _) = files.iter().find(|(_, file)| file.name == read).filter(|_| !names.is_empty())?;
        let verb = if names.len() == 1 { "is" } else { "are" };
        let message = format!("{} {verb} not read: Compose takes `{read}` alone", names.join(", "));
        let tip = "remove what is no longer used, or name the files with `-f`";
        Some(Finding::new(slugs::COVERAGE_GAP, Span::new(file, 0, 0), "", message).tip(tip))
    }
}

/// Whether Compose takes the text as a project name.
#[must_use]
pub fn is_project_name(name: &str) -> bool {
    !name.is_empty() && normalized_name(name) == name
}

fn read_env_files(environment: &mut Environment<'_>, selection: &Selection, folder: &Path) {
    if !selection.env_files.is_empty() {
        environment.read(&selection.env_files);
        return;
    }
    // These two steer the search for env files, so no env file can set them.
    let given = |name: &str| selection.given.get(name).map(Text::as_str).filter(|value| !value.is_empty());
    if let Some(list) = given("COMPOSE_ENV_FILES") {
        let paths: Vec<PathBuf> = list.split(',').map(|path| join(&selection.standpoint, path)).collect();
        environment.read(&paths);
        return;
    }
    let off = ["1", "t", "T", "TRUE", "true", "True"];
    if !given("COMPOSE_DISABLE_ENV_FILE").is_some_and(|value| off.contains(&value)) {
        environment.read_default(folder);
    }
}

fn working_folder(selection: &Selection, inputs: &[Input], base: &Path) -> PathBuf {
    if let Some(directory) = &selection.directory {
        return directory.clone();
    }
    let first = inputs.iter().map(|input| input.path.as_path()).find(|path| *path != Path::new("-"));
    first.and_then(Path::parent).unwrap_or(base).to_path_buf()
}

/// The files of `COMPOSE_FILE`.
fn named_by_variable(environment: &mut Environment<'_>, base: &Path, reader: &dyn Reader) -> Vec<Input> {
    let Some(variable) = environment.variables.get("COMPOSE_FILE").cloned() else { return Vec::new() };
    let separator =
        environment.filled("COMPOSE_PATH_SEPARATOR").map_or(Text::new(":"), |found| found.value.clone());
    let mut inputs = Vec::new();
    for entry in variable.value.split(separator.as_str()) {
        let path = if entry == "-" { PathBuf::from("-") } else { join(base, entry) };
        let kind = if entry == "-" { Kind::File } else { reader.kind(&path) };
        match (kind, variable.span) {
            (Kind::File, _) | (_, None) => inputs.push(Input { path, text: None }),
            (Kind::Missing | Kind::Folder | Kind::Other, Some(span)) => {
                let what =
                    if kind == Kind::Missing { "there is no such file" } else { "it is no regular file" };
                let message = format!(
                    "`COMPOSE_FILE` names `{entry}`, and {what}: nothing stands in for it, whatever is allowed"
                );
                let tip = "write paths as seen from where the command runs";
                let span = part(span, entry, &environment.files);
                environment.findings.push(Finding::new(slugs::MISSING_FILE, span, "", message).tip(tip));
            }
        }
    }
    inputs
}

/// The place of a part of a value, when the part is written there letter by letter.
fn part(span: Span, part: &str, files: &Files) -> Span {
    let found = files.text(span).find(part).filter(|_| !part.is_empty());
    found.map_or(span, |at| {
        Span::new(span.file, span.start as usize + at, span.start as usize + at + part.len())
    })
}

/// The first default file of the folder or of those above it, its override neighbour, and what is passed over.
fn search(start: &Path, upwards: bool, reader: &dyn Reader) -> (Vec<Input>, Vec<PathBuf>) {
    let mut folders = start.ancestors().take(if upwards { usize::MAX } else { 1 });
    let found = folders.find_map(|folder| {
        let mut candidates = existing(&DEFAULT_NAMES, folder, reader);
        (!candidates.is_empty()).then(|| (candidates.remove(0), candidates))
    });
    let Some((winner, beside)) = found else { return (Vec::new(), Vec::new()) };
    (with_neighbour(&Input { path: winner, text: None }, reader), beside)
}

/// The file, and the override file beside it when its name is a default one.
fn with_neighbour(input: &Input, reader: &dyn Reader) -> Vec<Input> {
    let mut inputs = vec![input.clone()];
    let name = input.path.file_name().and_then(|name| name.to_str());
    if let Some(folder) =
        input.path.parent().filter(|_| name.is_some_and(|name| DEFAULT_NAMES.contains(&name)))
    {
        let overrides = existing(&OVERRIDE_NAMES, folder, reader);
        inputs.extend(overrides.into_iter().take(1).map(|path| Input { path, text: None }));
    }
    inputs
}

fn existing(names: &[&str], folder: &Path, reader: &dyn Reader) -> Vec<PathBuf> {
    let paths = names.iter().map(|name| folder.join(name));
    paths.filter(|path| reader.kind(path) != Kind::Missing).collect()
}

fn profiles(asked: &[String], environment: &Environment<'_>) -> Vec<String> {
    if !asked.is_empty() {
        return asked.to_vec();
    }
    let Some(list) = environment.filled("COMPOSE_PROFILES") else { return Vec::new() };
    list.value.split(',').map(str::trim).map(str::to_owned).collect()
}

/// The name of `COMPOSE_PROJECT_NAME`; one that Compose refuses is said at its line in the env file.
fn name(environment: &mut Environment<'_>) -> Option<String> {
    let variable = environment.filled("COMPOSE_PROJECT_NAME")?;
    let (name, span) = (variable.value.to_string(), variable.span);
    let Some(span) = span.filter(|_| !is_project_name(&name)) else { return Some(name) };
    let message = format!("`{name}` cannot be the name of a project");
    let tip = "write lower-case letters, digits, `-` and `_`, and begin with a letter or a digit";
    environment.findings.push(Finding::new(slugs::INVALID_COMPOSE, span, "name", message).tip(tip));
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::reader::Memory;

    fn memory(files: &[(&str, &str)]) -> Memory {
        Memory(files.iter().map(|(path, text)| (PathBuf::from(path), text.as_bytes().to_vec())).collect())
    }

    fn selection(target: Target) -> Selection {
        Selection {
            standpoint: PathBuf::from("/w/shop"),
            target,
            on_top: Vec::new(),
            directory: None,
            env_files: Vec::new(),
            given: BTreeMap::new(),
            profiles: Vec::new(),
            name: None,
        }
    }

    fn paths(plan: &Plan) -> Vec<&str> {
        plan.inputs.iter().filter_map(|input| input.path.to_str()).collect()
    }

    fn file(path: &str) -> Target {
        Target::File(Input { path: PathBuf::from(path), text: None })
    }

    #[test]
    fn a_search_takes_the_first_default_file_with_its_override_and_names_what_it_passes_over() {
        let disk = memory(&[
            ("/w/shop/compose.yml", ""),
            ("/w/shop/docker-compose.yml", ""),
            ("/w/shop/docker-compose.override.yml", ""),
        ]);
        let mut planned = plan(&selection(Target::Here), &disk);
        assert_eq!(paths(&planned), ["/w/shop/compose.yml", "/w/shop/docker-compose.override.yml"]);
        planned.files.add("compose.yml", "services: {}\n");
        let finding =
            planned.passed_over(Path::new("/w/shop"), &planned.files).expect("a file is passed over");
        assert_eq!(finding.message, "`docker-compose.yml` is not read: Compose takes `compose.yml` alone");
    }

    #[test]
    fn a_search_goes_up_and_a_named_folder_does_not() {
        let disk = memory(&[("/w/compose.yaml", ""), ("/w/shop/x", "")]);
        let above = plan(&selection(Target::Here), &disk);
        assert_eq!((paths(&above), above.directory.as_path()), (vec!["/w/compose.yaml"], Path::new("/w")));
        assert_eq!(paths(&plan(&selection(Target::Folder("/w/shop".into())), &disk)), Vec::<&str>::new());
    }

    #[test]
    fn a_file_with_a_default_name_takes_its_neighbour_and_a_list_of_files_does_not() {
        let disk = memory(&[
            ("/w/shop/compose.yaml", ""),
            ("/w/shop/compose.override.yaml", ""),
            ("/w/shop/x.yaml", ""),
        ]);
        let default = plan(&selection(file("/w/shop/compose.yaml")), &disk);
        assert_eq!(paths(&default), ["/w/shop/compose.yaml", "/w/shop/compose.override.yaml"]);
        assert_eq!(paths(&plan(&selection(file("/w/shop/x.yaml")), &disk)), ["/w/shop/x.yaml"]);
        let listed = Target::Files(vec![Input { path: "/w/shop/compose.yaml".into(), text: None }]);
        assert_eq!(paths(&plan(&selection(listed), &disk)), ["/w/shop/compose.yaml"]);
    }

    #[test]
    fn the_env_file_names_files_profiles_and_project() {
        let env = "COMPOSE_FILE=a.yaml;b.yaml\nCOMPOSE_PATH_SEPARATOR=;\nCOMPOSE_PROFILES=x, y\nCOMPOSE_PROJECT_NAME=Shop\n";
        let disk = memory(&[("/w/shop/.env", env), ("/w/shop/a.yaml", ""), ("/w/shop/compose.yaml", "")]);
        let planned = plan(&selection(Target::Here), &disk);
        assert_eq!(paths(&planned), ["/w/shop/a.yaml"]);
        assert_eq!((planned.profiles.join("+").as_str(), planned.name.as_deref()), ("x+y", None));
        let said: Vec<&str> = planned.findings.iter().map(|finding| finding.message.as_str()).collect();
        assert_eq!(
            said,
            [
                "`COMPOSE_FILE` names `b.yaml`, and there is no such file: nothing stands in for it, whatever is allowed",
                "`Shop` cannot be the name of a project"
            ]
        );
    }

    #[test]
    fn what_is_given_wins_over_env_files_and_a_later_env_file_over_an_earlier_one() {
        let disk = memory(&[
            ("/w/a.env", "A=1\nB=1\nC=1\n"),
            ("/w/b.env", "B=2\nC=2\n"),
            ("/w/shop/compose.yaml", ""),
        ]);
        let mut chosen = selection(Target::Here);
        chosen.env_files = vec!["/w/a.env".into(), "/w/b.env".into()];
        chosen.given = BTreeMap::from([(Text::new("C"), Text::new("3"))]);
        let planned = plan(&chosen, &disk);
        let values: Vec<&str> = planned.variables.values().map(|variable| variable.value.as_str()).collect();
        assert_eq!(values, ["1", "2", "3"]);
    }

    #[test]
    fn the_env_file_of_the_working_folder_wins_over_that_of_the_project_folder() {
        let disk = memory(&[
            ("/w/shop/.env", "COMPOSE_FILE=sub/c.yaml\nA=here\n"),
            ("/w/shop/sub/.env", "A=there\nB=there\n"),
            ("/w/shop/sub/c.yaml", ""),
        ]);
        let planned = plan(&selection(Target::Here), &disk);
        assert_eq!(planned.directory, Path::new("/w/shop/sub"));
        assert_eq!(planned.variables["A"].value, "here");
        assert_eq!(planned.variables["B"].value, "there");
    }
}
