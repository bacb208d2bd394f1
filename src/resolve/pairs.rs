//! `KEY=VALUE` strings as entries in which key and value have places of their own.

use std::collections::HashMap;

use crate::source::Text;
use crate::source::files::Files;
use crate::source::origin::Origins;
use crate::source::span::Span;
use crate::tree::{Entry, Map, Node, Value};
use crate::yaml;

/// The key of a `KEY=VALUE` string.
#[must_use]
pub fn name(text: &str) -> Text {
    Text::new(text.split('=').next().unwrap_or(text))
}

/// The entries of a mapping, of a `KEY=VALUE` list or of one such string; a key without value has null.
#[must_use]
pub fn entries(files: &Files, node: Node) -> Vec<Entry> {
    match node.value {
        Value::Map(map) => map.entries,
        Value::List(items) => items.iter().filter_map(|item| entry(files, item)).collect(),
        Value::String(_) => entry(files, &node).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// The node as a mapping, when it is a `KEY=VALUE` list or one such string; of two equal keys the last one wins.
pub fn mapping(files: &Files, node: &mut Node) {
    if matches!(node.value, Value::List(_) | Value::String(_)) {
        let place = node.like(Value::Null);
        let entries = entries(files, std::mem::replace(node, place));
        let mut map = Map { entries: Vec::with_capacity(entries.len()) };
        let mut places: HashMap<Text, usize> = HashMap::with_capacity(entries.len());
        for entry in entries {
            let place = *places.entry(entry.key.clone()).or_insert(map.entries.len());
            match map.entries.get_mut(place) {
                Some(old) => *old = entry,
                None => map.entries.push(entry),
            }
        }
        node.value = Value::Map(map);
    }
}

/// One string as an entry; a scalar that is no string is its text.
#[must_use]
pub fn entry(files: &Files, item: &Node) -> Option<Entry> {
    let text = item.value.scalar_text()?;
    let Some(at) = text.find('=') else {
        return Some(Entry { key: text, key_span: item.span, node: item.like(Value::Null) });
    };
    let key = Text::new(&text[..at]);
    let value = Node {
        value: Value::String(Text::new(&text[at + 1..])),
        span: part(files, item, &text, at + 1..text.len()),
        origin: item.origin,
    };
    Some(Entry { key, key_span: part(files, item, &text, 0..at), node: value })
}

/// The place of a part of a string. A string that was interpolated is not in the file as it is; there the part keeps the
/// place of the whole, unless what stands there is the same text.
#[must_use]
pub fn part(files: &Files, node: &Node, text: &str, range: std::ops::Range<usize>) -> Span {
    let span = yaml::inner(&files.file(node.span.file).text, node.span, range.clone());
    let same = files.text(span) == &text[range];
    if same { span } else { node.span }
}

/// Whether a value was put together from a template.
#[must_use]
pub fn is_template(origins: &Origins, node: &Node) -> bool {
    origins.get(node.origin).template.is_some()
}
