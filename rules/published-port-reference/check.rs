//! Looks for values that reach a peer through the port that it publishes on the Docker host.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Finding, slugs};
use crate::plan::topology::{Call, Callee, Place, Standing, Topology};
use crate::rule::{Ctx, Sink};
use crate::source::Text;
use crate::source::span::Span;

/// Who publishes a port, and which port of the container it is.
type Published<'t> = BTreeMap<u16, (&'t Text, u16)>;

pub(crate) fn check(ctx: &Ctx<'_>, sink: &mut Sink) {
    let topology = &ctx.plan.topology;
    let mut published = Published::new();
    for (name, standing) in &topology.standings {
        for (port, target) in &standing.published {
            published.entry(*port).or_insert((name, *target));
        }
    }
    // What an anchor or an env file gives to many is meant for the one that listens there.
    let calls = || topology.calls.iter().filter(|call| call.place != Place::Elsewhere);
    let meant: BTreeSet<(Span, u16)> = calls()
        .filter(|call| call.to == Callee::Loopback)
        .filter_map(|call| Some((call.span, call.port.filter(|port| is_own(topology, call, *port))?)))
        .collect();
    for call in calls() {
        let Some(port) = call.port else { continue };
        let finding = match &call.to {
            Callee::Loopback if meant.contains(&(call.span, port)) => None,
            Callee::Loopback => on_the_host(&published, call, port),
            Callee::Member(to) => by_name(topology, call, to, port),
            Callee::Outside => None,
        };
        finding.into_iter().for_each(|finding| sink.report(finding));
    }
}

/// `localhost:8080`, where another service publishes 8080.
fn on_the_host(published: &Published<'_>, call: &Call, port: u16) -> Option<Finding> {
    let (to, target) = published.get(&port)?;
    let message = format!(
        "`{}:{port}` is `{to}` on a Docker host only; in a pod it is the pod itself, and no node publishes it",
        call.name
    );
    let tip = format!(
        "write `{to}:{target}`, or, where a browser is to use it, the address at which `{to}` is exposed"
    );
    Some(finding(call, message).tip(tip))
}

/// Whether a service that calls the loopback listens on the port itself, or publishes it.
fn is_own(topology: &Topology, call: &Call, port: u16) -> bool {
    topology.of(&call.from).is_some_and(|own| own.ports.contains(&port) || publishes(own, port).is_some())
}

/// `api:8080`, where `api` listens on another port and publishes it as 8080.
fn by_name(topology: &Topology, call: &Call, to: &Text, port: u16) -> Option<Finding> {
    let other = topology.of(to)?;
    let target = publishes(other, port).filter(|_| !other.ports.contains(&port))?;
    let message = format!(
        "`{}` listens on {target}, and {port} is its number on the Docker host; a Service listens on the container's ports",
        call.name
    );
    Some(finding(call, message).tip(format!("write `{}:{target}`", call.name)))
}

/// The container's port that a published one leads to.
fn publishes(standing: &Standing, port: u16) -> Option<u16> {
    standing.published.iter().find(|(published, _)| *published == port).map(|(_, target)| *target)
}

fn finding(call: &Call, message: String) -> Finding {
    Finding::new(slugs::PUBLISHED_PORT_REFERENCE, call.span, call.path.as_str(), message)
}
