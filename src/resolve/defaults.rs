//! What Compose fills in before the model is checked.

use super::context::Loader;
use crate::source::Text;
use crate::source::span::Span;
use crate::tree::{Entry, Map, Node, Value};

/// A mapping of fewer entries grows by one at a time.
const FEW: usize = 64;

/// Fills in what is implied.
pub fn fill(loader: &mut Loader<'_>, root: &mut Node) {
    let Value::Map(map) = &mut root.value else { return };
    for section in &mut map.entries {
        let service = section.key == "services";
        if !service && section.key != "jobs" {
            continue;
        }
        let Value::Map(members) = &mut section.node.value else { continue };
        for member in &mut members.entries {
            if let Value::Map(map) = &mut member.node.value {
                workload(loader, map, service);
            }
        }
    }
}

fn workload(loader: &mut Loader<'_>, map: &mut Map, service: bool) {
    for entry in &mut map.entries {
        let key_span = entry.key_span;
        match (entry.key.as_str(), &mut entry.node.value) {
            ("build", Value::Map(build)) => set(loader, build, key_span, "context", text(".")),
            ("secrets", Value::List(items)) => each(items, |secret, span| {
                let source = secret.get("source").and_then(Node::as_str).unwrap_or_default();
                let target = smol_str::format_smolstr!("/run/secrets/{source}");
                set(loader, secret, span, "target", Value::String(target));
            }),
            ("ports", Value::List(items)) => each(items, |port, span| {
                set(loader, port, span, "protocol", text("tcp"));
                set(loader, port, span, "mode", text("ingress"));
            }),
            ("gpus", Value::List(items)) => each(items, |request, span| all_devices(loader, request, span)),
            ("volumes", Value::List(items)) => each(items, |mount, _| {
                if let Some(entry) = mount.entries.iter_mut().find(|entry| entry.key == "bind")
                    && let Value::Map(bind) = &mut entry.node.value
                {
                    set(loader, bind, entry.key_span, "create_host_path", Value::Bool(true));
                }
            }),
            ("deploy", Value::Map(deploy)) if service => {
                let resources = deploy.get_mut("resources").and_then(|node| below(node, "reservations"));
                if let Some(Value::List(items)) =
                    resources.and_then(|node| below(node, "devices")).map(|node| &mut node.value)
                {
                    each(items, |request, span| all_devices(loader, request, span));
                }
            }
            _ => {}
        }
    }
}

fn below<'a>(node: &'a mut Node, key: &str) -> Option<&'a mut Node> {
    match &mut node.value {
        Value::Map(map) => map.get_mut(key),
        _ => None,
    }
}

fn each(items: &mut [Node], mut change: impl FnMut(&mut Map, Span)) {
    for item in items {
        let span = item.span;
        if let Value::Map(map) = &mut item.value {
            change(map, span);
        }
    }
}

fn all_devices(loader: &mut Loader<'_>, request: &mut Map, span: Span) {
    if !request.contains("device_ids") {
        set(loader, request, span, "count", text("all"));
    }
}

fn text(text: &'static str) -> Value {
    Value::String(Text::new_static(text))
}

/// Sets a key that is not there; its place is that of what it belongs to.
pub fn set(loader: &mut Loader<'_>, map: &mut Map, span: Span, key: &'static str, value: Value) {
    if map.contains(key) {
        return;
    }
    let base = map.entries.first().map(|entry| entry.node.origin).unwrap_or_default();
    let origin = loader.origins.implied(base, key);
    let node = Node { value, span, origin };
    if map.entries.len() < FEW {
        // There are many short mappings; room for twice as much in each of them is much.
        map.entries.reserve_exact(1);
    }
    map.entries.push(Entry { key: Text::new_static(key), key_span: span, node });
}
