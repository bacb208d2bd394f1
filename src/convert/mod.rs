//! Project to plan: which objects stand for it, and what became of every value.
//!
//! A pass converts everything, with a known set of services that are left out. When it refuses more of them, the next
//! pass knows: names, gates and policies are then made without them.

pub mod numbered;
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
pub mod stores;
pub mod routes;
pub mod argument;
pub mod knobs;
pub mod backing;
pub mod assemble;
pub mod works;
pub mod scatter;
pub mod rewrite;
pub mod idle;
pub mod wait;
pub mod merge;
pub mod standing;
pub mod topology;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::compose::image_facts::ImageFacts;
use crate::compose::project::Project;
use crate::diag::allowance::Allowances;
use crate::plan::Plan;
use crate::source::Text;
use crate::source::files::Files;
use crate::source::reader::Reader;
use crate::source::task;
use accounts::Accounts;
use member::{Member, members};
use options::Options;
use pass::{Pass, Refusal};
use survey::Survey;

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
    /// What is allowed, whoever says it.
    pub allowances: &'p Allowances,
    /// What it is for.
    pub purpose: Purpose,
}

/// What a conversion is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To say what is wrong with the files as they are, as if everything were written: whoever mends one thing wants to
    /// see the rest. One pass says it, and nobody asks what can be chosen.
    Lint,
    /// To make an output, and to say what it does not hold.
    Output,
    /// The same, where nobody asks what can be chosen, and of what is to be said only the errors.
    Objects,
}

/// Converts a project.
///
/// Who is refused only because of another one that is left out as well is let in again, once: then it is written, or it
/// stays out for the reason that it had.
#[must_use]
pub fn convert(input: &Input<'_>) -> Plan {
    let excluded: &BTreeSet<Text> = &input.options.exclude;
    let mut left_out: BTreeSet<Text> = excluded.clone();
    let mut let_in: BTreeSet<Text> = BTreeSet::new();
    let mut reasons: BTreeMap<Text, Refusal> = BTreeMap::new();
    // None of them depends on who is left out.
    let members: Rc<[Member<'_>]> = members(input.project, &input.options.most_replicas).into();
    let project = input.project;
    let (mut survey, mut accounts) =
        task::both_of(members.len(), || Survey::of(input, &members), || Accounts::of(project));
    survey.choose_kinds(&members, &accounts);
    let survey = Rc::new(survey);
    let mut late = Vec::new();
    loop {
        let mut pass = Pass::new(input, accounts, &members, &survey, &left_out);
        pass.late = late;
        pass.run();
        let refused: BTreeSet<Text> = pass.refusals().keys().cloned().collect();
        let pardoned: Vec<Text> = left_out
            .iter()
            .filter(|name| !refused.contains(*name) && !excluded.contains(*name) && !let_in.contains(*name))
            .cloned()
            .collect();
        let is_settled = refused.is_subset(&left_out) && pardoned.is_empty();
        if input.purpose == Purpose::Lint || is_settled {
            pass.recall(reasons);
            return assemble::plan(pass);
        }
        for name in refused.into_iter().filter(|name| !left_out.contains(name)) {
            reasons.extend(pass.refusal(&name).map(|refusal| (name, refusal)));
        }
        left_out.extend(pass.refusals().keys().cloned());
        for name in pardoned {
            left_out.remove(&name);
            let_in.insert(name);
        }
        late = std::mem::take(&mut pass.late);
        accounts = pass.accounts.reopened();
    }
}
