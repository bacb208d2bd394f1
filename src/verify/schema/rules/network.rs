//! NetworkPolicies and Ingresses.

use super::probe;
use super::selector;
use super::syntax::{block, is_address, is_part, is_wildcard};
use crate::k8s::name::{is_label, is_subdomain};
use crate::verify::schema::cursor::Cursor;
use crate::verify::schema::problems::Problems;

/// Checks a NetworkPolicy.
pub(super) fn policy(problems: &mut Problems, spec: &Cursor) {
    if let Some(pods) = spec.get("podSelector") {
        selector::check(problems, &pods);
    }
    for (direction, peers) in [("ingress", "from"), ("egress", "to")] {
        for rule in spec.get(direction).iter().flat_map(Cursor::items) {
            for port in rule.get("ports").iter().flat_map(Cursor::items) {
                policy_port(problems, &port);
            }
            for peer in rule.get(peers).iter().flat_map(Cursor::items) {
                policy_peer(problems, &peer);
            }
        }
    }
}

fn policy_port(problems: &mut Problems, port: &Cursor) {
    probe::port(problems, port, "port");
    let Some(end) = port.number("endPort") else { return };
    match (port.has("port"), port.number("port")) {
        (false, _) => problems.below(port, "endPort", "needs a `port` where the range begins"),
        (true, None) => problems.below(port, "endPort", "needs a `port` that is a number"),
        (true, Some(first)) if end < first => problems.below(port, "endPort", "must not be less than `port`"),
        (true, Some(_)) => problems.between(port, "endPort", 1, 65535),
    }
}

fn policy_peer(problems: &mut Problems, peer: &Cursor) {
    let selects = peer.has("podSelector") || peer.has("namespaceSelector");
    for field in ["podSelector", "namespaceSelector"] {
        if let Some(wanted) = peer.get(field) {
            selector::check(problems, &wanted);
        }
    }
    let Some(range) = peer.get("ipBlock") else {
        if !selects {
            problems.at(peer, "must have `podSelector`, `namespaceSelector` or `ipBlock`");
        }
        return;
    };
    if selects {
        problems.at(&range, "does not go with a selector");
    }
    let outer = block(range.text("cidr"));
    if outer.is_none() {
        problems.shape(&range, "cidr", |text| block(text).is_some(), "an address block such as `10.0.0.0/8`");
    }
    for hole in range.get("except").iter().flat_map(Cursor::items) {
        match hole.value.as_str().map(block) {
            Some(None) => problems.at(&hole, "must be an address block such as `10.0.0.0/8`"),
            Some(Some(inner)) if outer.is_some_and(|outer| !is_part(inner, outer)) => {
                problems.at(&hole, "must lie within `cidr`");
            }
            _ => {}
        }
    }
}

/// Checks an Ingress.
pub(super) fn ingress(problems: &mut Problems, spec: &Cursor) {
    if !spec.get("rules").is_some_and(|rules| rules.is_filled()) && !spec.has("defaultBackend") {
        problems.at(spec, "must have `rules` or a `defaultBackend`");
    }
    if let Some(target) = spec.get("defaultBackend") {
        backend(problems, &target);
    }
    for rule in spec.get("rules").iter().flat_map(Cursor::items) {
        problems.shape(
            &rule,
            "host",
            is_host,
            "a DNS name, with `*` as its first label or none, and no address",
        );
        let http = rule.get("http");
        let paths = http.as_ref().and_then(|http| http.get("paths"));
        for path in paths.iter().flat_map(Cursor::items) {
            // Only a path of the controller's own kind need not begin with a slash.
            if path.text("pathType") != "ImplementationSpecific" && !path.text("path").starts_with('/') {
                problems.below(&path, "path", "must begin with `/`");
            }
            if let Some(target) = path.get("backend") {
                backend(problems, &target);
            }
        }
    }
}

fn is_host(text: &str) -> bool {
    text.is_empty()
        || (!is_address(text) && if text.contains('*') { is_wildcard(text) } else { is_subdomain(text) })
}

fn backend(problems: &mut Problems, target: &Cursor) {
    problems.exactly_one(target, &["service", "resource"], "`service` and `resource`");
    let Some(service) = target.get("service") else { return };
    problems.need(&service, "name");
    problems.shape(&service, "name", |name| name.is_empty() || is_label(name), "the name of a Service");
    match service.get("port") {
        Some(port) => {
            problems.exactly_one(&port, &["name", "number"], "`name` and `number`");
            problems.between(&port, "number", 1, 65535);
        }
        None => problems.required(&service, "port"),
    }
}
