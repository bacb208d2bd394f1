//! Command lines in one string, split into words as Compose splits them: no shell, and its quotes only.

use std::ops::Range;

use crate::source::Text;

/// A command line in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// The words; a quoted empty one counts.
    pub words: Vec<Word>,
    /// Where an unquoted `;`, `&`, `|`, `<` or `>` ended the reading: Compose drops what follows without a word.
    /// The number of a file descriptor directly before `>` goes with it.
    pub tail: Option<usize>,
}

/// A word of a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Its text, quotes and escapes taken away.
    pub text: Text,
    /// Its bytes in the line, quotes included.
    pub range: Range<usize>,
}

/// Why a command line cannot be split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The bytes of the line.
    pub range: Range<usize>,
    /// What is wrong there.
    pub message: String,
}

/// Splits a command line into words.
///
/// # Errors
/// When a quote, a backquote or a `$(` is not closed, a parenthesis is bare, or the line ends in a backslash.
pub fn split(line: &str) -> Result<Words, Problem> {
    let mut splitter = Splitter::default();
    for (at, letter) in line.char_indices() {
        if splitter.take(at, letter)? {
            break;
        }
    }
    splitter.finish(line.len())
}

/// The region that the reading is in.
#[derive(Clone, Copy, Default, PartialEq)]
enum Region {
    #[default]
    Bare,
    Single,
    Double,
    Backquote,
    Substitution,
}

#[derive(Default)]
struct Splitter {
    words: Words,
    region: Region,
    /// Where the region, or the escape, was opened.
    opened: usize,
    escape: Option<usize>,
    text: String,
    start: Option<usize>,
    /// Whether the word is there even when it is empty.
    quoted: bool,
    /// Whether a part of the word was quoted or escaped, so that digits are no file descriptor.
    protected: bool,
    after_dollar: bool,
}

impl Splitter {
    /// Takes a character in; true when the reading ends there.
    fn take(&mut self, at: usize, letter: char) -> Result<bool, Problem> {
        let after_dollar = std::mem::take(&mut self.after_dollar);
        if self.escape.take().is_some() {
            self.escaped(letter);
            return Ok(false);
        }
        let bare = self.region == Region::Bare;
        if bare && matches!(letter, ' ' | '\t' | '\r' | '\n') {
            self.flush(at);
            return Ok(false);
        }
        if bare && matches!(letter, ';' | '&' | '|' | '<' | '>') {
            self.end(at, letter);
            return Ok(true);
        }
        self.start.get_or_insert(at);
        match (letter, self.region) {
            ('\\', region) if region != Region::Single => self.escape = Some(at),
            ('"', Region::Bare) => self.open(Region::Double, at),
            ('\'', Region::Bare) => self.open(Region::Single, at),
            ('"', Region::Double) | ('\'', Region::Single) => {
                self.region = Region::Bare;
                self.quoted = true;
            }
            ('`', Region::Bare) => {
                self.opened = at;
                self.region = Region::Backquote;
                self.text.push(letter);
            }
            ('`', Region::Backquote) | (')', Region::Substitution) => {
                self.region = Region::Bare;
                self.text.push(letter);
            }
            ('(', Region::Bare) if after_dollar => {
                self.opened = at - 1;
                self.region = Region::Substitution;
                self.text.push(letter);
            }
            ('(', Region::Bare | Region::Substitution) | (')', Region::Bare) => {
                let message =
                    format!("a bare `{letter}` cannot be read; quote it, or run the line with `sh -c`");
                return Err(Problem { range: at..at + 1, message });
            }
            _ => {
                self.text.push(letter);
                self.after_dollar = bare && letter == '$';
            }
        }
        Ok(false)
    }

    fn open(&mut self, region: Region, at: usize) {
        self.region = region;
        self.opened = at;
        self.protected = true;
    }

    fn escaped(&mut self, letter: char) {
        self.protected = true;
        match (self.region, letter) {
            (Region::Backquote | Region::Substitution, _) => {
                self.text.push('\\');
                self.text.push(letter);
            }
            (_, 't') => self.text.push('\t'),
            (_, 'n') => self.text.push('\n'),
            _ => self.text.push(letter),
        }
    }

    fn end(&mut self, at: usize, letter: char) {
        let descriptor = letter == '>'
            && !self.protected
            && !self.text.is_empty()
            && self.text.bytes().all(|digit| digit.is_ascii_digit());
        if descriptor {
            self.words.tail = self.start;
            self.start = None;
            self.text.clear();
        } else {
            self.flush(at);
            self.words.tail = Some(at);
        }
    }

    fn flush(&mut self, end: usize) {
        let start = self.start.take();
        let text = std::mem::take(&mut self.text);
        let quoted = std::mem::take(&mut self.quoted);
        self.protected = false;
        if let Some(start) = start.filter(|_| quoted || !text.is_empty()) {
            self.words.words.push(Word { text: Text::new(text), range: start..end });
        }
    }

    fn finish(mut self, end: usize) -> Result<Words, Problem> {
        if let Some(at) = self.escape {
            let message = "the line ends in a backslash; remove it, or double it".into();
            return Err(Problem { range: at..at + 1, message });
        }
        let (mark, close) = match self.region {
            Region::Bare => {
                self.flush(end);
                return Ok(self.words);
            }
            Region::Single => ("'", "'"),
            Region::Double => ("\"", "\""),
            Region::Backquote => ("`", "`"),
            Region::Substitution => ("$(", ")"),
        };
        let range = self.opened..self.opened + mark.len();
        Err(Problem { range, message: format!("{mark} is never closed; end it with {close}") })
    }
}
