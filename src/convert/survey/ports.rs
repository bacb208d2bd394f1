//! The ports that a member is known to listen on, each with its evidence.

use crate::compose::leaf::Loose;
use crate::compose::project::items;
use crate::convert::member::Member;
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
}

/// How a port is known.
#[derive(Clone, Debug, PartialEq)]
pub enum Evidence {
    /// The service declares it in `ports` or `expose`.
    Declared(Identity),
    /// The image says so; in words, from where.
    Image(Text),
    /// A peer, or the service's own healthcheck, uses it: the value, its place, and who.
    Used {
        /// The value that names the port.
        value: Identity,
        /// Where in it.
        span: Span,
        /// Whose value it is.
        by: Text,
    },
}

/// The ports that a member declares.
#[must_use]
pub fn declared(member: &Member<'_>) -> Vec<KnownPort> {
    let mut known: Vec<KnownPort> = Vec::new();
    let mut add = |number: u16, protocol: &'static str, identity: Identity| {
        let twice = known.iter().any(|port| port.number == number && port.protocol == protocol);
        if number != 0 && !twice {
            known.push(KnownPort { number, protocol, evidence: Evidence::Declared(identity) });
        }
    };
    for port in items(&member.workload.ports) {
        let Some(target) = &port.value.target else { continue };
        let word = port.value.protocol.as_ref().map_or("tcp", |protocol| protocol.value.as_str());
        if let (Ok(number), Some(protocol)) = (u16::try_from(target.value.0), protocol(word)) {
            add(number, protocol, Identity::of(&**target));
        }
    }
    for exposed in items(&member.workload.expose) {
        for (number, protocol) in exposed_ports(&exposed.value) {
            add(number, protocol, Identity::of(exposed));
        }
    }
    known
}

/// The ports of an `expose` entry: `80`, `80/udp`, `8000-8010`; of a range at most 64.
#[must_use]
pub fn exposed_ports(entry: &Loose) -> Vec<(u16, &'static str)> {
    let (range, word) = entry.0.split_once('/').unwrap_or((&entry.0, "tcp"));
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    let (Ok(first), Ok(last), Some(protocol)) = (first.parse::<u16>(), last.parse::<u16>(), protocol(word))
    else {
        return Vec::new();
    };
    (first..=last).take(64).map(|number| (number, protocol)).collect()
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
