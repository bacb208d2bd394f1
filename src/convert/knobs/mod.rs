//! What can be chosen when the output is installed: the variables of the files, and what a cluster has to decide.

pub mod demand;
pub mod claims;
pub mod content;
pub mod names;
pub mod routes;
pub mod secrets;
pub mod spaces;
pub mod toggle;
pub mod variables;
pub mod vary;
pub mod workload;

use std::collections::{BTreeMap, BTreeSet};

use super::options::Form;
use super::pass::Pass;
use crate::diag::sensitive::is_sensitive;
use crate::k8s::kind::Kind;
use crate::plan::field::Field;
use crate::plan::knob::{Fill, Knob, KnobId, Shape, Slot};
use crate::plan::object::{Id, Object};
use crate::plan::why::Why;
use crate::source::Text;
use crate::source::span::Span;
use names::Names;

/// The choices of an output, and where they stand.
#[derive(Debug, Default)]
pub struct Choices {
    /// The choices.
    pub knobs: Vec<Knob>,
    /// Where they stand.
    pub slots: Vec<Slot>,
    /// The services, by the names that they have among the choices.
    pub titles: BTreeMap<Text, Text>,
    /// The variables that are no choices, though the files use them.
    pub fixed: Vec<Text>,
}

/// What is chosen of the objects: the variables, and for a chart what its user decides.
#[must_use]
pub fn of(pass: &Pass<'_>, objects: &[Object]) -> Choices {
    let mut desk = Desk::new(pass);
    desk.kinds = objects.iter().map(|object| object.id.kind).collect();
    variables::find(&mut desk, objects);
    if pass.options().form == Form::Helm {
        for object in objects {
            workload::find(&mut desk, object);
            claims::find(&mut desk, object);
            secrets::find(&mut desk, object);
            routes::find(&mut desk, object);
            spaces::find(&mut desk, object);
        }
        content::find(&mut desk, objects);
    }
    desk.close(objects)
}

/// Where the choices are gathered.
pub struct Desk<'d, 'p> {
    pass: &'d Pass<'p>,
    names: Names,
    knobs: Vec<Knob>,
    known: BTreeMap<Vec<Text>, KnobId>,
    slots: BTreeMap<(Id, Text), Fill>,
    /// The kinds of the objects.
    kinds: BTreeSet<Kind>,
}

impl<'d, 'p> Desk<'d, 'p> {
    fn new(pass: &'d Pass<'p>) -> Self {
        let names = Names::of(pass);
        Self {
            pass,
            names,
            knobs: Vec::new(),
            known: BTreeMap::new(),
            slots: BTreeMap::new(),
            kinds: BTreeSet::new(),
        }
    }

    /// The choice at a path; made when nobody has made it yet.
    fn knob(&mut self, path: &[&str], make: impl FnOnce() -> Draft) -> KnobId {
        let path: Vec<Text> = path.iter().copied().map(Text::new).collect();
        if let Some(known) = self.known.get(&path) {
            return *known;
        }
        let id = KnobId(self.knobs.len());
        let Draft { shape, default, required, help, place } = make();
        self.known.insert(path.clone(), id);
        self.knobs.push(Knob { path, shape, default, required, help: help.into(), place });
        id
    }

    /// Has a choice stand somewhere, unless another one does.
    fn fill(&mut self, object: &Object, path: impl Into<Text>, fill: Fill) {
        self.slots.entry((object.id.clone(), path.into())).or_insert(fill);
    }

    /// What stands somewhere.
    fn filled(&self, object: &Object, path: &str) -> Option<&Fill> {
        self.slots.get(&(object.id.clone(), Text::new(path)))
    }

    /// The place of the first value that is a reason.
    fn place(&self, why: &Why) -> Option<Span> {
        let row = why.rows().first()?;
        Some(self.pass.accounts.rows().get(row.0 as usize)?.place.span)
    }

    /// The place of the first value that is a reason of a field, or of anything in it.
    fn place_in(&self, field: &Field) -> Option<Span> {
        let mut place = None;
        field.each_leaf(&mut |leaf| place = place.or_else(|| self.place(&leaf.why)));
        place
    }

    /// The choices in the order in which people look for them, and the slots in that of the objects.
    fn close(self, objects: &[Object]) -> Choices {
        let Self { pass, names, knobs, known: _, mut slots, kinds: _ } = self;
        let mut order: Vec<usize> = (0..knobs.len()).collect();
        order.sort_by_key(|at| names.rank(&knobs[*at].path));
        let mut places: Vec<KnobId> = vec![KnobId(0); knobs.len()];
        order.iter().zip(0..).for_each(|(old, new)| places[*old] = KnobId(new));
        let mut sorted: Vec<(usize, Knob)> = knobs.into_iter().enumerate().collect();
        sorted.sort_by_key(|(old, _)| places[*old]);
        slots.values_mut().for_each(|fill| fill.renumber(&places));
        let mut of_object: BTreeMap<Id, Vec<Slot>> = BTreeMap::new();
        for ((object, path), fill) in slots {
            of_object.entry(object.clone()).or_default().push(Slot { object, path, fill });
        }
        let slots = objects.iter().filter_map(|object| of_object.remove(&object.id)).flatten().collect();
        let knobs: Vec<Knob> = sorted.into_iter().map(|(_, knob)| knob).collect();
        let is_free = |name: &Text| {
            !knobs.iter().any(
                |knob| matches!(&knob.path[..], [section, known] if section == "variables" && known == name),
            )
        };
        let secret = |name: &Text| is_sensitive(name) || pass.secrets.iter().any(|key| key.key == *name);
        let used = pass.input.project.variables.iter().map(|variable| &variable.name);
        let fixed = used.filter(|name| is_free(name) && !secret(name)).cloned().collect();
        Choices { knobs, slots, titles: names.titles(), fixed }
    }
}

/// A choice before it has its number.
pub struct Draft {
    shape: Shape,
    default: Option<Field>,
    required: bool,
    help: String,
    place: Option<Span>,
}

impl Draft {
    /// A choice that has a value, whatever it is.
    fn new(shape: Shape, default: Field, help: impl Into<String>) -> Self {
        Self { shape, default: Some(default), required: false, help: help.into(), place: None }
    }

    /// Nothing is chosen, until somebody does.
    fn open(shape: Shape, help: impl Into<String>) -> Self {
        let why = Why::Policy("nothing is chosen");
        let default = match shape {
            Shape::Map => Field::leaf(crate::plan::field::Scalar::EmptyMap, &why),
            Shape::List => Field::leaf(crate::plan::field::Scalar::EmptyList, &why),
            Shape::Text | Shape::Amount | Shape::Integer { .. } | Shape::Switch => Field::leaf("", &why),
        };
        Self::new(shape, default, help)
    }

    fn at(mut self, place: Option<Span>) -> Self {
        self.place = place;
        self
    }
}
