//! The YAML test suite: every valid case gives its tree, every invalid one a problem, and each exception has a reason.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use transship::source::origin::{OriginId, Origins};
use transship::source::span::FileId;
use transship::tree::{Node, Value};
use transship::yaml::{Parsed, parse};

/// The cases, one a line; where they come from stands in the README beside them.
const CASES: &str = include_str!("../testdata/yaml-suite/cases.jsonl");

/// Cases that go another way on purpose, after the reason; go-yaml goes the same way in each of them.
const EXCEPTIONS: &[(&str, &[&str])] = &[
    (
        "null is a key there, and Compose takes only strings",
        &[
            "2JQS", "6M2F", "CFD4", "DFF7", "FH7J", "FRK4", "M2N8/00", "NHX8", "NKF9", "PW8X", "S3PD",
            "SM9W/01", "UKK6/00",
        ],
    ),
    ("go-yaml does not know the escape `\\/`", &["3UYS"]),
    (
        "a collection is a key there, and Compose takes only strings",
        &[
            "4FJ6", "6BFJ", "6PBE", "9MMW", "KK5P", "LX3P", "M2N8/01", "M5DY", "Q9WF", "RZP5", "SBG9",
            "V9D5", "X38W", "XW4D",
        ],
    ),
    ("`!!binary` is decoded, and JSON can only say the base64", &["565N"]),
    (
        "go-yaml refuses a tab where a key could start",
        &["6BCT", "6CA3", "A2M4", "DK95/00", "DK95/03", "DK95/04", "DK95/07", "Q5MG", "Y79Y/010"],
    ),
    ("go-yaml wants `---` for a document after `...`", &["7Z25", "M7A3"]),
    ("the parser lets brackets go on at any indentation, as go-yaml does", &["9C9N"]),
    ("go-yaml takes a last line of blanks without a line break for no line", &["JEF9/02"]),
    ("go-yaml invents no line break at the end of a file", &["L24T/01"]),
    ("go-yaml takes the tag `!` for none", &["S4JQ"]),
    ("a date is a timestamp, and JSON can only say its text", &["UGM3"]),
];

/// Nothing when the case goes as the suite says, else how it goes.
fn judge(case: &Json) -> Option<String> {
    let text = case["yaml"].as_str()?;
    let parsed =
        parse(FileId(0), text.strip_prefix('\u{FEFF}').unwrap_or(text), &mut Origins::default(), OriginId(0));
    if case["error"] == Json::Bool(true) {
        return parsed
            .problems
            .is_empty()
            .then(|| "the input is invalid, and no problem is reported".to_owned());
    }
    if let Some(problem) = parsed.problems.first() {
        return Some(format!("{:?}: {}", problem.kind, problem.message));
    }
    let expected = case["json"].as_array()?;
    let given = documents(&parsed);
    (given != *expected).then(|| format!("it gives {}", Json::from(given)))
}

fn documents(parsed: &Parsed) -> Vec<Json> {
    parsed.documents.iter().map(|document| document.root.as_ref().map_or(Json::Null, json)).collect()
}

fn json(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::from(*value),
        Value::Int(value) => Json::from(*value),
        Value::Big(value) => Json::from(*value),
        Value::Float(value) => Json::from(*value),
        Value::Timestamp(text) | Value::String(text) => Json::from(text.as_str()),
        Value::List(items) => items.iter().map(json).collect(),
        Value::Map(map) => {
            map.entries.iter().map(|entry| (entry.key.to_string(), json(&entry.node))).collect()
        }
    }
}

#[test]
fn the_suite_passes_but_for_the_listed_exceptions() {
    let listed = EXCEPTIONS.iter().flat_map(|(reason, ids)| ids.iter().map(|id| (*id, *reason)));
    let mut exceptions: BTreeMap<&str, &str> = listed.collect();
    let mut report = Vec::new();
    let mut count = 0;
    for line in CASES.lines() {
        let case: Json = serde_json::from_str(line).expect("each line of the cases is JSON");
        let id = case["id"].as_str().expect("each case has a name");
        count += 1;
        match (judge(&case), exceptions.remove(id)) {
            (Some(way), None) => {
                report.push(format!("{id} ({}): {way}", case["name"].as_str().unwrap_or_default()))
            }
            (None, Some(reason)) => report.push(format!("{id} goes as it should, although: {reason}")),
            (None, None) | (Some(_), Some(_)) => {}
        }
    }
    report.extend(exceptions.keys().map(|id| format!("{id} is an exception and no case")));
    assert_eq!(report, Vec::<String>::new(), "of {count} cases");
}
