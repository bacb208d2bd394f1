//! How the services of a project stand to each other, as Compose has it: for whoever judges the project itself.

use std::collections::BTreeMap;

use crate::k8s::kind::Kind;
use crate::source::Text;
use crate::source::span::Span;

/// All services and jobs, and who calls whom.
#[derive(Clone, Debug, Default)]
pub struct Topology {
    /// How each stands, by name.
    pub standings: BTreeMap<Text, Standing>,
    /// The networks that somebody is attached to, by the word that stands for each.
    pub networks: BTreeMap<Text, Network>,
    /// Who calls whom, member by member.
    pub calls: Vec<Call>,
}

/// How a service or job stands among the others.
#[derive(Clone, Debug)]
pub struct Standing {
    /// What it becomes.
    pub kind: Kind,
    /// The one whose pod it lives in: mostly itself.
    pub pod: Text,
    /// Whether it has a network of its own, and it is attached to networks of the project.
    pub attached: bool,
    /// The words of its networks, in order.
    pub networks: Vec<Text>,
    /// Whether it reaches the outside.
    pub open: bool,
    /// Whether a hint of its own says what it reaches.
    pub declared: bool,
    /// The place of the hint that makes it a way out.
    pub way_out: Option<Span>,
    /// The ports that its pod is known to listen on.
    pub ports: Vec<u16>,
    /// The ports that it publishes, each with the container's.
    pub published: Vec<(u16, u16)>,
    /// Whether another one calls it, or waits for it to start or to be healthy.
    pub needed: bool,
    /// How its readiness is known.
    pub tested: Tested,
}

/// How the readiness of a container is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tested {
    /// It has a test of its own, or a hint describes one.
    Here,
    /// The test is that of its image.
    ByImage,
    /// Nobody tests it.
    Never,
}

/// A network that somebody is attached to.
#[derive(Clone, Debug)]
pub struct Network {
    /// Its name in the project; none of one that only `network_mode` names.
    pub key: Option<Text>,
    /// Whether its members reach the outside.
    pub open: bool,
}

/// A value that names a host.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Whose value it is.
    pub from: Text,
    /// Who is meant.
    pub to: Callee,
    /// The name as it is written.
    pub name: Text,
    /// The port that stands in the same value, or that its scheme implies.
    pub port: Option<u16>,
    /// Whether it is an address of the web, `http://…` or `https://…`.
    pub web: bool,
    /// What kind of value names it.
    pub place: Place,
    /// The path of the value.
    pub path: Text,
    /// Where the name stands.
    pub span: Span,
}

/// Who is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Callee {
    /// A service or job of the project.
    Member(Text),
    /// The caller itself, by the loopback.
    Loopback,
    /// A host that is not of the project.
    Outside,
}

/// What kind of value names a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A variable of the environment.
    Environment,
    /// The command, the entrypoint, or that of a hook.
    Command,
    /// The test of the health.
    Healthcheck,
    /// A label, a config, or a file that is mounted.
    Elsewhere,
}

impl Topology {
    /// The standing of a service or job.
    #[must_use]
    pub fn of(&self, member: &str) -> Option<&Standing> {
        self.standings.get(member)
    }

    /// Whether a service is to run on without end: not a task, and not somebody else's affair.
    #[must_use]
    pub fn is_lasting(&self, member: &str) -> bool {
        self.of(member).is_some_and(|standing| !matches!(standing.kind, Kind::Job | Kind::CronJob))
    }

    /// The calls of one member.
    pub fn calls_of<'t>(&'t self, member: &'t str) -> impl Iterator<Item = &'t Call> {
        let start = self.calls.partition_point(|call| call.from.as_str() < member);
        self.calls[start..].iter().take_while(move |call| call.from == member)
    }
}
