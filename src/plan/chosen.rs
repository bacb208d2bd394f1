//! What the objects become when something else is chosen for the variables.

use std::collections::BTreeMap;

use super::address;
use super::field::{Leaf, Scalar};
use super::knob::{Fill, Knob, KnobId, Part, Slot};
use super::object::{Id, Object};
use crate::k8s::kind::Kind;
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
        | Fill::Claims(_)
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

/// The objects with Jobs by the names that they have without the digest of their content, wherever these stand.
#[must_use]
pub fn settled(mut objects: Vec<Object>) -> Vec<Object> {
    let jobs = objects.iter().filter(|object| object.id.kind == Kind::Job);
    let jobs: Vec<Text> = jobs.map(|object| object.id.name.clone()).collect();
    if jobs.is_empty() {
        return objects;
    }
    for object in &mut objects {
        object.id = settled_id(&object.id);
        address::change(&mut object.body, &mut |_, leaf| {
            let Scalar::Text(text) = &leaf.value else { return };
            if let Some(job) = jobs.iter().find(|job| text.contains(job.as_str())) {
                leaf.value = text.replace(job.as_str(), &bare(job)).into();
            }
        });
    }
    objects
}

/// Which object it is, a Job without the digest in its name.
#[must_use]
pub fn settled_id(id: &Id) -> Id {
    let name = if id.kind == Kind::Job { bare(&id.name) } else { id.name.clone() };
    Id { name, ..id.clone() }
}

/// The name of a Job without the digest of its content.
#[must_use]
pub fn bare(name: &str) -> Text {
    name.rsplit_once('-').map_or(name, |(base, _)| base).into()
}
