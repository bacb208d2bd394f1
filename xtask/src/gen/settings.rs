//! The schema of `transship.toml`, for editors, from the table of its keys.

use serde_json::{Map, Value, json};

#[path = "../../../src/settings/keys.rs"]
#[expect(unreachable_pub, reason = "the table belongs to the crate that reads the file")]
mod keys;

use super::front::Rule;
use keys::{Key, Shape, TOP};

/// The text of `docs/transship.schema.json`.
pub(crate) fn schema(rules: &[Rule]) -> String {
    let names: Vec<&str> = rules.iter().map(|rule| rule.slug.as_str()).collect();
    let mut schema = Map::new();
    schema.insert("$schema".into(), "http://json-schema.org/draft-07/schema#".into());
    schema.insert("title".into(), "transship.toml".into());
    schema.insert(
        "description".into(),
        "What transship holds the Compose projects in a folder and below it against".into(),
    );
    let top = table(TOP, &names);
    schema.extend(top.as_object().expect("a table has an object for a schema").clone());
    format!("{:#}\n", Value::Object(schema))
}

fn table(keys: &[Key], rules: &[&str]) -> Value {
    let property = |key: &Key| {
        let mut value = shape(key.shape, rules);
        value["description"] = key.says.into();
        (key.name.to_owned(), value)
    };
    let properties: Map<String, Value> = keys.iter().map(property).collect();
    let required: Vec<&str> = keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    let mut table = json!({"type": "object", "additionalProperties": false, "properties": properties});
    if !required.is_empty() {
        table["required"] = json!(required);
    }
    table
}

fn shape(shape: Shape, rules: &[&str]) -> Value {
    match shape {
        Shape::Word(words) => json!({"enum": words}),
        Shape::Text => json!({"type": "string"}),
        Shape::Flag => json!({"type": "boolean"}),
        Shape::Texts => json!({"type": "array", "items": {"type": "string"}}),
        Shape::Pairs => json!({"type": "object", "additionalProperties": {"type": ["string", "integer"]}}),
        Shape::Rules(words) => json!({
            "type": "object",
            "propertyNames": {"enum": rules},
            "additionalProperties": {"enum": words},
        }),
        Shape::Rule => json!({"enum": rules}),
        Shape::Table(keys) => table(keys, rules),
        Shape::Tables(keys) => json!({"type": "array", "items": table(keys, rules)}),
    }
}
