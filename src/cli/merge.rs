//! The findings of many projects as those of one run: a file that two projects read is one file.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Finding, Label, slugs};
use crate::source::files::Files;
use crate::source::span::{FileId, Span};

/// What all projects of a run say.
#[derive(Debug, Default)]
pub struct Merged {
    /// Every file that was read, once.
    files: Files,
    /// What is to be said about them.
    findings: Vec<Finding>,
    /// The places at which comments name rules that some project raises.
    used: BTreeSet<Span>,
    numbers: BTreeMap<String, Vec<FileId>>,
}

impl Merged {
    /// Takes a project in.
    pub fn add(&mut self, files: &Files, findings: Vec<Finding>, used: &BTreeSet<Span>) {
        let numbers: Vec<FileId> = if self.numbers.is_empty() {
            self.start_with(files)
        } else {
            files.iter().map(|(id, _)| self.take_in(files, id)).collect()
        };
        let moved = |span: Span| Span { file: numbers[span.file.0 as usize], ..span };
        self.used.extend(used.iter().map(|word| moved(*word)));
        for mut finding in findings {
            finding.primary.span = moved(finding.primary.span);
            for Label { span, .. } in &mut finding.labels {
                *span = moved(*span);
            }
            for edit in finding.fixes.iter_mut().flat_map(|fix| &mut fix.edits) {
                edit.span = moved(edit.span);
            }
            self.findings.push(finding);
        }
    }

    /// All files, and the findings of all: a comment that one project has no use for may serve another that reads the same file.
    #[must_use]
    pub fn into_parts(self) -> (Files, Vec<Finding>) {
        let Self { files, mut findings, used, numbers: _ } = self;
        let serves = |finding: &Finding| {
            finding.slug == slugs::UNUSED_SUPPRESSION && used.contains(&finding.primary.span)
        };
        findings.retain(|finding| !serves(finding));
        (files, findings)
    }

    /// The files of the first project are shared, not copied: often it is the only one.
    fn start_with(&mut self, files: &Files) -> Vec<FileId> {
        self.files = files.clone();
        for (id, file) in files.iter() {
            self.numbers.entry(file.name.clone()).or_default().push(id);
        }
        files.iter().map(|(id, _)| id).collect()
    }

    fn take_in(&mut self, files: &Files, id: FileId) -> FileId {
        let file = files.file(id);
        let namesakes = self.numbers.entry(file.name.clone()).or_default();
        let known = namesakes.iter().copied().find(|known| self.files.file(*known).text == file.text);
        known.unwrap_or_else(|| {
            let number = self.files.add_shared(files.share(id));
            namesakes.push(number);
            number
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_two_projects_read_is_one_file() {
        let project = |name: &str| {
            let mut files = Files::default();
            files.add(name, "own");
            let shared = files.add("common.yaml", "x: 1");
            let finding = Finding::new(slugs::UNKNOWN_KEY, Span::new(shared, 0, 1), "x", "`x` is unknown");
            (files, vec![finding])
        };
        let mut merged = Merged::default();
        for name in ["a.yaml", "b.yaml"] {
            let (files, findings) = project(name);
            merged.add(&files, findings, &BTreeSet::new());
        }
        let names: Vec<&str> = merged.files.iter().map(|(_, file)| file.name.as_str()).collect();
        assert_eq!(names, ["a.yaml", "common.yaml", "b.yaml"]);
        assert_eq!(merged.findings[0], merged.findings[1]);
    }
}
