//! A Dockerfile in its logical lines: directives, comments, continuations, and the documents that lines carry.

use std::collections::BTreeSet;
use std::ops::Range;

use super::Problem;
use super::lexer::{Lexer, Lookup};

/// The logical lines of a Dockerfile.
#[derive(Debug, PartialEq)]
pub struct Lines {
    /// The character that escapes.
    pub escape: char,
    /// The lines, those that are empty or comments left out.
    pub lines: Vec<Line>,
}

/// A line with its continuations joined.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The text.
    pub text: String,
    /// The bytes of the file that it was written in, without the documents.
    pub range: Range<usize>,
    /// The texts of its documents (`<<EOF`).
    pub documents: Vec<String>,
    /// Where its pieces begin: in the text, and in the file.
    pieces: Vec<(usize, usize)>,
}

impl Line {
    /// The bytes of the file for bytes of the text.
    #[must_use]
    pub fn place(&self, range: Range<usize>) -> Range<usize> {
        let at = |offset: usize| {
            let piece = self.pieces.partition_point(|(start, _)| *start <= offset).saturating_sub(1);
            self.pieces.get(piece).map_or(self.range.start, |(start, file)| file + (offset - start))
        };
        let start = at(range.start);
        // The end is that of the last character: what follows may be on another line of the file.
        let end = if range.is_empty() { start } else { at(range.end - 1) + 1 };
        start..end.max(start)
    }
}

/// The lines of a Dockerfile.
///
/// # Errors
/// A directive that is repeated or unknown, a front end that is not Docker's, a document that does not end.
pub fn split(text: &str) -> Result<Lines, Problem> {
    if let Some((range, name)) = foreign_syntax(text) {
        let reason = format!("it asks for the front end `{name}`; only Docker's own is read");
        return Err(Problem { range, reason });
    }
    Splitter { text, at: 0, escape: '\\', directives: Some(BTreeSet::new()) }.split()
}

struct Splitter<'t> {
    text: &'t str,
    at: usize,
    escape: char,
    /// The directives so far; nothing when no more can come.
    directives: Option<BTreeSet<String>>,
}

impl<'t> Splitter<'t> {
    fn split(mut self) -> Result<Lines, Problem> {
        let mut lines = Vec::new();
        while let Some((start, raw)) = self.next() {
            let text = raw.trim_end_matches(['\r', '\n']).trim_start();
            let start = start + (raw.trim_end_matches(['\r', '\n']).len() - text.len());
            self.directive(start, text)?;
            if text.starts_with('#') {
                continue;
            }
            let (first, mut continues) = self.without_escape(text);
            if !continues && first.is_empty() {
                continue;
            }
            let mut line = Line {
                text: first.to_owned(),
                range: start..start + text.len(),
                documents: Vec::new(),
                pieces: vec![(0, start)],
            };
            while continues {
                let Some((start, raw)) = self.next() else { break };
                let text = raw.trim_end_matches(['\r', '\n']);
                if text.trim_start().is_empty() || text.trim_start().starts_with('#') {
                    continue;
                }
                let (piece, more) = self.without_escape(text);
                line.pieces.push((line.text.len(), start));
                line.text.push_str(piece);
                line.range.end = start + text.len();
                continues = more;
            }
            if line.text.trim().is_empty() {
                let reason = "a line holds nothing but a continuation".to_owned();
                return Err(Problem { range: line.range, reason });
            }
            self.documents(&mut line)?;
            lines.push(line);
        }
        Ok(Lines { escape: self.escape, lines })
    }

    /// The next line of the file, its break included, and where it starts.
    fn next(&mut self) -> Option<(usize, &'t str)> {
        let start = self.at;
        let rest = &self.text[start..];
        let length = rest.find('\n').map_or(rest.len(), |at| at + 1);
        self.at += length;
        (length > 0).then(|| (start, &rest[..length]))
    }

    fn directive(&mut self, start: usize, text: &str) -> Result<(), Problem> {
        let Some(seen) = &mut self.directives else { return Ok(()) };
        let Some((name, value)) = directive(text, "#") else {
            self.directives = None;
            return Ok(());
        };
        let range = start..start + text.len();
        if name == "escape" {
            self.escape = match value {
                "\\" => '\\',
                "`" => '`',
                _ => {
                    let reason = "the directive `escape` takes a backslash or a backtick".to_owned();
                    return Err(Problem { range, reason });
                }
            };
        }
        if !seen.insert(name.clone()) {
            return Err(Problem { range, reason: format!("the directive `{name}` stands twice") });
        }
        Ok(())
    }

    /// The line without the escape at its end, and whether it had one: then the next line continues it.
    fn without_escape<'l>(&self, line: &'l str) -> (&'l str, bool) {
        match line.trim_end_matches([' ', '\t']).strip_suffix(self.escape) {
            Some(rest) if !rest.ends_with(self.escape) => (rest, true),
            _ => (line, false),
        }
    }

    /// Takes the documents of a line from the lines below it.
    fn documents(&mut self, line: &mut Line) -> Result<(), Problem> {
        if !line.text.contains("<<") || !may_have_documents(&line.text) {
            return Ok(());
        }
        for Heredoc { name, strip_tabs } in heredocs(&line.text) {
            let mut document = String::new();
            loop {
                let Some((_, raw)) = self.next() else {
                    let reason = format!("the document that `<<{name}` opens does not end");
                    return Err(Problem { range: line.range.clone(), reason });
                };
                let end = raw.trim_end_matches(['\r', '\n']);
                if (if strip_tabs { end.trim_start_matches('\t') } else { end }) == name {
                    break;
                }
                document.push_str(if strip_tabs { raw.trim_start_matches('\t') } else { raw });
            }
            line.documents.push(document);
        }
        Ok(())
    }
}

/// `# name=value`, when the name is one of the directives.
fn directive<'t>(text: &'t str, comment: &str) -> Option<(String, &'t str)> {
    let (name, value) = text.strip_prefix(comment)?.trim_start().split_once('=')?;
    let name = name.trim_end().to_ascii_lowercase();
    let value = value.trim();
    (["syntax", "escape", "check"].contains(&name.as_str()) && !value.is_empty()).then_some((name, value))
}

/// The front end that the file asks for, when it is another than Docker's.
fn foreign_syntax(text: &str) -> Option<(Range<usize>, String)> {
    for comment in ["#", "//"] {
        let mut at = 0;
        for (index, line) in text.split_inclusive('\n').enumerate() {
            let start = at;
            at += line.len();
            if index == 0 && line.starts_with("#!") {
                continue;
            }
            let Some((name, value)) = directive(line.trim_end(), comment) else { break };
            if name == "syntax" {
                let image = value.split(' ').next().unwrap_or_default();
                let own = image.strip_prefix("docker.io/").unwrap_or(image);
                let repository = own.split([':', '@']).next().unwrap_or_default();
                let is_own = matches!(repository, "docker/dockerfile" | "docker/dockerfile-upstream");
                return (!is_own).then(|| (start..start + line.trim_end().len(), image.to_owned()));
            }
        }
    }
    None
}

/// Whether the instruction takes documents: COPY, ADD and RUN in their shell form, also behind ONBUILD.
fn may_have_documents(line: &str) -> bool {
    let mut rest = line.trim_start();
    for _ in 0..2 {
        let (command, arguments) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        rest = arguments.trim_start();
        match command.to_ascii_lowercase().as_str() {
            "onbuild" => {}
            "copy" | "add" | "run" => return super::json::list(rest).is_none(),
            _ => return false,
        }
    }
    false
}

struct Heredoc {
    name: String,
    strip_tabs: bool,
}

/// The documents that a line opens, as a shell would see them.
fn heredocs(line: &str) -> Vec<Heredoc> {
    let unset = |_: &str| Lookup::Unset;
    // A line that the lexer cannot read opens none.
    let Ok(lexed) = Lexer::raw(&unset).lex(line) else { return Vec::new() };
    lexed.words.iter().filter_map(|word| heredoc(word)).collect()
}

/// `<<NAME`, `<<-NAME`, `3<<"NAME"`.
pub(super) fn is_heredoc(word: &str) -> bool {
    heredoc(word).is_some()
}

fn heredoc(word: &str) -> Option<Heredoc> {
    let rest = word.trim_start_matches(|letter: char| letter.is_ascii_digit()).strip_prefix("<<")?;
    let (strip_tabs, rest) = match rest.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let rest = rest.trim_start();
    if rest.is_empty() || rest.contains('<') {
        return None;
    }
    let unset = |_: &str| Lookup::Unset;
    let words = Lexer::heredoc(&unset).lex(rest).ok()?.words;
    let [name] = words.as_slice() else { return None };
    Some(Heredoc { name: name.clone(), strip_tabs })
}
