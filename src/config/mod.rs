//! The resolved project as text: in the shape of `docker compose config`, as JSON or YAML, with the place of every value.

pub mod sheet;
pub mod view;
pub mod json;
pub mod yaml;
pub mod used;
pub mod lists;

use crate::compose::project::Project;
use crate::source::files::Files;
use sheet::Sheet;

/// How paths of the host are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paths {
    /// Relative to the project directory, so that the output is the same on every machine.
    Relative,
    /// As Compose resolves them.
    Absolute,
}

/// The project as JSON, as `docker compose config --format json` has it.
#[must_use]
pub fn json(project: &Project, files: &Files, paths: Paths) -> serde_json::Value {
    json::whole(&Sheet { project, files, paths })
}

/// The project as YAML, in pieces whose texts follow each other; with `origins`, every value is followed by its place
/// and its way.
#[must_use]
pub fn yaml<'a>(project: &'a Project, files: &'a Files, origins: bool) -> Vec<yaml::Piece<'a>> {
    yaml::pieces(Sheet { project, files, paths: Paths::Relative }, origins)
}
