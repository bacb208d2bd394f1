//! Lists of strings in brackets: the exec form of an instruction.

use serde_json::Value;

/// What stands where a list of strings may stand.
#[derive(Debug, PartialEq, Eq)]
pub enum Brackets {
    /// A list of strings.
    Strings(Vec<String>),
    /// A list of something else, which no builder takes.
    Others,
}

/// Reads a list; nothing when the text is none, so that it is plain text.
#[must_use]
pub fn list(text: &str) -> Option<Brackets> {
    let text = text.trim_start();
    if !text.starts_with('[') {
        return None;
    }
    let values: Vec<Value> = serde_json::from_str(text).ok()?;
    let string = |value: Value| match value {
        Value::String(text) => Some(text),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let strings: Option<Vec<String>> = values.into_iter().map(string).collect();
    Some(strings.map_or(Brackets::Others, Brackets::Strings))
}
