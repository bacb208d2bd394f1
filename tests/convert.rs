//! The conversion, one thing a folder: every project of `testdata/convert` becomes the objects that its folder expects,
//! and its ledger says what became of every value.
#![expect(clippy::disallowed_methods, reason = "a test reads its cases and starts the tool")]

#[path = "support/schema.rs"]
mod schema;
#[path = "support/tool.rs"]
mod tool;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tool::Ran;
use transship::lint;

/// What came out of one run.
struct Converted {
    manifests: String,
    ledger: String,
    findings: String,
    code: i32,
}

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/convert");
    let mut cases: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("the cases are there")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .collect();
    cases.sort();
    cases
}

fn run(case: &Path) -> (Converted, Value) {
    let name = case.file_name().expect("a case has a name").to_string_lossy().into_owned();
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("convert");
    fs::create_dir_all(&scratch).expect("the scratch folder can be made");
    let report = scratch.join(format!("{name}.json"));
    let flags = fs::read_to_string(case.join("args")).unwrap_or_default();
    let flags = flags.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace);
    let path = report.to_string_lossy().into_owned();
    let arguments: Vec<&str> = ["convert", "--report", &path].into_iter().chain(flags).collect();
    let ran = Ran::of(case, &arguments, &[("HOME".to_owned(), "/home/user".to_owned())], None);
    let text = fs::read_to_string(&report).unwrap_or_else(|_| panic!("{name}: no report\n{}", ran.stderr));
    let report: Value = serde_json::from_str(&text).expect("the report is JSON");
    schema::hold("conversion", &report);
    let converted = Converted {
        manifests: ran.stdout,
        ledger: ledger(&report),
        findings: findings(&report),
        code: ran.code,
    };
    (converted, report)
}

/// The ledger as lines: `verdict path [rule] → targets`.
fn ledger(report: &Value) -> String {
    let mut text = String::new();
    for row in report["ledger"].as_array().expect("a list") {
        let word = |key: &str| row[key].as_str().unwrap_or_default();
        text.push_str(&format!("{:<12} {}", word("verdict"), word("path")));
        if let Some(rule) = row["rule"].as_str() {
            let allowed = if row["allowed"] == true { ", allowed" } else { "" };
            text.push_str(&format!(" [{rule}{allowed}]"));
        }
        text.push('\n');
        for target in row["targets"].as_array().expect("a list") {
            text.push_str(&format!("             → {}\n", target.as_str().expect("a text")));
        }
    }
    for entry in report["left_out"].as_array().expect("a list") {
        let word = |key: &str| entry[key].as_str().unwrap_or("on purpose");
        text.push_str(&format!("left out     {} [{}] {}\n", word("service"), word("rule"), word("path")));
    }
    text
}

/// The findings, one line each, without repetition of what the ledger says; what a rule has to say of the source alone has
/// its examples with the rule.
fn findings(report: &Value) -> String {
    let line = |finding: &Value| {
        let word = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        let place = format!("{}:{}:{}", word("file"), finding["line"], finding["column"]);
        let mut text = format!("{place}: {}[{}]: {}\n", word("level"), word("rule"), word("message"));
        for label in finding["labels"].as_array().expect("a list") {
            let message = label["message"].as_str().unwrap_or_default();
            text.push_str(&format!("    {}:{} {message}\n", label["line"], label["column"]));
        }
        if !finding["tip"].is_null() {
            text.push_str(&format!("    = {}\n", word("tip")));
        }
        text
    };
    let of_source = |finding: &&Value| {
        let rule = finding["rule"].as_str().and_then(lint::rule);
        rule.is_some_and(|rule| rule.check.is_some()) && finding["level"] != "error"
    };
    let all = report["findings"].as_array().expect("a list").iter();
    all.filter(|finding| !of_source(finding)).map(line).collect()
}

/// Whether a ledger has a refused value of a member that is not left out on purpose.
fn refuses(ledger: &str) -> bool {
    let purpose = ledger.lines().filter_map(|line| line.split_once(" [on purpose] ")).map(|(_, path)| path);
    let purpose: Vec<String> = purpose.map(|path| format!("{path}.")).collect();
    let refused = ledger.lines().filter_map(|line| line.strip_prefix("refused "));
    refused.map(str::trim_start).any(|path| !purpose.iter().any(|above| path.starts_with(above)))
}

#[test]
fn every_project_converts_to_what_its_folder_expects() {
    let mut failures = Vec::new();
    for case in cases() {
        let name = case.file_name().expect("a case has a name").to_string_lossy().into_owned();
        let (first, _) = run(&case);
        let (second, _) = run(&case);
        if first.manifests != second.manifests || first.ledger != second.ledger {
            failures.push(format!("{name}: two runs print different bytes"));
        }
        let refused = refuses(&first.ledger);
        let error = first.findings.lines().any(|line| line.contains(": error["));
        if first.code == 0 && refused || first.code == 1 && !(refused || error) || first.code > 1 {
            failures.push(format!("{name}: exit code {}", first.code));
        }
        for (file, text) in [
            ("manifests.yaml", first.manifests),
            ("ledger.txt", first.ledger),
            ("findings.txt", first.findings),
        ] {
            let path = case.join(file);
            if std::env::var_os("TRANSSHIP_BLESS").is_some_and(|value| value == "1") {
                fs::write(&path, &text).expect("the expectation can be written");
            }
            let expected = fs::read_to_string(&path).unwrap_or_default();
            if expected != text {
                failures.push(format!("{name}: --- {file}, expected\n{expected}--- printed\n{text}"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_value_has_a_verdict_and_every_loss_a_rule() {
    for case in cases() {
        let name = case.display();
        let (_, report) = run(&case);
        let mut seen = BTreeSet::new();
        for row in report["ledger"].as_array().expect("a list") {
            let path = row["path"].as_str().expect("a path");
            assert!(seen.insert(path.to_owned()), "{name}: `{path}` has two rows");
            let verdict =
                row["verdict"].as_str().unwrap_or_else(|| panic!("{name}: `{path}` has no verdict"));
            let loses = matches!(verdict, "approximated" | "dropped" | "refused");
            assert_eq!(loses, row["rule"].is_string(), "{name}: `{path}` is {verdict}");
            assert_ne!(row["rule"], "coverage-gap", "{name}: nobody has taken `{path}`");
        }
    }
}
