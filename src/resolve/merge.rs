//! A later file, or the local half of an `extends`, on top of what is there: Compose's merge rules.

use std::collections::HashMap;

use super::pairs;
use super::short::pairs::ends_in_blank;
use super::trail::Trail;
use crate::source::Text;
use crate::source::files::Files;
use crate::source::origin::{Hop, Origins};
use crate::tree::{Entry, Map, Node, Value};

/// Why two values cannot be merged: the overriding one, where it stands, and the sentence.
#[derive(Debug)]
pub struct Clash {
    /// The overriding value.
    pub node: Node,
    /// Where.
    pub path: String,
    /// What would be valid.
    pub message: String,
}

/// What merging needs at hand.
pub struct Merge<'a> {
    /// The texts that values stand in.
    pub files: &'a Files,
    /// Where the ways of values are kept.
    pub origins: &'a mut Origins,
    /// What could not be merged; the earlier value stayed.
    pub clashes: Vec<Clash>,
}

/// A rule of a path that is not "mappings by key, lists one after the other, scalars by the later one".
enum Special {
    /// The later value replaces all.
    Replace,
    /// `KEY=VALUE` lists and mappings, by key.
    KeyValue,
    /// A string is a list of one, a mapping a list of `KEY=VALUE`.
    Sequence,
    /// A list of names is a mapping of names to nothing.
    Names,
    /// A list of names is a mapping of names to their condition.
    DependsOn,
    /// A string is the context.
    Build,
    /// Options of the same driver only.
    Logging,
    /// A pair merges with a pair only.
    Ulimit,
    /// Pools by their subnet.
    Pools,
}

fn special(trail: &Trail) -> Option<Special> {
    let keys: Vec<&str> = trail.keys().iter().map(Text::as_str).collect();
    Some(match keys.as_slice() {
        ["services" | "jobs", _, rest @ ..] => match rest {
            ["annotations" | "environment" | "labels" | "sysctls"]
            | ["build", "args" | "additional_contexts" | "labels"]
            | ["volumes", _, "volume", "labels"] => Special::KeyValue,
            ["deploy", "labels"] if keys[0] == "services" => Special::KeyValue,
            ["build"] => Special::Build,
            ["command" | "entrypoint"] | ["healthcheck", "test"] => Special::Replace,
            ["depends_on"] => Special::DependsOn,
            ["dns" | "dns_opt" | "dns_search" | "env_file" | "label_file" | "extra_hosts" | "tmpfs"]
            | ["build", "extra_hosts"] => Special::Sequence,
            ["logging"] => Special::Logging,
            ["models" | "networks"] => Special::Names,
            ["ulimits", _] => Special::Ulimit,
            _ => return None,
        },
        ["networks", _, "ipam", "config"] => Special::Pools,
        ["networks" | "volumes" | "secrets" | "configs", _, "labels"] => Special::KeyValue,
        _ => return None,
    })
}

impl Merge<'_> {
    /// `over` on top of `base`, both at `trail`.
    pub fn merge(&mut self, base: Node, over: Node, trail: &mut Trail) -> Node {
        let Some(special) = special(trail) else {
            return self.plain(base, over, trail);
        };
        match special {
            Special::Replace => self.replace(&base, over),
            Special::KeyValue => self.key_values(base, over),
            Special::Sequence => {
                let mut items = sequence(base.clone());
                append(&mut items, sequence(over));
                base.like(Value::List(items))
            }
            Special::Names | Special::DependsOn => {
                let condition = matches!(special, Special::DependsOn);
                let origins = &mut *self.origins;
                match (names(base.clone(), condition, origins), names(over.clone(), condition, origins)) {
                    (Some(left), Some(right)) => self.mappings(base.like(Value::Null), left, right, trail),
                    _ => self.clash(base, over, trail, "a list of names or a mapping"),
                }
            }
            Special::Build => match (context(base.clone()), context(over.clone())) {
                (Some(left), Some(right)) => self.mappings(base.like(Value::Null), left, right, trail),
                (None, _) => over,
                (_, None) => base,
            },
            Special::Logging => self.logging(base, over, trail),
            Special::Ulimit => match (base.value, over.value) {
                (Value::Map(left), Value::Map(right)) => {
                    let place = Node { value: Value::Null, span: base.span, origin: base.origin };
                    self.mappings(place, left, right, trail)
                }
                (_, value) => Node { value, span: over.span, origin: over.origin },
            },
            Special::Pools => self.pools(base, over, trail),
        }
    }

    fn plain(&mut self, base: Node, over: Node, trail: &mut Trail) -> Node {
        if over.is_null() {
            return base;
        }
        match (base.value, over.value) {
            (Value::Map(left), Value::Map(right)) => {
                let place = Node { value: Value::Null, span: base.span, origin: base.origin };
                self.mappings(place, left, right, trail)
            }
            (Value::List(mut left), Value::List(right)) => {
                append(&mut left, right);
                Node { value: Value::List(left), span: base.span, origin: base.origin }
            }
            (value @ (Value::Map(_) | Value::List(_)), other) => {
                let wanted = value.kind();
                let base = Node { value, span: base.span, origin: base.origin };
                let over = Node { value: other, span: over.span, origin: over.origin };
                self.clash(base, over, trail, wanted)
            }
            (value, other) => {
                let base = Node { value, span: base.span, origin: base.origin };
                self.replace(&base, Node { value: other, span: over.span, origin: over.origin })
            }
        }
    }

    /// Two mappings by key; what only one of them has stays, at its place.
    pub fn mappings(&mut self, place: Node, left: Map, right: Map, trail: &mut Trail) -> Node {
        let mut slots: Vec<Option<Entry>> = left.entries.into_iter().map(Some).collect();
        let index: HashMap<Text, usize> = slots
            .iter()
            .enumerate()
            .filter_map(|(at, slot)| slot.as_ref().map(|entry| (entry.key.clone(), at)))
            .collect();
        for entry in right.entries {
            let slot = index.get(&entry.key).copied();
            let Some((slot, old)) = slot.and_then(|slot| slots[slot].take().map(|old| (slot, old))) else {
                slots.push(Some(entry));
                continue;
            };
            let replaced = matches!(old.node.value, Value::Map(_) | Value::List(_));
            let key_span = if replaced { old.key_span } else { entry.key_span };
            let key = entry.key;
            let node = trail.with(&key, |trail| self.merge(old.node, entry.node, trail));
            slots[slot] = Some(Entry { key, key_span, node });
        }
        let entries = slots.into_iter().flatten().collect();
        Node { value: Value::Map(Map { entries }), span: place.span, origin: place.origin }
    }

    fn replace(&mut self, base: &Node, mut over: Node) -> Node {
        if over.span != base.span {
            over.origin = self.origins.hop(over.origin, Hop::Override(base.span));
        }
        over
    }

    fn clash(&mut self, base: Node, over: Node, trail: &Trail, wanted: &str) -> Node {
        let message = format!(
            "a {} cannot override what an earlier file has here: a {wanted} is needed",
            over.value.kind()
        );
        self.clashes.push(Clash { node: over, path: trail.text(), message });
        base
    }

    /// Entries by key, the last one at the place of the first. Two lists stay a list; a list beside a mapping becomes
    /// one, so that every entry keeps its own place.
    fn key_values(&mut self, base: Node, over: Node) -> Node {
        let place = base.like(Value::Null);
        match (base.value, over.value) {
            (Value::List(left), Value::List(right)) => {
                let name = |node: &Node| pairs::name(node.as_str().unwrap_or_default());
                let items = self.last_of_each(left.into_iter().chain(right), name, |node| node);
                place.like(Value::List(items))
            }
            (left, right) => {
                let left = pairs::entries(self.files, place.like(left));
                let right =
                    pairs::entries(self.files, Node { value: right, span: over.span, origin: over.origin });
                // What only a list may say stays in a list: the checks of lists and mappings differ.
                let odd = |entry: &Entry| entry.key.is_empty() || ends_in_blank(&entry.key);
                if left.iter().chain(&right).any(odd) {
                    let name = |node: &Node| pairs::name(node.as_str().unwrap_or_default());
                    let items = left.into_iter().chain(right).flat_map(entry_items);
                    return place.like(Value::List(self.last_of_each(items, name, |node| node)));
                }
                let name = |entry: &Entry| entry.key.clone();
                let entries = self.last_of_each(left.into_iter().chain(right), name, |entry| &mut entry.node);
                place.like(Value::Map(Map { entries }))
            }
        }
    }

    fn last_of_each<T>(
        &mut self,
        items: impl Iterator<Item = T>,
        name: impl Fn(&T) -> Text,
        node: impl Fn(&mut T) -> &mut Node,
    ) -> Vec<T> {
        let mut index: HashMap<Text, usize> = HashMap::new();
        let mut kept: Vec<T> = Vec::new();
        for mut item in items {
            match index.entry(name(&item)) {
                std::collections::hash_map::Entry::Occupied(at) => {
                    let old = node(&mut kept[*at.get()]).span;
                    let new = node(&mut item);
                    if new.span != old {
                        new.origin = self.origins.hop(new.origin, Hop::Override(old));
                    }
                    kept[*at.get()] = item;
                }
                std::collections::hash_map::Entry::Vacant(free) => {
                    free.insert(kept.len());
                    kept.push(item);
                }
            }
        }
        kept
    }

    fn logging(&mut self, base: Node, over: Node, trail: &mut Trail) -> Node {
        let (Some(left), Some(right)) = (base.as_map(), over.as_map()) else {
            return self.clash(base, over, trail, "mapping");
        };
        let same_driver = match (left.get("driver"), right.get("driver")) {
            (Some(left), Some(right)) => same(&left.value, &right.value),
            _ => true,
        };
        if !same_driver {
            return self.replace(&base, over);
        }
        let place = base.like(Value::Null);
        match (base.value, over.value) {
            (Value::Map(left), Value::Map(right)) => self.mappings(place, left, right, trail),
            _ => place,
        }
    }

    fn pools(&mut self, base: Node, over: Node, trail: &mut Trail) -> Node {
        let (Some(left), Some(right)) = (base.as_list(), over.as_list()) else {
            return self.clash(base, over, trail, "list");
        };
        let subnet =
            |node: &Node| node.as_map().and_then(|map| map.get("subnet")).map(|node| node.value.clone());
        let equal = |left: &Option<Value>, right: &Option<Value>| match (left, right) {
            (Some(left), Some(right)) => same(left, right),
            (None, None) => true,
            _ => false,
        };
        let mut pools: Vec<Node> = Vec::new();
        for original in left {
            for other in right {
                let name = subnet(other);
                if !equal(&name, &subnet(original)) && !pools.iter().any(|pool| equal(&subnet(pool), &name)) {
                    pools.push(other.clone());
                    continue;
                }
                let merged = match (&original.value, &other.value) {
                    (Value::Map(one), Value::Map(two)) => {
                        self.mappings(original.like(Value::Null), one.clone(), two.clone(), trail)
                    }
                    _ => other.clone(),
                };
                match pools.iter().position(|pool| equal(&subnet(pool), &subnet(&merged))) {
                    Some(at) => pools[at] = merged,
                    None => pools.push(merged),
                }
            }
        }
        // Of an empty list on either side Compose makes nothing, which is no list for it any more.
        if pools.is_empty() {
            return over.like(Value::Null);
        }
        base.like(Value::List(pools))
    }
}

/// The value as a list: a string is one item, a mapping one item for each key and value.
fn sequence(node: Node) -> Vec<Node> {
    match node.value {
        Value::List(items) => items,
        Value::String(_) => vec![node],
        Value::Map(map) => {
            let mut items: Vec<Node> = map.entries.into_iter().flat_map(entry_items).collect();
            items.sort_by(|left, right| left.as_str().cmp(&right.as_str()));
            items
        }
        _ => Vec::new(),
    }
}

fn entry_items(entry: Entry) -> Vec<Node> {
    let Entry { key, key_span, node } = entry;
    let values = match node.value {
        Value::List(values) => values,
        Value::Null => return vec![Node { value: Value::String(key), span: key_span, origin: node.origin }],
        _ => vec![node],
    };
    let item = |value: Node| {
        let text = value.value.scalar_text().unwrap_or_default();
        value.like(Value::String(smol_str::format_smolstr!("{key}={text}")))
    };
    values.into_iter().map(item).collect()
}

/// The value as a mapping by name.
fn names(node: Node, condition: bool, origins: &mut Origins) -> Option<Map> {
    let mut named = |name: Text, node: &Node| {
        let value = if condition { started(node, origins) } else { Value::Null };
        Entry { key: name, key_span: node.span, node: node.like(value) }
    };
    match &node.value {
        Value::Null => Some(Map::default()),
        Value::String(name) => Some(Map { entries: vec![named(name.clone(), &node)] }),
        Value::List(items) => {
            let mut map = Map::default();
            for item in items {
                map.insert(named(Text::new(item.as_str()?), item));
            }
            Some(map)
        }
        Value::Map(map) => Some(map.clone()),
        _ => None,
    }
}

/// What a bare name in `depends_on` stands for, at the place of the name.
#[must_use]
pub fn started(node: &Node, origins: &mut Origins) -> Value {
    let origin = origins.implied(node.origin, "depends_on");
    let entry = |key: &'static str, value| Entry {
        key: Text::new_static(key),
        key_span: node.span,
        node: Node { value, span: node.span, origin },
    };
    Value::Map(Map {
        entries: vec![
            entry("condition", Value::String(Text::new_static("service_started"))),
            entry("required", Value::Bool(true)),
        ],
    })
}

fn context(node: Node) -> Option<Map> {
    match node.value {
        Value::Map(map) => Some(map),
        Value::String(_) => {
            let key_span = node.span;
            Some(Map { entries: vec![Entry { key: Text::new_static("context"), key_span, node }] })
        }
        _ => None,
    }
}

/// Appends what is not strictly there already.
fn append(base: &mut Vec<Node>, over: Vec<Node>) {
    for node in over {
        if !base.iter().any(|old| same(&old.value, &node.value)) {
            base.push(node);
        }
    }
}

/// Whether two values are equal, wherever they stand and in whatever order their keys come.
#[must_use]
pub fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Map(left), Value::Map(right)) => {
            left.entries.len() == right.entries.len()
                && left.entries.iter().all(|entry| {
                    right.get(&entry.key).is_some_and(|other| same(&entry.node.value, &other.value))
                })
        }
        (Value::List(left), Value::List(right)) => {
            left.len() == right.len()
                && left.iter().zip(right).all(|(left, right)| same(&left.value, &right.value))
        }
        _ => left == right,
    }
}
