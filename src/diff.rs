//! Two sets of objects, compared by identity and field by field.

use std::collections::BTreeMap;

use crate::plan::address;
use crate::plan::field::Leaf;
use crate::plan::object::{Id, Object};
use crate::source::Text;

/// What is different about one object.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Which object.
    pub object: Id,
    /// What happened to it.
    pub what: What,
}

/// What happened to an object.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// It is new; for which services.
    Added(Vec<Text>),
    /// It is gone; for which services it was.
    Removed(Vec<Text>),
    /// Fields of it are different, in the order of their addresses.
    Changed(Vec<FieldChange>),
}

/// A field that is different.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldChange {
    /// Its address in the object.
    pub path: String,
    /// What it was, when it was there.
    pub old: Option<Leaf>,
    /// What it is, when it is there.
    pub new: Option<Leaf>,
}

/// What makes the new objects of the old ones, in the order of the objects.
#[must_use]
pub fn changes(old: &[Object], new: &[Object]) -> Vec<Change> {
    let (before, after) = (index(old), index(new));
    let mut ids: Vec<&Id> = before.keys().chain(after.keys()).copied().collect();
    ids.sort();
    ids.dedup();
    ids.into_iter().filter_map(|id| change(id, before.get(id).copied(), after.get(id).copied())).collect()
}

fn index(objects: &[Object]) -> BTreeMap<&Id, &Object> {
    objects.iter().map(|object| (&object.id, object)).collect()
}

fn change(id: &Id, old: Option<&Object>, new: Option<&Object>) -> Option<Change> {
    let what = match (old, new) {
        (None, Some(new)) => What::Added(new.owners.clone()),
        (Some(old), None) => What::Removed(old.owners.clone()),
        (Some(old), Some(new)) => {
            let fields = fields(old, new);
            if fields.is_empty() {
                return None;
            }
            What::Changed(fields)
        }
        (None, None) => return None,
    };
    Some(Change { object: id.clone(), what })
}

fn fields(old: &Object, new: &Object) -> Vec<FieldChange> {
    let (before, after) = (leaves(old), leaves(new));
    let mut paths: Vec<&String> = before.keys().chain(after.keys()).collect();
    paths.sort();
    paths.dedup();
    let mut changes = Vec::new();
    for path in paths {
        let (old, new) = (before.get(path), after.get(path));
        if !old.zip(new).is_some_and(|(left, right)| left.value == right.value) {
            let clone = |leaf: Option<&&Leaf>| leaf.map(|leaf| (*leaf).clone());
            changes.push(FieldChange { path: path.clone(), old: clone(old), new: clone(new) });
        }
    }
    changes
}

fn leaves(object: &Object) -> BTreeMap<String, &Leaf> {
    let mut leaves = BTreeMap::new();
    address::each(&object.body, &mut |path, leaf| {
        leaves.insert(path.to_owned(), leaf);
    });
    leaves
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::k8s::kind::Kind;
    use crate::plan::field::Fields;
    use crate::plan::why::Why;

    const WHY: Why = Why::Policy("a test");

    fn object(name: &str, replicas: i64, variables: &[&str]) -> Object {
        let mut body = Fields::default();
        body.map("spec").put("replicas", replicas, &WHY);
        for variable in variables {
            let item = body.map("spec").list("env").push_map();
            item.put("name", *variable, &WHY);
            item.put("value", "1", &WHY);
        }
        let id = Id { kind: Kind::Deployment, namespace: "shop".into(), name: name.into() };
        Object { id, owners: Vec::new(), folder: None, body }
    }

    #[test]
    fn objects_are_compared_by_name_and_fields_by_address() {
        let old = [object("web", 2, &["B"]), object("gone", 1, &[])];
        let new = [object("new", 1, &[]), object("web", 3, &["A", "B"])];
        let seen: Vec<String> = changes(&old, &new)
            .into_iter()
            .map(|change| match change.what {
                What::Added(_) => format!("+ {}", change.object.address("shop")),
                What::Removed(_) => format!("- {}", change.object.address("shop")),
                What::Changed(fields) => {
                    fields.iter().map(|field| field.path.as_str()).collect::<Vec<_>>().join(", ")
                }
            })
            .collect();
        let fields = "spec.env[A].name, spec.env[A].value, spec.replicas";
        assert_eq!(seen, ["- Deployment/gone", "+ Deployment/new", fields]);
    }
}
