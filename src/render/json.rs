//! Objects as JSON, for machines.

use serde_json::{Map, Value};

use crate::plan::field::{Field, Fields};
use crate::plan::object::Object;

/// An object.
#[must_use]
pub fn object(object: &Object) -> Value {
    let mut whole = Map::new();
    whole.insert("apiVersion".into(), object.id.kind.api_version().into());
    whole.insert("kind".into(), object.id.kind.word().into());
    whole.append(&mut fields(&object.body));
    Value::Object(whole)
}

fn fields(mapping: &Fields) -> Map<String, Value> {
    mapping.iter().map(|(key, field)| (key.to_string(), value(field))).collect()
}

/// A field.
#[must_use]
pub fn value(field: &Field) -> Value {
    match field {
        Field::Leaf(leaf) => (&leaf.value).into(),
        Field::Map(mapping) => Value::Object(fields(mapping)),
        Field::List(list) => list.iter().map(value).collect(),
    }
}
