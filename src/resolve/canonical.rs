//! Every short syntax in its long form, and every part of it with its own place.

use super::context::Loader;
use super::merge::started;
use super::pairs;
use super::paths::path_clean;
use super::short::{Piece, pairs as short_pairs, port, volume};
use super::trail::Trail;
use crate::diag::{Edit, Finding, Safety, slugs};
use crate::source::Text;
use crate::source::origin::Hop;
use crate::source::span::Span;
use crate::tree::{Entry, Map, Node, Value};

/// Brings the whole model into its long form; what cannot be read is reported and taken out.
pub fn canonical(loader: &mut Loader<'_>, root: &mut Node) {
    let Value::Map(map) = &mut root.value else { return };
    for entry in &mut map.entries {
        let section = entry.key.clone();
        let Value::Map(members) = &mut entry.node.value else { continue };
        for member in &mut members.entries {
            let mut trail = Trail::of(&[&section, &member.key]);
            let Value::Map(map) = &mut member.node.value else { continue };
            match section.as_str() {
                "services" | "jobs" => workload(loader, map, &mut trail),
                "volumes" | "networks" | "secrets" | "configs" => external(loader, map, &trail),
                _ => {}
            }
        }
    }
}

fn workload(loader: &mut Loader<'_>, map: &mut Map, trail: &mut Trail) {
    container(loader, map, trail);
    for entry in &mut map.entries {
        let key = entry.key.clone();
        let node = &mut entry.node;
        trail.with(&key, |trail| match key.as_str() {
            "ports" => ports(loader, node, trail),
            "depends_on" => depends_on(loader, node, trail),
            "extends" => wrap(node, "service"),
            "build" => build(loader, node, trail),
            "pre_start" => {
                if let Value::List(hooks) = &mut node.value {
                    for (index, hook) in hooks.iter_mut().enumerate() {
                        let Value::Map(hook) = &mut hook.value else { continue };
                        trail.item(index, |trail| container(loader, hook, trail));
                    }
                }
            }
            "develop" => develop(node),
            "triggers" => schedule(node),
            _ => {}
        });
    }
}

fn container(loader: &mut Loader<'_>, map: &mut Map, trail: &mut Trail) {
    for entry in &mut map.entries {
        let key = entry.key.clone();
        let node = &mut entry.node;
        trail.with(&key, |trail| match key.as_str() {
            "env_file" => env_file(loader, node),
            "label_file" => one_item(node),
            "dns" => {
                one_item(node);
                if let Value::List(items) = &mut node.value {
                    items.retain(|item| !item.is_null() && item.as_str() != Some(""));
                }
            }
            "gpus" if node.as_str().is_some() => {
                let all = node.like(Value::String(Text::new_static("all")));
                node.value = Value::List(vec![record(node, [("count", all)])]);
            }
            "gpus" if node.as_list().is_none() => {
                let message = format!("a {} asks for no devices; write `all` or a list", node.value.kind());
                refuse(loader, node, trail, message);
                node.value = Value::List(Vec::new());
            }
            "networks" | "models" => names(node),
            "volumes" => items(loader, node, trail, mount),
            "devices" => items(loader, node, trail, device),
            "secrets" | "configs" => items(loader, node, trail, |_, item, _| {
                wrap(item, "source");
                true
            }),
            _ => {}
        });
    }
}

/// Changes every item of a list; one that cannot be read goes.
fn items(
    loader: &mut Loader<'_>,
    node: &mut Node,
    trail: &mut Trail,
    mut change: impl FnMut(&mut Loader<'_>, &mut Node, &Trail) -> bool,
) {
    let Value::List(items) = &mut node.value else { return };
    let mut index = 0;
    items.retain_mut(|item| {
        index += 1;
        trail.item(index - 1, |trail| change(loader, item, trail))
    });
}

/// A bare string as a mapping with one key.
fn wrap(node: &mut Node, key: &'static str) {
    if node.as_str().is_some() {
        let inner = node.clone();
        node.value = record(node, [(key, inner)]).value;
    }
}

/// A mapping of some keys at the place of `node`.
fn record<const N: usize>(node: &Node, fields: [(&'static str, Node); N]) -> Node {
    let entries = fields
        .into_iter()
        .map(|(key, field)| Entry { key: Text::new_static(key), key_span: field.span, node: field })
        .collect();
    node.like(Value::Map(Map { entries }))
}

fn one_item(node: &mut Node) {
    if node.as_str().is_some() {
        node.value = Value::List(vec![node.clone()]);
    }
}

fn names(node: &mut Node) {
    let Value::List(items) = &node.value else { return };
    let mut map = Map::default();
    for item in items {
        let Some(name) = item.as_str() else { continue };
        map.insert(Entry { key: Text::new(name), key_span: item.span, node: item.like(Value::Null) });
    }
    node.value = Value::Map(map);
}

fn env_file(loader: &mut Loader<'_>, node: &mut Node) {
    one_item(node);
    let Value::List(items) = &mut node.value else { return };
    for item in items {
        wrap(item, "path");
        let required = implied(loader, item, Value::Bool(true));
        if let Value::Map(map) = &mut item.value
            && !map.contains("required")
        {
            let key_span = required.span;
            map.entries.push(Entry { key: Text::new_static("required"), key_span, node: required });
        }
    }
}

/// A piece of a short form as a node of its own.
fn part(loader: &mut Loader<'_>, item: &Node, text: &str, piece: Piece) -> Node {
    let (value, range) = piece;
    let origin = loader.origins.part(item.origin, &range);
    Node { value: Value::String(value), span: pairs::part(&loader.files, item, text, range), origin }
}

/// A value that the short form implies, at the place of the whole.
fn implied(loader: &mut Loader<'_>, item: &Node, value: Value) -> Node {
    let origin = loader.origins.implied(item.origin, "short form");
    Node { value, span: item.span, origin }
}

fn field(fields: &mut Map, key: &'static str, node: Node) {
    fields.entries.push(Entry { key: Text::new_static(key), key_span: node.span, node });
}

fn refuse(loader: &mut Loader<'_>, node: &Node, trail: &Trail, message: String) {
    loader.refuse(Finding::new(slugs::INVALID_COMPOSE, node.span, trail.text(), message));
}

/// Options that meant something to Docker on a Mac once: nobody misses them, and nothing is lost with them.
const CONSISTENCY: [&str; 3] = ["cached", "consistent", "delegated"];

fn mount(loader: &mut Loader<'_>, item: &mut Node, trail: &Trail) -> bool {
    let Some(text) = item.as_str().map(Text::new) else { return true };
    let parsed = match volume::volume(&text) {
        Ok(parsed) => parsed,
        Err(message) => {
            refuse(loader, item, trail, message);
            return false;
        }
    };
    for ignored in parsed.ignored.into_iter().filter(|(name, _)| !CONSISTENCY.contains(&name.as_str())) {
        let name = ignored.0.clone();
        let place = part(loader, item, &text, ignored);
        let message = format!("`{name}` is no option of a volume; Compose passes over it in silence");
        loader.note(
            Finding::new(slugs::UNKNOWN_KEY, place.span, trail.text(), message)
                .tip("take it out, or use the long syntax"),
        );
    }
    let mut fields = Map::default();
    let kind = match parsed.kind {
        volume::VolumeKind::Bind => "bind",
        volume::VolumeKind::Volume => "volume",
    };
    let kind = implied(loader, item, Value::String(Text::new_static(kind)));
    field(&mut fields, "type", kind);
    if let Some(source) = parsed.source {
        field(&mut fields, "source", part(loader, item, &text, source));
    }
    let (target, range) = parsed.target.unwrap_or_default();
    let cleaned = if target.is_empty() { target } else { Text::new(path_clean(&target)) };
    let mut node = part(loader, item, &text, (target_text(&text, &range), range));
    node.value = Value::String(cleaned);
    field(&mut fields, "target", node);
    if let Some((true, range)) = parsed.read_only {
        let mut node = part(loader, item, &text, (target_text(&text, &range), range));
        node.value = Value::Bool(true);
        field(&mut fields, "read_only", node);
    }
    if let Some(bind) = parsed.bind {
        let mut options = Map::default();
        if bind.create_host_path {
            field(&mut options, "create_host_path", implied(loader, item, Value::Bool(true)));
        }
        for (key, piece) in [("propagation", bind.propagation), ("selinux", bind.selinux)] {
            if let Some(piece) = piece {
                field(&mut options, key, part(loader, item, &text, piece));
            }
        }
        field(&mut fields, "bind", item.like(Value::Map(options)));
    }
    if let Some(volume) = parsed.volume {
        let mut options = Map::default();
        if let Some(range) = volume.nocopy {
            let mut node = part(loader, item, &text, (target_text(&text, &range), range));
            node.value = Value::Bool(true);
            field(&mut options, "nocopy", node);
        }
        field(&mut fields, "volume", item.like(Value::Map(options)));
    }
    item.value = Value::Map(fields);
    true
}

fn target_text(text: &str, range: &std::ops::Range<usize>) -> Text {
    Text::new(text.get(range.clone()).unwrap_or_default())
}

fn device(loader: &mut Loader<'_>, item: &mut Node, trail: &Trail) -> bool {
    let Some(text) = item.as_str().map(Text::new) else { return true };
    let parsed = match short_pairs::device(&text) {
        Ok(parsed) => parsed,
        Err(message) => {
            refuse(loader, item, trail, message);
            return false;
        }
    };
    let mut fields = Map::default();
    let source = part(loader, item, &text, parsed.source);
    let target = parsed.target.map_or_else(|| source.clone(), |target| part(loader, item, &text, target));
    let permissions = match parsed.permissions {
        Some(permissions) => part(loader, item, &text, permissions),
        None => implied(loader, item, Value::String(Text::new_static("rwm"))),
    };
    field(&mut fields, "source", source);
    field(&mut fields, "target", target);
    field(&mut fields, "permissions", permissions);
    item.value = Value::Map(fields);
    true
}

fn ports(loader: &mut Loader<'_>, node: &mut Node, trail: &mut Trail) {
    let Value::List(entries) = &mut node.value else { return };
    let mut ports = Vec::new();
    for (index, item) in std::mem::take(entries).into_iter().enumerate() {
        trail.item(index, |trail| {
            let text = match &item.value {
                Value::Map(_) => return ports.push(item),
                Value::String(text) => text.clone(),
                Value::Int(number) => smol_str::format_smolstr!("{number}"),
                other => {
                    let message =
                        format!("a {} is no port; write `published:target` in quotes", other.kind());
                    return refuse(loader, &item, trail, message);
                }
            };
            match port::port(&text) {
                Ok(parsed) => {
                    for port in parsed {
                        ports.push(long_port(loader, &item, &text, port));
                    }
                }
                Err(message) => refuse(loader, &item, trail, message),
            }
        });
    }
    *entries = ports;
}

fn long_port(loader: &mut Loader<'_>, item: &Node, text: &str, port: port::Port) -> Node {
    let mut item = item.clone();
    if port.ranged {
        item.origin = loader.origins.hop(item.origin, Hop::Derived(item.span));
    }
    let mut fields = Map::default();
    let mode = implied(loader, &item, Value::String(Text::new_static("ingress")));
    field(&mut fields, "mode", mode);
    if let Some(host_ip) = port.host_ip {
        field(&mut fields, "host_ip", part(loader, &item, text, host_ip));
    }
    let (target, range) = port.target;
    let mut node = part(loader, &item, text, (target_text(text, &range), range));
    node.value = Value::Int(i64::from(target));
    field(&mut fields, "target", node);
    if let Some((published, range)) = port.published {
        let mut node = part(loader, &item, text, (target_text(text, &range), range));
        node.value = Value::String(published);
        field(&mut fields, "published", node);
    }
    let protocol = match port.protocol {
        (protocol, Some(range)) => {
            let mut node = part(loader, &item, text, (target_text(text, &range), range));
            node.value = Value::String(protocol);
            node
        }
        (protocol, None) => implied(loader, &item, Value::String(protocol)),
    };
    field(&mut fields, "protocol", protocol);
    item.like(Value::Map(fields))
}

fn depends_on(loader: &mut Loader<'_>, node: &mut Node, trail: &mut Trail) {
    match &mut node.value {
        Value::List(items) => {
            let mut map = Map::default();
            for item in items {
                let Some(name) = item.as_str() else { continue };
                let value = item.like(started(item, &mut loader.origins));
                map.insert(Entry { key: Text::new(name), key_span: item.span, node: value });
            }
            node.value = Value::Map(map);
        }
        Value::Map(map) => {
            for entry in &mut map.entries {
                let place = Node { value: Value::Null, span: entry.key_span, origin: entry.node.origin };
                let Value::Map(dependency) = &mut entry.node.value else { continue };
                let origin = loader.origins.implied(place.origin, "depends_on");
                for (key, value) in [
                    ("condition", Value::String(Text::new_static("service_started"))),
                    ("required", Value::Bool(true)),
                ] {
                    if !dependency.contains(key) {
                        let node = Node { value, span: place.span, origin };
                        field(dependency, key, node);
                    }
                }
            }
        }
        _ => {
            let message =
                format!("`{}` is a {}; Compose takes a list of services", trail.text(), node.value.kind());
            refuse(loader, node, trail, message);
        }
    }
}

fn build(loader: &mut Loader<'_>, node: &mut Node, trail: &mut Trail) {
    wrap(node, "context");
    let Value::Map(map) = &mut node.value else { return };
    for entry in &mut map.entries {
        let key = entry.key.clone();
        let node = &mut entry.node;
        trail.with(&key, |trail| match key.as_str() {
            "secrets" => items(loader, node, trail, |_, item, _| {
                wrap(item, "source");
                true
            }),
            "provenance" | "sbom" => {
                if let Value::Bool(value) = node.value {
                    node.value = Value::String(Text::new_static(if value { "true" } else { "false" }));
                }
            }
            "additional_contexts" => contexts(loader, node, trail),
            "ssh" => ssh(loader, node, trail),
            _ => {}
        });
    }
}

fn contexts(loader: &mut Loader<'_>, node: &mut Node, trail: &Trail) {
    if let Value::List(items) = &mut node.value {
        let files = loader.files.clone();
        let mut bad = Vec::new();
        items.retain(|item| {
            let valid = item.as_str().is_some_and(|text| text.contains('='));
            if !valid {
                bad.push(item.clone());
            }
            valid
        });
        for item in bad {
            refuse(loader, &item, trail, "a context has no address; write `name=address`".to_owned());
        }
        pairs::mapping(&files, node);
    }
}

fn ssh(loader: &mut Loader<'_>, node: &mut Node, trail: &Trail) {
    if let Value::List(items) = &node.value {
        let bad: Vec<Node> = items
            .iter()
            .filter(|item| item.as_str().is_none_or(|text| !text.contains('=') && text != "default"))
            .cloned()
            .collect();
        for item in bad {
            refuse(loader, &item, trail, "an SSH key has no path; write `default` or `id=path`".to_owned());
        }
        pairs::mapping(&loader.files, node);
    }
}

fn develop(node: &mut Node) {
    let Value::Map(map) = &mut node.value else { return };
    let Some(Value::List(watches)) = map.get_mut("watch").map(|node| &mut node.value) else { return };
    for watch in watches {
        let Value::Map(watch) = &mut watch.value else { continue };
        for key in ["ignore", "include"] {
            if let Some(node) = watch.get_mut(key) {
                one_item(node);
            }
        }
    }
}

fn schedule(node: &mut Node) {
    let Value::Map(map) = &mut node.value else { return };
    if let Some(Value::List(items)) = map.get_mut("schedule").map(|node| &mut node.value) {
        items.iter_mut().for_each(|item| wrap(item, "cron"));
    }
}

/// `external: {name: …}` is `external: true` and `name`.
fn external(loader: &mut Loader<'_>, map: &mut Map, trail: &Trail) {
    let Some(entry) = map.entry("external") else { return };
    let Value::Map(named) = &entry.node.value else { return };
    let (place, key_span) = (entry.node.like(Value::Bool(true)), entry.key_span);
    let inner = named.entry("name").cloned();
    if let Some(node) = map.get_mut("external") {
        *node = place;
    }
    let Some(inner) = inner else { return };
    let message = "`external.name` is `name` nowadays".to_owned();
    let mut finding =
        Finding::new(slugs::OBSOLETE_KEY, inner.key_span, format!("{}.external.name", trail.text()), message)
            .tip("write `external: true`, and `name:` beside it");
    if let Some(edit) = side_by_side(loader, key_span, inner.key_span).filter(|_| !map.contains("name")) {
        finding = finding.fix(Safety::Safe, "write `external: true`, and `name:` beside it", vec![edit]);
    }
    loader.note(finding);
    match map.get("name") {
        Some(name) if super::merge::same(&name.value, &inner.node.value) => {}
        Some(name) => {
            let finding = Finding::new(
                slugs::CONFLICTING_ENTRIES,
                inner.node.span,
                trail.text(),
                "`name` and `external.name` differ",
            )
            .also(name.span, "the other name")
            .tip("keep `name` only");
            loader.refuse(finding);
        }
        None => map.entries.push(Entry { key: inner.key, key_span, node: inner.node }),
    }
}

/// The edit that makes `external: true` of a mapping in block style and moves its one key out; nothing when anything
/// else than blanks stands between them.
fn side_by_side(loader: &Loader<'_>, external: Span, name: Span) -> Option<Edit> {
    let text = &loader.files.file(external.file).text;
    let (start, end) = (external.end as usize, name.start as usize);
    let between = text.get(start..end).filter(|_| external.file == name.file)?;
    let line = text[..external.start as usize].rfind('\n').map_or(0, |at| at + 1);
    let indent = &text[line..external.start as usize];
    let block = between.trim() == ":" && between.contains('\n') && indent.bytes().all(|byte| byte == b' ');
    block.then(|| Edit { span: Span::new(external.file, start, end), text: format!(": true\n{indent}") })
}
