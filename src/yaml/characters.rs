//! Characters that no YAML file may hold.

use std::borrow::Cow;

use super::{Problem, ProblemKind};
use crate::source::span::{FileId, Span};

/// The text with question marks in place of forbidden characters, byte for byte, so that the rest can be read; the
/// first of them is reported.
pub(super) fn readable<'t>(file: FileId, text: &'t str, problems: &mut Vec<Problem>) -> Cow<'t, str> {
    let Some(first) = forbidden(text) else { return Cow::Borrowed(text) };
    let letter = text[first..].chars().next().unwrap_or_default();
    problems.push(Problem {
        span: Span::new(file, first, first + letter.len_utf8()),
        kind: ProblemKind::Syntax,
        message: format!("the control character U+{:04X} is not allowed in YAML", u32::from(letter)),
        also: None,
    });
    let mut readable = String::with_capacity(text.len());
    for letter in text.chars() {
        if allowed(letter) {
            readable.push(letter);
        } else {
            readable.extend(std::iter::repeat_n('?', letter.len_utf8()));
        }
    }
    Cow::Owned(readable)
}

/// What go-yaml's reader lets through; DEL and the C1 block are among it.
fn allowed(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
}

fn forbidden(text: &str) -> Option<usize> {
    // A glance over the bytes is quick; the characters are looked at only when it finds a suspect.
    let suspect = |byte: &u8| (*byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r')) || *byte == 0xEF;
    if !text.as_bytes().iter().any(suspect) {
        return None;
    }
    text.char_indices().find(|(_, letter)| !allowed(*letter)).map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_control_character_is_reported_once_and_keeps_its_bytes() {
        let mut problems = Vec::new();
        let readable = readable(FileId(0), "a: \0b\u{FFFE}\u{7F}\u{FEFF}", &mut problems);
        assert_eq!(readable, "a: ?b???\u{7F}\u{FEFF}");
        let [problem] = problems.as_slice() else { panic!("one problem, not {problems:?}") };
        assert_eq!(problem.span.range(), 3..4);
        assert_eq!(problem.message, "the control character U+0000 is not allowed in YAML");
    }
}
