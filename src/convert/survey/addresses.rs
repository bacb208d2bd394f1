//! Addresses that a project fixes, and who repeats them; and the names of the host.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use crate::compose::project::{Project, entries, items};
use crate::source::Text;
use crate::source::span::{Identity, Span};

/// Addresses that a project fixes.
#[derive(Debug, Default)]
pub struct Addresses {
    /// Subnets of networks, as they are written and as numbers.
    subnets: Vec<(Text, u32, u32)>,
    /// Addresses of containers.
    fixed: BTreeSet<IpAddr>,
    /// Addresses of gateways.
    gateways: BTreeSet<IpAddr>,
}

/// A value that holds an address.
#[derive(Clone, Debug, PartialEq)]
pub struct AddressUse {
    /// Whose value it is.
    pub from: Text,
    /// The address, or the name of the host.
    pub address: Text,
    /// What it is used for.
    pub meaning: Meaning,
    /// The value; of a mounted file, the value that names the file.
    pub value: Identity,
    /// Where it stands; of a mounted file, where the file is named.
    pub span: Span,
    /// The mounted file and the line in it.
    pub file: Option<Text>,
}

/// What an address is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A container of the project is called by it.
    Peer,
    /// The host is called by it.
    Gateway,
    /// It is repeated, as in a list of trusted addresses.
    Repeated,
}

/// Names by which Docker Desktop and others know the host.
const HOSTS: [&str; 3] = ["host.docker.internal", "gateway.docker.internal", "docker.for.mac.localhost"];
/// The gateway of the engine's own bridge, where nobody has changed it.
const BRIDGE: IpAddr = IpAddr::V4(Ipv4Addr::new(172, 17, 0, 1));

impl Addresses {
    /// Looks at the networks of a project and at who is attached to them.
    #[must_use]
    pub fn of(project: &Project) -> Self {
        let mut addresses = Self::default();
        for (_, network) in entries(&project.model.networks) {
            let Some(ipam) = &network.value.ipam else { continue };
            for pool in items(&ipam.value.config).filter_map(|pool| pool.value.as_ref()) {
                addresses.subnets.extend(pool.subnet.as_ref().and_then(|subnet| parse(&subnet.value)));
                let gateway = pool.gateway.as_ref().map(|gateway| gateway.value.parse::<IpAddr>());
                addresses.gateways.extend(gateway.into_iter().flatten());
            }
        }
        addresses.gateways.insert(BRIDGE);
        let services = entries(&project.model.services).map(|(_, service)| &service.value.container);
        let jobs = entries(&project.model.jobs).map(|(_, job)| &job.value.container);
        for container in services.chain(jobs) {
            for attachment in entries(&container.networks).filter_map(|(_, item)| item.value.as_ref()) {
                let written = [&attachment.ipv4_address, &attachment.ipv6_address];
                let fixed =
                    written.into_iter().flatten().filter_map(|address| address.value.parse::<IpAddr>().ok());
                addresses.fixed.extend(fixed);
            }
        }
        addresses
    }

    /// Whether the project fixes no address.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.subnets.is_empty() && self.fixed.is_empty()
    }

    /// What something in a host position is, when it is the host or an address that the project fixes.
    #[must_use]
    pub fn of_host(&self, name: &str) -> Option<Meaning> {
        if HOSTS.iter().any(|host| name.eq_ignore_ascii_case(host)) {
            return Some(Meaning::Gateway);
        }
        let address: IpAddr = name.parse().ok()?;
        if self.gateways.contains(&address) {
            Some(Meaning::Gateway)
        } else if self.fixed.contains(&address) || self.is_inside(address) {
            Some(Meaning::Peer)
        } else {
            None
        }
    }

    fn is_inside(&self, address: IpAddr) -> bool {
        let IpAddr::V4(address) = address else { return false };
        self.subnets.iter().any(|(_, network, mask)| u32::from(address) & mask == *network)
    }

    /// Whether a literal repeats what the project fixes: an address, or a range.
    #[must_use]
    pub fn repeats(&self, literal: &str) -> bool {
        if literal.contains('/') {
            return self.subnets.iter().any(|(subnet, _, _)| subnet == literal);
        }
        literal.parse().is_ok_and(|address| self.fixed.contains(&address) || self.is_inside(address))
    }

    /// The use of a literal that repeats what the project fixes.
    #[must_use]
    pub fn repeated(&self, from: &Text, literal: &str, value: Identity, span: Span) -> Option<AddressUse> {
        let meaning = Meaning::Repeated;
        let (from, address) = (from.clone(), literal.into());
        self.repeats(literal).then_some(AddressUse { from, address, meaning, value, span, file: None })
    }

    /// The use of something in a host position.
    #[must_use]
    pub fn used(&self, from: &Text, name: &str, value: Identity, span: Span) -> Option<AddressUse> {
        let meaning = self.of_host(name)?;
        Some(AddressUse { from: from.clone(), address: name.into(), meaning, value, span, file: None })
    }
}

/// A subnet as it is written, its first address and its mask.
fn parse(subnet: &str) -> Option<(Text, u32, u32)> {
    let (address, bits) = subnet.split_once('/')?;
    let address: Ipv4Addr = address.parse().ok()?;
    let bits: u32 = bits.parse().ok().filter(|bits| *bits <= 32)?;
    let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
    Some((subnet.into(), u32::from(address) & mask, mask))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_a_subnet_are_peers_and_its_text_is_repeated() {
        let subnets = vec![parse("172.28.0.0/16").expect("it is a subnet")];
        let addresses = Addresses { subnets, gateways: BTreeSet::from([BRIDGE]), ..Addresses::default() };
        assert_eq!(addresses.of_host("172.28.3.4"), Some(Meaning::Peer));
        assert_eq!(addresses.of_host("172.17.0.1"), Some(Meaning::Gateway));
        assert_eq!(addresses.of_host("10.0.0.1"), None);
        assert!(addresses.repeats("172.28.0.0/16") && !addresses.repeats("172.16.0.0/12"));
        assert_eq!(parse("0.0.0.0/0").map(|(_, network, mask)| (network, mask)), Some((0, 0)));
    }
}
