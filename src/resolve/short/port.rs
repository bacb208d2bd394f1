//! `[[ip:]published:]target[/protocol]`, with ranges: the short syntax of ports.

use std::net::IpAddr;
use std::ops::Range;

use smol_str::format_smolstr;

use super::{Piece, piece};
use crate::source::Text;

/// One port of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// The address on the host, without brackets.
    pub host_ip: Option<Piece>,
    /// The port on the host; a range when the host may choose one.
    pub published: Option<Piece>,
    /// The port in the container.
    pub target: (u16, Range<usize>),
    /// The protocol, in lower case, and its bytes when it is written.
    pub protocol: (Text, Option<Range<usize>>),
    /// Whether the entry stands for several ports.
    pub ranged: bool,
}

/// Reads an entry; one with ranges gives several ports, in the order of Compose: sorted as text, `80` after `8000`.
///
/// # Errors
/// What would be valid.
pub fn port(text: &str) -> Result<Vec<Port>, String> {
    let (address, host, container) = sections(text);
    let (container, protocol) = split_protocol(text, container);
    let host_ip = match &text[address.clone()] {
        "" => None,
        written => Some(host_ip(written, address.start)?).filter(|(ip, _)| !ip.is_empty()),
    };
    if container.is_empty() {
        return Err(format!("`{text}` has no container port; write `published:target`, as in `8080:80`"));
    }
    let targets = port_range(&text[container.clone()])?;
    if targets.0 == 0 {
        return Err(format!("`{text}` gives port 0 of the container, which is none; write 1 or more"));
    }
    let hosts = if host.is_empty() { None } else { Some(port_range(&text[host.clone()])?) };
    let several = targets.1 - targets.0;
    if hosts.is_some_and(|hosts| hosts.1 - hosts.0 != several) && several != 0 {
        return Err(format!(
            "the ranges `{}` and `{}` have different lengths; give both as many ports",
            &text[host], &text[container]
        ));
    }
    let protocol = match protocol {
        None => (Text::new_static("tcp"), None),
        Some(range) => (known_protocol(&text[range.clone()])?, Some(range)),
    };
    let mut ports: Vec<Port> = (0..=several)
        .map(|step| Port {
            host_ip: host_ip.clone(),
            published: hosts.map(|(first, last)| {
                let published = if several == 0 && first != last {
                    format_smolstr!("{first}-{last}")
                } else {
                    format_smolstr!("{}", first + step)
                };
                (published, host.clone())
            }),
            target: (targets.0 + step, container.clone()),
            protocol: protocol.clone(),
            ranged: several != 0,
        })
        .collect();
    ports.sort_by_cached_key(|port| format_smolstr!("{}/", port.target.0));
    Ok(ports)
}

/// Address, host port and container port; colons in an address stay in it.
fn sections(text: &str) -> (Range<usize>, Range<usize>, Range<usize>) {
    let Some(last) = text.rfind(':') else { return (0..0, 0..0, 0..text.len()) };
    let container = last + 1..text.len();
    match text[..last].rfind(':') {
        None => (0..0, 0..last, container),
        Some(middle) => (0..middle, middle + 1..last, container),
    }
}

/// Port and protocol.
fn split_protocol(text: &str, container: Range<usize>) -> (Range<usize>, Option<Range<usize>>) {
    let Some(length) = text[container.clone()].find('/') else { return (container, None) };
    let slash = container.start + length;
    (container.start..slash, Some(slash + 1..container.end).filter(|range| !range.is_empty()))
}

/// An address without its brackets, which IPv6 may lack. Brackets around nothing are no address.
fn host_ip(written: &str, start: usize) -> Result<Piece, String> {
    let inner = match written.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']').filter(|inner| !inner.contains(['[', ']'])),
        None => Some(written),
    };
    let inner =
        inner.filter(|inner| inner.is_empty() || inner.parse::<IpAddr>().is_ok()).ok_or_else(|| {
            format!("`{written}` is not an address; write IPv4 as `127.0.0.1`, IPv6 as `[::1]`")
        })?;
    let offset = usize::from(written.starts_with('['));
    Ok(piece(written, offset..offset + inner.len()))
        .map(|(ip, range)| (ip, start + range.start..start + range.end))
}

/// The first and the last port of `N` or `N-M`. A sign is no mistake for Compose.
fn port_range(text: &str) -> Result<(u16, u16), String> {
    let number = |digits: &str| digits.parse::<i64>().ok().and_then(|number| u16::try_from(number).ok());
    let (first, last) = match text.split_once('-') {
        None => (number(text), number(text)),
        Some((first, last)) => (number(first), number(last)),
    };
    match (first, last) {
        (Some(first), Some(last)) if first <= last => Ok((first, last)),
        (Some(_), Some(_)) => {
            Err(format!("the range `{text}` ends before it starts; write the smaller port first"))
        }
        _ => Err(format!(
            "`{text}` is not a port; write a number up to 65535, or two of them as in `8000-8010`"
        )),
    }
}

fn known_protocol(written: &str) -> Result<Text, String> {
    let lower = written.to_lowercase();
    if ["tcp", "udp", "sctp"].contains(&lower.as_str()) {
        return Ok(Text::new(lower));
    }
    Err(format!("`{written}` is not a protocol; write `tcp`, `udp` or `sctp`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Result<Vec<String>, String> {
        let line = |port: &Port| {
            let written =
                |piece: &Option<Piece>| piece.as_ref().map_or(String::new(), |(text, _)| text.to_string());
            format!(
                "{}|{}|{}/{}",
                written(&port.host_ip),
                written(&port.published),
                port.target.0,
                port.protocol.0
            )
        };
        port(text).map(|ports| ports.iter().map(line).collect())
    }

    #[test]
    fn entries_become_the_ports_that_compose_makes() {
        let cases: [(&str, &[&str]); 15] = [
            ("80", &["||80/tcp"]),
            (":080", &["||80/tcp"]),
            ("8080:80/UDP", &["|8080|80/udp"]),
            ("80/", &["||80/tcp"]),
            ("127.0.0.1:8080:80", &["127.0.0.1|8080|80/tcp"]),
            ("1.2.3.4::80", &["1.2.3.4||80/tcp"]),
            ("[::1]:8080:80", &["::1|8080|80/tcp"]),
            ("::1:8080:80", &["::1|8080|80/tcp"]),
            ("+8080:+80", &["|8080|80/tcp"]),
            ("[]:1:2", &["|1|2/tcp"]),
            ("8000-8010:80", &["|8000-8010|80/tcp"]),
            ("8-10", &["||10/tcp", "||8/tcp", "||9/tcp"]),
            ("9-11:9-11/udp", &["|10|10/udp", "|11|11/udp", "|9|9/udp"]),
            ("1-1:2-2", &["|1|2/tcp"]),
            ("[1.2.3.4]:0:1", &["1.2.3.4|0|1/tcp"]),
        ];
        for (text, ports) in cases {
            assert_eq!(lines(text), Ok(ports.iter().map(ToString::to_string).collect()), "{text}");
        }
    }

    #[test]
    fn parts_know_their_bytes() {
        let parsed = port("[::1]:8000-8001:80-81/udp").map(|ports| ports[1].clone());
        let expected = Port {
            host_ip: Some((Text::new("::1"), 1..4)),
            published: Some((Text::new("8001"), 6..15)),
            target: (81, 16..21),
            protocol: (Text::new("udp"), Some(22..25)),
            ranged: true,
        };
        assert_eq!(parsed, Ok(expected));
    }

    #[test]
    fn what_compose_refuses_is_refused_with_what_would_be_valid() {
        let cases = [
            ("8080:", "`8080:` has no container port; write `published:target`, as in `8080:80`"),
            ("/tcp", "`/tcp` has no container port; write `published:target`, as in `8080:80`"),
            ("70000", "`70000` is not a port; write a number up to 65535, or two of them as in `8000-8010`"),
            ("1-2-9", "`1-2-9` is not a port; write a number up to 65535, or two of them as in `8000-8010`"),
            ("80-", "`80-` is not a port; write a number up to 65535, or two of them as in `8000-8010`"),
            ("-1:80", "`-1` is not a port; write a number up to 65535, or two of them as in `8000-8010`"),
            ("9-8", "the range `9-8` ends before it starts; write the smaller port first"),
            ("1-3:1-2", "the ranges `1-3` and `1-2` have different lengths; give both as many ports"),
            ("5:1-2", "the ranges `5` and `1-2` have different lengths; give both as many ports"),
            ("0", "`0` gives port 0 of the container, which is none; write 1 or more"),
            ("80/tcp/udp", "`tcp/udp` is not a protocol; write `tcp`, `udp` or `sctp`"),
            ("80/http", "`http` is not a protocol; write `tcp`, `udp` or `sctp`"),
            ("::x:80:80", "`::x` is not an address; write IPv4 as `127.0.0.1`, IPv6 as `[::1]`"),
            ("01.2.3.4:80:80", "`01.2.3.4` is not an address; write IPv4 as `127.0.0.1`, IPv6 as `[::1]`"),
            (
                "[fe80::1%eth0]:80:80",
                "`[fe80::1%eth0]` is not an address; write IPv4 as `127.0.0.1`, IPv6 as `[::1]`",
            ),
        ];
        for (text, message) in cases {
            assert_eq!(lines(text), Err(message.to_owned()), "{text}");
        }
    }
}
