//! Edits on the source: the bytes that a fix names, and no others.

use std::collections::BTreeMap;

use crate::diag::{Edit, Fix};
use crate::source::files::Files;
use crate::source::origin::{OriginId, Origins};
use crate::source::span::{FileId, Span};
use crate::yaml;

/// The fixes that go together, and what stands in the way of the others.
#[derive(Debug, Default)]
pub struct Choice {
    /// The numbers of the fixes that can be made at once, in the order in which they were offered.
    pub taken: Vec<usize>,
    /// The numbers of those that touch what another one changes: their turn comes when that is done.
    pub later: Vec<usize>,
    /// The numbers of those that cannot be made, and why.
    pub refused: Vec<(usize, &'static str)>,
}

/// Chooses, of the fixes on offer, those that can be made at once.
#[must_use]
pub fn choose(fixes: &[&Fix], files: &Files) -> Choice {
    let mut choice = Choice::default();
    let mut comments: BTreeMap<FileId, Vec<Span>> = BTreeMap::new();
    let mut edits: BTreeMap<(Span, &str), ()> = BTreeMap::new();
    for (number, fix) in fixes.iter().enumerate() {
        if let Some(reason) = obstacle(fix, files, &mut comments) {
            choice.refused.push((number, reason));
            continue;
        }
        // The very same edit may belong to two fixes: an anchor brings one mistake into two services.
        let meets = |edit: &Edit| {
            edits
                .keys()
                .any(|(span, text)| touches(*span, edit.span) && (*span != edit.span || *text != edit.text))
        };
        if fix.edits.iter().any(meets) {
            choice.later.push(number);
            continue;
        }
        edits.extend(fix.edits.iter().map(|edit| ((edit.span, edit.text.as_str()), ())));
        choice.taken.push(number);
    }
    choice
}

/// The new texts of the files that the fixes change.
#[must_use]
pub fn apply(fixes: &[&Fix], files: &Files) -> BTreeMap<FileId, String> {
    let mut edits: BTreeMap<FileId, Vec<&Edit>> = BTreeMap::new();
    for edit in fixes.iter().flat_map(|fix| &fix.edits) {
        edits.entry(edit.span.file).or_default().push(edit);
    }
    let mut texts = BTreeMap::new();
    for (file, mut edits) in edits {
        edits.sort_by_key(|edit| (edit.span, edit.text.as_str()));
        edits.dedup();
        let old = &files.file(file).text;
        let mut new = String::with_capacity(old.len());
        let mut at = 0;
        for edit in edits {
            let range = edit.span.range();
            new.push_str(&old[at..range.start]);
            new.push_str(&breaks_of(&edit.text, old));
            at = range.end;
        }
        new.push_str(&old[at..]);
        texts.insert(file, new);
    }
    texts
}

/// A text with the line breaks that a file has.
fn breaks_of(text: &str, file: &str) -> String {
    let windows = file.find('\n').is_some_and(|at| file[..at].ends_with('\r'));
    if windows { text.replace("\r\n", "\n").replace('\n', "\r\n") } else { text.to_owned() }
}

/// Why a fix cannot be made, when it cannot.
fn obstacle(fix: &Fix, files: &Files, comments: &mut BTreeMap<FileId, Vec<Span>>) -> Option<&'static str> {
    for edit in &fix.edits {
        let text = &files.file(edit.span.file).text;
        let range = edit.span.range();
        if text.get(range.clone()).is_none() {
            return Some("its place is not in the file");
        }
        let all = comments.entry(edit.span.file).or_insert_with(|| comments_of(edit.span.file, text));
        // A fix whose subject is a comment takes it whole, and nothing else than it and the blanks around it.
        let lost = all.iter().any(|comment| {
            let (first, last) = (comment.range().start, comment.range().end);
            let before = text.get(range.start..first).unwrap_or_default();
            let behind = text.get(last..range.end).unwrap_or_default();
            let whole = range.start <= first && last <= range.end;
            let meets = first < range.end && range.start < last;
            meets && !(whole && before.trim().is_empty() && behind.trim().is_empty())
        });
        if lost {
            return Some("a comment would be lost");
        }
    }
    fix.edits.is_empty().then_some("it has no edits")
}

fn comments_of(file: FileId, text: &str) -> Vec<Span> {
    let parsed = yaml::parse(file, text, &mut Origins::default(), OriginId::default());
    parsed.comments.iter().map(|comment| comment.span).collect()
}

/// Whether two edits cannot be made at once: they overlap, or one adds where the other ends, in an order that nobody
/// has settled.
fn touches(left: Span, right: Span) -> bool {
    left.file == right.file && left.start <= right.end && right.start <= left.end
}
