//! Numbers that a Prometheus asks a service for, where the author says under which port.

use std::rc::Rc;

use super::policy::{are_written, matching, policy};
use super::ports::{NamedPort, named};
use super::services::is_named;
use crate::convert::assemble::{NAME_LABEL, NAMESPACE_LABEL};
use crate::convert::hint::{self, Hint};
use crate::convert::member::{Either, Member};
use crate::convert::pass::Pass;
use crate::convert::survey::reach::Mode;
use crate::k8s::kind::Kind;
use crate::k8s::{label, name};
use crate::plan::field::Field;
use crate::plan::why::Why;
use crate::source::Text;
use crate::source::span::Identity;

/// The hint.
const HINT: &str = "metrics";
/// Where a Prometheus lives, when nobody says it.
const NAMESPACE: &str = "monitoring";

const SCRAPED: Why = Why::Policy("a ServiceMonitor leads a Prometheus to the Service of its service");
const OWN: Why = Why::Policy("other Services lead to the same pods, and each number is asked for once");
const USUAL: Why = Why::Policy("a Prometheus lives in namespace `monitoring`, until a hint says more");

/// The number of the port that a hint names, and the hint.
#[must_use]
pub fn asked(member: &Member<'_>) -> Option<(u16, Identity)> {
    let Either::Service(_) = member.kind else { return None };
    let port = Hint::of(member, HINT)?.under("port")?;
    let number = port.text()?.parse::<u16>().ok().filter(|number| *number > 0)?;
    Some((number, port.identity))
}

/// Writes what leads a Prometheus to the services whose hints ask for it, and what lets it in.
pub fn convert<'p>(pass: &mut Pass<'p>) {
    let members = Rc::clone(&pass.members);
    for member in members.iter() {
        let Some(hint) = pass.hint(member, HINT).filter(|hint| hint.map().is_some()) else { continue };
        let survey = Rc::clone(&pass.survey);
        let owner = survey.pods.owner(member.name);
        let Some(owner) = survey.member(owner).copied().filter(|owner| is_named(pass, owner)) else {
            let message = format!("no Service leads to `{}`, so no Prometheus asks it", member.name);
            hint::unusable_of(pass, hint.identity, hint.key, message, "remove the hint");
            continue;
        };
        match door(&hint, &named(&survey, owner)) {
            Ok(door) => write(pass, member, owner, &hint, &door),
            Err(message) => {
                let message = format!("{message}, so no Prometheus asks `{}`", member.name);
                let tip = "name the port: `metrics: {port: 9090}`";
                hint::unusable_of(pass, hint.identity, hint.key, message, tip);
            }
        }
    }
}

/// The port that is asked.
struct Door {
    name: Text,
    number: u16,
}

/// The port that the hint names by number or name, or the only one; else what is wrong.
fn door(hint: &Hint<'_>, ports: &[NamedPort<'_, '_>]) -> Result<Door, String> {
    let mut open = ports.iter().filter(|port| port.known.protocol == "TCP");
    let found = match hint.under("port").and_then(|port| port.text()) {
        Some(wanted) => {
            let is_it =
                |port: &&NamedPort<'_, '_>| port.name == wanted || port.known.number.to_string() == wanted;
            open.find(is_it).ok_or(format!("`{wanted}` is no TCP port of its Service, by number or name"))
        }
        None => match (open.next(), open.next()) {
            (Some(only), None) => Ok(only),
            (None, _) => Err("no TCP port is known".to_owned()),
            (Some(_), Some(_)) => {
                Err("several ports are known, and nothing says which has the numbers".to_owned())
            }
        },
    };
    found.map(|port| Door { name: port.name.clone(), number: port.known.number })
}

fn write<'p>(pass: &mut Pass<'p>, member: &Member<'p>, owner: Member<'p>, hint: &Hint<'p>, door: &Door) {
    let object = pass.survey.object_name(member.name);
    let service = pass.survey.object_name(owner.name);
    let why = hint.under("port").map_or(SCRAPED, |port| port.mapped(pass));
    let path = text(pass, hint, "path", |path| path.starts_with('/'), "write it as `/metrics`");
    let labels = labels(pass, hint);
    let alone = is_alone(pass, &service);
    let owners = vec![member.name.clone()];
    let body = pass.object(Kind::ServiceMonitor, object.clone(), owners.clone());
    for (key, value, why) in labels {
        body.map("metadata").map("labels").put(key, value, &why);
    }
    let spec = body.map("spec");
    spec.map("selector").map("matchLabels").put(NAME_LABEL, &service, &SCRAPED);
    let endpoint = spec.list("endpoints").push_map();
    endpoint.put("port", &door.name, &why);
    if let Some((path, why)) = path {
        endpoint.put("path", path, &why);
    }
    if !alone {
        let rule = endpoint.list("relabelings").push_map();
        rule.list("sourceLabels").push_value("__meta_kubernetes_service_name", &OWN);
        rule.put("regex", &service, &OWN);
        rule.put("action", "keep", &OWN);
    }
    let (space, of_space) = text(pass, hint, "namespace", name::is_label, "write the name of a namespace")
        .unwrap_or((NAMESPACE.into(), USUAL));
    let is_on_host = pass.survey.reach.stands.get(owner.name).is_some_and(|stand| stand.mode == Mode::Host);
    if !are_written(pass) || is_on_host {
        return;
    }
    let pod = pass.survey.pod_name(member.name);
    let name = name::with_ending(&object, HINT, name::LABEL_LENGTH);
    let spec = policy(pass, &name, owners, &["Ingress"], &SCRAPED);
    matching(spec.map("podSelector"), &[(NAME_LABEL, &pod)], &SCRAPED);
    let rule = spec.list("ingress").push_map();
    let from = rule.list("from").push_map().map("namespaceSelector");
    matching(from, &[(NAMESPACE_LABEL, &space)], &of_space);
    let port = rule.list("ports").push_map();
    port.put("protocol", "TCP", &why);
    port.put("port", i64::from(door.number), &why);
}

/// A part of the hint, when it can be used; said when not.
fn text(
    pass: &mut Pass<'_>,
    hint: &Hint<'_>,
    key: &str,
    is_usable: impl Fn(&str) -> bool,
    tip: &str,
) -> Option<(Text, Why)> {
    let part = hint.under(key)?;
    if let Some(text) = part.text().filter(|text| is_usable(text)) {
        return Some((text, part.mapped(pass)));
    }
    let message = format!("`{key}` of `{HINT}` cannot be used, and is not followed");
    hint::unusable_of(pass, part.identity, part.key, message, tip);
    None
}

/// The labels by which a Prometheus finds its monitors, as the hint has them.
fn labels(pass: &mut Pass<'_>, hint: &Hint<'_>) -> Vec<(Text, Text, Why)> {
    let mut labels = Vec::new();
    let Some(part) = hint.under("labels") else { return labels };
    for entry in part.map().iter().flat_map(|map| &map.entries) {
        let value = entry.node.value.scalar_text().filter(|value| label::is_value(value));
        match value.filter(|_| label::is_key(&entry.key)) {
            Some(value) => labels.push((entry.key.clone(), value, hint::mapped(pass, entry))),
            None => {
                let message = format!("`{}` under `labels` is no label, and is left out", entry.key);
                hint::unusable(
                    pass,
                    entry,
                    message,
                    "write a name and a short text, as `release: prometheus`",
                );
            }
        }
    }
    labels
}

/// Whether no other Service bears the label of a service.
fn is_alone(pass: &Pass<'_>, service: &Text) -> bool {
    !pass.objects.iter().any(|object| {
        let label = object.body.at(&["metadata", "labels", NAME_LABEL]).and_then(Field::as_text);
        object.id.kind == Kind::Service && object.id.name != *service && label == Some(service.as_str())
    })
}
