//! Routes that labels ask of Traefik.

use std::collections::BTreeMap;

use super::rule;
use super::{Inferred, LabelPort, LabelRoute, Left};
use crate::compose::codec::{Field, Map};
use crate::compose::leaf::Loose;
use crate::compose::project::entries;
use crate::source::span::{Identity, Spanned};

type Label<'p> = &'p Spanned<Loose>;

/// What stands in the labels, sorted.
#[derive(Default)]
struct Labels<'p> {
    enable: Option<Label<'p>>,
    routers: BTreeMap<String, Router<'p>>,
    services: BTreeMap<String, Server<'p>>,
    /// The kinds of each middleware.
    middlewares: BTreeMap<String, Vec<String>>,
    /// What is about no router.
    others: Vec<Label<'p>>,
    /// Routers of TCP and UDP.
    streams: Vec<Label<'p>>,
}

#[derive(Default)]
struct Router<'p> {
    rule: Option<Label<'p>>,
    service: Option<Label<'p>>,
    tls: Option<Label<'p>>,
    middlewares: Option<Label<'p>>,
    /// What says more of the way in: entry points, certificates, priorities.
    beside: Vec<Label<'p>>,
}

#[derive(Default)]
struct Server<'p> {
    port: Option<Label<'p>>,
    scheme: Option<Label<'p>>,
    beside: Vec<Label<'p>>,
}

/// Middlewares without which a request still means the same: an Ingress has settings of its own for them.
const HARMLESS: [&str; 2] = ["redirectscheme", "compress"];

/// Reads the labels; of a service that Traefik does not look at, none asks for a route.
#[must_use]
pub fn read(labels: &Field<Map<Loose>>) -> Inferred {
    let sorted = sort(labels);
    let mut inferred = Inferred::default();
    if sorted.enable.is_some_and(|enable| enable.value.0.eq_ignore_ascii_case("false")) {
        return inferred;
    }
    for (name, router) in &sorted.routers {
        let all = || {
            let own = [router.rule, router.service, router.tls, router.middlewares];
            own.into_iter().flatten().chain(router.beside.iter().copied())
        };
        match routes(&sorted, name, router) {
            Ok(routes) => {
                let used: Vec<Identity> = routes.iter().flat_map(|route| route.labels.clone()).collect();
                let beside = all().map(Identity::of).filter(|label| !used.contains(label));
                inferred.left.extend(beside.map(|label| (label, Left::Beside)));
                inferred.routes.extend(routes);
            }
            Err(why) => {
                let because = Left::Because(format!("router `{name}` {why}"));
                inferred.left.extend(all().map(|label| (Identity::of(label), because.clone())));
            }
        }
    }
    let streams = Left::Because("routes of TCP and UDP are none of HTTP".to_owned());
    inferred.left.extend(sorted.streams.iter().map(|label| (Identity::of(*label), streams.clone())));
    if inferred.routes.is_empty() {
        return inferred;
    }
    let used: Vec<Identity> = inferred.routes.iter().flat_map(|route| route.labels.clone()).collect();
    let servers = sorted.services.values();
    let servers = servers.flat_map(|server| {
        [server.port, server.scheme].into_iter().flatten().chain(server.beside.iter().copied())
    });
    let rest = servers.chain(sorted.others.iter().copied()).map(Identity::of);
    inferred.left.extend(rest.filter(|label| !used.contains(label)).map(|label| (label, Left::Beside)));
    inferred
}

fn sort(labels: &Field<Map<Loose>>) -> Labels<'_> {
    let mut sorted = Labels::default();
    for (key, label) in entries(labels) {
        let lower = key.to_ascii_lowercase();
        let Some(rest) = lower.strip_prefix("traefik.") else { continue };
        let parts: Vec<&str> = rest.split('.').collect();
        match parts.as_slice() {
            ["enable"] => sorted.enable = Some(label),
            ["http", "routers", name, of @ ..] => {
                let router = sorted.routers.entry((*name).to_owned()).or_default();
                match of {
                    ["rule"] => router.rule = Some(label),
                    ["service"] => router.service = Some(label),
                    ["middlewares"] => router.middlewares = Some(label),
                    ["tls"] if label.value.0.eq_ignore_ascii_case("true") => router.tls = Some(label),
                    _ => router.beside.push(label),
                }
                // Whoever says more of certificates wants one.
                if matches!(of, ["tls", _, ..]) && router.tls.is_none() {
                    router.tls = Some(label);
                }
            }
            ["http", "services", name, of @ ..] => {
                let server = sorted.services.entry((*name).to_owned()).or_default();
                match of {
                    ["loadbalancer", "server", "port"] => server.port = Some(label),
                    ["loadbalancer", "server", "scheme"] => server.scheme = Some(label),
                    _ => server.beside.push(label),
                }
            }
            ["http", "middlewares", name, of @ ..] => {
                let kinds = sorted.middlewares.entry((*name).to_owned()).or_default();
                kinds.extend(of.first().map(|kind| (*kind).to_owned()));
                sorted.others.push(label);
            }
            ["tcp" | "udp", ..] => sorted.streams.push(label),
            _ => sorted.others.push(label),
        }
    }
    sorted
}

/// The routes of a router.
///
/// # Errors
/// Why it has none that could be written, in words that follow its name.
fn routes(labels: &Labels<'_>, name: &str, router: &Router<'_>) -> Result<Vec<LabelRoute>, String> {
    let Some(rule) = router.rule else {
        return Err("has no rule of its own".to_owned());
    };
    let matches = rule::read(&rule.value.0)
        .map_err(|part| format!("has a rule that is no plain host and path: {}", quoted(&part)))?;
    for middleware in router.middlewares.iter().flat_map(|label| label.value.0.split(',')) {
        let middleware = middleware.trim();
        let own = middleware.strip_suffix("@docker").unwrap_or(middleware).to_ascii_lowercase();
        let harmless = labels.middlewares.get(&own).is_some_and(|kinds| {
            !kinds.is_empty() && kinds.iter().all(|kind| HARMLESS.contains(&kind.as_str()))
        });
        if !middleware.is_empty() && !harmless {
            return Err(format!("sends requests through `{middleware}`, which no route does here"));
        }
    }
    let mut used = vec![Identity::of(rule)];
    used.extend(labels.enable.map(Identity::of));
    used.extend(router.service.map(Identity::of));
    let port = match server(labels, router)? {
        None => None,
        Some(server) => {
            let scheme = server.scheme.map_or("http", |scheme| scheme.value.0.as_str());
            if !matches!(scheme, "" | "http" | "h2c") {
                return Err(format!("leads to a port that speaks {}", scheme.to_ascii_uppercase()));
            }
            let Some(port) = server.port else { return Err("leads to a service without a port".to_owned()) };
            let number = port.value.0.trim().parse::<u16>().ok().filter(|number| *number != 0);
            let number = number.ok_or_else(|| "leads to a port that is no number".to_owned())?;
            used.push(Identity::of(port));
            used.extend(server.scheme.map(Identity::of));
            Some(LabelPort { number, said: Some((Identity::of(port), port.span)) })
        }
    };
    used.extend(router.tls.map(Identity::of));
    let route = |found: rule::Match| LabelRoute {
        name: format!("router `{name}`"),
        host: found.host.map(Into::into),
        path: found.path.map(|(path, kind)| (path.into(), kind)),
        rule: Identity::of(rule),
        port,
        tls: router.tls.map(Identity::of),
        labels: used.clone(),
    };
    Ok(matches.into_iter().map(route).collect())
}

/// The service of a router, as far as the labels say.
fn server<'l, 'p>(labels: &'l Labels<'p>, router: &Router<'_>) -> Result<Option<&'l Server<'p>>, String> {
    let Some(service) = router.service else {
        let mut all = labels.services.values();
        return match (all.next(), all.next()) {
            (only, None) => Ok(only),
            (_, Some(_)) => Err("does not say which of the services it leads to".to_owned()),
        };
    };
    let word = service.value.0.trim();
    let own = word.strip_suffix("@docker").unwrap_or(word).to_ascii_lowercase();
    match labels.services.get(&own) {
        Some(server) => Ok(Some(server)),
        None if own.contains('@') => Err(format!("leads to `{word}`, which is not this service")),
        None => Err(format!("leads to `{word}`, which these labels do not describe")),
    }
}

/// A part of a rule between marks that it has not.
fn quoted(part: &str) -> String {
    let mark = if part.contains('`') { "``" } else { "`" };
    format!("{mark}{part}{mark}")
}
