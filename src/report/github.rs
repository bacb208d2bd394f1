//! Workflow commands of GitHub Actions: each becomes an annotation at its line.

use std::cmp::Reverse;
use std::fmt::Write;

use super::{counted, safe, told};
use crate::diag::{Finding, Level};
use crate::source::files::Files;

/// The findings as commands, a line each, the worst first: GitHub shows ten of a step.
///
/// # Panics
/// Never: writing into a string does not fail.
#[must_use]
pub fn render(findings: &[Finding], files: &Files) -> String {
    let mut ordered: Vec<&Finding> = findings.iter().collect();
    ordered.sort_by_key(|finding| Reverse(counted(finding)));
    let mut out = String::new();
    for finding in ordered {
        let command = match counted(finding) {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "notice",
        };
        let span = finding.primary.span;
        let (start, end) = (files.start(span), files.end(span));
        let file = property(&files.file(span.file).name);
        write!(out, "::{command} file={file},line={},col={}", start.line, start.column)
            .expect("a string takes every text");
        // GitHub drops the columns of a range over several lines; what it is about starts in the first.
        if start.line == end.line {
            write!(out, ",endLine={},endColumn={}", end.line, end.column).expect("a string takes every text");
        }
        let tip = finding.tip.as_deref().map(|tip| format!("%0A{}", data(tip))).unwrap_or_default();
        writeln!(out, ",title={}::{}{tip}", property(finding.slug.0), data(&told(finding)))
            .expect("a string takes every text");
    }
    out
}

/// The text of a command.
fn data(text: &str) -> String {
    safe::visible(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
