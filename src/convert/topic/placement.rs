//! On which nodes the pods run.

use crate::compose::codec::Field;
use crate::compose::deploy::{Placement, Preference};
use crate::compose::leaf::Count;
use crate::compose::project::items;
use crate::convert::assemble::NAME_LABEL;
use crate::convert::draft::Draft;
use crate::convert::pass::Pass;
use crate::diag::slugs;
use crate::k8s::label;
use crate::plan::field::{Field as Value, Fields};
use crate::plan::why::Why;
use crate::source::Text;
use crate::source::span::Spanned;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `placement`
    pub placement: &'p Field<Placement>,
}

const HOSTNAME: &str = "kubernetes.io/hostname";
const CONTROL_PLANE: &str = "node-role.kubernetes.io/control-plane";

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, draft: &mut Draft<'p>, keys: &Keys<'p>) {
    let Keys { placement: Some(placement) } = keys else { return };
    let Placement { constraints, max_replicas_per_node, preferences, extensions: _ } = &placement.value;
    for written in items(constraints) {
        constraint(pass, draft, written);
    }
    for written in items(preferences) {
        preference(pass, draft, written);
    }
    if let Some(most) = max_replicas_per_node {
        per_node(pass, draft, most);
    }
}

/// What a constraint asks of a node.
#[derive(Debug, PartialEq, Eq)]
struct Demand {
    /// The label.
    key: String,
    /// How it is asked for.
    operator: &'static str,
    /// The value, of operators that have one.
    value: Option<String>,
}

fn constraint<'p>(pass: &mut Pass<'p>, draft: &mut Draft<'p>, written: &'p Spanned<Text>) {
    let name = draft.member.name;
    let Some(demand) = demand(&written.value) else {
        let message = format!(
            "`{name}` runs only where `{}` holds; a node of Kubernetes has no label that says so",
            written.value
        );
        let finding = pass.finding(written, slugs::UNMAPPABLE_KEY, message);
        pass.refused(written, finding.tip("label the nodes, and write `node.labels.NAME == VALUE`"));
        return;
    };
    let consequence = if demand.key.contains("kubernetes.io/") {
        format!("the scheduler looks at the label `{}`", demand.key)
    } else {
        format!("the nodes of the cluster need the label `{}`", demand.key)
    };
    let message = format!("`{name}` runs only on nodes where `{}` holds; {consequence}", written.value);
    let finding = pass.finding(written, slugs::PLACEMENT_CONSTRAINT, message);
    let why = pass.approximated(written, finding);
    let Demand { key, operator, value } = demand;
    if operator == "Exists" && key == CONTROL_PLANE {
        let toleration = draft.pod.spec.list("tolerations").push_map();
        toleration.put("key", CONTROL_PLANE, &why);
        toleration.put("operator", "Exists", &why);
        toleration.put("effect", "NoSchedule", &why);
    }
    let required = draft.pod.spec.map("affinity").map("nodeAffinity");
    let required = required.map("requiredDuringSchedulingIgnoredDuringExecution");
    let terms = required.list("nodeSelectorTerms");
    // All constraints hold together, so there is one term.
    if terms.is_empty() {
        terms.push_map();
    }
    let Some(Value::Map(term)) = terms.iter_mut().next() else { return };
    let expression = term.list("matchExpressions").push_map();
    expression.put("key", key, &why);
    expression.put("operator", operator, &why);
    if let Some(value) = value {
        expression.list("values").push_value(value, &why);
    }
}

/// Reads a constraint of Swarm: a property of a node, `==` or `!=`, and a value.
fn demand(constraint: &str) -> Option<Demand> {
    let (at, equal) = match (constraint.find("=="), constraint.find("!=")) {
        (Some(at), None) => (at, true),
        (None, Some(at)) => (at, false),
        (Some(equal), Some(other)) => (equal.min(other), equal < other),
        (None, None) => return None,
    };
    let (property, value) = (constraint[..at].trim(), constraint[at + 2..].trim());
    if property.eq_ignore_ascii_case("node.role") {
        let manager = match value.to_ascii_lowercase().as_str() {
            "manager" => equal,
            "worker" => !equal,
            _ => return None,
        };
        let operator = if manager { "Exists" } else { "DoesNotExist" };
        return Some(Demand { key: CONTROL_PLANE.to_owned(), operator, value: None });
    }
    let (key, value) = match property.to_ascii_lowercase().as_str() {
        "node.hostname" => (HOSTNAME.to_owned(), value.to_owned()),
        "node.platform.os" => ("kubernetes.io/os".to_owned(), value.to_ascii_lowercase()),
        "node.platform.arch" => ("kubernetes.io/arch".to_owned(), architecture(value)),
        _ => (node_label(property)?.to_owned(), value.to_owned()),
    };
    let operator = if equal { "In" } else { "NotIn" };
    label::is_value(&value).then_some(Demand { key, operator, value: Some(value) })
}

/// The label behind `node.labels.`, when a node of Kubernetes can have it.
fn node_label(property: &str) -> Option<&str> {
    const PREFIX: &str = "node.labels.";
    let start = property.get(..PREFIX.len())?;
    let key = property.get(PREFIX.len()..)?;
    (start.eq_ignore_ascii_case(PREFIX) && label::is_key(key)).then_some(key)
}

/// An architecture as Kubernetes names it.
fn architecture(written: &str) -> String {
    let lower = written.to_ascii_lowercase();
    match lower.as_str() {
        "x86_64" | "x86-64" => "amd64".to_owned(),
        "aarch64" => "arm64".to_owned(),
        "armv7l" | "armv6l" | "armhf" => "arm".to_owned(),
        "i386" | "i686" => "386".to_owned(),
        _ => lower,
    }
}

fn preference<'p>(pass: &mut Pass<'p>, draft: &mut Draft<'p>, written: &'p Spanned<Preference>) {
    let name = draft.member.name;
    let Some(spread) = &written.value.spread else {
        pass.consumed(written);
        return;
    };
    let Some(key) = node_label(&spread.value) else {
        let message = format!(
            "`{name}` is spread over `{}`, which is no label of a node; its pods are spread by the scheduler alone",
            spread.value
        );
        let finding = pass.finding(spread, slugs::PLACEMENT_CONSTRAINT, message);
        pass.dropped(spread, finding);
        return;
    };
    let message = format!("`{name}` is spread over the label `{key}`, which the nodes of the cluster need");
    let finding = pass.finding(spread, slugs::PLACEMENT_CONSTRAINT, message);
    let why = pass.approximated(spread, finding);
    constrain(draft, key, 1, "ScheduleAnyway", &why);
}

fn per_node<'p>(pass: &mut Pass<'p>, draft: &mut Draft<'p>, most: &'p Spanned<Count>) {
    let name = draft.member.name;
    let number = most.value.0;
    if number == 0 {
        pass.mapped(most);
        return;
    }
    let message = if number == 1 {
        format!("pods of `{name}` keep off nodes that have one already; what runs is not moved")
    } else {
        format!(
            "pods of `{name}` are spread over the nodes with at most {number} between the fullest and the emptiest"
        )
    };
    let finding = pass.finding(most, slugs::PLACEMENT_CONSTRAINT, message);
    let why = pass.approximated(most, finding);
    if number > 1 {
        constrain(draft, HOSTNAME, number.min(i32::MAX.into()), "DoNotSchedule", &why);
        return;
    }
    let required = draft.pod.spec.map("affinity").map("podAntiAffinity");
    let term = required.list("requiredDuringSchedulingIgnoredDuringExecution").push_map();
    own_pods(term, &draft.name, &why);
    term.put("topologyKey", HOSTNAME, &why);
}

/// Spreads the pods over the values of a label; the API takes one entry for a label and a strictness.
fn constrain(draft: &mut Draft<'_>, key: &str, skew: i64, strictness: &'static str, why: &Why) {
    let constraints = draft.pod.spec.list("topologySpreadConstraints");
    let is_there = constraints.iter().filter_map(Value::as_map).any(|known| {
        let text = |field: &str| known.get(field).and_then(Value::as_text);
        text("topologyKey") == Some(key) && text("whenUnsatisfiable") == Some(strictness)
    });
    if is_there {
        return;
    }
    let constraint = constraints.push_map();
    constraint.put("maxSkew", skew, why);
    constraint.put("topologyKey", key, why);
    constraint.put("whenUnsatisfiable", strictness, why);
    own_pods(constraint, &draft.name, why);
}

fn own_pods(fields: &mut Fields, name: &Text, why: &Why) {
    fields.map("labelSelector").map("matchLabels").put(NAME_LABEL, name, why);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_become_demands_on_labels() {
        let vectors = [
            ("node.labels.disk == ssd", "disk", "In", Some("ssd")),
            ("node.labels.foo!=bar", "foo", "NotIn", Some("bar")),
            ("node.hostname == machine", HOSTNAME, "In", Some("machine")),
            ("node.platform.arch==x86_64", "kubernetes.io/arch", "In", Some("amd64")),
            ("node.platform.OS == Linux", "kubernetes.io/os", "In", Some("linux")),
            ("node.role == manager", CONTROL_PLANE, "Exists", None),
            ("node.role==worker", CONTROL_PLANE, "DoesNotExist", None),
            ("node.role != manager", CONTROL_PLANE, "DoesNotExist", None),
        ];
        for (written, key, operator, value) in vectors {
            let value = value.map(str::to_owned);
            assert_eq!(demand(written), Some(Demand { key: key.to_owned(), operator, value }), "{written}");
        }
    }

    #[test]
    fn what_no_label_can_say_is_no_demand() {
        let written = [
            "node.id == abc",
            "node.ip == 10.0.0.1",
            "engine.labels.os == ubuntu 14.04",
            "node.labels.a b == c",
            "node.labels.a == c d",
            "node.role == king",
            "node.labels.a",
            "",
            "nöde.labels.x == y",
        ];
        for constraint in written {
            assert_eq!(demand(constraint), None, "{constraint}");
        }
    }
}
