//! Texts in which what nobody may see is a reference to a Secret.

use crate::diag::sensitive::{self, is_sensitive, is_switch, may_hold_secrets, settings};
use crate::k8s::dollar::{self, Piece};
use crate::source::Text;
use crate::source::origin::{Hop, Origin, Variable};

/// A key of a Secret, and the variable of the container that holds its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The variable of the container.
    pub variable: Text,
    /// The Secret.
    pub secret: Text,
    /// The key in it.
    pub key: Text,
    /// The value: only for Secrets that are written with values.
    pub value: Text,
    /// Where Compose takes the value from, in words.
    pub from: Text,
}

/// A text in pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Veiled {
    pieces: Vec<Bit>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Bit {
    Literal(String),
    // A reference is large, and few words have one.
    Secret(Box<Reference>),
}

impl Veiled {
    /// A text that anybody may read.
    #[must_use]
    pub fn plain(text: &str) -> Self {
        Self { pieces: vec![Bit::Literal(text.to_owned())] }
    }

    /// Appends text that anybody may read.
    pub fn push(&mut self, text: &str) {
        match self.pieces.last_mut() {
            Some(Bit::Literal(last)) => last.push_str(text),
            Some(Bit::Secret(_)) | None => self.pieces.push(Bit::Literal(text.to_owned())),
        }
    }

    /// Appends the value of a Secret's key.
    pub fn refer(&mut self, reference: Reference) {
        self.pieces.push(Bit::Secret(Box::new(reference)));
    }

    /// Appends another text.
    pub fn append(&mut self, other: &Self) {
        for piece in &other.pieces {
            match piece {
                Bit::Literal(text) => self.push(text),
                Bit::Secret(reference) => self.pieces.push(Bit::Secret(reference.clone())),
            }
        }
    }

    /// The keys of Secrets that it needs.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        self.pieces.iter().filter_map(|piece| match piece {
            Bit::Secret(reference) => Some(&**reference),
            Bit::Literal(_) => None,
        })
    }

    /// Whether a part that anybody may read may hold a secret that is written out.
    #[must_use]
    pub fn may_hold_more(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Bit::Literal(text) if may_hold_secrets(text)))
    }

    /// Whether a part of it comes from a Secret.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        self.references().next().is_some()
    }

    /// The text where the kubelet expands it: `$(NAME)` for a Secret's key, everything else as it is. A name in `raw` is
    /// a reference that the author wants.
    #[must_use]
    pub fn expanded(&self, raw: &[Text]) -> String {
        if let [Bit::Literal(text)] = self.pieces.as_slice()
            && !text.contains('$')
        {
            return text.clone();
        }
        let mut pieces = Vec::new();
        for piece in &self.pieces {
            match piece {
                Bit::Literal(text) => {
                    pieces.extend(dollar::pieces(text, &|name| raw.iter().any(|known| known == name)));
                }
                Bit::Secret(reference) => pieces.push(Piece::Reference(&reference.variable)),
            }
        }
        dollar::written(&pieces)
    }

    /// The text as one word of a shell, whose variables hold what is secret. The kubelet has not seen it yet.
    #[must_use]
    pub fn shell_word(&self) -> String {
        let mut word = String::new();
        for piece in &self.pieces {
            match piece {
                Bit::Literal(text) if text.is_empty() => {}
                Bit::Literal(text) => word.push_str(&quoted(text)),
                Bit::Secret(reference) => {
                    word.push_str("\"${");
                    word.push_str(&reference.variable);
                    word.push_str("}\"");
                }
            }
        }
        if word.is_empty() { "''".into() } else { word }
    }

    /// The text for a shell whose variables hold what is secret, as it stands otherwise; nothing where a variable is in
    /// single quotes, or where it is not sure what is.
    #[must_use]
    pub fn in_shell(&self) -> Option<String> {
        let mut line = String::new();
        let mut quote = None;
        for piece in &self.pieces {
            let Bit::Literal(text) = piece else { continue };
            if text.contains(['`', '#']) || text.contains("$(") || text.contains("<<") {
                return None;
            }
        }
        for piece in &self.pieces {
            match piece {
                Bit::Literal(text) => {
                    quote = quote_behind(text, quote);
                    line.push_str(text);
                }
                Bit::Secret(_) if quote == Some('\'') => return None,
                Bit::Secret(reference) => {
                    line.push_str("${");
                    line.push_str(&reference.variable);
                    line.push('}');
                }
            }
        }
        Some(line)
    }

    /// The text with a letter of its own for each secret, and the secrets in their order; nothing when the text has such
    /// letters itself.
    #[must_use]
    pub fn marked(&self) -> Option<(String, Vec<Reference>)> {
        let mut text = String::new();
        let mut references = Vec::new();
        for piece in &self.pieces {
            match piece {
                Bit::Literal(literal) if literal.chars().any(is_mark) => return None,
                Bit::Literal(literal) => text.push_str(literal),
                Bit::Secret(reference) => {
                    text.push(mark(references.len()));
                    references.push((**reference).clone());
                }
            }
        }
        Some((text, references))
    }

    /// A text whose marked letters are secrets again.
    #[must_use]
    pub fn unmarked(text: &str, references: &[Reference]) -> Self {
        let mut veiled = Self::default();
        for letter in text.chars() {
            match u32::from(letter).checked_sub(MARKS).and_then(|at| references.get(at as usize)) {
                Some(reference) => veiled.refer(reference.clone()),
                None => veiled.push(letter.encode_utf8(&mut [0; 4])),
            }
        }
        veiled
    }

    /// The text with its secrets: for comparing, never for writing.
    #[must_use]
    pub fn revealed(&self) -> String {
        let text = |piece: &Bit| match piece {
            Bit::Literal(text) => text.clone(),
            Bit::Secret(reference) => reference.value.to_string(),
        };
        self.pieces.iter().map(text).collect()
    }

    /// The text, when nothing in it is secret.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Bit::Literal(text)] => Some(text),
            _ => None,
        }
    }
}

/// The quote that is open behind a text of a shell, when that is open before it.
fn quote_behind(text: &str, mut quote: Option<char>) -> Option<char> {
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some('\''), '\\') => {}
            (_, '\\') => drop(letters.next()),
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), letter) if open == letter => quote = None,
            _ => {}
        }
    }
    quote
}

/// Where letters for private use begin, which no text means anything by.
const MARKS: u32 = 0xf_0000;

fn mark(number: usize) -> char {
    u32::try_from(number).ok().and_then(|number| char::from_u32(MARKS + number)).unwrap_or('\u{ffffd}')
}

/// Whether a letter stands for a secret.
#[must_use]
pub fn is_mark(letter: char) -> bool {
    u32::from(letter) >= MARKS
}

/// A line of a shell that runs the words in its own place.
#[must_use]
pub fn shell_line(words: &[Veiled]) -> String {
    let words: Vec<String> = words.iter().map(Veiled::shell_word).collect();
    format!("exec {}", words.join(" "))
}

/// A text as one word of a shell.
#[must_use]
pub fn quoted(text: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "_-./:=,@%+".contains(letter);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// What a value is made of, as far as secrets are concerned.
#[derive(Clone, Debug, PartialEq)]
pub enum Form<'o> {
    /// Anybody may read it.
    Plain,
    /// It is a secret as a whole.
    Whole,
    /// It is made of variables, of which some are secret.
    Parts(Vec<Chunk<'o>>),
}

/// A part of a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Chunk<'o> {
    /// What stands there.
    pub text: Text,
    /// The variable that it comes from, when it is a secret.
    pub secret: Option<&'o Text>,
}

/// What a value is made of; `name` is that of the variable, label or argument that holds it.
#[must_use]
pub fn form<'o>(
    name: Option<&'o Text>,
    value: &str,
    origin: &'o Origin,
    is_secret: &dyn Fn(&Variable) -> bool,
) -> Form<'o> {
    if origin.hops.iter().any(|hop| matches!(hop, Hop::EnvFile(_))) {
        return Form::Whole;
    }
    if is_switch(value) {
        return Form::Plain;
    }
    let speaks = name.filter(|name| is_sensitive(name));
    if origin.template.is_none() && speaks.is_none() {
        return if holds_secret(name, value) { Form::Whole } else { Form::Plain };
    }
    let parts = parts(value, origin);
    let chunk = |(text, variable): &(Text, Option<&'o Variable>)| Chunk {
        text: text.clone(),
        secret: variable.filter(|variable| is_secret(variable)).map(|variable| &variable.name),
    };
    if let [(text, Some(variable))] = parts.as_slice()
        && (speaks.is_some() || is_secret(variable) || holds_secret(name, text))
    {
        return Form::Parts(vec![Chunk { text: text.clone(), secret: Some(&variable.name) }]);
    }
    if let Some(name) = speaks {
        if origin.hops.iter().any(|hop| matches!(hop, Hop::Inherited(_))) {
            return Form::Parts(vec![Chunk { text: value.into(), secret: Some(name) }]);
        }
        let empty = value.is_empty() && parts.iter().all(|(_, variable)| variable.is_none());
        return if empty { Form::Plain } else { Form::Whole };
    }
    let chunks: Vec<Chunk<'o>> = parts.iter().map(chunk).collect();
    let shown = chunks.iter().filter(|chunk| chunk.secret.is_none()).map(|chunk| chunk.text.as_str());
    if holds_secret(name, &shown.collect::<String>()) {
        return Form::Whole;
    }
    if chunks.iter().any(|chunk| chunk.secret.is_some()) { Form::Parts(chunks) } else { Form::Plain }
}

/// Whether what anybody could read of a value holds a secret. The words of a command are looked at by themselves.
fn holds_secret(name: Option<&Text>, text: &str) -> bool {
    sensitive::holds_secret(text) || name.is_some() && settings::value_holds_secret(text)
}

/// The parts of a value with the variables that they come from; without a template the value is the one part.
#[must_use]
pub fn parts<'o>(value: &str, origin: &'o Origin) -> Vec<(Text, Option<&'o Variable>)> {
    let Some(pieces) = origin.pieces(value) else { return vec![(Text::new(value), None)] };
    pieces.into_iter().map(|piece| (Text::new(&value[piece.range]), piece.variable)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(name: &str) -> Reference {
        let text = Text::new(name);
        Reference {
            variable: text.clone(),
            secret: "s".into(),
            key: text,
            value: Text::default(),
            from: Text::default(),
        }
    }

    #[test]
    fn a_line_for_a_shell_keeps_its_form_where_the_shell_sees_the_secret() {
        let line = |before: &str, behind: &str| {
            let mut line = Veiled::plain(before);
            line.refer(reference("PW"));
            line.push(behind);
            line.in_shell()
        };
        for (before, behind, text) in [
            ("a -p", " || exit 1", "a -p${PW} || exit 1"),
            ("a -p\"", "\" -Q 'x'", "a -p\"${PW}\" -Q 'x'"),
            ("a -Q 'x' -p \"it's ", "\"", "a -Q 'x' -p \"it's ${PW}\""),
            (r"a \' -p", "", r"a \' -p${PW}"),
        ] {
            assert_eq!(line(before, behind).as_deref(), Some(text));
        }
        for (before, behind) in [("a -p'", "'"), ("a $(b ", ")"), ("a `b ", "`"), ("# it's\na -p", "")] {
            assert_eq!(line(before, behind), None, "{before}");
        }
    }

    #[test]
    fn the_kubelet_and_a_shell_put_a_secret_in() {
        let mut word = Veiled::plain("http://u:$");
        word.refer(reference("PW"));
        word.push("@h/$(X)");
        assert_eq!(word.expanded(&[]), "http://u:$$$(PW)@h/$$(X)");
        assert_eq!(word.expanded(&["X".into()]), "http://u:$$$(PW)@h/$(X)");
        assert_eq!(word.shell_word(), "'http://u:$'\"${PW}\"'@h/$(X)'");
        assert_eq!(
            shell_line(&[Veiled::plain("a"), Veiled::plain("it's"), Veiled::plain("")]),
            r"exec a 'it'\''s' ''"
        );
    }
}
