//! The order in which services and sections stand in a file is no part of what they say.

use std::collections::BTreeMap;

use rayon::prelude::{IntoParallelIterator, ParallelIterator};
use transship::render::{emit, manifests};
use transship::tree::{Node, Value};

use super::held::{Converted, Held};
use super::tree;

/// The sections whose entries have names of their own.
const SECTIONS: [&str; 7] = ["services", "jobs", "networks", "volumes", "configs", "secrets", "models"];

/// The same project in other orders: everything from behind, and the services one place on.
fn shuffled(root: &Node) -> Vec<Node> {
    let mut reversed = root.clone();
    let mut turned = root.clone();
    let Value::Map(map) = &mut reversed.value else { return Vec::new() };
    for entry in map.entries.iter_mut().filter(|entry| SECTIONS.contains(&entry.key.as_str())) {
        if let Value::Map(section) = &mut entry.node.value {
            section.entries.reverse();
        }
    }
    map.entries.reverse();
    if let Value::Map(map) = &mut turned.value
        && let Some(Value::Map(services)) = map.get_mut("services").map(|node| &mut node.value)
        && !services.entries.is_empty()
    {
        services.entries.rotate_left(1);
    }
    vec![reversed, turned]
}

/// The objects by their names, and the sorted lines of the ledger.
fn sight(converted: &Converted) -> BTreeMap<String, String> {
    let plan = &converted.plan;
    let objects = plan.objects.iter().map(|object| (object.id.address(""), emit::object(object)));
    let line =
        |row: &transship::plan::ledger::Row| format!("{:?} {:?} {:?}", row.verdict, row.rule(), row.reason());
    let rows = plan.ledger.iter().map(|row| (row.path.to_string(), line(row)));
    objects.chain(rows).collect()
}

fn differences(held: &Held) -> (usize, Vec<String>) {
    let text = held.text().unwrap_or_default();
    let Some(root) = tree::read(&text) else { return (0, Vec::new()) };
    let Some(before) = held.with(&held.file, tree::write(&root, &text)).convert() else {
        return (0, Vec::new());
    };
    let mut wrong = Vec::new();
    let again = held.with(&held.file, tree::write(&root, &text)).convert().expect("it converted before");
    if manifests::stream(&before.plan.objects) != manifests::stream(&again.plan.objects)
        || before.report() != again.report()
    {
        wrong.push(format!("{}: two runs differ", held.name));
    }
    let known = sight(&before);
    // A project that mounts its own file has the order of that file in its objects.
    let written = tree::write(&root, &text);
    let own = written.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    if known.values().any(|text| text.contains(own)) {
        return (1, wrong);
    }
    for tree in shuffled(&root) {
        let Some(after) = held.with(&held.file, tree::write(&tree, &text)).convert() else {
            wrong.push(format!("{}: it does not load in another order", held.name));
            continue;
        };
        let seen = sight(&after);
        for key in known.keys().chain(seen.keys().filter(|key| !known.contains_key(*key))) {
            if known.get(key) != seen.get(key) {
                let text = |side: &BTreeMap<String, String>| side.get(key).cloned().unwrap_or_default();
                wrong.push(format!(
                    "{}: {key}\n--- before\n{}--- after\n{}",
                    held.name,
                    text(&known),
                    text(&seen)
                ));
            }
        }
    }
    (1, wrong)
}

fn hold(projects: Vec<Held>) {
    let count = projects.len();
    let (tried, wrong) = projects
        .into_par_iter()
        .map(|held| differences(&held))
        .reduce(|| (0, Vec::new()), |one, two| (one.0 + two.0, [one.1, two.1].concat()));
    println!("{tried} of {count} projects in other orders");
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn golden_cases_convert_to_the_same_objects_in_whatever_order_they_are_written() {
    // Of two Secrets that ask for one key of one object, the first gets it.
    let decided = "secrets-that-name-one-object-share-it";
    hold(Held::golden().into_iter().filter(|held| held.name != decided).collect());
}

#[test]
fn the_corpus_converts_to_the_same_objects_in_whatever_order_it_is_written() {
    hold(Held::corpus());
}
