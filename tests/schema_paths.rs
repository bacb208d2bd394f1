//! The generated table is in step with the schema, and every path of the schema has a field in the model.

#[path = "schema/paths.rs"]
mod paths;
#[path = "../xtask/src/gen/shapes.rs"]
mod shapes;
#[path = "../xtask/src/gen/table.rs"]
mod table;

use std::collections::BTreeSet;

use paths::Place;
use transship::compose::codec::Codec;
use transship::compose::project::Model;

fn schema() -> serde_json::Value {
    serde_json::from_str(include_str!("../src/resolve/compose-spec.json")).expect("the schema is JSON")
}

/// The counts change only with a new version of the schema; then each new path needs a field in the model.
#[test]
fn schema_has_the_known_number_of_paths() {
    let paths = paths::paths(&schema());
    let count = |place: Place| paths.values().filter(|other| **other == place).count();
    let (leaves, branches) = (count(Place::Leaf), count(Place::Branch));
    assert_eq!((leaves + branches, leaves, count(Place::Extension)), (965, 647, 87));
    assert_eq!(paths.get("services.*.ports[].target"), Some(&Place::Leaf));
    assert_eq!(paths.get("services.*.ports[].x-*"), Some(&Place::Extension));
}

#[test]
fn generated_table_is_in_step_with_the_schema() {
    let shapes = shapes::read(&schema()).expect("every keyword of the schema is understood");
    let text = table::write(&shapes).expect("every pattern of the schema is understood");
    assert_eq!(text, include_str!("../src/resolve/schema/table.rs"), "run `cargo xtask gen`");
}

/// Whether the loader leaves nothing of a path in the model, for a reason.
fn is_used_up(path: &str) -> bool {
    // The included files become part of the project.
    path == "include" || path.starts_with("include[]")
        // Compose ignores it.
        || path == "version"
        // The old form of `external: true` and `name`.
        || path.contains(".external.")
        // The schema puts it beside the list; a list has no keys, its items have.
        || path.ends_with(".gpus.x-*")
}

/// What the model has beyond the schema, which leaves these mappings open.
const WITHOUT_PATH: [&str; 2] = [".storage_opt.*", ".gpus[].x-*"];

/// A list that is a short form of a mapping is in the model as the mapping.
fn is_in_model(path: &str, fields: &BTreeSet<String>) -> bool {
    let is_short_form =
        path.strip_suffix("[]").is_some_and(|mapping| fields.contains(&format!("{mapping}.*")));
    fields.contains(path) || is_short_form || is_used_up(path)
}

#[test]
fn every_path_of_the_schema_has_a_field_in_the_model() {
    let mut fields = Vec::new();
    Model::fields("", &mut fields);
    let fields: BTreeSet<String> =
        fields.iter().map(|field| field.trim_start_matches('.').to_owned()).collect();
    let paths = paths::paths(&schema());
    let without_field: Vec<&String> = paths.keys().filter(|path| !is_in_model(path, &fields)).collect();
    assert_eq!(without_field, [""; 0]);
    let is_known =
        |field: &str| paths.contains_key(field) || WITHOUT_PATH.iter().any(|end| field.ends_with(end));
    let without_path: Vec<&String> = fields.iter().filter(|field| !is_known(field)).collect();
    assert_eq!(without_path, [""; 0]);
}
