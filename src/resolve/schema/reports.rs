//! What is said about each kind of violation. Values are never printed: any of them may be a secret.

use crate::diag::{Edit, Finding, Safety, Slug, slugs};
use crate::resolve::path::push_key;
use crate::source::nearest::nearest;
use crate::source::span::Span;
use crate::tree::{Map, Node, Value};
use crate::yaml::Step;

use super::shape::{Fields, LIST, Pattern, STRING, Shape};
use super::{Check, Way, words};

/// So many findings are listed; a file with more of them is no Compose file, and memory is not for that.
const LISTED: usize = 10_000;
/// So many unknown keys are compared with the known ones, which costs the most time of all; in each half of a mapping
/// that is read in halves.
const COMPARED: usize = 500;
/// So many characters of a path stand in a message.
const SHOWN: usize = 120;

impl Check {
    pub(super) fn close(mut self, span: Span) -> Vec<Finding> {
        if self.unlisted > 0 {
            let message =
                format!("{} more values are not what Compose takes; they are not listed", self.unlisted);
            self.findings.push(Finding::new(slugs::INVALID_COMPOSE, span.at_start(), "", message));
        }
        self.findings
    }

    /// Takes in what was seen behind everything that this run has seen.
    pub(super) fn absorb(&mut self, behind: Self) {
        let Self { findings, unlisted, compared } = behind;
        let room = LISTED.saturating_sub(self.findings.len());
        self.unlisted += unlisted + findings.len().saturating_sub(room);
        self.findings.extend(findings.into_iter().take(room));
        self.compared += compared;
    }

    pub(super) fn wrong_kind(&mut self, way: &Way<'_>, node: &Node, shape: &Shape) {
        self.report(|| {
            let message = format!(
                "{} is {}; Compose takes {}",
                way.subject(),
                words::kind(node, shape),
                words::expected(shape, way.key())
            );
            let finding = way.invalid(way.place(node.span), message);
            match remedy(&node.value, shape) {
                Some(tip) => finding.tip(tip),
                None => finding,
            }
        });
    }

    pub(super) fn wrong_text(&mut self, way: &Way<'_>, node: &Node, shape: &Shape) {
        self.report(|| {
            let message = format!("{} is {}", way.subject(), words::wrong_text(&shape.text));
            let finding = way.invalid(way.place(node.span), message);
            let near = nearest(node.as_str().unwrap_or_default(), words::list(&shape.text).iter().copied());
            match near {
                Some(word) => finding.tip(format!("did you mean `{word}`?")),
                None => finding,
            }
        });
    }

    pub(super) fn out_of_range(&mut self, way: &Way<'_>, node: &Node, shape: &Shape) {
        self.report(|| {
            let expected = words::expected(shape, way.key());
            way.invalid(node.span, format!("{} is out of range; Compose takes {expected}", way.subject()))
        });
    }

    pub(super) fn not_finite(&mut self, way: &Way<'_>, node: &Node) {
        self.report(|| {
            way.invalid(
                node.span,
                format!("{} is not a finite number; Compose takes no other", way.subject()),
            )
        });
    }

    pub(super) fn duplicate(&mut self, way: &Way<'_>, items: &[Node], repeat: usize, first: usize) {
        self.report(|| {
            let (item, earlier) = (Way::Item(way, repeat), Way::Item(way, first));
            let message = format!(
                "{} repeats {}; Compose takes each item of this list once",
                item.subject(),
                earlier.subject()
            );
            item.invalid(items[repeat].span, message).also(items[first].span, "the first one")
        });
    }

    pub(super) fn missing_key(&mut self, way: &Way<'_>, span: Span, map: &Map, key: &str) {
        self.report(|| {
            let message = format!("{} has no `{key}`; Compose requires it here", way.subject());
            way.invalid(way.owner(span, map), message).tip(format!("add `{key}`"))
        });
    }

    pub(super) fn missing_alternative(&mut self, way: &Way<'_>, span: Span, map: &Map, keys: &[&str]) {
        self.report(|| {
            let message = format!(
                "{} has neither {}; Compose requires one of them here",
                way.subject(),
                words::quoted(keys, "nor")
            );
            way.invalid(way.owner(span, map), message).tip(format!("add {}", words::quoted(keys, "or")))
        });
    }

    /// A key that has no business in this mapping: an attribute that nobody knows, or a name of a wrong make.
    pub(super) fn stray_key(&mut self, way: &Way<'_>, map: &Map, index: usize, fields: &Fields) {
        let entry = &map.entries[index];
        let place = Way::Key(way, &entry.key, entry.key_span);
        if let Some((pattern, _)) = fields.pattern
            && pattern != Pattern::Extension
        {
            self.report(|| {
                let (subject, makes) = (place.subject(), words::names(pattern));
                place.invalid(entry.key_span, format!("{subject} is no name that Compose takes; {makes}"))
            });
            return;
        }
        self.compared += 1;
        let is_compared = self.compared <= COMPARED;
        self.report(|| {
            let mut finding = place.finding(
                slugs::UNKNOWN_KEY,
                entry.key_span,
                format!("Compose knows no `{}` in {}", shown(&key_text(&entry.key)), way.subject()),
            );
            // A key that is there already is not the one that was meant.
            let is_free = |known: &&str| map.entries.len() > COMPARED || !map.contains(known);
            let known = fields.known.iter().map(|(known, _)| *known);
            if let Some(near) = is_compared.then(|| nearest(&entry.key, known)).flatten().filter(is_free) {
                let edit = Edit { span: entry.key_span, text: near.to_owned() };
                finding = finding.fix(Safety::Unsafe, format!("rename it to `{near}`"), vec![edit]);
                return finding.tip(format!("did you mean `{near}`?"));
            }
            finding.tip(way.remedy(&entry.key, &entry.node, fields))
        });
    }

    fn report(&mut self, finding: impl FnOnce() -> Finding) {
        if self.findings.len() < LISTED {
            self.findings.push(finding());
        } else {
            self.unlisted += 1;
        }
    }
}

impl Way<'_> {
    fn invalid(&self, span: Span, message: String) -> Finding {
        self.finding(slugs::INVALID_COMPOSE, span, message)
    }

    fn finding(&self, slug: Slug, span: Span, message: String) -> Finding {
        let mut finding = Finding::new(slug, span, self.text(), message);
        finding.service = match self.steps().as_slice() {
            [Step::Key(room), Step::Key(name), ..] if room == "services" => Some(name.to_string()),
            _ => None,
        };
        finding
    }

    /// The value's path for a message.
    fn subject(&self) -> String {
        match self {
            Way::Root => "the document".into(),
            Way::Key(..) | Way::Item(..) => format!("`{}`", shown(&self.text())),
        }
    }

    fn key(&self) -> Option<&str> {
        match self {
            Way::Key(_, key, _) => Some(key),
            Way::Root | Way::Item(..) => None,
        }
    }

    /// The place of a value; of one that is not written, its key.
    fn place(&self, span: Span) -> Span {
        match self {
            Way::Key(_, _, key) if span.is_empty() => *key,
            Way::Root | Way::Key(..) | Way::Item(..) => span,
        }
    }

    /// The place to blame for a key that a mapping lacks: the mapping's own key, in a list its first key.
    fn owner(&self, span: Span, map: &Map) -> Span {
        match (self, map.entries.first()) {
            (Way::Key(_, _, key), _) => *key,
            (Way::Root | Way::Item(..), Some(entry)) => entry.key_span,
            (Way::Root | Way::Item(..), None) => span,
        }
    }

    /// What to do with an unknown key in this mapping that resembles no other.
    fn remedy(&self, key: &str, node: &Node, fields: &Fields) -> String {
        let is_service = |map: &Map| map.contains("image") || map.contains("build");
        if matches!(self, Way::Root) && node.as_map().is_some_and(is_service) {
            return "move it under `services`".into();
        }
        if fields.pattern.is_some() && key_text(key) == key {
            return format!("remove it, or call it `x-{}` to keep it as an extension", shown(key));
        }
        "remove it".into()
    }
}

fn key_text(key: &str) -> String {
    let mut text = String::new();
    push_key(&mut text, key);
    text
}

/// A text with its end cut off where it would be too long for a message.
fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// What a value of a wrong kind can be turned into; nothing when nothing obvious would do.
pub(super) fn remedy(value: &Value, shape: &Shape) -> Option<&'static str> {
    match value {
        Value::Bool(_) | Value::Int(_) | Value::Big(_) | Value::Float(_) | Value::Timestamp(_) => {
            shape.takes(STRING).then_some("put the value in quotes")
        }
        Value::String(_) => {
            (shape.takes(LIST) && !shape.takes(STRING)).then_some("make it a list of one item")
        }
        Value::Null => Some("remove it, or give it a value"),
        Value::List(_) | Value::Map(_) => None,
    }
}
