//! The strict check of one object against the schema of Kubernetes 1.34 and the rules of its API server.
//!
//! The API server itself proves it: `cargo xtask oracles --only apiserver` and the tests read the same cases.

mod cursor;
mod problems;
mod rules;
mod table;
mod walk;

use serde_json::Value;

use cursor::Cursor;
use problems::Problems;

/// Something that the API server would refuse, or leave out without a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where, as addresses in reports are written: `spec.template.spec.containers[web].image`.
    pub path: String,
    /// What is wrong there, without the value of anything that may be secret.
    pub message: String,
}

/// Every problem of an object, in the order of its fields; of a kind that is not in the schema, only that.
#[must_use]
pub fn check(object: &Value) -> Vec<Problem> {
    let mut problems = Problems::default();
    let root = Cursor::root(object);
    let text = |key: &str| object.get(key).and_then(Value::as_str).unwrap_or_default();
    let Some(fields) = table::kind(text("apiVersion"), text("kind")) else {
        problems.unknown_kind(&root, text("apiVersion"), text("kind"));
        return problems.found;
    };
    walk::fields(&mut problems, &root, fields);
    // The rules look at well-typed values; what has another type was reported and is passed over.
    rules::check(&mut problems, &root, text("kind"));
    problems.found
}

/// Whether the schema knows the kind; of others `check` can only say that.
#[must_use]
pub fn knows(api_version: &str, kind: &str) -> bool {
    table::kind(api_version, kind).is_some()
}
