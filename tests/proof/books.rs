//! The books balance: each value of the project has one row, and each value of the output has a reason.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::{IntoParallelIterator, ParallelIterator};
use serde::Deserialize;
use serde_json::Value;
use transship::config::{self, Paths};
use transship::plan::address::{self, push_key};
use transship::plan::ledger::Verdict;
use transship::render::{emit, json};
use transship::source::origin;

use super::held::{Converted, Held};

/// The addresses of the values of a document without parts; empty mappings and lists are values.
fn leaves(value: &Value, path: &mut String, found: &mut Vec<String>) {
    let length = path.len();
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, below) in map {
                push_key(path, key);
                leaves(below, path, found);
                path.truncate(length);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (at, below) in items.iter().enumerate() {
                path.push_str(&format!("[{at}]"));
                leaves(below, path, found);
                path.truncate(length);
            }
        }
        _ => found.push(path.clone()),
    }
}

/// Values that say what is so anyway, which Compose does not print.
const ZEROS: [&str; 8] = ["", "false", "0", "\"\"", "[]", "{}", "null", "host"];

/// The path in which both have a value: Compose prints hosts as lines, which are a mapping in the model.
fn common(path: &str) -> &str {
    path.find(".extra_hosts").map_or(path, |at| &path[..at + ".extra_hosts".len()])
}

/// What is wrong with the ledger of a project.
fn ledger(held: &Held, converted: &Converted) -> Vec<String> {
    let Converted { resolved, plan, .. } = converted;
    let mut wrong = Vec::new();
    let mut rows: BTreeMap<&str, Verdict> = BTreeMap::new();
    for row in &plan.ledger {
        let Some(verdict) = row.verdict else {
            wrong.push(format!("{}: `{}` has no verdict", held.name, row.path));
            continue;
        };
        if rows.insert(&row.path, verdict).is_some() {
            wrong.push(format!("{}: `{}` has two rows", held.name, row.path));
        }
    }
    let model = config::json(&resolved.project, &resolved.files, Paths::Absolute);
    let mut found = Vec::new();
    leaves(&model, &mut String::new(), &mut found);
    let printed: BTreeSet<&str> = found.iter().map(|path| common(path)).collect();
    let known: BTreeSet<&str> = rows.keys().map(|path| common(path)).collect();
    // Compose prints some keys with nothing in them that nobody has written: they are no values.
    let hollow =
        ["command", "entrypoint", "ipam", "bind", "placement", "resources", "volume", "tmpfs", "image"];
    let is_hollow = |path: &str| hollow.iter().any(|key| path.ends_with(&format!(".{key}")));
    // `healthcheck: {disable: false}` is printed with nothing in it.
    let has_rows_below = |path: &str| {
        let below = format!("{path}.");
        known.range(below.as_str()..).next().is_some_and(|next| next.starts_with(&below))
    };
    let unknown = printed.iter().filter(|path| !known.contains(**path) && !is_hollow(path));
    for path in unknown.filter(|path| !has_rows_below(path)) {
        wrong.push(format!("{}: `{path}` is in the project and has no row", held.name));
    }
    for row in plan.ledger.iter().filter(|row| !printed.contains(common(&row.path))) {
        let unused = row.rule().is_some_and(|rule| matches!(rule.0, "unused-declaration" | "unknown-key"));
        // A variable without value leaves nothing, which Compose does not print either.
        let zero = match &resolved.project.origins.get(row.place.origin).template {
            Some(template) => ZEROS.contains(&origin::text(&template.parts).as_str()),
            None => ZEROS.contains(&resolved.files.text(row.place.span)),
        };
        // What a reader of env files has taken in, and what a default says, is not printed.
        let taken = row.path.contains(".env_file[")
            || row.path.ends_with(".create_host_path")
            || row.path.contains(".depends_on.");
        // Compose does not print a volume that only a container before the start mounts.
        let early = row.path.starts_with("volumes.")
            && !printed.iter().any(|path| path.starts_with(entry(&row.path)));
        let absent = row.path.ends_with(".content") || zero || taken || early;
        if row.verdict != Some(Verdict::Consumed) && !unused && !absent {
            wrong.push(format!("{}: `{}` is {:?} and not in the project", held.name, row.path, row.verdict));
        }
    }
    wrong
}

/// What is wrong with the reasons of the output of a project.
fn reasons(held: &Held, converted: &Converted) -> Vec<String> {
    let plan = &converted.plan;
    let mut wrong = Vec::new();
    let report: Value = serde_json::from_str(&converted.report()).expect("the report is JSON");
    let list = |key: &str| report[key].as_array().expect("a list");
    let targets = list("ledger").iter().flat_map(|row| row["targets"].as_array().expect("a list"));
    let targets: BTreeSet<&str> = targets
        .chain(list("origins").iter().map(|origin| &origin["target"]))
        .map(|target| target.as_str().expect("a text"))
        .collect();
    let mut written: BTreeSet<String> = BTreeSet::new();
    for object in &plan.objects {
        let own = object.id.address(&plan.namespace);
        let mut count = 0;
        address::each(&object.body, &mut |path, _| {
            count += 1;
            if !written.insert(format!("{own} {path}")) {
                wrong.push(format!("{}: two values at `{own} {path}`", held.name));
            }
        });
        // What is printed, read by somebody else: neither more nor less than what has an address.
        let text = emit::object(object);
        let read = yaml_serde::Value::deserialize(yaml_serde::Deserializer::from_str(&text)).expect("YAML");
        let read = serde_json::to_value(read).expect("JSON");
        let mut found = Vec::new();
        leaves(&read, &mut String::new(), &mut found);
        if found.len() != count + 2 {
            wrong.push(format!("{}: {own} prints {} values of {count} and 2", held.name, found.len()));
        }
        if read != json::object(object) {
            wrong.push(format!("{}: {own} is printed as another object", held.name));
        }
    }
    let unexplained = written.iter().filter(|path| !targets.contains(path.as_str()));
    wrong.extend(unexplained.map(|path| format!("{}: `{path}` has no reason", held.name)));
    let nowhere = targets.iter().filter(|path| !written.contains(**path));
    wrong.extend(nowhere.map(|path| format!("{}: `{path}` is a target and not written", held.name)));
    wrong
}

/// The section and the name with which a path begins.
fn entry(path: &str) -> &str {
    let end = path.match_indices('.').nth(1).map_or(path.len(), |(at, _)| at);
    &path[..end]
}

fn balance(projects: Vec<Held>) {
    let count = projects.len();
    let looked = |held: Held| {
        let Some(converted) = held.convert() else { return (0, 0, 0, Vec::new()) };
        let mut wrong = ledger(&held, &converted);
        wrong.append(&mut reasons(&held, &converted));
        (1, converted.plan.ledger.len(), converted.plan.objects.len(), wrong)
    };
    let sum = |one: (usize, usize, usize, Vec<String>), two: (usize, usize, usize, Vec<String>)| {
        (one.0 + two.0, one.1 + two.1, one.2 + two.2, [one.3, two.3].concat())
    };
    let (converted, rows, objects, wrong) =
        projects.into_par_iter().map(looked).reduce(|| (0, 0, 0, Vec::new()), sum);
    println!("{converted} of {count} projects convert: {rows} rows, {objects} objects");
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_value_of_a_golden_case_has_one_row_and_every_value_of_its_objects_a_reason() {
    balance(Held::golden());
}

#[test]
fn every_value_of_the_corpus_has_one_row_and_every_value_of_its_objects_a_reason() {
    balance(Held::corpus());
}
