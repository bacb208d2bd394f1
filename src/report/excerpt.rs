//! The few lines of the source that one finding shows, cut to a width that a terminal can bear.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use codespan_reporting::diagnostic::{Label, LabelStyle};
use codespan_reporting::files::{Error, Files as Shelf};

use super::safe;
use crate::diag::{Finding, sensitive};
use crate::source::files::{File, Files, Position};
use crate::source::span::{FileId, Span};

/// The widest line that is shown whole, in characters.
const WIDTH: usize = 200;
/// How much of a wider line is shown before its first label.
const LEAD: usize = 60;
/// How many places beside the primary one are shown; nobody reads the thousandth.
pub const PLACES: usize = 20;
/// Tabs are shown as blanks up to the next multiple of this.
const TAB: usize = 4;

/// Lines of more bytes than this are searched for secrets once, and not for each finding.
const LONG: usize = 4096;

/// The secrets of the long lines that were shown before, by file and line, in order and apart.
#[derive(Default)]
pub struct Known(BTreeMap<(FileId, usize), Vec<Range<usize>>>);

/// The excerpts of one finding, by file.
pub struct Excerpts {
    files: BTreeMap<FileId, Excerpt>,
}

/// The shown lines of one file, as a text of their own.
struct Excerpt {
    name: String,
    text: String,
    /// Where each shown line lies in the text, by its number in the file from 0.
    lines: BTreeMap<usize, Range<usize>>,
    /// The true places of the labels, by their offset in the text.
    places: BTreeMap<usize, Position>,
}

/// A label on its way from the file to the excerpt: its file, line, bytes, and what it says.
struct Mark<'a> {
    file: FileId,
    line: usize,
    range: Range<usize>,
    /// Where it starts in truth, which may be within a line break.
    start: usize,
    style: LabelStyle,
    words: &'a str,
}

/// Cuts the excerpts for a finding, and moves its labels into them.
#[must_use]
pub fn cut(finding: &Finding, files: &Files, known: &mut Known) -> (Excerpts, Vec<Label<FileId>>) {
    let primary = mark(finding.primary.span, LabelStyle::Primary, &finding.primary.message, files);
    let labels = finding.labels.iter().take(PLACES);
    let others = labels.map(|label| mark(label.span, LabelStyle::Secondary, &label.message, files));
    let marks: Vec<Mark<'_>> = std::iter::once(primary).chain(others).collect();
    let mut excerpts = Excerpts { files: BTreeMap::new() };
    let mut labels: Vec<Option<Label<FileId>>> = marks.iter().map(|_| None).collect();
    let ids: BTreeSet<FileId> = marks.iter().map(|mark| mark.file).collect();
    for id in ids {
        let excerpt = Excerpt::new(files.file(id), id, &marks, &mut labels, known);
        excerpts.files.insert(id, excerpt);
    }
    (excerpts, labels.into_iter().flatten().collect())
}

/// A label that covers several lines is shown on the first of them: what it is about starts there.
fn mark<'a>(span: Span, style: LabelStyle, words: &'a str, files: &Files) -> Mark<'a> {
    let file = files.file(span.file);
    let line = file.line_index((span.start as usize).min(file.text.len()));
    let bounds = file.line_range(line);
    let start = (span.start as usize).clamp(bounds.start, bounds.end);
    let end = (span.end as usize).clamp(start, bounds.end);
    Mark { file: span.file, line, range: start..end, start: span.start as usize, style, words }
}

/// The first line of a place without the secrets in it; of a long place the beginning.
#[must_use]
pub fn without_secrets(span: Span, files: &Files, known: &mut Known) -> String {
    let mark = mark(span, LabelStyle::Primary, "", files);
    let file = files.file(span.file);
    let bounds = file.line_range(mark.line);
    let line = file.text.get(bounds.clone()).unwrap_or("");
    let place = file.text.get(mark.range.clone()).unwrap_or("");
    known.with_secrets((span.file, mark.line), line, |secrets| {
        let is_secret = |at: usize| holds(secrets, mark.range.start + at - bounds.start);
        let shown = place.char_indices().take(WIDTH).filter(|(at, _)| !is_secret(*at));
        shown.map(|(_, character)| character).collect()
    })
}

/// Whether one of some ranges, which are in order and apart, holds an offset.
fn holds(ranges: &[Range<usize>], at: usize) -> bool {
    ranges.get(ranges.partition_point(|range| range.end <= at)).is_some_and(|next| next.start <= at)
}

impl Excerpt {
    fn new(
        file: &File,
        id: FileId,
        marks: &[Mark<'_>],
        labels: &mut [Option<Label<FileId>>],
        known: &mut Known,
    ) -> Self {
        let mut excerpt = Self {
            name: safe::visible(&file.name).into_owned(),
            text: String::new(),
            lines: BTreeMap::new(),
            places: BTreeMap::new(),
        };
        let marked: BTreeSet<usize> =
            marks.iter().filter(|mark| mark.file == id).map(|mark| mark.line).collect();
        // A single line between two shown ones is shown too, instead of a mark of omission as high as itself.
        let between =
            marked.iter().filter(|line| marked.contains(&(**line + 2))).map(|line| line + 1).collect();
        let shown: BTreeSet<usize> = marked.union(&between).copied().collect();
        for line in shown {
            let here = |mark: &Mark<'_>| mark.file == id && mark.line == line;
            let anchor = marks.iter().find(|mark| here(mark)).map_or(0, |mark| mark.range.start);
            let bounds = file.line_range(line);
            let text = file.text.get(bounds.clone()).unwrap_or("");
            let row = known.with_secrets((id, line), text, |secrets| Row::new(text, bounds, anchor, secrets));
            let start = excerpt.text.len();
            excerpt.text.push_str(&row.text);
            excerpt.lines.insert(line, start..excerpt.text.len());
            excerpt.text.push('\n');
            for (mark, label) in marks.iter().zip(labels.iter_mut()).filter(|(mark, _)| here(mark)) {
                let range = start + row.offset(mark.range.start)..start + row.offset(mark.range.end);
                excerpt.places.entry(range.start).or_insert_with(|| file.position(mark.start));
                *label = Some(Label::new(mark.style, id, range).with_message(safe::visible(mark.words)));
            }
        }
        excerpt
    }
}

impl Known {
    /// Does something with the secrets of a line.
    fn with_secrets<T>(
        &mut self,
        line: (FileId, usize),
        text: &str,
        work: impl FnOnce(&[Range<usize>]) -> T,
    ) -> T {
        if text.len() <= LONG {
            return work(&apart(sensitive::secrets(text)));
        }
        work(self.0.entry(line).or_insert_with(|| apart(sensitive::secrets(text))))
    }
}

/// The same bytes in ranges that are in order and do not touch.
fn apart(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_unstable_by_key(|range| range.start);
    let mut joined: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    joined
}

/// One shown line, and the way from offsets of the file to offsets of what is shown.
struct Row {
    text: String,
    /// Offset in the file and in the row, for each shown character and the end.
    steps: Vec<(usize, usize)>,
}

impl Row {
    fn new(line: &str, bounds: Range<usize>, anchor: usize, secrets: &[Range<usize>]) -> Self {
        let start = if line.chars().nth(WIDTH).is_some() { lead(line, anchor - bounds.start) } else { 0 };
        let most = line.len().min(WIDTH) + 1;
        let mut row = Self { text: String::with_capacity(most), steps: Vec::with_capacity(most) };
        if start > 0 {
            row.text.push('…');
        }
        let mut column = row.text.chars().count();
        let is_secret = |at: usize| holds(secrets, at - bounds.start);
        let mut shown = line[start..]
            .char_indices()
            .map(|(at, character)| (bounds.start + start + at, character))
            .peekable();
        while let Some((at, character)) = shown.next_if(|_| column < WIDTH) {
            row.steps.push((at, row.text.len()));
            let blanks = if character == '\t' { TAB - column % TAB } else { 1 };
            if character == '\t' {
                row.text.push_str(&" ".repeat(blanks));
            } else if is_secret(at) {
                row.text.push('*');
            } else {
                row.text.push(safe::shown(character));
            }
            column += blanks;
        }
        let end = shown.peek().map_or(bounds.end, |(at, _)| *at);
        row.steps.push((end, row.text.len()));
        if shown.peek().is_some() {
            row.text.push('…');
        }
        row
    }

    /// Where an offset of the file is shown; what is cut off is shown at the edge.
    fn offset(&self, offset: usize) -> usize {
        let after = self.steps.partition_point(|(at, _)| *at < offset);
        self.steps.get(after).or(self.steps.last()).map_or(0, |(_, shown)| *shown)
    }
}

/// Where a cut line begins to be shown: a little before its first label.
fn lead(line: &str, anchor: usize) -> usize {
    line.get(..anchor).and_then(|before| before.char_indices().rev().nth(LEAD)).map_or(0, |(at, _)| at)
}

impl Excerpts {
    fn excerpt(&self, id: FileId) -> Result<&Excerpt, Error> {
        self.files.get(&id).ok_or(Error::FileMissing)
    }
}

impl<'a> Shelf<'a> for Excerpts {
    type FileId = FileId;
    type Name = &'a str;
    type Source = &'a str;

    fn name(&'a self, id: FileId) -> Result<&'a str, Error> {
        Ok(&self.excerpt(id)?.name)
    }

    fn source(&'a self, id: FileId) -> Result<&'a str, Error> {
        Ok(&self.excerpt(id)?.text)
    }

    fn line_index(&'a self, id: FileId, offset: usize) -> Result<usize, Error> {
        let lines = &self.excerpt(id)?.lines;
        let line = lines.iter().take_while(|(_, range)| range.start <= offset).last();
        line.map(|(index, _)| *index).ok_or(Error::IndexTooLarge { given: offset, max: 0 })
    }

    fn line_range(&'a self, id: FileId, line: usize) -> Result<Range<usize>, Error> {
        let lines = &self.excerpt(id)?.lines;
        lines.get(&line).cloned().ok_or(Error::LineTooLarge { given: line, max: lines.len() })
    }

    fn column_number(&'a self, id: FileId, _line: usize, offset: usize) -> Result<usize, Error> {
        let place = self.excerpt(id)?.places.get(&offset);
        place.map(|place| place.column).ok_or(Error::ColumnTooLarge { given: offset, max: 0 })
    }
}

#[cfg(test)]
mod tests {
    use codespan_reporting::term::{Config, emit_into_string};

    use super::*;
    use crate::diag::slugs::UNKNOWN_KEY;

    #[test]
    fn every_span_of_an_ugly_file_can_be_shown() {
        let text = format!("\u{85}ä:\t\u{1b}\r\n\r\n{}\n🦀\0\n\nz", "w\t".repeat(150));
        let mut files = Files::default();
        let file = files.add("a\nb", text.as_str());
        for start in 0..=text.len() + 1 {
            for end in [start, start + 1, start + 7, text.len() + 9] {
                let span = Span::new(file, start, end);
                let finding = Finding::new(UNKNOWN_KEY, span, "", "x").also(Span::new(file, 3, 4), "y");
                let (excerpts, labels) = cut(&finding, &files, &mut Known::default());
                let diagnostic = codespan_reporting::diagnostic::Diagnostic::error().with_labels(labels);
                let shown = emit_into_string(&Config::default(), &excerpts, &diagnostic).expect("an excerpt");
                let at = files.start(span);
                assert!(
                    shown.contains(&format!("┌─ a␊b:{}:{}\n", at.line, at.column)),
                    "{start}..{end}: {shown}"
                );
                assert!(!shown.contains(['\u{1b}', '\u{85}', '\0', '\t', '\r']));
            }
        }
    }
}
