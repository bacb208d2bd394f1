//! A tree of values in which everything knows its place: what YAML becomes, and what extension keys stay.

use crate::source::{Text, origin::OriginId, span::Span};

/// A value of the tree and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where it is written: of a scalar its quotes too, of a collection from its first item to its last.
    pub span: Span,
    /// The way it took.
    pub origin: OriginId,
}

/// What a node holds, typed as Compose's own YAML reader types it.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A whole number above `i64::MAX`.
    Big(u64),
    /// A number with a fraction or an exponent.
    Float(f64),
    /// A plain scalar that YAML takes for a date; the text is how Go prints it.
    Timestamp(Text),
    /// Text.
    String(Text),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping.
    Map(Map),
}

/// A mapping, in the order of its keys in the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map {
    /// The entries; no key occurs twice.
    pub entries: Vec<Entry>,
}

/// A key and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key's text.
    pub key: Text,
    /// The key's place.
    pub key_span: Span,
    /// The value.
    pub node: Node,
}

impl Node {
    /// A node at the place of another one, with its origin.
    #[must_use]
    pub fn like(&self, value: Value) -> Self {
        Self { value, span: self.span, origin: self.origin }
    }

    /// The text, when it is a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The mapping, when it is one.
    #[must_use]
    pub fn as_map(&self) -> Option<&Map> {
        match &self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The items, when it is a sequence.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Node]> {
        match &self.value {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// Whether it is null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }
}

impl Map {
    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.node)
    }

    /// The value of a key, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.entries.iter_mut().find(|entry| entry.key == key).map(|entry| &mut entry.node)
    }

    /// The entry of a key.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// Whether the key is there.
    #[must_use]
    pub fn contains(&self, key: &str) -> bool {
        self.entry(key).is_some()
    }

    /// Takes the entry of a key out; the others keep their order.
    pub fn remove(&mut self, key: &str) -> Option<Entry> {
        let at = self.entries.iter().position(|entry| entry.key == key)?;
        Some(self.entries.remove(at))
    }

    /// Puts a value in: at its place when the key is there, else at the end.
    pub fn insert(&mut self, entry: Entry) {
        match self.entries.iter_mut().find(|old| old.key == entry.key) {
            Some(old) => *old = entry,
            None => self.entries.push(entry),
        }
    }
}

impl Value {
    /// What kind of value it is, in a word for messages.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Int(_) | Self::Big(_) => "integer",
            Self::Float(_) => "number",
            Self::Timestamp(_) => "timestamp",
            Self::String(_) => "string",
            Self::List(_) => "list",
            Self::Map(_) => "mapping",
        }
    }

    /// The text of a scalar as Go's `fmt.Sprint` writes it, which is how Compose makes strings of numbers; of null
    /// and of collections nothing.
    #[must_use]
    pub fn scalar_text(&self) -> Option<Text> {
        Some(match self {
            Self::Bool(value) => Text::new(if *value { "true" } else { "false" }),
            Self::Int(value) => smol_str::format_smolstr!("{value}"),
            Self::Big(value) => smol_str::format_smolstr!("{value}"),
            Self::Float(value) => Text::new(go_float(*value)),
            Self::Timestamp(text) | Self::String(text) => text.clone(),
            Self::Null | Self::List(_) | Self::Map(_) => return None,
        })
    }
}

/// A float as Go's `%v` writes it: the shortest digits that read back, an exponent below 1e-4 and from 1e6 on.
#[must_use]
pub fn go_float(value: f64) -> String {
    if value.is_nan() {
        return "NaN".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf".into() } else { "-Inf".into() };
    }
    let magnitude = value.abs();
    if magnitude != 0.0 && !(1e-4..1e6).contains(&magnitude) {
        let text = format!("{value:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, power) = match exponent.strip_prefix('-') {
            Some(power) => ('-', power),
            None => ('+', exponent),
        };
        return format!("{digits}e{sign}{power:0>2}");
    }
    format!("{value}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_written_as_go_writes_them() {
        let written: Vec<String> =
            [1.10, 1000.0, 999_999.5, 1e6, 1_234_567.5, 1e-5, -0.0, 0.5].into_iter().map(go_float).collect();
        assert_eq!(written, ["1.1", "1000", "999999.5", "1e+06", "1.2345675e+06", "1e-05", "-0", "0.5"]);
    }
}
