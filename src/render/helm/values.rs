//! `values.yaml`: every choice with what it is, and the line of the project that it comes from.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use super::expression;
use crate::plan::Plan;
use crate::plan::field::{Field, Leaf, Scalar};
use crate::plan::knob::{Knob, KnobId};
use crate::render::emit;
use crate::source::Text;
use crate::source::files::Files;
use crate::source::reader;
use crate::source::span::Span;

/// Where lines stand: in files as the folder of the project sees them, so that a chart is the same wherever it is made.
#[derive(Clone, Copy, Debug)]
pub struct Lines<'f> {
    /// The files.
    pub files: &'f Files,
    /// The folder from which their names are printed.
    pub standpoint: &'f Path,
    /// The folder of the project.
    pub folder: &'f Path,
}

impl Lines<'_> {
    fn of(&self, span: Span) -> String {
        let file = reader::seen_from(self.folder, self.standpoint, &self.files.file(span.file).name);
        format!("{file}:{}", self.files.start(span).line)
    }
}

/// A level of the choices.
#[derive(Debug, Default)]
pub struct Level<'p> {
    /// What stands on it, in order.
    pub entries: Vec<(&'p Text, Entry<'p>)>,
}

/// What stands on a level.
#[derive(Debug)]
pub enum Entry<'p> {
    /// A further level.
    Level(Level<'p>),
    /// A choice.
    Knob(&'p Knob),
}

/// The choices of a plan, level by level.
#[must_use]
pub fn levels(plan: &Plan) -> Level<'_> {
    level_of(plan.knobs.iter())
}

fn level_of<'p>(knobs: impl Iterator<Item = &'p Knob>) -> Level<'p> {
    let mut top = Level::default();
    for knob in knobs {
        let Some((last, groups)) = knob.path.split_last() else { continue };
        let mut level = &mut top;
        for group in groups {
            level = level.below(group);
        }
        level.entries.push((last, Entry::Knob(knob)));
    }
    top
}

impl Entry<'_> {
    /// The values when nothing is chosen.
    fn json(&self) -> Value {
        match self {
            Self::Knob(knob) => knob.default.as_ref().map_or_else(|| "".into(), Value::from),
            Self::Level(level) => {
                level.entries.iter().map(|(name, entry)| (name.to_string(), entry.json())).collect()
            }
        }
    }
}

impl<'p> Level<'p> {
    /// The values at a path when nothing is chosen.
    #[must_use]
    pub fn at(&self, path: &[Text]) -> Value {
        let Some((first, rest)) = path.split_first() else { return Value::Null };
        let entry = self.entries.iter().find(|(name, _)| *name == first).map(|(_, entry)| entry);
        match entry {
            Some(Entry::Level(level)) if !rest.is_empty() => level.at(rest),
            Some(entry) => entry.json(),
            None => Value::Null,
        }
    }

    fn below(&mut self, name: &'p Text) -> &mut Self {
        let is_it = |(known, entry): &(&Text, Entry<'_>)| *known == name && matches!(entry, Entry::Level(_));
        let at = self.entries.iter().position(is_it).unwrap_or_else(|| {
            self.entries.push((name, Entry::Level(Self::default())));
            self.entries.len() - 1
        });
        match &mut self.entries[at].1 {
            Entry::Level(level) => level,
            Entry::Knob(_) => unreachable!("it was found as a level"),
        }
    }
}

/// The text of `values.yaml`.
#[must_use]
pub fn values(plan: &Plan, lines: Lines<'_>) -> String {
    let mut text = format!(
        "# Values of the chart of `{}`. The comment behind a value is the line that it comes from.\n",
        plan.project
    );
    let top = levels(plan);
    let mut said = BTreeSet::new();
    for (name, entry) in &top.entries {
        text.push('\n');
        if let Some(words) = heading(plan, name, lines) {
            text.push_str(&format!("# {words}\n"));
        }
        entry_of((&mut text, &mut said), name, entry, 0, lines);
    }
    text
}

/// The text of `values-NAME.yaml`: what an overlay chooses.
#[must_use]
pub fn overlay(plan: &Plan, name: &str, chosen: &BTreeMap<KnobId, Field>) -> String {
    let mut text =
        format!("# What the overlay `{name}` chooses: `helm upgrade --install -f values-{name}.yaml …`.\n");
    if chosen.is_empty() {
        text.push_str("{}\n");
        return text;
    }
    let knobs = plan.knobs.iter().enumerate().filter(|(at, _)| chosen.contains_key(&KnobId(*at)));
    chosen_of(&mut text, &level_of(knobs.map(|(_, knob)| knob)), 0, &|knob| {
        let at = plan.knobs.iter().position(|known| known.path == knob.path)?;
        chosen.get(&KnobId(at))
    });
    text
}

fn chosen_of<'c>(
    text: &mut String,
    level: &Level<'_>,
    indent: usize,
    value: &dyn Fn(&Knob) -> Option<&'c Field>,
) {
    for (name, entry) in &level.entries {
        let margin = " ".repeat(indent);
        match entry {
            Entry::Level(below) => {
                text.push_str(&format!("{margin}{}:\n", emit::word(name)));
                chosen_of(text, below, indent + 2, value);
            }
            Entry::Knob(knob) => {
                let Some(value) = value(knob) else { continue };
                text.push_str(&format!("{margin}{}:{}", emit::word(name), written(value, indent)));
            }
        }
    }
}

/// What a group of choices is about.
fn heading(plan: &Plan, name: &str, lines: Lines<'_>) -> Option<String> {
    if let Some((service, place)) = plan.titles.get(name).and_then(|name| plan.members.get_key_value(name)) {
        return Some(format!("`{service}` ({})", lines.of(*place)));
    }
    match name {
        "global" => Some("What holds for all images.".to_owned()),
        "variables" => Some("The variables of the Compose file.".to_owned()),
        "networkPolicy" => None,
        "waitImage" => Some("The containers in which a pod waits until what it needs answers.".to_owned()),
        "waitForEndImage" => Some("The containers in which a pod waits for the end of a Job.".to_owned()),
        "volumes" => Some("The claims of storage.".to_owned()),
        "secrets" if plan.secrets.is_empty() => {
            Some("What the Secrets hold: it has no default, and is to be kept out of files.".to_owned())
        }
        "secrets" => Some(
            "The Secrets that have to be there; `secrets.yaml.example` says which keys they have.".to_owned(),
        ),
        _ => None,
    }
}

fn entry_of(
    (text, said): (&mut String, &mut BTreeSet<String>),
    name: &str,
    entry: &Entry<'_>,
    indent: usize,
    lines: Lines<'_>,
) {
    let margin = " ".repeat(indent);
    let key = emit::word(name);
    match entry {
        Entry::Level(level) => {
            text.push_str(&format!("{margin}{key}:\n"));
            for (name, entry) in &level.entries {
                entry_of((text, said), name, entry, indent + 2, lines);
            }
        }
        Entry::Knob(knob) => {
            if let Some(help) = help(knob, said) {
                text.push_str(&format!("{margin}# {help}\n"));
            }
            let value = value(knob, indent);
            let place = knob.place.map(|span| format!("# {}", lines.of(span)));
            match (place, value.strip_suffix('\n').filter(|value| !value.contains('\n'))) {
                (Some(place), Some(value)) => text.push_str(&format!("{margin}{key}:{value}   {place}\n")),
                (Some(place), None) => text.push_str(&format!("{margin}{key}:   {place}{value}")),
                (None, _) => text.push_str(&format!("{margin}{key}:{value}")),
            }
        }
    }
}

/// What stands behind the key of a choice, with the end of its last line.
fn value(knob: &Knob, indent: usize) -> String {
    knob.default.as_ref().map_or_else(|| " \"\"\n".to_owned(), |field| written(field, indent))
}

/// A value behind its key, with the end of its last line.
fn written(field: &Field, indent: usize) -> String {
    match field {
        // A comment behind a block of lines would be a part of it.
        Field::Leaf(Leaf { value: Scalar::Text(text), .. }) if text.contains('\n') => {
            format!(" {}\n", Value::from(text.as_str()))
        }
        field => {
            let mut text = String::new();
            emit::field(&mut text, field, indent);
            text
        }
    }
}

/// What a choice is, in a sentence, unless it was said before.
fn help(knob: &Knob, said: &mut BTreeSet<String>) -> Option<String> {
    let must = knob.required && expression::is_open(knob);
    let help = match (knob.help.is_empty(), must) {
        (true, true) => "It has to be given.".to_owned(),
        (true, false) => return None,
        (false, true) => format!("{}. It has to be given.", knob.help),
        (false, false) => format!("{}.", knob.help),
    };
    let help = help.replace(['\n', '\r'], " ");
    said.insert(help.clone()).then_some(help)
}
