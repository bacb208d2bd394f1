//! Plain manifests: one object a file, the files of a service in its folder.

use std::collections::BTreeMap;

use super::emit;
use crate::plan::Plan;
use crate::plan::object::Object;

/// The files of a folder, by their paths in it.
#[must_use]
pub fn files(plan: &Plan) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for object in &plan.objects {
        files.insert(path(object, plan), emit::object(object));
    }
    files
}

/// Objects as one text of several documents.
#[must_use]
pub fn stream(objects: &[Object]) -> String {
    let mut text = String::with_capacity(objects.len() * 1024);
    for object in objects {
        if !text.is_empty() {
            text.push_str(SEPARATOR);
        }
        emit::append(&mut text, object);
    }
    text
}

/// What stands between two documents of a text.
pub const SEPARATOR: &str = "---\n";

/// Where an object stands: `<service>/<kind>.yaml` when it bears the service's name, `<service>/<kind>-<rest>.yaml` for
/// its others, and at the top what belongs to no single service.
#[must_use]
pub fn path(object: &Object, plan: &Plan) -> String {
    let kind = object.id.kind.word().to_ascii_lowercase();
    let space =
        if is_one_of_several(object, plan) { format!("{}-", object.id.namespace) } else { String::new() };
    let name = object.id.name.as_str();
    match object.folder.as_deref() {
        Some(folder) if folder == name => format!("{folder}/{space}{kind}.yaml"),
        Some(folder) => {
            let rest = name.strip_prefix(folder).and_then(|rest| rest.strip_prefix('-')).unwrap_or(name);
            format!("{folder}/{space}{kind}-{rest}.yaml")
        }
        None if name == plan.namespace => format!("{space}{kind}.yaml"),
        None => format!("{space}{kind}-{name}.yaml"),
    }
}

/// Whether an object of the same kind and name is in another namespace, and this one is not in that of the project.
fn is_one_of_several(object: &Object, plan: &Plan) -> bool {
    let is_twin = |other: &Object| {
        other.id.kind == object.id.kind
            && other.id.name == object.id.name
            && other.folder == object.folder
            && other.id.namespace != object.id.namespace
    };
    let elsewhere = !object.id.namespace.is_empty() && object.id.namespace != plan.namespace;
    elsewhere && plan.objects.iter().any(is_twin)
}
