//! The words of a text for a shell: quotes, escapes and expansions.

use super::{Word, is_assignment};

/// Longer expressions than this are not looked for, as two groups begin like one.
const LONGEST: usize = 256;

/// A place in a text, from which words are read.
pub(super) struct Cursor<'t> {
    pub(super) text: &'t str,
    pub(super) at: usize,
}

impl Cursor<'_> {
    pub(super) fn rest(&self) -> &[u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    pub(super) fn blanks(&mut self) {
        while matches!(self.rest(), [b' ' | b'\t', ..]) {
            self.at += 1;
        }
    }

    /// Passes over the rest of a line, but not over its end.
    pub(super) fn line(&mut self) {
        let rest = self.rest();
        self.at += rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    }

    /// Reads a word; it may be empty where none stands.
    pub(super) fn word(&mut self) -> Word {
        let start = self.at;
        let mut word = Word::default();
        while let Some(letter) = self.text[self.at..].chars().next() {
            match letter {
                // `<(…)` stands for a file.
                '<' | '>' if self.at == start && self.rest().get(1) == Some(&b'(') => {
                    self.substitution(&mut word, 2, b')');
                }
                // The values of an array.
                '(' if word.text.ends_with('=') && is_assignment(&word.text) => {
                    self.substitution(&mut word, 1, b')');
                }
                ' ' | '\t' | '\r' | '\n' | ';' | '&' | '|' | '<' | '>' | '(' | ')' => break,
                '\'' => {
                    let inner = self.text[self.at + 1..].split('\'').next().unwrap_or_default();
                    word.text.push_str(inner);
                    self.at = (self.at + inner.len() + 2).min(self.text.len());
                }
                '"' => self.quoted(&mut word),
                '\\' => {
                    self.at += 1;
                    self.escaped(&mut word, false);
                }
                '$' | '`' => self.expansion(&mut word),
                _ => {
                    word.text.push(letter);
                    self.at += letter.len_utf8();
                }
            }
        }
        word.range = start..self.at;
        word
    }

    /// Reads what follows a backslash; between quotes it stays before most letters.
    fn escaped(&mut self, word: &mut Word, is_quoted: bool) {
        let Some(letter) = self.text[self.at..].chars().next() else { return };
        self.at += letter.len_utf8();
        if is_quoted && !matches!(letter, '"' | '\\' | '$' | '`' | '\n') {
            word.text.push('\\');
        }
        // At the end of a line it joins two lines.
        if letter != '\n' {
            word.text.push(letter);
        }
    }

    fn quoted(&mut self, word: &mut Word) {
        self.at += 1;
        while let Some(letter) = self.text[self.at..].chars().next() {
            match letter {
                '"' => {
                    self.at += 1;
                    return;
                }
                '\\' => {
                    self.at += 1;
                    self.escaped(word, true);
                }
                '$' | '`' => self.expansion(word),
                _ => {
                    word.text.push(letter);
                    self.at += letter.len_utf8();
                }
            }
        }
    }

    /// Reads a variable or a substitution as it is written.
    fn expansion(&mut self, word: &mut Word) {
        match self.rest() {
            [b'$', b'(', ..] => self.substitution(word, 2, b')'),
            [b'$', b'{', ..] => self.substitution(word, 2, b'}'),
            [b'`', ..] => self.substitution(word, 1, b'`'),
            rest => {
                let name = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
                let length = rest[1..].iter().take_while(name).count();
                let special = rest.get(1).is_some_and(|byte| b"@*#?!$-".contains(byte));
                let end = self.at + 1 + if length == 0 { usize::from(special) } else { length };
                word.is_open |= length > 0 || special;
                word.text.push_str(&self.text[self.at..end]);
                self.at = end;
            }
        }
    }

    /// Reads up to the sign that closes what `opening` bytes open.
    fn substitution(&mut self, word: &mut Word, opening: usize, close: u8) {
        let start = self.at;
        self.at = closed(self.text, start + opening, close);
        word.is_open = true;
        word.text.push_str(&self.text[start..self.at]);
    }

    /// Reads an arithmetic expression, `((…))`, where one begins.
    pub(super) fn arithmetic(&mut self) -> Option<Word> {
        let start = self.at;
        let rest = self.text[start..].strip_prefix("((")?;
        let rest = rest.char_indices().nth(LONGEST).map_or(rest, |(end, _)| &rest[..end]);
        let inner = closed(rest, 0, b')');
        (rest.as_bytes().get(inner) == Some(&b')')).then_some(())?;
        self.at = start + 2 + inner + 1;
        Some(Word { text: self.text[start..self.at].to_owned(), range: start..self.at, is_open: true })
    }
}

/// Behind the byte that closes what is open at `at`: quotes and further substitutions in it hide theirs.
fn closed(text: &str, mut at: usize, close: u8) -> usize {
    let bytes = text.as_bytes();
    let mut open = vec![close];
    while let (Some(wanted), Some(byte)) = (open.last().copied(), bytes.get(at).copied()) {
        at += 1;
        match byte {
            b'\\' => at += 1,
            _ if byte == wanted => {
                open.pop();
            }
            b'\'' if wanted != b'"' => {
                at += bytes[at..]
                    .iter()
                    .position(|byte| *byte == b'\'')
                    .map_or(bytes.len() - at, |end| end + 1);
            }
            b'"' if wanted != b'"' => open.push(b'"'),
            b'(' if wanted == b')' => open.push(b')'),
            b'$' if bytes.get(at) == Some(&b'(') => {
                at += 1;
                open.push(b')');
            }
            b'$' if bytes.get(at) == Some(&b'{') => {
                at += 1;
                open.push(b'}');
            }
            _ => {}
        }
    }
    let mut at = at.min(bytes.len());
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}
