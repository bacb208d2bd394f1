//! Objects as JSON, for machines.

use serde_json::{Map, Value};

use crate::plan::object::Object;

/// An object.
#[must_use]
pub fn object(object: &Object) -> Value {
    let mut whole = Map::new();
    whole.insert("apiVersion".into(), object.id.kind.api_version().into());
    whole.insert("kind".into(), object.id.kind.word().into());
    whole.extend(object.body.iter().map(|(key, field)| (key.to_string(), field.into())));
    Value::Object(whole)
}
