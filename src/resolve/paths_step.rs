//! Relative paths of the model, seen from the project directory.

use std::path::Path;

use super::paths::{is_abs_windows, path_join};
use super::remote::is_repository;
use crate::source::Text;
use crate::tree::{Map, Node, Value};

/// The folder that `~` stands for. A path below it is nobody's in particular, so that no output depends on who runs us.
const HOME: &str = "/home/user";

/// Makes the paths of a model absolute.
pub fn absolute(root: &mut Node, directory: &Path) {
    let base = directory.display().to_string();
    let Value::Map(map) = &mut root.value else { return };
    for section in &mut map.entries {
        let name = section.key.clone();
        let Value::Map(members) = &mut section.node.value else { continue };
        for member in &mut members.entries {
            let Value::Map(map) = &mut member.node.value else { continue };
            match name.as_str() {
                "services" | "jobs" => workload(map, &base),
                "configs" | "secrets" => maybe(map.get_mut("file"), &base),
                "volumes" => volume(map, &base),
                _ => {}
            }
        }
    }
}

fn workload(map: &mut Map, base: &str) {
    container(map, base);
    for entry in &mut map.entries {
        match (entry.key.as_str(), &mut entry.node.value) {
            ("build", Value::Map(build)) => {
                if let Some(node) = build.get_mut("context") {
                    change(node, |path| context(path, base));
                }
                if let Some(Value::Map(contexts)) =
                    build.get_mut("additional_contexts").map(|node| &mut node.value)
                {
                    for entry in &mut contexts.entries {
                        change(&mut entry.node, |path| context(path, base));
                    }
                }
                if let Some(Value::Map(keys)) = build.get_mut("ssh").map(|node| &mut node.value) {
                    for entry in &mut keys.entries {
                        maybe(Some(&mut entry.node), base);
                    }
                }
            }
            ("extends", Value::Map(extends)) => {
                if let Some(node) = extends.get_mut("file") {
                    change(
                        node,
                        |path| if path.contains("://") { path.to_owned() } else { from(path, base) },
                    );
                }
            }
            ("pre_start", Value::List(hooks)) => {
                for hook in hooks {
                    if let Value::Map(hook) = &mut hook.value {
                        container(hook, base);
                    }
                }
            }
            ("develop", Value::Map(develop)) => {
                if let Some(Value::List(watches)) = develop.get_mut("watch").map(|node| &mut node.value) {
                    for watch in watches {
                        if let Value::Map(watch) = &mut watch.value
                            && let Some(node) = watch.get_mut("path")
                        {
                            change(node, |path| from(path, base));
                        }
                    }
                }
            }
            _ => {}
        }
    }
}

fn container(map: &mut Map, base: &str) {
    for entry in &mut map.entries {
        let Value::List(items) = &mut entry.node.value else { continue };
        for item in items {
            match (entry.key.as_str(), &mut item.value) {
                ("env_file", Value::Map(file)) => {
                    if let Some(node) = file.get_mut("path") {
                        change(node, |path| from(path, base));
                    }
                }
                ("label_file", Value::String(_)) => change(item, |path| from(path, base)),
                ("volumes", Value::Map(mount))
                    if mount.get("type").and_then(Node::as_str) == Some("bind") =>
                {
                    maybe(mount.get_mut("source"), base);
                }
                _ => {}
            }
        }
    }
}

/// A local volume that is a bind in disguise.
fn volume(map: &mut Map, base: &str) {
    if map.get("driver").and_then(Node::as_str) != Some("local") {
        return;
    }
    let Some(Value::Map(options)) = map.get_mut("driver_opts").map(|node| &mut node.value) else { return };
    if options.get("o").and_then(Node::as_str) == Some("bind") {
        maybe(options.get_mut("device"), base);
    }
}

fn change(node: &mut Node, change: impl FnOnce(&str) -> String) {
    if let Value::String(text) = &node.value {
        let changed = change(text);
        if changed != text.as_str() {
            node.value = Value::String(Text::new(changed));
        }
    }
}

/// A path of the host, which may be one of Windows.
fn maybe(node: Option<&mut Node>, base: &str) {
    if let Some(node) = node {
        change(node, |path| {
            let path = home(path);
            if path.starts_with('/') || is_abs_windows(&path) { path } else { path_join(base, &path) }
        });
    }
}

fn from(path: &str, base: &str) -> String {
    let path = home(path);
    if path.is_empty() || path.starts_with('/') { path } else { path_join(base, &path) }
}

fn context(path: &str, base: &str) -> String {
    if path.contains("://") || path.starts_with("service:") || is_repository(path) {
        path.to_owned()
    } else {
        from(path, base)
    }
}

fn home(path: &str) -> String {
    match path.strip_prefix('~') {
        Some(rest) => path_join(HOME, rest),
        None => path.to_owned(),
    }
}
