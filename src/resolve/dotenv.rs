//! Env files: the assignments in them, in Compose's own grammar and in the `raw` one.

use std::collections::BTreeMap;
use std::ops::Range;

use super::template::{self, Lookup, ProblemKind, interpolate};
use crate::source::Text;
use crate::source::origin::Template;

/// Docker's reader of `raw` files refuses a line from this length on.
const RAW_LINE_LIMIT: usize = 64 * 1024;

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
    let mut parser = Parser { text, at: start, known, lookup, set: BTreeMap::new() };
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

/// Reads an env file of the format `raw`: a line is a name, `=` and the value to the letter.
#[must_use]
pub fn parse_raw(text: &str, lookup: &Lookup<'_>) -> Dotenv {
    let mut dotenv = Dotenv::default();
    let mut at = 0;
    for (number, whole) in text.split_inclusive('\n').enumerate() {
        let line = whole.strip_suffix('\n').unwrap_or(whole);
        if line.len() >= RAW_LINE_LIMIT {
            let message = format!("the line has {} bytes; a line has less than {RAW_LINE_LIMIT}", line.len());
            dotenv.problem = Some(Problem { range: at..at + line.len(), message });
            break;
        }
        let line = line.strip_suffix('\r').unwrap_or(line);
        let unmarked = if number == 0 { line.strip_prefix('\u{feff}').unwrap_or(line) } else { line };
        let trimmed = unmarked.trim_start();
        let start = at + line.len() - trimmed.len();
        at += whole.len();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        match raw_line(trimmed, start, lookup) {
            Ok(assignment) => dotenv.variables.extend(assignment),
            Err(problem) => {
                dotenv.problem = Some(problem);
                break;
            }
        }
    }
    dotenv
}

fn raw_line(line: &str, start: usize, lookup: &Lookup<'_>) -> Result<Option<Assignment>, Problem> {
    let (name, value) = match line.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (line, None),
    };
    let key = start..start + name.len();
    if name.is_empty() {
        let message = "there is no name before the `=`; write `NAME=value`".into();
        return Err(Problem { range: start..start + 1, message });
    }
    if let Some(blank) = name.find([' ', '\t']) {
        let message =
            "the name of a variable contains a blank; write `NAME=value` without blanks around `=`".into();
        return Err(Problem { range: start + blank..start + blank + 1, message });
    }
    let (value, range, inherited) = match value {
        Some(value) => (Text::new(value), key.end + 1..start + line.len(), false),
        None => match lookup(name) {
            Some(value) => (value, key.clone(), true),
            None => return Ok(None),
        },
    };
    let name = Text::new(name);
    Ok(Some(Assignment { name, value, key, range, inherited, template: None, warnings: Vec::new() }))
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    known: &'a BTreeMap<Text, Text>,
    lookup: &'a Lookup<'a>,
    set: BTreeMap<Text, Text>,
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
