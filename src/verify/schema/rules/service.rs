//! Services.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::{probe, selector, syntax};
use crate::k8s::name::{is_label, is_subdomain};
use crate::verify::schema::cursor::Cursor;
use crate::verify::schema::problems::Problems;

/// Checks a Service.
pub(super) fn check(problems: &mut Problems, spec: &Cursor) {
    let kind = if spec.has("type") { spec.text("type") } else { "ClusterIP" };
    let is_headless = spec.text("clusterIP") == "None";
    if let Some(wanted) = spec.get("selector") {
        selector::labels(problems, &wanted);
    }
    if kind == "ExternalName" {
        problems.need(spec, "externalName");
        let is_name = |name: &str| name.is_empty() || is_subdomain(name.trim_end_matches('.'));
        problems.shape(spec, "externalName", is_name, "a host name of small letters, digits, `-` and `.`");
        if is_headless || !spec.text("clusterIP").is_empty() {
            problems.below(spec, "clusterIP", "must be absent: an external name has no address");
        }
    } else if !is_headless {
        problems.need(spec, "ports");
    }
    if is_headless && matches!(kind, "NodePort" | "LoadBalancer") {
        problems.below(spec, "clusterIP", format!("must not be `None` for a {kind}"));
    }
    ports(problems, spec, kind);
    addresses(problems, spec, kind);
}

fn ports(problems: &mut Problems, spec: &Cursor, kind: &str) {
    let Some(list) = spec.get("ports") else { return };
    let is_one = list.items().count() == 1;
    let mut names = BTreeSet::new();
    for port in list.items() {
        let name = port.text("name");
        if name.is_empty() && !is_one {
            problems.below(&port, "name", "is required when there is more than one port");
        }
        if !name.is_empty() && !names.insert(name.to_owned()) {
            problems.below(&port, "name", "another port has the same name");
        }
        problems.shape(
            &port,
            "name",
            |name| name.is_empty() || is_label(name),
            "at most 63 small letters, digits and `-`",
        );
        problems.between(&port, "port", 1, 65535);
        probe::port(problems, &port, "targetPort");
        problems.between(&port, "nodePort", 0, 65535);
        if port.number("nodePort").is_some_and(|number| number > 0)
            && !matches!(kind, "NodePort" | "LoadBalancer")
        {
            problems.below(&port, "nodePort", format!("must be absent for a {kind}"));
        }
    }
}

fn addresses(problems: &mut Problems, spec: &Cursor, kind: &str) {
    let is_outside = matches!(kind, "NodePort" | "LoadBalancer")
        || spec.get("externalIPs").is_some_and(|list| list.is_filled());
    for address in spec.get("externalIPs").iter().flat_map(Cursor::items) {
        match address.value.as_str().map(str::parse::<IpAddr>) {
            Some(Err(_)) => problems.at(&address, "must be an IP address"),
            Some(Ok(found)) if found.is_loopback() || found.is_unspecified() => {
                problems.at(&address, "must be reachable: loopback is not");
            }
            _ => {}
        }
    }
    for range in spec.get("loadBalancerSourceRanges").iter().flat_map(Cursor::items) {
        if range.value.as_str().is_some_and(|text| syntax::block(text.trim()).is_none()) {
            problems.at(&range, "must be an address block such as `10.0.0.0/8`");
        }
    }
    if spec.has("externalTrafficPolicy") && !is_outside {
        problems.below(spec, "externalTrafficPolicy", "must be absent: nothing outside reaches the Service");
    }
}
