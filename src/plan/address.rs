//! Addresses of values in objects: `spec.template.spec.containers[web].env[A].value`.

use super::field::{Field, Fields, Items, Leaf, Scalar};
use crate::k8s::merge_key::{Naming, naming};

/// Shows every value of a body with its address.
pub fn each<'f>(body: &'f Fields, look: &mut impl FnMut(&str, &'f Leaf)) {
    let mut path = String::new();
    fields(body, &mut path, "", look);
}

/// Appends a key to a path; one with a dot, a slash or a bracket in it is quoted.
pub fn push_key(path: &mut String, key: &str) {
    if key.is_empty() || key.contains(['.', '/', '[', ']', '"']) {
        path.push_str("[\"");
        path.push_str(key);
        path.push_str("\"]");
        return;
    }
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(key);
}

fn fields<'f>(body: &'f Fields, path: &mut String, own: &str, look: &mut impl FnMut(&str, &'f Leaf)) {
    for (key, field) in body.iter() {
        let length = path.len();
        push_key(path, key);
        match field {
            Field::Leaf(leaf) => look(path, leaf),
            Field::Map(below) => fields(below, path, key, look),
            Field::List(below) => items(below, path, own, key, look),
        }
        path.truncate(length);
    }
}

fn items<'f>(
    list: &'f Items,
    path: &mut String,
    owner: &str,
    key: &str,
    look: &mut impl FnMut(&str, &'f Leaf),
) {
    let mut names = Names::of(owner, key);
    for (at, item) in list.iter().enumerate() {
        let length = path.len();
        let name = names.item(at, item);
        path.push('[');
        path.push_str(&name);
        path.push(']');
        match item {
            Field::Leaf(leaf) => look(path, leaf),
            Field::Map(below) => fields(below, path, &format!("{key}[{name}]"), look),
            Field::List(below) => items(below, path, key, "", look),
        }
        path.truncate(length);
    }
}

/// Shows every value of a body with its address, to be changed.
pub fn change(body: &mut Fields, look: &mut impl FnMut(&str, &mut Leaf)) {
    change_fields(body, &mut String::new(), "", look);
}

fn change_fields(body: &mut Fields, path: &mut String, own: &str, look: &mut impl FnMut(&str, &mut Leaf)) {
    for (key, field) in body.iter_mut() {
        let length = path.len();
        push_key(path, key);
        match field {
            Field::Leaf(leaf) => look(path, leaf),
            Field::Map(below) => change_fields(below, path, key, look),
            Field::List(below) => change_items(below, path, (own, key), look),
        }
        path.truncate(length);
    }
}

fn change_items(
    list: &mut Items,
    path: &mut String,
    (owner, key): (&str, &str),
    look: &mut impl FnMut(&str, &mut Leaf),
) {
    let mut names = Names::of(owner, key);
    for (at, item) in list.iter_mut().enumerate() {
        let length = path.len();
        let name = names.item(at, item);
        path.push_str(&format!("[{name}]"));
        match item {
            Field::Leaf(leaf) => look(path, leaf),
            Field::Map(below) => change_fields(below, path, &format!("{key}[{name}]"), look),
            Field::List(below) => change_items(below, path, (key, ""), look),
        }
        path.truncate(length);
    }
}

/// The names of a list's items, of which no two are the same.
#[derive(Debug)]
pub struct Names {
    naming: Naming,
    seen: Vec<String>,
}

impl Names {
    /// The names in the list under `key`, where `owner` is the key of what holds the list.
    #[must_use]
    pub fn of(owner: &str, key: &str) -> Self {
        Self { naming: naming(owner, key), seen: Vec::new() }
    }

    /// The name of the next item, which is the one at that position.
    pub fn item(&mut self, at: usize, item: &Field) -> String {
        let mut name = item_name(self.naming, item).unwrap_or_else(|| at.to_string());
        if self.naming != Naming::Position {
            if self.seen.contains(&name) {
                name = format!("{name}#{at}");
            }
            self.seen.push(name.clone());
        }
        name
    }
}

/// What names an item.
#[must_use]
pub fn item_name(naming: Naming, item: &Field) -> Option<String> {
    let fields = item.as_map()?;
    let text = |key: &str| match fields.get(key)? {
        Field::Leaf(Leaf { value: Scalar::Text(text), .. }) => Some(text.to_string()),
        Field::Leaf(Leaf { value: Scalar::Int(number), .. }) => Some(number.to_string()),
        Field::Leaf(_) | Field::Map(_) | Field::List(_) => None,
    };
    match naming {
        Naming::Field(key) => text(key),
        Naming::Pair(first, second) => {
            let first = text(first)?;
            Some(text(second).map_or(first.clone(), |second| format!("{first}/{second}")))
        }
        Naming::Metadata => fields.at(&["metadata", "name"]).and_then(Field::as_text).map(str::to_owned),
        Naming::Position => None,
    }
}
