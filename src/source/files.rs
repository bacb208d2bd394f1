//! The files that were read, and lines and columns in them.

use std::sync::{Arc, OnceLock};

use super::span::{FileId, Span};

/// Every file of a run, in the order of reading.
#[derive(Debug, Default, Clone)]
pub struct Files {
    files: Vec<Arc<File>>,
}

/// One file: the name to print, and its text without a byte order mark.
#[derive(Debug)]
pub struct File {
    /// The name that reports print: relative to where the user stands, when it can be.
    pub name: String,
    /// The text, as it was read, behind its byte order mark.
    pub text: String,
    /// How many bytes of the file come before the text: those of a byte order mark.
    pub skipped: usize,
    lines: OnceLock<Vec<u32>>,
    /// How many characters come before each multiple of [`STRIDE`]; counted when a long line asks for it.
    characters: OnceLock<Vec<u32>>,
}

/// A column further right than this many bytes is not counted from the start of its line.
const STRIDE: usize = 4096;

/// What some editors put in front of a text; it is no part of it.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// A line and a column, both counted in characters from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
}

impl Files {
    /// Takes a file in and gives it its number.
    ///
    /// # Panics
    /// When there are more than 2³² files.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        let mut text = text.into();
        let skipped = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len_utf8() } else { 0 };
        text.drain(..skipped);
        self.add_shared(Arc::new(File {
            name: name.into(),
            text,
            skipped,
            lines: OnceLock::new(),
            characters: OnceLock::new(),
        }))
    }

    /// Takes in a file of another run, which keeps its text.
    ///
    /// # Panics
    /// When there are more than 2³² files.
    pub fn add_shared(&mut self, file: Arc<File>) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).expect("fewer files than memory could hold"));
        self.files.push(file);
        id
    }

    /// The file of that number.
    #[must_use]
    pub fn file(&self, id: FileId) -> &File {
        &self.files[id.0 as usize]
    }

    /// The file of that number, to be held while others are added.
    #[must_use]
    pub fn share(&self, id: FileId) -> Arc<File> {
        Arc::clone(&self.files[id.0 as usize])
    }

    /// All files, in the order of reading.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &File)> {
        (0..).map(FileId).zip(self.files.iter().map(AsRef::as_ref))
    }

    /// The text under a span; empty when the span lies outside.
    #[must_use]
    pub fn text(&self, span: Span) -> &str {
        self.file(span.file).text.get(span.range()).unwrap_or("")
    }

    /// Where a span starts.
    #[must_use]
    pub fn start(&self, span: Span) -> Position {
        self.file(span.file).position(span.start as usize)
    }

    /// What has to go so that an entry goes, when its lines hold nothing else: whole lines with the last line break, the
    /// dash of a list item included. A comment behind it stays, on a line of its own.
    #[must_use]
    pub fn whole_lines(&self, span: Span) -> Option<Span> {
        let text = &self.file(span.file).text;
        let range = span.range();
        let held = text.get(range.clone())?.trim_end();
        let first = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
        let end = range.start + held.len();
        let last = text[end..].find('\n').map_or(text.len(), |at| end + at + 1);
        let before = text[first..range.start].trim();
        if !before.is_empty() && before != "-" {
            return None;
        }
        let behind = text[end..last].trim_start_matches([' ', '\t']);
        if behind.starts_with('#') {
            return Some(Span::new(span.file, first + indent(&text[first..]), last - behind.len()));
        }
        behind.trim().is_empty().then(|| Span::new(span.file, first, last))
    }

    /// Where a span ends, exclusive.
    #[must_use]
    pub fn end(&self, span: Span) -> Position {
        self.file(span.file).position(span.end as usize)
    }
}

impl File {
    /// The line and column of a byte offset; an offset past the end is the end.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let offset = self.floor(offset);
        let line = self.line_index(offset);
        let start = self.line_starts()[line] as usize;
        let column = if offset - start <= STRIDE {
            self.text[start..offset].chars().count()
        } else {
            self.characters_before(offset) - self.characters_before(start)
        };
        Position { line: line + 1, column: column + 1 }
    }

    /// The bytes of a line (from 0), without its line break.
    #[must_use]
    pub fn line_range(&self, line: usize) -> std::ops::Range<usize> {
        let starts = self.line_starts();
        let start = starts[line] as usize;
        let end = starts.get(line + 1).map_or(self.text.len(), |next| *next as usize);
        start..start + self.text[start..end].trim_end_matches(['\n', '\r']).len()
    }

    /// The line (from 0) that holds a byte offset.
    #[must_use]
    pub fn line_index(&self, offset: usize) -> usize {
        let offset = u32::try_from(offset).unwrap_or(u32::MAX);
        self.line_starts().partition_point(|start| *start <= offset) - 1
    }

    /// How many lines there are.
    #[must_use]
    pub fn line_count(&self) -> usize {
        self.line_starts().len()
    }

    /// How many characters start before a byte offset.
    fn characters_before(&self, offset: usize) -> usize {
        let strides = self.characters.get_or_init(|| {
            let mut count = 0;
            let strides = self.text.as_bytes().chunks(STRIDE).map(|stride| {
                let before = count;
                count += characters(stride);
                u32::try_from(before).unwrap_or(u32::MAX)
            });
            strides.collect()
        });
        let stride = offset / STRIDE;
        match strides.get(stride) {
            Some(before) => *before as usize + characters(&self.text.as_bytes()[stride * STRIDE..offset]),
            None => self.text.chars().count(),
        }
    }

    fn floor(&self, offset: usize) -> usize {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }

    fn line_starts(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let breaks = self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            std::iter::once(0)
                .chain(breaks.map(|(at, _)| u32::try_from(at + 1).unwrap_or(u32::MAX)))
                .collect()
        })
    }
}

/// How many characters start within some bytes of a text.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| !(0x80..0xC0).contains(*byte)).count()
}

/// How many blanks a line begins with.
fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_no_text_but_counts_as_bytes_of_the_file() {
        let mut files = Files::default();
        let id = files.add("a", "\u{feff}a: 1");
        assert_eq!((files.file(id).text.as_str(), files.file(id).skipped), ("a: 1", 3));
    }

    #[test]
    fn columns_count_characters_and_lines_survive_carriage_returns() {
        let mut files = Files::default();
        let id = files.add("a", "ä: 1\r\nβγ: 2");
        let file = files.file(id);
        assert_eq!(file.position(4), Position { line: 1, column: 4 });
        assert_eq!(file.position(file.text.len()), Position { line: 2, column: 6 });
        assert_eq!(&file.text[file.line_range(0)], "ä: 1");
    }

    #[test]
    fn columns_of_long_lines_are_those_that_counting_gives() {
        let mut files = Files::default();
        let id = files.add("a", format!("ä\n{}\n", "aβ🦀".repeat(STRIDE)));
        let file = files.file(id);
        for offset in (3..file.text.len()).step_by(97).filter(|at| file.text.is_char_boundary(*at)) {
            let column = file.text[3..offset].chars().count() + 1;
            assert_eq!(file.position(offset), Position { line: 2, column });
        }
    }
}
