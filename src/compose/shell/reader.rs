//! Splits a text into its steps.

use super::words::Cursor;
use super::{Around, Joint, Step, Word};

/// How many groups around a step are told.
const TOLD: usize = 16;

/// The steps of a text.
pub(super) fn steps(text: &str) -> Vec<Step> {
    let mut reader = Reader {
        cursor: Cursor { text, at: 0 },
        steps: Vec::new(),
        open: Step::default(),
        joint: Joint::Next,
        frames: Vec::new(),
        here: Vec::new(),
        in_test: false,
    };
    while reader.cursor.at < text.len() {
        reader.step();
    }
    reader.end(Joint::Next);
    reader.steps
}

struct Reader<'t> {
    cursor: Cursor<'t>,
    steps: Vec<Step>,
    open: Step,
    /// What stands before the open step.
    joint: Joint,
    frames: Vec<Frame>,
    /// The words that end the texts which follow the line, and whether tabs before them count.
    here: Vec<(String, bool)>,
    /// Whether a `[[` is open, in which `&&` and `<` belong to the command.
    in_test: bool,
}

/// What is open around a step.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Frame {
    While,
    Until,
    Loop,
    If,
    /// The patterns of a case.
    Pattern,
    /// What a case does.
    Case,
    Brace,
    Parenthesis,
}

impl Frame {
    fn around(self) -> Around {
        match self {
            Self::While => Around::While,
            Self::Until => Around::Until,
            Self::Loop => Around::Loop,
            Self::If | Self::Pattern | Self::Case => Around::Choice,
            Self::Brace | Self::Parenthesis => Around::Group,
        }
    }
}

impl Reader<'_> {
    fn step(&mut self) {
        if self.frames.last() == Some(&Frame::Pattern) {
            return self.pattern();
        }
        match self.cursor.rest() {
            [b' ' | b'\t' | b'\r', ..] => self.cursor.at += 1,
            [b'\\', b'\n', ..] => self.cursor.at += 2,
            [b'\n', ..] => {
                self.pass(1, Joint::Next);
                self.skip_texts();
            }
            [b'#', ..] => self.cursor.line(),
            [b'&' | b'|' | b'<' | b'>' | b'(' | b')', ..] if self.in_test => self.cursor.at += 1,
            [b';', ..] => self.semicolon(),
            [b'&', b'>', ..] => {
                self.cursor.at += 1;
                self.redirect(false);
            }
            [b'&', b'&', ..] => self.pass(2, Joint::And),
            [b'&', ..] => {
                self.open.background = true;
                self.pass(1, Joint::Next);
            }
            [b'|', b'|', ..] => self.pass(2, Joint::Or),
            [b'|', b'&', ..] => self.pass(2, Joint::Pipe),
            [b'|', ..] => self.pass(1, Joint::Pipe),
            [b'(', ..] => self.group(),
            [b')', ..] => {
                self.pass(1, Joint::Next);
                self.close(&[Frame::Parenthesis]);
            }
            [b'<' | b'>', b'(', ..] => self.word(),
            [b'<' | b'>', ..] => self.redirect(false),
            _ => self.word(),
        }
    }

    /// Passes over what ends a step.
    fn pass(&mut self, bytes: usize, next: Joint) {
        self.cursor.at += bytes;
        self.end(next);
    }

    /// Ends a step; one without words and files is none.
    fn end(&mut self, next: Joint) {
        self.in_test = false;
        let open = std::mem::take(&mut self.open);
        if open.words.is_empty() && open.written.is_empty() && open.errors.is_empty() {
            // An operator at the end of a line joins what stands on the next.
            if next != Joint::Next {
                self.joint = next;
            }
            return;
        }
        let around = self.frames.iter().take(TOLD).map(|frame| frame.around()).collect();
        self.steps.push(Step { joint: self.joint, around, ..open });
        self.joint = next;
    }

    fn semicolon(&mut self) {
        let is_arm = matches!(self.cursor.rest(), [_, b';' | b'&', ..]);
        self.pass(1, Joint::Next);
        if is_arm && let Some(last) = self.frames.last_mut().filter(|last| **last == Frame::Case) {
            *last = Frame::Pattern;
        }
        while is_arm && matches!(self.cursor.rest(), [b';' | b'&', ..]) {
            self.cursor.at += 1;
        }
    }

    /// Reads what stands before the commands of a case.
    fn pattern(&mut self) {
        match self.cursor.rest() {
            [b'#', ..] => self.cursor.line(),
            [b')', ..] => {
                self.cursor.at += 1;
                self.become_of(Frame::Pattern, Frame::Case);
            }
            [b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(', ..] => {
                self.cursor.at += 1;
            }
            _ => {
                if is_plain(&self.cursor.word(), "esac") {
                    self.frames.pop();
                }
            }
        }
    }

    fn group(&mut self) {
        if (self.open.words.is_empty() || self.open.head)
            && let Some(word) = self.cursor.arithmetic()
        {
            return self.open.words.push(word);
        }
        self.cursor.at += 1;
        self.cursor.blanks();
        // `name ()` begins a function.
        if self.open.words.len() == 1 && matches!(self.cursor.rest(), [b')', ..]) {
            self.cursor.at += 1;
            self.open = Step::default();
            return;
        }
        self.end(self.joint);
        self.frames.push(Frame::Parenthesis);
    }

    fn word(&mut self) {
        let word = self.cursor.word();
        let is_number = !word.text.is_empty() && word.text.bytes().all(|byte| byte.is_ascii_digit());
        // `2>` names what is redirected.
        if is_number && is_bare(&word) && matches!(self.cursor.rest(), [b'<' | b'>', ..]) {
            return self.redirect(word.text == "2");
        }
        let is_first = self.open.words.is_empty();
        if is_first && is_bare(&word) && self.keyword(&word.text) {
            return;
        }
        self.in_test |= is_first && is_plain(&word, "[[");
        self.in_test &= !is_plain(&word, "]]");
        let is_in = self.open.head && self.open.words.len() == 2 && is_plain(&word, "in");
        self.open.words.push(word);
        if is_in && self.frames.last() == Some(&Frame::Case) {
            self.end(Joint::Next);
            self.become_of(Frame::Case, Frame::Pattern);
        }
    }

    /// Whether a word at the beginning of a command is one of the language, and no part of the step.
    fn keyword(&mut self, word: &str) -> bool {
        match word {
            "if" => self.frames.push(Frame::If),
            "while" => self.frames.push(Frame::While),
            "until" => self.frames.push(Frame::Until),
            "for" | "select" | "case" => {
                self.frames.push(if word == "case" { Frame::Case } else { Frame::While });
                self.open.head = true;
                return false;
            }
            "then" | "elif" | "else" | "time" => {}
            "!" => self.open.negated = true,
            "coproc" => self.open.background = true,
            "function" => {
                self.cursor.blanks();
                self.cursor.word();
                self.cursor.blanks();
                if self.cursor.rest().starts_with(b"()") {
                    self.cursor.at += 2;
                }
            }
            "do" => {
                self.become_of(Frame::While, Frame::Loop);
                self.become_of(Frame::Until, Frame::Loop);
            }
            "{" => self.frames.push(Frame::Brace),
            "}" => self.close(&[Frame::Brace]),
            "fi" => self.close(&[Frame::If]),
            "done" => self.close(&[Frame::While, Frame::Until, Frame::Loop]),
            "esac" => self.close(&[Frame::Case]),
            _ => return false,
        }
        true
    }

    fn close(&mut self, frames: &[Frame]) {
        if self.frames.last().is_some_and(|last| frames.contains(last)) {
            self.frames.pop();
        }
    }

    fn become_of(&mut self, old: Frame, new: Frame) {
        if let Some(last) = self.frames.last_mut().filter(|last| **last == old) {
            *last = new;
        }
    }

    /// Reads what a `<` or `>` and its like does.
    fn redirect(&mut self, of_errors: bool) {
        let start = self.cursor.at;
        while matches!(self.cursor.rest(), [b'<' | b'>', ..]) {
            self.cursor.at += 1;
        }
        let operator = &self.cursor.text[start..self.cursor.at];
        if operator == "<<" {
            return self.document();
        }
        let is_copy = matches!(self.cursor.rest(), [b'&', ..]);
        if is_copy || matches!(self.cursor.rest(), [b'|', ..]) {
            self.cursor.at += 1;
        }
        self.cursor.blanks();
        let target = self.cursor.word();
        let is_descriptor = target.text == "-" || target.text.bytes().all(|byte| byte.is_ascii_digit());
        let is_file = !target.text.is_empty() && target.text != "/dev/null" && !(is_copy && is_descriptor);
        if operator.starts_with('>') && is_file {
            if of_errors { &mut self.open.errors } else { &mut self.open.written }.push(target);
        }
    }

    fn document(&mut self) {
        let tabs = matches!(self.cursor.rest(), [b'-', ..]);
        self.cursor.at += usize::from(tabs);
        self.cursor.blanks();
        let end = self.cursor.word();
        if !end.range.is_empty() {
            self.here.push((end.text, tabs));
        }
    }

    /// Passes over the texts that the line before has announced.
    fn skip_texts(&mut self) {
        let text = self.cursor.text;
        for (end, tabs) in std::mem::take(&mut self.here) {
            while self.cursor.at < text.len() {
                let line = text[self.cursor.at..].split('\n').next().unwrap_or_default();
                self.cursor.at = (self.cursor.at + line.len() + 1).min(text.len());
                let line = line.trim_end_matches('\r');
                if end == if tabs { line.trim_start_matches('\t') } else { line } {
                    break;
                }
            }
        }
    }
}

/// Whether nothing of a word is quoted.
fn is_bare(word: &Word) -> bool {
    word.range.len() == word.text.len()
}

fn is_plain(word: &Word, text: &str) -> bool {
    word.text == text && is_bare(word)
}
