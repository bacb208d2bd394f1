//! Two sets of objects, compared by identity and field by field.

use crate::plan::difference::{FieldChange, difference};
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
        let fields = pair.fields();
        (!fields.is_empty()).then(|| change(pair.new, What::Changed(fields)))
    });
    let mut changes: Vec<Change> = added.chain(removed).chain(changed).collect();
    changes.sort_by(|left, right| left.object.cmp(&right.object));
    changes
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
