//! No value is silent: whoever changes, deletes or adds one sees it in the objects or in the ledger.

use std::collections::BTreeMap;

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};
use transship::plan::LeftOut;
use transship::plan::ledger::{Row, Verdict};
use transship::render::manifests;
use transship::source::span::FileId;
use transship::tree::{Node, Value};

use super::held::{Converted, Held};
use super::tree;

/// Values whose change changes nothing: the case, or `*`, the end of the path, and why.
const SILENT: &[(&str, &str, &str)] = &[
    (
        "command-tail-is-refused",
        "name",
        "its one service is left out, and nothing is written that could bear the name",
    ),
    (
        "members-of-one-pod-list-each-port-once",
        ".pre_start[0].image",
        "the image of the service stands in for it, and is the same",
    ),
    ("*", ".stdin_open", "a switch that is off is what is so anyway"),
    ("*", ".ipc", "shareable and private are the same in a pod of its own"),
    ("*", ".uts", "host and nothing are the same once the rule is allowed or left empty"),
    (
        "*",
        ".restart",
        "`always` and `unless-stopped`, `no` and `on-failure` without a number, are the same in a pod",
    ),
    ("*", ".restart_policy.condition", "the other condition makes the same kind with the same restarts"),
    ("*", ".endpoint_mode", "a service without a known port is headless in both modes"),
    ("*", ".healthcheck.timeout", "the command ends itself sooner, by its `--max-time`"),
    ("*", ".healthcheck.start_period", "it counts in periods of the probe, and falls into the same"),
    ("*", ".healthcheck.start_interval", "without `start_period` it has no effect"),
    ("*", ".security_opt[1]", "no field holds the profile: the finding says so"),
    ("*", ".sysctls.vm.max_map_count", "a sysctl of the node is in no field: the finding says so"),
    ("*", ".cpu_period", "the quotient with the quota is rounded up to the same thousandth"),
    ("*", ".build", "the image is named after the service, not the folder"),
    (
        "built-images-are-named-by-flags",
        "services.rebuilt.image",
        "the flag names it after the service, only its tag counts",
    ),
    ("command-tail-is-left-out-when-allowed", ".command", "the tail is what is left out"),
    ("*", "].mode", "files of a group are readable by the group whatever was asked for"),
    ("*", "db_password.file", "the value is not looked at, and its path is not in the output"),
    ("*", ".capabilities[0]", "a device plugin gives all capabilities"),
    ("*", ".capabilities[1]", "a device plugin gives all capabilities"),
    ("*", ".device_ids[0]", "a device plugin counts devices and does not name them"),
    ("*", ".device_ids[1]", "a device plugin counts devices and does not name them"),
    ("*", ".gpus[0]", "the schema of Compose permits unknown keys there, and Compose drops them"),
    ("*", ".devices[0]", "the vendor's resource stands for the device, whatever its rights"),
    ("*", ".post_start[0].command", "the hook is not written: its user cannot be had"),
    ("*", ".max-size", "the rotation is that of the node: the finding says so"),
    (
        "options-of-volumes-that-nobody-knows-are-said",
        "services.web.volumes[0]",
        "an option that nobody knows is passed over",
    ),
    ("options-of-volumes-that-nobody-knows-are-said", "services.web.volumes", "the same mount once more"),
    ("*", "services.api.ports[0]", "the published port of a service that is not reached from outside"),
    ("projects-without-active-services-say-so", "services", "an inactive service is not in the project"),
    (
        "projects-without-active-services-say-so",
        "services.web.profiles",
        "an inactive service is not in the project",
    ),
    ("*", ".provider.options.size[0]", "what a provider is asked for is between it and Compose"),
    ("restricted-pods-prove-what-they-are", ".cap_drop[0]", "all capabilities are dropped in this posture"),
    ("restricted-pods-prove-what-they-are", "services.named.user", "the flag says who the user is"),
    ("*", ".driver_opts.type", "`o: bind` alone makes a bind of it"),
];

/// What was tried, and what came of it.
#[derive(Debug, Default)]
struct Tally {
    tried: usize,
    unloadable: usize,
    seen: usize,
    secret: usize,
    unwritten: usize,
    outside: usize,
    left_out: usize,
    silent: usize,
    failures: Vec<String>,
}

impl Tally {
    fn and(mut self, mut other: Self) -> Self {
        self.tried += other.tried;
        self.unloadable += other.unloadable;
        self.seen += other.seen;
        self.secret += other.secret;
        self.unwritten += other.unwritten;
        self.outside += other.outside;
        self.left_out += other.left_out;
        self.silent += other.silent;
        self.failures.append(&mut other.failures);
        self
    }
}

/// What a reader of the output can see.
#[derive(PartialEq)]
struct Sight {
    rows: Vec<String>,
    objects: String,
}

fn sight(converted: &Converted) -> Sight {
    let line = |row: &Row| format!("{} {:?} {:?} {:?}", row.path, row.verdict, row.rule(), row.reason());
    let rows = converted.plan.ledger.iter().map(line).collect();
    Sight { rows, objects: manifests::stream(&converted.plan.objects) }
}

/// Other values of the same kind, the likeliest to be legal first.
fn others(node: &Node) -> Vec<Value> {
    match &node.value {
        Value::Null => vec![Value::String("other".into())],
        Value::Bool(value) => vec![Value::Bool(!value)],
        Value::Int(value) => vec![Value::Int(value + 1), Value::Int(value - 1)],
        Value::Big(value) => vec![Value::Big(value - 1)],
        Value::Float(value) => vec![Value::Int((*value).abs().ceil() as i64 + 1)],
        Value::Timestamp(_) => vec![Value::String("2001-02-03".into())],
        Value::String(text) => {
            let mut others = vec![format!("{text}x"), format!("1{text}"), format!("{text}1")];
            if let Some(stem) = text.strip_suffix(|letter: char| letter.is_ascii_digit()) {
                others.push(format!("{stem}7"));
                others.push(format!("{stem}6"));
            }
            others.into_iter().map(|text| Value::String(text.into())).collect()
        }
        Value::List(_) | Value::Map(_) => Vec::new(),
    }
}

/// One project with each of its values changed, deleted and doubled.
fn tried(held: &Held) -> Tally {
    let mut tally = Tally::default();
    let text = held.text().expect("a text");
    let Some(root) = tree::read(&text) else {
        println!("not tried: {}, whose tags or documents are not in its tree", held.name);
        return tally;
    };
    let written = tree::write(&root, &text);
    let same = held.with(&held.file, written.clone());
    let before = same.convert().expect("a golden case converts");
    let own = held.convert().expect("a golden case converts");
    assert!(sight(&before) == sight(&own), "{}: the tree is written as another project", held.name);
    let standing = tree::read(&written).expect("what is written is read");
    let known = sight(&before);
    for way in tree::leaves(&root) {
        let node = tree::at(&root, &way);
        let words = tree::path(&root, &way);
        let changed: Vec<Node> = others(node)
            .into_iter()
            .map(|value| {
                let mut changed = root.clone();
                tree::at_mut(&mut changed, &way).value = value;
                changed
            })
            .collect();
        let rows = rows(&before, tree::at(&standing, &way));
        let look = Look { held, text: &text, known: &known, rows: &rows, left_out: &before.plan.left_out };
        if !changed.is_empty() {
            look.at(&format!("change {words}"), &words, &changed, &mut tally);
        }
        if let Some(deleted) = tree::without(&root, &way) {
            look.at(&format!("delete {words}"), &words, &[deleted], &mut tally);
        }
    }
    for way in tree::collections(&root) {
        let words = tree::path(&root, &way);
        let look = Look { held, text: &text, known: &known, rows: &[], left_out: &before.plan.left_out };
        look.at(&format!("add to {words}"), &words, &grown(&root, &way), &mut tally);
    }
    tally
}

/// The tree with one more entry or item, like the last one that is there.
fn grown(root: &Node, way: &[usize]) -> Vec<Node> {
    let mut grown = root.clone();
    match &mut tree::at_mut(&mut grown, way).value {
        Value::List(items) => {
            let Some(last) = items.last() else { return Vec::new() };
            let Some(other) = others(last).into_iter().next() else { return Vec::new() };
            items.push(last.like(other));
        }
        Value::Map(map) => {
            let Some(last) = map.entries.last() else { return Vec::new() };
            let key = format!("{}x", last.key);
            if map.contains(&key) {
                return Vec::new();
            }
            map.entries.push(tree::entry(&key, last.node.value.clone(), &last.node));
        }
        _ => return Vec::new(),
    }
    vec![grown]
}

/// The rows of the values that stand at a node of the Compose file.
fn rows<'c>(converted: &'c Converted, node: &Node) -> Vec<&'c Row> {
    let files = &converted.resolved.files;
    let is_ours = |file: FileId| files.file(file).name == "compose.yaml";
    let meets = |row: &&Row| {
        let span = row.place.span;
        is_ours(span.file) && span.start < node.span.end && node.span.start < span.end
    };
    converted.plan.ledger.iter().filter(meets).collect()
}

/// What a change is held against.
struct Look<'l> {
    held: &'l Held,
    text: &'l str,
    known: &'l Sight,
    rows: &'l [&'l Row],
    left_out: &'l [LeftOut],
}

impl Look<'_> {
    /// Whether a value belongs to a service of which nothing is written.
    fn is_left_out(&self, path: &str) -> bool {
        let name = path.split('.').nth(1).unwrap_or_default();
        (path.starts_with("services.") || path.starts_with("jobs."))
            && self.left_out.iter().any(|entry| entry.service == name)
    }

    /// Tries changes in their order until one is legal.
    fn at(&self, what: &str, path: &str, changed: &[Node], tally: &mut Tally) {
        if changed.is_empty() {
            return;
        }
        tally.tried += 1;
        let project = |tree: &Node| self.held.with(&self.held.file, tree::write(tree, self.text));
        let loaded = changed.iter().find_map(|tree| Some((project(tree).convert()?, tree)));
        let Some((after, tree)) = loaded else {
            tally.unloadable += 1;
            return;
        };
        if sight(&after) != *self.known {
            tally.seen += 1;
            return;
        }
        let inline = |held: Held| held.flagged(&["--secrets", "inline"]).convert().map(|after| sight(&after));
        let unwritten = |row: &&Row| !matches!(row.verdict, Some(Verdict::Mapped | Verdict::Approximated));
        if !self.held.flags.contains(&"inline".to_owned())
            && inline(project(tree)) != inline(self.held.clone())
        {
            tally.secret += 1;
        } else if !self.rows.is_empty() && self.rows.iter().all(unwritten) {
            tally.unwritten += 1;
        } else if self.is_left_out(path) {
            tally.left_out += 1;
        } else if SILENT
            .iter()
            .any(|(case, end, _)| (*case == "*" || *case == self.held.name) && path.ends_with(end))
        {
            tally.silent += 1;
        } else {
            let said: Vec<String> = self
                .rows
                .iter()
                .map(|row| format!("{} {:?} {:?}", row.path, row.verdict, row.rule()))
                .collect();
            tally.failures.push(format!("{}: {what}: nothing shows ({})", self.held.name, said.join(", ")));
        }
    }
}

#[test]
fn every_change_of_a_value_shows_in_the_objects_or_in_the_ledger() {
    let tally = Held::golden().par_iter().map(tried).reduce(Tally::default, Tally::and);
    println!(
        "{} changes: {} show, {} cannot be loaded, {} are secret and show with `--secrets inline`, {} are of values that \
         their rows say are not written, {} of services that are left out, {} of values that by nature change nothing",
        tally.tried,
        tally.seen,
        tally.unloadable,
        tally.secret,
        tally.unwritten,
        tally.left_out,
        tally.silent
    );
    let mut by_path: BTreeMap<&str, usize> = BTreeMap::new();
    for failure in &tally.failures {
        *by_path.entry(failure).or_default() += 1;
    }
    assert!(tally.failures.is_empty(), "{}\n{}", tally.failures.len(), tally.failures.join("\n"));
}
