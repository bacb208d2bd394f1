//! What a component adds to a chart: objects behind a switch, with the choices that stand in them.

use std::collections::BTreeSet;

use super::names::{camel, free};
use super::vary::Lost;
use crate::plan::Plan;
use crate::plan::chosen::{settled, settled_id};
use crate::plan::difference::difference;
use crate::plan::field::Field;
use crate::plan::knob::{Fill, Knob, KnobId, Shape, Slot};
use crate::plan::object::{Id, Object};
use crate::plan::why::Why;
use crate::source::Text;

/// What a component adds.
#[derive(Debug, Default)]
pub struct Added {
    /// The objects that the base has not.
    pub objects: Vec<Object>,
    /// What it changes of those that the base has.
    pub lost: Vec<Lost>,
}

/// Gives the base the switch of a component, and the choices of what stands behind it.
pub fn add(base: &mut Plan, component: &Plan, name: &str) -> Added {
    let (old, new) = (settled(base.objects.clone()), settled(component.objects.clone()));
    let whole = difference(&old, &new);
    let mut added = Added::default();
    for pair in &whole.changed {
        for change in pair.fields() {
            let why = change.new.or(change.old).map(|leaf| leaf.why);
            added.lost.push(Lost { object: pair.new.id.clone(), path: change.path, why });
        }
    }
    let gone = whole.removed.iter().map(|object| object.id.clone());
    added.lost.extend(gone.map(|object| Lost { object, path: String::new(), why: None }));
    let fresh: BTreeSet<Id> = whole.added.iter().map(|object| object.id.clone()).collect();
    if fresh.is_empty() {
        return added;
    }
    // A service that has another name among the choices of the whole would be taken for the one that has it in the base.
    let same_names = component.titles.iter().all(|(key, title)| {
        let known = base.titles.get(key).is_none_or(|known| known == title);
        known && base.titles.iter().all(|(own, known)| known != title || own == key)
    });
    let objects = component.objects.iter().filter(|object| fresh.contains(&settled_id(&object.id)));
    if !same_names {
        added.lost.extend(objects.map(|object| Lost {
            object: object.id.clone(),
            path: String::new(),
            why: None,
        }));
        return added;
    }
    added.objects = objects.cloned().collect();
    let switch = switch(base, component, name, added.objects.len());
    let numbers = numbers(base, component, &added.objects);
    for object in &added.objects {
        let known = base.slots.iter_mut().find_map(|slot| match &mut slot.fill {
            Fill::When(switches) if slot.object == object.id && is_switch(&base.knobs, switches) => {
                Some(switches)
            }
            _ => None,
        });
        if let Some(switches) = known {
            // Another component brings it as well.
            switches.push(switch);
            continue;
        }
        base.slots.push(Slot {
            object: object.id.clone(),
            path: Text::default(),
            fill: Fill::When(vec![switch]),
        });
        for slot in component.slots.iter().filter(|slot| slot.object == object.id) {
            let mut slot = slot.clone();
            slot.fill.renumber(&numbers);
            base.slots.push(slot);
        }
    }
    base.titles.extend(component.titles.iter().map(|(key, title)| (key.clone(), title.clone())));
    added
}

fn is_switch(knobs: &[Knob], switches: &[KnobId]) -> bool {
    switches.iter().all(|switch| {
        knobs.get(switch.0).is_some_and(|knob| knob.path.first().is_some_and(|first| first == SECTION))
    })
}

/// Where the switches stand among the choices.
const SECTION: &str = "components";

fn switch(base: &mut Plan, component: &Plan, name: &str, objects: usize) -> KnobId {
    let services: BTreeSet<&Text> =
        component.members.keys().filter(|member| !base.members.contains_key(*member)).collect();
    let services: Vec<String> = services.into_iter().map(|service| format!("`{service}`")).collect();
    let what = if services.is_empty() { format!("{objects} objects") } else { services.join(", ") };
    let known = base.knobs.iter().filter(|knob| knob.path.first().is_some_and(|first| first == SECTION));
    let mut taken = known.filter_map(|knob| Some(knob.path.get(1)?.to_string())).collect();
    let own = free(&camel(name), &mut taken);
    base.knobs.push(Knob {
        path: vec![Text::new_static(SECTION), own.into(), Text::new_static("enabled")],
        shape: Shape::Switch,
        default: Some(Field::leaf(false, &Why::Policy("nothing is chosen"))),
        required: false,
        help: format!("Whether the component `{name}` is there: {what}").into(),
        place: None,
    });
    KnobId(base.knobs.len() - 1)
}

/// The number in the base of each choice of the component that stands in these objects; such as the base has not are
/// added to it.
fn numbers(base: &mut Plan, component: &Plan, objects: &[Object]) -> Vec<KnobId> {
    let is_ours = |slot: &&Slot| objects.iter().any(|object| object.id == slot.object);
    let feeds = crate::plan::knob::feeds(&component.knobs, &component.slots);
    let needed: BTreeSet<KnobId> =
        feeds.iter().filter(|(_, slots)| slots.iter().any(is_ours)).map(|(knob, _)| *knob).collect();
    let mut numbers = Vec::with_capacity(component.knobs.len());
    for (knob, at) in component.knobs.iter().zip(0..) {
        let known = base.knobs.iter().position(|known| known.path == knob.path);
        let number = match known {
            Some(number) => number,
            None if needed.contains(&KnobId(at)) => {
                base.knobs.push(knob.clone());
                base.knobs.len() - 1
            }
            // Nothing of ours has it.
            None => at,
        };
        numbers.push(KnobId(number));
    }
    numbers
}
