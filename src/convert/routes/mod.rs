//! Ways in by HTTP: who has one, what labels and hints ask of it, and which ports it can lead to.

pub mod words;
pub mod rule;
pub mod traefik;
pub mod caddy;
pub mod said;
pub mod speech;
pub mod decide;

use super::Input;
use super::member::Member;
use super::options::Expose;
use super::survey::ports::{Evidence, KnownPort};
use crate::source::Text;
use crate::source::span::{Identity, Span};

/// How the path of a request is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PathKind {
    /// What begins with it, part by part.
    Prefix,
    /// It alone.
    Exact,
}

/// A route that labels ask for.
#[derive(Clone, Debug)]
pub struct LabelRoute {
    /// What asks for it, in words.
    pub name: String,
    /// Its host; none when every host is meant.
    pub host: Option<Text>,
    /// Its path; none when every path is meant.
    pub path: Option<(Text, PathKind)>,
    /// The label that says host and path.
    pub rule: Identity,
    /// The port of the container.
    pub port: Option<LabelPort>,
    /// The label that asks for a certificate.
    pub tls: Option<Identity>,
    /// All labels that it is made of.
    pub labels: Vec<Identity>,
}

/// A port that a label names.
#[derive(Clone, Copy, Debug)]
pub struct LabelPort {
    /// The container's port.
    pub number: u16,
    /// The label and its place; none when the port is known otherwise.
    pub said: Option<(Identity, Span)>,
}

/// What labels of proxies ask for.
#[derive(Clone, Debug, Default)]
pub struct Inferred {
    /// The routes.
    pub routes: Vec<LabelRoute>,
    /// The labels that are no part of them.
    pub left: Vec<(Identity, Left)>,
}

/// Why a label is no part of a route.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Left {
    /// It says of a route what is said elsewhere in a cluster.
    Beside,
    /// What it asks for cannot be written, for this reason.
    Because(String),
}

impl Inferred {
    /// What the labels of a member ask for, when they count.
    #[must_use]
    pub fn of(input: &Input<'_>, member: &Member<'_>) -> Option<Self> {
        let (way, _) = said::way(input.options, member);
        if member.service().is_none_or(|service| service.provider.is_some()) || !is_routed(way) {
            return None;
        }
        let labels = &member.container.labels;
        let mut all = traefik::read(labels);
        let caddy = caddy::read(labels);
        all.routes.extend(caddy.routes);
        all.left.extend(caddy.left);
        Some(all)
    }

    /// Gives routes that name no port the one that Traefik takes: the lowest that the container declares.
    pub fn settle(&mut self, known: &[KnownPort]) {
        let tcp = || known.iter().filter(|port| port.protocol == "TCP");
        let declared = tcp().filter(|port| !matches!(port.evidence, Evidence::Used { .. }));
        let only = tcp().next().filter(|_| tcp().count() == 1);
        let chosen = declared.min_by_key(|port| port.number).or(only).map(|port| port.number);
        let mut kept = Vec::new();
        for mut route in std::mem::take(&mut self.routes) {
            match (route.port, chosen) {
                (None, Some(number)) => {
                    route.port = Some(LabelPort { number, said: None });
                    kept.push(route);
                }
                (None, None) => {
                    let because = Left::Because(format!("{} leads to a port that nothing names", route.name));
                    self.left.extend(route.labels.iter().map(|label| (*label, because.clone())));
                }
                (Some(_), _) => kept.push(route),
            }
        }
        self.routes = kept;
        let used: Vec<Identity> = self.routes.iter().flat_map(|route| route.labels.clone()).collect();
        self.left.retain(|(label, _)| !used.contains(label));
    }
}

/// Whether requests come in by a route.
#[must_use]
pub fn is_routed(way: Expose) -> bool {
    matches!(way, Expose::Ingress | Expose::Gateway)
}
