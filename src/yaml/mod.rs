//! Text to tree: YAML as Compose's own reader types it, with the place of everything.
//!
//! ```text
//! text ─events→ what stands where ─raw→ one flat table a document ─expand→ tree (aliases, merges, `!reset` done)
//! ```

mod characters;
mod events;
mod expand;
mod gaps;
mod halves;
mod inner;
pub mod outline;
mod raw;
mod scalar;
mod timestamp;

use std::ops::Range;

use crate::source::Text;
use crate::source::origin::{OriginId, Origins};
use crate::source::span::{FileId, Span};
use crate::tree::Node;
use outline::Part;

/// How many nodes a file may have beyond those that are written: what aliases make, counted with their hops, and the
/// steps of the paths of marks.
///
/// Ten thousand services with `<<: *common` of a hundred nodes each still pass.
pub const BUDGET: usize = 1_000_000;

/// How deep collections may lie in each other once aliases are replaced: what the parser permits for block
/// collections (255) and flow collections (255) together.
pub const DEPTH: usize = 510;

/// How many documents are read of a file.
pub const DOCUMENTS: usize = 10_000;

/// What a file holds.
#[derive(Debug, Default)]
pub struct Parsed {
    /// The documents in their order; one with a syntax error is not among them.
    pub documents: Vec<Document>,
    /// The comments in their order.
    pub comments: Vec<Comment>,
    /// What is wrong, in no particular order.
    pub problems: Vec<Problem>,
    /// The `&name` tokens: name and place.
    pub anchors: Vec<(Text, Span)>,
    /// The tags as they are written, and their places.
    pub tags: Vec<(Text, Span)>,
    /// The `*name` tokens: name and place.
    pub aliases: Vec<(Text, Span)>,
}

/// One document of a file.
#[derive(Debug)]
pub struct Document {
    /// The tree; an empty document has none.
    pub root: Option<Node>,
    /// The nodes that are tagged `!reset` or `!override`.
    pub marks: Vec<Mark>,
}

/// A node that is tagged `!reset` or `!override`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Where the node lies in the document. Below a merge key it is the path in the mapping that holds the key;
    /// indices are those before `!reset` items were taken out.
    pub path: Vec<Step>,
    /// Which of the two.
    pub kind: MarkKind,
    /// The place of the tag.
    pub span: Span,
}

/// The tag of a [`Mark`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkKind {
    /// `!reset`: the node is not in the tree, and what earlier files have there goes too.
    Reset,
    /// `!override`: the node is in the tree and replaces what earlier files have there.
    Override,
}

/// One step of a path in a document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Into a mapping, by key.
    Key(Text),
    /// Into a sequence, by index.
    Index(usize),
}

/// A comment from `#` to the end of its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Its place, `#` included.
    pub span: Span,
    /// Whether nothing but blanks stands before it on its line.
    pub own_line: bool,
}

/// Something that is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The place.
    pub span: Span,
    /// What sort of thing it is.
    pub kind: ProblemKind,
    /// The fact: lower case, one line, no final period.
    pub message: String,
    /// A second place and the words for it.
    pub also: Option<(Span, String)>,
}

/// What sort of thing is wrong; Compose refuses the file for each of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProblemKind {
    /// It is not YAML; the document is left out.
    Syntax,
    /// A key occurs twice in its mapping; the last value stays.
    DuplicateKey,
    /// A key is no string: a scalar keeps its text as the key, an entry under a collection is left out.
    Key,
    /// An alias has no anchor, or stands in its own anchor; null stands for it.
    Alias,
    /// `<<` holds something else than mappings; it is passed over.
    Merge,
    /// A scalar is not what its tag asks for; it stays a string.
    Scalar,
    /// Aliases make more of the file than [`BUDGET`] or [`DEPTH`] permit, or it has more documents than [`DOCUMENTS`];
    /// the rest is left out.
    Budget,
}

/// Reads the text of a file, from which the caller has taken a byte order mark.
///
/// Nothing fails: what is wrong is among the problems, and everything else is there. Values have the origin `base`,
/// with a hop more where they come through an alias.
#[must_use]
pub fn parse(file: FileId, text: &str, origins: &mut Origins, base: OriginId) -> Parsed {
    let mut parsed = Parsed::default();
    let readable = characters::readable(file, text, &mut parsed.problems);
    match halves::read(file, &readable, &mut parsed) {
        Some(raw) => {
            let mut budget = expand::Budget::new();
            let (root, marks) = expand::expand(&raw, file, origins, base, &mut parsed.problems, &mut budget);
            parsed.documents.push(Document { root, marks });
        }
        None => parse_whole(file, &readable, &mut parsed, origins, base),
    }
    parsed
}

/// Reads a text from its start to its end.
fn parse_whole(file: FileId, text: &str, parsed: &mut Parsed, origins: &mut Origins, base: OriginId) {
    let mut builder = raw::Builder::new(text, parsed);
    let mut documents = Vec::new();
    let mut budget = expand::Budget::new();
    for event in events::Events::new(file, text) {
        let Some(raw) = builder.take(event) else { continue };
        if documents.len() == DOCUMENTS {
            let start =
                raw.root.map_or(Span::new(file, 0, 0), |root| raw.nodes[root as usize].span.at_start());
            let message = format!("the file has more than {DOCUMENTS} documents; the rest is left out");
            builder.problems().push(Problem { span: start, kind: ProblemKind::Budget, message, also: None });
            break;
        }
        let (root, marks) = expand::expand(&raw, file, origins, base, builder.problems(), &mut budget);
        documents.push(Document { root, marks });
    }
    parsed.documents = documents;
}

/// What is written where in the text of a file: its keys and items in their order.
#[must_use]
pub fn outline(file: FileId, text: &str) -> Vec<Part> {
    let readable = characters::readable(file, text, &mut Vec::new());
    outline::outline(file, &readable)
}

/// The place of a part of a scalar.
///
/// `span` is the scalar's whole token, quotes or block header included, and `part` a range of bytes of the decoded
/// text; a part of an escape or of a folded line break is all of it. Never leaves `span`.
#[must_use]
pub fn inner(text: &str, span: Span, part: Range<usize>) -> Span {
    inner::locate(text, span, part)
}

#[cfg(test)]
mod tests;
