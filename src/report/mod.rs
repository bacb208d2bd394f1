//! Findings as text for people and for machines; nothing is filtered here.

pub mod account;
pub mod changes;
pub mod checkstyle;
pub mod concise;
pub mod conversion;
pub mod difference;
pub mod excerpt;
pub mod fingerprint;
pub mod github;
pub mod gitlab;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod paint;
pub mod rdjson;
pub mod safe;
pub mod sarif;
pub mod text;
pub mod xml;

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::diag::{Finding, Fix, Level, sensitive};
use crate::rule::RuleMeta;
use crate::source::files::Files;
use crate::source::span::FileId;

/// Where transship and the pages of its rules are at home.
pub const HOME: &str = "https://transship.dev";

/// Knows the rules by their names.
pub type Catalogue = fn(&str) -> Option<&'static RuleMeta>;

/// A form in which findings are printed.
#[derive(Clone, Copy, Debug)]
pub enum Format {
    /// Source excerpts with carets, and a summary.
    Text,
    /// One line for each finding.
    Concise,
    /// One JSON object.
    Json,
    /// SARIF 2.1.0, which brings the pages of the rules along.
    Sarif(Catalogue),
    /// Commands that become annotations in GitHub Actions.
    Github,
    /// The Code Quality report of GitLab.
    Gitlab,
    /// Test results, as JUnit writes them.
    Junit,
    /// XML, as Checkstyle writes it.
    Checkstyle,
    /// The JSON of reviewdog.
    Rdjson,
    /// A comment on a pull request.
    Markdown,
}

/// How the text looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Whether escape sequences colour it.
    pub color: bool,
}

/// The findings in a format; `files` are those that were read, and every span lies in one of them.
#[must_use]
pub fn render(format: Format, findings: &[Finding], files: &Files, style: Style) -> String {
    match format {
        Format::Text => text::render(findings, files, style),
        Format::Concise => concise::render(findings, files),
        Format::Json => json::render(findings, files),
        Format::Sarif(catalogue) => sarif::render(findings, files, catalogue),
        Format::Github => github::render(findings, files),
        Format::Gitlab => gitlab::render(findings, files),
        Format::Junit => junit::render(findings, files),
        Format::Checkstyle => checkstyle::render(findings, files),
        Format::Rdjson => rdjson::render(findings, files),
        Format::Markdown => markdown::render(findings, files),
    }
}

/// The address of a rule's page.
fn page(finding: &Finding) -> String {
    format!("{HOME}/rules/{}", finding.slug.0)
}

/// The message, with why it is allowed where somebody allows it: for formats that have no field for that.
fn told(finding: &Finding) -> Cow<'_, str> {
    match &finding.allowed {
        None => Cow::Borrowed(&finding.message),
        Some(reason) => Cow::Owned(format!("{} (allowed: {reason})", finding.message)),
    }
}

/// The level that a reader is to act on: what is allowed is for information, in formats that have no field for that.
fn counted(finding: &Finding) -> Level {
    if finding.allowed.is_some() { Level::Note } else { finding.level }
}

/// The findings of each file, in the order in which the files were read.
fn by_file(findings: &[Finding]) -> BTreeMap<FileId, Vec<&Finding>> {
    let mut files: BTreeMap<FileId, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        files.entry(finding.primary.span.file).or_default().push(finding);
    }
    files
}

/// The fixes that can be shown to everybody: an edit that moves a line with a secret would tell it.
fn open_fixes(finding: &Finding) -> impl Iterator<Item = &Fix> {
    let is_open = |text: &str| {
        !sensitive::holds_secret(text) && text.lines().all(|line| sensitive::secrets(line).is_empty())
    };
    finding.fixes.iter().filter(move |fix| fix.edits.iter().all(|edit| is_open(&edit.text)))
}

/// A number and its noun.
fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// How many there are of each level, the worst first; what is allowed is not counted.
fn tally<'a>(findings: impl Iterator<Item = &'a Finding> + Clone) -> String {
    let levels = [Level::Error, Level::Warning, Level::Note].into_iter().filter_map(|level| {
        let of_level = |finding: &&Finding| finding.level == level && finding.allowed.is_none();
        let number = findings.clone().filter(of_level).count();
        (number > 0).then(|| count(number, word(level)))
    });
    levels.collect::<Vec<String>>().join(", ")
}

/// The word for a level.
#[must_use]
pub fn word(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Edit, Safety, slugs};
    use crate::source::span::Span;

    #[test]
    fn no_format_shows_the_secret_of_a_line_that_a_fix_writes_again() {
        let mut files = Files::default();
        let file = files.add("compose.yaml", "environment:\n  - DB_PASSWORD=geheim\n");
        let edit = |text: &str| vec![Edit { span: Span::new(file, 15, 35), text: text.to_owned() }];
        let finding =
            Finding::new(slugs::OBSOLETE_KEY, Span::new(file, 0, 11), "environment", "`environment` is old")
                .fix(Safety::Safe, "write a mapping", edit("DB_PASSWORD: geheim"))
                .fix(Safety::Unsafe, "take it out", edit("zqopen"));
        let formats = [
            Format::Text,
            Format::Concise,
            Format::Json,
            Format::Sarif(|_| None),
            Format::Github,
            Format::Gitlab,
            Format::Junit,
            Format::Checkstyle,
            Format::Rdjson,
            Format::Markdown,
        ];
        for format in formats {
            let text = render(format, std::slice::from_ref(&finding), &files, Style::default());
            assert!(!text.contains("geheim"), "{format:?}: {text}");
            let shows_fixes = matches!(format, Format::Json | Format::Sarif(_) | Format::Rdjson);
            assert_eq!(text.contains("zqopen"), shows_fixes, "{format:?}: {text}");
        }
    }
}
