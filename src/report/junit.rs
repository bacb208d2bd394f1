//! Test results as JUnit writes them: a suite for each file, a test for each finding.

use std::fmt::Write;

use super::{by_file, counted, told, word, xml};
use crate::diag::{Finding, Level};
use crate::source::files::Files;

/// The findings as XML. Errors and warnings are failed tests; notes, and what is allowed, are skipped ones. A file without
/// findings is a passed test, because some readers take a report without tests for a fault.
///
/// # Panics
/// Never: writing into a string does not fail.
#[must_use]
pub fn render(findings: &[Finding], files: &Files) -> String {
    let groups = by_file(findings);
    let mut suites = String::new();
    for (id, file) in files.iter() {
        let found = groups.get(&id).map_or(&[][..], Vec::as_slice);
        let failed = failures(found.iter().copied());
        let name = xml::escaped(&file.name);
        writeln!(
            suites,
            "  <testsuite name=\"{name}\" tests=\"{}\" failures=\"{failed}\" errors=\"0\" skipped=\"{}\">",
            found.len().max(1),
            found.len() - failed,
        )
        .expect("a string takes every text");
        if found.is_empty() {
            writeln!(suites, "    <testcase name=\"nothing to report\" classname=\"{name}\"/>")
                .expect("a string takes every text");
        }
        for finding in found {
            suites.push_str(&test(finding, &name, files));
        }
        suites.push_str("  </testsuite>\n");
    }
    let tests: usize = files.iter().map(|(id, _)| groups.get(&id).map_or(1, Vec::len)).sum();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"transship\" tests=\"{tests}\" failures=\"{}\" errors=\"0\">\n{suites}</testsuites>\n",
        failures(findings.iter()),
    )
}

fn failures<'a>(findings: impl Iterator<Item = &'a Finding>) -> usize {
    findings.filter(|finding| counted(finding) > Level::Note).count()
}

/// The test of a finding.
fn test(finding: &Finding, name: &str, files: &Files) -> String {
    let at = files.start(finding.primary.span);
    let result = if counted(finding) > Level::Note { "failure" } else { "skipped" };
    let slug = xml::escaped(finding.slug.0);
    let tip = finding.tip.as_deref().map(|tip| format!("\n{}", xml::escaped(tip))).unwrap_or_default();
    format!(
        "    <testcase name=\"{slug} at {line}:{column}\" classname=\"{name}\">\n      <{result} type=\"{level}\" message=\"{message}\">{name}:{line}:{column}{tip}</{result}>\n    </testcase>\n",
        line = at.line,
        column = at.column,
        level = word(counted(finding)),
        message = xml::escaped(&told(finding)),
    )
}
