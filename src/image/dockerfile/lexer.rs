//! Quotes, escapes and variables in an argument, as BuildKit's lexer takes them.

use std::iter::Peekable;
use std::str::Chars;

use super::pattern;

/// What a variable is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup<'a> {
    /// It has this value.
    Value(&'a str),
    /// It is not set.
    Unset,
    /// It may or may not be set: the base image decides.
    Unknown,
}

/// An argument after quotes, escapes and variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lexed {
    /// The text as one word.
    pub text: String,
    /// The text, split at blanks outside quotes.
    pub words: Vec<String>,
    /// Whether every variable in it is known.
    pub known: bool,
}

/// How deep `${a:-${b:-…}}` may go.
const DEPTH: usize = 32;

/// How much text the variables of one argument may stand for: values that hold each other grow without end.
const LENGTH: usize = 1 << 16;

/// Reads arguments.
pub struct Lexer<'a> {
    escape: char,
    lookup: &'a dyn Fn(&str) -> Lookup<'a>,
    raw_quotes: bool,
    raw_escapes: bool,
    keep_unset: bool,
}

impl<'a> Lexer<'a> {
    /// Replaces variables, takes quotes and escapes away.
    #[must_use]
    pub fn new(escape: char, lookup: &'a dyn Fn(&str) -> Lookup<'a>) -> Self {
        Self { escape, lookup, raw_quotes: false, raw_escapes: false, keep_unset: false }
    }

    /// Only splits into words.
    pub(super) fn raw(lookup: &'a dyn Fn(&str) -> Lookup<'a>) -> Self {
        Self { escape: '\\', lookup, raw_quotes: true, raw_escapes: true, keep_unset: true }
    }

    /// Takes quotes away; variables stay.
    pub(super) fn heredoc(lookup: &'a dyn Fn(&str) -> Lookup<'a>) -> Self {
        Self { escape: '\\', lookup, raw_quotes: false, raw_escapes: false, keep_unset: true }
    }

    /// Reads an argument.
    ///
    /// # Errors
    /// What no builder would take.
    pub fn lex(&self, text: &str) -> Result<Lexed, String> {
        let mut run = Run {
            lexer: self,
            letters: text.chars().peekable(),
            raw_escapes: self.raw_escapes,
            known: true,
            depth: 0,
            length: 0,
            nested: 0,
        };
        let (text, words) = run.until(None, self.raw_escapes)?;
        Ok(Lexed { text, words, known: run.known })
    }
}

struct Run<'a, 't> {
    lexer: &'t Lexer<'a>,
    letters: Peekable<Chars<'t>>,
    raw_escapes: bool,
    known: bool,
    depth: usize,
    length: usize,
    /// How many words of modifiers were read.
    nested: usize,
}

#[derive(Default)]
struct Words {
    words: Vec<String>,
    word: String,
}

impl Words {
    fn letter(&mut self, letter: char) {
        if !letter.is_whitespace() {
            self.word.push(letter);
        } else if !self.word.is_empty() {
            self.words.push(std::mem::take(&mut self.word));
        }
    }

    fn finish(mut self) -> Vec<String> {
        if !self.word.is_empty() {
            self.words.push(self.word);
        }
        self.words
    }
}

impl Run<'_, '_> {
    fn until(&mut self, stop: Option<char>, raw_escapes: bool) -> Result<(String, Vec<String>), String> {
        self.depth += 1;
        self.nested += 1;
        if self.depth > DEPTH {
            return Err(format!("variables are nested more than {DEPTH} deep"));
        }
        let outer = std::mem::replace(&mut self.raw_escapes, raw_escapes);
        let found = self.scan(stop);
        self.raw_escapes = outer;
        self.depth -= 1;
        found
    }

    fn scan(&mut self, stop: Option<char>) -> Result<(String, Vec<String>), String> {
        let mut text = String::new();
        let mut words = Words::default();
        while let Some(letter) = self.letters.peek().copied() {
            if Some(letter) == stop {
                self.letters.next();
                return Ok((text, words.finish()));
            }
            match letter {
                '$' => {
                    let nested = self.nested;
                    let value = self.dollar()?;
                    // BuildKit's words share one buffer: the word of a modifier empties it (`80${A:-81}` is `81`).
                    if self.nested > nested {
                        words.word.clear();
                    }
                    value.chars().for_each(|letter| words.letter(letter));
                    text.push_str(&value);
                }
                '<' => {
                    let angle = self.angle();
                    words.word.push_str(&angle);
                    text.push_str(&angle);
                }
                '\'' | '"' => {
                    let nested = self.nested;
                    let quoted = if letter == '"' { self.double()? } else { self.single()? };
                    if self.nested > nested {
                        words.word.clear();
                    }
                    words.word.push_str(&quoted);
                    text.push_str(&quoted);
                }
                _ if letter == self.lexer.escape => {
                    self.letters.next();
                    if self.raw_escapes {
                        words.word.push(letter);
                        text.push(letter);
                    }
                    let Some(letter) = self.letters.next() else { break };
                    words.word.push(letter);
                    text.push(letter);
                }
                _ => {
                    self.letters.next();
                    words.letter(letter);
                    text.push(letter);
                }
            }
        }
        match stop {
            Some(stop) => Err(format!("`{stop}` is missing")),
            None => Ok((text, words.finish())),
        }
    }

    /// `<<` keeps the blanks behind it, so that the name of a document stays with it.
    fn angle(&mut self) -> String {
        self.letters.next();
        if self.letters.next_if_eq(&'<').is_none() {
            return "<".to_owned();
        }
        let mut text = "<<".to_owned();
        while let Some(blank) = self.letters.next_if(|letter| matches!(letter, '\t' | '\r' | ' ')) {
            text.push(blank);
        }
        text
    }

    fn single(&mut self) -> Result<String, String> {
        let mut text = String::new();
        let quote = self.letters.next();
        if self.lexer.raw_quotes {
            text.extend(quote);
        }
        loop {
            match self.letters.next() {
                None => return Err("a single quote is not closed".to_owned()),
                Some('\'') => {
                    if self.lexer.raw_quotes {
                        text.push('\'');
                    }
                    return Ok(text);
                }
                Some(letter) => text.push(letter),
            }
        }
    }

    fn double(&mut self) -> Result<String, String> {
        let mut text = String::new();
        let quote = self.letters.next();
        if self.lexer.raw_quotes {
            text.extend(quote);
        }
        loop {
            match self.letters.peek().copied() {
                None => return Err("a double quote is not closed".to_owned()),
                Some('"') => {
                    self.letters.next();
                    if self.lexer.raw_quotes {
                        text.push('"');
                    }
                    return Ok(text);
                }
                Some('$') => {
                    let value = self.dollar()?;
                    text.push_str(&value);
                }
                Some(letter) => {
                    self.letters.next();
                    let mut letter = letter;
                    if letter == self.lexer.escape {
                        if self.raw_escapes {
                            text.push(letter);
                        }
                        let escapable = |next: &char| matches!(next, '"' | '$') || *next == self.lexer.escape;
                        match self.letters.next_if(escapable) {
                            Some(next) => letter = next,
                            None if self.letters.peek().is_none() => continue,
                            None => {}
                        }
                    }
                    text.push(letter);
                }
            }
        }
    }

    fn dollar(&mut self) -> Result<String, String> {
        self.letters.next();
        if self.letters.next_if_eq(&'{').is_some() {
            return self.braces();
        }
        let name = self.name();
        if name.is_empty() {
            return Ok("$".to_owned());
        }
        let value = self.value(&name);
        Ok(value.unwrap_or_else(|| if self.lexer.keep_unset { format!("${name}") } else { String::new() }))
    }

    fn braces(&mut self) -> Result<String, String> {
        match self.letters.peek() {
            None => return Err("`}` is missing".to_owned()),
            Some('{' | '}' | ':') => return Err("a name is missing behind `${`".to_owned()),
            Some(_) => {}
        }
        let name = self.name();
        let Some(mut sign) = self.letters.next() else { return Err("`}` is missing".to_owned()) };
        if sign == '}' {
            let value = self.value(&name);
            let unset = || if self.lexer.keep_unset { format!("${{{name}}}") } else { String::new() };
            return Ok(value.unwrap_or_else(unset));
        }
        if sign == '/' {
            return self.replaced(&name);
        }
        let empty_is_unset = sign == ':';
        if empty_is_unset {
            sign = self.letters.next().ok_or("`}` is missing")?;
        }
        let is_trim = matches!(sign, '#' | '%');
        if !matches!(sign, '-' | '+' | '?' | '#' | '%') || (empty_is_unset && is_trim) {
            return Err(format!("`${{{name}` is followed by `{sign}`, which is no modifier"));
        }
        // What the word says counts only where it is used.
        let known = self.known;
        let (word, _) = self.until(Some('}'), is_trim)?;
        let word_known = std::mem::replace(&mut self.known, known);
        let value = self.value(&name);
        if self.lexer.keep_unset {
            return Ok(value.unwrap_or(word));
        }
        let value = value.filter(|value| !(empty_is_unset && value.is_empty()));
        if sign == '?' && value.is_none() && self.known {
            return Err(format!("`{name}` has no value, and one is demanded"));
        }
        let uses_word = match sign {
            '-' => value.is_none(),
            '+' | '#' | '%' => value.is_some(),
            _ => false,
        };
        self.known &= word_known || !uses_word;
        Ok(match (sign, value) {
            ('-', value) => value.unwrap_or(word),
            ('+', Some(_)) => word,
            ('#' | '%', Some(value)) => pattern::trimmed(&value, &word, sign)?,
            (_, value) => value.unwrap_or_default(),
        })
    }

    /// `${NAME/pattern/replacement}`, with a second slash for all places.
    fn replaced(&mut self, name: &str) -> Result<String, String> {
        let all = self.letters.next_if_eq(&'/').is_some();
        let (from, _) = self.until(Some('/'), true)?;
        let (to, _) = self.until(Some('}'), true)?;
        let Some(value) = self.value(name) else { return Ok(String::new()) };
        pattern::replaced(&value, &from, &to, all)
    }

    /// The value of a variable; nothing when it is unset. An unknown one spoils the whole text.
    fn value(&mut self, name: &str) -> Option<String> {
        match (self.lexer.lookup)(name) {
            Lookup::Value(value) => {
                self.length = self.length.saturating_add(value.len());
                if self.length > LENGTH {
                    self.known = false;
                    return None;
                }
                Some(value.to_owned())
            }
            Lookup::Unset => None,
            Lookup::Unknown => {
                self.known = false;
                None
            }
        }
    }

    fn name(&mut self) -> String {
        let mut name = String::new();
        match self.letters.peek().copied() {
            Some(digit) if digit.is_numeric() => {
                while let Some(digit) = self.letters.next_if(|letter| letter.is_numeric()) {
                    name.push(digit);
                }
                return name;
            }
            Some(sign @ ('@' | '*' | '#' | '?' | '-' | '$' | '!')) => {
                self.letters.next();
                return sign.to_string();
            }
            _ => {}
        }
        while let Some(letter) = self.letters.next_if(|letter| letter.is_alphanumeric() || *letter == '_') {
            name.push(letter);
        }
        name
    }
}
