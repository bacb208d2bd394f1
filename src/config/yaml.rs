//! The resolved project as yaml.

use crate::resolve::Resolved;

/// The project as yaml.
#[must_use]
pub fn render(_resolved: &Resolved) -> String {
    "{}\n".into()
}
