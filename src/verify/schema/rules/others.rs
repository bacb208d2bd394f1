//! Autoscalers, budgets, roles, quotas and slices.

use std::net::IpAddr;

use super::syntax::{percent, quantity};
use super::{selector, workload};
use crate::k8s::label;
use crate::verify::schema::cursor::Cursor;
use crate::verify::schema::problems::Problems;

/// Checks an autoscaler.
pub(super) fn autoscaler(problems: &mut Problems, spec: &Cursor) {
    problems.between(spec, "maxReplicas", 1, i64::MAX);
    problems.between(spec, "minReplicas", 1, i64::MAX);
    let least = spec.number("minReplicas").unwrap_or(1);
    if spec.number("maxReplicas").is_some_and(|most| (1..least).contains(&most)) {
        problems.below(spec, "maxReplicas", "must not be less than `minReplicas`");
    }
}

/// Checks a disruption budget.
pub(super) fn budget(problems: &mut Problems, spec: &Cursor) {
    if spec.has("minAvailable") && spec.has("maxUnavailable") {
        problems.at(spec, "must not have both `minAvailable` and `maxUnavailable`");
    }
    for field in ["minAvailable", "maxUnavailable"] {
        workload::amount(problems, spec, field);
        if percent(spec.text(field)).is_some_and(|share| share > 100) {
            problems.below(spec, field, "must not be more than `100%`");
        }
    }
    if let Some(wanted) = spec.get("selector") {
        selector::check(problems, &wanted);
    }
}

/// Checks a role.
pub(super) fn role(problems: &mut Problems, object: &Cursor) {
    for rule in object.get("rules").iter().flat_map(Cursor::items) {
        problems.need(&rule, "verbs");
        if !rule.has("nonResourceURLs") {
            problems.need(&rule, "apiGroups");
            problems.need(&rule, "resources");
        }
    }
}

/// Checks the binding of a role.
pub(super) fn binding(problems: &mut Problems, object: &Cursor, kind: &str) {
    if let Some(role) = object.get("roleRef") {
        let kinds: &[&str] = if kind == "RoleBinding" { &["Role", "ClusterRole"] } else { &["ClusterRole"] };
        problems.one_of(&role, "kind", kinds);
        problems.need(&role, "name");
    }
    for subject in object.get("subjects").iter().flat_map(Cursor::items) {
        problems.one_of(&subject, "kind", &["ServiceAccount", "User", "Group"]);
        problems.need(&subject, "name");
        // The binding of a namespace takes its own for granted.
        if kind == "ClusterRoleBinding" && subject.text("kind") == "ServiceAccount" {
            problems.need(&subject, "namespace");
        }
    }
}

/// Checks a quota.
pub(super) fn quota(problems: &mut Problems, spec: &Cursor) {
    for (name, amount) in spec.get("hard").iter().flat_map(Cursor::entries) {
        if !is_counted(name) {
            problems.at(&amount, "unknown resource: name one with a domain, or count a kind with `count/`");
        } else if quantity(amount.value).is_some_and(|number| number < 0.0) {
            problems.at(&amount, "must not be negative");
        }
    }
}

fn is_counted(name: &str) -> bool {
    let plain = name.strip_prefix("requests.").or_else(|| name.strip_prefix("limits.")).unwrap_or(name);
    let standard = [
        "cpu",
        "memory",
        "ephemeral-storage",
        "storage",
        "pods",
        "services",
        "replicationcontrollers",
        "resourcequotas",
        "secrets",
        "configmaps",
        "persistentvolumeclaims",
        "services.nodeports",
        "services.loadbalancers",
    ];
    standard.contains(&plain)
        || plain.starts_with("hugepages-")
        || (plain.contains('/') && label::is_key(plain))
}

/// Checks the limits of a namespace.
pub(super) fn limits(problems: &mut Problems, spec: &Cursor) {
    for limit in spec.get("limits").iter().flat_map(Cursor::items) {
        let amount = |map: &str, name: &str| {
            limit.get(map).and_then(|amounts| amounts.value.get(name).and_then(quantity))
        };
        for (small, large) in
            [("min", "max"), ("min", "default"), ("default", "max"), ("defaultRequest", "default")]
        {
            for (name, least) in limit.get(small).iter().flat_map(Cursor::entries) {
                let most = amount(large, name);
                if quantity(least.value).zip(most).is_some_and(|(least, most)| least > most) {
                    problems.at(&least, format!("must not be more than `{large}`"));
                }
            }
        }
    }
}

/// Checks a slice of endpoints.
pub(super) fn slice(problems: &mut Problems, object: &Cursor) {
    let kind = object.text("addressType");
    for endpoint in object.get("endpoints").iter().flat_map(Cursor::items) {
        problems.need(&endpoint, "addresses");
        for address in endpoint.get("addresses").iter().flat_map(Cursor::items) {
            if kind == "FQDN" {
                continue;
            }
            match address.value.as_str().map(str::parse::<IpAddr>) {
                Some(Ok(found)) if found.is_ipv4() != (kind == "IPv4") => {
                    problems.at(&address, format!("must be an address of the type `{kind}`"));
                }
                Some(Ok(found)) if found.is_loopback() || found.is_unspecified() => {
                    problems.at(&address, "must be reachable: loopback is not");
                }
                Some(Err(_)) => problems.at(&address, "must be an IP address"),
                _ => {}
            }
        }
    }
}
