//! The chart's own README: how to install it, and every value.

use super::expression;
use crate::plan::Plan;
use crate::plan::field::{Field, Leaf, Scalar};
use crate::plan::knob::Knob;

/// The text.
#[must_use]
pub fn readme(name: &str, plan: &Plan) -> String {
    let mut text = format!(
        "# {name}\n\n`{}` on Kubernetes, written by transship from its Compose file.\n\n\
         ```console\n$ helm install {name} . --namespace {} --create-namespace\n```\n\n\
         Services keep the names that they have in Compose, so `http://name:port` goes on working: one release in a namespace.\n",
        plan.project, plan.namespace
    );
    if !plan.secrets.is_empty() {
        text.push_str(
            "The chart holds no secret: `secrets.yaml.example` lists the Secrets that pods name, and how to create them.\n",
        );
    }
    text.push_str("\n## Values\n\n| key | what it is | default |\n|---|---|---|\n");
    for knob in &plan.knobs {
        text.push_str(&format!(
            "| `{}` | {} | {} |\n",
            knob.path.join("."),
            cell(&help(knob)),
            cell(&shown(knob))
        ));
    }
    if !plan.fixed.is_empty() {
        let names: Vec<String> = plan.fixed.iter().map(|name| format!("`{name}`")).collect();
        text.push_str(&format!(
            "\nThese variables of the Compose file shape more than a value can: the chart holds what they were when it \
             was written. To choose something else, write it anew: {}.\n",
            names.join(", ")
        ));
    }
    text
}

fn help(knob: &Knob) -> String {
    let of_variable = knob.path.first().is_some_and(|section| section == "variables");
    if knob.help.is_empty() && of_variable {
        "The variable of the Compose file".to_owned()
    } else {
        knob.help.to_string()
    }
}

fn shown(knob: &Knob) -> String {
    match &knob.default {
        None => "required".to_owned(),
        Some(_) if knob.required && expression::is_open(knob) => "required".to_owned(),
        Some(Field::Leaf(Leaf { value: Scalar::Text(text), .. })) if text.is_empty() => "`\"\"`".to_owned(),
        Some(Field::Leaf(Leaf { value: Scalar::Text(text), .. })) => format!("`{}`", text.replace('`', "'")),
        Some(field) => format!("`{}`", serde_json::Value::from(field)),
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}
