//! A text as a shell reads it: its commands, their words and files, what joins them and how deep they stand. Nothing is
//! expanded.

mod reader;
mod words;

use std::ops::Range;

/// Programs that run a text which follows `-c`.
const SHELLS: [&str; 6] = ["sh", "bash", "ash", "dash", "zsh", "ksh"];
/// How many words may stand before a shell.
const WRAPPED: usize = 16;

/// A text as a shell reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// Its steps, in the order of the text; those in substitutions are left out.
    pub steps: Vec<Step>,
}

/// A command without others in it, or what `for`, `select` and `case` say before theirs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Its words, assignments in front of it included.
    pub words: Vec<Word>,
    /// The files that its output goes to, `/dev/null` and other descriptors aside.
    pub written: Vec<Word>,
    /// The files that only its errors go to.
    pub errors: Vec<Word>,
    /// What stands before it.
    pub joint: Joint,
    /// The loops, choices, functions and groups around it, as far as anybody asks.
    pub around: Vec<Around>,
    /// Whether the script goes on without waiting for it.
    pub background: bool,
    /// Whether `!` turns its result.
    pub negated: bool,
    /// Whether it is no command, but `for name in …`, `select name in …` or `case … in`.
    pub head: bool,
}

/// A word without its quotes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// Its text; of expansions, what is written.
    pub text: String,
    /// Its bytes, quotes included.
    pub range: Range<usize>,
    /// Whether the shell puts something else in its place, or in that of a part of it.
    pub is_open: bool,
}

/// What joins a command to the one before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Joint {
    /// `;`, `&`, the end of a line, or the beginning of the script.
    #[default]
    Next,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `|`
    Pipe,
}

/// What stands around a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Around {
    /// The condition of a loop that goes on as long as it holds; what `for` and `select` say before theirs.
    While,
    /// The condition of a loop that ends when it holds.
    Until,
    /// The body of a loop.
    Loop,
    /// A condition, its branches, a case.
    Choice,
    /// Braces, a function or a subshell.
    Group,
}

/// A shell that a command line starts with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Called<'w> {
    /// The shell, without the path to it.
    pub shell: &'w str,
    /// The word that starts it: the shell, or the `env` before it.
    pub first: usize,
    /// The word that it runs.
    pub text: usize,
}

/// Reads a text; what is not closed ends with it.
#[must_use]
pub fn read(text: &str) -> Script {
    Script { steps: reader::steps(text) }
}

/// The first shell in a command line that runs a text, also behind `tini --` and the like.
#[must_use]
pub fn called<'w>(words: &[&'w str]) -> Option<Called<'w>> {
    (0..words.len().min(WRAPPED)).find_map(|first| called_at(words, first))
}

fn called_at<'w>(words: &[&'w str], first: usize) -> Option<Called<'w>> {
    let behind = |word: &&str| matches!(program(word), "env" | "busybox");
    let start = first + words[first..].iter().take(WRAPPED).take_while(|word| behind(word)).count();
    let shell = program(words.get(start)?);
    if !SHELLS.contains(&shell) {
        return None;
    }
    let mut runs_text = false;
    let mut text = start + 1;
    while let Some(word) = words.get(text).filter(|word| word.starts_with(['-', '+']) && word.len() > 1) {
        if !word.starts_with("--") {
            runs_text |= word.contains('c');
            // `-o pipefail`, also as `-eo pipefail`.
            text += usize::from(word.ends_with(['o', 'O']));
        }
        text += 1;
    }
    (runs_text && text < words.len()).then_some(Called { shell, first, text })
}

/// The last part of a path.
#[must_use]
pub fn program(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

impl Script {
    /// The steps that are commands.
    pub fn commands(&self) -> impl DoubleEndedIterator<Item = &Step> {
        self.steps.iter().filter(|step| !step.head)
    }

    /// Whether there is more than a list of commands: a loop, a choice, a group, a pipe, something in the background.
    #[must_use]
    pub fn is_compound(&self) -> bool {
        let is_more = |step: &Step| {
            step.background || step.negated || step.joint == Joint::Pipe || !step.around.is_empty()
        };
        self.steps.iter().any(is_more)
    }
}

impl Step {
    /// Its words as they are written, without their quotes.
    #[must_use]
    pub fn texts(&self) -> Vec<&str> {
        self.words.iter().map(|word| word.text.as_str()).collect()
    }

    /// Its first word without the path; nothing when it only opens files.
    #[must_use]
    pub fn name(&self) -> &str {
        self.words.first().map_or("", |word| program(&word.text))
    }

    /// The program and its arguments: without assignments, and without the words that only say how it is started.
    #[must_use]
    pub fn call(&self) -> &[Word] {
        let is_before =
            |word: &Word| is_assignment(&word.text) || matches!(word.text.as_str(), "exec" | "command");
        let first = self.words.iter().position(|word| !is_before(word)).unwrap_or(self.words.len());
        self.words.get(first..).unwrap_or_default()
    }

    /// Whether the shell gives its own place to the program.
    #[must_use]
    pub fn is_exec(&self) -> bool {
        let first = self.words.iter().find(|word| !is_assignment(&word.text));
        first.is_some_and(|word| word.text == "exec") && !self.call().is_empty()
    }
}

/// Whether a word gives a variable its value: `NAME=…`, `NAME+=…`.
fn is_assignment(word: &str) -> bool {
    let Some((name, _)) = word.split_once('=') else { return false };
    let name = name.strip_suffix('+').unwrap_or(name);
    name.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_')
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

#[cfg(test)]
mod tests;
