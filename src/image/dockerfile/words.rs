//! An instruction's line in its parts: command, flags, words.

use std::ops::Range;

/// A line in its parts.
#[derive(Debug, PartialEq)]
pub(super) struct Parts<'l> {
    pub(super) command: &'l str,
    /// `--name=value`, without quotes.
    pub(super) flags: Vec<String>,
    /// What follows, without blanks around it.
    pub(super) arguments: &'l str,
    /// Where the arguments start in the line.
    pub(super) at: usize,
}

/// The blanks that separate the words of an instruction.
fn is_blank(letter: char) -> bool {
    matches!(letter, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ')
}

/// Splits a line.
pub(super) fn parts(line: &str, escape: char) -> Parts<'_> {
    let trimmed = line.trim();
    let (command, rest) = trimmed.split_once(is_blank).unwrap_or((trimmed, ""));
    let (flags, arguments) = flags(rest.trim_start_matches(is_blank), escape);
    let arguments = arguments.trim();
    // `arguments` is a piece of `line`.
    let at = (arguments.as_ptr() as usize).saturating_sub(line.as_ptr() as usize).min(line.len());
    Parts { command, flags, arguments, at }
}

/// The words at the beginning that start with `--`, and what follows.
fn flags(line: &str, escape: char) -> (Vec<String>, &str) {
    let mut flags = Vec::new();
    let mut rest = line.trim_start();
    while rest.starts_with("--") {
        let (flag, length) = flag(rest, escape);
        rest = &rest[length..];
        if flag == "--" {
            break;
        }
        flags.push(flag);
        rest = rest.trim_start();
    }
    (flags, rest)
}

/// The word at the beginning, and how many bytes of the line it takes.
fn flag(line: &str, escape: char) -> (String, usize) {
    let mut word = String::new();
    let mut quote = None;
    let mut letters = line.char_indices();
    while let Some((at, letter)) = letters.next() {
        match quote {
            None if letter.is_whitespace() => return (word, at),
            None if matches!(letter, '\'' | '"') => quote = Some(letter),
            Some(open) if letter == open => quote = None,
            _ if letter == escape => word.extend(letters.next().map(|(_, letter)| letter)),
            _ => word.push(letter),
        }
    }
    (word, line.len())
}

/// The words between blanks, and where they stand; quotes mean nothing.
pub(super) fn plain(text: &str) -> Vec<(&str, Range<usize>)> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, letter) in text.char_indices().chain([(text.len(), ' ')]) {
        match (start, is_blank(letter)) {
            (None, false) => start = Some(at),
            (Some(first), true) => {
                words.push((&text[first..at], first..at));
                start = None;
            }
            (None, true) | (Some(_), false) => {}
        }
    }
    words
}

/// The words between blanks that no quotes hold; quotes and escapes stay in them.
pub(super) fn quoted(text: &str, escape: char) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if quote.is_none() && letter.is_whitespace() {
            words.extend(word.take());
            continue;
        }
        let word = word.get_or_insert_default();
        if letter == escape && quote != Some('\'') {
            // An escape at the very end is passed over.
            if let Some(next) = letters.next() {
                word.extend([letter, next]);
            }
            continue;
        }
        match quote {
            None if matches!(letter, '\'' | '"') => quote = Some(letter),
            Some(open) if letter == open => quote = None,
            _ => {}
        }
        word.push(letter);
    }
    words.extend(word);
    words
}

/// The pairs of an ENV or a LABEL: `name=value …`, or `name value`.
pub(super) fn pairs(text: &str, escape: char) -> Result<Vec<(String, String)>, String> {
    let words = quoted(text, escape);
    let Some(first) = words.first() else { return Err("it needs a name and a value".to_owned()) };
    if !first.contains('=') {
        let (name, value) = text.split_once(is_blank).ok_or("it needs a name and a value")?;
        return Ok(vec![(name.to_owned(), value.trim_start_matches(is_blank).to_owned())]);
    }
    let pair = |word: &String| match word.split_once('=') {
        Some(("", _)) => Err("a name is missing before `=`".to_owned()),
        Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
        // The word itself may be a part of a secret.
        None => Err("a word of it is no `name=value`".to_owned()),
    };
    words.iter().map(pair).collect()
}
