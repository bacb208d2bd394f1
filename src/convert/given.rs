//! What a hint gives to a topic, wherever it is written: under `x-transship`, or as a label of the service.

use super::hint::{self, Hint};
use super::member::{Either, Member};
use super::pass::Pass;
use crate::compose::codec::Extensions;
use crate::plan::ledger::Verdict;
use crate::plan::why::Why;
use crate::source::Text;
use crate::source::span::Identity;

/// A hint of a service or job, or of the project.
#[derive(Clone, Copy, Debug)]
pub enum Given<'p> {
    /// Written under `x-transship`.
    Key(Hint<'p>),
    /// Written as a label: its text, and which value it is.
    Label(&'p Text, Identity),
}

impl<'p> Given<'p> {
    /// The hint of that name of a service or job.
    #[must_use]
    pub fn of_member(member: &Member<'p>, name: &str) -> Option<Self> {
        let extensions: &'p Extensions = match member.kind {
            Either::Service(service) => &service.extensions,
            Either::Job(job) => &job.extensions,
        };
        if let Some(hint) = hint::find(extensions, name) {
            return Some(Self::Key(hint));
        }
        let label = member.container.labels.as_ref()?.value.get(&format!("transship.{name}"))?;
        Some(Self::Label(&label.value.0, Identity::of(label)))
    }

    /// The hint of that name of the project.
    #[must_use]
    pub fn of_project(pass: &Pass<'p>, name: &str) -> Option<Self> {
        hint::find(&pass.input.project.model.extensions, name).map(Self::Key)
    }

    /// The text of a scalar.
    #[must_use]
    pub fn text(&self) -> Option<Text> {
        match self {
            Self::Key(hint) => hint.text(),
            Self::Label(text, _) => Some((*text).clone()),
        }
    }

    /// Whether a word is in the list.
    #[must_use]
    pub fn has(&self, word: &str) -> bool {
        match self {
            Self::Key(hint) => hint.words().iter().any(|known| known == word),
            Self::Label(text, _) => text.split(',').any(|known| known.trim() == word),
        }
    }

    /// The text under a key of the mapping, and which value it is.
    #[must_use]
    pub fn under(&self, key: &str) -> Option<(Text, Identity)> {
        let Self::Key(hint) = self else { return None };
        let entry = hint.map()?.entry(key)?;
        Some((entry.node.value.scalar_text()?, Identity::of(entry)))
    }

    /// The hint as a reason: it has its effect in an object.
    pub fn why(&self, pass: &mut Pass<'p>) -> Why {
        match self {
            Self::Key(hint) => used(pass, hint.identity),
            Self::Label(_, identity) => used(pass, *identity),
        }
    }
}

/// A part of a hint as a reason: it has its effect in an object.
pub fn used(pass: &mut Pass<'_>, identity: Identity) -> Why {
    pass.accounts.enter(identity, Verdict::Mapped, None, false);
    pass.accounts.why(identity)
}

/// Whether the project promises a feature gate of its cluster; the reason when it does.
pub fn gate(pass: &mut Pass<'_>, name: &str) -> Option<Why> {
    let gates = Given::of_project(pass, "feature-gates").filter(|gates| gates.has(name))?;
    Some(gates.why(pass))
}
