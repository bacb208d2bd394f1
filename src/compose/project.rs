//! The project as a whole.

/// A resolved Compose project.
#[derive(Debug, Default)]
pub struct Project {}
