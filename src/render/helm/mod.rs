//! A Helm chart: the objects as templates, and the choices as values.

pub mod chart;
pub mod expression;
pub mod hand;
pub mod job;
pub mod readme;
pub mod schema;
pub mod tests;
pub mod values;

use std::collections::BTreeMap;

use super::{emit, manifests};
use crate::k8s::kind::Kind;
use crate::plan::Plan;
use crate::plan::field::Field;
use crate::plan::knob::{Fill, KnobId, Slot};
use crate::plan::object::{Id, Object};
use crate::source::Text;
use hand::Chooser;
use values::Lines;

/// The files of a chart, by their paths in its folder.
#[must_use]
pub fn files(
    plan: &Plan,
    lines: Lines<'_>,
    overlays: &[(&Text, &BTreeMap<KnobId, Field>)],
) -> BTreeMap<String, String> {
    let name = chart::name(plan);
    let mut slots: BTreeMap<&Id, Vec<&Slot>> = BTreeMap::new();
    for slot in &plan.slots {
        slots.entry(&slot.object).or_default().push(slot);
    }
    let mut written = BTreeMap::new();
    for object in plan.objects.iter().filter(|object| is_templated(object, plan)) {
        let own = slots.get(&object.id).map_or(&[][..], Vec::as_slice);
        let chooser = Chooser::new(plan, &name, object, own);
        let text = around(plan, own, emit::template(object, &chooser));
        written.insert(format!("templates/{}", path(object, plan)), text);
        written.extend(chooser.files());
    }
    written.insert("Chart.yaml".to_owned(), chart::chart(&name, plan));
    written.insert("values.yaml".to_owned(), values::values(plan, lines));
    written.insert("values.schema.json".to_owned(), schema::schema(plan));
    written.insert("README.md".to_owned(), readme::readme(&name, plan));
    written.insert(".helmignore".to_owned(), chart::IGNORE.to_owned());
    written.insert(
        "templates/_helpers.tpl".to_owned(),
        format!("{}{}", chart::helpers(&name, plan), job::helpers(plan)),
    );
    written.insert("templates/NOTES.txt".to_owned(), chart::notes(&name, plan));
    written.extend(tests::tests(&name, plan));
    for (overlay, chosen) in overlays {
        written.insert(format!("values-{overlay}.yaml"), values::overlay(plan, overlay, chosen));
    }
    written
}

/// Whether the chart holds an object: the namespace is that of the release, and `helm` makes it.
fn is_templated(object: &Object, plan: &Plan) -> bool {
    object.id.kind != Kind::Namespace || object.id.name != plan.namespace
}

/// A template with what decides whether its object is there.
fn around(plan: &Plan, slots: &[&Slot], text: String) -> String {
    let conditions = slots.iter().filter(|slot| slot.path.is_empty()).filter_map(|slot| match &slot.fill {
        Fill::When(switches) => {
            let values: Vec<String> = switches.iter().map(|knob| expression::value(plan, *knob)).collect();
            Some(if values.len() == 1 { values.concat() } else { format!("(or {})", values.join(" ")) })
        }
        Fill::Unless(knob) => Some(format!("(not {})", expression::value(plan, *knob))),
        _ => None,
    });
    let conditions: Vec<String> = conditions.collect();
    let condition = match &conditions[..] {
        [] => return text,
        [one] => one.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(one).to_owned(),
        several => format!("and {}", several.join(" ")),
    };
    format!("{{{{- if {condition} }}}}\n{text}{{{{- end }}}}\n")
}

/// Where a template stands: as a manifest does, but for what changes with every content.
fn path(object: &Object, plan: &Plan) -> String {
    let path = manifests::path(object, plan);
    let folder = object.folder.as_deref().filter(|_| object.id.kind == Kind::Job);
    match folder {
        Some(folder) => {
            let jobs = plan
                .objects
                .iter()
                .filter(|other| other.id.kind == Kind::Job && other.folder.as_deref() == Some(folder));
            if jobs.count() == 1 { format!("{folder}/job.yaml") } else { path }
        }
        None => path,
    }
}
