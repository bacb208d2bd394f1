//! The Secrets that pods name: which ones they are, or what they hold.

use std::collections::BTreeSet;

use super::{Desk, Draft};
use crate::k8s::kind::Kind;
use crate::plan::address;
use crate::plan::field::{Field, Fields};
use crate::plan::knob::{Fill, Shape};
use crate::plan::object::Object;
use crate::source::Text;

/// Finds what can be chosen of the Secrets of an object.
pub fn find(desk: &mut Desk<'_, '_>, object: &Object) {
    if object.id.kind == Kind::Secret {
        values(desk, object);
        return;
    }
    store(desk, object);
    let secrets = &desk.pass.secrets;
    let mut found = Vec::new();
    address::each(&object.body, &mut |path, leaf| {
        let names_one = path.ends_with(".secretKeyRef.name")
            || path.ends_with(".secret.secretName")
            || path.ends_with(".secretRef.name")
            || path.ends_with(".secret.name")
            || object.id.kind == Kind::ExternalSecret && path == "spec.target.name"
            || object.id.kind == Kind::VaultStaticSecret && path == "spec.destination.name";
        let crate::plan::field::Scalar::Text(name) = &leaf.value else { return };
        if names_one && secrets.iter().any(|key| key.secret == *name) {
            found.push((path.to_owned(), name.clone(), leaf.clone()));
        }
    });
    for (path, name, leaf) in found {
        let keys: BTreeSet<&str> =
            secrets.iter().filter(|key| key.secret == name).map(|key| key.key.as_str()).collect();
        let keys: Vec<&str> = keys.into_iter().collect();
        let help = format!("The Secret that holds {}", keys.join(", "));
        let key = desk.names.other("secrets", &name);
        let place = desk.place(&leaf.why);
        let knob = desk.knob(&["secrets", &key, "name"], || {
            Draft::new(Shape::Text, Field::Leaf(leaf.clone()), help).at(place)
        });
        desk.fill(object, path, Fill::Whole(knob));
    }
}

/// The values of a Secret that is written: the output asks for them, and holds none.
fn values(desk: &mut Desk<'_, '_>, object: &Object) {
    let data = object.body.get("data").and_then(Field::as_map);
    let keys: Vec<(String, Field)> = data
        .into_iter()
        .flat_map(Fields::iter)
        .map(|(key, field)| (key.to_string(), field.clone()))
        .collect();
    let group = desk.names.other("secrets", &object.id.name);
    for (key, field) in keys {
        let place = desk.place_in(&field);
        let help = format!("The key `{key}` of the Secret `{}`", object.id.name);
        let knob = desk.knob(&["secrets", &group, &key], || Draft {
            shape: Shape::Text,
            default: None,
            required: true,
            help,
            place,
        });
        desk.fill(object, super::workload::below("data", &key), Fill::Secret(knob));
    }
}

/// Where an operator finds the values: for all Secrets alike.
fn store(desk: &mut Desk<'_, '_>, object: &Object) {
    const OF_EXTERNAL: [(&str, &str, &str); 3] = [
        ("kind", "spec.secretStoreRef.kind", "What holds the values: SecretStore or ClusterSecretStore"),
        ("name", "spec.secretStoreRef.name", "Its name"),
        ("refreshInterval", "spec.refreshInterval", "How often it is asked"),
    ];
    const OF_VAULT: [(&str, &str, &str); 3] = [
        ("mount", "spec.mount", "The engine that holds the values"),
        (
            "auth",
            "spec.vaultAuthRef",
            "The VaultAuth by which Vault is asked; empty for that of the operator",
        ),
        ("refreshAfter", "spec.refreshAfter", "How often it is asked"),
    ];
    let (fields, own) = match object.id.kind {
        Kind::ExternalSecret => (OF_EXTERNAL, Kind::SecretStore),
        Kind::VaultStaticSecret => (OF_VAULT, Kind::VaultAuth),
        _ => return,
    };
    // A store that the output holds has the name that it has there.
    let is_written = desk.kinds.contains(&own);
    for (name, at, help) in fields {
        if is_written && matches!(name, "kind" | "name" | "auth") {
            continue;
        }
        let keys: Vec<&str> = at.split('.').collect();
        let Some(Field::Leaf(leaf)) = object.body.at(&keys) else { continue };
        let known = desk.known.get(&[Text::new_static("secretStore"), name.into()][..]);
        let is_other = known.is_some_and(|knob| {
            desk.knobs[knob.0].default.as_ref().is_some_and(|field| !field.equals(&Field::Leaf(leaf.clone())))
        });
        // A hint says it of one Secret.
        if is_other {
            continue;
        }
        let place = desk.place(&leaf.why);
        let knob = desk.knob(&["secretStore", name], || {
            Draft::new(Shape::Text, Field::Leaf(leaf.clone()), help).at(place)
        });
        desk.fill(object, at, Fill::Whole(knob));
    }
}
