//! The pod: what concerns all its containers together.

use std::collections::BTreeSet;

use serde_json::Value;

use super::syntax::{self, LAST_ID};
use super::{container, placement, volume};
use crate::k8s::name::{is_label, is_subdomain};
use crate::verify::schema::cursor::Cursor;
use crate::verify::schema::problems::Problems;

/// What stands around a pod.
pub(super) struct Frame<'f> {
    /// The kind of the object that it belongs to.
    pub(super) kind: &'f str,
    /// The names of the claim templates, which are volumes too.
    pub(super) claims: Vec<&'f str>,
}

/// Checks the specification of a pod.
pub(super) fn check(problems: &mut Problems, pod: &Cursor, frame: &Frame) {
    problems.need(pod, "containers");
    restart(problems, pod, frame.kind);
    identity(problems, pod);
    host_names(problems, pod);
    let volumes = volume::check(problems, pod, &frame.claims);
    let init = pod.get("initContainers");
    let before: BTreeSet<&str> =
        init.iter().flat_map(Cursor::items).map(|each| each.value).filter_map(name_of).collect();
    let mut host_ports = BTreeSet::new();
    for (list, is_init) in [("initContainers", true), ("containers", false)] {
        for each in pod.get(list).iter().flat_map(Cursor::items) {
            // Two of the same list were reported by the schema.
            if !is_init && before.contains(each.text("name")) {
                problems.below(&each, "name", "another container has the same name");
            }
            container::check(problems, &each, &container::Frame { is_init, volumes: &volumes });
            host_port(problems, &each, pod.is_true("hostNetwork"), &mut host_ports);
        }
    }
    placement::check(problems, pod);
    security(problems, pod);
}

fn name_of(container: &Value) -> Option<&str> {
    container.get("name").and_then(Value::as_str).filter(|name| !name.is_empty())
}

fn restart(problems: &mut Problems, pod: &Cursor, kind: &str) {
    match kind {
        "Pod" => {}
        "Job" | "CronJob" => {
            if !pod.has("restartPolicy") {
                problems.required(pod, "restartPolicy");
            }
            problems.one_of(pod, "restartPolicy", &["OnFailure", "Never"]);
        }
        _ => {
            problems.one_of(pod, "restartPolicy", &["Always"]);
            if pod.has("activeDeadlineSeconds") {
                problems.below(
                    pod,
                    "activeDeadlineSeconds",
                    format!("a {kind} does not end: only Jobs have deadlines"),
                );
            }
        }
    }
    problems.between(pod, "terminationGracePeriodSeconds", 0, i64::MAX);
    problems.between(pod, "activeDeadlineSeconds", 1, LAST_ID);
}

fn identity(problems: &mut Problems, pod: &Cursor) {
    problems.shape(pod, "hostname", is_label, "at most 63 small letters, digits and `-`");
    problems.shape(pod, "subdomain", is_label, "at most 63 small letters, digits and `-`");
    problems.shape(pod, "serviceAccountName", is_subdomain, "the name of a ServiceAccount");
    problems.shape(pod, "priorityClassName", is_subdomain, "the name of a PriorityClass");
    problems.shape(pod, "runtimeClassName", is_subdomain, "the name of a RuntimeClass");
    if let Some(os) = pod.get("os") {
        problems.one_of(&os, "name", &["linux", "windows"]);
    }
    if pod.is_true("hostPID") && pod.is_true("shareProcessNamespace") {
        problems.below(pod, "shareProcessNamespace", "does not go with `hostPID`");
    }
}

fn host_names(problems: &mut Problems, pod: &Cursor) {
    for alias in pod.get("hostAliases").iter().flat_map(Cursor::items) {
        problems.shape(&alias, "ip", syntax::is_address, "an IP address");
        for name in alias.get("hostnames").iter().flat_map(Cursor::items) {
            if name.value.as_str().is_some_and(|text| !is_subdomain(text)) {
                problems.at(&name, "must be a host name of small letters, digits, `-` and `.`");
            }
        }
    }
    let dns = pod.get("dnsConfig");
    let servers = dns.as_ref().and_then(|dns| dns.get("nameservers"));
    let count = servers.as_ref().map_or(0, |servers| servers.items().count());
    if let Some(servers) = servers.as_ref().filter(|_| count > 3) {
        problems.at(servers, "more than 3 name servers");
    }
    for server in servers.iter().flat_map(Cursor::items) {
        if server.value.as_str().is_some_and(|text| !syntax::is_address(text)) {
            problems.at(&server, "must be an IP address");
        }
    }
    if pod.text("dnsPolicy") == "None" && count == 0 {
        problems.below(pod, "dnsConfig", "a `dnsPolicy` of `None` needs name servers");
    }
}

/// On the network of the host a port is its own host port, and no host port is taken twice.
fn host_port(problems: &mut Problems, each: &Cursor, is_host: bool, taken: &mut BTreeSet<String>) {
    for port in each.get("ports").iter().flat_map(Cursor::items) {
        let Some(host) = port.number("hostPort").filter(|number| *number != 0) else { continue };
        if is_host && port.number("containerPort") != Some(host) {
            problems.below(&port, "hostPort", "must be `containerPort` on the network of the host");
        }
        let protocol = if port.has("protocol") { port.text("protocol") } else { "TCP" };
        if !taken.insert(format!("{protocol}/{}/{host}", port.text("hostIP"))) {
            problems.below(&port, "hostPort", "another port of the pod has the same");
        }
    }
}

fn security(problems: &mut Problems, pod: &Cursor) {
    let Some(context) = pod.get("securityContext") else { return };
    for field in ["runAsUser", "runAsGroup", "fsGroup"] {
        problems.between(&context, field, 0, LAST_ID);
    }
    for group in context.get("supplementalGroups").iter().flat_map(Cursor::items) {
        if group.value.as_i64().is_some_and(|number| !(0..=LAST_ID).contains(&number)) {
            problems.at(&group, format!("must be between 0 and {LAST_ID}"));
        }
    }
    let mut seen = BTreeSet::new();
    for sysctl in context.get("sysctls").iter().flat_map(Cursor::items) {
        problems.shape(&sysctl, "name", syntax::is_sysctl, "a kernel parameter such as `net.core.somaxconn`");
        if !seen.insert(sysctl.text("name").to_owned()) {
            problems.below(&sysctl, "name", "is there a second time");
        }
    }
    container::profile(problems, &context);
}
