//! Parts of the resolved project, a line each.

use crate::resolve::Resolved;

/// The names of the active services and jobs.
#[must_use]
pub fn services(_resolved: &Resolved) -> String {
    String::new()
}

/// The images of the active services and jobs.
#[must_use]
pub fn images(_resolved: &Resolved) -> String {
    String::new()
}

/// The variables that the files use.
#[must_use]
pub fn variables(_resolved: &Resolved) -> String {
    String::new()
}

/// The profiles that the files name.
#[must_use]
pub fn profiles(_resolved: &Resolved) -> String {
    String::new()
}
