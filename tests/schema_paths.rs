//! The generated table of the schema is in step with the schema, and the schema has the paths that we know.

#[path = "schema/paths.rs"]
mod paths;
#[path = "../xtask/src/gen/shapes.rs"]
mod shapes;
#[path = "../xtask/src/gen/table.rs"]
mod table;

use paths::Place;

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
