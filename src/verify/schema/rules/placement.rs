//! On which nodes a pod may run.

use super::selector;
use crate::verify::schema::cursor::Cursor;
use crate::verify::schema::problems::Problems;

const NODE_OPERATORS: &[&str] = &["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"];

/// Checks what a pod says of nodes.
pub(super) fn check(problems: &mut Problems, pod: &Cursor) {
    if let Some(wanted) = pod.get("nodeSelector") {
        selector::labels(problems, &wanted);
    }
    for toleration in pod.get("tolerations").iter().flat_map(Cursor::items) {
        let operator = toleration.text("operator");
        if toleration.text("key").is_empty() && operator != "Exists" {
            problems.below(&toleration, "operator", "must be `Exists` when there is no `key`");
        }
        if operator == "Exists" && !toleration.text("value").is_empty() {
            problems.below(&toleration, "value", "must be absent: `Exists` takes none");
        }
    }
    for constraint in pod.get("topologySpreadConstraints").iter().flat_map(Cursor::items) {
        problems.need(&constraint, "topologyKey");
        problems.between(&constraint, "maxSkew", 1, i64::MAX);
        problems.between(&constraint, "minDomains", 1, i64::MAX);
        if let Some(wanted) = constraint.get("labelSelector") {
            selector::check(problems, &wanted);
        }
    }
    let Some(affinity) = pod.get("affinity") else { return };
    if let Some(nodes) = affinity.get("nodeAffinity") {
        node(problems, &nodes);
    }
    for name in ["podAffinity", "podAntiAffinity"] {
        if let Some(pods) = affinity.get(name) {
            pods_near(problems, &pods);
        }
    }
}

fn node(problems: &mut Problems, nodes: &Cursor) {
    if let Some(required) = nodes.get("requiredDuringSchedulingIgnoredDuringExecution") {
        problems.need(&required, "nodeSelectorTerms");
        for term in required.get("nodeSelectorTerms").iter().flat_map(Cursor::items) {
            selector::expressions(problems, &term, "matchExpressions", NODE_OPERATORS);
        }
    }
    let preferred = nodes.get("preferredDuringSchedulingIgnoredDuringExecution");
    for wish in preferred.iter().flat_map(Cursor::items) {
        problems.between(&wish, "weight", 1, 100);
        if let Some(term) = wish.get("preference") {
            selector::expressions(problems, &term, "matchExpressions", NODE_OPERATORS);
        }
    }
}

fn pods_near(problems: &mut Problems, pods: &Cursor) {
    let required = pods.get("requiredDuringSchedulingIgnoredDuringExecution");
    for term in required.iter().flat_map(Cursor::items) {
        pod_term(problems, &term);
    }
    let preferred = pods.get("preferredDuringSchedulingIgnoredDuringExecution");
    for wish in preferred.iter().flat_map(Cursor::items) {
        problems.between(&wish, "weight", 1, 100);
        if let Some(term) = wish.get("podAffinityTerm") {
            pod_term(problems, &term);
        }
    }
}

fn pod_term(problems: &mut Problems, term: &Cursor) {
    problems.need(term, "topologyKey");
    if let Some(wanted) = term.get("labelSelector") {
        selector::check(problems, &wanted);
    }
}
