//! Asks Kubernetes' own checks which Pod Security levels an object's pods meet.

use std::process::Command;

use serde_json::{Value, json};

use super::{pipe, toolchain};

/// What keeps an object from each level; a level is met when its list is empty.
#[derive(Debug, PartialEq)]
pub(crate) struct Levels {
    /// Violations of `baseline`.
    pub(crate) baseline: Vec<String>,
    /// Violations of `restricted`, those of `baseline` included.
    pub(crate) restricted: Vec<String>,
}

/// Evaluates all objects, in their order; kinds without pods meet every level.
pub(crate) fn evaluate(objects: &[Value]) -> Result<Vec<Levels>, String> {
    let ids: Vec<String> = (0..objects.len()).map(|number| number.to_string()).collect();
    let lines = ids.iter().zip(objects).map(|(id, object)| json!({"id": id, "object": object}).to_string());
    let said = pipe::ask(&mut Command::new(toolchain::ours("pod-security")?), lines)?;
    pipe::in_order(&ids, said)?.iter().map(levels).collect()
}

fn levels(answer: &Value) -> Result<Levels, String> {
    if let Some(reason) = answer["error"].as_str() {
        return Err(format!("object {}: {reason}", answer["id"]));
    }
    let violations = |level: &str| -> Vec<String> {
        let list = answer[level].as_array().into_iter().flatten();
        list.map(|violation| {
            let text = |key: &str| violation[key].as_str().unwrap_or_default().to_owned();
            format!("{} ({})", text("reason"), text("detail"))
        })
        .collect()
    };
    Ok(Levels { baseline: violations("baseline"), restricted: violations("restricted") })
}

/// The lane: three pods whose levels are known.
pub(crate) fn prove() -> Result<(), String> {
    let container = json!({"name": "a", "image": "a"});
    let pod =
        |spec: Value| json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": spec});
    let safe = json!({"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]},
        "runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}});
    let objects = [
        pod(json!({"containers": [{"name": "a", "image": "a", "securityContext": safe}]})),
        pod(json!({"containers": [container]})),
        pod(json!({"hostNetwork": true, "containers": [container]})),
        json!({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "a"}, "spec": {"jobTemplate": {"spec":
            {"template": {"spec": {"hostPID": true, "containers": [container]}}}}}}),
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}}),
    ];
    let met: Vec<(bool, bool)> = evaluate(&objects)?
        .iter()
        .map(|levels| (levels.baseline.is_empty(), levels.restricted.is_empty()))
        .collect();
    let expected = [(true, true), (true, false), (false, false), (false, false), (true, true)];
    if met == expected {
        println!("pod security: {} passed, 0 failed", met.len());
        Ok(())
    } else {
        Err(format!("pod security: {met:?} instead of {expected:?}"))
    }
}
