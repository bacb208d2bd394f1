//! Looks for traffic that leaves beside the project's way out, or loops through it.

use std::collections::{BTreeMap, BTreeSet};

use crate::compose::leaf::Loose;
use crate::compose::project::entries;
use crate::diag::{Finding, slugs};
use crate::plan::topology::{Call, Callee, Place, Standing, Topology};
use crate::rule::subject::{self, Subject};
use crate::rule::{Ctx, Sink};
use crate::source::Text;
use crate::source::span::Spanned;

const RULE: crate::diag::Slug = slugs::EGRESS_PROXY_GAP;
const HTTP: &str = "HTTP_PROXY";
const HTTPS: &str = "HTTPS_PROXY";
const ALL: &str = "ALL_PROXY";
const EXCEPT: &str = "NO_PROXY";

/// The variables of a service that speak of proxies, by their names in capitals.
type Variables<'c> = BTreeMap<&'static str, (&'c Text, &'c Spanned<Option<Loose>>, &'c str)>;

/// The ways out of the project.
struct WaysOut<'t> {
    /// Those that say so.
    declared: BTreeSet<&'t Text>,
    /// Those, and the services that somebody names as a proxy.
    all: BTreeSet<&'t Text>,
}

pub(crate) fn check(ctx: &Ctx<'_>, sink: &mut Sink) {
    let topology = &ctx.plan.topology;
    let ways = ways_out(topology);
    several(topology, &ways, sink);
    if ways.all.is_empty() {
        return;
    }
    for subject in subject::main(ctx).filter(|subject| subject.service.is_some()) {
        let Some(standing) = topology.of(subject.name).filter(|_| !ways.all.contains(subject.name)) else {
            continue;
        };
        let variables = variables(&subject);
        let calls: Vec<&Call> = topology.calls_of(subject.name).collect();
        sink_all(lacking(&subject, standing, &ways, &variables), sink);
        sink_all(elsewhere(&subject, &ways, &variables, &calls), sink);
        sink_all(looping(&subject, &ways, &variables, &calls), sink);
    }
}

fn sink_all(findings: impl IntoIterator<Item = Finding>, sink: &mut Sink) {
    findings.into_iter().for_each(|finding| sink.report(finding));
}

fn ways_out(topology: &Topology) -> WaysOut<'_> {
    let declared: BTreeSet<&Text> = topology
        .standings
        .iter()
        .filter(|(_, standing)| standing.way_out.is_some())
        .map(|(name, _)| name)
        .collect();
    let named =
        topology.calls.iter().filter(|call| call.place == Place::Environment && is_of_proxy(&call.path));
    let named = named.filter_map(|call| match &call.to {
        Callee::Member(to) if *to != call.from => Some(to),
        Callee::Member(_) | Callee::Loopback | Callee::Outside => None,
    });
    let all = declared.iter().copied().chain(named).collect();
    WaysOut { declared, all }
}

/// Whether a path is that of a variable that names a proxy.
fn is_of_proxy(path: &str) -> bool {
    let name = path.rsplit('.').next().unwrap_or_default();
    [HTTP, HTTPS, ALL].iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// More than one way out is none that anybody watches.
fn several(topology: &Topology, ways: &WaysOut<'_>, sink: &mut Sink) {
    let mut declared = ways.declared.iter();
    let Some(first) = declared.next() else { return };
    for name in declared {
        let Some(span) = topology.of(name).and_then(|standing| standing.way_out) else { continue };
        let message = format!(
            "`{first}` and `{name}` both have the role `egress`; there is more than one way out to watch"
        );
        let finding = Finding::new(RULE, span, subject::entry("services", name), message);
        sink.report(finding.tip("let one service be the way out"));
    }
}

fn variables<'c>(subject: &Subject<'c>) -> Variables<'c> {
    let mut variables = Variables::new();
    for (key, variable) in entries(&subject.container.environment) {
        let known = [HTTP, HTTPS, ALL, EXCEPT].into_iter().find(|known| known.eq_ignore_ascii_case(key));
        let (Some(known), Some(Loose(text))) = (known, &variable.value) else { continue };
        // Programs that know both look at the one in small letters first.
        if !variables.contains_key(known) || key.starts_with(char::is_lowercase) {
            variables.insert(known, (key, variable, text.trim()));
        }
    }
    variables
}

/// A variable that names a proxy, when it has a value.
fn proxy<'v>(variables: &'v Variables<'_>, name: &str) -> Option<&'v str> {
    variables.get(name).map(|(_, _, text)| *text).filter(|text| !text.is_empty())
}

/// No variable at all, or only one of the two.
fn lacking(
    subject: &Subject<'_>,
    standing: &Standing,
    ways: &WaysOut<'_>,
    variables: &Variables<'_>,
) -> Option<Finding> {
    let name = subject.name;
    let way = ways.all.first()?;
    let unset: Vec<&str> = [HTTP, HTTPS].into_iter().filter(|known| !variables.contains_key(known)).collect();
    if variables.contains_key(ALL) {
        return None;
    }
    let tip = format!("set both to the address of `{way}`, and `NO_PROXY` to the names of the services");
    match unset.as_slice() {
        [_, _] if !ways.declared.is_empty() && standing.attached && standing.open => {
            let message = format!(
                "`{name}` may reach the outside and sets no `HTTP_PROXY` and no `HTTPS_PROXY`; its traffic leaves beside `{way}`"
            );
            Some(subject.absence(RULE, message).tip(tip))
        }
        [missing] => {
            let other = if *missing == HTTP { HTTPS } else { HTTP };
            proxy(variables, other)?;
            let (key, variable, _) = variables.get(other)?;
            let message = format!(
                "`{name}` sets `{key}` and no `{missing}`; the other half of its traffic leaves beside `{way}`"
            );
            let path = subject::entry("environment", key);
            Some(subject.finding(RULE, variable.key, &path, message).tip(tip))
        }
        _ => None,
    }
}

/// A proxy that is none of the project's ways out.
fn elsewhere(
    subject: &Subject<'_>,
    ways: &WaysOut<'_>,
    variables: &Variables<'_>,
    calls: &[&Call],
) -> Vec<Finding> {
    let way = ways.all.first().map_or("", |way| way.as_str());
    let mut findings = Vec::new();
    for known in [HTTP, HTTPS, ALL] {
        if proxy(variables, known).is_none() {
            continue;
        }
        let Some((key, variable, _)) = variables.get(known) else { continue };
        let path = subject.path(&subject::entry("environment", key));
        let leads = |call: &&&Call| {
            call.path == path && matches!(&call.to, Callee::Member(to) if ways.all.contains(to))
        };
        if calls.iter().any(|call| leads(&call)) {
            continue;
        }
        let message = format!(
            "`{key}` of `{}` does not lead to `{way}`, which is the way out of the project",
            subject.name
        );
        let finding = Finding::new(RULE, variable.span, path, message);
        findings.push(finding.tip(format!("write the address of `{way}`")));
    }
    findings
}

/// Peers that are called through the proxy.
fn looping(
    subject: &Subject<'_>,
    ways: &WaysOut<'_>,
    variables: &Variables<'_>,
    calls: &[&Call],
) -> Option<Finding> {
    let first = [HTTP, HTTPS, ALL].into_iter().find(|known| proxy(variables, known).is_some())?;
    let except = variables.get(EXCEPT);
    let list = except.map_or("", |(_, _, text)| text);
    let missed: BTreeSet<&str> = calls
        .iter()
        .filter(|call| call.web && call.place != Place::Elsewhere)
        .filter(|call| match &call.to {
            Callee::Member(to) => to != subject.name && !ways.all.contains(to),
            Callee::Loopback | Callee::Outside => false,
        })
        .map(|call| call.name.as_str())
        .filter(|name| !is_excepted(list, name))
        .collect();
    if missed.is_empty() {
        return None;
    }
    let missed: Vec<String> = missed.into_iter().map(|name| format!("`{name}`")).collect();
    let (key, variable, _) = except.or_else(|| variables.get(first))?;
    let span = if except.is_some() { variable.span } else { variable.key };
    let message = format!(
        "`NO_PROXY` of `{}` does not name {}; its requests to a peer take the way through the proxy",
        subject.name,
        missed.join(", ")
    );
    let path = subject::entry("environment", key);
    let finding = subject.finding(RULE, span, &path, message);
    Some(finding.tip(format!("add {} to `NO_PROXY`", missed.join(", "))))
}

/// Whether the list of `NO_PROXY` covers a name: itself, a domain above it, or all.
fn is_excepted(list: &str, name: &str) -> bool {
    list.split([',', ' ']).map(str::trim).filter(|entry| !entry.is_empty()).any(|entry| {
        let entry = entry.split(':').next().unwrap_or(entry).trim_start_matches("*.").trim_start_matches('.');
        let is_below = || name.strip_suffix(entry).is_some_and(|rest| rest.ends_with('.'));
        entry == "*" || entry.eq_ignore_ascii_case(name) || is_below()
    })
}
