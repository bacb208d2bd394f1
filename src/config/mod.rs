//! The resolved project as text: in the shape of `docker compose config`, as JSON or YAML, with the place of every value.

pub mod view;
pub mod json;
pub mod yaml;
pub mod used;
pub mod lists;

use std::path::Path;

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
pub fn json(project: &Project, paths: Paths) -> serde_json::Value {
    json::value(&view::project(project, paths).view)
}

/// The project as YAML; with `files`, every value is followed by its place and its way.
#[must_use]
pub fn yaml(project: &Project, files: Option<&Files>) -> String {
    yaml::text(&view::project(project, Paths::Relative), files.map(|files| (files, &project.origins)))
}

/// Below `directory`, a path as it is seen from there; others stay as they are.
fn relative(path: &str, directory: &Path) -> String {
    let directory = directory.display().to_string();
    match path.strip_prefix(directory.as_str()) {
        Some("") => ".".to_owned(),
        Some(rest) if directory == "/" => format!("./{rest}"),
        Some(rest) => match rest.strip_prefix('/') {
            Some(rest) => format!("./{rest}"),
            None => path.to_owned(),
        },
        None => path.to_owned(),
    }
}
