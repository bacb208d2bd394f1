//! Policies that speak of pods in other namespaces.

use std::collections::BTreeSet;

use crate::convert::assemble::NAMESPACE_LABEL;
use crate::convert::pass::Pass;
use crate::k8s::kind::Kind;
use crate::plan::field::{Field, Fields};
use crate::plan::object::Object;
use crate::plan::why::Why;
use crate::source::Text;

/// The labels of a pod, and its namespace.
struct Pod {
    namespace: Text,
    labels: Fields,
}

/// Has every policy name the namespaces of the pods that it speaks of, where these are not its own alone.
pub fn widen(pass: &Pass<'_>, placed: &mut [Object]) {
    let pods: Vec<Pod> = placed.iter().filter_map(pod).collect();
    for object in placed.iter_mut().filter(|object| object.id.kind == Kind::NetworkPolicy) {
        let own = object.id.namespace.clone();
        let Some(Field::Map(spec)) = object.body.get_mut("spec") else { continue };
        for (direction, ends) in [("ingress", "from"), ("egress", "to")] {
            let Some(Field::List(rules)) = spec.get_mut(direction) else { continue };
            for rule in rules.iter_mut() {
                let Field::Map(rule) = rule else { continue };
                let Some(Field::List(ends)) = rule.get_mut(ends) else { continue };
                for end in ends.iter_mut() {
                    if let Field::Map(end) = end {
                        peer(pass, end, &own, &pods);
                    }
                }
            }
        }
    }
}

/// The pod of a workload.
fn pod(object: &Object) -> Option<Pod> {
    let (template, _) = object.template()?;
    let labels = template.at(&["metadata", "labels"])?.as_map()?;
    Some(Pod { namespace: object.id.namespace.clone(), labels: labels.clone() })
}

/// One that a policy lets through: its pods may be in several namespaces.
fn peer(pass: &Pass<'_>, end: &mut Fields, own: &Text, pods: &[Pod]) {
    if end.get("namespaceSelector").is_some() {
        return;
    }
    let Some(wanted) = end.at(&["podSelector", "matchLabels"]).and_then(Field::as_map) else { return };
    let bears = |pod: &&Pod| {
        wanted.iter().all(|(key, value)| pod.labels.get(key).is_some_and(|own| own.equals(value)))
    };
    let spaces: BTreeSet<&Text> = pods.iter().filter(bears).map(|pod| &pod.namespace).collect();
    if spaces.is_empty() || spaces.iter().all(|space| *space == own) {
        return;
    }
    let whys = spaces.iter().map(|space| pass.home_why(space));
    let why =
        whys.reduce(|all, why| all.and(&why)).unwrap_or(Why::Policy("pods are named with their namespace"));
    let selector = end.map("namespaceSelector");
    if let [only] = Vec::from_iter(&spaces)[..] {
        selector.map("matchLabels").put(NAMESPACE_LABEL, *only, &why);
        return;
    }
    let expression = selector.list("matchExpressions").push_map();
    expression.put("key", NAMESPACE_LABEL, &why);
    expression.put("operator", "In", &why);
    for space in spaces {
        expression.list("values").push_value(space, &why);
    }
}
