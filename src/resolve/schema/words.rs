//! Shapes and values in words.

use crate::tree::{Node, Value};

use super::shape::{BOOL, INTEGER, LIST, MAP, NUMBER, PULL_POLICIES, Pattern, STRING, Shape, Words};
use super::table::SHAPES;

/// What kind of value is there, with its article.
pub(super) fn kind(node: &Node, shape: &Shape) -> &'static str {
    match &node.value {
        Value::Null if node.span.is_empty() => "empty",
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Int(_) | Value::Big(_) => "an integer",
        Value::Float(_) if shape.takes(INTEGER) => "a number with a fraction",
        Value::Float(_) => "a number",
        Value::Timestamp(_) => "a date",
        Value::String(_) => "a string",
        Value::List(_) => "a list",
        Value::Map(_) => "a mapping",
    }
}

/// What would be valid; the key tells what a list holds.
pub(super) fn expected(shape: &Shape, key: Option<&str>) -> String {
    let mut parts = Vec::new();
    if shape.takes(BOOL) {
        parts.push("a boolean".to_owned());
    }
    if shape.takes(NUMBER) || shape.takes(INTEGER) {
        parts.push(number(shape));
    }
    if shape.takes(STRING) {
        match list(&shape.text) {
            [] => parts.push("a string".into()),
            words => parts.extend(words.iter().map(|word| format!("`{word}`"))),
        }
    }
    if shape.takes(LIST) {
        parts.push(items(&SHAPES[shape.items], key));
    }
    if shape.takes(MAP) {
        parts.push("a mapping".into());
    }
    joined(&parts, "or")
}

fn number(shape: &Shape) -> String {
    let name = if shape.takes(NUMBER) { "a number" } else { "an integer" };
    match (shape.least, shape.greatest) {
        (None, None) => name.to_owned(),
        (Some(least), Some(greatest)) => format!("{name} from {least} to {greatest}"),
        (Some(least), None) => format!("{name} from {least} on"),
        (None, Some(greatest)) => format!("{name} up to {greatest}"),
    }
}

fn items(item: &Shape, key: Option<&str>) -> String {
    const PLURALS: [(u8, &str); 5] = [
        (BOOL, "booleans"),
        (INTEGER | NUMBER, "numbers"),
        (STRING, "strings"),
        (LIST, "lists"),
        (MAP, "mappings"),
    ];
    match key {
        Some(key) if item.kinds != STRING && key.ends_with('s') => format!("a list of {key}"),
        Some(_) | None => {
            let kinds = PLURALS.iter().filter(|(kinds, _)| item.takes(*kinds));
            let names: Vec<String> = kinds.map(|(_, name)| (*name).to_owned()).collect();
            format!("a list of {}", joined(&names, "or"))
        }
    }
}

/// What is wrong with a string that is none of those that Compose takes, as the rest of "this is …".
pub(super) fn wrong_text(text: &Words) -> String {
    match text {
        Words::Any => "not what Compose takes".into(),
        Words::OneOf(words) => format!("none of the words that Compose takes: {}", quoted(words, "or")),
        Words::ContainerName => {
            "no name of a container; Compose takes a letter or digit, then at least one more of \
                                 letters, digits, `_`, `.` and `-`"
                .into()
        }
        Words::PullPolicy => {
            format!(
                "none of the policies that Compose takes: {} or an interval such as `every_12h`",
                quoted(&PULL_POLICIES, ",")
            )
        }
    }
}

/// The words that a string may be, where they can be listed.
pub(super) fn list(text: &Words) -> &'static [&'static str] {
    match text {
        Words::Any | Words::ContainerName => &[],
        Words::OneOf(words) => words,
        Words::PullPolicy => &PULL_POLICIES,
    }
}

/// What names of this make look like.
pub(super) fn names(pattern: Pattern) -> &'static str {
    match pattern {
        Pattern::Extension => "it starts with `x-`",
        Pattern::Name => "a name has letters, digits, `.`, `_` and `-`",
        Pattern::Filled => "a name has at least one character",
        Pattern::Line => "a name is one line of at least one character",
        Pattern::LowerCase => "a name has lower-case letters only",
    }
}

/// Words in backticks, with commas and a last conjunction.
pub(super) fn quoted(words: &[&str], conjunction: &str) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    joined(&words, conjunction)
}

fn joined(parts: &[String], conjunction: &str) -> String {
    match parts {
        [] => "nothing".into(),
        [only] => only.clone(),
        [first @ .., last] if conjunction == "," => format!("{}, {last}", first.join(", ")),
        [first @ .., last] => format!("{} {conjunction} {last}", first.join(", ")),
    }
}
