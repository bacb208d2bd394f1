//! The examples of a rule's text: fenced blocks of YAML with the findings that they raise written under their lines.
//!
//! ```text
//! # words        what the fence says
//! yaml bad       raises exactly the findings that stand under its lines: `#` and carets, then `slug: message`
//! yaml good      raises none of the rule's findings
//! yaml fixed     what the first fix of the rule's findings makes of the bad block before it
//! posture=restricted   asks for that posture, or for `production`
//! trusted=REGISTRY     names a registry whose images may run
//! convert              asks as `convert` does, which says what follows from a service that is left out
//! file=NAME      the file's name; blocks without a kind that name files belong to the block before them
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use transship::cli::pipeline::{self, Assessed, Given};
use transship::convert::Purpose;
use transship::convert::options::Options;
use transship::diag::date::Date;
use transship::diag::{Finding, Fix, Posture, Slug};
use transship::lint::levels::Levels;
use transship::resolve::{Input, Request, resolve};
use transship::source::Text;
use transship::source::files::Files;
use transship::source::reader::Memory;
use transship::source::span::FileId;
use transship::{fix, lint};

/// What a block is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It raises what it says.
    Bad,
    /// It raises nothing of the rule.
    Good,
    /// What a fix makes of the block before.
    Fixed,
    /// A further file of the block before.
    More,
}

/// A fenced block and where its lines lie in the text.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) kind: Kind,
    pub(crate) file: String,
    /// How strict the output has to be.
    pub(crate) posture: Posture,
    /// What the findings are for.
    pub(crate) purpose: Purpose,
    /// The registries whose images may run.
    pub(crate) trusted: Vec<Text>,
    /// The first and the last line of what it holds, from 0, the last exclusive.
    pub(crate) lines: std::ops::Range<usize>,
    /// What it holds, comments with findings included.
    pub(crate) text: String,
}

/// The YAML blocks of a text.
pub(crate) fn blocks(text: &str) -> Vec<Block> {
    let lines: Vec<&str> = text.lines().collect();
    let mut blocks = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let Some(words) = lines[at].strip_prefix("```yaml") else {
            at += 1;
            continue;
        };
        let end = (at + 1..lines.len()).find(|line| lines[*line] == "```").expect("the block ends");
        let mut kind = Kind::More;
        let mut file = "compose.yaml".to_owned();
        let mut posture = Posture::Faithful;
        let mut purpose = Purpose::Lint;
        let mut trusted = Vec::new();
        for word in words.split_whitespace() {
            match word.split_once('=').unwrap_or((word, "")) {
                ("posture", "restricted") => posture = Posture::Restricted,
                ("posture", "production") => posture = Posture::Production,
                ("bad", "") => kind = Kind::Bad,
                ("good", "") => kind = Kind::Good,
                ("fixed", "") => kind = Kind::Fixed,
                ("convert", "") => purpose = Purpose::Output,
                ("file", name) => file = name.to_owned(),
                ("trusted", registry) => trusted.push(Text::new(registry)),
                _ => panic!("`{word}` says nothing about an example"),
            }
        }
        let held = lines[at + 1..end].iter().flat_map(|line| [*line, "\n"]).collect();
        blocks.push(Block { kind, file, posture, purpose, trusted, lines: at + 1..end, text: held });
        at = end + 1;
    }
    blocks
}

/// Whether a line is a finding that is expected: `#`, blanks and carets, then a slug and a colon.
fn is_expectation(line: &str) -> bool {
    let Some(rest) = line.strip_prefix('#') else { return false };
    let rest = rest.trim_start().trim_start_matches('^');
    let slug = rest.trim_start().split(':').next().unwrap_or_default();
    rest.contains(": ") && lint::rule(slug).is_some()
}

/// The text as Compose gets it: without expected findings.
pub(crate) fn bare(text: &str) -> String {
    text.lines().filter(|line| !is_expectation(line)).flat_map(|line| [line, "\n"]).collect()
}

/// What came out of files in memory.
pub(crate) struct Seen {
    pub(crate) files: Files,
    pub(crate) findings: Vec<Finding>,
}

/// Loads files as `transship lint` does, and converts them: of what the conversion says, only `rule` is kept, since it
/// has something to say of every project.
pub(crate) fn look(files: &[(&str, String)], rule: &str, block: &Block) -> Seen {
    look_for(files, rule, block, &Levels::from(block.posture))
}

/// As [`look`], for the rules that the levels ask for.
pub(crate) fn look_for(files: &[(&str, String)], rule: &str, block: &Block, levels: &Levels) -> Seen {
    let folder = Path::new("/project");
    let held: BTreeMap<PathBuf, Vec<u8>> =
        files.iter().map(|(name, text)| (folder.join(name), text.clone().into_bytes())).collect();
    let reader = Memory(held);
    let path = folder.join(files.first().expect("a file").0);
    let request = Request {
        reader: &reader,
        files: Files::default(),
        inputs: vec![Input { path, text: None }],
        directory: folder.to_path_buf(),
        standpoint: folder.to_path_buf(),
        name: None,
        variables: BTreeMap::new(),
        profiles: Vec::new(),
    };
    // A day of which rules about days can tell what is past.
    let today = Date::read("2026-01-01").expect("a day");
    let posture = block.posture;
    let options = Options { posture, today, ..Options::default() };
    let given = Given {
        purpose: block.purpose,
        options: &options,
        metadata: &[],
        reader: &reader,
        standpoint: folder,
        trusted_registries: &block.trusted,
        levels,
    };
    let loaded = resolve(request);
    let of_loader: BTreeSet<Slug> = loaded.findings.iter().map(|finding| finding.slug).collect();
    let Assessed { resolved, mut findings, .. } = pipeline::assess(loaded, &given);
    findings.retain(|finding| finding.slug.0 == rule || of_loader.contains(&finding.slug));
    Seen { files: resolved.files, findings: lint::run(findings, posture) }
}

/// The text with its findings written under their lines.
pub(crate) fn annotated(text: &str, name: &str, seen: &Seen) -> String {
    let mut under: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for finding in &seen.findings {
        let folded = finding.labels.iter().filter(|label| label.message.contains("; "));
        let places = std::iter::once(&finding.primary).chain(folded);
        for place in places.filter(|place| seen.files.file(place.span.file).name == name) {
            let (start, end) = (seen.files.start(place.span), seen.files.end(place.span));
            let width = if start.line == end.line { end.column - start.column } else { 1 };
            let message = if finding.message.contains(" places: ") {
                place.message.split("; ").next().unwrap_or_default()
            } else {
                finding.message.as_str()
            };
            let carets = caret(start.column, width.max(1));
            under.entry(start.line).or_default().push(format!("{carets} {}: {message}", finding.slug.0));
        }
    }
    let mut out = String::new();
    for (number, line) in text.lines().enumerate() {
        for line in
            std::iter::once(line).chain(under.remove(&(number + 1)).iter().flatten().map(String::as_str))
        {
            out.push_str(line);
            out.push('\n');
        }
    }
    assert!(under.is_empty(), "findings outside the text: {under:?}");
    out
}

/// `#`, then carets under the columns; at the first column `#` itself stands for one.
fn caret(column: usize, width: usize) -> String {
    if column == 1 {
        return format!("#{}", "^".repeat(width - 1));
    }
    format!("#{}{}", " ".repeat(column - 2), "^".repeat(width))
}

/// The text after the first fix of each finding of a rule.
pub(crate) fn mended(text: &str, slug: &str, seen: &Seen) -> String {
    let of_rule = seen.findings.iter().filter(|finding| finding.slug.0 == slug);
    // A finding of many places holds a fix for each.
    let fixes: Vec<&Fix> = of_rule.flat_map(|finding| &finding.fixes).collect();
    fix::apply(&fixes, &seen.files).remove(&FileId(0)).unwrap_or_else(|| text.to_owned())
}
