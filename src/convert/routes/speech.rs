//! What a port speaks: only HTTP can be led by a host and a path. What nothing says is not guessed.

use super::decide::Door;
use super::said::Said;
use crate::compose::port::Port;
use crate::convert::member::Member;
use crate::convert::pass::Pass;
use crate::convert::survey::hosts::{self, Web};
use crate::source::Text;

/// What a port speaks, as far as something says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Speech {
    /// HTTP without encryption.
    Http,
    /// Something else, in words.
    Other(Text),
    /// Nothing says.
    Unknown,
}

/// Ports that are HTTP wherever they are open: those of the registry of numbers, of frameworks, and of servers that
/// everybody runs.
const HTTP: [u16; 28] = [
    80, 591, 3000, 3100, 3200, 4318, 5000, 5601, 5984, 7474, 8000, 8008, 8080, 8081, 8086, 8088, 8123, 8200,
    8500, 8888, 8983, 9090, 9093, 9100, 9200, 9411, 15672, 16686,
];

/// Ports of other protocols.
const OTHERS: [(u16, &str); 37] = [
    (21, "FTP"),
    (22, "SSH"),
    (25, "SMTP"),
    (53, "DNS"),
    (110, "POP3"),
    (143, "IMAP"),
    (389, "LDAP"),
    (443, TLS),
    (465, "SMTP"),
    (587, "SMTP"),
    (636, "LDAP"),
    (853, "DNS"),
    (993, "IMAP"),
    (995, "POP3"),
    (1433, "SQL Server"),
    (1521, "Oracle"),
    (1883, "MQTT"),
    (2049, "NFS"),
    (2181, "ZooKeeper"),
    (3306, "MySQL"),
    (3389, "RDP"),
    (4222, "NATS"),
    (4317, "gRPC"),
    (5044, "Beats"),
    (5432, "PostgreSQL"),
    (5671, "AMQP"),
    (5672, "AMQP"),
    (5900, "VNC"),
    (6379, "Redis"),
    (6380, "Redis"),
    (8443, TLS),
    (8883, "MQTT"),
    (9042, "Cassandra"),
    (9092, "Kafka"),
    (11211, "memcached"),
    (26257, "CockroachDB"),
    (27017, "MongoDB"),
];

/// What speaks TLS itself has a certificate of its own, and a route would end it.
const TLS: &str = "TLS with a certificate of its own";

/// What a port of a member speaks.
#[must_use]
pub fn of(pass: &Pass<'_>, member: &Member<'_>, said: &Said<'_>, door: &Door) -> Speech {
    let Door { number, target, protocol, .. } = *door;
    if protocol != "TCP" {
        return Speech::Other(protocol.into());
    }
    if said.port.as_ref().is_some_and(|(port, _)| *port == target || *port == number) {
        return Speech::Http;
    }
    let openings = pass.survey.openings_of(member.name).iter();
    let entries = openings.filter(|opening| opening.target == target && opening.protocol == protocol);
    for entry in entries {
        if let Some(speech) = by_entry(&entry.port.value) {
            return speech;
        }
    }
    let inferred = pass.survey.routes.get(member.name).into_iter().flat_map(|inferred| &inferred.routes);
    if inferred.flat_map(|route| route.port).any(|port| port.number == target) {
        return Speech::Http;
    }
    if let Some(speech) = by_test(member, target) {
        return speech;
    }
    if let Some((_, words)) = OTHERS.iter().find(|(port, _)| *port == target) {
        return Speech::Other(Text::new_static(words));
    }
    match pass.survey.web.get(&(member.name.clone(), target)) {
        Some(Web::Https) => Speech::Other(TLS.into()),
        Some(Web::Http) => Speech::Http,
        Some(Web::No) | None if HTTP.contains(&target) => Speech::Http,
        Some(Web::No) | None => Speech::Unknown,
    }
}

/// What the entry of `ports` says.
fn by_entry(port: &Port) -> Option<Speech> {
    if let Some(app) = &port.app_protocol {
        let word = app.value.to_ascii_lowercase();
        return Some(match word.strip_prefix("kubernetes.io/").unwrap_or(&word) {
            "http" | "h2c" | "ws" | "http2" => Speech::Http,
            "https" | "wss" | "tls" => Speech::Other(TLS.into()),
            _ => Speech::Other(app.value.clone()),
        });
    }
    let name = port.name.as_ref()?.value.to_ascii_lowercase();
    match name.split(['-', '_']).next()? {
        "http" | "web" => Some(Speech::Http),
        "https" => Some(Speech::Other(TLS.into())),
        _ => None,
    }
}

/// What the test of the member's own health says, when it asks for an address of the web.
fn by_test(member: &Member<'_>, target: u16) -> Option<Speech> {
    let test = member.workload.healthcheck.as_ref()?.value.test.as_ref()?;
    let mut found = None;
    for line in &test.value.words {
        hosts::each(&line.value, None, &mut |host| {
            let own = host.is_own(member.name);
            if own && host.port == Some(target) && found.is_none() {
                found = match host.web {
                    Web::No => None,
                    Web::Http => Some(Speech::Http),
                    Web::Https => Some(Speech::Other(TLS.into())),
                };
            }
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_port_speaks_two_protocols() {
        let both: Vec<u16> =
            HTTP.into_iter().filter(|port| OTHERS.iter().any(|(other, _)| other == port)).collect();
        assert_eq!(both, Vec::<u16>::new());
    }
}
