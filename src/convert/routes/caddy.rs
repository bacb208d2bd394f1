//! Routes that labels ask of caddy-docker-proxy.

use std::collections::BTreeMap;

use super::words::{is_host, is_path};
use super::{Inferred, LabelPort, LabelRoute, Left, PathKind};
use crate::compose::codec::{Field, Map};
use crate::compose::leaf::Loose;
use crate::compose::project::entries;
use crate::source::Text;
use crate::source::span::{Identity, Spanned};

type Label<'p> = &'p Spanned<Loose>;

/// A site: its addresses and what is done under them.
#[derive(Default)]
struct Site<'p> {
    addresses: Option<Label<'p>>,
    proxies: Vec<Label<'p>>,
    /// What changes no request: logs, compression, certificates.
    beside: Vec<Label<'p>>,
    /// What does.
    others: Vec<(String, Label<'p>)>,
}

/// Directives without which a request still means the same.
const HARMLESS: [&str; 3] = ["tls", "encode", "log"];

/// Reads the labels.
#[must_use]
pub fn read(labels: &Field<Map<Loose>>) -> Inferred {
    let mut sites: BTreeMap<String, Site<'_>> = BTreeMap::new();
    for (key, label) in entries(labels) {
        let (name, directive) =
            key.split_once('.').map_or((key.as_str(), None), |(name, rest)| (name, Some(rest)));
        let number = name.strip_prefix("caddy").map(|rest| rest.strip_prefix('_').unwrap_or(rest));
        if !number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit())) {
            continue;
        }
        let site = sites.entry(name.to_owned()).or_default();
        match directive {
            None => site.addresses = Some(label),
            Some(directive) if word(directive) == "reverse_proxy" => site.proxies.push(label),
            Some(directive) if HARMLESS.contains(&word(directive.split('.').next().unwrap_or_default())) => {
                site.beside.push(label);
            }
            Some(directive) => site.others.push((format!("{name}.{directive}"), label)),
        }
    }
    let mut inferred = Inferred::default();
    for (name, site) in &sites {
        match routes(name, site) {
            Ok(routes) => {
                inferred.left.extend(site.beside.iter().map(|label| (Identity::of(*label), Left::Beside)));
                inferred.routes.extend(routes);
            }
            Err(why) => {
                let because = Left::Because(format!("site `{name}` {why}"));
                let others = site.others.iter().map(|(_, label)| *label);
                let all = site.addresses.into_iter().chain(site.proxies.iter().copied());
                let all = all.chain(site.beside.iter().copied()).chain(others);
                inferred.left.extend(all.map(|label| (Identity::of(label), because.clone())));
            }
        }
    }
    inferred
}

/// A directive without the number before or behind it that keeps several of them apart.
fn word(directive: &str) -> &str {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match (directive.split_once('_'), directive.rsplit_once('_')) {
        (Some((number, rest)), _) if digits(number) => rest,
        (_, Some((rest, number))) if digits(number) => rest,
        _ => directive,
    }
}

/// The routes of a site.
///
/// # Errors
/// Why it has none that could be written, in words that follow its name.
fn routes(name: &str, site: &Site<'_>) -> Result<Vec<LabelRoute>, String> {
    let Some(addresses) = site.addresses else { return Err("has no address".to_owned()) };
    if let Some((key, _)) = site.others.first() {
        return Err(format!("does more than to pass requests on: `{key}`"));
    }
    if site.proxies.is_empty() {
        return Err("passes no request on".to_owned());
    }
    let mut routes = Vec::new();
    for address in addresses.value.0.split([',', ' ']).filter(|address| !address.is_empty()) {
        let (host, secure) = site_address(address)
            .ok_or_else(|| format!("has an address that is more than a host: `{address}`"))?;
        for proxy in &site.proxies {
            let (path, number) = upstream(&proxy.value.0)
                .ok_or_else(|| "passes requests on by more than a path and a port".to_owned())?;
            routes.push(LabelRoute {
                name: format!("site `{name}`"),
                host: Some(host.clone()),
                path,
                rule: Identity::of(addresses),
                port: Some(LabelPort { number, said: Some((Identity::of(*proxy), proxy.span)) }),
                tls: secure.then(|| Identity::of(addresses)),
                labels: vec![Identity::of(addresses), Identity::of(*proxy)],
            });
        }
    }
    if routes.is_empty() { Err("has no address".to_owned()) } else { Ok(routes) }
}

/// The host of an address, and whether Caddy gets a certificate for it.
fn site_address(address: &str) -> Option<(Text, bool)> {
    let (scheme, rest) = match address.split_once("://") {
        Some((scheme @ ("http" | "https"), rest)) => (Some(scheme), rest),
        Some(_) => return None,
        None => (None, address),
    };
    let (host, port) = rest.split_once(':').map_or((rest, None), |(host, port)| (host, Some(port)));
    let secure = match (scheme, port) {
        (Some("http"), None | Some("80")) | (None, Some("80")) => false,
        (Some("https") | None, None | Some("443")) => true,
        _ => return None,
    };
    let host = host.to_ascii_lowercase();
    is_host(&host).then(|| (host.into(), secure))
}

/// The path and the port of `[PATH] {{upstreams [http] [PORT]}}`.
fn upstream(text: &str) -> Option<(Option<(Text, PathKind)>, u16)> {
    let (before, rest) = text.split_once("{{")?;
    let (inner, after) = rest.split_once("}}")?;
    if !after.trim().is_empty() {
        return None;
    }
    let mut words = inner.split_whitespace();
    if words.next() != Some("upstreams") {
        return None;
    }
    let words: Vec<&str> = words.collect();
    let number = match words.as_slice() {
        [] | ["http"] => 80,
        [port] | ["http", port] => port.parse().ok().filter(|number: &u16| *number != 0)?,
        _ => return None,
    };
    let path = match before.trim() {
        "" | "*" | "/*" => None,
        matcher => Some(match matcher.strip_suffix("/*") {
            Some(prefix) => (Text::new(prefix), PathKind::Prefix),
            None => (Text::new(matcher), PathKind::Exact),
        }),
    };
    let legal = path.as_ref().is_none_or(|(path, _)| is_path(path) && !path.contains('*'));
    legal.then_some((path, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_hosts_with_or_without_a_certificate() {
        assert_eq!(site_address("Shop.example.com"), Some(("shop.example.com".into(), true)));
        assert_eq!(site_address("http://shop.example.com"), Some(("shop.example.com".into(), false)));
        assert_eq!(site_address("shop.example.com:80"), Some(("shop.example.com".into(), false)));
        for more in
            [":8080", "shop.example.com:8443", "(snippet)", "shop.example.com/api", "10.0.0.1", "ftp://a"]
        {
            assert_eq!(site_address(more), None, "{more}");
        }
    }

    #[test]
    fn upstreams_are_a_path_and_a_port() {
        assert_eq!(upstream("{{upstreams 8080}}"), Some((None, 8080)));
        assert_eq!(upstream("{{upstreams}}"), Some((None, 80)));
        assert_eq!(
            upstream("/api/* {{ upstreams http 3000 }}"),
            Some((Some(("/api".into(), PathKind::Prefix)), 3000))
        );
        assert_eq!(upstream("/ping {{upstreams 80}}"), Some((Some(("/ping".into(), PathKind::Exact)), 80)));
        for more in [
            "{{upstreams https 443}}",
            "web:8080",
            "@x {{upstreams}}",
            "/a* {{upstreams}}",
            "{{upstreams}} b",
        ] {
            assert_eq!(upstream(more), None, "{more}");
        }
    }

    #[test]
    fn numbers_keep_directives_apart() {
        assert_eq!(
            (word("reverse_proxy"), word("0_reverse_proxy"), word("reverse_proxy_1")),
            ("reverse_proxy", "reverse_proxy", "reverse_proxy")
        );
    }
}
