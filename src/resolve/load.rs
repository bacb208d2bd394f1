//! One file after the other into one tree: the order of Compose's own loader.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::context::{Environment, Loader};
use super::merge::Merge;
use super::suppressions::Taken;
use super::trail::Trail;
use super::{
    canonical, checks, defaults, extends, forms, include, interpolate, paths_step, retyped, schema,
    suppressions, unicity,
};
use crate::diag::{Edit, Finding, Safety, slugs};
use crate::source::Text;
use crate::source::origin::OriginId;
use crate::source::reader::Failure;
use crate::source::span::{FileId, Span};
use crate::tree::{Map, Node, Value};
use crate::yaml::{self, Mark, ProblemKind, Step};

/// From where a group of files is loaded.
#[derive(Clone)]
pub struct Scope {
    /// The folder that relative paths are seen from, absolute.
    pub directory: PathBuf,
    /// The variables.
    pub environment: Environment,
    /// The hops that led here.
    pub base: OriginId,
    /// The files on the way of includes, this group's excluded.
    pub included: Vec<PathBuf>,
}

/// A file of a group, ready to be parsed.
#[derive(Clone)]
pub struct Source {
    /// Its path.
    pub path: PathBuf,
    /// Its number.
    pub file: FileId,
}

/// Bases of `extends`, by file: loaded once for all services that refer to it.
pub type Bases = BTreeMap<PathBuf, Option<Rc<Base>>>;

/// A file whose services others extend.
pub struct Base {
    /// Its `services`.
    pub services: Map,
    /// Where each of them lies.
    pub places: HashMap<Text, usize>,
    /// Its tagged places.
    pub marks: Vec<Mark>,
}

/// Loads the files of a scope on top of each other.
pub fn model(loader: &mut Loader<'_>, scope: &Scope, sources: &[Source]) -> Option<Node> {
    let mut bases = Bases::new();
    let mut model: Option<Node> = None;
    // The bytes of earlier files.
    let mut earlier = 0;
    for source in sources {
        let text = loader.files.share(source.file);
        let parsed = yaml::parse(source.file, &text.text, &mut loader.origins, scope.base);
        suppressions::note(loader, source.file, &parsed, Taken::Whole);
        report_syntax(loader, parsed.problems);
        let mut included = scope.included.clone();
        included.push(source.path.clone());
        let mut further = false;
        for document in parsed.documents {
            let Some(root) = top_level(loader, document.root, source.file) else { continue };
            if std::mem::replace(&mut further, true) && !loader.rework(root.span, earlier) {
                break;
            }
            let step = Document { scope, source, marks: &document.marks, included: &included };
            model = Some(step.add(loader, &mut bases, model, root));
        }
        earlier += text.text.len();
    }
    let mut model = model?;
    defaults::fill(loader, &mut model);
    checks::tree(loader, &mut model);
    paths_step::absolute(&mut model, &scope.directory);
    Some(model)
}

/// One document of one file.
struct Document<'a> {
    scope: &'a Scope,
    source: &'a Source,
    marks: &'a [Mark],
    included: &'a [PathBuf],
}

impl Document<'_> {
    fn add(&self, loader: &mut Loader<'_>, bases: &mut Bases, model: Option<Node>, mut root: Node) -> Node {
        declare(loader, &root);
        retyped::look(loader, &root);
        interpolate::interpolate(loader, &mut root, &self.scope.environment);
        promote_develop(loader, &mut root);
        include::apply(loader, self.scope, self.included, self.marks, &mut root);
        let mut base = model.unwrap_or_else(|| root.like(Value::Map(Map::default())));
        reset(&mut base, self.marks);
        let place = extends::Place { scope: self.scope, file: &self.source.path, marks: self.marks };
        extends::apply(loader, &place, bases, &mut root);
        let mut merged = merge(loader, base, root);
        unicity::enforce(loader, &mut merged);
        obsolete_version(loader, &mut merged);
        for finding in schema::check(&mut merged) {
            loader.refuse(finding);
        }
        canonical::canonical(loader, &mut merged);
        unicity::enforce(loader, &mut merged);
        merged
    }
}

/// Loads a file whose services others extend: its own extends and includes stay as they are, and nothing is validated,
/// because only the merged service counts.
pub fn base(loader: &mut Loader<'_>, scope: &Scope, path: &Path) -> Result<Base, Failure> {
    let file = loader.text(path)?;
    let text = loader.files.share(file);
    let parsed = yaml::parse(file, &text.text, &mut loader.origins, scope.base);
    suppressions::note(loader, file, &parsed, Taken::Part);
    report_syntax(loader, parsed.problems);
    let mut marks = Vec::new();
    let mut model: Option<Node> = None;
    for document in parsed.documents {
        let Some(mut root) = top_level(loader, document.root, file) else { continue };
        if model.is_some() && !loader.rework(root.span, 0) {
            break;
        }
        retyped::look(loader, &root);
        interpolate::interpolate(loader, &mut root, &scope.environment);
        promote_develop(loader, &mut root);
        let mut below = model.unwrap_or_else(|| root.like(Value::Map(Map::default())));
        reset(&mut below, &document.marks);
        let mut merged = merge(loader, below, root);
        unicity::enforce(loader, &mut merged);
        forms::check(loader, &merged);
        canonical::canonical(loader, &mut merged);
        unicity::enforce(loader, &mut merged);
        marks = document.marks;
        model = Some(merged);
    }
    let mut services = Map::default();
    if let Some(mut model) = model {
        let directory = path.parent().unwrap_or(path).to_path_buf();
        checks::mounts(loader, &model);
        paths_step::absolute(&mut model, &directory);
        if let Value::Map(mut map) = model.value
            && let Some(entry) = map.remove("services")
            && let Value::Map(found) = entry.node.value
        {
            services = found;
        }
    }
    let places = extends::places(&services);
    Ok(Base { services, places, marks })
}

fn merge(loader: &mut Loader<'_>, base: Node, over: Node) -> Node {
    let mut merge = Merge { files: &loader.files, origins: &mut loader.origins, clashes: Vec::new() };
    let merged = merge.merge(base, over, &mut Trail::default());
    for clash in merge.clashes {
        let finding = Finding::new(slugs::INVALID_COMPOSE, clash.node.span, clash.path, clash.message);
        loader.refuse(finding);
    }
    merged
}

/// A document's mapping; another kind of document is reported.
fn top_level(loader: &mut Loader<'_>, root: Option<Node>, file: FileId) -> Option<Node> {
    let root =
        root.unwrap_or(Node { value: Value::Null, span: Span::new(file, 0, 0), origin: OriginId::default() });
    if root.as_map().is_some() {
        return Some(root);
    }
    let message = format!("the document is a {}; a Compose file is a mapping", root.value.kind());
    let finding = Finding::new(slugs::INVALID_COMPOSE, root.span.at_start(), "", message)
        .tip("start with `services:`, or take the empty document out");
    loader.refuse(finding);
    None
}

/// Remembers which names a document declares, so that a definition with a mistake is not also a broken reference.
fn declare(loader: &mut Loader<'_>, root: &Node) {
    for section in ["services", "jobs", "networks", "volumes", "configs", "secrets", "models"] {
        let names = root.as_map().and_then(|map| map.get(section)).and_then(Node::as_map);
        for entry in names.into_iter().flat_map(|map| &map.entries) {
            loader.declared.insert((Text::new_static(section), entry.key.clone()));
        }
    }
}

fn report_syntax(loader: &mut Loader<'_>, problems: Vec<yaml::Problem>) {
    for problem in problems {
        let slug = match problem.kind {
            ProblemKind::DuplicateKey => slugs::CONFLICTING_ENTRIES,
            _ => slugs::INVALID_COMPOSE,
        };
        let mut finding = Finding::new(slug, problem.span, "", problem.message);
        if let Some((span, words)) = problem.also {
            finding = finding.also(span, words);
        }
        loader.refuse(finding);
    }
}

/// Takes out of `model` what a tagged place of a later document resets or replaces.
pub fn reset(model: &mut Node, marks: &[Mark]) {
    for mark in marks {
        // Compose finds places by their keys; an item of a list is never taken out alone.
        let keys: Option<Vec<&str>> = mark
            .path
            .iter()
            .map(|step| match step {
                Step::Key(key) => Some(key.as_str()),
                Step::Index(_) => None,
            })
            .collect();
        if let Some(keys) = keys {
            remove(model, &keys);
        }
    }
}

fn remove(node: &mut Node, keys: &[&str]) {
    let (Value::Map(map), Some((first, rest))) = (&mut node.value, keys.split_first()) else { return };
    if rest.is_empty() {
        map.remove(first);
    } else if let Some(below) = map.get_mut(first) {
        remove(below, rest);
    }
}

/// `version` means nothing; it is said and taken out.
fn obsolete_version(loader: &mut Loader<'_>, model: &mut Node) {
    let Value::Map(map) = &mut model.value else { return };
    let Some(version) = map.entry("version") else { return };
    if version.node.as_str().is_none() {
        // Another type than text is a violation of the schema, which says so.
        return;
    }
    let Some(version) = map.remove("version") else { return };
    let mut finding =
        Finding::new(slugs::OBSOLETE_KEY, version.key_span, "version", "`version` means nothing any more")
            .at("Compose ignores it")
            .tip("remove the line");
    if let Some(span) = loader.files.whole_lines(version.key_span.to(version.node.span)) {
        finding = finding.fix(Safety::Safe, "remove `version`", vec![Edit { span, text: String::new() }]);
    }
    loader.note(finding);
}

/// `x-develop` and `x-initialSync` are what `develop` and `initial_sync` were called before.
fn promote_develop(loader: &mut Loader<'_>, root: &mut Node) {
    let Value::Map(map) = &mut root.value else { return };
    let Some(Value::Map(services)) = map.get_mut("services").map(|node| &mut node.value) else { return };
    for service in &mut services.entries {
        let mut trail = Trail::of(&["services", &service.key, "develop"]);
        promote(loader, &mut service.node, "x-develop", "develop", &mut trail);
        let watch = match &mut service.node.value {
            Value::Map(map) => map.get_mut("develop"),
            _ => None,
        };
        let Some(Value::Map(develop)) = watch.map(|node| &mut node.value) else { continue };
        let Some(Value::List(items)) = develop.get_mut("watch").map(|node| &mut node.value) else { continue };
        for item in items {
            promote(loader, item, "x-initialSync", "initial_sync", &mut trail);
        }
    }
}

/// Renames an extension key; where the attribute is there too, the attribute wins.
fn promote(
    loader: &mut Loader<'_>,
    node: &mut Node,
    from: &'static str,
    to: &'static str,
    trail: &mut Trail,
) {
    let Value::Map(map) = &mut node.value else { return };
    let Some(mut extension) = map.remove(from) else { return };
    extension.key = Text::new_static(to);
    let attribute = map.remove(to).filter(|entry| !entry.node.is_null());
    if let Some(attribute) = attribute {
        let mut merge = Merge { files: &loader.files, origins: &mut loader.origins, clashes: Vec::new() };
        extension.node = merge.merge(extension.node, attribute.node, trail);
        extension.key_span = attribute.key_span;
    }
    map.entries.push(extension);
}
