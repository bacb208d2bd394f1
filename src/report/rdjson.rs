//! The JSON that reviewdog reads: columns are bytes from 1, ends are exclusive.

use serde_json::{Value, json};

use super::{HOME, counted, json, open_fixes, page, told};
use crate::diag::{Edit, Finding, Fix, Label, Level};
use crate::source::files::Files;
use crate::source::span::Span;

/// The findings as JSON, with a final line break.
#[must_use]
pub fn render(findings: &[Finding], files: &Files) -> String {
    let diagnostics: Vec<Value> = findings.iter().map(|finding| diagnostic(finding, files)).collect();
    json::printed(&json!({
        "source": {"name": "transship", "url": HOME},
        "diagnostics": diagnostics,
    }))
}

fn diagnostic(finding: &Finding, files: &Files) -> Value {
    let span = finding.primary.span;
    let mut message = told(finding).into_owned();
    if let Some(tip) = &finding.tip {
        message = format!("{message}\n{tip}");
    }
    let severity = match counted(finding) {
        Level::Error => "ERROR",
        Level::Warning => "WARNING",
        Level::Note => "INFO",
    };
    let mut diagnostic = json!({
        "message": message,
        "location": location(span, files),
        "severity": severity,
        "code": {"value": finding.slug.0, "url": page(finding)},
    });
    let suggestions: Vec<Value> =
        open_fixes(finding).filter_map(|fix| suggestion(fix, span, files)).collect();
    if !suggestions.is_empty() {
        diagnostic["suggestions"] = suggestions.into();
    }
    let related: Vec<Value> = finding.labels.iter().map(|label| related(label, files)).collect();
    if !related.is_empty() {
        diagnostic["related_locations"] = related.into();
    }
    diagnostic
}

/// A fix as a suggestion, which has one edit, in the file of the finding.
fn suggestion(fix: &Fix, place: Span, files: &Files) -> Option<Value> {
    let [Edit { span, text }] = fix.edits.as_slice() else { return None };
    (span.file == place.file).then(|| json!({ "range": range(*span, files), "text": text }))
}

fn related(label: &Label, files: &Files) -> Value {
    json!({ "message": label.message, "location": location(label.span, files) })
}

fn location(span: Span, files: &Files) -> Value {
    json!({ "path": files.file(span.file).name, "range": range(span, files) })
}

fn range(span: Span, files: &Files) -> Value {
    let position = |offset: u32| {
        let file = files.file(span.file);
        let offset = (offset as usize).min(file.text.len());
        let line = file.line_index(offset);
        // A byte order mark is no text of ours, but it is part of the first line.
        let before = if line == 0 { file.skipped } else { 0 };
        json!({ "line": line + 1, "column": offset - file.line_range(line).start + before + 1 })
    };
    json!({ "start": position(span.start), "end": position(span.end) })
}
