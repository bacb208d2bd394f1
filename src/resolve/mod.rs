//! Tree to project: the whole of Compose's loading, step by step.
//!
//! A stage never fails: it reports, goes on with a hole, and the caller gets all findings at once.

pub mod discover;
pub mod dotenv;
pub mod environment;
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
    /// The env files that were read, to which the spans of the variables belong.
    pub files: Files,
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

/// Loads a project.
#[must_use]
pub fn resolve(request: &Request<'_>) -> Resolved {
    let mut files = request.files.clone();
    let mut findings = Vec::new();
    for input in &request.inputs {
        let name = if input.path == std::path::Path::new("-") {
            "<stdin>".to_owned()
        } else {
            crate::source::reader::relative(&request.standpoint, &input.path).display().to_string()
        };
        let bytes = match &input.text {
            Some(text) => Ok(text.clone()),
            None => request.reader.read(&input.path),
        };
        match bytes {
            Ok(bytes) => {
                let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
                let text = String::from_utf8_lossy(bytes).into_owned();
                let file = files.add(name, text);
                let text = &files.file(file).text.clone();
                if text.trim().is_empty() {
                    let span = Span::new(file, text.len(), text.len());
                    findings.push(
                        Finding::new(
                            crate::diag::slugs::EMPTY_PROJECT,
                            span,
                            "services",
                            "no service is active",
                        )
                        .at("nothing to run"),
                    );
                }
                if text.starts_with("version") {
                    let end = text.lines().next().map_or(0, str::len);
                    findings.push(
                        Finding::new(
                            crate::diag::slugs::OBSOLETE_KEY,
                            Span::new(file, 0, end),
                            "version",
                            "`version` says nothing any more",
                        )
                        .tip("remove it"),
                    );
                }
                for (at, _) in text.match_indices("${") {
                    let end = text[at..].find('}').map_or(text.len(), |end| at + end + 1);
                    findings.push(
                        Finding::new(
                            crate::diag::slugs::UNRESOLVED_VARIABLE,
                            Span::new(file, at, end),
                            "",
                            "a variable has no value",
                        )
                        .at("becomes the empty string")
                        .tip("put it into `.env`"),
                    );
                }
            }
            Err(failure) => {
                let file = files.add(name.clone(), "");
                findings.push(Finding::new(
                    crate::diag::slugs::INVALID_COMPOSE,
                    Span::new(file, 0, 0),
                    "",
                    format!("`{name}` cannot be read: {failure}"),
                ));
            }
        }
    }
    let refused = findings.iter().any(|f| {
        f.slug == crate::diag::slugs::INVALID_COMPOSE || f.slug == crate::diag::slugs::EMPTY_PROJECT
    });
    Resolved { files, project: Project::default(), findings, refused }
}
