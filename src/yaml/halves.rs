//! A large file read from two places at once: up to a key in the middle of a long mapping, and from that key on.
//!
//! The halves make what the whole makes, or nothing is made and the whole is read: the key must stand at the third
//! column, in a mapping that is the value of a top-level key, and both halves must be free of problems. Between two
//! entries of such a mapping the parser remembers nothing but the two indentations, the anchors, and `%` directives;
//! a tab would let a value before the key go on behind it.

use super::events::{Event, Events, Style};
use super::raw::{Builder, Id, Kind, Loose, Pair, Raw, doubles, index};
use super::{Comment, Parsed};
use crate::source::span::{FileId, Span};
use crate::source::task::both;

/// From this size on, two threads are faster than one by more than it costs to start the second.
const LARGE: usize = 256 * 1024;

/// What stands for the first half before the second: a top-level key over the mapping.
const HEAD: &str = "s:\n";

/// The column of the key, counted from 0.
const INDENT: usize = 2;

/// The only document of a text, when the text is large, can be halved, and nothing is wrong with it.
pub(super) fn read(file: FileId, text: &str, parsed: &mut Parsed) -> Option<Raw> {
    if text.len() < LARGE || !parsed.problems.is_empty() || !is_simple(text) {
        return None;
    }
    read_at(file, text, boundary(text, text.len() / 2)?, parsed)
}

/// The document, halved before the line at `at`, which [`boundary`] has found.
pub(super) fn read_at(file: FileId, text: &str, at: usize, parsed: &mut Parsed) -> Option<Raw> {
    let (first, second) = both(
        || first(file, &text[..at]),
        || {
            let rest = [HEAD, &text[at..]].concat();
            second(file, &rest, at - HEAD.len())
        },
    );
    let (mut first, mut second) = (first?, second?);
    let raw = join(&mut first, &mut second)?;
    for half in [first.parsed, second.parsed] {
        parsed.comments.extend(half.comments);
        parsed.anchors.extend(half.anchors);
        parsed.tags.extend(half.tags);
        parsed.aliases.extend(half.aliases);
    }
    Some(raw)
}

/// Whether nothing in the text reaches over a line break into the next mapping entry.
pub(super) fn is_simple(text: &str) -> bool {
    !text.contains('\t') && !text.starts_with('%') && !text.contains("\n%")
}

/// The first line from `from` on that looks like the key of an entry, behind a line that is indented deeper.
pub(super) fn boundary(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut before = bytes[from..].iter().position(|byte| *byte == b'\n')? + from + 1;
    loop {
        let at = bytes[before..].iter().position(|byte| *byte == b'\n')? + before + 1;
        let line = bytes[at..].split(|byte| *byte == b'\n').next()?;
        let is_key = matches!(line, [b' ', b' ', b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9', ..])
            && line.trim_ascii_end().ends_with(b":");
        if is_key && bytes[before..].starts_with(b"   ") && at > HEAD.len() {
            return Some(at);
        }
        before = at;
    }
}

/// A half as a document of its own.
struct Half {
    raw: Raw,
    parsed: Parsed,
    loose: Loose,
    /// Where its last value ends.
    end: usize,
    /// How many collections were open then.
    open: usize,
}

/// The half before the key; what stands there last must be a value in the mapping that goes on behind it.
fn first(file: FileId, text: &str) -> Option<Half> {
    let half = half(file, text)?;
    let written = text.trim_end_matches([' ', '\r', '\n']).len();
    let column = |id: Id| {
        let start = half.raw.nodes[id as usize].span.range().start;
        let line = text[..start].rfind(['\n', '\r']).map_or(0, |at| at + 1);
        let indented = &text[line..start];
        indented.bytes().all(|byte| byte == b' ').then_some(indented.len())
    };
    let root = half.raw.root?;
    let long = last(&half.raw, root)?.value;
    let is_between = half.end == written
        && half.open >= 2
        && is_block(&half.raw, text, root)
        && is_block(&half.raw, text, long)
        && column(root) == Some(0)
        && column(long) == Some(INDENT);
    is_between.then_some(half)
}

/// The half from the key on, behind [`HEAD`]; its places become those in the whole text.
fn second(file: FileId, text: &str, shift: usize) -> Option<Half> {
    let mut half = half(file, text)?;
    let long = half.raw.entries[pairs(&half.raw, half.raw.root?)?].first()?.value;
    let starts = half.raw.nodes[long as usize].span.range().start == HEAD.len() + INDENT;
    if !starts || !is_block(&half.raw, text, long) {
        return None;
    }
    let shift = u32::try_from(shift).ok()?;
    let moved = |span: &mut Span| *span = Span { start: span.start + shift, end: span.end + shift, ..*span };
    half.raw.nodes.iter_mut().for_each(|part| moved(&mut part.span));
    half.raw.entries.iter_mut().for_each(|pair| moved(&mut pair.span));
    half.raw.marks.iter_mut().for_each(|(_, span)| moved(span));
    let Parsed { comments, anchors, tags, aliases, documents: _, problems: _ } = &mut half.parsed;
    comments.iter_mut().for_each(|Comment { span, .. }| moved(span));
    [anchors, tags, aliases].into_iter().flatten().for_each(|(_, span)| moved(span));
    Some(half)
}

/// Reads a text of one document without any problem.
fn half(file: FileId, text: &str) -> Option<Half> {
    let mut parsed = Parsed::default();
    let mut builder = Builder::of_half(text, &mut parsed);
    let (mut end, mut open) = (0, 0);
    let mut whole = None;
    for event in Events::new(file, text) {
        match &event {
            Event::Fault { .. } | Event::Error { .. } => return None,
            Event::Begin if whole.is_some() => return None,
            Event::Close { span } if span.is_empty() => open += 1,
            Event::Begin | Event::Finish | Event::Comment { .. } | Event::Anchor { .. } => {}
            Event::Scalar { style: Style::Absent, .. } => open = 0,
            Event::Scalar { span, .. } => {
                let is_block = matches!(text.as_bytes().get(span.range().start), Some(b'|' | b'>'));
                (end, open) = (if is_block { 0 } else { span.range().end }, 0);
            }
            Event::Close { span } | Event::Alias { span, .. } => (end, open) = (span.range().end, 0),
            Event::Open { .. } => open = 0,
        }
        whole = builder.take(event).or(whole);
    }
    let loose = builder.loose();
    let raw = whole.filter(|_| parsed.problems.is_empty())?;
    Some(Half { raw, parsed, loose, end, open })
}

/// Puts the second half's table behind the first one's, and the entries of the halved mappings together.
fn join(first: &mut Half, second: &mut Half) -> Option<Raw> {
    let root = first.raw.root?;
    let long = last(&first.raw, root)?.value;
    let behind = pairs(&second.raw, second.raw.root?)?;
    let rest = pairs(&second.raw, second.raw.entries[behind.start].value)?;
    let end = |raw: &Raw, id: Id| raw.nodes[id as usize].span.end;
    let root_end = end(&second.raw, second.raw.root?);
    let long_end = end(&second.raw, second.raw.entries[behind.start].value);
    let (nodes, items) = (index(first.raw.nodes.len()), index(first.raw.items.len()));
    let (entries, marks) = (index(first.raw.entries.len()), index(first.raw.marks.len()));
    for part in &mut second.raw.nodes {
        part.mark = part.mark.map(|mark| mark + marks);
        match &mut part.kind {
            Kind::Scalar(_) | Kind::Unfinished => {}
            Kind::Alias(id) => *id += nodes,
            Kind::List { first, .. } => *first += items,
            Kind::Map { first, .. } => *first += entries,
        }
    }
    for (id, name) in &second.loose.aliases {
        let target = *first.loose.anchors.get(name)?;
        if target == root || target == long {
            return None;
        }
        second.raw.nodes[*id as usize].kind = Kind::Alias(target);
    }
    second.raw.entries.iter_mut().for_each(|pair| pair.value += nodes);
    second.raw.items.iter_mut().for_each(|id| *id += nodes);

    let own = pairs(&first.raw, long)?;
    let mut long_pairs: Vec<Pair> = first.raw.entries[own].iter_mut().map(Pair::take).collect();
    long_pairs.extend(second.raw.entries[rest].iter_mut().map(Pair::take));
    let own = pairs(&first.raw, root)?;
    let mut root_pairs: Vec<Pair> = first.raw.entries[own].iter_mut().map(Pair::take).collect();
    root_pairs.extend(second.raw.entries[behind].iter_mut().skip(1).map(Pair::take));
    if !doubles(&long_pairs).is_empty() || !doubles(&root_pairs).is_empty() {
        return None;
    }

    let mut raw = std::mem::take(&mut first.raw);
    raw.nodes.append(&mut second.raw.nodes);
    raw.entries.append(&mut second.raw.entries);
    raw.items.append(&mut second.raw.items);
    raw.marks.append(&mut second.raw.marks);
    for (id, mut pairs, end) in [(long, long_pairs, long_end), (root, root_pairs, root_end)] {
        let part = &mut raw.nodes[id as usize];
        part.kind = Kind::Map { first: index(raw.entries.len()), count: index(pairs.len()) };
        part.span.end = part.span.end.max(end);
        raw.entries.append(&mut pairs);
    }
    Some(raw)
}

/// Where the entries of a mapping lie.
fn pairs(raw: &Raw, id: Id) -> Option<std::ops::Range<usize>> {
    match raw.nodes[id as usize].kind {
        Kind::Map { first, count } => Some(first as usize..(first + count) as usize),
        Kind::Scalar(_) | Kind::Alias(_) | Kind::List { .. } | Kind::Unfinished => None,
    }
}

fn last(raw: &Raw, id: Id) -> Option<&Pair> {
    raw.entries[pairs(raw, id)?].last()
}

/// Whether it is a mapping without brackets.
fn is_block(raw: &Raw, text: &str, id: Id) -> bool {
    let start = raw.nodes[id as usize].span.range().start;
    pairs(raw, id).is_some() && !text[start..].starts_with('{')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::origin::{OriginId, Origins};
    use crate::yaml::expand::{Budget, expand};
    use crate::yaml::parse_whole;

    /// What the halves of a text make, where they make something.
    fn halved(text: &str, at: usize) -> Option<String> {
        let (mut parsed, mut origins) = (Parsed::default(), Origins::default());
        let file = FileId(0);
        let raw = read_at(file, text, at, &mut parsed)?;
        let mut budget = Budget::new();
        let problems = &mut parsed.problems;
        let (root, marks) = expand(&raw, file, &mut origins, OriginId::default(), problems, &mut budget);
        parsed.documents.push(crate::yaml::Document { root, marks });
        Some(format!("{parsed:?} {origins:?}"))
    }

    fn whole(text: &str) -> String {
        let mut origins = Origins::default();
        let mut parsed = Parsed::default();
        parse_whole(FileId(0), text, &mut parsed, &mut origins, OriginId::default());
        format!("{parsed:?} {origins:?}")
    }

    /// The lines before which a text is halved; each makes what the whole makes.
    fn halves(text: &str) -> Vec<&str> {
        let mut seen = Vec::new();
        let mut from = 0;
        while let Some(at) = boundary(text, from).filter(|_| is_simple(text)) {
            if let Some(halved) = halved(text, at) {
                assert_eq!(halved, whole(text), "{at}");
                seen.extend(text[at..].lines().next().map(str::trim));
            }
            from = at;
        }
        seen
    }

    #[test]
    fn the_halves_of_a_document_make_what_the_whole_makes() {
        let text = "# top\n---\nx-a: &a\n  k: !!str 1\n  l: &b [1, 2]\nservices:\n  one:\n    <<: *a\n    v: *b # c\n    \
                    t: |\n      x\n\n    w: e\n  two:\n  # two\n    <<: *a\n    q: \"a\n      b\" \n  three: &b\n# left\n    p: \
                    'x\n\n      y'\n    r: !override {a: [b, c: d]}\n  four:\n    s: *b\nnetworks: # n\n  five:\n    x: 1\n  \
                    six:\n    y: !reset\n";
        let keys = ["two:", "four:", "six:"];
        assert_eq!(halves(text), keys);
        assert_eq!(halves(&text.replace('\n', "\r\n")), keys);
    }

    #[test]
    fn nothing_is_halved_where_the_halves_could_make_something_else() {
        let twice = "a:\n  b:\n    c: 1\n  d:\n    e: 1\n  b:\n    f: 1\n";
        let itself = "a: &a\n  b:\n    c: 1\n  d:\n    e: *a\n";
        let unknown = "a:\n  b:\n    c: 1\n  d:\n    e: *a\n";
        let block = "a: |\n  b:\n    c: 1\n  d:\n    e: 1\n";
        let quoted = "a:\n  b: 'x\n    c: 1\n  d:\n    e: 1'\n";
        let flow = "a: {\n  b:\n    c,\n  d:\n    e }\n";
        let documents = "a:\n  b:\n    c: 1\n  d:\n    e: 1\n---\nf: 1\n";
        let deeper = "a:\n b:\n   c: 1\n  d:\n    e: 1\n";
        let directive = "%TAG ! x\n---\na:\n  b:\n    c: 1\n  d:\n    e: 1\n";
        for text in [twice, itself, unknown, block, quoted, flow, documents, deeper, directive] {
            assert_eq!(halves(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_large_file_is_read_in_halves() {
        let service = |number: usize| format!("  s{number}:\n    image: app:{number}\n    init: true\n");
        let text = format!("services:\n{}", (0..8000).map(service).collect::<String>());
        assert!(read(FileId(0), &text, &mut Parsed::default()).is_some());
        let at = boundary(&text, text.len() / 2).expect("there are keys");
        assert_eq!(halved(&text, at), Some(whole(&text)));
    }
}
