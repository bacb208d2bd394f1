//! Names, labels and annotations.

use super::selector;
use super::syntax::is_segment;
use crate::k8s::label;
use crate::k8s::name::{is_label, is_service_name, is_subdomain};
use crate::verify::schema::cursor::Cursor;
use crate::verify::schema::problems::Problems;

/// All annotations of an object together.
const ANNOTATIONS: usize = 256 << 10;

/// Checks the metadata of an object.
pub(super) fn check(problems: &mut Problems, object: &Cursor, kind: &str) {
    let Some(metadata) = object.get("metadata") else {
        return problems.deep(object, "metadata.name");
    };
    let name = metadata.text("name");
    if name.is_empty() {
        problems.need(&metadata, "name");
    } else if let Some(wanted) = broken_name(kind, name) {
        problems.below(&metadata, "name", format!("must be {wanted}"));
    }
    problems.shape(&metadata, "namespace", is_label, "the name of a namespace");
    marks(problems, &metadata);
}

/// Checks the labels and annotations of an object or of a template.
pub(super) fn marks(problems: &mut Problems, metadata: &Cursor) {
    if let Some(labels) = metadata.get("labels") {
        selector::labels(problems, &labels);
    }
    let Some(annotations) = metadata.get("annotations") else { return };
    let mut size = 0;
    for (key, value) in annotations.entries() {
        size += key.len() + value.value.as_str().map_or(0, str::len);
        // Unlike that of a label, the prefix of an annotation may have capitals.
        if !label::is_key(&key.to_lowercase()) {
            problems.at(&value, "the key must be a name of 63 letters, digits, `-`, `_` and `.`, with a domain before a slash or none");
        }
    }
    if size > ANNOTATIONS {
        problems.at(&annotations, format!("all together have {size} bytes; {ANNOTATIONS} are allowed"));
    }
}

/// What the name would have to be; nothing when it is good.
fn broken_name(kind: &str, name: &str) -> Option<&'static str> {
    let (is_good, wanted): (bool, _) = match kind {
        "Service" => {
            (is_service_name(name), "at most 63 small letters, digits and `-`, beginning with a letter")
        }
        "Namespace" | "StatefulSet" => (is_label(name), "at most 63 small letters, digits and `-`"),
        "Job" => (is_subdomain(name) && name.len() <= 63, "at most 63 small letters, digits, `-` and `.`"),
        "CronJob" => {
            (is_subdomain(name) && name.len() <= 52, "at most 52 small letters, digits, `-` and `.`")
        }
        "Role" | "RoleBinding" | "ClusterRole" | "ClusterRoleBinding" => {
            (is_segment(name), "a name without `/` and `%`")
        }
        _ => (is_subdomain(name), "at most 253 small letters, digits, `-` and `.`"),
    };
    (!is_good).then_some(wanted)
}
