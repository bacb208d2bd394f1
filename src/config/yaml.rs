//! The view as YAML, on request with a comment behind every value that says where it comes from.

use std::fmt::Write as _;

use super::sheet::{Held, Member, Sheet, Top};
use super::view::{Item, View};
use crate::source::files::Files;
use crate::source::origin::{Hop, Origins, Part, PartKind};
use crate::source::span::{Span, Spanned};

/// So many members of a section are one piece.
const MEMBERS: usize = 128;

/// A piece of the printed project, whose text can be made by itself.
pub struct Piece<'a> {
    sheet: Sheet<'a>,
    origins: bool,
    /// The key under which it stands.
    key: &'a str,
    /// What it starts with.
    head: Option<Item>,
    members: Vec<Member<'a>>,
}

/// The pieces of a project in their order.
#[must_use]
pub fn pieces(sheet: Sheet<'_>, origins: bool) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    for Top { key, place, held } in sheet.tops() {
        let piece = |head, members| Piece { sheet, origins, key, head, members };
        match held {
            Held::One(view) => pieces.push(piece(Some(Item { view, place }), Vec::new())),
            Held::Members(members) => {
                let head = Item { view: View::Map(Vec::new()), place };
                let mut parts = members.chunks(MEMBERS);
                pieces.push(piece(Some(head), parts.next().unwrap_or_default().to_vec()));
                pieces.extend(parts.map(|part| piece(None, part.to_vec())));
            }
        }
    }
    pieces
}

impl Piece<'_> {
    /// Its text.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { sheet, origins, key, head, members } = self;
        let mut printer =
            Printer { out: String::new(), places: origins.then_some((sheet.files, &sheet.project.origins)) };
        if let Some(head) = head {
            printer.quoted(key);
            printer.out.push(':');
            if members.is_empty() {
                printer.entry(head, 2, false);
            } else {
                printer.out.push('\n');
            }
        }
        for member in members {
            printer.indent(2);
            printer.quoted(member.0);
            printer.out.push(':');
            printer.entry(&sheet.member(key, *member), 4, false);
        }
        printer.out
    }
}

struct Printer<'a> {
    out: String,
    places: Option<(&'a Files, &'a Origins)>,
}

impl Printer<'_> {
    /// The lines of a collection, each at `indent`.
    fn block(&mut self, item: &Item, indent: usize) {
        match &item.view {
            View::Leaf(leaf) => {
                self.scalar(leaf);
                self.end(item);
            }
            View::List(items) => {
                for item in items {
                    self.indent(indent);
                    self.out.push('-');
                    self.entry(item, indent + 2, true);
                }
            }
            View::Map(entries) => self.entries(entries, indent, false),
        }
    }

    fn entries(&mut self, entries: &[(String, Item)], indent: usize, inline: bool) {
        for (at, (key, item)) in entries.iter().enumerate() {
            if at > 0 || !inline {
                self.indent(indent);
            }
            self.quoted(key);
            self.out.push(':');
            self.entry(item, indent + 2, false);
        }
    }

    /// What follows a `-` or a `key:`.
    fn entry(&mut self, item: &Item, indent: usize, in_list: bool) {
        match &item.view {
            View::List(items) if items.is_empty() => {
                self.out.push_str(" []");
                self.end(item);
            }
            View::Map(entries) if entries.is_empty() => {
                self.out.push_str(" {}");
                self.end(item);
            }
            View::Leaf(leaf) => {
                self.out.push(' ');
                self.scalar(leaf);
                self.end(item);
            }
            View::Map(entries) if in_list => {
                self.out.push(' ');
                self.entries(entries, indent, true);
            }
            View::List(_) | View::Map(_) => {
                self.out.push('\n');
                self.block(item, indent);
            }
        }
    }

    fn scalar(&mut self, leaf: &serde_json::Value) {
        match leaf {
            serde_json::Value::String(text) => self.quoted(text),
            other => {
                let _ = write!(self.out, "{other}");
            }
        }
    }

    /// The text plain, where every reader of YAML takes it for a string, else in double quotes.
    fn quoted(&mut self, text: &str) {
        let out = &mut self.out;
        if is_plain(text) {
            out.push_str(text);
            return;
        }
        out.push('"');
        for letter in text.chars() {
            match letter {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\t' => out.push_str("\\t"),
                '\r' => out.push_str("\\r"),
                letter
                    if letter.is_control()
                        || matches!(letter, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}') =>
                {
                    let _ = write!(out, "\\u{:04x}", letter as u32);
                }
                letter => out.push(letter),
            }
        }
        out.push('"');
    }

    fn indent(&mut self, indent: usize) {
        self.out.extend(std::iter::repeat_n(' ', indent));
    }

    /// The end of a line, with the place of the value when it is asked for.
    fn end(&mut self, item: &Item) {
        if let Some((files, origins)) = self.places {
            self.out.push_str("  # ");
            let words = match &item.place {
                Some(place) => way(place, files, origins),
                None => "always printed by Compose".to_owned(),
            };
            self.out.push_str(&words);
        }
        self.out.push('\n');
    }
}

/// The place of a value and the hops behind it.
fn way(place: &Spanned<()>, files: &Files, origins: &Origins) -> String {
    let at = |span: Span| {
        let position = files.start(span);
        let name: String = files
            .file(span.file)
            .name
            .chars()
            .map(|letter| if letter.is_control() { '?' } else { letter })
            .collect();
        format!("{name}:{}:{}", position.line, position.column)
    };
    let origin = origins.get(place.origin);
    let mut words = at(place.span);
    if let Some(template) = &origin.template {
        let names: Vec<&str> = names(&template.parts);
        let _ = write!(words, ", with {}", names.join(", "));
    }
    let mut implied = false;
    for hop in &origin.hops {
        let _ = match hop {
            Hop::Include(span) => write!(words, ", included at {}", at(*span)),
            Hop::Extends(span) => write!(words, ", extended at {}", at(*span)),
            Hop::Override(span) => write!(words, ", overrides {}", at(*span)),
            Hop::EnvFile(span) => write!(words, ", env file named at {}", at(*span)),
            Hop::Default(_) if implied => Ok(()),
            Hop::Default(_) => {
                implied = true;
                write!(words, ", implied")
            }
            Hop::Derived(_) => write!(words, ", derived"),
            Hop::Alias(span) => write!(words, ", alias at {}", at(*span)),
            Hop::Inherited(Some(span)) => write!(words, ", value from {}", at(*span)),
            Hop::Inherited(None) => write!(words, ", value from the environment"),
        };
    }
    words
}

/// The variables of a template, in its order.
fn names(parts: &[Part]) -> Vec<&str> {
    parts
        .iter()
        .filter_map(|part| match &part.kind {
            PartKind::Variable(variable) => Some(variable.name.as_str()),
            PartKind::Literal(_) => None,
        })
        .collect()
}

/// Words that some reader of YAML takes for something else than a string.
const RESERVED: &[&str] = &["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"];

fn is_plain(text: &str) -> bool {
    let first = text.chars().next();
    let safe = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.' | '/');
    first.is_some_and(|first| first.is_ascii_alphabetic() || first == '/' || first == '_')
        && text.chars().all(|letter| safe(letter) || matches!(letter, ':' | '@' | '=' | '+'))
        && !text.ends_with(':')
        && !RESERVED.iter().any(|word| text.eq_ignore_ascii_case(word))
}
