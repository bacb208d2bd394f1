//! Hints that change nothing: what is said is taken in, or said to be of no use.

use std::rc::Rc;

use super::hint::{KEY, LABEL, extensions};
use super::pass::Pass;
use crate::compose::codec::Extensions;
use crate::compose::project::entries;
use crate::diag::{Finding, slugs};
use crate::plan::ledger::Verdict;
use crate::source::Text;
use crate::source::span::{Identity, Span};

/// Hints that decide without standing in any field.
const DECIDE: [&str; 12] = [
    "kind",
    "role",
    "wait",
    "storage",
    "service",
    "egress",
    "object",
    "key",
    // These act with some flags alone.
    "vault",
    "expose",
    "aliases",
    "rewrite-hostnames",
];

/// Says which hints have changed nothing, of what is written.
pub fn say(pass: &mut Pass<'_>) {
    let members = Rc::clone(&pass.members);
    let model = &pass.input.project.model;
    let mut found: Vec<(Identity, Span, Text)> = Vec::new();
    for member in members.iter().filter(|member| pass.is_written(member.name)) {
        under(pass, extensions(member), &mut found);
        for (key, label) in entries(&member.container.labels) {
            if let Some(name) = key.strip_prefix(LABEL) {
                look(pass, Identity::of(label), label.key, name, &mut found);
            }
        }
    }
    under(pass, &model.extensions, &mut found);
    for (_, volume) in entries(&model.volumes) {
        under(pass, &volume.value.extensions, &mut found);
    }
    for (identity, span, name) in found {
        let path = pass.accounts.path(identity).to_owned();
        let message = format!("the hint `{name}` changes nothing of what is written");
        pass.report(Finding::new(slugs::UNUSED_DECLARATION, span, path, message).tip("remove it"));
    }
}

fn under(pass: &Pass<'_>, extensions: &Extensions, found: &mut Vec<(Identity, Span, Text)>) {
    let holder = extensions.iter().find(|entry| entry.key == KEY);
    let hints = holder.and_then(|holder| holder.node.as_map()).into_iter().flat_map(|map| &map.entries);
    for entry in hints {
        look(pass, Identity::of(entry), entry.key_span, &entry.key, found);
    }
}

/// A hint of which no part stands in a field, or is said to be of no use.
fn look(pass: &Pass<'_>, identity: Identity, key: Span, name: &str, found: &mut Vec<(Identity, Span, Text)>) {
    let rows = pass.accounts.rows_of(identity);
    if !DECIDE.contains(&name) && rows.iter().all(|row| row.verdict == Some(Verdict::Consumed)) {
        found.push((identity, key, name.into()));
    }
}
