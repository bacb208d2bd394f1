//! What became of each value of the project.

use std::sync::Arc;

use crate::diag::Slug;
use crate::source::Text;
use crate::source::span::Spanned;

/// What became of one value.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its path in the project: `services.web.ports[0].target`.
    pub path: Text,
    /// Where it stands and the way that it took.
    pub place: Spanned<()>,
    /// What became of it; nothing while the conversion runs.
    pub verdict: Option<Verdict>,
    /// What is said of it, for all verdicts that lose something; many rows share the words of one finding.
    pub said: Option<Arc<Said>>,
    /// Whether it would have been refused, and the user allows it.
    pub allowed: bool,
}

/// What a rule says of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The rule that says more.
    pub rule: Slug,
    /// Why, in the words of the finding.
    pub reason: Text,
}

impl Row {
    /// The rule that says more.
    #[must_use]
    pub fn rule(&self) -> Option<Slug> {
        self.said.as_ref().map(|said| said.rule)
    }

    /// Why, in the words of the finding.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.said.as_ref().map(|said| said.reason.as_str())
    }
}

/// What became of a value; the greater ones lose more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// It was used while the project was read.
    Consumed,
    /// It has the same effect in an object.
    Mapped,
    /// It acts when an image is built.
    Build,
    /// It acts while the project is developed.
    Dev,
    /// It was carried over, and differs.
    Approximated,
    /// It was not carried over.
    Dropped,
    /// There is no faithful output; what it belongs to is left out.
    Refused,
}

impl Verdict {
    /// Its name in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Consumed => "consumed",
            Self::Mapped => "mapped",
            Self::Build => "build",
            Self::Dev => "dev",
            Self::Approximated => "approximated",
            Self::Dropped => "dropped",
            Self::Refused => "refused",
        }
    }
}
