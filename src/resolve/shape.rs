//! The last forms before types: lists that mean mappings become mappings, each entry with its own place.

use super::context::Loader;
use super::pairs;
use super::short::{Piece, pairs as short_pairs};
use super::trail::Trail;
use crate::diag::{Finding, slugs};
use crate::source::Text;
use crate::tree::{Entry, Map, Node, Value};

/// Brings every `KEY=VALUE` list into the form of a mapping.
pub fn shape(loader: &mut Loader<'_>, root: &mut Node) {
    let Value::Map(map) = &mut root.value else { return };
    for section in &mut map.entries {
        let name = section.key.clone();
        let Value::Map(members) = &mut section.node.value else { continue };
        for member in &mut members.entries {
            let mut trail = Trail::of(&[&name, &member.key]);
            let Value::Map(map) = &mut member.node.value else { continue };
            match name.as_str() {
                "services" | "jobs" => container(loader, map, &mut trail),
                _ => pairs_of(loader, map, &["labels"]),
            }
        }
    }
}

fn pairs_of(loader: &Loader<'_>, map: &mut Map, keys: &[&str]) {
    for key in keys {
        if let Some(node) = map.get_mut(key) {
            pairs::mapping(&loader.files, node);
        }
    }
}

fn container(loader: &mut Loader<'_>, map: &mut Map, trail: &mut Trail) {
    environment(loader, map, trail);
    pairs_of(loader, map, &["labels", "annotations", "sysctls"]);
    hosts(loader, map, trail);
    for entry in &mut map.entries {
        let key = entry.key.clone();
        trail.with(&key, |trail| match (key.as_str(), &mut entry.node.value) {
            ("build", Value::Map(build)) => {
                pairs_of(loader, build, &["args", "labels", "ssh", "additional_contexts"]);
                hosts(loader, build, trail);
            }
            ("deploy", Value::Map(deploy)) => {
                pairs_of(loader, deploy, &["labels"]);
                let devices = deploy
                    .get_mut("resources")
                    .and_then(|node| below(node, "reservations"))
                    .and_then(|node| below(node, "devices"));
                if let Some(Value::List(items)) = devices.map(|node| &mut node.value) {
                    each(items, |request| pairs_of(loader, request, &["options"]));
                }
            }
            ("gpus", Value::List(items)) => each(items, |request| pairs_of(loader, request, &["options"])),
            ("volumes", Value::List(items)) => each(items, |mount| {
                if let Some(Value::Map(volume)) = mount.get_mut("volume").map(|node| &mut node.value) {
                    pairs_of(loader, volume, &["labels"]);
                }
            }),
            ("pre_start", Value::List(items)) => {
                for (index, item) in items.iter_mut().enumerate() {
                    let Value::Map(hook) = &mut item.value else { continue };
                    trail.item(index, |trail| container(loader, hook, trail));
                }
            }
            ("post_start" | "pre_stop", Value::List(items)) => {
                for (index, item) in items.iter_mut().enumerate() {
                    let Value::Map(hook) = &mut item.value else { continue };
                    trail.item(index, |trail| environment(loader, hook, trail));
                }
            }
            ("develop", Value::Map(develop)) => {
                if let Some(Value::List(watches)) = develop.get_mut("watch").map(|node| &mut node.value) {
                    each(watches, |watch| {
                        if let Some(Value::Map(exec)) = watch.get_mut("exec").map(|node| &mut node.value) {
                            environment(loader, exec, trail);
                        }
                    });
                }
            }
            _ => {}
        });
    }
}

fn below<'a>(node: &'a mut Node, key: &str) -> Option<&'a mut Node> {
    match &mut node.value {
        Value::Map(map) => map.get_mut(key),
        _ => None,
    }
}

fn each(items: &mut [Node], mut change: impl FnMut(&mut Map)) {
    for item in items {
        if let Value::Map(map) = &mut item.value {
            change(map);
        }
    }
}

fn environment(loader: &mut Loader<'_>, map: &mut Map, trail: &Trail) {
    let Some(node) = map.get_mut("environment") else { return };
    blank_names(loader, node, &format!("{}.environment", trail.text()));
    pairs::mapping(&loader.files, node);
}

/// A name in a list that ends in a blank is a mistake, and Compose says so.
pub fn blank_names(loader: &mut Loader<'_>, node: &mut Node, path: &str) {
    let Value::List(items) = &mut node.value else { return };
    items.retain(|item| {
        let name = pairs::name(&item.value.scalar_text().unwrap_or_default());
        let blank = short_pairs::ends_in_blank(&name);
        if blank {
            let message = format!("the name of the variable `{}` ends in a blank", name.trim_end());
            let finding = Finding::new(slugs::INVALID_COMPOSE, item.span, path, message)
                .tip("write `NAME=value` without blanks around `=`");
            loader.refuse(finding);
        }
        !blank
    });
}

/// `extra_hosts` as names with their addresses.
fn hosts(loader: &mut Loader<'_>, map: &mut Map, trail: &Trail) {
    let Some(node) = map.get_mut("extra_hosts") else { return };
    let place = node.like(Value::Null);
    let path = format!("{}.extra_hosts", trail.text());
    let mut hosts = Map::default();
    match std::mem::replace(&mut node.value, Value::Null) {
        Value::List(items) => {
            for item in items {
                let Some(text) = item.value.scalar_text() else { continue };
                match short_pairs::host(&text) {
                    Ok(host) => add_host(loader, &mut hosts, &item, &text, host),
                    Err(message) => {
                        loader.refuse(Finding::new(slugs::INVALID_COMPOSE, item.span, path.clone(), message));
                    }
                }
            }
        }
        Value::Map(named) => {
            for mut entry in named.entries {
                if entry.key.is_empty() || !short_pairs::is_host_name(&entry.key) {
                    let message = format!("`{}` is no host name", entry.key);
                    loader.refuse(Finding::new(
                        slugs::INVALID_COMPOSE,
                        entry.key_span,
                        path.clone(),
                        message,
                    ));
                    continue;
                }
                if entry.node.is_null() {
                    entry.node.value = Value::String(Text::default());
                }
                if !matches!(entry.node.value, Value::List(_)) {
                    entry.node.value = Value::List(vec![entry.node.clone()]);
                }
                if let Value::List(items) = &mut entry.node.value {
                    items.iter_mut().for_each(without_brackets);
                }
                hosts.insert(entry);
            }
        }
        _ => {}
    }
    *node = place.like(Value::Map(hosts));
}

fn without_brackets(item: &mut Node) {
    let Some(text) = item.value.scalar_text() else { return };
    let length = text.len();
    let (text, _) = short_pairs::without_brackets((text, 0..length));
    item.value = Value::String(text);
}

fn add_host(loader: &Loader<'_>, hosts: &mut Map, item: &Node, text: &str, host: short_pairs::Host) {
    let node = |(value, range): Piece| {
        let span = pairs::part(&loader.files, item, text, range);
        Node { value: Value::String(value), span, origin: item.origin }
    };
    let key_span = pairs::part(&loader.files, item, text, host.name.1.clone());
    let addresses: Vec<Node> = host.addresses.into_iter().map(node).collect();
    if let Some(Value::List(there)) = hosts.get_mut(&host.name.0).map(|node| &mut node.value) {
        there.extend(addresses);
        return;
    }
    let value = item.like(Value::List(addresses));
    hosts.entries.push(Entry { key: host.name.0, key_span, node: value });
}
