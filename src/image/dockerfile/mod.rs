//! A Dockerfile as instructions, read as BuildKit reads it.

pub mod lines;
pub mod words;
pub mod json;
pub mod lexer;
pub mod pattern;
pub mod instruction;
pub mod flags;
pub mod health;

use std::ops::Range;

use instruction::{Instruction, Kind};
use lexer::{Lexer, Lookup};

/// A Dockerfile that a builder would take.
#[derive(Debug, Clone, PartialEq)]
pub struct Dockerfile {
    /// The character that escapes: a backslash, or a backtick.
    pub escape: char,
    /// ARG before the first FROM.
    pub arguments: Vec<Instruction>,
    /// The stages, in their order; at least one.
    pub stages: Vec<Stage>,
}

/// A FROM and what follows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// What it builds on, before substitution.
    pub base: String,
    /// Its name, in small letters.
    pub name: Option<String>,
    /// The bytes of its FROM.
    pub range: Range<usize>,
    /// Its instructions.
    pub instructions: Vec<Instruction>,
}

/// Why a Dockerfile cannot be built, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The bytes that are the matter.
    pub range: Range<usize>,
    /// What is the matter.
    pub reason: String,
}

/// Reads a Dockerfile.
///
/// # Errors
/// What no builder would take, or needs another front end than Docker's own.
pub fn read(text: &str) -> Result<Dockerfile, Problem> {
    let lines::Lines { escape, lines } = lines::split(text)?;
    let mut arguments = Vec::new();
    let mut stages: Vec<Stage> = Vec::new();
    for line in &lines {
        let instruction = instruction::read(line, escape)?;
        let problem = |reason: &str| Problem { range: instruction.range.clone(), reason: reason.to_owned() };
        match (instruction.kind, stages.last_mut()) {
            (Kind::From { base, name }, _) => {
                stages.push(Stage { base, name, range: instruction.range, instructions: Vec::new() });
            }
            (kind, Some(stage)) => {
                stage.instructions.push(Instruction { kind, range: instruction.range });
            }
            (kind @ Kind::Arg(_), None) => arguments.push(Instruction { kind, range: instruction.range }),
            (_, None) => return Err(problem("an instruction stands before the first `FROM`")),
        }
    }
    if stages.is_empty() {
        return Err(Problem { range: 0..0, reason: "it has no `FROM`".to_owned() });
    }
    Ok(Dockerfile { escape, arguments, stages })
}

/// Reads the instruction of an ONBUILD, as an image carries it.
#[must_use]
pub fn trigger(text: &str) -> Option<Instruction> {
    let lines::Lines { escape, lines } = lines::split(text).ok()?;
    let [line] = lines.as_slice() else { return None };
    instruction::read(line, escape).ok()
}

/// The text with its variables replaced; nothing when a variable is not known.
///
/// # Errors
/// What no builder would take.
pub fn expand<'a>(
    text: &str,
    escape: char,
    lookup: &'a dyn Fn(&str) -> Lookup<'a>,
) -> Result<Option<String>, String> {
    let lexed = Lexer::new(escape, lookup).lex(text)?;
    Ok(lexed.known.then_some(lexed.text))
}
