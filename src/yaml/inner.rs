//! Where a part of a decoded scalar stands in the text: quotes, escapes, folded lines and block indentation undone.

use std::ops::Range;

use crate::source::span::Span;

/// The place of the bytes `part` of the decoded text of the scalar at `span`.
pub(super) fn locate(text: &str, span: Span, part: Range<usize>) -> Span {
    let Some(token) = text.get(span.range()) else { return span };
    let mut seeker = Seeker { text, part, decoded: 0, start: None, end: None, last: span.range().start };
    walk(text, span.range(), token, &mut |piece: Piece<'_>| seeker.see(&piece));
    let start = seeker.start.unwrap_or(seeker.last);
    let end = if seeker.part.is_empty() { start } else { seeker.end.unwrap_or(seeker.last).max(start) };
    Span::new(span.file, start, end)
}

/// A stretch of the source and what it decodes to.
struct Piece<'t> {
    source: Range<usize>,
    decoded: &'t str,
    /// Whether the two are the same bytes.
    verbatim: bool,
}

struct Seeker<'t> {
    text: &'t str,
    part: Range<usize>,
    /// How much was decoded.
    decoded: usize,
    start: Option<usize>,
    end: Option<usize>,
    /// Where the last piece ends.
    last: usize,
}

impl Seeker<'_> {
    fn see(&mut self, piece: &Piece<'_>) {
        let (before, after) = (self.decoded, self.decoded + piece.decoded.len());
        if self.start.is_none() && self.part.start < after {
            let within = piece.source.start + if piece.verbatim { self.part.start - before } else { 0 };
            self.start = Some(self.text.floor_char_boundary(within));
        }
        if self.end.is_none() && self.part.end > before && self.part.end <= after {
            let within =
                if piece.verbatim { piece.source.start + self.part.end - before } else { piece.source.end };
            self.end = Some(self.text.ceil_char_boundary(within));
        }
        self.decoded = after;
        self.last = piece.source.end;
    }
}

/// Hands the pieces of a scalar over in their order; a block scalar's last line breaks are not among them.
fn walk(text: &str, place: Range<usize>, token: &str, see: &mut impl FnMut(Piece<'_>)) {
    let quoted = || place.start + 1..(place.end - 1).max(place.start + 1);
    match token.as_bytes().first() {
        None => {}
        Some(b'"') if token.len() > 1 => flow(text, quoted(), Quotes::Double, see),
        Some(b'\'') if token.len() > 1 => flow(text, quoted(), Quotes::Single, see),
        Some(b'|') => block(text, place, false, see),
        Some(b'>') => block(text, place, true, see),
        Some(_) => flow(text, place, Quotes::None, see),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotes {
    None,
    Single,
    Double,
}

/// Plain and quoted scalars: line breaks fold, quotes have their escapes.
fn flow(text: &str, place: Range<usize>, quotes: Quotes, see: &mut impl FnMut(Piece<'_>)) {
    let bytes = &text.as_bytes()[..place.end];
    let mut at = place.start;
    let mut run = at;
    while at < place.end {
        let (length, decoded) = match bytes[at] {
            b' ' | b'\t' | b'\n' | b'\r' => match folded(&bytes[at..]) {
                Some(fold) => fold,
                None => {
                    at += bytes[at..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
                    continue;
                }
            },
            b'\'' if quotes == Quotes::Single && bytes.get(at + 1) == Some(&b'\'') => (2, "'".to_owned()),
            b'\\' if quotes == Quotes::Double => escape(text, at, place.end),
            _ => {
                at += 1;
                continue;
            }
        };
        verbatim(text, run..at, see);
        see(Piece { source: at..at + length, decoded: &decoded, verbatim: false });
        at += length;
        run = at;
    }
    verbatim(text, run..place.end, see);
}

fn verbatim(text: &str, source: Range<usize>, see: &mut impl FnMut(Piece<'_>)) {
    if !source.is_empty() {
        see(Piece { decoded: &text[source.clone()], source, verbatim: true });
    }
}

/// Blanks around line breaks: one break is a space, more are one break fewer. Nothing when there is no break.
fn folded(bytes: &[u8]) -> Option<(usize, String)> {
    let (length, breaks) = breaks(bytes);
    match breaks {
        0 => None,
        1 => Some((length, " ".to_owned())),
        more => Some((length, "\n".repeat(more - 1))),
    }
}

/// How many bytes of blanks and line breaks there are, and how many line breaks among them.
fn breaks(bytes: &[u8]) -> (usize, usize) {
    let (mut length, mut breaks) = (0, 0);
    while let Some(byte) = bytes.get(length) {
        match byte {
            b' ' | b'\t' => length += 1,
            b'\n' | b'\r' => {
                length += line_break(&bytes[length..]);
                breaks += 1;
            }
            _ => break,
        }
    }
    (length, breaks)
}

/// The bytes of the line break that stands first, if one does.
fn line_break(bytes: &[u8]) -> usize {
    match bytes {
        [b'\r', b'\n', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        _ => 0,
    }
}

/// The escape at a backslash: its length and what it stands for.
fn escape(text: &str, at: usize, end: usize) -> (usize, String) {
    let rest = &text[at + 1..end];
    let Some(letter) = rest.chars().next() else { return (1, String::new()) };
    let simple = |letter: char| (2, letter.to_string());
    match letter {
        '0' => simple('\0'),
        'a' => simple('\u{7}'),
        'b' => simple('\u{8}'),
        't' | '\t' => simple('\t'),
        'n' => simple('\n'),
        'v' => simple('\u{B}'),
        'f' => simple('\u{C}'),
        'r' => simple('\r'),
        'e' => simple('\u{1B}'),
        'N' => simple('\u{85}'),
        '_' => simple('\u{A0}'),
        'L' => simple('\u{2028}'),
        'P' => simple('\u{2029}'),
        'x' => number(rest, 2),
        'u' => number(rest, 4),
        'U' => number(rest, 8),
        '\n' | '\r' => {
            let own = line_break(rest.as_bytes());
            let (length, breaks) = breaks(&rest.as_bytes()[own..]);
            (1 + own + length, "\n".repeat(breaks))
        }
        other => (1 + other.len_utf8(), other.to_string()),
    }
}

/// A number of so many hexadecimal digits after one letter, or two of them that make a surrogate pair.
fn number(rest: &str, digits: usize) -> (usize, String) {
    let code =
        |from: usize| rest.get(from..from + digits).and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let length = (2 + digits).min(rest.len() + 1);
    let Some(first) = code(1) else { return (length, String::new()) };
    if let Some(letter) = char::from_u32(first) {
        return (length, letter.to_string());
    }
    let second =
        rest.get(1 + digits..3 + digits).filter(|mark| *mark == "\\u").and_then(|_| code(3 + digits));
    let pair = second.and_then(|second| {
        char::decode_utf16([u16::try_from(first).ok()?, u16::try_from(second).ok()?]).next()?.ok()
    });
    match pair {
        Some(letter) => (length + 2 + digits, letter.to_string()),
        None => (length, String::new()),
    }
}

/// Block scalars: the header goes, the indentation goes, and `>` folds lines.
fn block(text: &str, place: Range<usize>, fold: bool, see: &mut impl FnMut(Piece<'_>)) {
    let token = &text[place.clone()];
    let indent = indentation(text, place.clone());
    // The break behind the last line that was written, and whether that line is indented more than the block.
    let mut previous: Option<(Range<usize>, bool)> = None;
    let mut blank: Vec<Range<usize>> = Vec::new();
    for line in lines(token).skip(1) {
        let start = place.start
            + line.start
            + line.text.bytes().take(indent).take_while(|byte| *byte == b' ').count();
        let end = place.start + line.start + line.text.len();
        let next = end + line.end;
        if start >= end {
            blank.push(start..next);
            continue;
        }
        let more = matches!(text.as_bytes()[start], b' ' | b'\t');
        if let Some((gap, before)) = previous.replace((end..next, more)) {
            let folds = fold && !more && !before;
            let decoded = match (folds, blank.is_empty()) {
                (false, _) => "\n",
                (true, true) => " ",
                (true, false) => "",
            };
            see(Piece { source: gap, decoded, verbatim: false });
        }
        for gap in blank.drain(..) {
            see(Piece { source: gap, decoded: "\n", verbatim: false });
        }
        verbatim(text, start..end, see);
    }
}

/// A line: where it starts, its text, and the length of its break.
struct Line<'t> {
    start: usize,
    text: &'t str,
    end: usize,
}

fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let length = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let line = Line { start: at, text: &rest[..length], end: line_break(&rest.as_bytes()[length..]) };
        at += length + line.end;
        Some(line)
    })
}

/// How many spaces stand before each line of a block scalar: those of its first line, or what its header says; any
/// number when all lines are blank.
pub(super) fn indentation(text: &str, place: Range<usize>) -> usize {
    let spaces = |line: &str| line.bytes().take_while(|byte| *byte == b' ').count();
    let token = &text[place.clone()];
    let mut written = lines(token).skip(1).filter(|line| !line.text.trim_matches(' ').is_empty());
    let header = token.bytes().skip(1).take(2).find(|byte| matches!(byte, b'1'..=b'9'));
    let Some(digit) = header else { return written.next().map_or(usize::MAX, |line| spaces(line.text)) };
    let least = written.map(|line| spaces(line.text)).min().unwrap_or(0);
    match parent(&text[..place.start]) {
        Some(column) => least.min(column + usize::from(digit - b'0')),
        None => least,
    }
}

/// The column of the collection that holds a block scalar, by what stands before its header on the line: its key,
/// or its dash. The root counts as 0; nothing when the line does not tell.
fn parent(before: &str) -> Option<usize> {
    let line = &before[before.rfind(['\n', '\r']).map_or(0, |at| at + 1)..];
    if line.starts_with("---") {
        return Some(0);
    }
    let blanks = |text: &str| text.bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let mut column = blanks(line);
    let mut found = None;
    while let [b'-' | b'?' | b':', b' ' | b'\t', ..] = line.as_bytes()[column..] {
        found = Some(column);
        column += 1 + blanks(&line[column + 1..]);
    }
    let rest = line[column..].trim_end();
    if rest.ends_with(':') || rest.contains(": ") { Some(column) } else { found }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::origin::{OriginId, Origins};
    use crate::source::span::FileId;

    /// The source of the first `part` in the value of the only key, and the value.
    fn source(text: &str, part: &str) -> (String, String) {
        let parsed = crate::yaml::parse(FileId(0), text, &mut Origins::default(), OriginId(0));
        assert_eq!(parsed.problems, []);
        let root = parsed.documents[0].root.as_ref().expect("a document that is not empty");
        let node = &root.as_map().expect("a mapping").entries[0].node;
        let value = node.as_str().expect("a string");
        let at = value.find(part).expect("the part is in the value");
        let place = locate(text, node.span, at..at + part.len());
        (text[place.range()].to_owned(), value.to_owned())
    }

    #[test]
    fn a_part_of_a_plain_scalar_stands_as_it_is() {
        assert_eq!(source("a: x ${B} y", "${B}"), ("${B}".into(), "x ${B} y".into()));
    }

    #[test]
    fn a_part_of_a_plain_scalar_of_many_lines_leaves_out_indentation_and_holds_folds() {
        let text = "a: one\n  two  \n\n   three\nb: 1\n";
        assert_eq!(source(text, "two"), ("two".into(), "one two\nthree".into()));
        assert_eq!(source(text, "three").0, "three");
        assert_eq!(source(text, "e t").0, "e\n  t");
        assert_eq!(source(text, "\n").0, "  \n\n   ");
    }

    #[test]
    fn a_part_of_a_single_quoted_scalar_counts_double_quotes_once() {
        assert_eq!(source("a: 'it''s\n  here'", "here"), ("here".into(), "it's here".into()));
        assert_eq!(source("a: 'it''s\n  here'", "'s").0, "''s");
    }

    #[test]
    fn a_part_of_a_double_quoted_scalar_counts_escapes_as_what_they_are() {
        let text = r#"a: "\t\u00e4\uD83D\uDE00\x41b${C}\"" "#;
        assert_eq!(source(text, "${C}"), ("${C}".into(), "\tä😀Ab${C}\"".into()));
        assert_eq!(source(text, "ä").0, r"\u00e4");
        assert_eq!(source(text, "😀A").0, r"\uD83D\uDE00\x41");
    }

    #[test]
    fn an_escaped_line_break_is_nothing() {
        assert_eq!(source("a: \"x\\\n   y\"", "y"), ("y".into(), "xy".into()));
    }

    #[test]
    fn a_part_of_a_literal_block_leaves_out_the_indentation() {
        let text = "a: | # c\n\n  one\n   two\n\n  three\nb: 1\n";
        assert_eq!(source(text, "two"), ("two".into(), "\none\n two\n\nthree\n".into()));
        assert_eq!(source(text, "three").0, "three");
        assert_eq!(source(text, "one\n two").0, "one\n   two");
    }

    #[test]
    fn a_literal_block_with_an_indentation_of_its_own_keeps_further_spaces() {
        assert_eq!(source("a: |1\n   x\n  y\n", "  x"), ("  x".into(), "  x\n y\n".into()));
        assert_eq!(source("a: |1\r\n   x\r\n  y\r\n", " y").0, " y");
    }

    #[test]
    fn a_part_of_a_folded_block_counts_folds_as_blanks() {
        let text = "a: >-\n  one\n  two\n\n  three\n    four\n  five\n";
        assert_eq!(source(text, "five"), ("five".into(), "one two\nthree\n  four\nfive".into()));
        assert_eq!(source(text, "three").0, "three");
        assert_eq!(source(text, "one two").0, "one\n  two");
    }

    #[test]
    fn an_empty_part_is_a_point_and_nothing_leaves_the_scalar() {
        let whole = Span::new(FileId(0), 3, 6);
        assert_eq!(locate("a: 'x'", whole, 1..1).range(), 5..5);
        assert_eq!(locate("a: 'x'", whole, 0..9).range(), 4..5);
        assert_eq!(locate("a: ''", Span::new(FileId(0), 3, 5), 0..0).range(), 3..3);
    }
}
