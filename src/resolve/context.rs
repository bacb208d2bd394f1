//! What every step has at hand: the files, the ways of values, what was found, and which variables were used.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Variable as Setting;
use crate::compose::project::Variable;
use crate::diag::{Finding, slugs};
use crate::source::Text;
use crate::source::files::Files;
use crate::source::origin::{self, Modifier, Origins, Variable as Use};
use crate::source::reader::{Failure, Reader, relative};
use crate::source::span::{FileId, Span, Spanned};

/// The variables that interpolation sees.
pub type Environment = Arc<BTreeMap<Text, Setting>>;

/// The state of a load.
pub struct Loader<'a> {
    /// Looks at files.
    pub reader: &'a dyn Reader,
    /// Where the user stands: names are printed relative to it.
    pub standpoint: PathBuf,
    /// What was read.
    pub files: Files,
    /// The ways of values.
    pub origins: Origins,
    /// What is to be said.
    pub findings: Vec<Finding>,
    /// Whether Compose would refuse the project.
    pub refused: bool,
    /// The names that the files declare, whether or not their definition could be read: section, name.
    pub declared: BTreeSet<(Text, Text)>,
    variables: BTreeMap<Text, Variable>,
    unset: BTreeMap<(Text, FileId), Finding>,
    read: BTreeMap<PathBuf, FileId>,
}

impl<'a> Loader<'a> {
    /// A load at its beginning.
    #[must_use]
    pub fn new(reader: &'a dyn Reader, standpoint: PathBuf, files: Files) -> Self {
        Self {
            reader,
            standpoint,
            files,
            origins: Origins::default(),
            findings: Vec::new(),
            refused: false,
            declared: BTreeSet::new(),
            variables: BTreeMap::new(),
            unset: BTreeMap::new(),
            read: BTreeMap::new(),
        }
    }

    /// Notes a finding that Compose does not stop at.
    pub fn note(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Notes a finding that Compose stops at.
    pub fn refuse(&mut self, finding: Finding) {
        self.refused = true;
        self.findings.push(finding);
    }

    /// Notes that a variable is used at a place.
    pub fn used(&mut self, variable: &Use, place: Spanned<()>, environment: &Environment) {
        let entry = self.variables.entry(variable.name.clone()).or_insert_with(|| Variable {
            name: variable.name.clone(),
            value: environment.get(&variable.name).map(|setting| setting.value.clone()),
            default: None,
            alternative: None,
            required: false,
            first: place,
        });
        match &variable.modifier {
            Modifier::None => {}
            Modifier::Required { .. } => entry.required = true,
            Modifier::Default { word, .. } => {
                entry.default.get_or_insert_with(|| Text::new(origin::text(word)));
            }
            Modifier::Alternative { word, .. } => {
                entry.alternative.get_or_insert_with(|| Text::new(origin::text(word)));
            }
        }
    }

    /// Notes that a variable without default has no value: one finding for each variable and file.
    pub fn unset(&mut self, name: &Text, span: Span, path: String) {
        let finding = self.unset.entry((name.clone(), span.file)).or_insert_with(|| {
            let message = format!("`{name}` has no value; Compose writes an empty string in its place");
            Finding::new(slugs::UNRESOLVED_VARIABLE, span, path, message)
                .tip(format!("put it into `.env`, or say what happens without it: `${{{name}:-default}}`"))
        });
        let known = finding.primary.span == span || finding.labels.iter().any(|label| label.span == span);
        if !known {
            finding.labels.push(crate::diag::Label { span, message: String::new() });
        }
    }

    /// The variables that were used, and the findings that were gathered for them.
    pub fn finish_variables(&mut self) -> Vec<Variable> {
        self.findings.extend(std::mem::take(&mut self.unset).into_values());
        std::mem::take(&mut self.variables).into_values().collect()
    }

    /// Reads a file as text, once.
    ///
    /// # Errors
    /// When it cannot be read. Bytes that are no UTF-8 are replaced and reported at their place.
    pub fn text(&mut self, path: &Path) -> Result<FileId, Failure> {
        if let Some(id) = self.read.get(path) {
            return Ok(*id);
        }
        let bytes = self.reader.read(path)?;
        let id = self.take(path, bytes);
        self.read.insert(path.to_path_buf(), id);
        Ok(id)
    }

    /// Takes in the bytes of a file that was read already.
    pub fn take(&mut self, path: &Path, bytes: Vec<u8>) -> FileId {
        let name = self.name(path);
        let (text, broken) = match String::from_utf8(bytes) {
            Ok(text) => (text, None),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                (String::from_utf8_lossy(error.as_bytes()).into_owned(), Some(at))
            }
        };
        let text = match text.strip_prefix('\u{feff}') {
            Some(rest) => rest.to_owned(),
            None => text,
        };
        let id = self.files.add(name, text);
        if let Some(at) = broken {
            let span = Span::new(id, at, at + '\u{fffd}'.len_utf8());
            let finding = Finding::new(slugs::INVALID_COMPOSE, span, "", "the file is not UTF-8 text")
                .at("the first byte that is none")
                .tip("save it as UTF-8");
            self.refuse(finding);
        }
        id
    }

    /// The name under which a file is printed.
    #[must_use]
    pub fn name(&self, path: &Path) -> String {
        printed_name(&self.standpoint, path)
    }
}

/// The name of a file in reports: as seen from `standpoint`, when that is easy to read; `-` is standard input.
#[must_use]
pub fn printed_name(standpoint: &Path, path: &Path) -> String {
    if path == Path::new("-") {
        return "-".to_owned();
    }
    let seen = relative(standpoint, path);
    // A path that climbs out further than it goes in is easier to read whole.
    let climbs = seen.components().filter(|part| matches!(part, std::path::Component::ParentDir)).count();
    if climbs > 2 { path.display().to_string() } else { seen.display().to_string() }
}
