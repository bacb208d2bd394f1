//! What an author asks for beside Compose, one word at a time: `x-transship` of an entry, or a label `transship.…`.

use crate::compose::codec::Extensions;
use crate::compose::project::entries;
use crate::convert::hint;
use crate::convert::member::{Either, Member};
use crate::source::Text;
use crate::source::span::Identity;

/// A wish and the value that holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Wish {
    /// The word; of a mapping it is empty.
    pub word: Text,
    /// The value.
    pub identity: Identity,
}

/// The wish of that name in the extension keys of an entry.
#[must_use]
pub fn entry(extensions: &Extensions, name: &str) -> Option<Wish> {
    let hint = hint::find(extensions, name)?;
    Some(Wish { word: hint.text().unwrap_or_default(), identity: hint.identity })
}

/// The extension keys of a member.
#[must_use]
pub fn extensions<'p>(member: &Member<'p>) -> &'p Extensions {
    match member.kind {
        Either::Service(service) => &service.extensions,
        Either::Job(job) => &job.extensions,
    }
}

/// The wish of that name of a member.
#[must_use]
pub fn of(member: &Member<'_>, name: &str) -> Option<Wish> {
    entry(extensions(member), name).or_else(|| {
        let is_named = |key: &Text| key.strip_prefix("transship.") == Some(name);
        let (_, value) = entries(&member.container.labels).find(|(key, _)| is_named(key))?;
        Some(Wish { word: value.value.0.clone(), identity: Identity::of(value) })
    })
}

/// The wish of that name of a member, or else of the project.
#[must_use]
pub fn of_either(member: &Member<'_>, project: &Extensions, name: &str) -> Option<Wish> {
    of(member, name).or_else(|| entry(project, name))
}
