//! The contract of a rule: what it is told, where it reports, and what its folder says about it.

pub mod image;
pub mod mounts;
pub mod place;
pub mod process;
pub mod secret;
pub mod subject;

use crate::compose::image_facts::ImageFacts;
use crate::compose::project::Project;
use crate::diag::{Finding, Level, Posture, Slug};
use crate::plan::Plan;
use crate::source::Text;
use crate::source::files::Files;

/// What a rule looks at; it changes nothing and reads nothing else.
pub struct Ctx<'a> {
    /// The resolved project.
    pub project: &'a Project,
    /// What is known of its images.
    pub facts: &'a ImageFacts,
    /// What it converts to.
    pub plan: &'a Plan,
    /// The files that it came from.
    pub files: &'a Files,
    /// How strict the output has to be.
    pub posture: Posture,
    /// The registries whose images may run, as `ghcr.io` or `ghcr.io/acme`; none when nobody says.
    pub trusted_registries: &'a [Text],
}

/// Where a rule reports.
#[derive(Debug, Default)]
pub struct Sink {
    findings: Vec<Finding>,
}

impl Sink {
    /// Takes a finding in.
    pub fn report(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Everything that was reported, in the order of reporting.
    #[must_use]
    pub fn into_findings(self) -> Vec<Finding> {
        self.findings
    }
}

/// The check of a rule.
pub type Check = fn(&Ctx<'_>, &mut Sink);

/// A rule as its folder describes it.
#[derive(Debug)]
pub struct RuleMeta {
    /// Its name.
    pub slug: Slug,
    /// One line that names the fact.
    pub summary: &'static str,
    /// Its levels, in the order of [`Posture`].
    pub levels: [Level; 3],
    /// The first version that has it.
    pub since: &'static str,
    /// The kind of fix that it offers.
    pub fix: Offer,
    /// The whole `rule.md`.
    pub text: &'static str,
    /// Its check; none when a stage raises the slug by itself.
    pub check: Option<Check>,
    /// Whether reading the files says all of it, so that nothing needs to be converted.
    pub of_reading: bool,
}

/// The kind of fix that a rule offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// No edit would do.
    None,
    /// An edit that leaves the resolved model equal.
    Safe,
    /// An edit that a person decides on.
    Unsafe,
}

impl RuleMeta {
    /// The level in a posture.
    #[must_use]
    pub fn level(&self, posture: Posture) -> Level {
        self.levels[posture as usize]
    }

    /// The text without its head, as Markdown.
    #[must_use]
    pub fn body(&self) -> &'static str {
        let without_head = self.text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n"));
        without_head.map_or(self.text, |(_, body)| body.trim_start())
    }
}
