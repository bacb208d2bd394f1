//! What the objects become when something else is chosen for the variables.

use std::collections::BTreeMap;

use super::address;
use super::field::{Leaf, Scalar};
use super::knob::{Fill, Knob, KnobId, Part, Slot};
use super::object::{Id, Object};
use crate::source::Text;

/// The objects with other values of some variables: in the texts and numbers that they feed.
#[must_use]
pub fn objects(
    objects: &[Object],
    (knobs, slots): (&[Knob], &[Slot]),
    values: &BTreeMap<KnobId, Scalar>,
) -> Vec<Object> {
    let mut by_object: BTreeMap<&Id, BTreeMap<&str, &Fill>> = BTreeMap::new();
    for slot in slots.iter().filter(|slot| slot.fill.knobs().iter().any(|knob| values.contains_key(knob))) {
        by_object.entry(&slot.object).or_default().insert(&slot.path, &slot.fill);
    }
    let changed = |object: &Object| {
        let mut object = object.clone();
        if let Some(fills) = by_object.get(&object.id) {
            let mut body = std::mem::take(&mut object.body);
            address::change(&mut body, &mut |path, leaf| {
                if let Some(fill) = fills.get(path) {
                    change(leaf, fill, knobs, values);
                }
            });
            object.body = body;
        }
        object
    };
    objects.iter().map(changed).collect()
}

fn change(leaf: &mut Leaf, fill: &Fill, knobs: &[Knob], values: &BTreeMap<KnobId, Scalar>) {
    let text = |parts: &[Part]| -> String { parts.iter().map(|part| piece(part, knobs, values)).collect() };
    match fill {
        Fill::Whole(knob) => {
            if let Some(value) = values.get(knob) {
                leaf.value = value.clone();
            }
        }
        Fill::Text(parts) => leaf.value = text(parts).into(),
        Fill::Image(image) => leaf.value = text(&image.text).into(),
        Fill::Also(_)
        | Fill::Or(..)
        | Fill::Secret(_)
        | Fill::When(_)
        | Fill::Unless(_)
        | Fill::Digest(_) => {}
    }
}

fn piece(part: &Part, knobs: &[Knob], values: &BTreeMap<KnobId, Scalar>) -> String {
    let written = |value: &Scalar| match value {
        Scalar::Text(text) | Scalar::Number(text) => text.to_string(),
        Scalar::Int(number) => number.to_string(),
        Scalar::Bool(switch) => switch.to_string(),
        Scalar::EmptyMap | Scalar::EmptyList => String::new(),
    };
    match part {
        Part::Literal(text) | Part::Namespace(text) | Part::Job(text) => text.to_string(),
        Part::Knob(knob) => {
            let default = || match knobs.get(knob.0)?.default.as_ref()? {
                super::field::Field::Leaf(leaf) => Some(&leaf.value),
                super::field::Field::Map(_) | super::field::Field::List(_) => None,
            };
            values.get(knob).or_else(default).map(written).unwrap_or_default()
        }
    }
}

/// Takes choices back: where they stand, the objects keep what they have.
pub fn withdraw(knobs: &mut Vec<Knob>, slots: &mut Vec<Slot>, gone: &[KnobId]) {
    let is_gone = |knob: &KnobId| gone.contains(knob);
    let names: BTreeMap<KnobId, Text> = gone.iter().map(|knob| (*knob, default(knobs, *knob))).collect();
    slots.retain_mut(|slot| match &mut slot.fill {
        Fill::Text(parts) => {
            settle(parts, &names);
            parts.iter().any(|part| !matches!(part, Part::Literal(_)))
        }
        Fill::Image(image) => {
            settle(&mut image.text, &names);
            image.or.iter_mut().for_each(|(_, parts)| settle(parts, &names));
            true
        }
        fill => !fill.knobs().iter().any(is_gone),
    });
    let mut numbers = Vec::with_capacity(knobs.len());
    let mut next = 0;
    for at in 0..knobs.len() {
        numbers.push(KnobId(next));
        next += usize::from(!is_gone(&KnobId(at)));
    }
    let mut at = 0;
    knobs.retain(|_| {
        at += 1;
        !is_gone(&KnobId(at - 1))
    });
    slots.iter_mut().for_each(|slot| slot.fill.renumber(&numbers));
}

fn default(knobs: &[Knob], knob: KnobId) -> Text {
    piece(&Part::Knob(knob), knobs, &BTreeMap::new()).into()
}

/// Writes out the choices that are no more.
fn settle(parts: &mut [Part], names: &BTreeMap<KnobId, Text>) {
    for part in parts {
        if let Part::Knob(knob) = part
            && let Some(text) = names.get(knob)
        {
            *part = Part::Literal(text.clone());
        }
    }
}
