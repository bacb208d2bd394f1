//! `include`: other Compose projects, loaded with their own folder and `.env`, copied into this one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Variable;
use super::context::{Environment, Loader};
use super::environment::env_files;
use super::load::{Scope, Source, model, reset};
use super::merge::{Merge, same};
use super::remote::is_remote;
use super::trail::Trail;
use crate::diag::{Finding, slugs};
use crate::source::Text;
use crate::source::origin::Hop;
use crate::source::reader::{Kind, join};
use crate::source::span::Span;
use crate::tree::{Entry, Map, Node, Value};
use crate::yaml::{Mark, Step};

/// Includes deeper than this are taken for a mistake.
const DEEPEST: usize = 64;
/// More includes than this are taken for an attack: files that include each other twice double with each level.
const MOST: usize = 1_000;

/// An entry of `include`.
struct Include {
    paths: Vec<(Text, Span)>,
    directory: Option<Text>,
    env_files: Vec<(Text, Span)>,
    span: Span,
    path: String,
}

/// Loads what a document includes, and takes the key away.
pub fn apply(loader: &mut Loader<'_>, scope: &Scope, included: &[PathBuf], marks: &[Mark], root: &mut Node) {
    let Value::Map(map) = &mut root.value else { return };
    let Some(entry) = map.remove("include") else { return };
    let items = match entry.node.value {
        Value::List(items) => items,
        Value::Null => return,
        ref other => {
            let message = format!("`include` is a {}; Compose takes a list of files", other.kind());
            let finding = Finding::new(slugs::INVALID_COMPOSE, entry.node.span, "include", message);
            loader.refuse(finding);
            return;
        }
    };
    for (index, item) in items.iter().enumerate() {
        let Some(include) = read(loader, item, format!("include[{index}]")) else { continue };
        let Some(imported) = load(loader, scope, included, &include) else { continue };
        import(loader, imported, map, marks);
    }
}

fn read(loader: &mut Loader<'_>, item: &Node, path: String) -> Option<Include> {
    let strings = |node: &Node| -> Option<Vec<(Text, Span)>> {
        match &node.value {
            Value::String(text) => Some(vec![(text.clone(), node.span)]),
            Value::List(items) => {
                items.iter().map(|item| Some((Text::new(item.as_str()?), item.span))).collect()
            }
            _ => None,
        }
    };
    let include = match &item.value {
        Value::String(text) => Some(Include {
            paths: vec![(text.clone(), item.span)],
            directory: None,
            env_files: Vec::new(),
            span: item.span,
            path: path.clone(),
        }),
        Value::Map(map) => {
            unknown_keys(loader, map, &path);
            let list = |key: &str| map.get(key).map_or(Some(Vec::new()), strings);
            let directory = map.get("project_directory").and_then(Node::as_str).map(Text::new);
            match (list("path"), list("env_file")) {
                (Some(paths), Some(env_files)) => {
                    Some(Include { paths, directory, env_files, span: item.span, path: path.clone() })
                }
                _ => None,
            }
        }
        _ => None,
    };
    if include.as_ref().is_none_or(|include| include.paths.is_empty()) {
        let message = "the entry names no file".to_owned();
        let finding = Finding::new(slugs::INVALID_COMPOSE, item.span, path, message)
            .tip("write the path of a Compose file, or `path:` with it");
        loader.refuse(finding);
        return None;
    }
    include
}

/// Compose does not look at further keys of an entry; the user should know.
fn unknown_keys(loader: &mut Loader<'_>, map: &Map, path: &str) {
    for entry in &map.entries {
        if !matches!(entry.key.as_str(), "path" | "env_file" | "project_directory") {
            let message = format!("`{}` means nothing in an `include` entry", entry.key);
            let path = format!("{path}.{}", entry.key);
            loader.note(Finding::new(slugs::UNKNOWN_KEY, entry.key_span, path, message));
        }
    }
}

/// Loads the files of an entry as a project of their own.
fn load(loader: &mut Loader<'_>, scope: &Scope, included: &[PathBuf], include: &Include) -> Option<Node> {
    let mut sources = Vec::new();
    for (path, span) in &include.paths {
        sources.push(open(loader, scope, path, *span, include)?);
    }
    let first = sources.first()?.path.clone();
    if included.contains(&first) || included.len() >= DEEPEST {
        let names: Vec<String> = included.iter().chain([&first]).map(|path| loader.name(path)).collect();
        let message = format!("`include` goes round in a circle: {}", names.join(" → "));
        loader.refuse(Finding::new(slugs::BROKEN_REFERENCE, include.span, include.path.clone(), message));
        return None;
    }
    loader.includes += 1;
    if loader.includes > MOST {
        if loader.includes == MOST + 1 {
            let message = format!("the project includes more than {MOST} times; the rest is left out");
            loader.refuse(Finding::new(slugs::INVALID_COMPOSE, include.span, include.path.clone(), message));
        }
        return None;
    }
    let directory = match &include.directory {
        Some(directory) => join(&scope.directory, directory),
        None => first.parent().unwrap_or(&first).to_path_buf(),
    };
    let environment = environment(loader, scope, include, &directory);
    let base = loader.origins.hop(scope.base, Hop::Include(include.span));
    let scope = Scope { directory, environment, base, included: included.to_vec() };
    let model = model(loader, &scope, &sources);
    if let Some(model) = &model {
        set_configs(loader, model, &scope);
    }
    model
}

fn open(loader: &mut Loader<'_>, scope: &Scope, path: &str, span: Span, include: &Include) -> Option<Source> {
    if is_remote(path) {
        let message = format!("`{path}` is a remote file, which is not read: what it says is missing here");
        let finding = Finding::new(slugs::COVERAGE_GAP, span, include.path.clone(), message)
            .tip("copy the file into the project and name it by its path");
        loader.refuse(finding);
        return None;
    }
    let at = join(&scope.directory, path);
    match loader.text(&at) {
        Ok(file) => Some(Source { path: at, file }),
        Err(failure) => {
            let message = if loader.reader.kind(&at) == Kind::Missing {
                format!("the included file `{path}` does not exist")
            } else {
                format!("the included file `{path}` cannot be read: {failure}")
            };
            loader.refuse(Finding::new(slugs::MISSING_FILE, span, include.path.clone(), message));
            None
        }
    }
}

/// The variables of the included project: those of this one, then its own env files'.
fn environment(loader: &mut Loader<'_>, scope: &Scope, include: &Include, directory: &Path) -> Environment {
    let mut files: Vec<(PathBuf, Span)> = Vec::new();
    if include.env_files.is_empty() {
        let default = directory.join(".env");
        if loader.reader.kind(&default) == Kind::File {
            files.push((default, include.span));
        }
    }
    for (path, span) in &include.env_files {
        if path != "/dev/null" {
            files.push((join(&scope.directory, path), *span));
        }
    }
    let own = env_files(loader, &scope.environment, &files, &include.path);
    if own.is_empty() {
        return Arc::clone(&scope.environment);
    }
    let mut all: BTreeMap<Text, Variable> = own;
    all.extend(scope.environment.iter().map(|(name, variable)| (name.clone(), variable.clone())));
    Arc::new(all)
}

/// Copies the resources of an included project; what is already there wins over what is included.
fn import(loader: &mut Loader<'_>, imported: Node, target: &mut Map, marks: &[Mark]) {
    let Value::Map(mut imported) = imported.value else { return };
    for section in ["services", "jobs", "volumes", "networks", "secrets", "configs", "models"] {
        let Some(entry) = imported.remove(section) else { continue };
        let Value::Map(resources) = entry.node.value else { continue };
        if target.get(section).is_none_or(Node::is_null) {
            let place =
                Node { value: Value::Map(Map::default()), span: entry.node.span, origin: entry.node.origin };
            target.insert(Entry { key: entry.key, key_span: entry.key_span, node: place });
        }
        let Some(Value::Map(there)) = target.get_mut(section).map(|node| &mut node.value) else { continue };
        for mut resource in resources.entries {
            let Some(local) = there.entries.iter_mut().find(|old| old.key == resource.key) else {
                there.entries.push(resource);
                continue;
            };
            if same(&local.node.value, &resource.node.value) {
                continue;
            }
            reset(&mut resource.node, &marks_below(marks, section, &resource.key));
            let mut merge = Merge { files: &loader.files, origins: &mut loader.origins, clashes: Vec::new() };
            let place = local.node.like(Value::Null);
            let own = std::mem::replace(&mut local.node, place);
            local.node = merge.merge(resource.node, own, &mut Trail::of(&[section, &resource.key]));
            for clash in merge.clashes {
                loader.refuse(Finding::new(
                    slugs::INVALID_COMPOSE,
                    clash.node.span,
                    clash.path,
                    clash.message,
                ));
            }
        }
    }
}

fn marks_below(marks: &[Mark], section: &str, name: &str) -> Vec<Mark> {
    let below = |mark: &Mark| match mark.path.split_first_chunk::<2>() {
        Some(([Step::Key(first), Step::Key(second)], rest)) if first == section && second == name => {
            Some(Mark { path: rest.to_vec(), ..mark.clone() })
        }
        _ => None,
    };
    marks.iter().filter_map(below).collect()
}

/// Compose fills an included config from its variable, and then finds two sources in it.
fn set_configs(loader: &mut Loader<'_>, model: &Node, scope: &Scope) {
    let configs = model.as_map().and_then(|map| map.get("configs")).and_then(Node::as_map);
    for config in configs.into_iter().flat_map(|map| &map.entries) {
        let variable = config.node.as_map().and_then(|map| map.entry("environment"));
        let Some(variable) = variable else { continue };
        if !variable.node.as_str().is_some_and(|name| scope.environment.contains_key(name)) {
            continue;
        }
        let path = format!("configs.{}", config.key);
        let message = "Compose takes no config of a variable that is set from an included file";
        let finding = Finding::new(slugs::CONFLICTING_ENTRIES, variable.node.span, path, message)
            .tip("write `content: ${NAME}` instead of `environment: NAME`");
        loader.refuse(finding);
    }
}
