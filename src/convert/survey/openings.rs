//! What each entry of `ports` opens: a port of the container, and perhaps a way in from outside.

use std::collections::HashMap;

use super::ports::protocol;
use super::reach::{Mode, Reach};
use crate::compose::port::Port;
use crate::compose::project::items;
use crate::convert::member::Member;
use crate::source::span::{Identity, Span, Spanned};

/// The most ports of one range that are written one by one.
pub const WIDEST: usize = 64;

/// An entry of `ports`.
#[derive(Clone, Debug)]
pub struct Opening<'p> {
    /// The entry.
    pub port: &'p Spanned<Port>,
    /// The value of its target.
    pub identity: Identity,
    /// The container's port.
    pub target: u16,
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: &'static str,
    /// Whether it is one of a range that is too wide for a list of ports.
    pub wide: bool,
    /// From where it is reached.
    pub exposure: Exposure,
}

/// From where a port is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exposure {
    /// From outside, under this number.
    Outside(u16),
    /// From the host alone.
    Loopback,
    /// From nowhere: all networks of the service are internal, or it has none.
    Unreachable,
    /// From outside, but it is one of a range that is too wide.
    Wide,
}

impl Opening<'_> {
    /// The published number, when it differs from the container's.
    #[must_use]
    pub fn number(&self) -> Option<u16> {
        self.published().filter(|number| *number != self.target)
    }

    /// The published number, when the file says it.
    #[must_use]
    pub fn published(&self) -> Option<u16> {
        first(&self.port.value.published.as_ref()?.value)
    }
}

/// The entries of a member's `ports`.
#[must_use]
pub fn openings<'p>(reach: &Reach, member: &Member<'p>) -> Vec<Opening<'p>> {
    let mut sizes: HashMap<Span, usize> = HashMap::new();
    for port in items(&member.workload.ports) {
        *sizes.entry(port.span).or_default() += 1;
    }
    let mut openings = Vec::new();
    for port in items(&member.workload.ports) {
        let Some(target) = &port.value.target else { continue };
        let word = port.value.protocol.as_ref().map_or("tcp", |protocol| protocol.value.as_str());
        let (Ok(number), Some(protocol)) = (u16::try_from(target.value.0), protocol(word)) else { continue };
        if number == 0 {
            continue;
        }
        let wide = sizes.get(&port.span).is_some_and(|size| *size > WIDEST);
        let exposure = exposure(reach, member, &port.value, number, wide);
        openings.push(Opening {
            port,
            identity: Identity::of(&**target),
            target: number,
            protocol,
            wide,
            exposure,
        });
    }
    openings
}

fn exposure(reach: &Reach, member: &Member<'_>, port: &Port, target: u16, wide: bool) -> Exposure {
    let Some(stand) = reach.stands.get(member.name) else { return Exposure::Unreachable };
    let nets = || stand.networks.iter().filter_map(|word| reach.networks.get(word));
    let reachable = match stand.mode {
        Mode::Attached => nets().any(|net| net.routed),
        Mode::Bridge | Mode::Foreign => true,
        Mode::None | Mode::Host | Mode::Shared(_) => false,
    };
    let address = port.host_ip.as_ref().map(|address| address.value.as_str());
    let address = address.or_else(|| nets().find_map(|net| net.binding.as_deref()));
    if !reachable {
        Exposure::Unreachable
    } else if address.is_some_and(is_loopback) {
        Exposure::Loopback
    } else if wide || port.published.as_ref().is_some_and(|published| width(&published.value) > WIDEST) {
        Exposure::Wide
    } else {
        let published = port.published.as_ref().filter(|published| !published.value.is_empty());
        Exposure::Outside(published.and_then(|published| first(&published.value)).unwrap_or(target))
    }
}

/// Whether only the host itself reaches an address.
#[must_use]
pub fn is_loopback(address: &str) -> bool {
    let plain = address.trim_matches(['[', ']']);
    plain.starts_with("127.") || plain == "::1" || plain == "localhost"
}

/// Whether an address stands for all addresses of the host.
#[must_use]
pub fn is_everywhere(address: &str) -> bool {
    matches!(address.trim_matches(['[', ']']), "" | "0.0.0.0" | "::")
}

/// The first port of a published range; none of 0, for which the engine picks one.
fn first(published: &str) -> Option<u16> {
    published.split('-').next()?.parse().ok().filter(|number| *number != 0)
}

/// How many ports a published range has.
fn width(published: &str) -> usize {
    let Some((first, last)) = published.split_once('-') else { return 1 };
    match (first.parse::<usize>(), last.parse::<usize>()) {
        (Ok(first), Ok(last)) if last >= first => last - first + 1,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_words_are_numbers_or_ranges_and_addresses_are_loopback_or_not() {
        assert_eq!((first("8000-8010"), first("0"), first("")), (Some(8000), None, None));
        assert_eq!((width("8000-8010"), width("80")), (11, 1));
        assert!(is_loopback("127.0.0.53") && is_loopback("[::1]") && !is_loopback("0.0.0.0"));
        assert!(is_everywhere("::") && !is_everywhere("10.0.0.1"));
    }
}
