//! Env files and label files: what they add to the project, to a service, to a container's labels.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use super::Variable;
use super::context::{Environment, Loader};
use super::dotenv::{self, Assignment};
use super::template::ProblemKind;
use crate::compose::codec::Map;
use crate::compose::container::{Container, EnvFile};
use crate::compose::leaf::Loose;
use crate::compose::project::Project;
use crate::diag::{Finding, slugs};
use crate::source::Text;
use crate::source::origin::{Hop, Origin};
use crate::source::reader::Kind;
use crate::source::span::{FileId, Span, Spanned};

/// Reads env files as one: a later file's value wins, and what the environment has comes first in their variables.
pub fn env_files(
    loader: &mut Loader<'_>,
    environment: &Environment,
    files: &[(PathBuf, Span)],
    path: &str,
) -> BTreeMap<Text, Variable> {
    let mut all: BTreeMap<Text, Variable> = BTreeMap::new();
    let mut known: BTreeMap<Text, Text> = BTreeMap::new();
    for (at, span) in files {
        let Some(file) = open(loader, at, *span, path) else { continue };
        let text = loader.files.share(file);
        let read =
            dotenv::parse(&text.text, &known, &|name| environment.get(name).map(|found| found.value.clone()));
        report(loader, file, &read, path);
        for variable in read.variables {
            known.insert(variable.name.clone(), variable.value.clone());
            let span = Span::new(file, variable.range.start, variable.range.end);
            all.insert(variable.name, Variable { value: variable.value, span: Some(span) });
        }
    }
    all
}

/// Reads the env files and label files of every active service and job, as Compose does for services.
pub fn containers(loader: &mut Loader<'_>, project: &mut Project, environment: &Environment) {
    if let Some(services) = &mut project.model.services {
        for (name, service) in services.value.iter_mut() {
            let path = format!("services.{name}");
            container(loader, &mut service.value.container, environment, &path);
            if let Some(hooks) = &mut service.value.pre_start {
                for (index, hook) in hooks.value.iter_mut().enumerate() {
                    container(
                        loader,
                        &mut hook.value.container,
                        environment,
                        &format!("{path}.pre_start[{index}]"),
                    );
                }
            }
        }
    }
}

fn container(loader: &mut Loader<'_>, container: &mut Container, environment: &Environment, path: &str) {
    variables(loader, container, environment, path);
    labels(loader, container, path);
}

/// `environment` over the env files; a name without value takes the project's, and beats the files even when unset.
fn variables(loader: &mut Loader<'_>, container: &mut Container, environment: &Environment, path: &str) {
    let Some(files) = &container.env_file else { return };
    let own: BTreeMap<Text, Text> = container
        .environment
        .iter()
        .flat_map(|map| map.value.iter())
        .filter_map(|(name, value)| Some((name.clone(), value.value.as_ref()?.0.clone())))
        .collect();
    let place = files.with(());
    let mut known = own.clone();
    let mut found: Vec<(Text, Spanned<Option<Loose>>)> = Vec::new();
    let mut places: HashMap<Text, usize> = HashMap::new();
    for (index, entry) in files.value.clone().into_iter().enumerate() {
        let path = format!("{path}.env_file[{index}]");
        let Some((file, assignments)) = env_file(loader, &entry, environment, &own, &known, &path) else {
            continue;
        };
        for assignment in assignments {
            known.insert(assignment.name.clone(), assignment.value.clone());
            let value = placed(loader, file, &assignment, &entry.with(()));
            let value = value.map(|text| Some(Loose(text)));
            match places.entry(assignment.name.clone()) {
                Entry::Occupied(place) => found[*place.get()].1 = value,
                Entry::Vacant(place) => {
                    place.insert(found.len());
                    found.push((assignment.name, value));
                }
            }
        }
    }
    if found.is_empty() {
        return;
    }
    container.environment = Some(Box::new(under(found, container.environment.take(), place)));
}

/// What a file gives, under what the service itself says.
fn under<T: Clone>(
    found: Vec<(Text, Spanned<T>)>,
    own: crate::compose::codec::Field<Map<T>>,
    place: Spanned<()>,
) -> Spanned<Map<T>> {
    let place = own.as_ref().map_or(place, |own| own.with(()));
    let own: Vec<(Text, Spanned<T>)> = own.into_iter().flat_map(|map| map.value).collect();
    let names: std::collections::BTreeSet<Text> = own.iter().map(|(name, _)| name.clone()).collect();
    let below = found.into_iter().filter(|(name, _)| !names.contains(name));
    place.with(own.iter().cloned().chain(below).collect())
}

fn env_file(
    loader: &mut Loader<'_>,
    entry: &Spanned<EnvFile>,
    environment: &Environment,
    own: &BTreeMap<Text, Text>,
    known: &BTreeMap<Text, Text>,
    path: &str,
) -> Option<(FileId, Vec<Assignment>)> {
    let EnvFile { path: file_path, format, required } = &entry.value;
    let file_path = file_path.as_ref()?;
    let at = Path::new(file_path.value.as_str());
    let optional = required.as_ref().is_some_and(|required| !required.value.0);
    if optional && loader.reader.kind(at) == Kind::Missing {
        return None;
    }
    let lookup = |name: &str| {
        environment.get(name).map(|found| found.value.clone()).or_else(|| own.get(name).cloned())
    };
    let raw = match format.as_ref().map(|format| format.value.as_str()) {
        None | Some("" | ".env") => false,
        Some("raw") => true,
        Some(other) => {
            let span = format.as_ref().map_or(file_path.span, |format| format.span);
            let message = format!("`{other}` is no format of an env file; Compose knows `raw` and its own");
            loader.refuse(Finding::new(slugs::INVALID_COMPOSE, span, path, message));
            return None;
        }
    };
    let file = open(loader, at, file_path.span, path)?;
    let text = loader.files.share(file);
    let read =
        if raw { dotenv::raw::parse(&text.text, &lookup) } else { dotenv::parse(&text.text, known, &lookup) };
    report(loader, file, &read, path);
    Some((file, read.variables))
}

/// Labels of the label files, under the container's own.
fn labels(loader: &mut Loader<'_>, container: &mut Container, path: &str) {
    let Some(files) = &container.label_file else { return };
    let place = files.with(());
    let mut known: BTreeMap<Text, Text> = BTreeMap::new();
    let mut found: Vec<(Text, Spanned<Loose>)> = Vec::new();
    let mut places: HashMap<Text, usize> = HashMap::new();
    for (index, entry) in files.value.clone().into_iter().enumerate() {
        let path = format!("{path}.label_file[{index}]");
        let at = PathBuf::from(entry.value.as_str());
        let Some(file) = open(loader, &at, entry.span, &path) else { continue };
        let text = loader.files.share(file);
        let before = known.clone();
        let read = dotenv::parse(&text.text, &BTreeMap::new(), &|name| before.get(name).cloned());
        report(loader, file, &read, &path);
        for assignment in read.variables {
            known.insert(assignment.name.clone(), assignment.value.clone());
            let value = placed(loader, file, &assignment, &entry.with(())).map(Loose);
            match places.entry(assignment.name.clone()) {
                Entry::Occupied(place) => found[*place.get()].1 = value,
                Entry::Vacant(place) => {
                    place.insert(found.len());
                    found.push((assignment.name, value));
                }
            }
        }
    }
    if !found.is_empty() {
        container.labels = Some(Box::new(under(found, container.labels.take(), place)));
    }
}

/// The value of an assignment with its place in the file and its way.
fn placed(
    loader: &mut Loader<'_>,
    file: FileId,
    assignment: &Assignment,
    entry: &Spanned<()>,
) -> Spanned<Text> {
    let mut origin: Origin = loader.origins.get(entry.origin).clone();
    origin.hops.push(Hop::EnvFile(entry.span));
    origin.template = assignment.template.clone().map(std::sync::Arc::new);
    Spanned {
        value: assignment.value.clone(),
        span: Span::new(file, assignment.range.start, assignment.range.end),
        key: Span::new(file, assignment.key.start, assignment.key.end),
        origin: loader.origins.add(origin),
    }
}

/// Opens an env or label file; what hinders it is reported at the entry that names it.
fn open(loader: &mut Loader<'_>, at: &Path, span: Span, path: &str) -> Option<FileId> {
    match loader.text(at) {
        Ok(file) => Some(file),
        Err(failure) => {
            let name = loader.name(at);
            let what = if path.contains("label_file") { "label file" } else { "env file" };
            let message = if loader.reader.kind(at) == Kind::Missing {
                format!("{what} `{name}` does not exist")
            } else {
                format!("{what} `{name}` cannot be read: {failure}")
            };
            let mut finding = Finding::new(slugs::MISSING_FILE, span, path, message);
            if path.contains("env_file") {
                finding = finding.tip("add the file, or say `required: false` beside its path");
            }
            loader.refuse(finding);
            None
        }
    }
}

fn report(loader: &mut Loader<'_>, file: FileId, read: &dotenv::Dotenv, path: &str) {
    for variable in &read.variables {
        for warning in &variable.warnings {
            if let ProblemKind::Unset { name } = &warning.kind {
                let span = Span::new(file, warning.range.start, warning.range.end);
                loader.unset(name, span, path.to_owned());
            }
        }
    }
    if let Some(problem) = &read.problem {
        let span = Span::new(file, problem.range.start, problem.range.end);
        loader.refuse(Finding::new(slugs::INVALID_COMPOSE, span, path, problem.message.clone()));
    }
}
