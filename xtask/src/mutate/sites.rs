//! Where a check can be made wrong: the places in a source, and what would stand there instead.

use std::ops::Range;

/// One wrong source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mutant {
    /// The bytes that change.
    pub(super) range: Range<usize>,
    /// What stands there instead.
    pub(super) text: &'static str,
}

/// What is exchanged for what; the blanks keep type arguments and arrows apart from comparisons.
const PAIRS: [(&str, &str); 14] = [
    (" && ", " || "),
    (" || ", " && "),
    (" == ", " != "),
    (" != ", " == "),
    (" < ", " <= "),
    (" <= ", " < "),
    (" > ", " >= "),
    (" >= ", " > "),
    (".any(", ".all("),
    (".all(", ".any("),
    (".is_some_and(", ".is_none_or("),
    (".is_none_or(", ".is_some_and("),
    ("true", "false"),
    ("false", "true"),
];

/// The mutants of a source, in the order of their places; its tests, comments and texts stay as they are.
pub(super) fn mutants(source: &str) -> Vec<Mutant> {
    let code = plain(source.split("#[cfg(test)]").next().unwrap_or_default());
    let mut found = Vec::new();
    for (old, new) in PAIRS {
        for (at, _) in code.match_indices(old) {
            if is_whole(&code, at, old) {
                found.push(Mutant { range: at..at + old.len(), text: new });
            }
        }
    }
    for (at, _) in code.match_indices('!') {
        let before = code[..at].chars().next_back().unwrap_or(' ');
        let after = code[at + 1..].chars().next().unwrap_or(' ');
        let is_negation = !is_of_word(before) && (after.is_ascii_alphabetic() || matches!(after, '(' | '_'));
        if is_negation && before != '#' {
            found.push(Mutant { range: at..at + 1, text: "" });
        }
    }
    for word in ["return", "continue"] {
        for (at, _) in code.match_indices(word) {
            found.extend(guard(&code, at, word).map(|range| Mutant { range, text: "" }));
        }
    }
    found.sort_by_key(|mutant| (mutant.range.start, mutant.text));
    found
}

/// Whether a match is the whole token: no part of a name, and no closure without arguments.
fn is_whole(code: &str, at: usize, old: &str) -> bool {
    if !old.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
        return true;
    }
    let before = code[..at].chars().next_back().is_none_or(|letter| !is_of_word(letter));
    before && code[at + old.len()..].chars().next().is_none_or(|letter| !is_of_word(letter))
}

fn is_of_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

/// The statement of a guard, which goes on where it ended; not that of a `let … else`, which has to leave.
fn guard(code: &str, at: usize, word: &str) -> Option<Range<usize>> {
    let before = code[..at].trim_end();
    if !before.ends_with(['{', ';', '}']) || before.ends_with("else {") {
        return None;
    }
    let rest = &code[at + word.len()..];
    if rest.starts_with(is_of_word) {
        return None;
    }
    let end = at + word.len() + rest.find(';')? + 1;
    // A value that spans lines, or holds statements of its own, is more than a guard.
    (!code[at..end].contains(['{', '\n'])).then_some(at..end)
}

/// The source with blanks, byte for byte, where comments, texts and attributes stand.
fn plain(source: &str) -> String {
    let bytes = source.as_bytes();
    let mut out = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = at + length(&source[at..]);
        if end > at + 1 {
            out[at..end].fill(b' ');
        }
        at = end;
    }
    // What is left is what it was, and blanks are letters of one byte.
    String::from_utf8_lossy(&out).into_owned()
}

/// How many bytes a comment, text, letter or attribute at the beginning has; of anything else, one letter.
fn length(rest: &str) -> usize {
    let first = rest.chars().next().map_or(1, char::len_utf8);
    if rest.starts_with("//") || rest.starts_with("#[") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with('"') {
        return quoted(rest, '"').unwrap_or(rest.len());
    }
    let Some(behind) = rest.strip_prefix('\'') else { return first };
    // A lifetime has no quote behind its first letter.
    let letter = behind.chars().next().map_or(0, char::len_utf8);
    let is_letter = behind.starts_with('\\') || behind[letter..].starts_with('\'');
    if is_letter { quoted(rest, '\'').unwrap_or(first) } else { first }
}

/// The bytes up to the closing quote.
fn quoted(rest: &str, quote: char) -> Option<usize> {
    let mut is_escaped = false;
    for (at, letter) in rest.char_indices().skip(1) {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            _ if letter == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each mutant of a source, written out.
    fn written(source: &str) -> Vec<String> {
        let write = |Mutant { range, text }: Mutant| {
            format!("{}{text}{}", &source[..range.start], &source[range.end..])
        };
        mutants(source).into_iter().map(write).collect()
    }

    #[test]
    fn operators_are_exchanged_and_negations_go() {
        assert_eq!(written("a && !b"), ["a || !b", "a && b"]);
        assert_eq!(
            written("x.iter().any(|y| y < 3)"),
            ["x.iter().all(|y| y < 3)", "x.iter().any(|y| y <= 3)"]
        );
        assert_eq!(written("is_true(true)"), ["is_true(false)"]);
    }

    #[test]
    fn guards_go_and_what_has_to_leave_stays() {
        assert_eq!(written("if a { return; } b"), ["if a {  } b"]);
        assert_eq!(written("if a { continue; } b"), ["if a {  } b"]);
        assert_eq!(written("let Some(a) = b else { return; };"), Vec::<String>::new());
        assert_eq!(written("let Some(a) = b else { continue };"), Vec::<String>::new());
    }

    #[test]
    fn texts_comments_types_and_tests_are_no_code() {
        for source in [
            "// a && b\nx",
            "\"a == b\\\" && c\"",
            "f('!', '\\'')",
            "matches!(a, B)",
            "fn f<'a>(x: &'a str) -> Vec<u8>",
            "x(|| y)",
            "#[cfg(test)]\nmod tests { a && b }",
            "#[must_use = \"a && b\"]",
        ] {
            assert_eq!(written(source), Vec::<String>::new(), "{source}");
        }
    }
}
