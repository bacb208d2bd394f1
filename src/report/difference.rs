//! What a change does to the objects, for people and for machines.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::json;
use super::safe;
use crate::diag::Finding;
use crate::diff::{Change, What};
use crate::k8s::kind::Kind;
use crate::plan::Plan;
use crate::plan::difference::FieldChange;
use crate::plan::field::{Leaf, Scalar};
use crate::source::Text;
use crate::source::files::Files;

/// One side of a comparison: a plan and the files that it came from.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The files.
    pub files: &'a Files,
}

/// A comparison and what is known of both sides; a side that was read from a folder has no plan.
pub struct Difference<'a> {
    /// The changes.
    pub changes: &'a [Change],
    /// Where the old objects come from.
    pub old: Option<Side<'a>>,
    /// Where the new objects come from.
    pub new: Side<'a>,
    /// The findings that only the new side has.
    pub findings: &'a [Finding],
}

/// The longest value that is printed whole.
const VALUE: usize = 60;

impl Side<'_> {
    /// The line that a field comes from.
    fn line(&self, leaf: &Leaf) -> Option<String> {
        let row = leaf.why.rows().first()?;
        let span = self.plan.ledger.get(row.0 as usize)?.place.span;
        Some(format!("{}:{}", self.files.file(span.file).name, self.files.start(span).line))
    }

    /// The line of the first of some services.
    fn declared(&self, owners: &[Text]) -> Option<String> {
        let span = *self.plan.members.get(owners.first()?)?;
        Some(format!("{}:{}", self.files.file(span.file).name, self.files.start(span).line))
    }
}

impl Difference<'_> {
    fn home(&self) -> &str {
        &self.new.plan.namespace
    }

    fn place(&self, change: &FieldChange) -> Option<String> {
        match (&change.new, &change.old) {
            (Some(new), _) => self.new.line(new),
            (None, Some(old)) => self.old?.line(old),
            (None, None) => None,
        }
    }
}

/// For a terminal: changed objects with their fields, then added and removed ones by the service they belong to.
#[must_use]
pub fn text(difference: &Difference<'_>) -> String {
    let mut out = String::new();
    for change in difference.changes {
        let What::Changed(fields) = &change.what else { continue };
        out.push_str(&format!("{}\n", change.object.address(difference.home())));
        let rows: Vec<[String; 4]> = fields.iter().map(|field| row(change, field, difference)).collect();
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let (path, value) = (width(1), width(2));
        for [sign, name, change, place] in &rows {
            let line = format!("  {sign} {name:path$}   {change:value$}   {place}");
            out.push_str(line.trim_end());
            out.push('\n');
        }
    }
    for (sign, owners, names) in grouped(difference) {
        let side = if sign == '+' { Some(difference.new) } else { difference.old };
        let place = side.and_then(|side| side.declared(&owners)).unwrap_or_default();
        let line = format!("{sign} {}   {place}", names.join(", "));
        out.push_str(line.trim_end());
        out.push('\n');
    }
    for finding in difference.findings {
        let span = finding.primary.span;
        let files = difference.new.files;
        let place = format!("{}:{}", files.file(span.file).name, files.start(span).line);
        out.push_str(&format!("findings  + {} at {} ({place})\n", finding.slug.0, finding.path));
    }
    out
}

/// For a pull request: short enough to be read there, long values folded.
#[must_use]
pub fn markdown(difference: &Difference<'_>) -> String {
    if difference.changes.is_empty() && difference.findings.is_empty() {
        return "No Kubernetes object changes.\n".to_owned();
    }
    let mut out = String::new();
    for change in difference.changes {
        let What::Changed(fields) = &change.what else { continue };
        let name = change.object.address(difference.home());
        out.push_str(&format!("**{name}**\n\n| | field | change | from |\n|---|---|---|---|\n"));
        for field in fields {
            let [sign, path, change, place] =
                row(change, field, difference).map(|cell| cell.replace('|', "\\|"));
            out.push_str(&format!("| {sign} | {} | {} | {place} |\n", code(&path), code(&change)));
        }
        out.push('\n');
    }
    for (sign, owners, names) in grouped(difference) {
        let side = if sign == '+' { Some(difference.new) } else { difference.old };
        let place = side.and_then(|side| side.declared(&owners)).map(|place| format!(" ({place})"));
        let names: Vec<String> = names.iter().map(|name| code(name)).collect();
        let word = if sign == '+' { "New" } else { "Gone" };
        out.push_str(&format!("- {word}: {}{}\n", names.join(", "), place.unwrap_or_default()));
    }
    for finding in difference.findings {
        let message = safe::visible(&finding.message).replace('|', "\\|");
        out.push_str(&format!("- New finding {}: {message}\n", code(finding.slug.0)));
    }
    out
}

/// For machines.
///
/// # Panics
/// Never: every value here can be written as JSON.
#[must_use]
pub fn json(difference: &Difference<'_>) -> String {
    let document = document(difference);
    json::escaped(&format!("{document:#}\n"))
}

/// What machines read.
#[must_use]
pub fn document(difference: &Difference<'_>) -> Value {
    let scalar = |hidden: bool, leaf: &Option<Leaf>| match leaf {
        Some(_) if hidden => "(not shown)".into(),
        Some(leaf) => (&leaf.value).into(),
        None => Value::Null,
    };
    let changes: Vec<Value> = difference
        .changes
        .iter()
        .map(|change| {
            let address = change.object.address(difference.home());
            match &change.what {
                What::Added(_) => json!({"object": address, "change": "added"}),
                What::Removed(_) => json!({"object": address, "change": "removed"}),
                What::Changed(fields) => json!({"object": address, "change": "changed", "fields": fields.iter().map(|field| {
                    json!({"path": field.path, "old": scalar(is_hidden(change, field), &field.old), "new": scalar(is_hidden(change, field), &field.new), "from": difference.place(field)})
                }).collect::<Vec<_>>()}),
            }
        })
        .collect();
    let files = difference.new.files;
    let findings: Vec<Value> =
        difference.findings.iter().map(|finding| json::object(finding, files)).collect();
    json!({"version": 1, "changes": changes, "findings": findings})
}

/// Sign, address, change and line of a field.
fn row(change: &Change, field: &FieldChange, difference: &Difference<'_>) -> [String; 4] {
    let hidden = is_hidden(change, field);
    let show = |leaf: &Leaf| if hidden { "(not shown)".to_owned() } else { short(&leaf.value) };
    let (sign, change) = match (&field.old, &field.new) {
        (Some(old), Some(new)) => ("~", format!("{} → {}", show(old), show(new))),
        (None, Some(new)) => ("+", show(new)),
        (Some(old), None) => ("-", show(old)),
        (None, None) => ("", String::new()),
    };
    [sign.to_owned(), field.path.clone(), change, difference.place(field).unwrap_or_default()]
}

/// Whether the value is one that nobody may see.
fn is_hidden(change: &Change, field: &FieldChange) -> bool {
    change.object.kind == Kind::Secret && ["data", "stringData"].iter().any(|key| field.path.starts_with(key))
}

/// A value on one line, cut when it is long.
fn short(value: &Scalar) -> String {
    let whole = match value {
        Scalar::Text(text) if text.is_empty() => "\"\"".to_owned(),
        Scalar::Text(text) => text.replace('\n', "⏎"),
        Scalar::Int(number) => number.to_string(),
        Scalar::Bool(switch) => switch.to_string(),
        Scalar::Number(text) => text.to_string(),
        Scalar::EmptyMap => "{}".to_owned(),
        Scalar::EmptyList => "[]".to_owned(),
    };
    let whole = safe::visible(&whole).into_owned();
    if whole.chars().count() <= VALUE {
        return whole;
    }
    whole.chars().take(VALUE - 1).chain(['…']).collect()
}

fn code(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("`{}`", text.replace('`', "'")) }
}

/// Added and removed objects: sign, owners, and the names of the objects with the same owners.
fn grouped(difference: &Difference<'_>) -> Vec<(char, Vec<Text>, Vec<String>)> {
    let mut groups: Vec<(char, Vec<Text>, Vec<String>)> = Vec::new();
    let mut known: BTreeMap<(char, &[Text]), usize> = BTreeMap::new();
    for change in difference.changes {
        let (sign, owners) = match &change.what {
            What::Added(owners) => ('+', owners),
            What::Removed(owners) => ('-', owners),
            What::Changed(_) => continue,
        };
        let name = change.object.address(difference.home());
        match known.get(&(sign, owners.as_slice())) {
            Some(at) => groups[*at].2.push(name),
            None => {
                known.insert((sign, owners), groups.len());
                groups.push((sign, owners.clone(), vec![name]));
            }
        }
    }
    groups
}
