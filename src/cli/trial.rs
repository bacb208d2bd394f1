//! Which variables are choices of a chart: those of which it was tried that another value does in the templates what
//! it does in Compose.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use super::convert::Choices;
use super::pipeline::{self, Given};
use super::project;
use super::selection::Ground;
use crate::convert::Purpose;
use crate::plan::Plan;
use crate::plan::field::{Field, Leaf, Scalar};
use crate::plan::knob::{self, Knob, KnobId};
use crate::plan::object::Object;
use crate::plan::{address, chosen};
use crate::resolve::discover::Selection;
use crate::source::Text;

/// The variables that would do something else as choices than they do in Compose.
pub(super) fn misleading(
    plan: &Plan,
    selection: &Selection,
    choices: &Choices,
    ground: &Ground,
) -> BTreeSet<Text> {
    let is_variable = |knob: &Knob| knob.path.first().is_some_and(|section| section == "variables");
    let all: Vec<KnobId> =
        (0..plan.knobs.len()).map(KnobId).filter(|knob| is_variable(&plan.knobs[knob.0])).collect();
    let mut gone = Vec::new();
    let left = Cell::new(OBJECTS / plan.objects.len().max(1));
    // What stands in variables of containers alone hardly ever fails, and is then tried at once.
    let feeds = knob::feeds(&plan.knobs, &plan.slots);
    let feeds_text = |knob: &KnobId| {
        feeds.get(knob).is_some_and(|slots| slots.iter().all(|slot| slot.path.ends_with("].value")))
    };
    let (plain, others): (Vec<KnobId>, Vec<KnobId>) = all.into_iter().partition(feeds_text);
    let trial = Trial { plan, selection, choices, ground, left };
    trial.sift(&plain, &mut gone);
    trial.sift(&others, &mut gone);
    gone.iter().map(|knob| plan.knobs[knob.0].name().into()).collect()
}

/// So many objects are converted in trials at most: what is not tried by then is no choice.
const OBJECTS: usize = 200_000;

/// What is tried.
struct Trial<'t> {
    plan: &'t Plan,
    selection: &'t Selection,
    choices: &'t Choices,
    ground: &'t Ground,
    /// How many more trials there may be.
    left: Cell<usize>,
}

impl Trial<'_> {
    /// Finds the choices that do not hold: all at once, and where that fails, in halves.
    fn sift(&self, knobs: &[KnobId], gone: &mut Vec<KnobId>) {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        if knobs.is_empty() || left > 0 && self.holds(knobs) {
            return;
        }
        if knobs.len() == 1 || left == 0 {
            gone.extend(knobs);
            return;
        }
        let (first, second) = knobs.split_at(knobs.len() / 2);
        self.sift(first, gone);
        self.sift(second, gone);
    }

    /// Whether the project with other values of some variables converts to the objects with other choices.
    fn holds(&self, knobs: &[KnobId]) -> bool {
        let plan = self.plan;
        let mut selection = self.selection.clone();
        let mut values = BTreeMap::new();
        for knob in knobs {
            let Some(value) = plan.knobs.get(knob.0).and_then(another) else { return false };
            let text = match &value {
                Scalar::Text(text) => text.clone(),
                Scalar::Int(number) => Text::from(number.to_string()),
                Scalar::Bool(_) | Scalar::Number(_) | Scalar::EmptyMap | Scalar::EmptyList => return false,
            };
            selection.given.insert(Text::new(plan.knobs[knob.0].name()), text);
            values.insert(*knob, value);
        }
        let Some(tried) = self.converted(&selection) else { return false };
        let expected = chosen::objects(&plan.objects, (&plan.knobs, &plan.slots), &values);
        same(settled(expected), settled(tried))
    }

    /// What a selection converts to.
    fn converted(&self, selection: &Selection) -> Option<Vec<Object>> {
        let resolved = project::load(selection, &self.ground.named, self.ground.follow)?;
        let reader = self.ground.reader(&resolved.project.directory);
        let assessed = pipeline::assess(
            resolved,
            &Given {
                purpose: Purpose::Objects,
                options: self.choices.options(),
                metadata: &self.choices.settings.metadata,
                reader: &reader,
                standpoint: &self.ground.selection.standpoint,
                trusted_registries: &self.choices.settings.trusted_registries,
                levels: self.choices.levels(),
            },
        );
        assessed.plan.map(|plan| plan.objects)
    }
}

/// Another value than the one that is there, and of its kind.
fn another(knob: &Knob) -> Option<Scalar> {
    /// What is smaller than a port that somebody chooses is a number of something else.
    const PORTS: i64 = 80;
    /// Far enough that it meets no port nearby.
    const FAR: i64 = 1_117;
    let default = match &knob.default {
        Some(Field::Leaf(Leaf { value, .. })) => value,
        None => &Scalar::Text(Text::new_static("")),
        Some(Field::Map(_) | Field::List(_)) => return None,
    };
    match default {
        Scalar::Int(number) if (PORTS..60_000).contains(number) => Some(Scalar::Int(number + FAR)),
        Scalar::Int(number) if *number >= 60_000 => Some(Scalar::Int(number - FAR)),
        Scalar::Int(number) => Some(Scalar::Int(number + 1)),
        Scalar::Text(text) if text.is_empty() => Some("trial".into()),
        // The ending of a path, an address or a tag may well be another one.
        Scalar::Text(text) => Some(format!("{text}-trial").into()),
        Scalar::Bool(_) | Scalar::Number(_) | Scalar::EmptyMap | Scalar::EmptyList => None,
    }
}

/// The objects without what is worked out of their content: names of Jobs, and digests of files.
fn settled(objects: Vec<Object>) -> Vec<Object> {
    let mut objects = chosen::settled(objects);
    for object in &mut objects {
        address::change(&mut object.body, &mut |path, leaf| {
            if path.contains("annotations[\"transship/config-") {
                leaf.value = "".into();
            }
        });
    }
    objects
}

fn same(expected: Vec<Object>, tried: Vec<Object>) -> bool {
    let sorted = |mut objects: Vec<Object>| {
        objects.sort_by(|left, right| left.id.cmp(&right.id));
        objects
    };
    let (expected, tried) = (sorted(expected), sorted(tried));
    expected.len() == tried.len()
        && expected.iter().zip(&tried).all(|(one, other)| {
            one.id == other.id && Field::Map(one.body.clone()).equals(&Field::Map(other.body.clone()))
        })
}
