//! Two sets of objects, compared by identity and field by field.

use std::collections::BTreeMap;

use crate::plan::difference::{FieldChange, difference};
use crate::plan::field::{Leaf, Scalar};
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

/// What makes the new objects of the old ones, in the order of the objects; the order of a list is no difference.
#[must_use]
pub fn changes(old: &[Object], new: &[Object]) -> Vec<Change> {
    let difference = difference(old, new);
    let change = |object: &Object, what| Change { object: object.id.clone(), what };
    let added = difference.added.iter().map(|object| change(object, What::Added(object.owners.clone())));
    let removed =
        difference.removed.iter().map(|object| change(object, What::Removed(object.owners.clone())));
    let changed = difference.changed.iter().filter_map(|pair| {
        let fields = joined(pair.fields());
        (!fields.is_empty()).then(|| change(pair.new, What::Changed(fields)))
    });
    let mut changes: Vec<Change> = added.chain(removed).chain(changed).collect();
    changes.sort_by(|left, right| left.object.cmp(&right.object));
    changes
}

/// A port of a Service that leads where another one led is the same one under another number.
fn joined(mut fields: Vec<FieldChange>) -> Vec<FieldChange> {
    let mut gone: BTreeMap<Door, Vec<String>> = BTreeMap::new();
    let mut come: BTreeMap<Door, Vec<String>> = BTreeMap::new();
    for (item, door) in doors(&fields, |field| &field.old) {
        gone.entry(door).or_default().push(item);
    }
    for (item, door) in doors(&fields, |field| &field.new) {
        come.entry(door).or_default().push(item);
    }
    for (door, items) in gone {
        // Where several lead to one place, nobody can say which one became which.
        let ([old], Some([new])) = (&items[..], come.get(&door).map(Vec::as_slice)) else { continue };
        let (mut moved, rest): (Vec<_>, Vec<_>) =
            fields.into_iter().partition(|field| field.path.starts_with(old.as_str()));
        fields = rest;
        for field in &mut fields {
            let Some(name) = field.path.strip_prefix(new.as_str()) else { continue };
            let twin = moved.iter().position(|one| one.path.strip_prefix(old.as_str()) == Some(name));
            field.old = twin.and_then(|at| moved.swap_remove(at).old);
        }
        fields.extend(moved);
        fields.retain(|field| {
            field.old.as_ref().map(|leaf| &leaf.value) != field.new.as_ref().map(|leaf| &leaf.value)
        });
        fields.sort_by(|left, right| left.path.cmp(&right.path));
    }
    fields
}

/// Where a port leads: its protocol, and the port of the pod.
type Door = (Option<Scalar>, Option<Scalar>);

/// The ports that only one side has, by the start of their addresses.
fn doors(fields: &[FieldChange], side: impl Fn(&FieldChange) -> &Option<Leaf>) -> Vec<(String, Door)> {
    let mut doors: BTreeMap<String, Door> = BTreeMap::new();
    let one_sided = fields.iter().filter(|field| field.old.is_none() != field.new.is_none());
    for field in one_sided.filter(|field| side(field).is_some()) {
        let Some((item, name)) =
            field.path.strip_prefix("spec.ports[").and_then(|rest| rest.split_once("]."))
        else {
            continue;
        };
        let value = side(field).as_ref().map(|leaf| leaf.value.clone());
        let door = doors.entry(format!("spec.ports[{item}].")).or_default();
        match name {
            "protocol" => door.0 = value,
            "targetPort" => door.1 = value,
            _ => {}
        }
    }
    doors.into_iter().filter(|(_, door)| door.1.is_some()).collect()
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
    fn a_port_under_another_number_is_one_change() {
        let service = |doors: &[(i64, i64)]| {
            let mut body = Fields::default();
            for (port, target) in doors {
                let item = body.map("spec").list("ports").push_map();
                item.put("port", *port, &WHY);
                item.put("protocol", "TCP", &WHY);
                item.put("targetPort", *target, &WHY);
            }
            let id = Id { kind: Kind::Service, namespace: "shop".into(), name: "web".into() };
            [Object { id, owners: Vec::new(), folder: None, body }]
        };
        let seen = |old: &[(i64, i64)], new: &[(i64, i64)]| -> Vec<String> {
            let changes = changes(&service(old), &service(new));
            let fields = changes.into_iter().flat_map(|change| match change.what {
                What::Changed(fields) => fields,
                _ => Vec::new(),
            });
            let value = |leaf: &Option<Leaf>| {
                leaf.as_ref().map_or("-".to_owned(), |leaf| serde_json::Value::from(&leaf.value).to_string())
            };
            fields
                .map(|field| format!("{} {} {}", field.path, value(&field.old), value(&field.new)))
                .collect()
        };
        assert_eq!(
            seen(&[(8000, 80), (9, 9)], &[(8001, 80), (9, 9)]),
            ["spec.ports[8001/TCP].port 8000 8001"]
        );
        // One became two, and a port that leads elsewhere is another one.
        assert_eq!(seen(&[(8000, 80)], &[(8001, 80), (8002, 80)]).len(), 9);
        assert_eq!(seen(&[(8000, 80)], &[(8001, 81)]).len(), 6);
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
