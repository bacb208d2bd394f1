//! Two models side by side: the places where they differ.

use std::path::{Component, Path, PathBuf};

use serde_json::Value;

/// A place where the models differ.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Place {
    /// The path of keys, `services.web.ports[0].target`.
    pub(crate) path: String,
    /// What we say; nothing when the key is absent.
    pub(crate) ours: Option<Value>,
    /// What Compose says.
    pub(crate) theirs: Option<Value>,
}

impl std::fmt::Display for Place {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let said = |value: &Option<Value>| value.as_ref().map_or("absent".to_owned(), shortened);
        write!(out, "{}: ours {} / theirs {}", self.path, said(&self.ours), said(&self.theirs))
    }
}

fn shortened(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(160) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// All places where the models differ; `base` is the folder that our relative paths are seen from.
pub(crate) fn differences(ours: &Value, theirs: &Value, base: &Path) -> Vec<Place> {
    let mut comparison = Comparison { base, path: Vec::new(), found: Vec::new() };
    comparison.values(Some(ours), Some(theirs));
    comparison.found
}

struct Comparison<'a> {
    base: &'a Path,
    path: Vec<String>,
    found: Vec<Place>,
}

impl Comparison<'_> {
    fn values(&mut self, ours: Option<&Value>, theirs: Option<&Value>) {
        match (ours, theirs) {
            (Some(Value::Object(ours)), Some(Value::Object(theirs))) => {
                for (key, value) in theirs {
                    self.step(key.clone(), ours.get(key), Some(value));
                }
                for (key, value) in ours {
                    // Compose's JSON form drops the extensions below the top level; ours keeps them.
                    let extension = !self.path.is_empty() && key.starts_with("x-");
                    if !theirs.contains_key(key) && !extension {
                        self.step(key.clone(), Some(value), None);
                    }
                }
            }
            (Some(Value::Array(ours)), Some(Value::Array(theirs))) => {
                for index in 0..ours.len().max(theirs.len()) {
                    self.step(format!("[{index}]"), ours.get(index), theirs.get(index));
                }
            }
            (Some(ours), Some(theirs)) if self.same(ours, theirs) => {}
            _ => self.found.push(Place {
                path: self.path.join(".").replace(".[", "["),
                ours: ours.cloned(),
                theirs: theirs.cloned(),
            }),
        }
    }

    fn step(&mut self, key: String, ours: Option<&Value>, theirs: Option<&Value>) {
        self.path.push(key);
        self.values(ours, theirs);
        self.path.pop();
    }

    fn same(&self, ours: &Value, theirs: &Value) -> bool {
        match (ours, theirs) {
            (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
            (Value::String(a), Value::String(b)) => {
                a == b || (self.at_local_path() && clean(&self.base.join(a)) == Path::new(b))
            }
            _ => ours == theirs,
        }
    }

    /// Whether the value here is a path of this machine: ours is relative to the project, Compose's is absolute.
    fn at_local_path(&self) -> bool {
        let keys: Vec<&str> = self.path.iter().map(String::as_str).collect();
        matches!(
            keys.as_slice(),
            ["services", _, "volumes", _, "source"]
                | ["services", _, "build", "context"]
                | ["services", _, "build", "additional_contexts", _]
                | ["services", _, "develop", "watch", _, "path"]
                | ["services", _, "label_file", _]
                | ["configs" | "secrets", _, "file"]
                | ["volumes", _, "driver_opts", "device"]
        )
    }
}

fn clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                clean.pop();
            }
            other => clean.push(other),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_place_is_named_once() {
        let ours = json!({"services": {"web": {"image": "a", "ports": [{"target": 80}], "tty": true}}});
        let theirs = json!({"services": {"web": {"image": "b", "ports": [{"target": 80}, {"target": 81}]}}});
        let lines: Vec<String> =
            differences(&ours, &theirs, Path::new("/p")).iter().map(Place::to_string).collect();
        assert_eq!(
            lines,
            [
                r#"services.web.image: ours "a" / theirs "b""#,
                r#"services.web.ports[1]: ours absent / theirs {"target":81}"#,
                "services.web.tty: ours true / theirs absent",
            ]
        );
    }

    #[test]
    fn order_of_keys_nested_extensions_and_relative_sources_do_not_count() {
        let ours = json!({"x-a": 1, "services": {"web": {"x-b": 1, "cpus": 1, "image": "a",
            "volumes": [{"type": "bind", "source": "../data"}]}}});
        let theirs = json!({"services": {"web": {"image": "a", "cpus": 1.0,
            "volumes": [{"type": "bind", "source": "/data"}]}}, "x-a": 1});
        assert_eq!(differences(&ours, &theirs, Path::new("/p")), []);
    }

    #[test]
    fn an_extension_at_the_top_counts() {
        let lines = differences(&json!({"x-a": 1}), &json!({}), Path::new("/p"));
        assert_eq!(lines.iter().map(Place::to_string).collect::<Vec<_>>(), ["x-a: ours 1 / theirs absent"]);
    }
}
