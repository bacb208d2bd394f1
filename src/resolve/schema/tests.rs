//! What is said about trees that Compose refuses, and what is left of them.

use serde_json::Value as Json;

use crate::diag::{Finding, Safety};
use crate::source::origin::OriginId;
use crate::source::span::{FileId, Span};
use crate::tree::{Entry, Map, Node, Value};

/// A tree from JSON; places are made up: each key and value has a number of its own.
fn tree(json: &Json, count: &mut usize) -> Node {
    let value = match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => match number.as_i64() {
            Some(number) => Value::Int(number),
            None => Value::Float(number.as_f64().expect("JSON has no other numbers")),
        },
        Json::String(text) => Value::String(text.as_str().into()),
        Json::Array(items) => Value::List(items.iter().map(|item| tree(item, count)).collect()),
        Json::Object(map) => {
            let entry = |(key, json): (&String, &Json)| {
                let key_span = next(count);
                Entry { key: key.as_str().into(), key_span, node: tree(json, count) }
            };
            Value::Map(Map { entries: map.iter().map(entry).collect() })
        }
    };
    Node { value, span: next(count), origin: OriginId::default() }
}

fn next(count: &mut usize) -> Span {
    *count += 1;
    Span::new(FileId(0), *count, *count + 1)
}

fn checked(json: &str) -> (Vec<Finding>, Node) {
    let json = serde_json::from_str(json).expect("the test is JSON");
    let mut root = tree(&json, &mut 0);
    let findings = super::check(&mut root);
    (findings, root)
}

fn said(json: &str) -> Vec<String> {
    let line = |finding: &Finding| {
        let tip = finding.tip.as_ref().map_or(String::new(), |tip| format!(" ({tip})"));
        format!("{}: {}{tip}", finding.slug.0, finding.message)
    };
    checked(json).0.iter().map(line).collect()
}

fn in_web(json: &str) -> Vec<String> {
    said(&format!(r#"{{"services": {{"web": {json}}}}}"#))
}

/// A value of a kind that the key does not take is named by its kind, with what would be valid.
#[test]
fn wrong_kinds_are_named() {
    assert_eq!(
        in_web(
            r#"{"image": 1, "ports": {"80": 80}, "cap_add": "ALL", "tty": [], "stop_grace_period": null}"#
        ),
        [
            "invalid-compose: `services.web.image` is an integer; Compose takes a string (put the value in quotes)",
            "invalid-compose: `services.web.ports` is a mapping; Compose takes a list of ports",
            "invalid-compose: `services.web.cap_add` is a string; Compose takes a list of strings (make it a list of \
             one item)",
            "invalid-compose: `services.web.tty` is a list; Compose takes a boolean or a string",
            "invalid-compose: `services.web.stop_grace_period` is null; Compose takes a string (remove it, or give it \
             a value)",
        ]
    );
    assert_eq!(said("[]"), ["invalid-compose: the document is a list; Compose takes a mapping"]);
}

/// A double without a fraction is an integer, as in JSON; bounds hold for numbers only.
#[test]
fn numbers_are_doubles() {
    assert_eq!(in_web(r#"{"scale": 2.0, "cpu_percent": "101", "umask": 18}"#), [""; 0]);
    assert_eq!(
        in_web(r#"{"scale": 1.5, "cpu_percent": 101}"#),
        [
            "invalid-compose: `services.web.scale` is a number with a fraction; Compose takes an integer or a string \
             (put the value in quotes)",
            "invalid-compose: `services.web.cpu_percent` is out of range; Compose takes an integer from 0 to 100 or a \
             string",
        ]
    );
}

/// JSON cannot write a number that is not finite, so Compose refuses it even where any value is welcome.
#[test]
fn infinite_numbers_are_refused_everywhere() {
    let (_, mut root) = checked(r#"{"x-any": [1]}"#);
    let any =
        root.as_map().and_then(|map| map.get("x-any")).and_then(Node::as_list).map(|items| items[0].clone());
    let infinite = any.expect("the item is there").like(Value::Float(f64::INFINITY));
    if let Value::Map(map) = &mut root.value {
        map.entries[0].node.value = Value::List(vec![infinite]);
    }
    let findings = super::check(&mut root);
    assert_eq!(findings[0].message, "`x-any[0]` is not a finite number; Compose takes no other");
}

/// An unknown key is compared with the known ones that are not there yet; the fix renames it.
#[test]
fn unknown_keys_come_with_the_nearest_known_one() {
    assert_eq!(
        in_web(r#"{"imgae": "a", "prots": [], "ports": [], "frobnicate": 1, "x-any": 1}"#),
        [
            "unknown-key: Compose knows no `imgae` in `services.web` (did you mean `image`?)",
            "unknown-key: Compose knows no `prots` in `services.web` (remove it, or call it `x-prots` to keep it as \
             an extension)",
            "unknown-key: Compose knows no `frobnicate` in `services.web` (remove it, or call it `x-frobnicate` to \
             keep it as an extension)",
        ]
    );
    let (findings, _) = checked(r#"{"services": {"web": {"imgae": "a"}}}"#);
    let fix = &findings[0].fixes[0];
    assert_eq!((fix.safety, fix.title.as_str()), (Safety::Unsafe, "rename it to `image`"));
    assert_eq!((fix.edits[0].span, fix.edits[0].text.as_str()), (findings[0].primary.span, "image"));
}

/// A service of the time before `services` stands at the top level.
#[test]
fn services_at_the_top_level_are_sent_home() {
    assert_eq!(
        said(r#"{"web": {"image": "a"}}"#),
        ["unknown-key: Compose knows no `web` in the document (move it under `services`)"]
    );
}

/// A name of a wrong make is no unknown attribute.
#[test]
fn names_have_their_make() {
    assert_eq!(
        said(r#"{"services": {"a b": {}}, "volumes": {"é": null}}"#),
        [
            "invalid-compose: `services.\"a b\"` is no name that Compose takes; a name has letters, digits, `.`, `_` \
             and `-`",
            "invalid-compose: `volumes.é` is no name that Compose takes; a name has letters, digits, `.`, `_` and `-`",
        ]
    );
}

/// Words that Compose takes are listed; what was written is not repeated, it may be a secret.
#[test]
fn words_are_listed() {
    assert_eq!(
        in_web(r#"{"cgroup": "hsot", "pull_policy": "often", "container_name": "a", "gpus": "some"}"#),
        [
            "invalid-compose: `services.web.cgroup` is none of the words that Compose takes: `host` or `private` (did \
             you mean `host`?)",
            "invalid-compose: `services.web.pull_policy` is none of the policies that Compose takes: `always`, \
             `never`, `build`, `if_not_present`, `missing`, `refresh`, `daily`, `weekly` or an interval such as \
             `every_12h`",
            "invalid-compose: `services.web.container_name` is no name of a container; Compose takes a letter or \
             digit, then at least one more of letters, digits, `_`, `.` and `-`",
            "invalid-compose: `services.web.gpus` is none of the words that Compose takes: `all`",
        ]
    );
}

/// What a mapping lacks is said at its key; the mapping leaves the tree.
#[test]
fn missing_keys_cut_the_mapping() {
    let (findings, root) = checked(
        r#"{"services": {"web": {"volumes": ["a:/b", {"target": "/c"}], "depends_on": {"db": {}}}},
            "jobs": {"a": {"triggers": {}}}}"#,
    );
    let messages: Vec<&str> = findings.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "`services.web.volumes[1]` has no `type`; Compose requires it here",
            "`services.web.depends_on.db` has no `condition`; Compose requires it here",
            "`jobs.a.triggers` has neither `manual` nor `schedule`; Compose requires one of them here",
        ]
    );
    let web = root.as_map().and_then(|map| map.get("services")?.as_map()?.get("web")?.as_map());
    let web = web.expect("the service stays");
    assert_eq!(web.get("volumes").and_then(Node::as_list).map(<[Node]>::len), Some(1));
    assert_eq!(web.get("depends_on").and_then(Node::as_map), Some(&Map::default()));
    assert_eq!(root.as_map().and_then(|map| map.get("jobs")?.as_map()), Some(&Map::default()));
}

/// Equal items are equal as JSON: a mapping in any order, a number in any form; the later one goes.
#[test]
fn repeated_items_are_said_with_the_first_one() {
    let items =
        r#"{"ports": [80, {"target": 1, "mode": "host"}, 80.0, {"mode": "host", "target": 1}, "80"]}"#;
    assert_eq!(
        in_web(items),
        [
            "invalid-compose: `services.web.ports[2]` repeats `services.web.ports[0]`; Compose takes each item of \
             this list once",
            "invalid-compose: `services.web.ports[3]` repeats `services.web.ports[1]`; Compose takes each item of \
             this list once",
        ]
    );
    let many = format!(
        r#"{{"expose": [{}"1", 5, 5.0]}}"#,
        (0..20).map(|at| format!("\"{at}\", ")).collect::<String>()
    );
    assert_eq!(
        in_web(&many),
        [
            "invalid-compose: `services.web.expose[20]` repeats `services.web.expose[1]`; Compose takes each item of \
             this list once",
            "invalid-compose: `services.web.expose[22]` repeats `services.web.expose[21]`; Compose takes each item of \
             this list once",
        ]
    );
}

/// Compose reads an earlier string as a number to compare it with a later number, and not the other way round.
#[test]
fn numbers_repeat_earlier_strings() {
    assert_eq!(in_web(r#"{"expose": [80, "80"]}"#), [""; 0]);
    assert_eq!(
        in_web(r#"{"expose": ["80", 80]}"#),
        [
            "invalid-compose: `services.web.expose[1]` repeats `services.web.expose[0]`; Compose takes each item of this \
          list once"
        ]
    );
}

/// The service of a finding is its name as it stands, whatever the path quotes.
#[test]
fn findings_know_their_service() {
    let (findings, _) = checked(r#"{"services": {"a.b": {"image": []}}, "volumes": {"c": 1}}"#);
    let places: Vec<(&str, Option<&str>)> =
        findings.iter().map(|finding| (finding.path.as_str(), finding.service.as_deref())).collect();
    assert_eq!(places, [(r#"services."a.b".image"#, Some("a.b")), ("volumes.c", None)]);
}
