//! What a member says to transship itself: `x-transship` on it, or its labels `transship.…`.

use crate::compose::codec::Extensions;
use crate::compose::project::entries;
use crate::convert::hint;
use crate::convert::member::{Either, Member};
use crate::source::Text;
use crate::source::span::Identity;

/// A word that a member says to transship, and which value it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Wish {
    /// The word.
    pub text: Text,
    /// The value.
    pub identity: Identity,
}

/// The wish of that name.
#[must_use]
pub fn wish(member: &Member<'_>, name: &str) -> Option<Wish> {
    if let Some(hint) = hint::find(extensions(member), name) {
        return hint.text().map(|text| Wish { text, identity: hint.identity });
    }
    let of_key = |key: &Text| key.strip_prefix("transship.").is_some_and(|rest| rest == name);
    let label = entries(&member.container.labels).find(|(key, _)| of_key(key))?.1;
    Some(Wish { text: label.value.0.clone(), identity: Identity::of(label) })
}

/// The extension keys of a member.
#[must_use]
pub fn extensions<'p>(member: &Member<'p>) -> &'p Extensions {
    match member.kind {
        Either::Service(service) => &service.extensions,
        Either::Job(job) => &job.extensions,
    }
}
