//! The report of a conversion: what became of every value, and why every field is there.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::json;
use crate::diag::{Finding, Posture};
use crate::plan::knob::{self, KnobId, Slot};
use crate::plan::ledger::Row;
use crate::plan::why::Why;
use crate::plan::{LeftOut, Plan, address};
use crate::source::Text;
use crate::source::files::Files;
use crate::source::origin::Origins;

/// The report as JSON, with a final line break; what was made of overlays and components stands at its end.
#[must_use]
pub fn render(
    plan: &Plan,
    findings: &[Finding],
    files: &Files,
    origins: &Origins,
    posture: Posture,
    overlays: Vec<Value>,
) -> String {
    let mut targets: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    let mut unwritten: Vec<Value> = Vec::new();
    for object in &plan.objects {
        let own = object.id.address(&plan.namespace);
        address::each(&object.body, &mut |path, leaf| {
            let target = format!("{own} {path}");
            match &leaf.why {
                Why::Row(_) | Why::Rows(_) => {
                    for row in leaf.why.rows() {
                        targets.entry(row.0).or_default().push(target.clone());
                    }
                }
                Why::Policy(words) => {
                    unwritten.push(json!({"target": target, "because": format!("policy: {words}")}))
                }
                Why::Fact(words) => {
                    unwritten.push(json!({"target": target, "because": format!("image: {words}")}))
                }
                Why::Flag(flag) => {
                    unwritten.push(json!({"target": target, "because": format!("flag: {flag}")}))
                }
            }
        });
    }
    let ledger: Vec<Value> = plan
        .ledger
        .iter()
        .zip(0_u32..)
        .map(|(row, number)| row_object(row, targets.remove(&number).unwrap_or_default(), files, origins))
        .collect();
    let objects: Vec<Value> = plan
        .objects
        .iter()
        .map(|object| json!({"kind": object.id.kind.word(), "name": object.id.name.as_str(), "namespace": object.id.namespace.as_str()}))
        .collect();
    let left_out: Vec<Value> = plan.left_out.iter().map(left_out).collect();
    let mut report = json!({
        "version": 1,
        "project": plan.project.as_str(),
        "files": files.iter().map(|(_, file)| file.name.as_str()).collect::<Vec<_>>(),
        "posture": word(posture),
        "findings": findings.iter().map(|finding| json::object(finding, files)).collect::<Vec<_>>(),
        "ledger": ledger,
        "objects": objects,
        "origins": unwritten,
        "left_out": left_out,
        "parameters": parameters(plan),
        "connectivity": connectivity(plan),
    });
    if !overlays.is_empty() {
        report["overlays"] = overlays.into();
    }
    json::printed(&report)
}

/// A service that was left out, and why.
#[must_use]
pub fn left_out(entry: &LeftOut) -> Value {
    json!({"service": entry.service.as_str(), "rule": entry.rule.map(|rule| rule.0), "path": entry.path.as_str()})
}

fn word(posture: Posture) -> &'static str {
    match posture {
        Posture::Faithful => "faithful",
        Posture::Restricted => "restricted",
        Posture::Production => "production",
    }
}

fn row_object(row: &Row, targets: Vec<String>, files: &Files, origins: &Origins) -> Value {
    let position = files.start(row.place.span);
    let mut object = json!({
        "path": row.path.as_str(),
        "file": files.file(row.place.span.file).name,
        "line": position.line,
        "column": position.column,
        "verdict": row.verdict.map(|verdict| verdict.word()),
        "rule": row.rule().map(|rule| rule.0),
        "reason": row.reason(),
        "targets": targets,
    });
    if row.allowed {
        object["allowed"] = true.into();
    }
    if origins.get(row.place.origin).is_implicit() {
        object["implicit"] = true.into();
    }
    object
}

fn parameters(plan: &Plan) -> Value {
    let feeds = knob::feeds(&plan.knobs, &plan.slots);
    let address = |slot: &&Slot| format!("{} {}", slot.object.address(&plan.namespace), slot.path);
    let targets = |id: KnobId| feeds.get(&id).into_iter().flatten().map(address).collect::<Vec<_>>();
    plan.knobs
        .iter()
        .zip(0..)
        .map(|(knob, at)| {
            json!({
                "name": knob.name(),
                "default": knob.default.as_ref().map(Value::from),
                "required": knob.required,
                "targets": targets(KnobId(at)),
            })
        })
        .collect()
}

fn connectivity(plan: &Plan) -> Value {
    let reach = &plan.connectivity;
    let words = |group: &[Text]| group.iter().map(|name| name.to_string()).collect::<Vec<_>>();
    json!({
        "pairs": reach.pairs.iter().map(|(from, to)| json!([from.as_str(), to.as_str()])).collect::<Vec<_>>(),
        "groups": reach.groups.iter().map(|group| words(group)).collect::<Vec<_>>(),
        "egress": reach.egress.iter().map(|name| name.as_str()).collect::<Vec<_>>(),
        "published": reach.published.iter().map(|(name, port)| json!([name.as_str(), port])).collect::<Vec<_>>(),
    })
}
