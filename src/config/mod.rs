//! The resolved project as text: in the shape of `docker compose config`, as JSON or YAML, with the place of every value.

pub mod view;
pub mod json;
pub mod yaml;
pub mod used;
pub mod lists;

use crate::compose::project::Project;
use crate::source::files::Files;

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
    json::value(&view::project(project, files, paths).view)
}

/// The project as YAML; with `origins`, every value is followed by its place and its way.
#[must_use]
pub fn yaml(project: &Project, files: &Files, origins: bool) -> String {
    let item = view::project(project, files, Paths::Relative);
    yaml::text(&item, origins.then_some((files, &project.origins)))
}
