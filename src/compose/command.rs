//! Commands: words, or a line that is split into words.

use super::codec::{Codec, List, Reading, Walker};
use super::words;
use crate::source::{Text, span::Spanned};
use crate::tree::{Node, Value};

/// The words of a command.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// The words; none clears what the image has.
    pub words: List<Text>,
    /// The line that they were split from, when it was written as one.
    pub line: Option<Line>,
}

/// A command as one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The line.
    pub text: Text,
    /// Where an unquoted `;`, `&`, `|`, `<` or `>` ended the words; Compose throws away what follows.
    pub tail: Option<usize>,
}

impl Codec for Command {
    fn read(node: Node, reading: &mut Reading<'_>) -> Option<Self> {
        let Value::String(text) = &node.value else {
            return List::read(node, reading).map(|words| Self { words, line: None });
        };
        let text = text.clone();
        let split = match words::split(&text) {
            Ok(split) => split,
            Err(problem) => {
                reading.problem(node.span, problem.message);
                return None;
            }
        };
        let word = |word: words::Word| {
            let span = reading.part(&node, word.range);
            Spanned { value: word.text, span, key: span, origin: node.origin }
        };
        let words = split.words.into_iter().map(word).collect();
        Some(Self { words, line: Some(Line { text, tail: split.tail }) })
    }

    fn walk(&self, walker: &mut dyn Walker) {
        self.words.walk(walker);
    }

    fn fields(path: &str, paths: &mut Vec<String>) {
        List::<Text>::fields(path, paths);
    }
}
