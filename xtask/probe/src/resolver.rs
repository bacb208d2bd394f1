//! Names to addresses, as a C library would: `/etc/hosts`, then the servers of `/etc/resolv.conf` over UDP with its
//! search list. A static program has no such library.

use std::net::Ipv4Addr;

use crate::net;

/// The addresses of a name, in the order of the answer; none when it is not known.
pub(crate) fn resolve(name: &str) -> Vec<Ipv4Addr> {
    if let Ok(address) = name.parse() {
        return vec![address];
    }
    let known = hosts(name);
    if !known.is_empty() {
        return known;
    }
    let settings = Settings::read();
    for candidate in settings.candidates(name) {
        for server in &settings.servers {
            let found = ask(*server, &candidate);
            if !found.is_empty() {
                return found;
            }
        }
    }
    Vec::new()
}

fn hosts(name: &str) -> Vec<Ipv4Addr> {
    let text = std::fs::read_to_string("/etc/hosts").unwrap_or_default();
    text.lines()
        .map(|line| line.split('#').next().unwrap_or_default())
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            let address = words.next()?.parse().ok()?;
            words.any(|word| word.eq_ignore_ascii_case(name)).then_some(address)
        })
        .collect()
}

struct Settings {
    servers: Vec<Ipv4Addr>,
    search: Vec<String>,
    ndots: usize,
}

impl Settings {
    fn read() -> Self {
        let text = std::fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
        let mut settings = Self { servers: Vec::new(), search: Vec::new(), ndots: 1 };
        for line in text.lines() {
            let mut words = line.split_whitespace();
            match words.next() {
                Some("nameserver") => {
                    settings.servers.extend(words.next().and_then(|word| word.parse::<Ipv4Addr>().ok()))
                }
                Some("search" | "domain") => settings.search = words.map(str::to_owned).collect(),
                Some("options") => {
                    for dots in words.filter_map(|word| word.strip_prefix("ndots:")) {
                        settings.ndots = dots.parse().unwrap_or(settings.ndots);
                    }
                }
                _ => {}
            }
        }
        settings
    }

    /// The full names to try, in order.
    fn candidates(&self, name: &str) -> Vec<String> {
        if let Some(absolute) = name.strip_suffix('.') {
            return vec![absolute.to_owned()];
        }
        let searched = self.search.iter().map(|domain| format!("{name}.{domain}"));
        let plain = std::iter::once(name.to_owned());
        if name.matches('.').count() >= self.ndots {
            plain.chain(searched).collect()
        } else {
            searched.chain(plain).collect()
        }
    }
}

/// One question for an address record.
fn ask(server: Ipv4Addr, name: &str) -> Vec<Ipv4Addr> {
    let mut question = vec![0x70, 0x72, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.').filter(|label| !label.is_empty()) {
        let Ok(length) = u8::try_from(label.len()) else { return Vec::new() };
        if length > 63 {
            return Vec::new();
        }
        question.push(length);
        question.extend(label.as_bytes());
    }
    question.extend([0, 0, 1, 0, 1]);
    // A datagram may be lost: C libraries ask twice.
    let reply = net::ask_udp(server, 53, &question).or_else(|_| net::ask_udp(server, 53, &question));
    reply.map(|reply| addresses(&reply, question.len())).unwrap_or_default()
}

/// The address records behind the repeated question.
fn addresses(reply: &[u8], mut place: usize) -> Vec<Ipv4Addr> {
    let number = |place: usize| -> usize {
        let byte = |at: usize| usize::from(reply.get(at).copied().unwrap_or(0));
        byte(place) * 256 + byte(place + 1)
    };
    let mut found = Vec::new();
    for _ in 0..number(6) {
        place = behind_name(reply, place);
        let (kind, length) = (number(place), number(place + 8));
        place += 10;
        if let (1, Some(&[a, b, c, d])) = (kind, reply.get(place..place + 4)) {
            found.push(Ipv4Addr::new(a, b, c, d));
        }
        place += length;
    }
    found
}

fn behind_name(reply: &[u8], mut place: usize) -> usize {
    loop {
        match reply.get(place).copied() {
            None | Some(0) => return place + 1,
            // A pointer ends a name.
            Some(byte) if byte >= 0xc0 => return place + 2,
            Some(length) => place += usize::from(length) + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::addresses;

    #[test]
    fn an_answer_with_a_pointer_and_a_canonical_name_gives_its_addresses() {
        let mut reply = vec![0, 0, 0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0];
        let question = [2, b'd', b'b', 0, 0, 1, 0, 1];
        reply.extend(question);
        reply.extend([0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 5, 0, 2, 0xc0, 12]);
        reply.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, 10, 0, 0, 7]);
        assert_eq!(addresses(&reply, 12 + question.len()), [Ipv4Addr::new(10, 0, 0, 7)]);
    }
}
