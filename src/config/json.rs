//! The resolved project as json.

use crate::resolve::Resolved;

/// The project as json.
#[must_use]
pub fn render(_resolved: &Resolved) -> String {
    "{}\n".into()
}
