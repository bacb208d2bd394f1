//! What every step has at hand: the files, the ways of values, what was found, and which variables were used.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Variable as Setting;
use crate::compose::project::Variable;
use crate::diag::suppression::Suppression;
use crate::diag::{Edit, Finding, Fix, Label, Safety, Slug, slugs};
use crate::source::Text;
use crate::source::files::Files;
use crate::source::origin::{self, Modifier, OriginId, Origins, Template, Variable as Use};
use crate::source::reader::{Failure, Reader, relative};
use crate::source::span::{FileId, Span, Spanned};

/// The variables that interpolation sees.
pub type Environment = Arc<BTreeMap<Text, Setting>>;

/// So many findings are kept; nobody reads more, and memory is not for them.
pub const MOST: usize = 10_000;
/// So many templates are kept to be found again.
const TEMPLATES: usize = 1000;
/// So many bytes may be gone over again because a further document is merged with them.
const REWORK: usize = 16 << 20;
/// So many bytes may the variables of a project make of its texts.
const GROWTH: usize = 32 << 20;

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
    /// What it would refuse it for beside variables that have no value: the rule and the place of each finding.
    pub stops: BTreeSet<(Slug, Span)>,
    /// The names that the files declare, whether or not their definition could be read: section, name.
    pub declared: BTreeSet<(Text, Text)>,
    /// The comments that allow rules, by file.
    pub suppressions: BTreeMap<FileId, Vec<Suppression>>,
    /// How many files were included so far.
    pub includes: usize,
    grown: usize,
    reworked: usize,
    /// The origins of templates: many values have the same one.
    templates: HashMap<(OriginId, Text), OriginId>,
    variables: BTreeMap<Text, Variable>,
    /// The findings of variables without a value, and the places that each of them names.
    unset: BTreeMap<(Text, FileId), (Finding, HashSet<Span>)>,
    demanded: BTreeMap<(Text, FileId), Finding>,
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
            stops: BTreeSet::new(),
            declared: BTreeSet::new(),
            suppressions: BTreeMap::new(),
            includes: 0,
            grown: 0,
            reworked: 0,
            templates: HashMap::new(),
            variables: BTreeMap::new(),
            unset: BTreeMap::new(),
            demanded: BTreeMap::new(),
            read: BTreeMap::new(),
        }
    }

    /// Notes a finding that Compose does not stop at.
    pub fn note(&mut self, finding: Finding) {
        match self.findings.len() {
            ..MOST => self.findings.push(finding),
            MOST => {
                let message = format!("more than {MOST} things are to be said; the rest is left out");
                let span = finding.primary.span;
                self.findings.push(Finding::new(slugs::INVALID_COMPOSE, span, "", message));
            }
            _ => {}
        }
    }

    /// Notes a finding that Compose stops at.
    pub fn refuse(&mut self, finding: Finding) {
        self.refused = true;
        self.stops.insert((finding.slug, finding.primary.span));
        self.note(finding);
    }

    /// Counts the bytes of a text that variables have made; whether it is still to be kept.
    pub fn grow(&mut self, span: Span, path: &str, length: usize) -> bool {
        let before = self.grown;
        self.grown = before.saturating_add(length);
        if self.grown > GROWTH && before <= GROWTH {
            let message = "variables make too much text of this project; the rest is left out";
            let finding = Finding::new(slugs::INVALID_COMPOSE, span, path, message)
                .tip("give the variables shorter values");
            self.refuse(finding);
        }
        self.grown <= GROWTH
    }

    /// Counts what is gone over once more when a further document of a file, at this place, is merged: all before it
    /// in the file, and so many bytes of earlier files. Says whether it is still to be merged.
    pub fn rework(&mut self, place: Span, earlier: usize) -> bool {
        let before = self.reworked;
        self.reworked = before.saturating_add(earlier).saturating_add(place.range().end);
        if self.reworked > REWORK && before <= REWORK {
            let message = "the documents of this project are too many to be merged; the rest is left out";
            let finding = Finding::new(slugs::INVALID_COMPOSE, place.at_start(), "", message)
                .tip("write fewer documents");
            self.refuse(finding);
        }
        self.reworked <= REWORK
    }

    /// The origin of a value that came from a template; `base` is that of the template.
    pub fn template(&mut self, base: OriginId, template: Template) -> OriginId {
        let key = (base, template.text.clone());
        let known = self.templates.get(&key).copied();
        if let Some(known) =
            known.filter(|known| self.origins.get(*known).template.as_deref() == Some(&template))
        {
            return known;
        }
        let mut origin = self.origins.get(base).clone();
        origin.template = Some(Arc::new(template));
        let origin = self.origins.add(origin);
        if self.templates.len() < TEMPLATES {
            self.templates.insert(key, origin);
        }
        origin
    }

    /// Notes that a variable is used at a place.
    pub fn used(&mut self, variable: &Use, place: impl FnOnce() -> Spanned<()>, environment: &Environment) {
        let entry = self.variables.entry(variable.name.clone()).or_insert_with(|| Variable {
            name: variable.name.clone(),
            value: environment.get(&variable.name).map(|setting| setting.value.clone()),
            default: None,
            alternative: None,
            required: false,
            first: place(),
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
        let (finding, places) = self.unset.entry((name.clone(), span.file)).or_insert_with(|| {
            let message = format!("`{name}` has no value; Compose writes an empty string in its place");
            let tip = format!("put it into `.env`, or say what happens without it: `${{{name}:-default}}`");
            let finding = Finding::new(slugs::UNRESOLVED_VARIABLE, span, path, message).tip(tip);
            (finding, HashSet::new())
        });
        if places.len() == MOST || !places.insert(span) {
            return;
        }
        if places.len() > 1 {
            finding.labels.push(Label { span, message: String::new() });
        }
        // Said so, an empty value is no oversight any more; whether it is one, a person knows.
        let edit = Edit { span, text: format!("${{{name}:-}}") };
        match finding.fixes.first_mut() {
            Some(fix) => fix.edits.push(edit),
            None => finding.fixes.push(Fix {
                safety: Safety::Unsafe,
                title: "write that it may be empty".into(),
                edits: vec![edit],
            }),
        }
    }

    /// Notes that a variable that a file demands has no value: one finding for each variable and file. The message
    /// is what the file's author says about it.
    pub fn demanded(&mut self, name: &Text, message: &str, span: Span, path: String) {
        self.refused = true;
        let words = if message.is_empty() { String::new() } else { format!("\"{message}\"") };
        let finding = self.demanded.entry((name.clone(), span.file)).or_insert_with(|| {
            let message = format!("`{name}` has no value, and the file demands one");
            Finding::new(slugs::MISSING_REQUIRED_VARIABLE, span, path, message)
                .at(words.clone())
                .tip(format!("put it into `.env`, or pass `-e {name}=…`"))
        });
        again(finding, span, if finding.primary.message == words { "" } else { &words });
    }

    /// The variables that were used, and the findings that were gathered for them.
    pub fn finish_variables(&mut self) -> Vec<Variable> {
        for finding in &mut self.findings {
            blame(finding, self.unset.iter().map(|(key, (finding, _))| (key, finding)));
        }
        self.findings.extend(std::mem::take(&mut self.unset).into_values().map(|(finding, _)| finding));
        self.findings.extend(std::mem::take(&mut self.demanded).into_values());
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
        let id = self.files.add(name, text);
        if let Some(at) = broken {
            let at = at.saturating_sub(self.files.file(id).skipped);
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

/// A value that an unset variable has spoilt is told as such: mending the variable mends both.
fn blame<'f>(finding: &mut Finding, unset: impl Iterator<Item = (&'f (Text, FileId), &'f Finding)>) {
    if ![slugs::INVALID_COMPOSE, slugs::BROKEN_REFERENCE].contains(&finding.slug) {
        return;
    }
    let place = finding.primary.span;
    let within = |span: &Span| span.start >= place.start && span.end <= place.end;
    let names: Vec<&str> = unset
        .filter(|((_, file), _)| *file == place.file)
        .filter(|(_, other)| {
            within(&other.primary.span) || other.labels.iter().any(|label| within(&label.span))
        })
        .map(|((name, _), _)| name.as_str())
        .collect();
    let Some((first, others)) = names.split_first() else { return };
    let list = others.iter().fold(format!("`{first}`"), |list, name| format!("{list}, `{name}`"));
    if finding.primary.message.is_empty() {
        let verb = if others.is_empty() { "has" } else { "have" };
        finding.primary.message = format!("{list} {verb} no value");
    }
    finding.tip = Some(format!("give {list} a value"));
}

/// A further place of the same finding, unless it is known.
fn again(finding: &mut Finding, span: Span, words: &str) {
    let known = finding.primary.span == span || finding.labels.iter().any(|label| label.span == span);
    if !known {
        finding.labels.push(Label { span, message: words.to_owned() });
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
