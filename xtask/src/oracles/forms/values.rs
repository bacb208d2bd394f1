//! Every value of a chart does what the report says: another value changes the fields that it feeds, and no others.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::{Map, Value, json};

use super::objects::Objects;
use super::{home, said};
use crate::place::{self, ended};

/// Texts that some step on the way may take for something else.
const TEXTS: [&str; 12] = [
    "8080",
    "1.10",
    "12345678901",
    "{{ x }}",
    "a \"b\" 'c' \\d",
    "# no comment",
    "two\nlines\n",
    " before",
    "true",
    "null",
    "a: b",
    "é%v%s",
];

/// The namespace that charts are built for.
const RELEASE: &str = "release";

/// What is wrong with the values of a chart, and how many were tried; `report` is that of its conversion.
pub(crate) fn wrong(helm: &Path, chart: &Path, report: &Value) -> Result<(usize, Vec<String>), String> {
    let parameters = report["parameters"].as_array().map_or(&[][..], Vec::as_slice);
    let schema = place::json(&chart.join("values.schema.json"))?;
    let mut given = Map::new();
    fill(&mut given, report, &schema);
    let before = leaves(&template(helm, chart, &given)?);
    let mut wrong = Vec::new();
    let mut tried = 0;
    for (parameter, at) in parameters.iter().zip(0..) {
        let path = path(parameter, &schema);
        let name = path.join(".");
        let Some(other) = another(&path, parameter, &schema, at) else { continue };
        tried += 1;
        let mut values = given.clone();
        put(&mut values, &path, other.clone());
        match template(helm, chart, &values) {
            Ok(objects) => {
                let words = compare(parameter, &other, &before, &leaves(&objects));
                wrong.extend(words.into_iter().map(|words| format!("{name} = {other}: {words}")));
            }
            Err(words) => wrong.push(format!("{name} = {other}: {words}")),
        }
    }
    for parameter in parameters.iter().filter(|parameter| parameter["default"].is_null()) {
        let mut values = given.clone();
        put(&mut values, &path(parameter, &schema), json!(""));
        let name = parameter["name"].as_str().unwrap_or_default();
        let last = name.rsplit('.').next().unwrap_or_default();
        match template(helm, chart, &values) {
            Err(words) if words.contains(last) => {}
            Err(words) => wrong.push(format!("{name} is missing, and that is said as: {words}")),
            Ok(_) => wrong.push(format!("{name} is missing, and nobody minds")),
        }
    }
    Ok((tried, wrong))
}

/// Gives a text to everything that a chart asks for.
pub(crate) fn fill(values: &mut Map<String, Value>, report: &Value, schema: &Value) {
    let parameters = report["parameters"].as_array().into_iter().flatten();
    for parameter in parameters.filter(|parameter| parameter["default"].is_null()) {
        put(values, &path(parameter, schema), json!("given"));
    }
}

/// The values for what a chart asks for: variables are what both conversions are given, Secrets what the plain manifests
/// hold.
pub(crate) fn given(asked: &[String], plain: &Objects, report: &Value) -> Result<Value, String> {
    let mut values = Map::new();
    if asked.is_empty() {
        return Ok(Value::Object(values));
    }
    for parameter in report["parameters"].as_array().into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap_or_default();
        if !asked.iter().any(|known| known == name) {
            continue;
        }
        let Some((_, rest)) = name.split_once("secrets.").filter(|(before, _)| before.is_empty()) else {
            put(&mut values, &["variables".to_owned(), name.to_owned()], json!("given"));
            continue;
        };
        let (group, key) = rest.split_once('.').unwrap_or((rest, ""));
        let secret = parameter["targets"][0].as_str().and_then(|target| target.split(' ').next());
        let secret = secret.and_then(|address| address.rsplit('/').next()).unwrap_or_default();
        let held = plain.each().find(|(kind, own, _)| *kind == "Secret" && *own == secret);
        let encoded = held.and_then(|(_, _, object)| object["data"][key].as_str()).unwrap_or_default();
        let text = String::from_utf8(decoded(encoded)).map_err(|_| format!("{name} is no text"))?;
        put(&mut values, &["secrets".to_owned(), group.to_owned(), key.to_owned()], json!(text));
    }
    Ok(Value::Object(values))
}

/// The bytes that Base64 stands for.
fn decoded(text: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::new();
    let (mut held, mut bits) = (0_u32, 0);
    for letter in text.bytes() {
        let Some(value) = LETTERS.iter().position(|known| *known == letter) else { continue };
        held = (held << 6) | u32::try_from(value).unwrap_or(0);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits & 0xff) as u8);
        }
    }
    bytes
}

/// Where the value of a parameter stands: a variable has its name only.
fn path(parameter: &Value, schema: &Value) -> Vec<String> {
    let name = parameter["name"].as_str().unwrap_or_default();
    let is_variable = !schema["properties"]["variables"]["properties"][name].is_null();
    if is_variable {
        return vec!["variables".to_owned(), name.to_owned()];
    }
    // The last key of a Secret may have dots of its own.
    let mut path: Vec<String> = Vec::new();
    let (mut level, mut rest) = (schema, name);
    loop {
        if !level["properties"][rest].is_null() {
            path.push(rest.to_owned());
            return path;
        }
        let Some((first, behind)) = rest.split_once('.') else { return vec![name.to_owned()] };
        path.push(first.to_owned());
        level = &level["properties"][first];
        rest = behind;
    }
}

/// Another value than the default, as the schema has it; nothing when there is only one.
fn another(path: &[String], parameter: &Value, schema: &Value, at: usize) -> Option<Value> {
    let own = path.iter().fold(schema, |level, name| &level["properties"][name]);
    let kind = own["type"].as_str().or_else(|| own["type"][0].as_str()).unwrap_or("string");
    match kind {
        "integer" => {
            let default = parameter["default"].as_i64().unwrap_or(0);
            let most = own["maximum"].as_i64().unwrap_or(i64::MAX);
            let least = own["minimum"].as_i64().unwrap_or(0);
            if default < most {
                Some(json!(default + 1))
            } else {
                (least < default).then(|| json!(default - 1))
            }
        }
        "boolean" => Some(json!(parameter["default"] != json!(true))),
        "object" => Some(json!({"example.com/other": TEXTS[at % TEXTS.len()]})),
        "array" => Some(json!([{"name": "other"}])),
        _ => Some(json!(TEXTS[at % TEXTS.len()])),
    }
}

fn put(values: &mut Map<String, Value>, path: &[String], value: Value) {
    let Some((first, rest)) = path.split_first() else { return };
    if rest.is_empty() {
        values.insert(first.clone(), value);
        return;
    }
    if let Value::Object(below) = values.entry(first.clone()).or_insert_with(|| json!({})) {
        put(below, rest, value);
    }
}

fn template(helm: &Path, chart: &Path, values: &Map<String, Value>) -> Result<Objects, String> {
    let file = chart.with_extension("values.json");
    std::fs::write(&file, Value::from(values.clone()).to_string()).map_err(|error| error.to_string())?;
    let mut command = Command::new(helm);
    home(&mut command);
    command.args(["template", "release", "--namespace", RELEASE, "--skip-tests", "-f"]).arg(&file).arg(chart);
    Objects::read(&said(&mut command)?)
}

/// The leaves of all objects, by `Kind/name`, or `Kind/namespace/name` outside that of the release, and address.
type Leaves = BTreeMap<(String, String), Value>;

fn leaves(objects: &Objects) -> Leaves {
    let mut leaves = BTreeMap::new();
    for (kind, name, object) in objects.each() {
        // A Job with other values is another Job.
        let name = if kind == "Job" { name.rsplit_once('-').map_or(name, |(base, _)| base) } else { name };
        let address = match object["metadata"]["namespace"].as_str() {
            Some(away) if away != RELEASE => format!("{kind}/{away}/{name}"),
            _ => format!("{kind}/{name}"),
        };
        walk(object, String::new(), "", "", &mut |path, value| {
            leaves.insert((address.clone(), path), value.clone());
        });
    }
    leaves
}

fn compare(parameter: &Value, other: &Value, before: &Leaves, after: &Leaves) -> Vec<String> {
    let targets: BTreeSet<(String, String)> = parameter["targets"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|target| target.as_str()?.split_once(' '))
        .map(|(object, path)| {
            let is_job = object.starts_with("Job/");
            let object = object.rsplit_once('-').filter(|_| is_job).map_or(object, |(base, _)| base);
            (object.to_owned(), path.to_owned())
        })
        .collect();
    let changed: Vec<&(String, String)> = before
        .keys()
        .chain(after.keys())
        .collect::<BTreeSet<_>>()
        .into_iter()
        .filter(|key| before.get(*key) != after.get(*key) && !follows(key))
        .collect();
    let below = |path: &str, target: &str| {
        path.strip_prefix(target)
            .is_some_and(|rest| rest.is_empty() || target.is_empty() || rest.starts_with(['.', '[']))
    };
    let mut wrong = Vec::new();
    for (object, path) in &changed {
        if !targets.iter().any(|(known, target)| known == object && below(path, target)) {
            wrong.push(format!("{object} {path} changes, and no target says so"));
        }
    }
    for (object, target) in &targets {
        let own: Vec<_> =
            changed.iter().filter(|(known, path)| known == object && below(path, target)).collect();
        if own.is_empty() {
            wrong.push(format!("{object} {target} stays as it is"));
        }
        let shows = |key: &(String, String)| match (after.get(key), other.as_str()) {
            (Some(Value::String(text)), Some(other)) => text.contains(other),
            _ => true,
        };
        if !object.starts_with("Secret/") && !own.is_empty() && !own.iter().any(|key| shows(key)) {
            wrong.push(format!("{object} {target} does not hold the value"));
        }
    }
    wrong
}

/// Whether a leaf is worked out of others: the digest of files, the name of a Job.
fn follows((_, path): &(String, String)) -> bool {
    path.contains("annotations[\"transship/config-")
        || path == "metadata.name"
        || path.contains(".command[") && path.contains("-end]")
        || path.starts_with("rules[")
}

/// Shows every leaf with its address.
fn walk(value: &Value, path: String, owner: &str, key: &str, look: &mut impl FnMut(String, &Value)) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (name, field) in fields {
                let quoted = name.is_empty() || name.contains(['.', '/', '[', ']', '"']);
                let path = match (quoted, path.is_empty()) {
                    (true, _) => format!("{path}[\"{name}\"]"),
                    (false, true) => name.clone(),
                    (false, false) => format!("{path}.{name}"),
                };
                walk(field, path, key, name, look);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (at, item) in items.iter().enumerate() {
                let name = name(owner, key, item).unwrap_or_else(|| at.to_string());
                let inner = format!("{key}[{name}]");
                walk(item, format!("{path}[{name}]"), owner, &inner, look);
            }
        }
        _ => look(path, value),
    }
}

/// What names an item of a list, as Kubernetes merges it.
fn name(owner: &str, key: &str, item: &Value) -> Option<String> {
    let text = |name: &str| match &item[name] {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let pair = |first: &str| Some(format!("{}/{}", text(first)?, text("protocol")?));
    match key {
        "containers" | "initContainers" | "volumes" | "env" | "imagePullSecrets" | "sysctls" | "options" => {
            text("name")
        }
        "volumeMounts" => text("mountPath"),
        "volumeClaimTemplates" => item["metadata"]["name"].as_str().map(str::to_owned),
        "hostAliases" => text("ip"),
        "items" => text("path"),
        "topologySpreadConstraints" => text("topologyKey"),
        "ports" if owner.contains("ontainers[") => pair("containerPort"),
        "ports" => pair("port"),
        _ => None,
    }
}

/// Whether the schema refuses what has one value only.
pub(crate) fn bounds(helm: &Path, chart: &Path, report: &Value) -> Result<Vec<String>, String> {
    let schema = place::json(&chart.join("values.schema.json"))?;
    let mut wrong = Vec::new();
    for parameter in report["parameters"].as_array().into_iter().flatten() {
        let path = path(parameter, &schema);
        let own = path.iter().fold(&schema, |level, name| &level["properties"][name]);
        let Some(most) = own["maximum"].as_i64().filter(|_| own["type"] == "integer") else { continue };
        let set = format!("{}={}", path.join("."), most + 1);
        let mut command = Command::new(helm);
        let output = ended(home(&mut command).args(["template", "release", "--set", &set]).arg(chart))?;
        if output.status.success() {
            wrong.push(format!("{set} is taken, and there may be {most} at most"));
        }
    }
    Ok(wrong)
}
