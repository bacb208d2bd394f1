//! Findings as text for people and for machines; nothing is filtered here.

pub mod account;
pub mod changes;
pub mod concise;
pub mod conversion;
pub mod difference;
pub mod excerpt;
pub mod json;
pub mod paint;
pub mod safe;
pub mod text;

use crate::diag::{Finding, Level};
use crate::source::files::Files;

/// A form in which findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Source excerpts with carets, and a summary.
    Text,
    /// One line for each finding.
    Concise,
    /// One JSON object.
    Json,
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
    }
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
