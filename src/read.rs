//! Kubernetes YAML on disk: objects as they stand in files, for comparing and verifying.

use crate::k8s::kind::Kind;
use crate::plan::field::{Field, Fields, Items, Scalar};
use crate::plan::object::{Id, Object};
use crate::plan::why::Why;
use crate::source::Text;
use crate::source::files::Files;
use crate::source::origin::{OriginId, Origins};
use crate::source::span::{FileId, Span};
use crate::tree::{Node, Value};
use crate::yaml;

/// Why the fields of an object that was read are there.
const READ: Why = Why::Policy("it stands in the file");

/// What a file holds.
#[derive(Debug, Default)]
pub struct Held {
    /// The objects, in their order.
    pub objects: Vec<Stood>,
    /// Documents that are no objects, or objects of kinds that transship does not write: kind and place.
    pub strange: Vec<(Text, Span)>,
    /// What is wrong with the text.
    pub problems: Vec<(String, Span)>,
}

/// An object and its place.
#[derive(Debug)]
pub struct Stood {
    /// The object; one without a namespace is of `home`.
    pub object: Object,
    /// Where it stands.
    pub span: Span,
    /// The places of its values, in the order of [`crate::plan::address::each`].
    pub spans: Vec<Span>,
}

/// The objects of a file; `home` is the namespace of those that name none.
#[must_use]
pub fn file(files: &Files, id: FileId, home: &str) -> Held {
    let mut held = Held::default();
    let mut origins = Origins::default();
    let parsed = yaml::parse(id, &files.file(id).text, &mut origins, OriginId::default());
    for problem in parsed.problems {
        held.problems.push((problem.message, problem.span));
    }
    for root in parsed.documents.into_iter().filter_map(|document| document.root) {
        document(&mut held, &root, home);
    }
    held
}

fn document(held: &mut Held, node: &Node, home: &str) {
    let Some(map) = node.as_map() else {
        if !node.is_null() {
            held.strange.push((Text::new(node.value.kind()), node.span));
        }
        return;
    };
    let word = map.get("kind").and_then(Node::as_str).unwrap_or_default();
    // `kubectl get -o yaml` and some charts print lists.
    if let Some(items) = map.get("items").and_then(Node::as_list).filter(|_| word == "List") {
        items.iter().for_each(|item| document(held, item, home));
        return;
    }
    let version = map.get("apiVersion").and_then(Node::as_str).unwrap_or_default();
    let Some(kind) = Kind::of(word).filter(|kind| kind.api_version() == version) else {
        held.strange.push((Text::new(word), node.span));
        return;
    };
    let metadata = map.get("metadata").and_then(Node::as_map);
    let named = |key: &str| metadata.and_then(|metadata| metadata.get(key)).and_then(Node::as_str);
    let namespace = if kind.has_namespace() { named("namespace").unwrap_or(home) } else { "" };
    let id = Id { kind, namespace: namespace.into(), name: named("name").unwrap_or_default().into() };
    let mut body = Fields::default();
    let mut spans = Vec::new();
    for entry in map.entries.iter().filter(|entry| entry.key != "apiVersion" && entry.key != "kind") {
        if let Some(field) = field(&entry.node, &mut spans) {
            body.insert(entry.key.clone(), field);
        }
    }
    let object = Object { id, owners: Vec::new(), folder: None, body };
    held.objects.push(Stood { object, span: node.span, spans });
}

/// A node as a field; null is as good as absent.
fn field(node: &Node, spans: &mut Vec<Span>) -> Option<Field> {
    let leaf = |value: Scalar, spans: &mut Vec<Span>| {
        spans.push(node.span);
        Some(Field::leaf(value, &READ))
    };
    match &node.value {
        Value::Null => None,
        Value::Bool(value) => leaf(Scalar::Bool(*value), spans),
        Value::Int(value) => leaf(Scalar::Int(*value), spans),
        Value::Big(_) | Value::Float(_) => leaf(Scalar::Number(node.value.scalar_text()?), spans),
        Value::Timestamp(text) | Value::String(text) => leaf(Scalar::Text(text.clone()), spans),
        Value::List(items) if items.is_empty() => leaf(Scalar::EmptyList, spans),
        Value::Map(map) if map.entries.is_empty() => leaf(Scalar::EmptyMap, spans),
        Value::List(items) => {
            let mut list = Items::default();
            items.iter().filter_map(|item| field(item, spans)).for_each(|item| list.push(item));
            Some(Field::List(list))
        }
        Value::Map(map) => {
            let mut fields = Fields::default();
            for entry in &map.entries {
                if let Some(below) = field(&entry.node, spans) {
                    fields.insert(entry.key.clone(), below);
                }
            }
            Some(Field::Map(fields))
        }
    }
}
