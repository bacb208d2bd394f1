//! Objects, checked without a cluster: what an API server, admission and a careful reader would object to.

pub mod connectivity;
pub mod docker;
pub mod pod_security;
pub mod references;
pub mod schema;
pub mod view;

use crate::plan::object::{Id, Object};

/// Something that is wrong with an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// The object.
    pub object: Id,
    /// The address in it.
    pub path: String,
    /// What is wrong: lower case, one line, no final period.
    pub message: String,
}

impl Problem {
    /// A problem of an object.
    #[must_use]
    pub fn new(object: &Object, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { object: object.id.clone(), path: path.into(), message: message.into() }
    }
}
