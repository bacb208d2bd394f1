//! Strategic merge patches: what has to be said of an object so that Kustomize makes another of it.

use crate::k8s::merge_key::{Naming, merging};
use crate::k8s::order::rank;
use crate::plan::address::item_name;
use crate::plan::difference::Pair;
use crate::plan::field::{Field, Fields, Items, Leaf, Scalar};
use crate::plan::object::Object;
use crate::render::emit;

/// Some fields of a mapping, by their names.
type Parts<'p> = Vec<(&'p str, Node<'p>)>;

/// A part of a patch.
#[derive(Debug)]
enum Node<'p> {
    /// The field as it is to be.
    Field(&'p Field),
    /// The field goes.
    Gone,
    /// A word of the patch itself.
    Word(&'static str),
    /// Some fields of a mapping, by their names.
    Map(Parts<'p>),
    /// Some items of a list.
    List(Vec<Node<'p>>),
}

/// The key of what a patch says of itself.
const PATCH: &str = "$patch";

/// The patch that makes the new object of the old one, as a document; nothing when only the order of something differs
/// in which there is no meaning.
#[must_use]
pub fn change(pair: &Pair<'_>) -> Option<String> {
    let mut nodes = map(&pair.old.body, &pair.new.body, "");
    if nodes.is_empty() {
        return None;
    }
    let mut metadata = named(pair.new);
    match nodes.iter().position(|(key, _)| *key == "metadata").map(|at| nodes.remove(at).1) {
        Some(Node::Map(changed)) => metadata.extend(changed),
        Some(Node::Field(_) | Node::Gone | Node::Word(_) | Node::List(_)) | None => {}
    }
    nodes.push(("metadata", Node::Map(metadata)));
    Some(document(pair.new, nodes))
}

/// The patch that takes an object away, as a document.
#[must_use]
pub fn removal(object: &Object) -> String {
    document(object, vec![("metadata", Node::Map(named(object))), (PATCH, Node::Word("delete"))])
}

/// What names an object in its metadata.
fn named(object: &Object) -> Parts<'_> {
    let field = |key| Some((key, Node::Field(object.body.at(&["metadata", key])?)));
    ["name", "namespace"].into_iter().filter_map(field).collect()
}

fn document(object: &Object, nodes: Parts<'_>) -> String {
    let mut text = emit::head(object);
    write_map(&mut text, nodes, 0, false);
    text
}

/// What has to be said of a mapping; `own` is its key, as addresses have it.
fn map<'p>(old: &'p Fields, new: &'p Fields, own: &str) -> Parts<'p> {
    let mut nodes = Vec::new();
    for (key, field) in new.iter() {
        match old.get(key) {
            None => nodes.push((key.as_str(), Node::Field(field))),
            Some(old) if old.equals(field) => {}
            Some(old) => {
                let node = below(old, field, own, key);
                // A key behind which nothing stands would take the field away.
                if !matches!(&node, Node::Map(nodes) if nodes.is_empty())
                    && !matches!(&node, Node::List(nodes) if nodes.is_empty())
                {
                    nodes.push((key.as_str(), node));
                }
            }
        }
    }
    let gone = old.iter().filter(|(key, _)| new.get(key).is_none());
    nodes.extend(gone.map(|(key, _)| (key.as_str(), Node::Gone)));
    nodes
}

fn below<'p>(old: &'p Field, new: &'p Field, own: &str, key: &str) -> Node<'p> {
    match (old, new) {
        (Field::Map(old), Field::Map(new)) => Node::Map(map(old, new, key)),
        // An empty mapping changes nothing where it is merged.
        (Field::Map(old), Field::Leaf(Leaf { value: Scalar::EmptyMap, .. })) => {
            Node::Map(old.iter().map(|(key, _)| (key.as_str(), Node::Gone)).collect())
        }
        (Field::List(old), Field::List(new)) => list(old, new, own, key),
        _ => Node::Field(new),
    }
}

/// What has to be said of a list: some items, where they are found by a key, or all of them.
fn list<'p>(old: &'p Items, new: &'p Items, own: &str, key: &str) -> Node<'p> {
    let naming = merging(own, key);
    let keys: &[&str] = match &naming {
        Naming::Field(key) => &[key],
        Naming::Pair(first, second) => &[first, second],
        Naming::Metadata | Naming::Position => return Node::List(new.iter().map(Node::Field).collect()),
    };
    let (Some(before), Some(after)) = (names(old, naming, keys), names(new, naming, keys)) else {
        let whole = Node::Map(vec![(PATCH, Node::Word("replace"))]);
        return Node::List(std::iter::once(whole).chain(new.iter().map(Node::Field)).collect());
    };
    // What is said of each item: nothing of one that is new.
    let mut said: Vec<Option<Parts<'p>>> = Vec::new();
    for (item, name) in new.iter().zip(&after) {
        let former = before.iter().position(|known| known == name).and_then(|at| old.iter().nth(at));
        let pair = former.and_then(Field::as_map).zip(item.as_map());
        said.push(pair.map(|(old, new)| map(old, new, &format!("{key}[{name}]"))));
    }
    let placed = if has_order(key, new) { placed(&before, &after, &said) } else { 0 };
    let mut nodes = Vec::new();
    for (at, (item, said)) in new.iter().zip(said).enumerate() {
        match (said, item.as_map()) {
            (Some(said), Some(_)) if said.is_empty() && at >= placed => {}
            (Some(said), Some(fields)) => {
                let node = by_keys(fields, keys).into_iter().chain(said).collect();
                nodes.push(Node::Map(node));
            }
            (None, _) | (_, None) => nodes.push(Node::Field(item)),
        }
    }
    let gone = old.iter().zip(&before).filter(|(_, name)| !after.contains(name));
    nodes.extend(gone.filter_map(|(item, _)| {
        let mut node = by_keys(item.as_map()?, keys);
        node.push((PATCH, Node::Word("delete")));
        Some(Node::Map(node))
    }));
    Node::List(nodes)
}

/// The names of all items, when each has all its keys, and no two have the same.
fn names(items: &Items, naming: Naming, keys: &[&str]) -> Option<Vec<String>> {
    let mut names = Vec::new();
    for item in items.iter() {
        let whole = item.as_map().is_some_and(|fields| keys.iter().all(|key| fields.get(key).is_some()));
        let name = item_name(naming, item).filter(|name| whole && !names.contains(name))?;
        names.push(name);
    }
    Some(names)
}

fn by_keys<'p>(fields: &'p Fields, keys: &[&'p str]) -> Parts<'p> {
    keys.iter().filter_map(|key| Some((*key, Node::Field(fields.get(key)?)))).collect()
}

/// Whether the order of a list means something: containers start in it, hosts are looked up in it, and a variable sees
/// those before it.
fn has_order(key: &str, items: &Items) -> bool {
    let refers = |item: &Field| {
        let value = item.as_map().and_then(|fields| fields.get("value")).and_then(Field::as_text);
        value.is_some_and(|value| value.contains("$("))
    };
    match key {
        "containers" | "initContainers" | "hostAliases" => true,
        "env" => items.iter().any(refers),
        _ => false,
    }
}

/// How many of the first items the patch has to name: Kustomize puts those of a patch first, and then what else there
/// was, in its order.
fn placed(before: &[String], after: &[String], said: &[Option<Parts<'_>>]) -> usize {
    let is_same = |said: &Option<Parts<'_>>| said.as_ref().is_some_and(Vec::is_empty);
    let least = said.iter().rposition(|said| !is_same(said)).map_or(0, |at| at + 1);
    let fits = |count: &usize| {
        let (first, rest) = after.split_at(*count);
        let left = before.iter().filter(|name| !first.contains(name) && after.contains(name));
        left.eq(rest.iter())
    };
    (least..after.len()).find(fits).unwrap_or(after.len())
}

/// Writes fields in the order in which people write them; `inline` when the first one stands behind a dash.
fn write_map(text: &mut String, mut nodes: Parts<'_>, indent: usize, mut inline: bool) {
    nodes.sort_by_key(|(key, _)| rank(key));
    for (key, node) in nodes {
        emit::line(text, if std::mem::take(&mut inline) { 0 } else { indent }, key);
        write(text, node, indent);
    }
}

fn write(text: &mut String, node: Node<'_>, indent: usize) {
    match node {
        Node::Field(field) => emit::field(text, field, indent),
        Node::Gone => text.push_str(" null\n"),
        Node::Word(word) => text.push_str(&format!(" {word}\n")),
        Node::Map(nodes) => {
            text.push('\n');
            write_map(text, nodes, indent + 2, false);
        }
        Node::List(nodes) => {
            text.push('\n');
            for node in nodes {
                match node {
                    Node::Map(nodes) => {
                        emit::dash(text, indent);
                        text.push(' ');
                        write_map(text, nodes, indent + 2, true);
                    }
                    Node::Field(field) => emit::item(text, field, indent),
                    Node::Gone | Node::Word(_) | Node::List(_) => {}
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::k8s::kind::Kind;
    use crate::plan::object::Id;
    use crate::plan::why::Why;

    const WHY: Why = Why::Policy("a test");

    fn pod(containers: &[(&str, &[(&str, &str)])]) -> Object {
        let mut body = Fields::default();
        body.map("metadata").put("name", "web", &WHY);
        for (name, variables) in containers {
            let container = body.map("spec").list("containers").push_map();
            container.put("name", *name, &WHY);
            for (name, value) in *variables {
                let variable = container.list("env").push_map();
                variable.put("name", *name, &WHY);
                variable.put("value", *value, &WHY);
            }
        }
        let id = Id { kind: Kind::Deployment, namespace: "shop".into(), name: "web".into() };
        Object { id, owners: Vec::new(), folder: None, body }
    }

    fn said(old: &Object, new: &Object) -> String {
        let text = change(&Pair { old, new }).unwrap_or_default();
        let head = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  containers:\n";
        text.strip_prefix(head).unwrap_or(&text).to_owned()
    }

    #[test]
    fn a_patch_names_what_differs_and_nothing_else() {
        let old = pod(&[("web", &[("A", "1"), ("B", "2"), ("C", "3")])]);
        let new = pod(&[("web", &[("A", "1"), ("B", "5"), ("D", "4")])]);
        let expected = "  - name: web\n    env:\n    - name: B\n      value: \"5\"\n    - name: D\n      value: \"4\"\n    - name: C\n      $patch: delete\n";
        assert_eq!(said(&old, &new), expected);
        let bare = pod(&[("web", &[])]);
        assert_eq!(said(&old, &bare), "  - name: web\n    env: null\n");
    }

    #[test]
    fn where_the_order_means_something_the_items_before_are_named() {
        let old = pod(&[("one", &[]), ("two", &[]), ("three", &[])]);
        let new = pod(&[("one", &[]), ("new", &[]), ("two", &[]), ("three", &[])]);
        assert_eq!(said(&old, &new), "  - name: one\n  - name: new\n");
        let moved = pod(&[("two", &[]), ("one", &[]), ("three", &[])]);
        assert_eq!(said(&old, &moved), "  - name: two\n");
        let old = pod(&[("web", &[("A", "1"), ("B", "2")])]);
        let new = pod(&[("web", &[("A", "1"), ("B", "$(A)")])]);
        assert_eq!(
            said(&old, &new),
            "  - name: web\n    env:\n    - name: A\n    - name: B\n      value: \"$(A)\"\n"
        );
    }

    #[test]
    fn an_order_that_means_nothing_is_no_change() {
        let old = pod(&[("web", &[("A", "1"), ("B", "2")])]);
        let new = pod(&[("web", &[("B", "2"), ("A", "1")])]);
        assert_eq!(change(&Pair { old: &old, new: &new }), None);
    }

    #[test]
    fn an_object_that_goes_is_named() {
        assert_eq!(
            removal(&pod(&[])),
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n$patch: delete\n"
        );
    }
}
