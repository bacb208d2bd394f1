//! The implied made explicit: the default network, dependencies that other keys imply, names, inherited hooks.

use super::context::{Environment, Loader};
use super::defaults::set;
use super::merge::Merge;
use super::pairs;
use super::paths::path_clean;
use super::shape;
use super::trail::Trail;
use crate::diag::{Finding, slugs};
use crate::source::Text;
use crate::source::origin::Hop;
use crate::source::span::Span;
use crate::tree::{Entry, Map, Node, Value};

/// Makes explicit what Compose implies.
pub fn normalize(loader: &mut Loader<'_>, root: &mut Node, name: &Entry, environment: &Environment) {
    let Value::Map(map) = &mut root.value else { return };
    map.insert(name.clone());
    networks(loader, map);
    for section in ["services", "jobs"] {
        let Some(Value::Map(members)) = map.get_mut(section).map(|node| &mut node.value) else { continue };
        for member in &mut members.entries {
            let key_span = member.key_span;
            let path = Trail::of(&[section, &member.key]).text();
            let Value::Map(map) = &mut member.node.value else { continue };
            workload(loader, map, (key_span, &path), environment);
            if section == "services" {
                hooks(loader, map, &path);
            }
        }
    }
    names(loader, map, name.node.as_str().unwrap_or_default());
}

/// Containers without a network are on `default`, and that network is there when one of them is.
fn networks(loader: &mut Loader<'_>, map: &mut Map) {
    let mut used: Option<Span> = None;
    for section in ["services", "jobs"] {
        let Some(Value::Map(members)) = map.get_mut(section).map(|node| &mut node.value) else { continue };
        for member in &mut members.entries {
            let key_span = member.key_span;
            let Value::Map(container) = &mut member.node.value else { continue };
            if container.contains("provider") || container.contains("network_mode") {
                continue;
            }
            let (default, none) = match container.get("networks").and_then(Node::as_map) {
                Some(networks) if !networks.entries.is_empty() => (networks.contains("default"), false),
                _ => (true, true),
            };
            if default {
                used.get_or_insert(key_span);
            }
            if none {
                container.remove("networks");
                let mut networks = Map { entries: Vec::with_capacity(1) };
                set(loader, &mut networks, key_span, "default", Value::Null);
                set(loader, container, key_span, "networks", Value::Map(networks));
            }
        }
    }
    let Some(span) = used else { return };
    set(loader, map, span, "networks", Value::Map(Map::default()));
    let Some(Value::Map(networks)) = map.get_mut("networks").map(|node| &mut node.value) else { return };
    set(loader, networks, span, "default", Value::Null);
}

fn workload(
    loader: &mut Loader<'_>,
    map: &mut Map,
    (key_span, path): (Span, &str),
    environment: &Environment,
) {
    if let Some(policy) = map.get_mut("pull_policy")
        && policy.as_str() == Some("if_not_present")
    {
        policy.value = Value::String(Text::new_static("missing"));
    }
    if let Some(entry) = map.entries.iter_mut().find(|entry| entry.key == "build") {
        let key_span = entry.key_span;
        if let Value::Map(build) = &mut entry.node.value {
            set(loader, build, key_span, "context", Value::String(Text::new_static(".")));
            if !build.contains("dockerfile_inline") {
                set(loader, build, key_span, "dockerfile", Value::String(Text::new_static("Dockerfile")));
            }
            if let Some(args) = build.get_mut("args") {
                shape::blank_names(loader, args, &format!("{path}.build.args"));
                inherit(loader, args, environment, false);
            }
        }
    }
    if let Some(variables) = map.get_mut("environment") {
        shape::blank_names(loader, variables, &format!("{path}.environment"));
        inherit(loader, variables, environment, true);
    }
    dependencies(loader, map, key_span);
    if let Some(Value::List(mounts)) = map.get_mut("volumes").map(|node| &mut node.value) {
        for mount in mounts {
            let Value::Map(mount) = &mut mount.value else { continue };
            let Some(target) = mount.get_mut("target") else { continue };
            if let Value::String(text) = &target.value {
                let cleaned = path_clean(text);
                if cleaned != text.as_str() {
                    target.value = Value::String(Text::new(cleaned));
                }
            }
        }
    }
}

/// Names without a value take the project's; the others stay unset, or go.
fn inherit(loader: &mut Loader<'_>, node: &mut Node, environment: &Environment, keep: bool) {
    pairs::mapping(&loader.files, node);
    let Value::Map(map) = &mut node.value else { return };
    map.entries.retain_mut(|entry| {
        if !entry.node.is_null() {
            return true;
        }
        let Some(found) = environment.get(&entry.key) else { return keep };
        let origin = loader.origins.hop(entry.node.origin, Hop::Inherited(found.span));
        entry.node = Node { value: Value::String(found.value.clone()), span: entry.key_span, origin };
        true
    });
}

/// What links, shared namespaces and shared mounts make a service wait for.
fn dependencies(loader: &mut Loader<'_>, map: &mut Map, key_span: Span) {
    let mut found: Vec<(Text, Node, bool)> = Vec::new();
    for link in list(map, "links") {
        let Some(text) = link.as_str() else { continue };
        let parts: Vec<&str> = text.split(':').collect();
        let name = if parts.len() == 2 { parts[0] } else { text };
        found.push((Text::new(name), link.clone(), true));
    }
    for namespace in ["network_mode", "ipc", "pid", "uts", "cgroup"] {
        let Some(node) = map.get(namespace) else { continue };
        if let Some(name) = node.as_str().and_then(|text| text.strip_prefix("service:")) {
            found.push((Text::new(name), node.clone(), true));
        }
    }
    for from in list(map, "volumes_from") {
        let Some(text) = from.as_str().filter(|text| !text.starts_with("container:")) else { continue };
        let name = text.split(':').next().unwrap_or(text);
        found.push((Text::new(name), from.clone(), false));
    }
    if found.is_empty() {
        return;
    }
    set(loader, map, key_span, "depends_on", Value::Map(Map::default()));
    for (name, node, restart) in found {
        let origin = loader.origins.hop(node.origin, Hop::Derived(node.span));
        let Some(Value::Map(depends_on)) = map.get_mut("depends_on").map(|node| &mut node.value) else {
            return;
        };
        if depends_on.contains(&name) {
            continue;
        }
        let entry = |key: &'static str, value| Entry {
            key: Text::new_static(key),
            key_span: node.span,
            node: Node { value, span: node.span, origin },
        };
        let entries = vec![
            entry("condition", Value::String(Text::new_static("service_started"))),
            entry("restart", Value::Bool(restart)),
            entry("required", Value::Bool(true)),
        ];
        let value = Node { value: Value::Map(Map { entries }), span: node.span, origin };
        depends_on.entries.push(Entry { key: name, key_span: node.span, node: value });
    }
}

fn list(map: &Map, key: &str) -> Vec<Node> {
    map.get(key).and_then(Node::as_list).map(<[Node]>::to_vec).unwrap_or_default()
}

/// The keys of a container that a `pre_start` hook takes over; mounts come at run time.
const INHERITED: &[&str] = &[
    "annotations",
    "blkio_config",
    "cap_add",
    "cap_drop",
    "cgroup",
    "cgroup_parent",
    "command",
    "configs",
    "cpu_count",
    "cpu_percent",
    "cpu_period",
    "cpu_quota",
    "cpu_rt_period",
    "cpu_rt_runtime",
    "cpu_shares",
    "cpus",
    "cpuset",
    "credential_spec",
    "device_cgroup_rules",
    "devices",
    "dns",
    "dns_opt",
    "dns_search",
    "domainname",
    "entrypoint",
    "env_file",
    "environment",
    "extra_hosts",
    "gpus",
    "group_add",
    "hostname",
    "image",
    "init",
    "ipc",
    "isolation",
    "label_file",
    "labels",
    "logging",
    "mac_address",
    "mem_limit",
    "mem_reservation",
    "mem_swappiness",
    "memswap_limit",
    "models",
    "network_mode",
    "networks",
    "oom_kill_disable",
    "oom_score_adj",
    "pid",
    "pids_limit",
    "platform",
    "privileged",
    "pull_policy",
    "pull_refresh_after",
    "read_only",
    "runtime",
    "secrets",
    "security_opt",
    "shm_size",
    "stop_grace_period",
    "stop_signal",
    "storage_opt",
    "sysctls",
    "tmpfs",
    "ulimits",
    "umask",
    "use_api_socket",
    "user",
    "userns_mode",
    "uts",
    "volumes_from",
    "working_dir",
];

/// `pre_start` hooks run in the service's own container specification, with their own keys on top.
fn hooks(loader: &mut Loader<'_>, map: &mut Map, path: &str) {
    let inherited: Vec<Entry> =
        map.entries.iter().filter(|entry| INHERITED.contains(&entry.key.as_str())).cloned().collect();
    let Some(Value::List(hooks)) = map.get_mut("pre_start").map(|node| &mut node.value) else { return };
    for hook in hooks {
        let Value::Map(own) = &mut hook.value else { continue };
        let mut base = Map { entries: inherited.clone() };
        for entry in &mut base.entries {
            super::extends::visit_origins(&mut entry.node, &mut |id| loader.origins.implied(id, "pre_start"));
        }
        let place = Node { value: Value::Null, span: hook.span, origin: hook.origin };
        let own = std::mem::take(own);
        let mut merge = Merge { files: &loader.files, origins: &mut loader.origins, clashes: Vec::new() };
        *hook = merge.mappings(place, base, own, &mut Trail::of(&["services", "hook"]));
        for clash in merge.clashes {
            let path = format!("{path}.pre_start");
            let finding = Finding::new(slugs::INVALID_COMPOSE, clash.node.span, path, clash.message);
            loader.refuse(finding);
        }
    }
}

/// A resource without a name is named after its key, behind the project's name when Compose makes it.
fn names(loader: &mut Loader<'_>, map: &mut Map, project: &str) {
    for section in ["networks", "volumes", "configs", "secrets"] {
        let Some(Value::Map(resources)) = map.get_mut(section).map(|node| &mut node.value) else { continue };
        for entry in &mut resources.entries {
            if entry.node.is_null() {
                entry.node.value = Value::Map(Map::default());
            }
            let (key, key_span, origin) = (entry.key.clone(), entry.key_span, entry.node.origin);
            let Value::Map(resource) = &mut entry.node.value else { continue };
            if resource.get("name").is_some_and(|node| !node.is_null()) {
                continue;
            }
            resource.remove("name");
            let external = resource.get("external").is_some_and(|node| node.value == Value::Bool(true));
            let name = if external { key } else { smol_str::format_smolstr!("{project}_{key}") };
            let origin = loader.origins.implied(origin, "name");
            let node = Node { value: Value::String(name), span: key_span, origin };
            resource.entries.push(Entry { key: Text::new_static("name"), key_span, node });
        }
    }
}
