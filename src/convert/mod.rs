//! Project to plan: which objects stand for it, and what became of every value.
//!
//! A pass converts everything, with a known set of services that are left out. When it refuses more of them, the next
//! pass knows: names, gates and policies are then made without them.

pub mod options;
pub mod accounts;
pub mod member;
pub mod survey;
pub mod pass;
pub mod draft;
pub mod service;
pub mod topic;
pub mod project;
pub mod hint;
pub mod veil;
pub mod secret;
pub mod argument;
pub mod knobs;
pub mod backing;
pub mod assemble;
pub mod works;
pub mod wait;
pub mod merge;
pub mod standing;

use std::collections::BTreeSet;

use crate::compose::image_facts::ImageFacts;
use crate::compose::project::Project;
use crate::plan::Plan;
use crate::source::Text;
use crate::source::files::Files;
use crate::source::reader::Reader;
use accounts::Accounts;
use options::Options;
use pass::Pass;

/// What a conversion looks at.
pub struct Input<'p> {
    /// The resolved project.
    pub project: &'p Project,
    /// What is known of its images.
    pub facts: &'p ImageFacts,
    /// The files that it came from.
    pub files: &'p Files,
    /// Looks at files that mounts and configs name.
    pub reader: &'p dyn Reader,
    /// What the flags say.
    pub options: &'p Options,
}

/// Converts a project.
#[must_use]
pub fn convert(input: &Input<'_>) -> Plan {
    let mut left_out: BTreeSet<Text> = input.options.exclude.iter().cloned().collect();
    loop {
        let accounts = Accounts::of(input.project);
        let pass = Pass::new(input, accounts, &left_out);
        let plan = pass.run();
        let more: BTreeSet<Text> = plan.left_out.iter().map(|entry| entry.service.clone()).collect();
        if more.is_subset(&left_out) {
            return plan;
        }
        left_out.extend(more);
    }
}
