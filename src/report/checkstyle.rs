//! The XML that Checkstyle writes and many tools read.

use std::fmt::Write;

use super::{by_file, counted, told, xml};
use crate::diag::{Finding, Level};
use crate::source::files::Files;

/// The findings as XML, by file.
///
/// # Panics
/// Never: writing into a string does not fail.
#[must_use]
pub fn render(findings: &[Finding], files: &Files) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle version=\"4.3\">\n");
    for (file, findings) in by_file(findings) {
        writeln!(out, "  <file name=\"{}\">", xml::escaped(&files.file(file).name))
            .expect("a string takes every text");
        for finding in findings {
            let at = files.start(finding.primary.span);
            let severity = match counted(finding) {
                Level::Error => "error",
                Level::Warning => "warning",
                Level::Note => "info",
            };
            writeln!(
                out,
                "    <error line=\"{}\" column=\"{}\" severity=\"{severity}\" message=\"{}\" source=\"{}\"/>",
                at.line,
                at.column,
                xml::escaped(&told(finding)),
                xml::escaped(finding.slug.0),
            )
            .expect("a string takes every text");
        }
        out.push_str("  </file>\n");
    }
    out.push_str("</checkstyle>\n");
    out
}
