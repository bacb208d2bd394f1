//! A container as a flat list of fields: what is compared.

use std::collections::BTreeMap;

use serde_json::Value;

use super::case::Case;
use super::container::{Run, Seen};

/// Field by field, what was seen.
pub(super) type View = BTreeMap<String, String>;

/// Keys below which names stand that may hold dots.
const NAMED: [&str; 9] =
    ["env", "paths", "below", "names", "targets", "limits", "sysctls", "served", "published"];

/// The fields of a container; names that an engine makes up are told apart from names that somebody wrote.
pub(super) fn of(container: &Seen, run: &Run, case: &Case) -> View {
    let mut view = View::new();
    let about = [
        ("", &container.report),
        ("", &container.peers),
        ("end", &container.end),
        ("state", &container.state),
        ("published", &container.published),
    ];
    for (key, value) in about {
        flatten(key, value, &mut view);
    }
    view.remove("state.id");
    after(container, run, case, &mut view);
    for (field, value) in &mut view {
        if run.containers.iter().any(|one| *value == one.given_name) {
            *value = "(made up)".to_owned();
        }
        if (field.starts_with("targets[") || field.starts_with("published["))
            && let Some(host) = value.strip_prefix("probe ")
        {
            *value = format!("answered by {}", service_of(host, run));
        }
    }
    view
}

/// Whether each one that it depends on was started before it.
fn after(container: &Seen, run: &Run, case: &Case, view: &mut View) {
    let service = case.services().find(|(name, _)| **name == container.service);
    let needed = service.and_then(|(_, service)| service["depends_on"].as_object()).into_iter().flatten();
    for (peer, _) in needed {
        let starts = run.containers.iter().filter(|one| one.service == *peer).map(|one| one.started);
        let last: Option<u64> =
            starts.collect::<Option<Vec<_>>>().and_then(|starts| starts.into_iter().max());
        if let (Some(own), Some(last)) = (container.started, last) {
            view.insert(format!("after[{peer}]"), (own >= last).to_string());
        }
    }
}

/// Which services have this host name.
fn service_of(host: &str, run: &Run) -> String {
    let mut names: Vec<&str> = run
        .containers
        .iter()
        // A task that ran in the same pod has its host name, and answers nobody any more.
        .filter(|container| container.host() == host && container.state["running"] == true)
        .map(|container| container.service.as_str())
        .collect();
    names.dedup();
    if names.is_empty() { host.to_owned() } else { names.join(" or ") }
}

fn flatten(key: &str, value: &Value, view: &mut View) {
    match value {
        Value::Null => {}
        Value::Object(fields) => {
            let named = NAMED.contains(&key.rsplit('.').next().unwrap_or_default());
            for (name, value) in fields {
                let below = match (named, key) {
                    (true, _) => format!("{key}[{name}]"),
                    (false, "") => name.clone(),
                    (false, _) => format!("{key}.{name}"),
                };
                flatten(&below, value, view);
            }
        }
        Value::String(text) => {
            view.insert(key.to_owned(), text.clone());
        }
        other => {
            view.insert(key.to_owned(), other.to_string());
        }
    }
}
