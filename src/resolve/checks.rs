//! What Compose checks on the tree, before it knows types.

use std::net::IpAddr;

use super::context::Loader;
use super::trail::Trail;
use crate::diag::{Finding, slugs};
use crate::tree::{Map, Node, Value};

/// Checks the relations that the schema cannot say; what is wrong is reported and, where it must be, taken out.
pub fn tree(loader: &mut Loader<'_>, root: &mut Node) {
    mounts(loader, root);
    let Value::Map(map) = &mut root.value else { return };
    for section in &mut map.entries {
        let name = section.key.clone();
        let Value::Map(members) = &mut section.node.value else { continue };
        for member in &mut members.entries {
            let mut trail = Trail::of(&[&name, &member.key]);
            let key_span = member.key_span;
            let Value::Map(map) = &mut member.node.value else { continue };
            match name.as_str() {
                "volumes" => external(loader, map, &trail, Loader::refuse),
                "networks" => external(loader, map, &trail, Loader::note),
                "configs" => {
                    external(loader, map, &trail, Loader::note);
                    source(loader, map, key_span, &["file", "environment", "content"], &trail);
                }
                "secrets" => {
                    external(loader, map, &trail, Loader::note);
                    source(loader, map, key_span, &["file", "environment"], &trail);
                }
                "services" => service(loader, map, &mut trail),
                "jobs" => targets(loader, map, &trail),
                _ => {}
            }
        }
    }
}

/// What a mount must say before its paths can be looked at, in services, jobs and `pre_start` hooks alike.
pub fn mounts(loader: &mut Loader<'_>, root: &Node) {
    for section in ["services", "jobs"] {
        let members = root.as_map().and_then(|map| map.get(section)).and_then(Node::as_map);
        for member in members.into_iter().flat_map(|map| &map.entries) {
            let trail = Trail::of(&[section, &member.key]);
            let Some(container) = member.node.as_map() else { continue };
            container_mounts(loader, container, &trail);
            let hooks = container.get("pre_start").and_then(Node::as_list).unwrap_or_default();
            for hook in hooks.iter().filter_map(Node::as_map) {
                container_mounts(loader, hook, &trail);
            }
        }
    }
}

fn container_mounts(loader: &mut Loader<'_>, container: &Map, trail: &Trail) {
    for item in container.get("volumes").and_then(Node::as_list).unwrap_or_default() {
        let Some(mount) = item.as_map() else { continue };
        if mount.get("type").and_then(Node::as_str) == Some("bind") && !mount.contains("source") {
            let message = "a bind has no `source`; name the path on the host";
            loader.refuse(Finding::new(slugs::INVALID_COMPOSE, item.span, trail.text(), message));
        }
    }
}

/// Compose breaks off at a job whose mount has no target.
fn targets(loader: &mut Loader<'_>, job: &Map, trail: &Trail) {
    for item in job.get("volumes").and_then(Node::as_list).unwrap_or_default() {
        if item.as_map().is_some_and(|mount| mount.get("target").and_then(Node::as_str).is_none()) {
            let message = "a volume has no `target`; name its path in the container";
            loader.refuse(Finding::new(slugs::INVALID_COMPOSE, item.span, trail.text(), message));
        }
    }
}

/// What somebody else made has no settings of its own; Compose refuses them for volumes, and passes over the others.
fn external<'a>(
    loader: &mut Loader<'a>,
    map: &Map,
    trail: &Trail,
    say: impl FnOnce(&mut Loader<'a>, Finding),
) {
    let Some(external) = map.entry("external") else { return };
    if external.node.value != Value::Bool(true) {
        return;
    }
    let own = |key: &str| matches!(key, "name" | "external") || key.starts_with("x-");
    let mut others = map.entries.iter().filter(|entry| !own(&entry.key));
    let Some(first) = others.next() else { return };
    let message = format!("`{}` is external, and `{}` says how to make it", trail.text(), first.key);
    let mut finding = Finding::new(slugs::CONFLICTING_ENTRIES, first.key_span, trail.text(), message)
        .also(external.key_span, "made by somebody else")
        .tip("keep `external`, or what says how to make it");
    for other in others {
        finding = finding.also(other.key_span, "says how to make it as well");
    }
    say(loader, finding);
}

/// A config or secret has exactly one source.
fn source(loader: &mut Loader<'_>, map: &Map, key: crate::source::span::Span, keys: &[&str], trail: &Trail) {
    let set: Vec<_> = keys.iter().filter_map(|key| map.entry(key)).collect();
    match set.as_slice() {
        [] if map.contains("driver") || map.contains("external") => {}
        [] => {
            let message =
                format!("`{}` has no content; it needs one of `{}`", trail.text(), keys.join("`, `"));
            loader.refuse(Finding::new(slugs::INVALID_COMPOSE, key, trail.text(), message));
        }
        [_] => {}
        [first, others @ ..] => {
            let message = format!("`{}` has more than one source", trail.text());
            let mut finding = Finding::new(slugs::CONFLICTING_ENTRIES, first.key_span, trail.text(), message)
                .tip("keep one of them");
            for other in others {
                finding = finding.also(other.key_span, "another source");
            }
            loader.refuse(finding);
        }
    }
}

fn service(loader: &mut Loader<'_>, map: &mut Map, trail: &mut Trail) {
    for entry in &mut map.entries {
        let key = entry.key.clone();
        let node = &mut entry.node;
        trail.with(&key, |trail| match (key.as_str(), &mut node.value) {
            ("ports", Value::List(items)) => {
                for (index, item) in items.iter_mut().enumerate() {
                    trail.item(index, |trail| address(loader, item, trail));
                }
            }
            ("gpus", Value::List(items)) => requests(loader, items, trail),
            ("deploy", Value::Map(deploy)) => {
                let devices = deploy
                    .get("resources")
                    .and_then(Node::as_map)
                    .and_then(|resources| resources.get("reservations"))
                    .and_then(Node::as_map)
                    .and_then(|reservations| reservations.get("devices"))
                    .and_then(Node::as_list);
                if let Some(items) = devices {
                    requests(loader, items, trail);
                }
            }
            ("develop", Value::Map(develop)) => {
                let watches = develop.get("watch").and_then(Node::as_list).unwrap_or_default();
                for watch in watches {
                    let path = watch.as_map().and_then(|map| map.get("path"));
                    if let Some(path) = path.filter(|path| path.as_str() == Some("")) {
                        let message = "the path to watch is empty";
                        loader.refuse(Finding::new(slugs::INVALID_COMPOSE, path.span, trail.text(), message));
                    }
                }
            }
            _ => {}
        });
    }
}

/// A host address is an address.
fn address(loader: &mut Loader<'_>, port: &mut Node, trail: &Trail) {
    let Value::Map(map) = &mut port.value else { return };
    let Some(host_ip) = map.get("host_ip").filter(|node| node.as_str().is_some_and(|ip| !is_address(ip)))
    else {
        return;
    };
    let message = "the host address of a port is no IP address";
    loader.refuse(Finding::new(slugs::INVALID_COMPOSE, host_ip.span, trail.text(), message));
    map.remove("host_ip");
}

fn is_address(text: &str) -> bool {
    // Go takes no zone and no brackets here, like Rust.
    text.parse::<IpAddr>().is_ok()
}

fn requests(loader: &mut Loader<'_>, items: &[Node], trail: &Trail) {
    for item in items {
        let Some(map) = item.as_map() else { continue };
        if let (Some(count), Some(ids)) = (map.entry("count"), map.entry("device_ids")) {
            let message = "devices are asked for by number and by name at once";
            let finding = Finding::new(slugs::CONFLICTING_ENTRIES, count.key_span, trail.text(), message)
                .also(ids.key_span, "by name")
                .tip("keep `count` or `device_ids`");
            loader.refuse(finding);
        }
    }
}
