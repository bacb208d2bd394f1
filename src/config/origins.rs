//! The resolved project with origins.

use crate::resolve::Resolved;

/// The project with origins.
#[must_use]
pub fn render(_resolved: &Resolved) -> String {
    "{}\n".into()
}
