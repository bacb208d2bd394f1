//! Objects as JSON, for machines.

use serde_json::{Map, Value};

use crate::plan::field::{Field, Fields, Scalar};
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
        Field::Leaf(leaf) => scalar(&leaf.value),
        Field::Map(mapping) => Value::Object(fields(mapping)),
        Field::List(list) => list.iter().map(value).collect(),
    }
}

/// A value without parts.
#[must_use]
pub fn scalar(scalar: &Scalar) -> Value {
    match scalar {
        Scalar::Text(text) => text.as_str().into(),
        Scalar::Int(number) => (*number).into(),
        Scalar::Bool(switch) => (*switch).into(),
        Scalar::Number(text) => text.parse::<f64>().map_or(Value::Null, Into::into),
        Scalar::EmptyMap => Value::Object(Map::new()),
        Scalar::EmptyList => Value::Array(Vec::new()),
    }
}
