//! Env files: the assignments in them, in Compose's own grammar.

pub mod raw;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ops::Range;

use super::template::{self, Lookup, ProblemKind, interpolate};
use crate::source::Text;
use crate::source::origin::Template;

/// So many bytes may variables make of a file.
const GROWTH: usize = 16 << 20;

/// What an env file says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dotenv {
    /// The assignments, in the order of the file; of one name the last counts.
    pub variables: Vec<Assignment>,
    /// What stopped the reading; Compose refuses the file then.
    pub problem: Option<Problem>,
}

/// A variable that an env file sets.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    /// Its name; empty when the last line of a file has neither `=` nor a line break, as Compose has it.
    pub name: Text,
    /// Its value, variables replaced.
    pub value: Text,
    /// The bytes of the name in the file.
    pub key: Range<usize>,
    /// The bytes of the value in the file, its quotes included; of a bare name the name.
    pub range: Range<usize>,
    /// Whether the line is a bare name, whose value comes from outside.
    pub inherited: bool,
    /// The parts of a value with variables, escapes already replaced.
    pub template: Option<Template>,
    /// The variables in it that are unset; the ranges are those of the file.
    pub warnings: Vec<template::Problem>,
}

/// What is wrong with an env file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The bytes in the file.
    pub range: Range<usize>,
    /// What it is; never the value.
    pub message: String,
}

/// Reads an env file. A variable in a value is what `lookup` says, else what this file has set so far, else what
/// `known` has: the variables of the files before it, where several are read as one.
#[must_use]
pub fn parse(text: &str, known: &BTreeMap<Text, Text>, lookup: &Lookup<'_>) -> Dotenv {
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut parser = Parser { text, at: start, known, lookup, set: BTreeMap::new(), grown: Cell::new(0) };
    let mut dotenv = Dotenv::default();
    while parser.next_statement() {
        match parser.statement() {
            Ok(Some(assignment)) => {
                parser.set.insert(assignment.name.clone(), assignment.value.clone());
                dotenv.variables.push(assignment);
            }
            Ok(None) => {}
            Err(problem) => {
                dotenv.problem = Some(problem);
                break;
            }
        }
    }
    dotenv
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    known: &'a BTreeMap<Text, Text>,
    lookup: &'a Lookup<'a>,
    set: BTreeMap<Text, Text>,
    /// How many bytes variables have made.
    grown: Cell<usize>,
}

/// A name and what follows it.
struct Key {
    range: Range<usize>,
    inherited: bool,
}

impl<'a> Parser<'a> {
    /// Goes to the next character that is neither blank nor in a comment; false at the end of the file.
    fn next_statement(&mut self) -> bool {
        loop {
            let rest = self.rest().trim_start();
            self.at = self.text.len() - rest.len();
            if !rest.starts_with('#') {
                return !rest.is_empty();
            }
            self.at += rest.find('\n').unwrap_or(rest.len());
        }
    }

    fn statement(&mut self) -> Result<Option<Assignment>, Problem> {
        let key = self.key()?;
        let name = Text::new(&self.text[key.range.clone()]);
        if let Some(blank) = name.find(' ') {
            let at = key.range.start + blank;
            let message = "the name of a variable contains a blank; write `NAME=value`".into();
            return Err(Problem { range: at..at + 1, message });
        }
        if key.inherited {
            let Some(value) = (self.lookup)(&name) else { return Ok(None) };
            let range = key.range.clone();
            let (template, warnings) = (None, Vec::new());
            return Ok(Some(Assignment {
                name,
                value,
                key: key.range,
                range,
                inherited: true,
                template,
                warnings,
            }));
        }
        let start = self.at;
        let (value, template, warnings) = match self.rest().as_bytes().first() {
            Some(b'\'') => (Text::new(self.quoted('\'')?), None, Vec::new()),
            Some(b'"') => {
                let text = Text::new(unescaped(&self.quoted('"')?));
                self.expanded(&text, start + 1..self.at - 1)?
            }
            _ => {
                let text = self.unquoted();
                let range = start..start + text.len();
                let (value, template, warnings) = self.expanded(&text, range.clone())?;
                let key = key.range;
                return Ok(Some(Assignment {
                    name,
                    value,
                    key,
                    range,
                    inherited: false,
                    template,
                    warnings,
                }));
            }
        };
        let range = start..self.at;
        Ok(Some(Assignment { name, value, key: key.range, range, inherited: false, template, warnings }))
    }

    /// Reads the name up to `=`, `:` or the line's end, and the blanks behind it.
    fn key(&mut self) -> Result<Key, Problem> {
        let exported = self.rest().strip_prefix("export");
        // The pattern that recognises `export` knows fewer blanks than the trimming behind it.
        if let Some(rest) = exported.filter(|rest| rest.starts_with([' ', '\t', '\n', '\u{c}', '\r'])) {
            self.at = self.text.len() - rest.trim_start_matches(is_blank).len();
        }
        let rest = self.rest();
        if rest.is_empty() {
            let message = "nothing follows `export`; write `export NAME=value`".into();
            return Err(Problem { range: self.at..self.at, message });
        }
        // Without any separator up to the end of the file, Compose takes the rest for the value of an empty name.
        let mut key = Key { range: self.at..self.at, inherited: false };
        let mut value_at = self.at;
        for (offset, letter) in rest.char_indices() {
            match letter {
                '=' | ':' | '\n' => {
                    key.range.end = self.at + rest[..offset].trim_end().len();
                    key.inherited = letter == '\n';
                    value_at = self.at + offset + 1;
                    break;
                }
                '_' | '.' | '-' | '[' | ']' => {}
                // Go's letters and digits; Rust's include combining marks, which Compose refuses.
                _ if is_blank(letter) || letter.is_alphanumeric() => {}
                _ => {
                    let start = self.at + offset;
                    let message = format!(
                        "`{}` cannot be part of a variable's name; letters, digits, `_`, `.`, `-`, `[` and `]` can",
                        letter.escape_debug()
                    );
                    return Err(Problem { range: start..start + letter.len_utf8(), message });
                }
            }
        }
        self.at = self.text.len() - self.text[value_at..].trim_start_matches(is_blank).len();
        Ok(key)
    }

    /// Reads a value without quotes, to the end of the line or a comment.
    fn unquoted(&mut self) -> Text {
        let rest = self.rest();
        let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
        self.at += (line.len() + 1).min(rest.len());
        let value = line.split_once(" #").map_or(line, |(value, _)| value);
        Text::new(value.trim_end())
    }

    /// Reads a quoted value, over several lines if need be; a backslash before the quote goes, any other stays.
    fn quoted(&mut self, quote: char) -> Result<String, Problem> {
        let rest = self.rest();
        let mut value = String::new();
        let mut escaped = false;
        for (offset, letter) in rest.char_indices().skip(1) {
            if letter == quote {
                if !escaped {
                    self.at += offset + 1;
                    return Ok(value);
                }
            } else if escaped {
                value.push('\\');
            } else if letter == '\\' {
                escaped = true;
                continue;
            }
            escaped = false;
            value.push(letter);
        }
        let message = format!("the quote is never closed; end the value with `{quote}`");
        Err(Problem { range: self.at..self.at + 1, message })
    }

    /// Replaces the variables of a value; `source` is where it stands in the file, quotes left out.
    fn expanded(
        &self,
        text: &Text,
        source: Range<usize>,
    ) -> Result<(Text, Option<Template>, Vec<template::Problem>), Problem> {
        let lookup = |name: &str| {
            (self.lookup)(name).or_else(|| self.set.get(name).or_else(|| self.known.get(name)).cloned())
        };
        let outcome = interpolate(text, &lookup);
        let grown =
            self.grown.get().saturating_add(outcome.template.as_ref().map_or(0, |_| outcome.value.len()));
        self.grown.set(grown);
        if grown > GROWTH.max(self.text.len()) {
            let message = "the variables make too much text of this file".into();
            return Err(Problem { range: source, message });
        }
        let verbatim = self.text[source.clone()] == **text;
        let place = |range: &Range<usize>| {
            if verbatim { source.start + range.start..source.start + range.end } else { source.clone() }
        };
        if let Some(problem) = outcome.problems.iter().find(|problem| problem.is_error()) {
            return Err(Problem { range: place(&problem.range), message: message(&problem.kind) });
        }
        let warnings = outcome
            .problems
            .into_iter()
            .map(|problem| template::Problem { range: place(&problem.range), kind: problem.kind })
            .collect();
        Ok((outcome.value, outcome.template, warnings))
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }
}

fn message(kind: &ProblemKind) -> String {
    match kind {
        ProblemKind::Invalid => {
            "`${` opens no variable; write `${NAME}`, or `$${` for the characters themselves".into()
        }
        ProblemKind::TooDeep => {
            "the defaults are nested too deeply; set the inner ones to variables of their own".into()
        }
        ProblemKind::TooLarge => "the variables make too much text of this value".into(),
        ProblemKind::Missing { name, message } if message.is_empty() => {
            format!("the required variable `{name}` has no value")
        }
        ProblemKind::Missing { name, message } => {
            format!("the required variable `{name}` has no value: {message}")
        }
        ProblemKind::Unset { name } => format!("the variable `{name}` is not set"),
    }
}

/// Replaces the escapes of a double-quoted value that Compose knows; `\$` becomes `$$`, for the interpolation.
fn unescaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let behind = &rest[at + 1..];
        let Some(letter) = behind.chars().next() else {
            rest = &rest[at..];
            break;
        };
        rest = &behind[letter.len_utf8()..];
        match letter {
            'a' => text.push('\u{7}'),
            'b' => text.push('\u{8}'),
            'f' => text.push('\u{c}'),
            'n' => text.push('\n'),
            'r' => text.push('\r'),
            't' => text.push('\t'),
            'v' => text.push('\u{b}'),
            '$' => text.push_str("$$"),
            '"' | '\\' => text.push(letter),
            '0' => {
                let digits = rest.bytes().take(3).take_while(u8::is_ascii_digit).count();
                match octal(&rest[..digits]) {
                    Some(decoded) => text.push(decoded),
                    // Compose drops the zero before it finds that the rest is no escape.
                    None => {
                        text.push('\\');
                        text.push_str(&rest[..digits]);
                    }
                }
                rest = &rest[digits..];
            }
            _ => {
                text.push('\\');
                text.push(letter);
            }
        }
    }
    text.push_str(rest);
    text
}

/// The character of exactly three octal digits, up to 255.
fn octal(digits: &str) -> Option<char> {
    if digits.len() != 3 || !digits.bytes().all(|digit| matches!(digit, b'0'..=b'7')) {
        return None;
    }
    u8::from_str_radix(digits, 8).ok().map(char::from)
}

/// A blank within a line, as Compose counts them: not every Unicode space is one.
fn is_blank(letter: char) -> bool {
    matches!(letter, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ' | '\u{85}' | '\u{a0}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lookup(name: &str) -> Option<Text> {
        (name == "HOST").then(|| Text::new("host"))
    }

    fn read(text: &str) -> Dotenv {
        parse(text, &BTreeMap::from([(Text::new("BEFORE"), Text::new("before"))]), &lookup)
    }

    fn pairs(dotenv: Dotenv) -> (Vec<(String, String)>, Option<String>) {
        let variables = dotenv.variables.into_iter().map(|it| (it.name.to_string(), it.value.to_string()));
        (variables.collect(), dotenv.problem.map(|problem| problem.message))
    }

    #[test]
    fn values_are_what_compose_makes_of_them() {
        let cases = [
            ("A=1\r\n B : x y \nexport C=2", vec![("A", "1"), ("B", "x y"), ("C", "2")]),
            ("\u{feff}# c\n\n A=x #c\nB=x#c\nC= # c", vec![("A", "x"), ("B", "x#c"), ("C", "# c")]),
            ("A='$X\\n'\nB=\"a\nb\" C=\"\\$X\\tc\" # c", vec![("A", "$X\\n"), ("B", "a\nb"), ("C", "$X\tc")]),
            ("A=\"\\012\\0123\\c\\q\\\"\"\nB='a\\'b'", vec![("A", "\\12S\\c\\q\""), ("B", "a'b")]),
            ("A=1\nB=$A$BEFORE$HOST\nA=$B", vec![("A", "1"), ("B", "1beforehost"), ("A", "1beforehost")]),
            ("HOST=mine\nA=$HOST", vec![("HOST", "mine"), ("A", "host")]),
            // A bare name takes its value from outside, or is not there; so does the one that `export` leaves empty.
            ("HOST\nNONE\nexport\nA.b-[0]=", vec![("HOST", "host"), ("A.b-[0]", "")]),
            // At the end of the file a bare name is the value of the empty name.
            ("A=1\nHOST", vec![("A", "1"), ("", "HOST")]),
            ("A=\u{a0}x\u{a0}\nB\tC=\u{2003}y", vec![("A", "x"), ("B\tC", "\u{2003}y")]),
            ("A=\"x\"B=y\n=z", vec![("A", "x"), ("B", "y"), ("", "z")]),
        ];
        for (text, variables) in cases {
            let variables =
                variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            assert_eq!(pairs(read(text)), (variables, None), "{text:?}");
        }
    }

    #[test]
    fn a_problem_ends_the_reading_and_never_tells_the_value() {
        let cases = [
            ("A=1\nB C=2", 5..6, "the name of a variable contains a blank; write `NAME=value`"),
            (
                "A@=1",
                1..2,
                "`@` cannot be part of a variable's name; letters, digits, `_`, `.`, `-`, `[` and `]` can",
            ),
            ("A=\"x\nB=2", 2..3, "the quote is never closed; end the value with `\"`"),
            ("export ", 7..7, "nothing follows `export`; write `export NAME=value`"),
            (
                "A=x${?}",
                3..7,
                "`${` opens no variable; write `${NAME}`, or `$${` for the characters themselves",
            ),
            ("A=\"\\t${X?m}\"", 3..11, "the required variable `X` has no value: m"),
        ];
        for (text, range, message) in cases {
            assert_eq!(read(text).problem, Some(Problem { range, message: message.into() }), "{text}");
        }
    }

    #[test]
    fn an_assignment_knows_its_bytes_and_its_variables() {
        let dotenv = read("A = x$Y # c\nB=\"$Z\\t\"\nHOST\n");
        let places: Vec<_> = dotenv
            .variables
            .iter()
            .map(|it| (it.key.clone(), it.range.clone(), it.inherited, it.template.is_some()))
            .collect();
        assert_eq!(
            places,
            [(0..1, 4..7, false, true), (12..13, 14..20, false, true), (21..25, 21..25, true, false)]
        );
        let warnings: Vec<_> = dotenv
            .variables
            .iter()
            .flat_map(|it| &it.warnings)
            .map(|problem| problem.range.clone())
            .collect();
        assert_eq!(warnings, [5..7, 15..19]);
    }
}
