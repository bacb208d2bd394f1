//! Tree to project: the whole of Compose's loading, step by step.
//!
//! A stage never fails: it reports, goes on with a hole, and the caller gets all findings at once.

pub mod dotenv;
pub mod paths;
pub mod short;
pub mod template;

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::compose::project::Project;
use crate::diag::Finding;
use crate::source::files::Files;
use crate::source::reader::Reader;
use crate::source::{Text, span::Span};

/// What to load, as the command line, the discovery of files and `COMPOSE_FILE` have settled it.
pub struct Request<'a> {
    /// Looks at files.
    pub reader: &'a dyn Reader,
    /// The Compose files, merged in this order; at least one.
    pub inputs: Vec<Input>,
    /// The project directory, absolute: relative paths of the files are seen from here.
    pub directory: PathBuf,
    /// Where the user stands, absolute: file names are printed relative to it.
    pub standpoint: PathBuf,
    /// `--project-name`, or `COMPOSE_PROJECT_NAME`.
    pub name: Option<String>,
    /// The variables for interpolation, `.env` and `--env-file` already in.
    pub variables: BTreeMap<Text, Variable>,
    /// The active profiles; `*` is all of them.
    pub profiles: Vec<String>,
}

/// A variable of the project's environment and where it was set.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// Its value.
    pub value: Text,
    /// Its line in an env file; a variable of the command line or of the process has none.
    pub span: Option<Span>,
}

/// A Compose file that is to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Its absolute, clean path; `-` is standard input.
    pub path: PathBuf,
    /// Its text, when it was read already (standard input).
    pub text: Option<Vec<u8>>,
}

/// What came out.
pub struct Resolved {
    /// Every file that was read.
    pub files: Files,
    /// The project; with holes where a finding says so.
    pub project: Project,
    /// Everything that is to be said about the load.
    pub findings: Vec<Finding>,
    /// Whether Compose itself would refuse the project, so that nothing may be made from it.
    pub refused: bool,
}
