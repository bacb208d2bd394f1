//! What was found so far, and the words for it.

use super::Problem;
use super::cursor::Cursor;
use crate::plan::address::push_key;

/// The problems of one object.
#[derive(Default)]
pub(super) struct Problems {
    /// In the order in which they were found.
    pub(super) found: Vec<Problem>,
}

impl Problems {
    /// Something is wrong with this value.
    pub(super) fn at(&mut self, place: &Cursor, message: impl Into<String>) {
        self.found.push(Problem { path: place.path(), message: message.into() });
    }

    /// Something is wrong with a field of this value, which may be absent.
    pub(super) fn below(&mut self, place: &Cursor, field: &str, message: impl Into<String>) {
        let mut path = place.path();
        push_key(&mut path, field);
        self.found.push(Problem { path, message: message.into() });
    }

    /// A field must be there.
    pub(super) fn required(&mut self, place: &Cursor, field: &str) {
        self.below(place, field, "is required");
    }

    /// A field some maps below this value must be there; its path is one of plain names.
    pub(super) fn deep(&mut self, place: &Cursor, path: &str) {
        let above = place.path();
        let path = if above.is_empty() { path.to_owned() } else { format!("{above}.{path}") };
        self.found.push(Problem { path, message: "is required".to_owned() });
    }

    /// A field must be there and hold something: text, or a list or map with something in it.
    pub(super) fn need(&mut self, place: &Cursor, field: &str) {
        let holds = place.get(field).is_some_and(|value| {
            value.is_filled() || value.value.as_str().is_some_and(|text| !text.is_empty())
        });
        if !holds && !self.knows(place, field) {
            self.required(place, field);
        }
    }

    /// Whether the field has a problem already; one is enough.
    fn knows(&self, place: &Cursor, field: &str) -> bool {
        let mut path = place.path();
        push_key(&mut path, field);
        self.found.iter().any(|problem| problem.path == path)
    }

    /// A number of a field must lie between two ends.
    pub(super) fn between(&mut self, place: &Cursor, field: &str, least: i64, most: i64) {
        if place.number(field).is_some_and(|number| number < least || number > most) {
            let message = match most {
                i64::MAX => format!("must be {least} or more"),
                _ => format!("must be between {least} and {most}"),
            };
            self.below(place, field, message);
        }
    }

    /// The text of a field must pass a test, when it is there.
    pub(super) fn shape(&mut self, place: &Cursor, field: &str, is_good: fn(&str) -> bool, wanted: &str) {
        let text = place.value.get(field).and_then(serde_json::Value::as_str);
        if text.is_some_and(|text| !is_good(text)) {
            self.below(place, field, format!("must be {wanted}"));
        }
    }

    /// The text of a field must be one of these, when it is there.
    pub(super) fn one_of(&mut self, place: &Cursor, field: &str, choices: &[&str]) {
        let text = place.text(field);
        if place.has(field) && !choices.contains(&text) && !self.knows(place, field) {
            self.below(place, field, not_one_of(text, choices));
        }
    }

    /// Exactly one of these fields must be there.
    pub(super) fn exactly_one(&mut self, place: &Cursor, fields: &[&str], what: &str) {
        match fields.iter().filter(|field| place.has(field)).count() {
            1 => {}
            0 => self.at(place, format!("must have one of {what}")),
            _ => self.at(place, format!("must have only one of {what}")),
        }
    }

    /// No schema for this kind.
    pub(super) fn unknown_kind(&mut self, root: &Cursor, version: &str, kind: &str) {
        if version.is_empty() {
            self.required(root, "apiVersion");
        }
        if kind.is_empty() {
            self.required(root, "kind");
        }
        if !version.is_empty() && !kind.is_empty() {
            self.below(root, "kind", format!("unknown kind `{kind}` in `{version}`"));
        }
    }
}

/// The words for a value that no choice has.
pub(super) fn not_one_of(value: &str, choices: &[&str]) -> String {
    if let [only] = choices {
        return format!("must be `{only}`");
    }
    let known: Vec<String> = choices.iter().map(|choice| format!("`{choice}`")).collect();
    if value.chars().count() > 40 || value.chars().any(char::is_control) {
        return format!("must be one of {}", known.join(", "));
    }
    format!("`{value}` is not one of {}", known.join(", "))
}
