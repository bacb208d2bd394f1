//! One entry for each key in the lists where Compose wants it so: the last one, at the place of the first.

use std::collections::HashMap;

use super::context::Loader;
use super::merge::same;
use super::pairs;
use super::short::volume;
use super::trail::Trail;
use crate::diag::{Finding, slugs};
use crate::source::Text;
use crate::tree::{Node, Value};

/// What makes two entries of a list the same.
#[derive(Clone, Copy)]
enum By {
    /// The text up to `=`.
    Key,
    /// The path in the container.
    Target,
    /// The path of a device in the container.
    Device,
    /// The path of a secret, with its default.
    Secret,
    /// The path of a config, with its default.
    Config,
    /// The path of an env file.
    Path,
    /// The number.
    Number,
    /// Address, published port, target and protocol.
    Port,
}

/// Leaves one entry for each key; services only, as Compose has it.
pub fn enforce(loader: &mut Loader<'_>, root: &mut Node) {
    let Value::Map(map) = &mut root.value else { return };
    for section in &mut map.entries {
        let name = section.key.clone();
        if !matches!(name.as_str(), "services" | "networks") {
            continue;
        }
        let Value::Map(members) = &mut section.node.value else { continue };
        for member in &mut members.entries {
            let mut trail = Trail::of(&[&name, &member.key]);
            descend(loader, &mut member.node, &mut trail);
        }
    }
}

fn descend(loader: &mut Loader<'_>, node: &mut Node, trail: &mut Trail) {
    match &mut node.value {
        Value::Map(map) => {
            // Nothing unique lies deeper than `services.*.networks.*.aliases`.
            if trail.keys().len() > 4 {
                return;
            }
            for entry in &mut map.entries {
                if matches!(entry.node.value, Value::Map(_) | Value::List(_)) {
                    let key = entry.key.clone();
                    trail.with(&key, |trail| descend(loader, &mut entry.node, trail));
                }
            }
        }
        Value::List(items) => {
            if let Some(by) = by(trail) {
                *items = unique(loader, std::mem::take(items), by, trail);
            }
        }
        _ => {}
    }
}

fn by(trail: &Trail) -> Option<By> {
    let keys: Vec<&str> = trail.keys().iter().map(Text::as_str).collect();
    Some(match keys.as_slice() {
        ["networks", _, "labels"] | ["networks", _, "ipam", "options"] => By::Key,
        ["services", _, rest @ ..] => match rest {
            ["annotations" | "cap_add" | "cap_drop" | "dns" | "dns_opt" | "dns_search" | "environment"]
            | ["labels" | "links" | "profiles" | "sysctls" | "tmpfs"]
            | ["build", "args" | "additional_contexts" | "platform" | "tags" | "labels"]
            | ["deploy", "labels"]
            | ["networks", _, "aliases" | "link_local_ips"] => By::Key,
            ["devices"] => By::Device,
            ["volumes"] => By::Target,
            ["configs"] => By::Config,
            ["secrets"] => By::Secret,
            ["env_file"] => By::Path,
            ["expose"] => By::Number,
            ["ports"] => By::Port,
            _ => return None,
        },
        _ => return None,
    })
}

fn unique(loader: &mut Loader<'_>, items: Vec<Node>, by: By, trail: &mut Trail) -> Vec<Node> {
    let mut kept: Vec<Node> = Vec::with_capacity(items.len());
    let mut index: HashMap<Text, usize> = HashMap::with_capacity(items.len());
    for (at, item) in items.into_iter().enumerate() {
        let key = match by.key(&item) {
            Ok(key) => key,
            Err(message) => {
                let path = trail.item(at, |trail| trail.text());
                let mut finding = Finding::new(slugs::INVALID_COMPOSE, item.span, path, message);
                if let (By::Key, Value::Map(_)) = (by, &item.value) {
                    finding =
                        finding.tip("write `NAME=value`, or take the `-` out of every line of the list");
                }
                loader.refuse(finding);
                continue;
            }
        };
        match index.get(&key) {
            Some(first) => {
                let old = std::mem::replace(&mut kept[*first], item);
                report(loader, &old, &kept[*first].clone(), by, &key, trail);
            }
            None => {
                index.insert(key, kept.len());
                kept.push(item);
            }
        }
    }
    kept
}

/// Two entries of one list that differ: one of them is lost without a word.
fn report(loader: &mut Loader<'_>, old: &Node, new: &Node, by: By, key: &str, trail: &Trail) {
    let here = |node: &Node| loader.origins.get(node.origin).hops.is_empty();
    let one_list = old.span.file == new.span.file && here(old) && here(new) && old.span != new.span;
    if !one_list || same(&old.value, &new.value) {
        return;
    }
    let what = match by {
        By::Key => "is set",
        By::Target | By::Device | By::Secret | By::Config => "is mounted",
        By::Path => "is read",
        By::Number | By::Port => "is published",
    };
    let message = format!("`{key}` {what} twice in one list; the last entry wins in silence");
    let finding = Finding::new(slugs::CONFLICTING_ENTRIES, old.span, trail.text(), message)
        .at("this one is lost")
        .also(new.span, "this one wins")
        .tip("keep one of them");
    loader.note(finding);
}

impl By {
    fn key(self, item: &Node) -> Result<Text, String> {
        match self {
            Self::Key => item
                .as_str()
                .map(pairs::name)
                .ok_or_else(|| format!("a {} stands in a list of strings", item.value.kind())),
            Self::Target => match &item.value {
                Value::Map(_) => target(item, "a volume"),
                Value::String(text) => {
                    Ok(volume::volume(text)?.target.map(|(target, _)| target).unwrap_or_default())
                }
                _ => Ok(Text::default()),
            },
            Self::Device => match &item.value {
                Value::Map(_) => target(item, "a device"),
                Value::String(text) => {
                    let mut pieces = text.split(':');
                    let source = pieces.next().unwrap_or_default();
                    Ok(Text::new(pieces.next().unwrap_or(source)))
                }
                _ => Ok(Text::default()),
            },
            Self::Secret => mounted(item, "/run/secrets"),
            Self::Config => mounted(item, ""),
            Self::Path => match &item.value {
                Value::Map(map) => map
                    .get("path")
                    .and_then(Node::as_str)
                    .map(Text::new)
                    .ok_or_else(|| "an env file has no `path`".to_owned()),
                Value::String(path) => Ok(path.clone()),
                _ => Ok(Text::default()),
            },
            Self::Number => match &item.value {
                Value::String(_) | Value::Int(_) => Ok(item.value.scalar_text().unwrap_or_default()),
                other => Err(format!("a {} is no port; write a number", other.kind())),
            },
            Self::Port => port(item),
        }
    }
}

fn target(item: &Node, what: &str) -> Result<Text, String> {
    item.as_map()
        .and_then(|map| map.get("target"))
        .and_then(Node::as_str)
        .map(Text::new)
        .ok_or_else(|| format!("{what} has no `target`; name its path in the container"))
}

fn mounted(item: &Node, folder: &str) -> Result<Text, String> {
    match &item.value {
        Value::String(name) => Ok(smol_str::format_smolstr!("{folder}/{name}")),
        Value::Map(map) => Ok(match map.get("target").and_then(Node::as_str) {
            Some(target) => Text::new(target),
            None => {
                let source = map.get("source").and_then(Node::as_str).unwrap_or_default();
                smol_str::format_smolstr!("{folder}/{source}")
            }
        }),
        other => Err(format!("a {} stands in a list of names", other.kind())),
    }
}

/// The key of a port. A number and its text differ, because they differ for Compose.
fn port(item: &Node) -> Result<Text, String> {
    let Value::Map(map) = &item.value else { return Ok(item.value.scalar_text().unwrap_or_default()) };
    let text = |key: &str, default: &str| match map.get(key).map(|node| &node.value) {
        Some(Value::Int(number)) => smol_str::format_smolstr!("int {number}"),
        Some(value) => value.scalar_text().unwrap_or_default(),
        None => Text::new(default),
    };
    if !map.contains("target") {
        return Err("a port has no `target`; name the port in the container".to_owned());
    }
    let (host, published) = (text("host_ip", "0.0.0.0"), text("published", "any"));
    let (target, protocol) = (text("target", ""), text("protocol", "tcp"));
    Ok(smol_str::format_smolstr!("{host}:{published}:{target}/{protocol}"))
}
