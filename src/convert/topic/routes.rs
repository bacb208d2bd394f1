//! Ingresses and HTTPRoutes: what leads requests of a host to a published Service.

pub mod certificate;
pub mod ingress;
pub mod gateway;

use std::collections::BTreeMap;

use super::services::published_name;
use crate::convert::draft::Draft;
use crate::convert::hint::{self, Hint};
use crate::convert::member::Member;
use crate::convert::options::Expose;
use crate::convert::pass::Pass;
use crate::convert::routes::PathKind;
use crate::convert::routes::decide::{self, Fate, Routed, Rule, kind_word};
use crate::convert::routes::said;
use crate::diag::slugs;
use crate::plan::why::Why;
use crate::source::Text;

/// Why a route leads where it does.
pub const PUBLISHED: Why =
    Why::Policy("a route leads to the Service of published ports, and to no other port");

/// Where a host and a path lead, by host and path: who has them.
type Taken = BTreeMap<(Text, Text, PathKind), Text>;

/// Writes the routes of the members that are exposed by them.
pub fn convert<'p>(pass: &mut Pass<'p>, drafts: &[Draft<'p>]) {
    let mut taken = Taken::new();
    for draft in drafts {
        let member = draft.member;
        if member.service().is_none() {
            continue;
        }
        wrong(pass, &member);
        if !pass.is_written(member.name) {
            continue;
        }
        let Some(routed) = decide::routed(pass, &member) else { continue };
        untold(pass, &member, &routed);
        contested(pass, &member, &routed, &mut taken);
        if routed.rules.is_empty() {
            continue;
        }
        if routed.invented {
            invented(pass, &member, &routed);
        }
        match routed.way {
            Expose::Gateway => gateway::write(pass, &member, &routed),
            _ => ingress::write(pass, &member, &routed),
        }
    }
}

/// Says which parts of the hint cannot be used.
fn wrong<'p>(pass: &mut Pass<'p>, member: &Member<'p>) {
    for (entry, tip) in said::Said::of(member).wrong {
        let message = format!("`{}` of `expose` cannot be used, and is not followed", entry.key);
        hint::unusable(pass, entry, message, tip);
    }
}

/// What is to be said of a way in, and the next step; nothing when there is none.
#[must_use]
pub fn words(
    routed: &Routed<'_>,
    fate: &Fate,
    (target, number): (u16, u16),
    service: &str,
) -> (String, String) {
    let kind = kind_word(routed.way);
    match fate {
        Fate::Routed(host) => {
            let requests = host.as_ref().map_or("every host".to_owned(), |host| format!("`{host}`"));
            let message = format!(
                "there is no host to publish on; port {number} is that of Service `{service}`, to which an {kind} leads \
                 requests for {requests}"
            );
            (message, String::new())
        }
        Fate::Beside(other) => {
            let message = format!(
                "a host leads to one port, which is {other}; port {number} is that of Service `{service}`, inside the \
                 cluster alone"
            );
            (message, format!("name the port that is meant: `x-transship: {{expose: {{port: {number}}}}}`"))
        }
        Fate::Speaks(words) => {
            let message = format!(
                "port {target} speaks {words}, to which no {kind} leads; port {number} is that of Service `{service}`, \
                 inside the cluster alone"
            );
            (message, "open it with `x-transship: {expose: loadbalancer}`, if it is to be open".to_owned())
        }
        Fate::Unknown => {
            let message = format!(
                "nothing says that port {target} speaks HTTP, so no {kind} leads to it; port {number} is that of Service \
                 `{service}`, inside the cluster alone"
            );
            (message, format!("if it does, say `x-transship: {{expose: {{port: {number}}}}}`"))
        }
    }
}

/// Says what becomes of ways in that no entry of `ports` opens.
fn untold(pass: &mut Pass<'_>, member: &Member<'_>, routed: &Routed<'_>) {
    let service = published_name(&pass.survey.object_name(member.name));
    for (door, fate) in &routed.fates {
        let opened = pass.survey.openings_of(member.name).iter().any(|opening| {
            opening.target == door.target
                && opening.protocol == door.protocol
                && matches!(opening.exposure, crate::convert::survey::openings::Exposure::Outside(_))
        });
        if opened || matches!(fate, Fate::Routed(_)) {
            continue;
        }
        let (message, tip) = words(routed, fate, (door.target, door.number), &service);
        pass.report(pass.finding_of(member, slugs::PUBLISHED_PORT, message).tip(tip));
    }
}

/// Says which services ask for the same requests.
fn contested(pass: &mut Pass<'_>, member: &Member<'_>, routed: &Routed<'_>, taken: &mut Taken) {
    for rule in &routed.rules {
        let host = rule.host.as_ref().map_or_else(Text::default, |(host, _)| host.clone());
        let key = (host.clone(), rule.path.0.clone(), rule.kind.0);
        let holder = taken.entry(key).or_insert_with(|| member.name.clone()).clone();
        if holder == *member.name {
            continue;
        }
        let place = if host.is_empty() { "every host" } else { host.as_str() };
        let message = format!(
            "`{holder}` and `{}` are both reached at {place} under `{}`, and one of them gets the requests",
            member.name, rule.path.0
        );
        let finding = pass.finding_of(member, slugs::CONFLICTING_ENTRIES, message);
        pass.report(finding.tip("give each a host of its own: `--host SERVICE=HOST`"));
        return;
    }
}

fn invented(pass: &mut Pass<'_>, member: &Member<'_>, routed: &Routed<'_>) {
    let kind = kind_word(routed.way);
    let host = routed.rules.iter().find_map(|rule| rule.host.as_ref()).map_or("", |(host, _)| host.as_str());
    let message = format!(
        "nothing says under which host `{}` is reached; its {kind} says `{host}`, where nobody asks",
        member.name
    );
    let finding = pass.finding_of(member, slugs::IMPLICIT_DEFAULT, message);
    pass.report(finding.tip(format!("pass `--host {}=HOST`", member.name)));
}

/// The hosts of some rules, each once.
#[must_use]
pub fn hosts<'r>(rules: impl Iterator<Item = &'r Rule>) -> Vec<(Text, Why)> {
    let mut hosts: Vec<(Text, Why)> = Vec::new();
    for (host, why) in rules.filter_map(|rule| rule.host.as_ref()) {
        match hosts.iter_mut().find(|(known, _)| known == host) {
            Some((_, all)) => *all = all.and(why),
            None => hosts.push((host.clone(), why.clone())),
        }
    }
    hosts
}

/// The parts of the hint that have become fields.
pub fn taken_in<'p>(pass: &mut Pass<'p>, member: &Member<'p>, routed: &Routed<'p>) {
    let said = &routed.said;
    let flags = &pass.options().routing;
    let flagged = flags.host.is_some() || flags.hosts.contains_key(member.name);
    let hints: [Option<&Hint<'p>>; 3] = [
        said.host.as_ref().map(|(_, hint)| hint).filter(|_| !flagged),
        said.path.as_ref().map(|(_, hint)| hint),
        said.port.as_ref().map(|(_, hint)| hint),
    ];
    for hint in hints.into_iter().flatten() {
        hint.mapped(pass);
    }
}
