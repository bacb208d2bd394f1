//! Every path that the Compose schema knows, read off its JSON file.

use std::collections::BTreeMap;

use serde_json::Value;

/// A path of the schema, as `services.*.ports[].target`: `*` is a map key, `[]` a list item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A path with others below it.
    Branch,
    /// A path with none below it.
    Leaf,
    /// A position where an extension key (`x-…`) is legal.
    Extension,
}

/// All paths with what each of them is, in alphabetical order.
pub(crate) fn paths(schema: &Value) -> BTreeMap<String, Place> {
    let mut found = BTreeMap::new();
    walk(schema, schema, "", &mut found);
    let all: Vec<String> = found.keys().cloned().collect();
    for path in &all {
        if all.iter().any(|other| is_below(other, path) && !other.ends_with(".x-*")) {
            found.entry(path.clone()).and_modify(|place| *place = Place::Branch);
        }
    }
    found
}

fn is_below(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.starts_with(['.', '[']))
}

fn walk(root: &Value, schema: &Value, path: &str, found: &mut BTreeMap<String, Place>) {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = reference.strip_prefix('#').and_then(|pointer| root.pointer(pointer));
        walk(root, target.expect("every `$ref` of the schema leads somewhere"), path, found);
    }
    for combinator in ["allOf", "anyOf", "oneOf"] {
        for branch in schema[combinator].as_array().into_iter().flatten() {
            walk(root, branch, path, found);
        }
    }
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    for (key, child) in schema["properties"].as_object().into_iter().flatten() {
        found.insert(below(key), Place::Leaf);
        walk(root, child, &below(key), found);
    }
    for (pattern, child) in schema["patternProperties"].as_object().into_iter().flatten() {
        if pattern == "^x-" {
            found.insert(below("x-*"), Place::Extension);
        } else {
            found.insert(below("*"), Place::Leaf);
            walk(root, child, &below("*"), found);
        }
    }
    if schema["items"].is_object() {
        let item = format!("{path}[]");
        found.insert(item.clone(), Place::Leaf);
        walk(root, &schema["items"], &item, found);
    }
}
