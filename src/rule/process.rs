//! What a container runs, as far as the project says it: its command lines and the texts of shells in them.

use super::Ctx;
use super::subject::Subject;
use crate::compose::codec::Field;
use crate::compose::command::Command;
use crate::compose::shell::{self, Script};
use crate::source::Text;
use crate::source::span::Spanned;

/// A word of a command line.
#[derive(Clone)]
pub struct Spot<'c> {
    /// The word and its place.
    pub word: &'c Spanned<Text>,
    /// The path of the key that holds it, below the service: `command`.
    pub key: String,
}

/// A text that a shell runs.
pub struct ShellText<'c> {
    /// The shell.
    pub shell: Text,
    /// Which word of the command line names the shell.
    pub first: usize,
    /// The text and its place.
    pub spot: Spot<'c>,
    /// What the shell makes of it.
    pub script: Script,
}

/// The command lines of a container: the one that is its process, and those of its hooks.
#[must_use]
pub fn lines<'c>(subject: &Subject<'c>) -> Vec<Vec<Spot<'c>>> {
    let mut lines = vec![line(subject)];
    lines
        .extend(subject.hooks().map(|(key, hook)| spots(&hook.command, &format!("{key}.command")).collect()));
    lines.retain(|line| !line.is_empty());
    lines
}

/// What the project says of the process of a container: the words of its entrypoint and of its command.
#[must_use]
pub fn line<'c>(subject: &Subject<'c>) -> Vec<Spot<'c>> {
    let entrypoint = spots(&subject.container.entrypoint, "entrypoint");
    entrypoint.chain(spots(&subject.container.command, "command")).collect()
}

fn spots<'c>(command: &'c Field<Command>, key: &str) -> impl Iterator<Item = Spot<'c>> {
    let words = command.iter().flat_map(|command| &command.value.words);
    words.map(move |word| Spot { word, key: key.to_owned() })
}

/// The first shell in a command line that runs a text, also behind a program that starts it.
#[must_use]
pub fn shell<'c>(line: &[Spot<'c>]) -> Option<ShellText<'c>> {
    let words: Vec<&str> = line.iter().map(|spot| spot.word.value.as_str()).collect();
    let called = shell::called(&words)?;
    let spot = line.get(called.text)?.clone();
    let script = shell::read(&spot.word.value);
    Some(ShellText { shell: called.shell.into(), first: called.first, spot, script })
}

impl ShellText<'_> {
    /// The place of some bytes of the text.
    #[must_use]
    pub fn place(&self, ctx: &Ctx<'_>, range: std::ops::Range<usize>) -> crate::source::span::Span {
        super::place::part(ctx, self.spot.word, &self.spot.word.value, range)
    }
}
