//! The names of Jobs: a Job cannot be changed, so another choice is another name.

use serde_json::Value;

use super::{expression, values};
use crate::k8s::kind::Kind;
use crate::plan::Plan;
use crate::plan::knob::{Fill, Knob, Part, Slot};
use crate::source::Text;
use crate::source::digest::sha256;

/// So many letters of a digest stand in a name.
const LETTERS: usize = 8;

/// The Jobs whose names stand in the templates.
#[must_use]
pub fn jobs(plan: &Plan) -> Vec<&Text> {
    let job = |slot: &Slot| match &slot.fill {
        Fill::Text(parts) => slot.path == "metadata.name" && matches!(parts.as_slice(), [Part::Job(_)]),
        _ => false,
    };
    plan.slots.iter().filter(|slot| job(slot)).map(|slot| &slot.object.name).collect()
}

/// The name of the template that gives the name of a Job.
#[must_use]
pub fn template(plan: &Plan, job: &str) -> String {
    format!("{}.job.{}", super::chart::name(plan), job.rsplit_once('-').map_or(job, |(base, _)| base))
}

/// The templates that give the names of the Jobs.
#[must_use]
pub fn helpers(plan: &Plan) -> String {
    let mut text = String::new();
    for job in jobs(plan) {
        let Some((base, own)) = job.rsplit_once('-') else { continue };
        let (expressions, defaults) = choices(plan, job);
        let digest = &sha256(printed(&Value::Array(defaults)).as_bytes())[..LETTERS];
        text.push_str(&format!(
            r#"
{{{{/* A Job cannot be changed: with other values it has another name, and runs again. */}}}}
{{{{- define "{}" -}}}}
{{{{- $chosen := list {} | toJson | sha256sum | trunc {LETTERS} -}}}}
{base}-{{{{ ternary "{own}" $chosen (eq $chosen "{digest}") }}}}
{{{{- end -}}}}
"#,
            template(plan, job),
            expressions.join(" "),
        ));
    }
    text
}

/// What is chosen for a Job: the expressions, and their values when nothing is chosen. Of a variable it is that one, of
/// all else the whole group, so that the line can be read.
fn choices(plan: &Plan, job: &str) -> (Vec<String>, Vec<Value>) {
    let mut paths: Vec<&[Text]> = Vec::new();
    // Whether it is there at all is nothing that it is made of.
    let of_job =
        |slot: &&Slot| slot.object.kind == Kind::Job && slot.object.name == job && !slot.path.is_empty();
    for slot in plan.slots.iter().filter(of_job) {
        if let Fill::Image(image) = &slot.fill {
            paths.push(&image.path[..1]);
        }
        for knob in slot.fill.knobs() {
            let Some(Knob { path, .. }) = plan.knobs.get(knob.0) else { continue };
            let is_variable = path.first().is_some_and(|section| section == "variables");
            paths.push(if is_variable { path } else { &path[..1] });
        }
    }
    paths.sort_unstable();
    paths.dedup();
    let top = values::levels(plan);
    let chosen = |path: &[Text]| (expression::path(path), top.at(path));
    paths.into_iter().map(chosen).unzip()
}

/// A value as the `toJson` of a template writes it: keys in order, and no letter that HTML would read.
fn printed(value: &Value) -> String {
    let mut sorted = value.clone();
    sorted.sort_all_objects();
    sorted
        .to_string()
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}
