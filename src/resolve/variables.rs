//! The variables of a project: what the user gave, then what env files say.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::context::printed_name;
use super::template::ProblemKind;
use super::{Variable, dotenv};
use crate::diag::{Finding, slugs};
use crate::source::Text;
use crate::source::files::Files;
use crate::source::reader::{Failure, Kind, Reader};
use crate::source::span::{FileId, Span};

/// The variables as they are gathered; the first to set one wins.
pub struct Environment<'a> {
    reader: &'a dyn Reader,
    standpoint: &'a Path,
    /// The variables that are set.
    pub variables: BTreeMap<Text, Variable>,
    /// The env files that were read.
    pub files: Files,
    /// Why Compose refuses a project with them.
    pub findings: Vec<Finding>,
    /// What Compose only warns of.
    pub warnings: Vec<Finding>,
    last: Vec<PathBuf>,
}

impl<'a> Environment<'a> {
    /// The variables that the user gave; file names are printed as seen from `standpoint`.
    #[must_use]
    pub fn new(reader: &'a dyn Reader, standpoint: &'a Path, given: &BTreeMap<Text, Text>) -> Self {
        let given = given.iter().map(|(name, value)| {
            let variable = Variable { value: value.clone(), span: None };
            (name.clone(), variable)
        });
        Self {
            reader,
            standpoint,
            variables: given.collect(),
            files: Files::default(),
            findings: Vec::new(),
            warnings: Vec::new(),
            last: Vec::new(),
        }
    }

    /// The value of a variable that is set and not empty.
    #[must_use]
    pub fn filled(&self, name: &str) -> Option<&Variable> {
        self.variables.get(name).filter(|variable| !variable.value.is_empty())
    }

    /// Reads the `.env` of a folder, when there is one that can be a file.
    pub fn read_default(&mut self, folder: &Path) {
        let path = folder.join(".env");
        if matches!(self.reader.kind(&path), Kind::File | Kind::Other) {
            self.read(&[path]);
        }
    }

    /// Reads env files as one: a later file wins over an earlier one, what is set already wins over all.
    pub fn read(&mut self, paths: &[PathBuf]) {
        // Compose reads twice, before and after it knows the project folder; the same files say nothing new.
        if self.last == paths {
            return;
        }
        self.last = paths.to_vec();
        let mut fresh: BTreeMap<Text, Variable> = BTreeMap::new();
        for path in paths {
            self.read_one(path, &mut fresh);
        }
        for (name, variable) in fresh {
            self.variables.entry(name).or_insert(variable);
        }
    }

    fn read_one(&mut self, path: &Path, fresh: &mut BTreeMap<Text, Variable>) {
        let name = printed_name(self.standpoint, path);
        let Some(file) = self.take_in(path, &name) else { return };
        let shared = self.files.share(file);
        let lookup = |name: &str| self.variables.get(name).map(|variable| variable.value.clone());
        let known: BTreeMap<Text, Text> =
            fresh.iter().map(|(name, variable)| (name.clone(), variable.value.clone())).collect();
        let parsed = dotenv::parse(&shared.text, &known, &lookup);
        for assignment in parsed.variables {
            let span = |range: &Range<usize>| Span::new(file, range.start, range.end);
            for warning in &assignment.warnings {
                if let ProblemKind::Unset { name } = &warning.kind {
                    self.warnings.push(unset(span(&warning.range), name));
                }
            }
            // A last line without `=` and without a line break has no name, and sets nothing.
            if !assignment.name.is_empty() {
                let variable = Variable { value: assignment.value, span: Some(span(&assignment.range)) };
                fresh.insert(assignment.name, variable);
            }
        }
        if let Some(problem) = parsed.problem {
            let span = Span::new(file, problem.range.start, problem.range.end);
            let message = format!("`{name}` is no env file: {}", problem.message);
            self.findings.push(Finding::new(slugs::INVALID_COMPOSE, span, "", message));
        }
    }

    /// The text of an env file, or a finding at its start.
    fn take_in(&mut self, path: &Path, name: &str) -> Option<FileId> {
        let bytes = match self.reader.read(path) {
            Ok(bytes) => bytes,
            Err(failure) => {
                self.unread(name, &failure);
                return None;
            }
        };
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        match std::str::from_utf8(bytes) {
            Ok(text) => Some(self.files.add(name, text)),
            Err(error) => {
                let at = error.valid_up_to();
                let file = self.files.add(name, String::from_utf8_lossy(bytes));
                let message = format!("`{name}` is not UTF-8 text, so its variables cannot be read");
                let span = Span::new(file, at, at);
                self.findings.push(
                    Finding::new(slugs::INVALID_COMPOSE, span, "", message).tip("save the file as UTF-8"),
                );
                None
            }
        }
    }

    fn unread(&mut self, name: &str, failure: &Failure) {
        let file = self.files.add(name, "");
        let message = format!("env file `{name}` cannot be read: {failure}");
        self.findings.push(Finding::new(slugs::MISSING_FILE, Span::new(file, 0, 0), "", message));
    }
}

fn unset(span: Span, name: &str) -> Finding {
    let message = format!("`{name}` has no value, so it is read as nothing");
    Finding::new(slugs::UNRESOLVED_VARIABLE, span, "", message)
        .tip(format!("set it above this line, or pass `-e {name}=…`"))
}
