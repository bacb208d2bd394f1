//! What an overlay chooses: the difference of two plans, said in choices of the base.

use std::collections::BTreeMap;

use super::names::camel;
use crate::k8s::kind::Kind;
use crate::plan::Plan;
use crate::plan::chosen::{settled, settled_id};
use crate::plan::difference::{FieldChange, difference};
use crate::plan::field::{Field, Fields, Items, Scalar};
use crate::plan::knob::{Fill, Knob, KnobId, Shape, Slot};
use crate::plan::object::{Id, Object};
use crate::plan::why::Why;
use crate::source::Text;

/// What an overlay chooses, and what no choice can say.
#[derive(Debug, Default)]
pub struct Varied {
    /// What it chooses.
    pub values: BTreeMap<KnobId, Field>,
    /// What the base keeps all the same.
    pub lost: Vec<Lost>,
}

/// Something that an overlay changes, and no choice says.
#[derive(Debug, Clone, PartialEq)]
pub struct Lost {
    /// The object.
    pub object: Id,
    /// The address in it; empty when the object comes or goes.
    pub path: String,
    /// Why it is there in the overlay, as far as it is.
    pub why: Option<Why>,
}

/// What an overlay chooses; where it changes a field that nobody could choose before, the base has a new choice.
pub fn vary(base: &mut Plan, overlay: &Plan) -> Varied {
    let mut varied = Varied::default();
    let (old, new) = (settled(base.objects.clone()), settled(overlay.objects.clone()));
    let whole = difference(&old, &new);
    for object in whole.added.iter().chain(&whole.removed) {
        let mut why = None;
        object.body.each_leaf(&mut |leaf| {
            if why.is_none() && !leaf.why.rows().is_empty() {
                why = Some(leaf.why.clone());
            }
        });
        varied.lost.push(Lost { object: object.id.clone(), path: String::new(), why });
    }
    for pair in &whole.changed {
        let id = named(base, &pair.old.id);
        for change in pair.fields() {
            one(base, overlay, (&id, pair.new), change, &mut varied);
        }
    }
    varied
}

/// Says one change in choices.
fn one(base: &mut Plan, overlay: &Plan, (id, new): (&Id, &Object), change: FieldChange, varied: &mut Varied) {
    let slots = base.slots.iter().filter(|slot| slot.object == *id && is_below(&change.path, &slot.path));
    // Of those around a field, the nearest one says what it holds.
    let slot = slots.max_by_key(|slot| slot.path.len()).cloned();
    let chosen = match slot {
        Some(slot) => covered(base, overlay, &slot, new, &change),
        None => None,
    };
    match chosen {
        Some(values) => {
            for (knob, value) in values {
                let known = base.knobs.get(knob.0).and_then(|knob| knob.default.as_ref());
                if !known.is_some_and(|known| known.equals(&value)) {
                    varied.values.insert(knob, value);
                }
            }
        }
        None => match fresh(base, id, &change) {
            Some((knob, value)) => {
                varied.values.insert(knob, value);
            }
            None => {
                let why = change.new.or(change.old).map(|leaf| leaf.why);
                varied.lost.push(Lost { object: id.clone(), path: change.path, why });
            }
        },
    }
}

/// What is chosen in a slot so that it holds what the overlay has there; nothing when that cannot be.
fn covered(
    base: &Plan,
    overlay: &Plan,
    slot: &Slot,
    new: &Object,
    change: &FieldChange,
) -> Option<Vec<(KnobId, Field)>> {
    let theirs = |knob: KnobId| -> Option<(KnobId, Field)> {
        let path = &base.knobs.get(knob.0)?.path;
        let other = overlay.knobs.iter().find(|other| other.path == *path)?;
        Some((knob, other.default.clone()?))
    };
    match &slot.fill {
        // What is worked out of the rest follows it.
        Fill::Digest(_) => Some(Vec::new()),
        Fill::Text(parts) if slot.fill.knobs().is_empty() => {
            (!parts.is_empty() && slot.path != "data").then(Vec::new)
        }
        Fill::Whole(knob) => {
            let field = match at(&new.body, &slot.path) {
                Some(field) => field.clone(),
                // An item of a list is found by its address only.
                None => Field::Leaf(change.new.clone().filter(|_| change.path == slot.path.as_str())?),
            };
            Some(vec![(*knob, field)])
        }
        Fill::Image(image) => {
            let parts = (0..base.knobs.len()).map(KnobId).filter(|knob| image.has(&base.knobs[knob.0]));
            let mut values: Vec<(KnobId, Field)> = parts.map(theirs).collect::<Option<_>>()?;
            values.extend(slot.fill.knobs().into_iter().filter_map(theirs));
            Some(values)
        }
        Fill::Text(_) => slot.fill.knobs().into_iter().map(theirs).collect(),
        Fill::Also(knob) => Some(vec![(*knob, beside(base, *knob, slot, new, change)?)]),
        Fill::Or(..) | Fill::Secret(_) | Fill::When(_) | Fill::Unless(_) | Fill::Claims(_) => None,
    }
}

/// What the overlay has beside what the base has, in a mapping or a list that can be completed.
fn beside(base: &Plan, knob: KnobId, slot: &Slot, new: &Object, change: &FieldChange) -> Option<Field> {
    if change.old.is_some() {
        return None;
    }
    let object = base.objects.iter().find(|object| object.id == slot.object)?;
    let (old, new) = (at(&object.body, &slot.path), at(&new.body, &slot.path)?);
    match (base.knobs.get(knob.0)?.shape, new) {
        (Shape::Map, Field::Map(new)) => {
            let mut more = Fields::default();
            let known = old.and_then(Field::as_map);
            for (key, field) in
                new.iter().filter(|(key, _)| known.is_none_or(|known| known.get(key).is_none()))
            {
                more.insert(key.clone(), field.clone());
            }
            Some(Field::Map(more))
        }
        (Shape::List, Field::List(new)) => {
            let mut more = Items::default();
            let known = old.and_then(Field::as_list);
            let name =
                |item: &Field| item.as_map().and_then(|item| item.get("name")?.as_text().map(str::to_owned));
            let refers = |own: &str| {
                let reference = format!("$({own})");
                known.is_some_and(|known| {
                    known.iter().any(|item| {
                        let value = item.as_map().and_then(|item| item.get("value")?.as_text());
                        value.is_some_and(|text| text.contains(&reference))
                    })
                })
            };
            for item in new.iter() {
                let own = name(item)?;
                // What stands behind the others is not there yet for those that name it.
                if refers(&own) && known.is_none_or(|known| known.find("name", &own).is_none()) {
                    return None;
                }
                if known.is_none_or(|known| known.find("name", &own).is_none()) {
                    more.push(item.clone());
                }
            }
            Some(Field::List(more))
        }
        _ => None,
    }
}

/// The field at an address; items of lists by their names.
fn at<'f>(body: &'f Fields, path: &str) -> Option<&'f Field> {
    let mut here: Option<&Field> = None;
    let mut fields = body;
    for step in path.split('.') {
        let (key, item) = match step.split_once('[') {
            Some((key, item)) => (key, Some(item.strip_suffix(']')?)),
            None => (step, None),
        };
        let mut field = fields.get(key)?;
        if let Some(item) = item {
            let list = field.as_list()?;
            field = list
                .iter()
                .find(|field| field.as_map().and_then(|map| map.get("name")?.as_text()) == Some(item))?;
        }
        here = Some(field);
        match field {
            Field::Map(map) => fields = map,
            Field::Leaf(_) | Field::List(_) => {}
        }
    }
    here
}

/// A new choice for a value that nobody could choose before.
fn fresh(base: &mut Plan, id: &Id, change: &FieldChange) -> Option<(KnobId, Field)> {
    let (old, new) = (change.old.as_ref()?, change.new.as_ref()?);
    let taken = |path: &str| base.slots.iter().any(|slot| slot.object == *id && slot.path == path);
    let shape = match (&old.value, &new.value) {
        (Scalar::Text(_), Scalar::Text(_)) => Shape::Text,
        (Scalar::Int(_), Scalar::Int(_)) => Shape::Integer { least: 0, most: None },
        (Scalar::Bool(_), Scalar::Bool(_)) => Shape::Switch,
        _ => return None,
    };
    // A name is what others refer to.
    let is_name = change.path.ends_with("].name")
        || change.path.starts_with("metadata.")
        || change.path.contains("atchLabels");
    if taken(&change.path) || is_name || id.kind == Kind::Secret {
        return None;
    }
    let owner = base.objects.iter().find(|object| object.id == *id)?.folder.clone();
    let title = owner.and_then(|folder| {
        base.titles
            .iter()
            .find(|(_, service)| camel(service) == camel(&folder))
            .map(|(title, _)| title.clone())
    });
    let path = path_of(title, id, &change.path);
    if base.knobs.iter().any(|knob| knob.path == path) {
        return None;
    }
    let knob = KnobId(base.knobs.len());
    base.knobs.push(Knob {
        path,
        shape,
        default: Some(Field::Leaf(old.clone())),
        required: false,
        help: "It is another one in an overlay".into(),
        place: None,
    });
    base.slots.push(Slot { object: id.clone(), path: change.path.as_str().into(), fill: Fill::Whole(knob) });
    Some((knob, Field::Leaf(new.clone())))
}

/// Where a new choice stands: a variable of a container under `env`, all else by the end of its address.
fn path_of(title: Option<Text>, id: &Id, path: &str) -> Vec<Text> {
    let group = title
        .unwrap_or_else(|| camel(&format!("{}-{}", id.kind.word().to_ascii_lowercase(), id.name)).into());
    let variable = path.rsplit_once("env[").and_then(|(_, rest)| rest.strip_suffix("].value"));
    if let Some(name) = variable {
        return vec![group, "env".into(), name.into()];
    }
    let word = |step: &str| step.trim_matches(['"', ']', '[']).replace(['[', ']', '"', '.', '/'], "-");
    let steps: Vec<&str> = path.split('.').collect();
    let tail = &steps[steps.len().saturating_sub(2)..];
    let tail: Vec<String> = tail.iter().filter(|step| **step != "spec").map(|step| word(step)).collect();
    let tail = tail.join("-");
    vec![group, camel(&tail).into()]
}

fn is_below(path: &str, above: &str) -> bool {
    !above.is_empty()
        && path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// The object of the base that a settled one is.
fn named(base: &Plan, id: &Id) -> Id {
    let is_it = |object: &&Object| settled_id(&object.id) == *id;
    base.objects.iter().find(is_it).map_or_else(|| id.clone(), |object| object.id.clone())
}
