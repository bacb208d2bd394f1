//! Tree to project: the whole of Compose's loading, step by step.
//!
//! A stage never fails: it reports, goes on with a hole, and the caller gets all findings at once.

pub mod discover;
pub mod variables;
pub mod context;
pub mod load;
pub mod suppressions;
pub mod retyped;
pub mod interpolate;
pub mod template;
pub mod dotenv;
pub mod include;
pub mod extends;
pub mod forms;
pub mod merge;
pub mod unicity;
pub mod schema;
pub mod canonical;
pub mod short;
pub mod pairs;
pub mod defaults;
pub mod checks;
pub mod paths_step;
pub mod paths;
pub mod remote;
pub mod normalize;
pub mod shape;
pub mod environment;
pub mod consistency;
pub mod amounts;
pub mod circles;
pub mod startup;
pub mod trail;
pub mod path;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::compose::codec::{Codec, Map, Reading};
use crate::compose::job::Job;
use crate::compose::project::{Model, Project, items};
use crate::compose::service::Service;
use crate::diag::suppression::Suppression;
use crate::diag::{Finding, Slug, slugs};
use crate::source::files::Files;
use crate::source::origin::OriginId;
use crate::source::reader::Reader;
use crate::source::span::Span;
use crate::source::{Text, span::Spanned};
use crate::tree::{Entry, Node, Value};
use context::{Environment, Loader};
use load::{Scope, Source};

/// So many services, and so many jobs, may a project have.
const CROWD: usize = 20_000;

/// What to load, as the command line, the discovery of files and `COMPOSE_FILE` have settled it.
pub struct Request<'a> {
    /// Looks at files.
    pub reader: &'a dyn Reader,
    /// The files that were read already, as env files are: the spans of `variables` are places in them.
    pub files: Files,
    /// The Compose files, merged in this order; at least one.
    pub inputs: Vec<Input>,
    /// The project directory, absolute: relative paths of the files are seen from here.
    pub directory: PathBuf,
    /// Where the user stands, absolute: file names are printed relative to it.
    pub standpoint: PathBuf,
    /// `--project-name`, or `COMPOSE_PROJECT_NAME`.
    pub name: Option<String>,
    /// The variables for interpolation, `.env` and `--env-file` already in.
    pub variables: BTreeMap<Text, Variable>,
    /// The active profiles; `*` is all of them.
    pub profiles: Vec<String>,
}

/// A variable of the project's environment and where it was set.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// Its value.
    pub value: Text,
    /// Its line in an env file; a variable of the command line or of the process has none.
    pub span: Option<Span>,
}

/// A Compose file that is to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Its absolute, clean path; `-` is standard input.
    pub path: PathBuf,
    /// Its text, when it was read already (standard input).
    pub text: Option<Vec<u8>>,
}

/// What came out.
pub struct Resolved {
    /// Every file that was read.
    pub files: Files,
    /// The folder from which their names are printed.
    pub standpoint: PathBuf,
    /// The project; with holes where a finding says so.
    pub project: Project,
    /// Everything that is to be said about the load.
    pub findings: Vec<Finding>,
    /// The comments that allow rules, in the order of the files.
    pub suppressions: Vec<Suppression>,
    /// Whether Compose itself would refuse the project, so that nothing may be made from it.
    pub refused: bool,
    /// What it would refuse it for beside variables that have no value, which a conversion can leave open: the rule and
    /// the place of each finding.
    pub stops: BTreeSet<(Slug, Span)>,
    /// Whether it could not be read at all.
    pub broken: bool,
}

/// Loads a project.
#[must_use]
pub fn resolve(request: Request<'_>) -> Resolved {
    let Request { reader, files, inputs, directory, standpoint, name, mut variables, profiles } = request;
    let mut loader = Loader::new(reader, standpoint, files);
    let sources = read(&mut loader, inputs);
    let name = project_name(&mut loader, name, &sources, &directory, &variables);
    let own = Variable { value: Text::new(name.node.as_str().unwrap_or_default()), span: None };
    variables.insert(Text::new_static("COMPOSE_PROJECT_NAME"), own);
    let environment: Environment = Arc::new(variables);
    let scope = Scope {
        directory: directory.clone(),
        environment: Arc::clone(&environment),
        base: OriginId::default(),
        included: Vec::new(),
    };
    let model = load::model(&mut loader, &scope, &sources);
    let mut project = Project { directory, profiles, ..Project::default() };
    if let Some(model) = model.filter(|model| model.as_map().is_some_and(|map| !map.entries.is_empty())) {
        build(&mut loader, &mut project, model, &name, &environment);
    } else if !loader.refused {
        empty(&mut loader, &sources);
    }
    project.variables = loader.finish_variables();
    let Loader { files, standpoint, origins, findings, suppressions, refused, stops, .. } = loader;
    let suppressions = suppressions.into_values().flatten().collect();
    project.origins = origins;
    Resolved { files, standpoint, project, findings, suppressions, refused, stops, broken: false }
}

/// The tree becomes a project: normalised, typed, with the active services, checked, with its env files.
fn build(
    loader: &mut Loader<'_>,
    project: &mut Project,
    mut tree: Node,
    name: &Entry,
    environment: &Environment,
) {
    crowd(loader, &mut tree);
    normalize::normalize(loader, &mut tree, name, environment);
    shape::shape(loader, &mut tree);
    let files = loader.files.clone();
    let locate = |node: &Node, range: std::ops::Range<usize>| {
        node.as_str().map_or(node.span, |text| pairs::part(&files, node, text, range))
    };
    let mut reading = Reading::new(&locate);
    project.model = Model::read(tree, &mut reading).unwrap_or_default();
    for problem in reading.problems {
        loader.refuse(Finding::new(slugs::INVALID_COMPOSE, problem.span, problem.path, problem.message));
    }
    select(project);
    consistency::check(loader, project);
    startup::check(loader, project, environment);
    project.contents = startup::contents(project, environment);
    environment::containers(loader, project, environment);
    nothing_active(loader, project);
}

/// Leaves out what comes after the services and jobs that there may be.
fn crowd(loader: &mut Loader<'_>, tree: &mut Node) {
    let Value::Map(map) = &mut tree.value else { return };
    for section in ["services", "jobs"] {
        let Some(Value::Map(members)) = map.get_mut(section).map(|node| &mut node.value) else { continue };
        if let Some(first) = members.entries.get(CROWD) {
            let message = format!("the project has more than {CROWD} {section}; the rest is left out");
            loader.refuse(Finding::new(slugs::INVALID_COMPOSE, first.key_span, section, message));
            members.entries.truncate(CROWD);
        }
    }
}

fn read(loader: &mut Loader<'_>, inputs: Vec<Input>) -> Vec<Source> {
    let mut sources = Vec::new();
    for Input { path, text } in inputs {
        let file = match text {
            Some(bytes) => Ok(loader.take(&path, bytes)),
            None => loader.text(&path),
        };
        match file {
            Ok(file) => sources.push(Source { path, file }),
            Err(failure) => {
                let name = loader.name(&path);
                let file = loader.files.add(name.clone(), "");
                let message = format!("`{name}` cannot be read: {failure}");
                let finding = Finding::new(slugs::INVALID_COMPOSE, Span::new(file, 0, 0), "", message);
                loader.refuse(finding);
            }
        }
    }
    sources
}

/// The project's name: given, or the last `name` of the files, or the folder's.
fn project_name(
    loader: &mut Loader<'_>,
    given: Option<String>,
    sources: &[Source],
    directory: &Path,
    variables: &BTreeMap<Text, Variable>,
) -> Entry {
    let start = sources
        .first()
        .map_or(Span::new(crate::source::span::FileId(0), 0, 0), |source| Span::new(source.file, 0, 0));
    let entry = |name: String, span: Span, key_span: Span, origin: OriginId| Entry {
        key: Text::new_static("name"),
        key_span,
        node: Node { value: Value::String(Text::new(name)), span, origin },
    };
    if let Some(name) = given.filter(|name| !name.is_empty()) {
        if normalized_name(&name) != name {
            let message = format!("`{name}` is no project name");
            let finding = Finding::new(slugs::INVALID_COMPOSE, start, "name", message)
                .tip("use lower-case letters, digits, `-` and `_`, and start with a letter or a digit");
            loader.refuse(finding);
        }
        let origin = loader.origins.implied(OriginId::default(), "project name");
        return entry(normalized_name(&name), start, start, origin);
    }
    if let Some(written) = written_name(loader, sources) {
        let text = written.node.value.scalar_text().unwrap_or_default();
        let outcome =
            template::interpolate(&text, &|name| variables.get(name).map(|found| found.value.clone()));
        let name = normalized_name(&outcome.value);
        if name.is_empty() {
            nameless(loader, written.node.span);
        }
        return entry(name, written.node.span, written.key_span, written.node.origin);
    }
    let folder = directory.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let name = normalized_name(&folder);
    if name.is_empty() {
        nameless(loader, start);
    }
    let origin = loader.origins.implied(OriginId::default(), "folder name");
    entry(name, start, start, origin)
}

fn nameless(loader: &mut Loader<'_>, span: Span) {
    let finding = Finding::new(slugs::INVALID_COMPOSE, span, "name", "the project has no name")
        .tip("write `name:` at the top, or pass `--project-name`");
    loader.refuse(finding);
}

/// The last `name` in the files; the first documents count, as for Compose.
fn written_name(loader: &mut Loader<'_>, sources: &[Source]) -> Option<Entry> {
    let mut found = None;
    for source in sources {
        let text = loader.files.share(source.file);
        if !text.text.contains("name") {
            continue;
        }
        let start_of_line =
            text.text.split('\n').any(|line| line.starts_with("name") || line.starts_with("\"name"));
        if !start_of_line && !text.text.starts_with('{') {
            continue;
        }
        let parsed = crate::yaml::parse(source.file, &text.text, &mut loader.origins, OriginId::default());
        for document in parsed.documents {
            let root = document.root;
            let name = root.as_ref().and_then(Node::as_map).and_then(|map| map.entry("name"));
            let set =
                name.filter(|entry| entry.node.value.scalar_text().is_some_and(|text| !text.is_empty()));
            if let Some(entry) = set {
                found = Some(entry.clone());
            }
        }
    }
    found
}

/// A project name as Compose normalises it: lower-case letters, digits, `-` and `_`; none of the last two in front.
#[must_use]
pub fn normalized_name(name: &str) -> String {
    let kept: String = name
        .to_lowercase()
        .chars()
        .filter(|letter| {
            letter.is_ascii_lowercase() || letter.is_ascii_digit() || matches!(letter, '-' | '_')
        })
        .collect();
    kept.trim_start_matches(['-', '_']).to_owned()
}

/// Moves services and jobs that no active profile selects out of the model.
fn select(project: &mut Project) {
    // Without a choice, Compose has chosen the profile without a name.
    let mut profiles = project.profiles.clone();
    if profiles.is_empty() {
        profiles.push(String::new());
    }
    let active = |declared: &crate::compose::codec::Field<Vec<Spanned<Text>>>| {
        let mut declared = items(declared).peekable();
        declared.peek().is_none()
            || profiles.iter().any(|active| active == "*")
            || declared.any(|profile| profiles.iter().any(|active| profile.value == active.as_str()))
    };
    let unselected = |services: &Map<Service>| services.iter().any(|(_, one)| !active(&one.value.profiles));
    if let Some(services) = project.model.services.take_if(|services| unselected(&services.value)) {
        let place = services.with(());
        let (on, off): (Vec<(Text, Spanned<Service>)>, Vec<_>) =
            services.value.into_iter().partition(|(_, service)| active(&service.value.profiles));
        project.model.services = Some(Box::new(place.with(on.into_iter().collect::<Map<Service>>())));
        project.inactive_services = off.into_iter().collect();
    }
    if let Some(jobs) = project.model.jobs.take() {
        let place = jobs.with(());
        let (on, off): (Vec<(Text, Spanned<Job>)>, Vec<_>) =
            jobs.value.into_iter().partition(|(_, job)| active(&job.value.profiles));
        project.model.jobs = Some(Box::new(place.with(on.into_iter().collect::<Map<Job>>())));
        project.inactive_jobs = off.into_iter().collect();
    }
}

fn empty(loader: &mut Loader<'_>, sources: &[Source]) {
    let Some(source) = sources.first() else { return };
    let span = Span::new(source.file, 0, 0);
    let finding = Finding::new(slugs::EMPTY_PROJECT, span, "", "the file declares nothing")
        .tip("declare a service: `services: {web: {image: …}}`");
    loader.refuse(finding);
}

/// A project without an active service or job runs nothing; Compose loads it all the same.
fn nothing_active(loader: &mut Loader<'_>, project: &Project) {
    let Project { model, inactive_services, inactive_jobs, .. } = project;
    let any = model.services.as_ref().is_some_and(|services| !services.value.is_empty())
        || model.jobs.as_ref().is_some_and(|jobs| !jobs.value.is_empty());
    if any || loader.refused {
        return;
    }
    let mut profiles: Vec<&Text> = inactive_services
        .iter()
        .flat_map(|(_, service)| items(&service.value.profiles))
        .chain(inactive_jobs.iter().flat_map(|(_, job)| items(&job.value.profiles)))
        .map(|profile| &profile.value)
        .collect();
    profiles.sort();
    profiles.dedup();
    let first = inactive_services.iter().map(|(_, service)| service.key).next();
    let span = model
        .services
        .as_ref()
        .map(|services| services.key)
        .or(first)
        .or(model.name.as_ref().map(|name| name.key))
        .unwrap_or(Span::new(crate::source::span::FileId(0), 0, 0));
    let finding = if profiles.is_empty() {
        Finding::new(slugs::EMPTY_PROJECT, span, "services", "the project has no service and no job")
            .tip("declare a service: `services: {web: {image: …}}`")
    } else {
        let names: Vec<&str> = profiles.iter().map(|profile| profile.as_str()).collect();
        let noun = if names.len() == 1 { "profile is" } else { "profiles are" };
        let message = format!("no service is active; the {noun} `{}`", names.join("`, `"));
        Finding::new(slugs::EMPTY_PROJECT, span, "services", message)
            .tip(format!("pass `--profile {}`", names[0]))
    };
    loader.note(finding);
}
