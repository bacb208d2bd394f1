//! One instruction, from its line.

use std::ops::Range;

use super::flags::{Takes, options, value};
use super::json::{Brackets, list};
use super::lines::{Line, is_heredoc};
use super::words::{Parts, pairs, parts, plain, quoted};
use super::{Problem, health};
use crate::compose::image_facts::ImageHealthcheck;
use crate::source::Text;

/// An instruction and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Instruction {
    /// What it says.
    pub kind: Kind,
    /// The bytes of the file.
    pub range: Range<usize>,
}

/// What an instruction says, before substitution.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// FROM.
    From {
        /// What the stage builds on.
        base: String,
        /// Its name, in small letters.
        name: Option<String>,
    },
    /// ARG: names, each with its default.
    Arg(Vec<(String, Option<String>)>),
    /// ENV: names and values.
    Env(Vec<(String, String)>),
    /// EXPOSE: words and their places.
    Expose(Vec<Word>),
    /// USER.
    User(String),
    /// WORKDIR.
    Workdir(String),
    /// VOLUME: paths and their places.
    Volume(Vec<Word>),
    /// STOPSIGNAL.
    StopSignal(String),
    /// SHELL.
    Shell(Vec<Text>),
    /// CMD.
    Cmd(Form),
    /// ENTRYPOINT.
    Entrypoint(Form),
    /// HEALTHCHECK; nothing is `NONE`.
    Healthcheck(Option<ImageHealthcheck>),
    /// COPY and ADD: the destination.
    Copy(Word),
    /// RUN: what it runs, its documents included.
    Run(Form, Vec<String>),
    /// ONBUILD: the text of the instruction, and the instruction; that it cannot be read matters to children only.
    Onbuild(Text, Result<Box<Kind>, String>),
    /// LABEL and MAINTAINER.
    Other,
}

/// A word and the bytes of the file that it was written in.
#[derive(Debug, Clone, PartialEq)]
pub struct Word {
    /// The word.
    pub text: String,
    /// Its place.
    pub range: Range<usize>,
}

/// A command in one of its two forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// A list of words.
    Exec(Vec<Text>),
    /// A line for a shell.
    Shell(Text),
}

const NONE: Takes = Takes::Values(&[]);

/// Reads the instruction of a line.
///
/// # Errors
/// What no builder would take.
pub(super) fn read(line: &Line, escape: char) -> Result<Instruction, Problem> {
    let problem = |reason| Problem { range: line.range.clone(), reason };
    let kind = kind(line, &line.text, 0, escape).map_err(problem)?;
    Ok(Instruction { kind, range: line.range.clone() })
}

/// Reads the instruction in a part of a line that starts at `base`.
fn kind(line: &Line, text: &str, base: usize, escape: char) -> Result<Kind, String> {
    let parts = parts(text, escape);
    let arguments = parts.arguments;
    let command = parts.command.to_ascii_uppercase();
    let takes = match command.as_str() {
        "FROM" => Takes::Values(&["platform"]),
        "COPY" | "ADD" | "RUN" | "HEALTHCHECK" | "STOPSIGNAL" => Takes::Any,
        _ => NONE,
    };
    let at = base + parts.at;
    let given = options(&parts, &takes)?;
    let needed = |what: &str| {
        if arguments.is_empty() { Err(format!("`{command}` needs {what}")) } else { Ok(arguments.to_owned()) }
    };
    Ok(match command.as_str() {
        "FROM" => from(&parts)?,
        "ARG" => Kind::Arg(declared(&needed("a name")?, escape)?),
        "ENV" => Kind::Env(pairs(arguments, escape)?),
        "LABEL" => pairs(arguments, escape).map(|_| Kind::Other)?,
        "MAINTAINER" => needed("a name").map(|_| Kind::Other)?,
        "EXPOSE" => Kind::Expose(needed("a port").map(|_| words(line, arguments, at))?),
        "USER" => Kind::User(needed("a user")?),
        "WORKDIR" => Kind::Workdir(needed("a path")?),
        "STOPSIGNAL" => Kind::StopSignal(needed("a signal")?),
        "VOLUME" => Kind::Volume(volumes(line, arguments, at)?),
        "SHELL" => match form(arguments)? {
            Form::Exec(words) if !words.is_empty() => Kind::Shell(words),
            Form::Exec(_) | Form::Shell(_) => {
                return Err("`SHELL` takes a list, as in `SHELL [\"/bin/sh\", \"-c\"]`".to_owned());
            }
        },
        "CMD" => Kind::Cmd(form(arguments)?),
        "ENTRYPOINT" => Kind::Entrypoint(form(arguments)?),
        "HEALTHCHECK" => Kind::Healthcheck(health::read(&parts)?),
        "COPY" | "ADD" => {
            value(&given, "from").map_or(Ok(()), no_variable)?;
            Kind::Copy(destination(line, arguments, at)?)
        }
        "RUN" => Kind::Run(form(arguments)?, line.documents.clone()),
        "ONBUILD" => {
            needed("an instruction")?;
            let word = plain(arguments).first().map_or(String::new(), |(word, _)| word.to_ascii_uppercase());
            if matches!(word.as_str(), "ONBUILD" | "FROM" | "MAINTAINER") {
                return Err(format!("`{word}` cannot stand behind `ONBUILD`"));
            }
            Kind::Onbuild(Text::new(arguments), kind(line, arguments, at, escape).map(Box::new))
        }
        _ => return Err(format!("there is no instruction `{}`", parts.command)),
    })
}

fn from(parts: &Parts<'_>) -> Result<Kind, String> {
    let words: Vec<&str> = plain(parts.arguments).into_iter().map(|(word, _)| word).collect();
    match words.as_slice() {
        [base] => Ok(Kind::From { base: (*base).to_owned(), name: None }),
        [base, word, name] if word.eq_ignore_ascii_case("as") => {
            let name = name.to_lowercase();
            let is_letter = |byte: u8| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.')
            };
            if !name.starts_with(|letter: char| letter.is_ascii_lowercase()) || !name.bytes().all(is_letter) {
                return Err(format!("`{name}` is no name of a stage: a letter, then letters, digits, `-_.`"));
            }
            Ok(Kind::From { base: (*base).to_owned(), name: Some(name) })
        }
        _ => Err("`FROM` takes an image, or an image, `AS` and a name".to_owned()),
    }
}

fn declared(arguments: &str, escape: char) -> Result<Vec<(String, Option<String>)>, String> {
    let pair = |word: String| match word.split_once('=') {
        Some(("", _)) => Err("a name is missing before `=`".to_owned()),
        Some((name, value)) => Ok((name.to_owned(), Some(value.to_owned()))),
        None => Ok((word, None)),
    };
    quoted(arguments, escape).into_iter().map(pair).collect()
}

/// The words between blanks, each with its place in the file.
fn words(line: &Line, arguments: &str, at: usize) -> Vec<Word> {
    let word = |(text, range): (&str, Range<usize>)| Word {
        text: text.to_owned(),
        range: line.place(at + range.start..at + range.end),
    };
    plain(arguments).into_iter().map(word).collect()
}

fn volumes(line: &Line, arguments: &str, at: usize) -> Result<Vec<Word>, String> {
    let volumes = bracketed(line, arguments, at)?;
    if volumes.is_empty() || volumes.iter().any(|word| word.text.trim().is_empty()) {
        return Err("`VOLUME` needs a path".to_owned());
    }
    Ok(volumes)
}

/// The items of a list, or the words between blanks.
fn bracketed(line: &Line, arguments: &str, at: usize) -> Result<Vec<Word>, String> {
    match list(arguments) {
        None => Ok(words(line, arguments, at)),
        Some(Brackets::Others) => Err("the list holds something that is no string".to_owned()),
        Some(Brackets::Strings(texts)) => {
            let range = line.place(at..at + arguments.len());
            Ok(texts.into_iter().map(|text| Word { text, range: range.clone() }).collect())
        }
    }
}

fn destination(line: &Line, arguments: &str, at: usize) -> Result<Word, String> {
    let mut words = bracketed(line, arguments, at)?;
    let last = words.pop().filter(|_| !words.is_empty());
    match last {
        None => Err("a source and a destination are needed".to_owned()),
        Some(last) if is_heredoc(&last.text) => Err("a document cannot be the destination".to_owned()),
        Some(last) => Ok(last),
    }
}

/// BuildKit replaces no variable in `--from`, and says so.
fn no_variable(from: &str) -> Result<(), String> {
    if from.contains('$') {
        return Err("`--from` takes no variable; name a stage that has it in its `FROM`".to_owned());
    }
    Ok(())
}

/// A command in one of its two forms.
pub(super) fn form(arguments: &str) -> Result<Form, String> {
    match list(arguments) {
        None => Ok(Form::Shell(Text::new(arguments))),
        Some(Brackets::Strings(words)) => Ok(Form::Exec(health::texts(words))),
        Some(Brackets::Others) => Err("the list holds something that is no string".to_owned()),
    }
}
