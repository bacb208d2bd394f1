//! The schema check over `testdata/verify`: the same objects that a real API server judges in the oracle lane.
#![expect(clippy::disallowed_methods, reason = "a test reads its cases")]

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use transship::verify::schema::check;

/// One document: where it is from, what is expected of us, and the object.
struct Case {
    file: PathBuf,
    id: String,
    expected: Vec<String>,
    object: Value,
}

fn cases(folder: &str) -> Vec<Case> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/verify").join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(&root)
        .expect("the cases are there")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    let mut cases = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("a case is text");
        for (number, document) in text.split("\n---\n").enumerate() {
            let expected = document.lines().filter_map(|line| line.strip_prefix("# ours: "));
            cases.push(Case {
                file: file.clone(),
                id: format!("{folder}/{} #{}", file.file_name().expect("a file").display(), number + 1),
                expected: expected.map(str::to_owned).collect(),
                object: yaml_serde::from_str(document).expect("a case is YAML"),
            });
        }
    }
    assert!(!cases.is_empty(), "{folder} holds no case");
    cases
}

fn found(case: &Case) -> Vec<String> {
    check(&case.object).into_iter().map(|problem| format!("{}: {}", problem.path, problem.message)).collect()
}

/// With `TRANSSHIP_BLESS=1` writes what is found as the `# ours:` lines below the first line of each document.
fn bless(cases: &[Case]) {
    if std::env::var_os("TRANSSHIP_BLESS").is_none_or(|value| value != "1") {
        return;
    }
    for group in cases.chunk_by(|left, right| left.file == right.file) {
        let text = fs::read_to_string(&group[0].file).expect("a case is text");
        let documents = text.split("\n---\n").zip(group).map(|(document, case)| {
            let mut lines: Vec<String> = document
                .split('\n')
                .filter(|line| !line.starts_with("# ours: "))
                .map(str::to_owned)
                .collect();
            let after = lines.iter().take_while(|line| line.starts_with('#')).count();
            lines.splice(after..after, found(case).iter().map(|problem| format!("# ours: {problem}")));
            lines.join("\n")
        });
        let blessed = documents.collect::<Vec<String>>().join("\n---\n");
        fs::write(&group[0].file, blessed).expect("the cases can be written");
    }
}

#[test]
fn what_the_server_takes_is_clean() {
    let complaints: Vec<(String, Vec<String>)> = cases("good")
        .iter()
        .map(|case| (case.id.clone(), found(case)))
        .filter(|(_, found)| !found.is_empty())
        .collect();
    assert_eq!(complaints, []);
}

#[test]
fn what_the_server_refuses_is_reported_with_its_place() {
    let mut wrong = Vec::new();
    bless(&cases("bad"));
    for case in cases("bad") {
        let found = found(&case);
        if found.is_empty() || found != case.expected {
            wrong.push(format!("{}\n{}", case.id, found.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "other words than the `# ours:` lines:\n{}", wrong.join("\n"));
}

#[test]
fn what_the_server_drops_without_a_word_is_reported() {
    bless(&cases("warned"));
    for case in cases("warned") {
        assert_eq!(found(&case), case.expected, "{}", case.id);
    }
}

/// Puts another value in the place of each value of an object, one at a time.
fn damaged(object: &Value, other: &Value) -> Vec<Value> {
    let mut all = vec![other.clone()];
    match object {
        Value::Object(fields) => {
            for (key, value) in fields {
                for below in damaged(value, other) {
                    let mut whole = object.clone();
                    whole[key] = below;
                    all.push(whole);
                }
            }
        }
        Value::Array(items) => {
            for (at, value) in items.iter().enumerate() {
                for below in damaged(value, other) {
                    let mut whole = object.clone();
                    whole[at] = below;
                    all.push(whole);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    all
}

#[test]
fn whatever_stands_anywhere_is_judged_without_a_panic() {
    let others = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1.5),
        json!("é\u{0}/:%"),
        json!([{}, "a"]),
        json!({"a": []}),
    ];
    for case in cases("good") {
        for other in &others {
            for object in damaged(&case.object, other) {
                let _: Vec<_> = check(&object);
            }
        }
    }
}
