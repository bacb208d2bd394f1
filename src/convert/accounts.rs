//! The books: one row for each value of the project, found by the value itself.

use std::collections::HashMap;
use std::fmt::Write;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;
use std::sync::Arc;

use crate::compose::codec::{Codec, Leaf, Walker};
use crate::compose::project::Project;
use crate::diag::{Finding, Slug};
use crate::plan::address::push_key;
use crate::plan::ledger::{Row, Said, Verdict};
use crate::plan::why::{RowId, Why};
use crate::source::Text;
use crate::source::span::{Identity, Spanned};
use crate::tree::{Entry, Node, Value};

/// The ledger while it is written.
#[derive(Debug, Default)]
pub struct Accounts {
    rows: Vec<Row>,
    index: Arc<Index>,
}

/// Which rows belong to which value: the same in every pass.
#[derive(Debug, Default)]
struct Index {
    /// The rows at and below each value of the project.
    ranges: HashMap<Identity, Range<u32>, BuildHasherDefault<Places>>,
    /// The rows of mappings and lists in which nothing is, in ascending order.
    hollow: Vec<usize>,
}

/// A hash of places in memory, which nobody can choose: one multiplication spreads them.
#[derive(Debug, Default)]
struct Places(u64);

impl Hasher for Places {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_usize(usize::from(*byte)));
    }

    fn write_usize(&mut self, place: usize) {
        let mixed = (self.0 ^ place as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 32);
    }
}

impl Accounts {
    /// An open row for each value of the project.
    #[must_use]
    pub fn of(project: &Project) -> Self {
        let mut clerk = Clerk::default();
        project.model.walk(&mut clerk);
        Self { rows: clerk.rows, index: Arc::new(clerk.index) }
    }

    /// The same rows, open again for the next pass.
    #[must_use]
    pub fn reopened(mut self) -> Self {
        for row in &mut self.rows {
            (row.verdict, row.said, row.allowed) = (None, None, false);
        }
        self
    }

    /// The rows at and below a value.
    ///
    /// # Panics
    /// When the value is none of the project: a copy has no row.
    fn range(&self, identity: Identity) -> Range<usize> {
        let range = self
            .index
            .ranges
            .get(&identity)
            .expect("only values of the project are accounted for, not copies");
        range.start as usize..range.end as usize
    }

    /// The value as a reason.
    #[must_use]
    pub fn why(&self, identity: Identity) -> Why {
        Self::why_of(self.range(identity))
    }

    fn why_of(range: Range<usize>) -> Why {
        let row = |at: usize| RowId(u32::try_from(at).unwrap_or(u32::MAX));
        if range.len() == 1 { Why::Row(row(range.start)) } else { Why::Rows(range.map(row).collect()) }
    }

    /// Enters that the value at the path of a finding is refused.
    pub fn refuse(&mut self, finding: &Finding) {
        let said = Arc::new(Said { rule: finding.slug, reason: finding.message.as_str().into() });
        for row in self.rows.iter_mut().filter(|row| row.path == finding.path) {
            (row.verdict, row.said) = (Some(Verdict::Refused), Some(Arc::clone(&said)));
        }
    }

    /// The rows at and below a value.
    #[must_use]
    pub fn rows_of(&self, identity: Identity) -> &[Row] {
        &self.rows[self.range(identity)]
    }

    /// The path of a value.
    #[must_use]
    pub fn path(&self, identity: Identity) -> &str {
        self.rows.get(self.range(identity).start).map_or("", |row| row.path.as_str())
    }

    /// Enters a verdict for a value: where rows are open, and where the old verdict loses less.
    pub fn enter(&mut self, identity: Identity, verdict: Verdict, said: Option<(Slug, &str)>, allowed: bool) {
        self.entered(identity, verdict, said, allowed);
    }

    /// As [`Self::enter`]; hands out the value as a reason.
    pub fn entered(
        &mut self,
        identity: Identity,
        verdict: Verdict,
        said: Option<(Slug, &str)>,
        allowed: bool,
    ) -> Why {
        let range = self.range(identity);
        let said = said.map(|(rule, reason)| Arc::new(Said { rule, reason: reason.into() }));
        for row in &mut self.rows[range.clone()] {
            if row.verdict.is_none_or(|old| old < verdict) {
                row.verdict = Some(verdict);
                row.said = said.clone();
                row.allowed = allowed;
            }
        }
        Self::why_of(range)
    }

    /// Enters that a row needs a value that nobody has given.
    pub fn demand(&mut self, at: usize, rule: Slug, reason: &str, allowed: bool) {
        let verdict = if allowed { Verdict::Approximated } else { Verdict::Refused };
        self.close(at, verdict, rule, reason);
        self.rows[at].allowed = allowed;
    }

    /// Enters a verdict into a row that nobody has closed.
    pub fn close(&mut self, at: usize, verdict: Verdict, rule: Slug, reason: &str) {
        let row = &mut self.rows[at];
        row.verdict = Some(verdict);
        row.said = Some(Arc::new(Said { rule, reason: reason.into() }));
    }

    /// Closes the rows of empty mappings and lists that no topic gives a meaning: nothing is said, nothing is lost.
    pub fn close_hollow(&mut self) {
        for &at in &self.index.hollow {
            let row = &mut self.rows[at];
            row.verdict = row.verdict.or(Some(Verdict::Consumed));
        }
    }

    /// All rows.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// All rows, to be kept.
    #[must_use]
    pub fn into_rows(self) -> Vec<Row> {
        self.rows
    }
}

/// Walks the project and opens the rows.
#[derive(Default)]
struct Clerk {
    rows: Vec<Row>,
    index: Index,
    path: String,
    frames: Vec<Frame>,
    /// The value that follows.
    next: Option<(Spanned<()>, Identity)>,
}

/// A mapping or list that is open.
struct Frame {
    /// The length of the path up to and with it.
    length: usize,
    /// The number of the next item, of a list.
    item: Option<usize>,
    /// Which value it is, and its place.
    own: Option<(Spanned<()>, Identity)>,
    /// The first row of it.
    first: usize,
}

impl Clerk {
    fn open(&mut self, list: bool) {
        self.step();
        let own = self.next.take();
        let first = self.rows.len();
        self.frames.push(Frame { length: self.path.len(), item: list.then_some(0), own, first });
    }

    /// Appends the number of an item to the path.
    fn step(&mut self) {
        if let Some(Frame { item: Some(number), length, .. }) = self.frames.last_mut() {
            self.path.truncate(*length);
            write!(self.path, "[{number}]").expect("a string takes all text");
            *number += 1;
        }
    }

    fn row(&mut self, place: Spanned<()>) {
        let path = Text::new(&self.path);
        self.rows.push(Row { path, place, verdict: None, said: None, allowed: false });
    }

    fn close_range(&mut self, identity: Identity, first: usize) {
        let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let last = self.rows.len();
        self.index.ranges.insert(identity, number(first)..number(last));
    }

    fn tree(&mut self, node: &Node, place: Spanned<()>) {
        match &node.value {
            Value::Map(map) if !map.entries.is_empty() => {
                for entry in &map.entries {
                    self.branch(entry);
                }
            }
            Value::List(items) if !items.is_empty() => {
                let length = self.path.len();
                for (at, item) in items.iter().enumerate() {
                    write!(self.path, "[{at}]").expect("a string takes all text");
                    let first = self.rows.len();
                    let place = Spanned { value: (), span: item.span, key: item.span, origin: item.origin };
                    self.tree(item, place);
                    self.close_range(Identity::of(item), first);
                    self.path.truncate(length);
                }
            }
            _ => self.row(place),
        }
    }

    fn branch(&mut self, entry: &Entry) {
        let length = self.path.len();
        push_key(&mut self.path, &entry.key);
        let first = self.rows.len();
        let place =
            Spanned { value: (), span: entry.node.span, key: entry.key_span, origin: entry.node.origin };
        self.tree(&entry.node, place);
        self.close_range(Identity::of(entry), first);
        self.close_range(Identity::of(&entry.node), first);
        self.path.truncate(length);
    }
}

impl Walker for Clerk {
    fn open_struct(&mut self, _: &'static str) {
        self.open(false);
    }

    fn open_map(&mut self) {
        self.open(false);
    }

    fn open_list(&mut self) {
        self.open(true);
    }

    fn close(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        self.path.truncate(frame.length);
        if let Some((place, identity)) = frame.own {
            // Nothing in it is a value too: an empty command clears that of the image.
            if frame.first == self.rows.len() {
                self.index.hollow.push(frame.first);
                self.row(place);
            }
            self.close_range(identity, frame.first);
        }
    }

    fn key(&mut self, key: &str) {
        if let Some(frame) = self.frames.last() {
            self.path.truncate(frame.length);
        }
        push_key(&mut self.path, key);
    }

    fn place(&mut self, place: &Spanned<()>, identity: Identity) {
        self.next = Some((place.clone(), identity));
    }

    fn leaf(&mut self, _: Leaf<'_>) {
        self.step();
        if let Some((place, identity)) = self.next.take() {
            let first = self.rows.len();
            self.row(place);
            self.close_range(identity, first);
        }
    }

    fn extension(&mut self, entry: &Entry) {
        if let Some(frame) = self.frames.last() {
            self.path.truncate(frame.length);
        }
        self.branch(entry);
    }
}
