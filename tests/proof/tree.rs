//! A Compose file as a tree that can be changed and written again.

use transship::source::origin::{OriginId, Origins};
use transship::source::span::FileId;
use transship::tree::{Entry, Map, Node, Value};
use transship::yaml::parse;

/// A step into a tree: the number of the entry or item.
pub(crate) type Way = Vec<usize>;

/// The tree of a file of one document without tags; what a tag does is not in the tree.
pub(crate) fn read(text: &str) -> Option<Node> {
    let mut parsed = parse(FileId(0), text, &mut Origins::default(), OriginId(0));
    let single = parsed.documents.len() == 1 && parsed.problems.is_empty() && parsed.tags.is_empty();
    single.then(|| parsed.documents.pop()).flatten()?.root
}

/// The tree as text: flow style, an entry a line, each scalar as it was written when it is no text. What was read from
/// `source` is read again as the same tree.
pub(crate) fn write(node: &Node, source: &str) -> String {
    let mut text = String::new();
    put(node, source, &mut text);
    text.push('\n');
    text
}

fn put(node: &Node, source: &str, out: &mut String) {
    match &node.value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(&value.to_string()),
        Value::Int(value) => out.push_str(&value.to_string()),
        Value::Big(value) => out.push_str(&value.to_string()),
        Value::Float(_) | Value::Timestamp(_) => out.push_str(&source[node.span.range()]),
        Value::String(text) => quoted(text, out),
        Value::List(items) => {
            out.push('[');
            for item in items {
                put(item, source, out);
                out.push_str(",\n");
            }
            out.push(']');
        }
        Value::Map(map) => {
            out.push('{');
            for entry in &map.entries {
                quoted(&entry.key, out);
                out.push_str(": ");
                put(&entry.node, source, out);
                out.push_str(",\n");
            }
            out.push('}');
        }
    }
}

fn quoted(text: &str, out: &mut String) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

/// The ways to all scalars, and to mappings and lists in which nothing is.
pub(crate) fn leaves(root: &Node) -> Vec<Way> {
    let mut ways = Vec::new();
    walk(root, &mut Vec::new(), &mut |node, way| {
        if children(node) == 0 {
            ways.push(way.clone());
        }
    });
    ways
}

/// The ways to all mappings and lists.
pub(crate) fn collections(root: &Node) -> Vec<Way> {
    let mut ways = Vec::new();
    walk(root, &mut Vec::new(), &mut |node, way| {
        if matches!(node.value, Value::Map(_) | Value::List(_)) {
            ways.push(way.clone());
        }
    });
    ways
}

fn walk(node: &Node, way: &mut Way, look: &mut impl FnMut(&Node, &Way)) {
    look(node, way);
    for at in 0..children(node) {
        way.push(at);
        walk(child(node, at), way, look);
        way.pop();
    }
}

fn children(node: &Node) -> usize {
    match &node.value {
        Value::List(items) => items.len(),
        Value::Map(map) => map.entries.len(),
        _ => 0,
    }
}

fn child(node: &Node, at: usize) -> &Node {
    match &node.value {
        Value::List(items) => &items[at],
        Value::Map(map) => &map.entries[at].node,
        _ => unreachable!("a scalar has no parts"),
    }
}

/// The node at the end of a way.
pub(crate) fn at<'n>(root: &'n Node, way: &[usize]) -> &'n Node {
    way.iter().fold(root, |node, at| child(node, *at))
}

/// The node at the end of a way, to be changed.
pub(crate) fn at_mut<'n>(root: &'n mut Node, way: &[usize]) -> &'n mut Node {
    way.iter().fold(root, |node, at| match &mut node.value {
        Value::List(items) => &mut items[*at],
        Value::Map(map) => &mut map.entries[*at].node,
        _ => unreachable!("a scalar has no parts"),
    })
}

/// The tree without the node at the end of a way.
pub(crate) fn without(root: &Node, way: &[usize]) -> Option<Node> {
    let (last, parent) = way.split_last()?;
    let mut changed = root.clone();
    match &mut at_mut(&mut changed, parent).value {
        Value::List(items) => drop(items.remove(*last)),
        Value::Map(map) => drop(map.entries.remove(*last)),
        _ => unreachable!("a scalar has no parts"),
    }
    Some(changed)
}

/// An entry of text.
pub(crate) fn entry(key: &str, value: Value, like: &Node) -> Entry {
    Entry { key: key.into(), key_span: like.span, node: like.like(value) }
}

/// The way in words: `services.web.ports[0]`.
pub(crate) fn path(root: &Node, way: &[usize]) -> String {
    let mut words = String::new();
    let mut node = root;
    for at in way {
        match &node.value {
            Value::Map(Map { entries }) => {
                if !words.is_empty() {
                    words.push('.');
                }
                words.push_str(&entries[*at].key);
            }
            _ => words.push_str(&format!("[{at}]")),
        }
        node = child(node, *at);
    }
    words
}
