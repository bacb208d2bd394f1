//! What we say about the user's files: a finding, its places, and the order of many.

pub mod allowance;
pub mod date;
pub mod sensitive;
pub mod slugs;
pub mod suppression;

use crate::source::span::Span;

/// The name of a rule: the only one it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(pub &'static str);

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Advice, or a difference that a correct application does not notice.
    Note,
    /// It converts, and behaves differently.
    Warning,
    /// No faithful output exists.
    Error,
}

/// How strict the output has to be, which moves levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Posture {
    /// Closest to what Compose does.
    #[default]
    Faithful,
    /// Every pod passes the Pod Security Standard *restricted*.
    Restricted,
    /// Restricted, and what a well-run service needs.
    Production,
}

/// One thing to say, with its places.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The rule.
    pub slug: Slug,
    /// The level; `lint` sets it from the rule, the posture and the configuration.
    pub level: Level,
    /// The fact, then the consequence: lower case, one line, no final period, never a secret value.
    pub message: String,
    /// What to do next; starts with a verb.
    pub tip: Option<String>,
    /// The service that it is about.
    pub service: Option<String>,
    /// The path in the project, as `services.web.ports[0]`; empty when it is about the file.
    pub path: String,
    /// The place.
    pub primary: Label,
    /// Further places.
    pub labels: Vec<Label>,
    /// Edits that would mend it.
    pub fixes: Vec<Fix>,
    /// Why somebody allows it, when somebody does: it is still listed, and no longer counts.
    pub allowed: Option<String>,
}

/// A place and what is to be said there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// The words; may be empty.
    pub message: String,
}

/// A set of edits that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What the edits do to the meaning.
    pub safety: Safety,
    /// What they do, starting with a verb.
    pub title: String,
    /// The edits; they do not overlap.
    pub edits: Vec<Edit>,
}

/// What a fix does to the meaning of the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Safety {
    /// The resolved model stays equal.
    Safe,
    /// A person decides.
    Unsafe,
}

/// The bytes of a span are replaced by a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The bytes to go.
    pub span: Span,
    /// The text to come.
    pub text: String,
}

impl Finding {
    /// A finding at a place; `path` is the path in the project.
    #[must_use]
    pub fn new(slug: Slug, span: Span, path: impl Into<String>, message: impl Into<String>) -> Self {
        let path = path.into();
        let service = path
            .strip_prefix("services.")
            .map(|rest| rest.split(['.', '[']).next().unwrap_or(rest).to_owned());
        Self {
            slug,
            level: Level::Error,
            message: message.into(),
            tip: None,
            service,
            path,
            primary: Label { span, message: String::new() },
            labels: Vec::new(),
            fixes: Vec::new(),
            allowed: None,
        }
    }

    /// Whether it counts for somebody who minds findings from a level on.
    #[must_use]
    pub fn counts_from(&self, level: Level) -> bool {
        self.allowed.is_none() && self.level >= level
    }

    /// The same finding with words at its place.
    #[must_use]
    pub fn at(mut self, message: impl Into<String>) -> Self {
        self.primary.message = message.into();
        self
    }

    /// The same finding with a further place.
    #[must_use]
    pub fn also(mut self, span: Span, message: impl Into<String>) -> Self {
        self.labels.push(Label { span, message: message.into() });
        self
    }

    /// The same finding with the next step.
    #[must_use]
    pub fn tip(mut self, tip: impl Into<String>) -> Self {
        self.tip = Some(tip.into());
        self
    }

    /// The same finding with a fix.
    #[must_use]
    pub fn fix(mut self, safety: Safety, title: impl Into<String>, edits: Vec<Edit>) -> Self {
        self.fixes.push(Fix { safety, title: title.into(), edits });
        self
    }
}

/// Brings findings into the order in which they are printed, and says the same thing once.
pub fn sort(findings: &mut Vec<Finding>) {
    let key = |finding: &Finding| (finding.primary.span, finding.slug);
    // Of the same thing said twice, what is not allowed stays, and the higher level.
    let standing = |finding: &Finding| (finding.allowed.is_some(), std::cmp::Reverse(finding.level));
    findings.sort_by(|left, right| {
        key(left)
            .cmp(&key(right))
            .then_with(|| left.message.cmp(&right.message))
            .then_with(|| standing(left).cmp(&standing(right)))
    });
    findings.dedup_by(|left, right| {
        left.slug == right.slug && left.primary.span == right.primary.span && left.message == right.message
    });
}
