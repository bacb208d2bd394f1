//! Compose's own schema, held against a tree: every violation becomes a finding and leaves a hole.
//!
//! What is accepted is exactly what Compose accepts at this stage, which sees the tree as JSON: a date is text, every
//! number is a double, and a number that is not finite cannot be written at all.

mod duplicates;
mod reports;
mod shape;
mod table;
mod words;

use crate::diag::Finding;
use crate::source::span::Span;
use crate::source::task::both;
use crate::tree::{Entry, Map, Node, Value};
use crate::yaml::Step;

use super::path::path_text;
use duplicates::duplicates;
use shape::{BOOL, Fields, INTEGER, LIST, MAP, NULL, NUMBER, STRING, Shape};
use table::{FIELDS, ROOT, SHAPES};

/// Holds a tree against the schema: says everything that Compose would refuse, and cuts it out of the tree, so that
/// what is left has only shapes that Compose knows.
pub fn check(root: &mut Node) -> Vec<Finding> {
    let mut check = Check::default();
    if check.node(&Way::Root, root, &SHAPES[ROOT]) == Verdict::Cut {
        root.value = Value::Map(Map::default());
    }
    check.close(root.span)
}

/// From this many entries on, a second thread is worth its start.
const MANY: usize = 1024;

/// One run over a tree.
#[derive(Default)]
struct Check {
    findings: Vec<Finding>,
    /// Violations past the number that is listed.
    unlisted: usize,
    /// Unknown keys that were compared with the known ones.
    compared: usize,
}

/// What becomes of a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Keep,
    Cut,
}

/// The way from the root to a value; it lies on the stack, so that a sound tree costs no memory.
enum Way<'a> {
    Root,
    Key(&'a Way<'a>, &'a str, Span),
    Item(&'a Way<'a>, usize),
}

impl Check {
    fn node(&mut self, way: &Way<'_>, node: &mut Node, shape: &Shape) -> Verdict {
        let span = node.span;
        match &mut node.value {
            Value::List(items) if shape.takes(LIST) => return self.list(way, items, shape),
            Value::Map(map) if shape.takes(MAP) => return self.map(way, span, map, &FIELDS[shape.fields]),
            Value::String(text) | Value::Timestamp(text) if shape.takes(STRING) => {
                if shape.text.permit(text) {
                    return Verdict::Keep;
                }
                self.wrong_text(way, node, shape);
                return Verdict::Cut;
            }
            _ => {}
        }
        let is_sound = match &node.value {
            Value::Null => shape.takes(NULL),
            Value::Bool(_) => shape.takes(BOOL),
            Value::Int(number) => return self.number(way, node, *number as f64, shape),
            Value::Big(number) => return self.number(way, node, *number as f64, shape),
            Value::Float(number) => return self.number(way, node, *number, shape),
            Value::String(_) | Value::Timestamp(_) | Value::List(_) | Value::Map(_) => false,
        };
        if is_sound {
            return Verdict::Keep;
        }
        self.wrong_kind(way, node, shape);
        Verdict::Cut
    }

    fn number(&mut self, way: &Way<'_>, node: &Node, number: f64, shape: &Shape) -> Verdict {
        let is_above = shape.least.is_none_or(|least| number >= least as f64);
        let is_below = shape.greatest.is_none_or(|greatest| number <= greatest as f64);
        if !number.is_finite() {
            self.not_finite(way, node);
        } else if !(shape.takes(NUMBER) || shape.takes(INTEGER) && number.fract() == 0.0) {
            self.wrong_kind(way, node, shape);
        } else if is_above && is_below {
            return Verdict::Keep;
        } else {
            self.out_of_range(way, node, shape);
        }
        Verdict::Cut
    }

    fn list(&mut self, way: &Way<'_>, items: &mut Vec<Node>, shape: &Shape) -> Verdict {
        let repeats = if shape.unique { duplicates(items) } else { Vec::new() };
        let mut holes: Vec<usize> = repeats.iter().map(|(repeat, _)| *repeat).collect();
        for (repeat, first) in repeats {
            self.duplicate(way, items, repeat, first);
        }
        let said = self.findings.len() + self.unlisted;
        for (index, item) in items.iter_mut().enumerate() {
            if self.node(&Way::Item(way, index), item, &SHAPES[shape.items]) == Verdict::Cut {
                holes.push(index);
            }
        }
        holes.sort_unstable();
        holes.dedup();
        cut(items, &holes);
        let mut is_changed = !holes.is_empty() || said < self.findings.len() + self.unlisted;
        while shape.unique && is_changed {
            // Items may have become equal by what was cut out of them, or by the list being a shorter one.
            let holes: Vec<usize> = duplicates(items).into_iter().map(|(repeat, _)| repeat).collect();
            cut(items, &holes);
            is_changed = !holes.is_empty();
        }
        Verdict::Keep
    }

    fn map(&mut self, way: &Way<'_>, span: Span, map: &mut Map, fields: &Fields) -> Verdict {
        if map.entries.len() >= MANY && map.entries.iter().all(|entry| fields.shape_of(&entry.key).is_some())
        {
            let holes = self.halves(way, &mut map.entries, fields);
            return self.finish(way, span, map, fields, &holes);
        }
        let mut holes = Vec::new();
        for index in 0..map.entries.len() {
            let Entry { key, key_span, node } = &mut map.entries[index];
            match fields.shape_of(key) {
                Some(shape) => {
                    let way = Way::Key(way, key, *key_span);
                    if self.node(&way, node, &SHAPES[shape]) == Verdict::Cut {
                        holes.push(index);
                    }
                }
                None => {
                    self.stray_key(way, map, index, fields);
                    holes.push(index);
                }
            }
        }
        self.finish(way, span, map, fields, &holes)
    }

    /// Cuts what is no entry out, and what is missing then decides.
    fn finish(
        &mut self,
        way: &Way<'_>,
        span: Span,
        map: &mut Map,
        fields: &Fields,
        holes: &[usize],
    ) -> Verdict {
        let verdict = self.required(way, span, map, fields, holes);
        cut(&mut map.entries, holes);
        verdict
    }

    /// Looks at many entries, none of them a stray one, in two halves at the same time; where the holes are.
    fn halves(&mut self, way: &Way<'_>, entries: &mut [Entry], fields: &Fields) -> Vec<usize> {
        let middle = entries.len() / 2;
        let (left, right) = entries.split_at_mut(middle);
        let mut behind = Self::default();
        let (mut holes, later) =
            both(|| self.entries(way, left, fields), || behind.entries(way, right, fields));
        holes.extend(later.into_iter().map(|hole| hole + middle));
        self.absorb(behind);
        holes
    }

    fn entries(&mut self, way: &Way<'_>, entries: &mut [Entry], fields: &Fields) -> Vec<usize> {
        let mut holes = Vec::new();
        for (index, Entry { key, key_span, node }) in entries.iter_mut().enumerate() {
            let Some(shape) = fields.shape_of(key) else { continue };
            if self.node(&Way::Key(way, key, *key_span), node, &SHAPES[shape]) == Verdict::Cut {
                holes.push(index);
            }
        }
        holes
    }

    /// A mapping without a key that it must have is cut; when the key was there and is a hole now, without a word.
    fn required(
        &mut self,
        way: &Way<'_>,
        span: Span,
        map: &Map,
        fields: &Fields,
        holes: &[usize],
    ) -> Verdict {
        let position = |key: &str| map.entries.iter().position(|entry| entry.key == key);
        let is_left = |key: &&str| position(key).is_some_and(|at| !holes.contains(&at));
        for key in fields.required.iter().filter(|key| position(key).is_none()) {
            self.missing_key(way, span, map, key);
        }
        let alternatives = fields.alternatives;
        if !alternatives.is_empty() && alternatives.iter().all(|key| position(key).is_none()) {
            self.missing_alternative(way, span, map, alternatives);
        }
        let is_whole = fields.required.iter().all(&is_left);
        if is_whole && (alternatives.is_empty() || alternatives.iter().any(is_left)) {
            Verdict::Keep
        } else {
            Verdict::Cut
        }
    }
}

/// Removes what stands at these positions, which are in order.
fn cut<T>(items: &mut Vec<T>, holes: &[usize]) {
    if holes.is_empty() {
        return;
    }
    let (mut holes, mut at) = (holes.iter().peekable(), 0);
    items.retain(|_| {
        let is_hole = holes.next_if_eq(&&at).is_some();
        at += 1;
        !is_hole
    });
}

impl Way<'_> {
    fn steps(&self) -> Vec<Step> {
        let (mut steps, step) = match self {
            Way::Root => return Vec::new(),
            Way::Key(above, key, _) => (above.steps(), Step::Key((*key).into())),
            Way::Item(above, index) => (above.steps(), Step::Index(*index)),
        };
        steps.push(step);
        steps
    }

    fn text(&self) -> String {
        path_text(&self.steps())
    }
}

#[cfg(test)]
mod tests;
