//! From the table of a document to its tree: aliases and merges are carried out, `!reset` nodes taken out.

use std::collections::HashSet;

use super::raw::{Id, Kind, Raw};
use super::{BUDGET, DEPTH, Mark, MarkKind, Problem, ProblemKind, Step};
use crate::source::Text;
use crate::source::origin::{Hop, Origin, OriginId, Origins};
use crate::source::span::{FileId, Span};
use crate::tree::{Entry, Map, Node, Value};

/// What is left of [`BUDGET`] in a file, and what was said about it.
pub(super) struct Budget {
    left: usize,
    told: bool,
    told_depth: bool,
}

impl Budget {
    /// All of it.
    pub(super) fn new() -> Self {
        Self { left: BUDGET, told: false, told_depth: false }
    }
}

/// The tree of a document and its marks.
pub(super) fn expand(
    raw: &Raw,
    file: FileId,
    origins: &mut Origins,
    base: OriginId,
    problems: &mut Vec<Problem>,
    budget: &mut Budget,
) -> (Option<Node>, Vec<Mark>) {
    let mut expander = Expander {
        raw,
        origins,
        base,
        problems,
        budget,
        marks: Vec::new(),
        path: Vec::new(),
        marked: !raw.marks.is_empty(),
        refused: HashSet::new(),
        use_of: Span::new(file, 0, 0),
    };
    let top = Around { origin: base, depth: 0, expanding: false, overriding: false };
    let root = raw.root.and_then(|root| expander.node(root, top));
    (root, expander.marks)
}

struct Expander<'a> {
    raw: &'a Raw,
    origins: &'a mut Origins,
    base: OriginId,
    problems: &'a mut Vec<Problem>,
    budget: &'a mut Budget,
    marks: Vec<Mark>,
    path: Vec<Step>,
    /// Whether there are marks in the document, for which the path is needed.
    marked: bool,
    /// The merge values that were reported; aliases lead to them again and again.
    refused: HashSet<Span>,
    /// The alias that is being carried out, the innermost one.
    use_of: Span,
}

/// Where a node is met.
#[derive(Clone, Copy)]
struct Around {
    /// The origin of what is written here.
    origin: OriginId,
    /// How many collections lie around it.
    depth: usize,
    /// Whether an alias led here.
    expanding: bool,
    /// Whether a node above is `!override`: Compose looks for no marks below it.
    overriding: bool,
}

impl Expander<'_> {
    /// The node, unless it is left out.
    fn node(&mut self, id: Id, around: Around) -> Option<Node> {
        let part = &self.raw.nodes[id as usize];
        let around = self.enter(part.mark, around)?;
        if around.expanding {
            self.spend(1)?;
        }
        let value = match part.kind {
            Kind::Scalar(ref value) => value.clone(),
            Kind::Alias(target) => {
                let within = self.alias(part.span, around)?;
                let outer = std::mem::replace(&mut self.use_of, part.span);
                let node = self.node(target, within);
                self.use_of = outer;
                return node;
            }
            Kind::List { first, count } => {
                let within = self.deeper(around)?;
                Value::List(self.list(first, count, within))
            }
            Kind::Map { first, count } => {
                let within = self.deeper(around)?;
                Value::Map(self.map(first, count, within))
            }
            Kind::Unfinished => return None,
        };
        Some(Node { value, span: part.span, origin: around.origin })
    }

    fn list(&mut self, first: u32, count: u32, around: Around) -> Vec<Node> {
        let items = &self.raw.items[first as usize..][..count as usize];
        let mut nodes = Vec::with_capacity(self.fitting(count, around));
        for (index, item) in items.iter().enumerate() {
            if self.spent(around) {
                break;
            }
            if self.marked {
                self.path.push(Step::Index(index));
            }
            nodes.extend(self.node(*item, around));
            self.path.pop();
        }
        nodes
    }

    fn map(&mut self, first: u32, count: u32, around: Around) -> Map {
        let pairs = &self.raw.entries[first as usize..][..count as usize];
        let mut map = Map { entries: Vec::with_capacity(self.fitting(count, around)) };
        let mut merge = None;
        for pair in pairs {
            if self.spent(around) {
                return map;
            }
            if pair.merge {
                merge = Some(pair.value);
                continue;
            }
            // What lies under a key `<<` counts as part of the mapping, quoted or not.
            let named = self.marked && pair.key != "<<";
            if named {
                self.path.push(Step::Key(pair.key.clone()));
            }
            if let Some(node) = self.node(pair.value, around) {
                map.entries.push(Entry { key: pair.key.clone(), key_span: pair.span, node });
            }
            if named {
                self.path.pop();
            }
        }
        if let Some(merge) = merge {
            let mut merged = Merged { map, known: None };
            self.merge(merge, around, &mut merged, true);
            map = merged.map;
        }
        map
    }

    /// Adds the entries of a merge key's value that the mapping does not have yet.
    fn merge(&mut self, id: Id, around: Around, merged: &mut Merged, lists: bool) {
        let part = &self.raw.nodes[id as usize];
        let Some(around) = self.enter(part.mark, around) else { return };
        match part.kind {
            Kind::Alias(target) => {
                let Some(within) = self.alias(part.span, around) else { return };
                // Compose puts the target of `<<: *alias` in place, but of no other alias and not below `!override`.
                let lists = lists && !around.overriding;
                let outer = std::mem::replace(&mut self.use_of, part.span);
                if self.is_list(target) && !lists {
                    self.refuse(part.span, "the alias of a list");
                } else {
                    self.merge(target, within, merged, lists);
                }
                self.use_of = outer;
            }
            Kind::Map { first, count } => {
                let Some(within) = self.deeper(around) else { return };
                let map = self.map(first, count, within);
                merged.add(map);
            }
            Kind::List { first, count } if lists => {
                let Some(within) = self.deeper(around) else { return };
                let items = &self.raw.items[first as usize..][..count as usize];
                for (index, item) in items.iter().enumerate() {
                    if self.spent(within) {
                        return;
                    }
                    if self.marked {
                        self.path.push(Step::Index(index));
                    }
                    self.merge(*item, within, merged, false);
                    self.path.pop();
                }
            }
            Kind::List { .. } => self.refuse(part.span, "a list in the list"),
            Kind::Scalar(ref value) => self.refuse(part.span, value.kind()),
            Kind::Unfinished => {}
        }
    }

    fn is_list(&self, id: Id) -> bool {
        matches!(self.raw.nodes[id as usize].kind, Kind::List { .. })
    }

    fn refuse(&mut self, span: Span, found: &str) {
        if self.refused.insert(span) {
            let message =
                format!("the merge key `<<` takes a mapping or a list of mappings, not {}", article(found));
            self.problems.push(Problem { span, kind: ProblemKind::Merge, message, also: None });
        }
    }

    /// Notes the mark of a node; nothing is left to do with a `!reset` one.
    fn enter(&mut self, mark: Option<u32>, around: Around) -> Option<Around> {
        let Some(mark) = mark.filter(|_| !around.overriding) else { return Some(around) };
        let (kind, span) = self.raw.marks[mark as usize];
        // A path is as long as its node is deep, and an alias repeats it.
        if self.spend(self.path.len()).is_some() {
            self.marks.push(Mark { path: self.path.clone(), kind, span });
        }
        match kind {
            MarkKind::Reset => None,
            MarkKind::Override => Some(Around { overriding: true, ..around }),
        }
    }

    /// Into a collection.
    fn deeper(&mut self, around: Around) -> Option<Around> {
        if around.depth < DEPTH {
            return Some(Around { depth: around.depth + 1, ..around });
        }
        if !std::mem::replace(&mut self.budget.told_depth, true) {
            self.exceed(format!("aliases in aliases make more than {DEPTH} collections lie in each other"));
        }
        None
    }

    /// Through an alias: what it leads to has one more hop, made once for each use.
    fn alias(&mut self, span: Span, around: Around) -> Option<Around> {
        let ground = self.origins.get(self.base).hops.len();
        let hops = self.origins.get(around.origin).hops.len();
        self.spend(hops - ground)?;
        let origin = if around.origin == self.base {
            self.origins.hop(self.base, Hop::Alias(span))
        } else {
            let Origin { mut hops, template, of } = self.origins.get(around.origin).clone();
            hops.insert(ground, Hop::Alias(span));
            self.origins.add(Origin { hops, template, of })
        };
        Some(Around { origin, expanding: true, ..around })
    }

    fn spend(&mut self, amount: usize) -> Option<()> {
        if let Some(left) = self.budget.left.checked_sub(amount) {
            self.budget.left = left;
            return Some(());
        }
        self.budget.left = 0;
        if !std::mem::replace(&mut self.budget.told, true) {
            self.exceed(format!("aliases make more than {BUDGET} values of this file; the rest is left out"));
        }
        None
    }

    fn exceed(&mut self, message: String) {
        self.problems.push(Problem { span: self.use_of, kind: ProblemKind::Budget, message, also: None });
    }

    fn spent(&self, around: Around) -> bool {
        around.expanding && self.budget.told
    }

    /// Room for that many children, but not for those that the budget forbids.
    fn fitting(&self, count: u32, around: Around) -> usize {
        let count = count as usize;
        if around.expanding { count.min(self.budget.left) } else { count }
    }
}

/// So many keys are compared one by one.
const FEW: usize = 32;

/// A mapping that takes others in.
struct Merged {
    map: Map,
    /// Its keys, once they are many.
    known: Option<HashSet<Text>>,
}

impl Merged {
    /// Adds the entries whose keys are not there yet, in their order.
    fn add(&mut self, other: Map) {
        self.map.entries.reserve_exact(other.entries.len());
        if self.known.is_none() && self.map.entries.len() + other.entries.len() > FEW {
            self.known = Some(self.map.entries.iter().map(|entry| entry.key.clone()).collect());
        }
        for entry in other.entries.into_iter().filter(|entry| entry.key != "<<") {
            let is_new = match &mut self.known {
                Some(known) => known.insert(entry.key.clone()),
                None => !self.map.contains(&entry.key),
            };
            if is_new {
                self.map.entries.push(entry);
            }
        }
    }
}

fn article(found: &str) -> String {
    match found {
        "null" => "null".to_owned(),
        "integer" => "an integer".to_owned(),
        _ if found.starts_with("a ") || found.starts_with("the ") => found.to_owned(),
        _ => format!("a {found}"),
    }
}
