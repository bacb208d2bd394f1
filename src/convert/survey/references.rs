//! Who names whom: the host names of peers in environments, commands, healthchecks, configs and mounted texts.

use super::Survey;
use crate::convert::Input;
use crate::convert::member::Member;
use crate::source::Text;
use crate::source::span::{Identity, Span};

/// A value that names a peer as a host.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// Whose value it is.
    pub from: Text,
    /// The member that is named.
    pub to: Text,
    /// The name as it is written.
    pub name: Text,
    /// What the name is.
    pub kind: NameKind,
    /// The port that stands with it, or that its scheme implies.
    pub port: Option<u16>,
    /// The value; none when a mounted file holds it.
    pub value: Option<Identity>,
    /// Where the name stands.
    pub span: Span,
    /// How sure it is that the name is meant as a host.
    pub certainty: Certainty,
}

/// What a name is in Docker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameKind {
    /// The name of the service.
    Service,
    /// An alias on a network.
    Alias,
    /// The alias of a link.
    Link,
    /// `container_name`.
    ContainerName,
    /// `hostname`.
    Hostname,
    /// The name that Compose generates, `project-service-1`.
    Generated,
}

/// How sure it is that a name is meant as a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// It stands where only a host can stand: `db:5432`, `http://db`.
    Certain,
    /// Its key speaks of a host: `DB_HOST: db`.
    Likely,
}

/// Looks for names of peers in everything that a member says.
#[must_use]
pub fn scan(_input: &Input<'_>, _survey: &Survey<'_>, _members: &[Member<'_>]) -> Vec<Reference> {
    Vec::new()
}
