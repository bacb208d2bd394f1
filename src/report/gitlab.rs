//! The Code Quality report of GitLab.

use serde_json::{Value, json};

use super::fingerprint::Fingerprints;
use super::{counted, json, told};
use crate::diag::{Finding, Level};
use crate::source::files::Files;

/// The findings as JSON, with a final line break.
#[must_use]
pub fn render(findings: &[Finding], files: &Files) -> String {
    let mut fingerprints = Fingerprints::default();
    let issues: Vec<Value> =
        findings.iter().map(|finding| issue(finding, files, fingerprints.next(finding, files))).collect();
    json::printed(&Value::Array(issues))
}

fn issue(finding: &Finding, files: &Files, fingerprint: String) -> Value {
    let span = finding.primary.span;
    let (start, end) = (files.start(span), files.end(span));
    let mut issue = json!({
        "type": "issue",
        "check_name": finding.slug.0,
        "description": told(finding),
        "categories": ["Compatibility"],
        "severity": severity(counted(finding)),
        "fingerprint": fingerprint,
        "location": {
            "path": files.file(span.file).name,
            "lines": {"begin": start.line, "end": end.line},
            "positions": {
                "begin": {"line": start.line, "column": start.column},
                "end": {"line": end.line, "column": end.column},
            },
        },
    });
    if let Some(tip) = &finding.tip {
        issue["content"] = json!({ "body": tip });
    }
    issue
}

fn severity(level: Level) -> &'static str {
    match level {
        Level::Error => "critical",
        Level::Warning => "minor",
        Level::Note => "info",
    }
}
