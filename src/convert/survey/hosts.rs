//! Host positions in a text: what stands there can only be, or by its key is, the name or address of a host.

use std::borrow::Cow;
use std::ops::Range;

use super::references::Certainty;
use crate::compose::series;

/// Something in a host position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host<'t> {
    /// The name or address; one of those that a series stands for.
    pub name: Cow<'t, str>,
    /// Where it stands in the text, by itself or with its series.
    pub range: Range<usize>,
    /// The port that stands with it, or that its scheme implies.
    pub port: Option<u16>,
    /// The transport that its scheme implies.
    pub protocol: &'static str,
    /// Whether its scheme is one of the web.
    pub web: Web,
    /// How sure it is that a host is meant.
    pub certainty: Certainty,
}

impl Host<'_> {
    /// Whether a member that names it means itself.
    #[must_use]
    pub fn is_own(&self, member: &str) -> bool {
        matches!(&*self.name, "localhost" | "127.0.0.1" | "0.0.0.0") || self.name == member
    }
}

/// Whether an address is one of the web.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Web {
    /// It is not.
    No,
    /// `http://…`
    Http,
    /// `https://…`
    Https,
}

/// What the name of a setting ends with when its value is a host.
const HOST_KEYS: [&str; 18] = [
    "HOST",
    "HOSTS",
    "HOSTNAME",
    "ADDR",
    "ADDRS",
    "ADDRESS",
    "ADDRESSES",
    "SERVER",
    "SERVERS",
    "ENDPOINT",
    "ENDPOINTS",
    "BROKER",
    "BROKERS",
    "SEED",
    "SEEDS",
    "URL",
    "URLS",
    "URI",
];
/// Words in the name of a setting that speaks of the hosts that a service answers for, not of its peers.
const OWN_KEYS: [&str; 5] = ["ALLOW", "TRUST", "VIRTUAL", "CORS", "ORIGIN"];
/// Programs whose arguments are a host and a port.
const DIALLERS: [&str; 6] = ["nc", "ncat", "netcat", "telnet", "replicaof", "slaveof"];
/// The longest name of a setting that is looked at before a value.
const KEY_LENGTH: usize = 80;

/// Shows everything in a host position of a text; `key` is the name of the setting whose value the text is.
pub fn each<'t>(text: &'t str, key: Option<&str>, found: &mut impl FnMut(Host<'t>)) {
    let mut urls = authorities(text, found).into_iter().peekable();
    let mut at = 0;
    while let Some(start) = text[at..].find(is_host_letter).map(|next| at + next) {
        let end =
            text[start..].find(|letter| !is_host_letter(letter)).map_or(text.len(), |next| start + next);
        at = end;
        while urls.peek().is_some_and(|url| url.end <= start) {
            urls.next();
        }
        if urls.peek().is_some_and(|url| url.start < end) {
            continue;
        }
        if let Some((port, certainty)) = position(text, start..end, key) {
            found(Host {
                name: text[start..end].into(),
                range: start..end,
                port,
                protocol: "TCP",
                web: Web::No,
                certainty,
            });
        }
    }
}

/// Whether a setting of that name holds a host.
#[must_use]
pub fn is_host_key(key: &str) -> bool {
    let says_own = || {
        let upper = key.to_ascii_uppercase();
        OWN_KEYS.iter().any(|word| upper.contains(word))
    };
    key == "-h" || HOST_KEYS.iter().any(|end| ends_with(key, end)) && !says_own()
}

/// Whether a name ends with a word, in whatever case.
fn ends_with(key: &str, word: &str) -> bool {
    let start = key.len().checked_sub(word.len());
    start.is_some_and(|start| key.as_bytes()[start..].eq_ignore_ascii_case(word.as_bytes()))
}

/// The name of the setting that holds the port of the host that `key` holds: `DB_PORT` beside `DB_HOST`.
#[must_use]
pub fn port_key(key: &str) -> Option<String> {
    let end = HOST_KEYS.iter().filter(|end| ends_with(key, end)).max_by_key(|end| end.len())?;
    let kept = &key[..key.len() - end.len()];
    let small = key.ends_with(|letter: char| letter.is_ascii_lowercase());
    Some(format!("{kept}{}", if small { "port" } else { "PORT" }))
}

/// The port of the setting `port` beside a host that stands alone on its line, in a file of settings: `"addr": "db"` and
/// two lines further `"port": 5432`, in the same object.
#[must_use]
pub fn port_beside(lines: &[&str], host: usize) -> Option<u16> {
    const AROUND: usize = 8;
    let indent = |line: &str| line.len() - line.trim_start().len();
    let line = lines.get(host)?;
    // What stands above the first line of an item belongs to another one.
    let is_first = line.trim_start().starts_with("- ");
    let own = indent(line) + if is_first { 2 } else { 0 };
    let is_near = |line: &&&str| indent(line) >= own && !line.trim().is_empty();
    let port = |line: &&str| if indent(line) == own { port_setting(line) } else { None };
    let below = lines[host + 1..].iter().take(AROUND).take_while(is_near);
    let above = lines[..host].iter().rev().take(if is_first { 0 } else { AROUND }).take_while(is_near);
    below.chain(above).find_map(port)
}

/// The port of a line `"port": 5432,` or `port: 5432` or `port = 5432`.
fn port_setting(line: &str) -> Option<u16> {
    let (key, value) = line.trim().split_once([':', '='])?;
    let key = key.trim().trim_matches(['"', '\'']);
    let value = value.trim().trim_end_matches(',').trim_matches(['"', '\'']);
    key.eq_ignore_ascii_case("port").then(|| value.parse().ok())?.filter(|port| *port != 0)
}

/// A literal of an address, as a host without a port.
#[must_use]
pub fn literal(name: &str) -> Host<'_> {
    let range = 0..name.len();
    Host {
        name: name.into(),
        range,
        port: None,
        protocol: "TCP",
        web: Web::No,
        certainty: Certainty::Certain,
    }
}

/// Shows every literal of an address or of a range of addresses, wherever it stands.
pub fn literals<'t>(text: &'t str, found: &mut impl FnMut(&'t str, Range<usize>)) {
    let of_literal = |letter: char| letter.is_ascii_digit() || matches!(letter, '.' | '/');
    let mut at = 0;
    while let Some(start) = text[at..].find(|letter: char| letter.is_ascii_digit()).map(|next| at + next) {
        let end = text[start..].find(|letter| !of_literal(letter)).map_or(text.len(), |next| start + next);
        let literal = text[start..end].trim_end_matches(['.', '/']);
        if literal.matches('.').count() == 3 {
            found(literal, start..start + literal.len());
        }
        at = end;
    }
}

fn is_host_letter(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_')
}

/// Shows the hosts of addresses with a scheme; returns where these addresses stand, up to their path.
fn authorities<'t>(text: &'t str, found: &mut impl FnMut(Host<'t>)) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut at = 0;
    while let Some(mark) = text[at..].find("://").map(|next| at + next) {
        let start = mark + 3;
        let ends = |letter: char| letter.is_whitespace() || "/?#\"'`<>(){};\\|&".contains(letter);
        let end_of_word = |from: usize| text[from..].find(ends).map_or(text.len(), |next| from + next);
        let mut end = end_of_word(start);
        while let length @ 1.. = series::length(&text[end..]) {
            end = end_of_word(end + length);
        }
        at = start.max(end);
        let name = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '.' | '-' | '_');
        let scheme = &text[text[..mark].trim_end_matches(name).len()..mark];
        let inner = text[start..end].rfind('@').map_or(start, |user| start + user + 1);
        let mut item = inner;
        for part in text[inner..end].split(',') {
            let (host, port) = part.split_once(':').map_or((part, None), |(host, port)| (host, Some(port)));
            let names = series::names(host);
            let is_host = |name: &str| !name.is_empty() && name.chars().all(is_host_letter);
            // Nodes of a cluster that are named together agree on a port of their own.
            let implied = if port.is_none() && names.is_none() { scheme_port(scheme) } else { None };
            let port = port.and_then(leading_port).or(implied);
            let protocol = if scheme.eq_ignore_ascii_case("udp") { "UDP" } else { "TCP" };
            let web = match scheme.to_ascii_lowercase().as_str() {
                "http" => Web::Http,
                "https" => Web::Https,
                _ => Web::No,
            };
            let names = names.map_or_else(
                || vec![Cow::Borrowed(host)],
                |names| names.into_iter().map(Cow::Owned).collect(),
            );
            for name in names.into_iter().filter(|name| is_host(name)) {
                let range = item..item + host.len();
                found(Host { name, range, port, protocol, web, certainty: Certainty::Certain });
            }
            item += part.len() + 1;
        }
        ranges.push(mark - scheme.len()..end);
    }
    ranges
}

fn leading_port(text: &str) -> Option<u16> {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok().filter(|port| *port != 0)
}

/// The port that a scheme implies.
#[must_use]
pub fn scheme_port(scheme: &str) -> Option<u16> {
    let scheme = scheme.to_ascii_lowercase();
    let base = scheme.split('+').next().unwrap_or(&scheme);
    Some(match base {
        "http" | "ws" => 80,
        "https" | "wss" => 443,
        "postgres" | "postgresql" => 5432,
        "mysql" | "mariadb" => 3306,
        "redis" | "rediss" | "valkey" => 6379,
        "amqp" => 5672,
        "amqps" => 5671,
        "mongodb" => 27017,
        "nats" => 4222,
        "kafka" => 9092,
        "otlp" | "otlpgrpc" => 4317,
        "otlphttp" => 4318,
        _ => return None,
    })
}

/// The port and the certainty of a word, when it stands in a host position.
fn position(text: &str, range: Range<usize>, key: Option<&str>) -> Option<(Option<u16>, Certainty)> {
    let (before, word, after) = (&text[..range.start], &text[range.clone()], &text[range.end..]);
    if !word.starts_with(|letter: char| letter.is_ascii_alphanumeric() || letter == '_') {
        return None;
    }
    if let Some(port) = following_port(after) {
        let image = || key.is_some_and(|key| key.to_ascii_uppercase().contains("IMAGE"));
        let path = before.ends_with(['/', '$', '{']) || image() || line_of(before).contains("image");
        return (!path).then_some((Some(port), Certainty::Certain));
    }
    if let Some(port) = dialled(before, after) {
        return Some((Some(port), Certainty::Certain));
    }
    let ends = |letter: char| letter.is_whitespace() || "\"',;)]}".contains(letter);
    if !after.is_empty() && !after.starts_with(ends) {
        let oracle = before.ends_with('@') && after.starts_with('/');
        return oracle.then_some((None, Certainty::Likely));
    }
    let begins = |letter: char| letter.is_whitespace() || matches!(letter, ',' | ';');
    let item = (before.is_empty() || before.ends_with(begins)) && key.is_some_and(is_host_key);
    let named = item || before.ends_with('@') || is_host_key(inline_key(before));
    named.then_some((None, Certainty::Likely))
}

/// The port of `:5432`, when no word goes on behind it.
fn following_port(after: &str) -> Option<u16> {
    let digits = after.strip_prefix(':')?;
    let end = digits.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(digits.len());
    let mut rest = digits[end..].chars();
    let goes_on = match (rest.next(), rest.next()) {
        (Some('.'), Some(next)) => next.is_ascii_alphanumeric(),
        (Some(next), _) => next.is_alphanumeric() || matches!(next, '-' | '_'),
        (None, _) => false,
    };
    if goes_on { None } else { digits[..end].parse().ok().filter(|port| *port != 0) }
}

/// The port of `nc -z db 5432`.
fn dialled(before: &str, after: &str) -> Option<u16> {
    let digits = after.strip_prefix([' ', '\t'])?.trim_start();
    let port = leading_port(digits)?;
    let dialler = |word: &str| DIALLERS.contains(&word.rsplit('/').next().unwrap_or(word));
    // What follows `&&` or `||` is another command.
    let command = line_of(before).rsplit(['|', '&', ';']).next().unwrap_or_default();
    command.split_whitespace().any(|word| dialler(word.trim_matches(['"', '\'', '(']))).then_some(port)
}

/// The end of a text back to the start of its line, or as far as is worth looking at.
fn line_of(before: &str) -> &str {
    let mut from = before.len().saturating_sub(2 * KEY_LENGTH);
    while !before.is_char_boundary(from) {
        from += 1;
    }
    let start = before[from..].rfind('\n').map_or(from, |line| from + line + 1);
    &before[start..]
}

/// The name of the setting directly before a value: of `--host=`, `"host": "`, `server ` and the like.
fn inline_key(before: &str) -> &str {
    let line = line_of(before);
    let open = line.trim_end_matches(['"', '\'']);
    let spaced = open.trim_end_matches([' ', '\t']);
    let is_key = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.');
    let assigned = spaced.trim_end_matches(['=', ':']);
    let name = assigned.trim_end_matches([' ', '\t', '"', '\'']);
    let key = &name[name.trim_end_matches(is_key).len()..];
    let is_flag = key.starts_with('-') || key == "server";
    if assigned.len() < spaced.len() || (spaced.len() < open.len() && is_flag) { key } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, key: Option<&str>) -> Vec<(String, Option<u16>)> {
        let mut hosts = Vec::new();
        each(text, key, &mut |host| {
            let written = &text[host.range.clone()];
            assert!(written == host.name || written.contains('{'), "{written} is {}", host.name);
            hosts.push((host.name.into_owned(), host.port));
        });
        hosts
    }

    fn one(text: &str, key: Option<&str>) -> Option<(String, Option<u16>)> {
        let mut hosts = found(text, key);
        assert!(hosts.len() <= 1, "{text}: {hosts:?}");
        hosts.pop()
    }

    #[test]
    fn hosts_stand_behind_a_scheme_or_an_at_sign_or_before_a_port() {
        let host = |name: &str, port| Some((name.to_owned(), port));
        assert_eq!(one("http://api", None), host("api", Some(80)));
        assert_eq!(one("postgresql+psycopg2://u:p@db/app", None), host("db", Some(5432)));
        assert_eq!(one("jdbc:postgresql://db:15432/app", None), host("db", Some(15432)));
        assert_eq!(one("user:pass@tcp(db:3306)/app", None), host("db", Some(3306)));
        assert_eq!(one("targets: ['api:9090']", None), host("api", Some(9090)));
        assert_eq!(one("nc -z db 5432 || exit 1", None), host("db", Some(5432)));
        assert_eq!(one("pg_isready -h db -U app", None), host("db", None));
        assert_eq!(one("mysql --host=db app", None), host("db", None));
        assert_eq!(one("{\"host\": \"db\"}", None), host("db", None));
        assert_eq!(one("  server api;", None), host("api", None));
        let two = [("m1".to_owned(), None), ("m2".to_owned(), Some(27018))];
        assert_eq!(found("mongodb://u:p@m1,m2:27018/x", None)[1..], two[1..]);
    }

    #[test]
    fn a_series_names_every_node_of_a_cluster() {
        let nodes = |port| [("m1".to_owned(), port), ("m2".to_owned(), port)];
        assert_eq!(found("server http://m{1...2}/data{1...2}", None), nodes(None));
        assert_eq!(found("http://m{1...2}:9000/data", None), nodes(Some(9000)));
    }

    #[test]
    fn a_value_is_a_host_when_its_key_says_so() {
        assert_eq!(one("db", Some("DB_HOST")), Some(("db".to_owned(), None)));
        assert_eq!(
            found("k1:9092,k2", Some("BROKERS")),
            [("k1".to_owned(), Some(9092)), ("k2".to_owned(), None)]
        );
        assert_eq!(one("db", Some("POSTGRES_DB")), None);
        assert_eq!(one("web", Some("ALLOWED_HOSTS")), None);
        assert_eq!(port_key("DB_HOST").as_deref(), Some("DB_PORT"));
        assert_eq!(port_key("db_hostname").as_deref(), Some("db_port"));
    }

    #[test]
    fn a_file_says_the_port_of_a_host_beside_it() {
        let text = "{\n  \"db\": {\n    \"port\": 5432,\n    \"addr\": \"db\",\n    \"size\": 5\n  },\n  \"api\": {\n    \"addr\": \"api\"\n  }\n}";
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!((port_beside(&lines, 3), port_beside(&lines, 7)), (Some(5432), None));
        assert_eq!(port_beside(&["host: db", "port: 6379"], 0), Some(6379));
        assert_eq!(port_beside(&["host: db", "", "port: 6379"], 0), None);
        let items = ["- host: db", "  port: 1", "- host: api", "  name: x"];
        assert_eq!((port_beside(&items, 0), port_beside(&items, 2)), (Some(1), None));
    }

    #[test]
    fn image_tags_versions_and_words_are_no_hosts() {
        for text in
            ["postgres:16-alpine", "docker.io/library/redis:7", "image: redis:7", "redis:7.2", "the db is up"]
        {
            assert_eq!(one(text, None), None, "{text}");
        }
        assert_eq!(one("redis:7", Some("CACHE_IMAGE")), None);
    }

    #[test]
    fn literals_are_found_wherever_they_stand() {
        let mut literals_found = Vec::new();
        literals("allow 172.28.0.0/16; to 10.0.0.7, v1.2.3", &mut |literal, _| literals_found.push(literal));
        assert_eq!(literals_found, ["172.28.0.0/16", "10.0.0.7"]);
    }
}
