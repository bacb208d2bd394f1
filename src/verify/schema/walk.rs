//! Holds values against the schema: fields that there are not, that must be there, and what they hold.

use std::collections::BTreeSet;

use serde_json::Value;

use super::cursor::Cursor;
use super::problems::{Problems, not_one_of};
use super::rules::syntax;
use super::table::{self, Field, Fields, Shape};
use crate::source::nearest::nearest;

/// Checks the fields of a map and everything below them.
pub(super) fn fields(problems: &mut Problems, map: &Cursor, known: &'static Fields) {
    if !map.value.is_object() {
        return mismatch(problems, map, "a map");
    }
    for (name, value) in map.entries() {
        let Some(field) = table::field(known, name) else {
            problems.at(&value, unknown(name, known));
            continue;
        };
        if let Some(gate) = field.gate {
            problems
                .at(&value, format!("needs the feature gate `{gate}`, which is off: the server drops it"));
        }
        shape(problems, &value, &field.shape, field);
    }
    for field in known.iter().filter(|field| field.required && !map.has(field.name)) {
        problems.required(map, field.name);
    }
}

fn shape(problems: &mut Problems, value: &Cursor, wanted: &'static Shape, field: &Field) {
    match (wanted, value.value) {
        (Shape::Any, _) | (Shape::Truth, Value::Bool(_)) | (Shape::Number, Value::Number(_)) => {}
        (Shape::Text, Value::String(text)) => {
            if !field.choices.is_empty() && !field.choices.contains(&text.as_str()) {
                problems.at(value, not_one_of(text, &field.choices));
            }
        }
        (Shape::Bytes, Value::String(text)) => {
            if !syntax::is_base64(text) {
                problems.at(value, "must be base64");
            }
        }
        (Shape::Int32, Value::Number(_)) => whole(problems, value, i32::MIN.into(), i32::MAX.into()),
        (Shape::Int64, Value::Number(_)) => whole(problems, value, i64::MIN, i64::MAX),
        (Shape::IntOrText, Value::Number(_)) => whole(problems, value, i32::MIN.into(), i32::MAX.into()),
        (Shape::IntOrText, Value::String(_)) => {}
        (Shape::Quantity, Value::Number(_) | Value::String(_)) => {
            if syntax::quantity(value.value).is_none() {
                problems.at(
                    value,
                    "must be a quantity: a number with a suffix such as `m`, `Mi` or `G`, or none",
                );
            }
        }
        (Shape::Object(name), _) => fields(problems, value, table::fields(name)),
        (Shape::List(item), Value::Array(_)) => {
            for each in value.items() {
                shape(problems, &each, item, field);
            }
            twice(problems, value, &field.keys);
        }
        (Shape::Map(item), Value::Object(_)) => {
            for (_, each) in value.entries() {
                shape(problems, &each, item, field);
            }
        }
        (Shape::Truth, _) => mismatch(problems, value, "true or false"),
        (Shape::Text | Shape::Bytes, _) => mismatch(problems, value, "text"),
        (Shape::Int32 | Shape::Int64 | Shape::Number, _) => mismatch(problems, value, "a number"),
        (Shape::Quantity | Shape::IntOrText, _) => mismatch(problems, value, "a number or text"),
        (Shape::List(_), _) => mismatch(problems, value, "a list"),
        (Shape::Map(_), _) => mismatch(problems, value, "a map"),
    }
}

fn whole(problems: &mut Problems, value: &Cursor, least: i64, most: i64) {
    match value.value.as_i64() {
        Some(number) if least <= number && number <= most => {}
        Some(_) => problems.at(value, format!("must be between {least} and {most}")),
        None => problems.at(value, "must be a whole number"),
    }
}

fn mismatch(problems: &mut Problems, value: &Cursor, wanted: &str) {
    let is = match value.value {
        Value::Null => "nothing",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    };
    problems.at(value, format!("must be {wanted}, not {is}"));
}

/// No two items of a list may have the same keys.
fn twice(problems: &mut Problems, list: &Cursor, keys: &[(&'static str, &'static str)]) {
    if keys.is_empty() {
        return;
    }
    let mut seen = BTreeSet::new();
    for item in list.items() {
        let own: Vec<String> = keys
            .iter()
            .map(|(key, default)| match item.value.get(*key) {
                None | Some(Value::Null) => format!("\"{default}\""),
                Some(value) => value.to_string(),
            })
            .collect();
        if !seen.insert(own) {
            let names: Vec<String> = keys.iter().map(|(key, _)| format!("`{key}`")).collect();
            problems.at(&item, format!("another item has the same {}", names.join(" and ")));
        }
    }
}

fn unknown(name: &str, known: &Fields) -> String {
    match nearest(name, known.iter().map(|field| field.name)) {
        Some(near) => format!("unknown field; did you mean `{near}`?"),
        None => "unknown field".to_owned(),
    }
}
