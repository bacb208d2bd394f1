//! Hosts that are no members: the caller itself on the loopback, and who is outside the project.

use super::hosts::{Host, Web};
use crate::compose::shell;
use crate::plan::topology::Place;
use crate::source::Text;
use crate::source::span::{Identity, Span};

/// A value that names the caller itself by the loopback, or a host that is not of the project.
#[derive(Clone, Debug, PartialEq)]
pub struct Stranger {
    /// Whose value it is.
    pub from: Text,
    /// The name as it is written.
    pub name: Text,
    /// The port that stands with it.
    pub port: Option<u16>,
    /// What kind of value it is.
    pub place: Place,
    /// The value.
    pub value: Identity,
    /// Where the name stands.
    pub span: Span,
}

/// Whether it matters that a value of that kind names a host: a setting or a command that calls the loopback, and a
/// test that asks somebody else.
#[must_use]
pub fn matters(place: Place, text: &str, key: Option<&str>, host: &Host<'_>) -> bool {
    let calls = || host.port.is_some() && is_loopback(&host.name) && !is_bound(text, key, host);
    match place {
        Place::Environment => calls(),
        Place::Command => calls() && !is_shown(text, host),
        Place::Healthcheck => host.web != Web::No && !is_loopback(&host.name),
        Place::Elsewhere => false,
    }
}

/// Whether a name leads to the caller itself.
#[must_use]
pub fn is_loopback(name: &str) -> bool {
    matches!(name, "localhost" | "127.0.0.1")
}

/// Whether a text says that a program listens at an address, and does not call it.
fn is_bound(text: &str, key: Option<&str>, host: &Host<'_>) -> bool {
    let binds = |name: &str| {
        let name = name.to_ascii_lowercase();
        ["listen", "bind", "advertise"].iter().any(|word| name.contains(word))
    };
    let before = text[..host.range.start].rsplit([' ', '\t', '\n', ',']).next().unwrap_or_default();
    key.is_some_and(binds) || binds(before)
}

/// Whether a command only shows an address to people: it prints it, or writes it as a part of a longer text.
fn is_shown(command: &str, host: &Host<'_>) -> bool {
    let port = command[host.range.end..]
        .strip_prefix(':')
        .map_or(0, |rest| 1 + rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len()));
    let address = &command[host.range.start..host.range.end + port];
    let steps = shell::read(command).steps;
    let mut naming = steps.iter().filter(|step| step.words.iter().any(|word| word.text.contains(address)));
    naming.all(|step| matches!(step.name(), "echo" | "printf"))
}
