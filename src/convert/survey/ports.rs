//! The ports that a member is known to listen on, each with its evidence.

use std::collections::BTreeMap;

use super::Survey;
use super::hosts;
use super::openings::WIDEST;
use super::references::Reference;
use crate::compose::image_facts::{self, ExposedPorts, Protocol};
use crate::compose::leaf::Loose;
use crate::compose::project::items;
use crate::convert::Input;
use crate::convert::member::{Either, Member};
use crate::convert::topic::metrics;
use crate::source::Text;
use crate::source::span::{Identity, Span};

/// A port and how it is known.
#[derive(Clone, Debug, PartialEq)]
pub struct KnownPort {
    /// The container's port.
    pub number: u16,
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: &'static str,
    /// How it is known.
    pub evidence: Evidence,
    /// Whether somebody outside its pod uses it.
    pub reached: bool,
}

/// How a port is known.
#[derive(Clone, Debug, PartialEq)]
pub enum Evidence {
    /// The service declares it in `ports` or `expose`.
    Declared(Identity),
    /// The image says so.
    Image(image_facts::Evidence),
    /// A peer, or the service's own healthcheck, uses it.
    Used {
        /// The value that names the port.
        value: Identity,
        /// Where in it.
        span: Span,
        /// Whose value it is.
        by: Text,
    },
}

/// The ports of one member, while they are gathered.
#[derive(Debug, Default)]
pub struct Ports {
    known: Vec<KnownPort>,
    /// A range that is too wide for a list of ports.
    pub wide: Option<Identity>,
}

impl Ports {
    fn add(&mut self, number: u16, protocol: &'static str, evidence: Evidence) {
        let twice = self.known.iter().any(|port| port.number == number && port.protocol == protocol);
        if number != 0 && !twice {
            self.known.push(KnownPort { number, protocol, evidence, reached: false });
        }
    }

    fn has(&self, number: u16) -> bool {
        self.known.iter().any(|port| port.number == number)
    }

    fn reach(&mut self, number: u16, protocol: &str) {
        let same = |port: &&mut KnownPort| port.number == number && port.protocol == protocol;
        if let Some(port) = self.known.iter_mut().find(same) {
            port.reached = true;
        }
    }

    /// The ports, in the order of their evidence.
    #[must_use]
    pub fn into_known(self) -> Vec<KnownPort> {
        self.known
    }
}

/// The ports that a member itself speaks of: declares, has of its image, asks its own health on.
#[must_use]
pub fn own(input: &Input<'_>, survey: &Survey<'_>, member: &Member<'_>) -> Ports {
    let mut ports = Ports::default();
    for opening in survey.openings_of(member.name) {
        if opening.wide {
            ports.wide = ports.wide.or(Some(opening.identity));
        } else {
            ports.add(opening.target, opening.protocol, Evidence::Declared(opening.identity));
        }
    }
    for exposed in items(&member.workload.expose) {
        match exposed_ports(&exposed.value) {
            Some((first, last, protocol)) if usize::from(last - first) < WIDEST => {
                for number in first..=last {
                    ports.add(number, protocol, Evidence::Declared(Identity::of(exposed)));
                }
            }
            Some(_) => ports.wide = ports.wide.or(Some(Identity::of(exposed))),
            None => {}
        }
    }
    if let Some((number, hint)) = metrics::asked(member) {
        ports.add(number, "TCP", Evidence::Declared(hint));
    }
    let facts = match member.kind {
        Either::Service(_) => input.facts.of_service(member.name),
        Either::Job(_) => input.facts.of_job(member.name),
    };
    for known in &facts.ports.items {
        let ExposedPorts { first, last, protocol } = known.value;
        if usize::from(last.saturating_sub(first)) < WIDEST {
            for number in first..=last {
                ports.add(number, word(protocol), Evidence::Image(known.evidence.clone()));
            }
        }
    }
    healthcheck(&mut ports, member);
    for route in survey.routes.get(member.name).into_iter().flat_map(|inferred| &inferred.routes) {
        let Some((number, (value, span))) = route.port.and_then(|port| Some((port.number, port.said?)))
        else {
            continue;
        };
        let by = member.name.clone();
        ports.add(number, "TCP", Evidence::Used { value, span, by });
    }
    ports
}

/// The ports on which the test of a member's health asks the member itself.
fn healthcheck(ports: &mut Ports, member: &Member<'_>) {
    let Some(test) = member.workload.healthcheck.as_ref().and_then(|check| check.value.test.as_ref()) else {
        return;
    };
    for line in &test.value.words {
        hosts::each(&line.value, None, &mut |host| {
            let own = host.is_own(member.name);
            if let Some(port) = host.port.filter(|port| own && !ports.has(*port)) {
                let by = member.name.clone();
                let evidence = Evidence::Used { value: Identity::of(line), span: line.span, by };
                ports.add(port, host.protocol, evidence);
            }
        });
    }
}

/// Adds the ports that peers use.
pub fn used(ports: &mut BTreeMap<Text, Ports>, survey: &Survey<'_>, references: &[Reference]) {
    // Who is written first must not matter: neither for the order of the ports nor for whom they are there.
    let call = |reference| -> Option<(u16, bool, &Reference)> {
        let Reference { from, to, port, .. }: &Reference = reference;
        Some(((*port)?, survey.pods.is_one(from, to), reference))
    };
    let mut calls: Vec<(u16, bool, &Reference)> = references.iter().filter_map(call).collect();
    calls.sort_by_key(|(port, is_own, reference)| (*port, *is_own, &reference.from));
    for (port, _, reference) in calls {
        let Some(of_target) = ports.get_mut(survey.pods.owner(&reference.to)) else { continue };
        // Compose's peers cannot use a published number either, so nobody listens on it.
        let published =
            survey.openings_of(&reference.to).iter().any(|opening| opening.number() == Some(port));
        if !published && !of_target.has(port) {
            let Reference { value, span, from, .. } = reference;
            let evidence = Evidence::Used { value: *value, span: *span, by: from.clone() };
            of_target.add(port, reference.protocol, evidence);
        }
        if survey.pods.owner(&reference.from) != survey.pods.owner(&reference.to) {
            of_target.reach(port, reference.protocol);
        }
    }
}

/// Hands the ports of members that share a network to the member whose pod it is.
pub fn share(ports: &mut BTreeMap<Text, Ports>, survey: &Survey<'_>, members: &[Member<'_>]) {
    for member in members {
        let owner = survey.pods.owner(member.name);
        if owner == member.name.as_str() {
            continue;
        }
        let known = ports.get(member.name).map(|ports| ports.known.clone()).unwrap_or_default();
        let Some(of_owner) = ports.get_mut(owner) else { continue };
        for KnownPort { number, protocol, evidence, reached } in known {
            of_owner.add(number, protocol, evidence);
            if reached {
                of_owner.reach(number, protocol);
            }
        }
    }
}

fn word(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Tcp => "TCP",
        Protocol::Udp => "UDP",
        Protocol::Sctp => "SCTP",
    }
}

/// The first and the last port of an `expose` entry: `80`, `80/udp`, `8000-8010`.
#[must_use]
pub fn exposed_ports(entry: &Loose) -> Option<(u16, u16, &'static str)> {
    let (range, word) = entry.0.split_once('/').unwrap_or((&entry.0, "tcp"));
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    let (first, last): (u16, u16) = (first.parse().ok()?, last.parse().ok()?);
    let protocol = protocol(word)?;
    (first != 0 && first <= last).then_some((first, last, protocol))
}

/// A protocol as Kubernetes writes it.
#[must_use]
pub fn protocol(word: &str) -> Option<&'static str> {
    match word.to_ascii_lowercase().as_str() {
        "" | "tcp" => Some("TCP"),
        "udp" => Some("UDP"),
        "sctp" => Some("SCTP"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exposed_ports_are_single_or_ranges() {
        let read = |text: &str| exposed_ports(&Loose(text.into()));
        assert_eq!(read("80"), Some((80, 80, "TCP")));
        assert_eq!(read("8000-8010/udp"), Some((8000, 8010, "UDP")));
        assert_eq!((read("90-80"), read("x"), read("80/icmp")), (None, None, None));
    }
}
