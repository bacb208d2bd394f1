//! One line for each finding: `file:line:column: level[rule]: message`.

use std::fmt::Write;

use super::{safe, word};
use crate::diag::Finding;
use crate::source::files::Files;

/// The findings, a line each.
///
/// # Panics
/// Never: writing into a string does not fail.
#[must_use]
pub fn render(findings: &[Finding], files: &Files) -> String {
    let mut out = String::new();
    for finding in findings {
        let at = files.start(finding.primary.span);
        let name = &files.file(finding.primary.span.file).name;
        writeln!(
            out,
            "{}:{}:{}: {}[{}]: {}{}",
            safe::visible(name),
            at.line,
            at.column,
            word(finding.level),
            finding.slug.0,
            safe::visible(&finding.message),
            allowed(finding)
        )
        .expect("a string takes every text");
    }
    out
}

/// Why the finding does not count, when it does not.
fn allowed(finding: &Finding) -> String {
    let reason = finding.allowed.as_deref().map(safe::visible);
    reason.map_or_else(String::new, |reason| format!(" (allowed: {reason})"))
}
