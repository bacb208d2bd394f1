//! `values.schema.json`: what each choice may be.

use serde_json::{Map, Value, json};

use super::expression;
use super::values::{Entry, Level, levels};
use crate::plan::Plan;
use crate::plan::knob::{Knob, Shape};

/// A number that is written without quotes and greater than that loses digits on its way into a text.
const SAFE_NUMBER: i64 = 999_999;

/// The text of the schema.
#[must_use]
pub fn schema(plan: &Plan) -> String {
    let mut top = level(&levels(plan));
    if let Some(map) = top.as_object_mut() {
        map.insert("$schema".to_owned(), "https://json-schema.org/draft-07/schema#".into());
        // A chart that holds this one hands down what is its own.
        map.remove("additionalProperties");
    }
    format!("{top:#}\n")
}

fn level(level_of: &Level<'_>) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for (name, entry) in &level_of.entries {
        let schema = match entry {
            Entry::Level(below) => level(below),
            Entry::Knob(knob) => {
                if knob.required && !expression::is_open(knob) {
                    required.push(Value::from(name.as_str()));
                }
                one(knob)
            }
        };
        properties.insert(name.to_string(), schema);
    }
    let mut schema = json!({"type": "object", "properties": properties, "additionalProperties": false});
    if level_of.entries.iter().any(|(name, _)| *name == "imagePullSecrets") {
        schema["additionalProperties"] = true.into();
    }
    if !required.is_empty() {
        schema["required"] = Value::Array(required);
    }
    schema
}

fn one(knob: &Knob) -> Value {
    let mut schema = match knob.shape {
        Shape::Text => json!({"type": ["string", "integer"], "maximum": SAFE_NUMBER}),
        Shape::Amount => json!({"type": ["string", "integer"]}),
        Shape::Integer { least, most: Some(most) } => {
            json!({"type": "integer", "minimum": least, "maximum": most})
        }
        Shape::Integer { least, most: None } => json!({"type": "integer", "minimum": least}),
        Shape::Switch => json!({"type": "boolean"}),
        Shape::Map => json!({"type": "object"}),
        Shape::List => json!({"type": "array"}),
    };
    if !knob.help.is_empty() {
        schema["description"] = format!("{}.", knob.help).into();
    }
    if knob.required && !expression::is_open(knob) && knob.shape == Shape::Text {
        schema["minLength"] = 1.into();
    }
    schema
}
