//! A text as a shell reads it: its commands, their words and where they write to. Nothing is expanded.

use std::ops::Range;

/// Programs that run a text which follows `-c`.
const SHELLS: [&str; 6] = ["sh", "bash", "ash", "dash", "zsh", "ksh"];
/// Words before a command that are no part of it.
const OPENERS: [&str; 11] =
    ["if", "then", "elif", "else", "while", "until", "do", "!", "{", "time", "coproc"];
/// Words that stand where a command could, and end something.
const CLOSERS: [&str; 4] = ["fi", "done", "esac", "}"];
/// Words that begin something whose head holds no command.
const HEADS: [&str; 4] = ["for", "case", "select", "function"];

/// The commands of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// The commands, in the order of the text; those in substitutions are left out.
    pub commands: Vec<Simple>,
    /// Whether there is more than a list of commands: a loop, a choice, a group, a pipe, something in the background.
    pub compound: bool,
}

/// A command without others in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Simple {
    /// Its words, assignments in front of it included.
    pub words: Vec<Word>,
    /// The files that it writes by `>` and its like.
    pub written: Vec<Word>,
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

impl Simple {
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

fn is_assignment(word: &str) -> bool {
    let Some((name, _)) = word.split_once('=') else { return false };
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    name.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_')
        && name.chars().all(is_name)
}

/// The last part of a path.
#[must_use]
pub fn program(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

/// The shell that a command line starts, and which of its words is the text that the shell runs.
#[must_use]
pub fn called<'w>(words: &[&'w str]) -> Option<(&'w str, usize)> {
    let first = words.iter().position(|word| !matches!(program(word), "env" | "busybox"))?;
    let shell = program(words[first]);
    if !SHELLS.contains(&shell) {
        return None;
    }
    let mut runs_text = false;
    let mut at = first + 1;
    while let Some(word) = words.get(at).filter(|word| word.starts_with(['-', '+']) && word.len() > 1) {
        if !word.starts_with("--") {
            runs_text |= word.contains('c');
            // `-o pipefail`, also as `-eo pipefail`.
            at += usize::from(word.ends_with(['o', 'O']));
        }
        at += 1;
    }
    (runs_text && at < words.len()).then_some((shell, at))
}

/// Reads a text; what is not closed ends with it.
#[must_use]
pub fn read(text: &str) -> Script {
    let mut reader = Reader {
        text,
        at: 0,
        script: Script::default(),
        open: Simple::default(),
        here: Vec::new(),
        groups: 0,
    };
    while reader.at < text.len() {
        reader.step();
    }
    reader.end();
    reader.script
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    script: Script,
    open: Simple,
    /// The words that end the texts which follow the line, and whether tabs before them count.
    here: Vec<(String, bool)>,
    /// Groups in parentheses that are open.
    groups: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &[u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn step(&mut self) {
        match self.rest() {
            [b' ' | b'\t' | b'\r', ..] => self.at += 1,
            [b'\\', b'\n', ..] => self.at += 2,
            [b'\n', ..] => {
                self.at += 1;
                self.end();
                self.skip_texts();
            }
            [b'#', ..] => {
                self.at += self.rest().iter().position(|byte| *byte == b'\n').unwrap_or(self.rest().len())
            }
            [b'&', b'>', ..] => {
                self.at += 1;
                self.redirect();
            }
            [b'&', b'&', ..] | [b'|', b'|', ..] | [b';', b';', ..] => {
                self.at += 2;
                self.end();
            }
            [b';', ..] => {
                self.at += 1;
                self.end();
            }
            [b'&' | b'|', ..] => {
                self.at += 1;
                self.script.compound = true;
                self.end();
            }
            [b'(', ..] => {
                self.at += 1;
                self.script.compound = true;
                // `name ()` begins a function.
                self.open = Simple::default();
                self.groups += 1;
            }
            [b')', ..] => {
                self.at += 1;
                // Without a group it ends the pattern of a case.
                if self.groups == 0 {
                    self.open = Simple::default();
                }
                self.groups = self.groups.saturating_sub(1);
                self.end();
            }
            [b'<' | b'>', ..] => self.redirect(),
            _ => self.word_or_descriptor(),
        }
    }

    /// Ends a command; one without words and files is none.
    fn end(&mut self) {
        let mut open = std::mem::take(&mut self.open);
        while let Some(first) = open.words.first().map(|word| word.text.as_str()) {
            if OPENERS.contains(&first) || CLOSERS.contains(&first) {
                self.script.compound |= first != "time";
                open.words.remove(0);
            } else if HEADS.contains(&first) {
                self.script.compound = true;
                open.words.clear();
            } else {
                break;
            }
        }
        if !open.words.is_empty() || !open.written.is_empty() {
            self.script.commands.push(open);
        }
    }

    fn word_or_descriptor(&mut self) {
        let word = self.word();
        let is_number = !word.text.is_empty() && word.text.bytes().all(|byte| byte.is_ascii_digit());
        // `2>` names what is redirected.
        if is_number && word.range.len() == word.text.len() && matches!(self.rest(), [b'<' | b'>', ..]) {
            return;
        }
        self.open.words.push(word);
    }

    /// Reads what a `<` or `>` and its like does.
    fn redirect(&mut self) {
        let start = self.at;
        while matches!(self.rest(), [b'<' | b'>', ..]) {
            self.at += 1;
        }
        let operator = &self.text[start..self.at];
        if operator == "<<" && matches!(self.rest(), [b'-', ..]) {
            self.at += 1;
            self.document(true);
            return;
        }
        if operator == "<<" {
            self.document(false);
            return;
        }
        let is_copy = matches!(self.rest(), [b'&', ..]);
        if is_copy || matches!(self.rest(), [b'|', ..]) {
            self.at += 1;
        }
        self.blanks();
        let target = self.word();
        let is_descriptor = target.text == "-" || target.text.bytes().all(|byte| byte.is_ascii_digit());
        if operator.contains('>') && !(is_copy && is_descriptor) && !target.text.is_empty() {
            self.open.written.push(target);
        }
    }

    fn document(&mut self, tabs: bool) {
        self.blanks();
        let end = self.word().text;
        self.here.push((end, tabs));
    }

    fn blanks(&mut self) {
        while matches!(self.rest(), [b' ' | b'\t', ..]) {
            self.at += 1;
        }
    }

    /// Passes over the texts that the line before has announced.
    fn skip_texts(&mut self) {
        for (end, tabs) in std::mem::take(&mut self.here) {
            while self.at < self.text.len() {
                let line = self.text[self.at..].split('\n').next().unwrap_or_default();
                self.at = (self.at + line.len() + 1).min(self.text.len());
                let line = line.trim_end_matches('\r');
                if end == if tabs { line.trim_start_matches('\t') } else { line } {
                    break;
                }
            }
        }
    }

    /// Reads a word; it may be empty where none stands.
    fn word(&mut self) -> Word {
        let start = self.at;
        let mut word = Word::default();
        while let Some(letter) = self.text[self.at..].chars().next() {
            match letter {
                ' ' | '\t' | '\r' | '\n' | ';' | '&' | '|' | '<' | '>' | '(' | ')' => break,
                '\'' => {
                    let inner = self.text[self.at + 1..].split('\'').next().unwrap_or_default();
                    word.text.push_str(inner);
                    self.at = (self.at + inner.len() + 2).min(self.text.len());
                }
                '"' => self.quoted(&mut word),
                '\\' => {
                    self.at += 1;
                    self.escaped(&mut word);
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

    fn escaped(&mut self, word: &mut Word) {
        let Some(letter) = self.text[self.at..].chars().next() else { return };
        self.at += letter.len_utf8();
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
                    self.escaped(word);
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
        let start = self.at;
        let bytes = self.text.as_bytes();
        match self.rest() {
            [b'$', b'(', ..] => self.at = closed(self.text, start + 2, b')'),
            [b'$', b'{', ..] => self.at = closed(self.text, start + 2, b'}'),
            [b'`', ..] => self.at = closed(self.text, start + 1, b'`'),
            _ => {
                let name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
                let length = bytes[start + 1..].iter().take_while(|byte| name(byte)).count();
                let special = bytes.get(start + 1).is_some_and(|byte| b"@*#?!$-".contains(byte));
                self.at = start + 1 + if length == 0 { usize::from(special) } else { length };
                word.is_open |= length > 0 || special;
                word.text.push_str(&self.text[start..self.at]);
                return;
            }
        }
        word.is_open = true;
        word.text.push_str(&self.text[start..self.at]);
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The commands in one line: words by blanks, open ones with a mark, files behind `>`.
    fn shown(text: &str) -> Vec<String> {
        let word = |word: &Word| format!("{}{}", word.text, if word.is_open { "?" } else { "" });
        let simple = |simple: &Simple| {
            let written = simple.written.iter().map(|file| format!(">{}", word(file)));
            simple.words.iter().map(word).chain(written).collect::<Vec<_>>().join(" ")
        };
        read(text).commands.iter().map(simple).collect()
    }

    #[test]
    fn a_text_is_split_into_commands() {
        let cases: [(&str, &[&str]); 12] = [
            ("a b && c || d; e\nf", &["a b", "c", "d", "e", "f"]),
            ("a 'b ; c' \"d $e\" f\\ g # h", &["a b ; c d $e? f g"]),
            ("A=1 b > /x 2>&1 >>\"/y\" &> /z < /in", &["A=1 b >/x >/y >/z"]),
            ("if a; then b; else c; fi", &["a", "b", "c"]),
            ("for x in 1 2; do a $x; done", &["a $x?"]),
            ("case $x in a) b ;; *) c ;; esac", &["b", "c"]),
            ("cat > /x <<-'E' && a\n b > /no\n\tE\nc", &["cat >/x", "a", "c"]),
            ("f() { a; }; (b) | c &", &["a", "b", "c"]),
            ("a $(b \")\" > /no) `c > /no` ${d:-\">\"}", &["a $(b \")\" > /no)? `c > /no`? ${d:-\">\"}?"]),
            ("a \\\n b", &["a b"]),
            ("! { time a; }", &["a"]),
            ("a $ '' \"", &["a $  "]),
        ];
        for (text, commands) in cases {
            assert_eq!(shown(text), commands, "{text}");
        }
    }

    #[test]
    fn a_shell_is_called_with_a_text() {
        let cases = [
            ("sh -c a", Some(("sh", 2))),
            ("/bin/bash -eo pipefail -c a b", Some(("bash", 4))),
            ("/usr/bin/env bash -lc a", Some(("bash", 3))),
            ("bash -c -e a", Some(("bash", 3))),
            ("sh --login -c a", Some(("sh", 3))),
            ("sh /a.sh -c a", None),
            ("sh -c", None),
            ("server -c a", None),
        ];
        for (line, call) in cases {
            let words: Vec<&str> = line.split(' ').collect();
            assert_eq!(called(&words), call, "{line}");
        }
    }

    #[test]
    fn a_command_knows_what_it_calls() {
        let first = |text: &str| {
            let script = read(text);
            let simple = script.commands.first().cloned().unwrap_or_default();
            let program = simple.call().first().map(|word| word.text.clone()).unwrap_or_default();
            (program, simple.is_exec(), script.compound)
        };
        assert_eq!(first("A=1 exec b c"), ("b".into(), true, false));
        assert_eq!(first("exec > /x"), (String::new(), false, false));
        assert_eq!(first("a | b"), ("a".into(), false, true));
        assert_eq!(first("a &"), ("a".into(), false, true));
    }

    #[test]
    fn what_is_never_closed_ends_with_the_text() {
        for text in ["'", "\"$(", "${", "`a\\", "<<", "<<E\nx", ">", "a$(\"é", "((", "$", "\\"] {
            let _ = read(text);
        }
    }
}
