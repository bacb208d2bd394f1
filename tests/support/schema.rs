//! Holds a document against a schema of `docs/schema`, by the words of JSON Schema that these use and no others.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use serde_json::{Map, Value};

/// What a schema may say; a word that is not here would be believed and not checked.
const WORDS: [&str; 15] = [
    "$schema",
    "$id",
    "$defs",
    "$ref",
    "title",
    "description",
    "type",
    "required",
    "properties",
    "additionalProperties",
    "items",
    "prefixItems",
    "enum",
    "const",
    "minimum",
];

/// Panics with the place where the document is not what `docs/schema/NAME.schema.json` says.
pub(crate) fn hold(name: &str, document: &Value) {
    let file = format!("{name}.schema.json");
    check(&file, read(&file), document, "$");
}

/// The schema of a file; a file is read once.
fn read(file: &str) -> &'static Value {
    static FINDINGS: OnceLock<Value> = OnceLock::new();
    static CONVERSION: OnceLock<Value> = OnceLock::new();
    match file {
        "findings.schema.json" => FINDINGS.get_or_init(|| parsed(file)),
        "conversion.schema.json" => CONVERSION.get_or_init(|| parsed(file)),
        other => panic!("no schema of ours: {other}"),
    }
}

fn parsed(file: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema").join(file);
    let text = fs::read_to_string(&path).expect("the schema is there");
    serde_json::from_str(&text).expect("the schema is JSON")
}

/// Holds a value against a schema of a file.
fn check(file: &str, schema: &Value, value: &Value, at: &str) {
    let Some(words) = schema.as_object() else {
        assert_eq!(*schema, Value::Bool(true), "{at}: nothing may be here: {value}");
        return;
    };
    for (word, said) in words {
        assert!(WORDS.contains(&word.as_str()), "{file}: `{word}` is not checked");
        match word.as_str() {
            "$ref" => follow(file, said.as_str().expect("a reference"), value, at),
            "type" => {
                let kinds = said.as_array().map_or(std::slice::from_ref(said), Vec::as_slice);
                assert!(kinds.iter().any(|kind| is_a(kind, value)), "{at}: {value} is no {said}");
            }
            "enum" => {
                assert!(said.as_array().is_some_and(|all| all.contains(value)), "{at}: {value} of {said}")
            }
            "const" => assert_eq!(value, said, "{at}"),
            "minimum" => assert!(value.as_i64() >= said.as_i64(), "{at}: {value} is below {said}"),
            _ => {}
        }
    }
    if let Some(object) = value.as_object() {
        members(file, words, object, at);
    }
    for (number, item) in value.as_array().into_iter().flatten().enumerate() {
        let first = words.get("prefixItems").and_then(|schemas| schemas.get(number));
        if let Some(schema) = first.or_else(|| words.get("items")) {
            check(file, schema, item, &format!("{at}[{number}]"));
        }
    }
}

fn members(file: &str, words: &Map<String, Value>, object: &Map<String, Value>, at: &str) {
    for name in words.get("required").and_then(Value::as_array).into_iter().flatten() {
        assert!(object.contains_key(name.as_str().expect("a name")), "{at}: {name} is missing");
    }
    for (name, value) in object {
        let known = words.get("properties").and_then(|properties| properties.get(name));
        if let Some(schema) = known.or_else(|| words.get("additionalProperties")) {
            check(file, schema, value, &format!("{at}.{name}"));
        }
    }
}

/// `#/$defs/NAME`, or the same in another file.
fn follow(file: &str, reference: &str, value: &Value, at: &str) {
    let (other, pointer) = reference.split_once('#').expect("a place in a file");
    let file = if other.is_empty() { file } else { other };
    let schema = read(file);
    check(file, schema.pointer(pointer).expect("a schema at the place"), value, at);
}

fn is_a(kind: &Value, value: &Value) -> bool {
    match kind.as_str().expect("the name of a type") {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("no type of ours: {other}"),
    }
}
