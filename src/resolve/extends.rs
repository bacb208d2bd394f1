//! `extends`: a service on top of another one, of this file or of a further one.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::context::Loader;
use super::load::{Base, Bases, Scope, base as load_base, reset};
use super::merge::Merge;
use super::remote::is_remote;
use super::trail::Trail;
use crate::diag::{Finding, slugs};
use crate::source::Text;
use crate::source::origin::{Hop, OriginId};
use crate::source::reader::{Kind, join};
use crate::source::span::Span;
use crate::tree::{Map, Node, Value};
use crate::yaml::{Mark, Step};

/// A chain of more services than this is taken for a mistake.
const LONGEST_CHAIN: usize = 64;

/// The document whose services are resolved.
pub struct Place<'a> {
    /// From where it is loaded.
    pub scope: &'a Scope,
    /// Its file.
    pub file: &'a Path,
    /// Its tagged places.
    pub marks: &'a [Mark],
}

/// Resolves every `extends` of a document.
pub fn apply(loader: &mut Loader<'_>, place: &Place<'_>, bases: &mut Bases, root: &mut Node) {
    for section in ["services", "jobs"] {
        let Value::Map(map) = &mut root.value else { return };
        let Some(node) = map.get_mut(section) else { continue };
        let Value::Map(services) = &mut node.value else { continue };
        if !services.entries.iter().any(|entry| extends(&entry.node).is_some()) {
            continue;
        }
        let mut chain = Chain {
            loader,
            place,
            bases,
            places: places(services),
            local: services,
            section,
            done: HashMap::new(),
            way: Vec::new(),
        };
        let names: Vec<Text> = services.entries.iter().map(|entry| entry.key.clone()).collect();
        let resolved: Vec<Option<Node>> =
            names.iter().map(|name| Some(chain.resolve(&From::Local, name)?.node)).collect();
        for (entry, node) in services.entries.iter_mut().zip(resolved) {
            if let Some(node) = node {
                entry.node = node;
            }
        }
    }
}

/// Where each entry of a mapping lies: a service is looked up for each one that extends it.
pub fn places(map: &Map) -> HashMap<Text, usize> {
    map.entries.iter().enumerate().map(|(at, entry)| (entry.key.clone(), at)).collect()
}

fn extends(service: &Node) -> Option<&Node> {
    service.as_map()?.get("extends")
}

/// Where a service is looked up.
#[derive(Clone)]
enum From {
    /// In the document itself.
    Local,
    /// In a further file.
    Base(PathBuf, Rc<Base>),
}

struct Chain<'a, 'b, 'c> {
    loader: &'a mut Loader<'c>,
    place: &'a Place<'b>,
    bases: &'a mut Bases,
    local: &'a Map,
    places: HashMap<Text, usize>,
    section: &'static str,
    done: HashMap<(PathBuf, Text), Extended>,
    way: Vec<(PathBuf, Text, Span)>,
}

/// A service with everything that it extends.
#[derive(Clone)]
struct Extended {
    node: Node,
    /// How many services are in it beside itself, one extending the next.
    chain: usize,
}

/// What `extends` says.
struct Reference {
    service: Text,
    service_span: Span,
    file: Option<(Text, Span)>,
    span: Span,
}

impl Chain<'_, '_, '_> {
    /// The service with everything that it extends; nothing when it extends nothing.
    fn resolve(&mut self, from: &From, name: &Text) -> Option<Extended> {
        let service = self.service(from, name)?;
        let extends = extends(service)?.clone();
        let key = (self.path(from), name.clone());
        if let Some(done) = self.done.get(&key) {
            return Some(done.clone());
        }
        let service = service.clone();
        let resolved = self.extended(from, name, service, &extends);
        self.done.insert(key, resolved.clone());
        Some(resolved)
    }

    fn extended(&mut self, from: &From, name: &Text, service: Node, extends: &Node) -> Extended {
        let path = format!("{}.{name}.extends", self.section);
        let Some(reference) = self.reference(extends, &path) else { return without_extends(service) };
        let Some(next) = self.next(from, &reference, &path) else { return without_extends(service) };
        let step = (if reference.file.is_some() { self.path(&next) } else { self.path(from) }, name.clone());
        if let Some(at) = self.way.iter().position(|(file, name, _)| (file, name) == (&step.0, &step.1)) {
            self.cycle(at, &reference, path);
            return without_extends(service);
        }
        if self.way.len() >= LONGEST_CHAIN {
            self.too_long(name, &reference, path);
            return without_extends(service);
        }
        self.way.push((step.0, step.1, reference.span));
        let base = match self.resolve(&next, &reference.service) {
            Some(extended) => Some(extended),
            None => {
                self.service(&next, &reference.service).map(|node| Extended { node: node.clone(), chain: 0 })
            }
        };
        self.way.pop();
        let Some(base) = base.filter(|base| base.node.as_map().is_some()) else {
            return without_extends(service);
        };
        // What was resolved before is on no way, but as long.
        if base.chain >= LONGEST_CHAIN {
            self.too_long(name, &reference, path);
            return without_extends(service);
        }
        let node = self.merged(from, name, base.node, service, reference.span);
        Extended { node, chain: base.chain + 1 }
    }

    fn too_long(&mut self, name: &Text, reference: &Reference, path: String) {
        let message = format!("`{name}` extends a chain of more than {LONGEST_CHAIN} services");
        self.loader.refuse(Finding::new(slugs::BROKEN_REFERENCE, reference.span, path, message));
    }

    fn merged(&mut self, from: &From, name: &Text, mut base: Node, service: Node, at: Span) -> Node {
        let mut seen = HashMap::new();
        visit_origins(&mut base, &mut |id| {
            *seen.entry(id).or_insert_with(|| self.loader.origins.hop(id, Hop::Extends(at)))
        });
        let marks: &[Mark] = match from {
            From::Local => self.place.marks,
            From::Base(_, base) => &base.marks,
        };
        let below: Vec<Mark> = marks.iter().filter_map(|mark| below_service(mark, name)).collect();
        reset(&mut base, &below);
        let mut merge =
            Merge { files: &self.loader.files, origins: &mut self.loader.origins, clashes: Vec::new() };
        let span = service.span;
        let mut merged = merge.merge(base, service, &mut Trail::of(&["services", name]));
        merged.span = span;
        for clash in merge.clashes {
            let finding = Finding::new(slugs::INVALID_COMPOSE, clash.node.span, clash.path, clash.message);
            self.loader.refuse(finding);
        }
        without_extends(merged).node
    }

    fn service(&self, from: &From, name: &str) -> Option<&Node> {
        let (places, services) = match from {
            From::Local => (&self.places, self.local),
            // The reference keeps the base alive while it is looked at.
            From::Base(path, _) => {
                let base = self.bases.get(path)?.as_ref()?;
                (&base.places, &base.services)
            }
        };
        places.get(name).map(|at| &services.entries[*at].node)
    }

    fn path(&self, from: &From) -> PathBuf {
        match from {
            From::Local => self.place.file.to_path_buf(),
            From::Base(path, _) => path.clone(),
        }
    }

    fn reference(&mut self, extends: &Node, path: &str) -> Option<Reference> {
        let reference = match &extends.value {
            Value::String(service) => Some(Reference {
                service: service.clone(),
                service_span: extends.span,
                file: None,
                span: extends.span,
            }),
            Value::Map(map) => map.get("service").and_then(|node| {
                let file = map.get("file").and_then(|node| Some((Text::new(node.as_str()?), node.span)));
                let service = Text::new(node.as_str()?);
                Some(Reference { service, service_span: node.span, file, span: extends.span })
            }),
            _ => None,
        };
        if reference.is_none() {
            let message = format!("`{path}` names no service");
            let finding = Finding::new(slugs::INVALID_COMPOSE, extends.span, path, message)
                .tip("write `extends: {service: NAME}`, with `file: PATH` when it is in another file");
            self.loader.refuse(finding);
        }
        reference
    }

    /// Where the extended service is, when it is there.
    fn next(&mut self, from: &From, reference: &Reference, path: &str) -> Option<From> {
        let next = match &reference.file {
            None => from.clone(),
            Some((file, span)) => self.open(file, *span, path)?,
        };
        if self.service(&next, &reference.service).is_none() {
            let place = match &next {
                From::Local => String::new(),
                From::Base(path, _) => format!(" in {}", self.loader.name(path)),
            };
            let message = format!("there is no service `{}`{place} to extend", reference.service);
            self.loader.refuse(Finding::new(slugs::BROKEN_REFERENCE, reference.service_span, path, message));
            return None;
        }
        Some(next)
    }

    fn open(&mut self, file: &str, span: Span, path: &str) -> Option<From> {
        if is_remote(file) {
            let message =
                format!("`{file}` is a remote file, which is not read: what it says is missing here");
            let finding = Finding::new(slugs::COVERAGE_GAP, span, path, message)
                .tip("copy the file into the project and name it by its path");
            self.loader.refuse(finding);
            return None;
        }
        let at = join(&self.place.scope.directory, file);
        if !self.bases.contains_key(&at) {
            let base = self.load(&at, file, span, path);
            self.bases.insert(at.clone(), base.map(Rc::new));
        }
        let base = self.bases.get(&at)?.clone()?;
        Some(From::Base(at, base))
    }

    fn load(&mut self, at: &Path, file: &str, span: Span, path: &str) -> Option<Base> {
        let loaded = load_base(self.loader, self.place.scope, at);
        loaded
            .map_err(|failure| {
                let kind = self.loader.reader.kind(at);
                let message = if kind == Kind::Missing {
                    format!("the extended file `{file}` does not exist")
                } else {
                    format!("the extended file `{file}` cannot be read: {failure}")
                };
                self.loader.refuse(Finding::new(slugs::MISSING_FILE, span, path, message));
            })
            .ok()
    }

    fn cycle(&mut self, at: usize, reference: &Reference, path: String) {
        let names: Vec<&str> = self.way[at..].iter().map(|(_, name, _)| name.as_str()).collect();
        let message = format!("`extends` goes round in a circle: {} → {}", names.join(" → "), names[0]);
        let mut finding = Finding::new(slugs::BROKEN_REFERENCE, reference.span, path, message);
        for (_, name, span) in &self.way[at..] {
            finding = finding.also(*span, format!("`{name}` extends on"));
        }
        self.loader.refuse(finding);
    }
}

fn without_extends(mut service: Node) -> Extended {
    if let Value::Map(map) = &mut service.value {
        map.remove("extends");
    }
    Extended { node: service, chain: 0 }
}

/// A mark at or below `services.<name>`, as seen from the service.
fn below_service(mark: &Mark, name: &str) -> Option<Mark> {
    match mark.path.split_first_chunk::<2>() {
        Some(([Step::Key(section), Step::Key(service)], rest))
            if section == "services" && service == name =>
        {
            Some(Mark { path: rest.to_vec(), kind: mark.kind, span: mark.span })
        }
        _ => None,
    }
}

/// Changes the origin of every node below, this one included.
pub fn visit_origins(node: &mut Node, change: &mut dyn FnMut(OriginId) -> OriginId) {
    node.origin = change(node.origin);
    match &mut node.value {
        Value::Map(map) => map.entries.iter_mut().for_each(|entry| visit_origins(&mut entry.node, change)),
        Value::List(items) => items.iter_mut().for_each(|item| visit_origins(item, change)),
        _ => {}
    }
}
