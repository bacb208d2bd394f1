//! A document as it is written: one flat table of nodes, aliases still references.

use std::collections::HashMap;

use super::events::{Event, Properties, Shape, Style};
use super::scalar::{self, Tag};
use super::{Comment, MarkKind, Parsed, Problem, ProblemKind};
use crate::source::{Text, span::Span};
use crate::tree::Value;

/// So many problems are told of a file; nobody reads more, and memory is not for them.
const MOST: usize = 20_000;

/// The number of a node in its [`Raw`].
pub(super) type Id = u32;

/// A document; children come before their collections in no particular order.
#[derive(Default)]
pub(super) struct Raw {
    /// The nodes.
    pub(super) nodes: Vec<Part>,
    /// The entries of all mappings; a mapping's own lie side by side.
    pub(super) entries: Vec<Pair>,
    /// The items of all sequences; a sequence's own lie side by side.
    pub(super) items: Vec<Id>,
    /// The tags `!reset` and `!override`.
    pub(super) marks: Vec<(MarkKind, Span)>,
    /// The root of a document that has one.
    pub(super) root: Option<Id>,
}

/// A node.
pub(super) struct Part {
    pub(super) kind: Kind,
    pub(super) span: Span,
    /// Its place in [`Raw::marks`], if it is tagged so.
    pub(super) mark: Option<u32>,
}

/// What a node is.
pub(super) enum Kind {
    /// A scalar.
    Scalar(Value),
    /// Another node, which is complete.
    Alias(Id),
    /// A sequence, its range in [`Raw::items`].
    List { first: u32, count: u32 },
    /// A mapping, its range in [`Raw::entries`].
    Map { first: u32, count: u32 },
    /// A collection that is still being read.
    Unfinished,
}

/// An entry of a mapping.
pub(super) struct Pair {
    pub(super) key: Text,
    pub(super) span: Span,
    pub(super) value: Id,
    /// Whether the key is the merge key.
    pub(super) merge: bool,
    /// Whether an alias stands for the key.
    alias: bool,
}

/// Puts events together.
pub(super) struct Builder<'t, 'p> {
    text: &'t str,
    parsed: &'p mut Parsed,
    raw: Raw,
    frames: Vec<Frame>,
    /// The entries and items of collections that are still being read.
    pairs: Vec<Pair>,
    items: Vec<Id>,
    /// The nodes of anchors, by the parser's number.
    anchors: HashMap<usize, Id>,
    /// The ends that hang out of half a document.
    loose: Option<Loose>,
}

/// What ties the halves of a document together.
#[derive(Default)]
pub(super) struct Loose {
    /// The node that each anchor names last.
    pub(super) anchors: HashMap<Text, Id>,
    /// The aliases without an anchor before them, which are unfinished nodes, and their names.
    pub(super) aliases: Vec<(Id, Text)>,
    /// The node of the anchor that came last.
    latest: Option<Id>,
}

/// A collection that is being read.
struct Frame {
    id: Id,
    shape: Shape,
    /// Where its own children start in `pairs` or `items`.
    base: usize,
    /// The span so far; without brackets it grows with the children.
    span: Span,
    bracketed: bool,
    empty: bool,
    /// What a mapping waits for.
    next: Next,
}

/// What comes next in a mapping.
enum Next {
    /// A key.
    Key,
    /// The value of this key; its entry is left out when the key cannot be one.
    Value(Option<Name>, Span),
}

/// A key that was read.
struct Name {
    text: Text,
    merge: bool,
    alias: bool,
}

impl<'t, 'p> Builder<'t, 'p> {
    /// A builder for the events of `text`.
    pub(super) fn new(text: &'t str, parsed: &'p mut Parsed) -> Self {
        Self {
            text,
            parsed,
            raw: Raw::default(),
            frames: Vec::new(),
            pairs: Vec::new(),
            items: Vec::new(),
            anchors: HashMap::new(),
            loose: None,
        }
    }

    /// A builder for half a document: an alias without an anchor may have it in the other half.
    pub(super) fn of_half(text: &'t str, parsed: &'p mut Parsed) -> Self {
        Self { loose: Some(Loose::default()), ..Self::new(text, parsed) }
    }

    /// What hangs out of half a document.
    pub(super) fn loose(self) -> Loose {
        self.loose.unwrap_or_default()
    }

    /// The list to which problems are added.
    pub(super) fn problems(&mut self) -> &mut Vec<Problem> {
        &mut self.parsed.problems
    }

    /// Takes an event in; the one that finishes a document gives it back.
    pub(super) fn take(&mut self, event: Event<'_>) -> Option<Raw> {
        match event {
            Event::Begin => self.forget(),
            Event::Finish => {
                let raw = std::mem::take(&mut self.raw);
                self.forget();
                return Some(raw);
            }
            Event::Scalar { text, style, span, properties } => self.scalar(&text, style, span, properties),
            Event::Open { shape, bracketed, span, properties } => {
                self.open(shape, bracketed, span, properties)
            }
            Event::Close { span } => self.close(span),
            Event::Alias { target, span } => self.alias(target, span),
            Event::Anchor { span } => {
                let name = self.name(span);
                if let Some(loose) = &mut self.loose
                    && let Some(id) = loose.latest.take()
                {
                    loose.anchors.insert(name.clone(), id);
                }
                self.parsed.anchors.push((name, span));
            }
            Event::Comment { span } => {
                let before = &self.text[..span.start as usize];
                let line = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
                let own_line = before[line..].bytes().all(|byte| matches!(byte, b' ' | b'\t'));
                self.parsed.comments.push(Comment { span, own_line });
            }
            Event::Fault { span, message } => self.problem(ProblemKind::Syntax, span, message, None),
            Event::Error { span, message } => {
                self.problem(ProblemKind::Syntax, span, message, None);
                self.forget();
            }
        }
        None
    }

    /// Drops the document that is being read.
    fn forget(&mut self) {
        self.raw = Raw::default();
        self.frames.clear();
        self.pairs.clear();
        self.items.clear();
        // A new one: to clear a table that was once large takes long each time.
        self.anchors = HashMap::new();
    }

    fn scalar(&mut self, text: &str, style: Style, span: Span, properties: Properties) {
        let span = if style == Style::Absent { self.absent(span, properties) } else { span };
        let plain = style != Style::Quoted;
        let value = scalar::resolve(text, properties.tag, plain).unwrap_or_else(|message| {
            let place = properties.tag_span.unwrap_or(span);
            self.problem(ProblemKind::Scalar, span, message, Some((place, "the tag".to_owned())));
            Value::String(Text::new(text))
        });
        if self.awaits_key() {
            self.tag(properties);
            if properties.anchor != 0 {
                let id = self.add(Kind::Scalar(value.clone()), span, None);
                self.anchor(properties.anchor, id);
            }
            let merge =
                properties.tag == Tag::Merge || (properties.tag == Tag::None && plain && text == "<<");
            self.key(text, &value, span, merge, false);
            return;
        }
        let mark = self.tag(properties);
        let id = self.add(Kind::Scalar(value), span, mark);
        if properties.anchor != 0 {
            self.anchor(properties.anchor, id);
        }
        self.attach(id, span);
    }

    fn alias(&mut self, target: Option<usize>, span: Span) {
        let name = self.name(span);
        let found = target.and_then(|anchor| self.anchors.get(&anchor)).copied();
        let kind = match found {
            None if self.loose.is_some() && !self.awaits_key() => Kind::Unfinished,
            None => {
                self.problem(
                    ProblemKind::Alias,
                    span,
                    format!("no anchor `&{name}` stands before this alias"),
                    None,
                );
                Kind::Scalar(Value::Null)
            }
            Some(id) if matches!(self.raw.nodes[id as usize].kind, Kind::Unfinished) => {
                let message = format!("the anchor `&{name}` holds itself through this alias");
                self.problem(ProblemKind::Alias, span, message, None);
                Kind::Scalar(Value::Null)
            }
            Some(id) => Kind::Alias(id),
        };
        self.parsed.aliases.push((name.clone(), span));
        if !self.awaits_key() {
            let is_loose = matches!(kind, Kind::Unfinished);
            let id = self.add(kind, span, None);
            if let Some(loose) = self.loose.as_mut().filter(|_| is_loose) {
                loose.aliases.push((id, name));
            }
            self.attach(id, span);
            return;
        }
        match kind {
            Kind::Alias(id) => match &self.raw.nodes[id as usize].kind {
                Kind::Scalar(value) => {
                    let value = value.clone();
                    let text = value.scalar_text().unwrap_or_default();
                    self.key(&text, &value, span, false, true);
                }
                Kind::Alias(_) | Kind::List { .. } | Kind::Map { .. } | Kind::Unfinished => self.no_key(span),
            },
            Kind::Scalar(_) | Kind::List { .. } | Kind::Map { .. } | Kind::Unfinished => {
                self.expect_value(None, span)
            }
        }
    }

    fn anchor(&mut self, number: usize, id: Id) {
        self.anchors.insert(number, id);
        if let Some(loose) = &mut self.loose {
            loose.latest = Some(id);
        }
    }

    fn open(&mut self, shape: Shape, bracketed: bool, span: Span, properties: Properties) {
        let mark = self.tag(properties);
        let id = self.add(Kind::Unfinished, span, mark);
        if properties.anchor != 0 {
            self.anchor(properties.anchor, id);
        }
        let base = match shape {
            Shape::List => self.items.len(),
            Shape::Map => self.pairs.len(),
        };
        self.frames.push(Frame { id, shape, base, span, bracketed, empty: true, next: Next::Key });
    }

    fn close(&mut self, end: Span) {
        let Some(frame) = self.frames.pop() else { return };
        let span = if frame.bracketed { frame.span.to(end) } else { frame.span };
        let kind = match frame.shape {
            Shape::List => {
                let first = index(self.raw.items.len());
                let count = index(self.items.len() - frame.base);
                self.raw.items.extend(self.items.drain(frame.base..));
                Kind::List { first, count }
            }
            Shape::Map => {
                let mut pairs = self.pairs.split_off(frame.base);
                self.say_once(&mut pairs);
                let (first, count) = (index(self.raw.entries.len()), index(pairs.len()));
                self.raw.entries.append(&mut pairs);
                Kind::Map { first, count }
            }
        };
        let part = &mut self.raw.nodes[frame.id as usize];
        part.kind = kind;
        part.span = span;
        if self.awaits_key() {
            self.no_key(span);
        } else {
            self.attach(frame.id, span);
        }
    }

    /// Reports the keys that occur twice; the last value takes the first one's place.
    fn say_once(&mut self, pairs: &mut Vec<Pair>) {
        let doubles = doubles(pairs);
        if doubles.is_empty() {
            return;
        }
        for &(first, second) in &doubles {
            let (earlier, later) = (&pairs[first], &pairs[second]);
            // Compose compares what is written, so that a key behind an alias never counts as a second one.
            if !earlier.alias && !later.alias {
                let message = format!("the key `{}` is there twice", later.key);
                let also = Some((earlier.span, "the first one".to_owned()));
                self.problem(ProblemKind::DuplicateKey, later.span, message, also);
            }
        }
        for &(first, second) in &doubles {
            pairs.swap(first, second);
        }
        let mut doubles = doubles.into_iter().map(|(_, second)| second).peekable();
        let mut at = 0..;
        pairs.retain(|_| doubles.next_if_eq(&at.next().unwrap_or(usize::MAX)).is_none());
    }

    fn awaits_key(&self) -> bool {
        matches!(self.frames.last(), Some(Frame { shape: Shape::Map, next: Next::Key, .. }))
    }

    /// Takes a scalar as the key of the mapping on top.
    fn key(&mut self, text: &str, value: &Value, span: Span, merge: bool, alias: bool) {
        if !merge && !matches!(value, Value::String(_)) {
            let message = match value {
                Value::Null => "null is no key here; Compose takes only strings".to_owned(),
                other => format!("the key `{text}` is a {}; Compose takes only strings", other.kind()),
            };
            self.problem(ProblemKind::Key, span, message.replace("a integer", "an integer"), None);
        }
        let text = match value {
            Value::String(decoded) => decoded.clone(),
            _ => Text::new(text),
        };
        self.expect_value(Some(Name { text, merge, alias }), span);
    }

    fn no_key(&mut self, span: Span) {
        self.problem(
            ProblemKind::Key,
            span,
            "a collection is no key here; Compose takes only strings".into(),
            None,
        );
        self.expect_value(None, span);
    }

    fn expect_value(&mut self, name: Option<Name>, span: Span) {
        if let Some(frame) = self.frames.last_mut() {
            frame.grow(span);
            frame.next = Next::Value(name, span);
        }
    }

    /// Gives a node to the collection on top, or makes it the root.
    fn attach(&mut self, id: Id, span: Span) {
        let Some(frame) = self.frames.last_mut() else {
            self.raw.root = Some(id);
            return;
        };
        frame.grow(span);
        match frame.shape {
            Shape::List => self.items.push(id),
            Shape::Map => {
                if let Next::Value(Some(name), span) = std::mem::replace(&mut frame.next, Next::Key) {
                    let Name { text, merge, alias } = name;
                    self.pairs.push(Pair { key: text, span, value: id, merge, alias });
                }
            }
        }
    }

    fn add(&mut self, kind: Kind, span: Span, mark: Option<u32>) -> Id {
        let id = index(self.raw.nodes.len());
        self.raw.nodes.push(Part { kind, span, mark });
        id
    }

    /// Notes the tag of a node; the number of its mark, if it is one.
    fn tag(&mut self, properties: Properties) -> Option<u32> {
        let span = properties.tag_span?;
        self.parsed.tags.push((Text::new(&self.text[span.range()]), span));
        let kind = match properties.tag {
            Tag::Reset => MarkKind::Reset,
            Tag::Override => MarkKind::Override,
            _ => return None,
        };
        self.raw.marks.push((kind, span));
        Some(index(self.raw.marks.len() - 1))
    }

    /// The point where a value is missing: after the colon or the dash, or after the tag or anchor that it has.
    fn absent(&self, span: Span, properties: Properties) -> Span {
        let colon = self.text.as_bytes().get(span.start as usize) == Some(&b':');
        match self.frames.last() {
            Some(Frame { shape: Shape::Map, next: Next::Value(_, key), .. }) => {
                if colon && span.start >= key.end {
                    Span { start: span.start + 1, end: span.start + 1, ..span }
                } else if properties.anchor == 0 && properties.tag == Tag::None {
                    Span { start: key.end, end: key.end, ..span }
                } else {
                    span
                }
            }
            _ => {
                let end = self.text[..span.range().start].trim_end_matches([' ', '\t']).len();
                Span::new(span.file, end, end)
            }
        }
    }

    /// The name in a token that starts with `&` or `*`.
    fn name(&self, span: Span) -> Text {
        Text::new(self.text[span.range()].get(1..).unwrap_or_default())
    }

    fn problem(&mut self, kind: ProblemKind, span: Span, message: String, also: Option<(Span, String)>) {
        if self.parsed.problems.len() < MOST {
            self.parsed.problems.push(Problem { span, kind, message, also });
        }
    }
}

impl Pair {
    /// Moves the entry away; what stays has no key, and nothing refers to it.
    pub(super) fn take(&mut self) -> Self {
        let Self { span, value, merge, alias, .. } = *self;
        Self { key: std::mem::take(&mut self.key), span, value, merge, alias }
    }
}

impl Frame {
    /// Lets a collection without brackets reach over a child.
    fn grow(&mut self, child: Span) {
        if self.bracketed {
            return;
        }
        self.span = if std::mem::replace(&mut self.empty, false) { child } else { self.span.to(child) };
    }
}

/// The pairs whose keys were there before: the place of the first one, and their own, in the order of these.
pub(super) fn doubles(pairs: &[Pair]) -> Vec<(usize, usize)> {
    // Few keys are compared with each other, many are looked up.
    if pairs.len() <= 12 {
        let first = |at: usize| pairs[..at].iter().position(|earlier| earlier.key == pairs[at].key);
        return (1..pairs.len()).filter_map(|at| Some((first(at)?, at))).collect();
    }
    let mut seen: HashMap<&str, usize> = HashMap::with_capacity(pairs.len());
    let mut found = Vec::new();
    for (at, pair) in pairs.iter().enumerate() {
        let first = *seen.entry(&pair.key).or_insert(at);
        if first != at {
            found.push((first, at));
        }
    }
    found
}

/// A number of the table.
pub(super) fn index(number: usize) -> u32 {
    u32::try_from(number).expect("fewer nodes than bytes, and fewer than 2³² bytes")
}
