//! Who can reach whom, as Compose has it.

use std::collections::{BTreeMap, BTreeSet};

use crate::compose::project::entries;
use crate::convert::options::NetworkPolicies;
use crate::convert::pass::Pass;
use crate::convert::survey::Survey;
use crate::convert::survey::dependents::sole_dependent;
use crate::convert::survey::reach::Net;
use crate::diag::slugs;
use crate::k8s::kind::Kind;
use crate::plan::Connectivity;
use crate::plan::why::Why;
use crate::source::Text;
use crate::source::span::Identity;

/// The most pairs that are listed one by one; networks that do not fit are groups.
const PAIRS: usize = 50_000;
/// The most members of a network whose pairs are listed one by one.
const LISTED: usize = 300;

/// Who is proved to call whom, and what proves it.
pub type Edges = BTreeMap<Text, BTreeMap<Text, Why>>;

/// Whether a member's own pod stands in the networks of the project.
#[must_use]
pub fn is_present(pass: &Pass<'_>, member: &str) -> bool {
    let provided = |member: &&crate::convert::member::Member<'_>| {
        member.service().is_some_and(|service| service.provider.is_some())
    };
    pass.is_written(member)
        && pass.survey.reach.is_attached(member)
        && home(pass, member) == member
        && pass.survey.member(member).filter(provided).is_none()
}

/// The longest way of tasks, each first in the pod of the next, that is followed.
const FIRST: usize = 64;

/// The member whose pod a member runs in: a task that one other waits for runs first in the pod of that one.
fn home(pass: &Pass<'_>, member: &str) -> Text {
    let survey = &pass.survey;
    let mut home: Text = survey.reach.owner(member).into();
    for _ in 0..FIRST {
        let ends = survey.kinds.get(&home).is_some_and(|choice| choice.kind == Kind::Job);
        let next = survey.member(&home).filter(|_| ends).and_then(|task| sole_dependent(survey, task));
        match next.filter(|next| pass.is_written(next)) {
            Some(next) => home = next,
            None => break,
        }
    }
    home
}

/// The members of a network that are written.
#[must_use]
pub fn present(pass: &Pass<'_>, net: &Net) -> Vec<Text> {
    net.members.iter().filter(|member| is_present(pass, member)).cloned().collect()
}

/// Enters who can reach whom.
pub fn enter(pass: &mut Pass<'_>, edges: Option<&Edges>) {
    let survey = std::rc::Rc::clone(&pass.survey);
    let mut reach = Connectivity::default();
    match edges {
        Some(edges) => {
            for (to, from) in edges {
                reach
                    .pairs
                    .extend(from.keys().filter(|from| *from != to).map(|from| (from.clone(), to.clone())));
            }
            reach.pairs.sort_unstable();
        }
        None => pairs(pass, &survey, &mut reach),
    }
    for (name, stand) in &survey.reach.stands {
        let own = pass.is_written(name) && home(pass, name) == *name;
        if own && stand.open {
            reach.egress.push(name.clone());
        }
    }
    let members = std::rc::Rc::clone(&pass.members);
    for member in members.iter().filter(|member| pass.is_written(member.name)) {
        if super::published::is_needed(pass, member) {
            let ways = super::published::ways_in(pass, *member);
            reach.published.extend(ways.iter().map(|way| (member.name.clone(), u32::from(way.number))));
        }
    }
    pass.connectivity = reach;
}

fn pairs(pass: &Pass<'_>, survey: &Survey<'_>, reach: &mut Connectivity) {
    let mut pairs: BTreeSet<(Text, Text)> = BTreeSet::new();
    let mut groups: Vec<Vec<Text>> =
        survey.reach.networks.values().filter(|net| net.peers).map(|net| present(pass, net)).collect();
    groups.sort_by_key(Vec::len);
    for group in groups {
        if group.len() > LISTED || pairs.len() + group.len() * group.len() > PAIRS {
            reach.groups.push(group);
            continue;
        }
        for from in &group {
            let others = group.iter().filter(|to| *to != from);
            pairs.extend(others.map(|to| (from.clone(), to.clone())));
        }
    }
    reach.pairs = pairs.into_iter().collect();
}

/// Who is proved to call whom: by a reference, or because it waits for it.
#[must_use]
pub fn edges(pass: &Pass<'_>) -> Edges {
    let survey = &pass.survey;
    let mut edges = Edges::new();
    let mut add = |from: &str, to: &str, why: Why| {
        // Who calls itself does so from pod to pod; a task and the one that waits for it are in one.
        let itself = survey.reach.owner(from) == survey.reach.owner(to);
        let (from, to) = (home(pass, from), home(pass, to));
        let counts = (itself || from != to) && is_present(pass, &from) && is_present(pass, &to);
        if counts && survey.reach.connected(&from, &to) {
            let known = edges.entry(to).or_default();
            known.entry(from).and_modify(|all| *all = all.and(&why)).or_insert(why);
        }
    };
    for reference in &survey.references {
        add(&reference.from, &reference.to, pass.accounts.why(reference.value));
    }
    for member in pass.members.iter() {
        for (to, dependency) in entries(&member.workload.depends_on) {
            if to != member.name {
                add(member.name, to, pass.accounts.why(Identity::of(dependency)));
            }
        }
    }
    edges
}

/// Says which pairs Compose lets talk that nothing proves, where only what is proved is let through.
pub fn severed(pass: &mut Pass<'_>, edges: &Edges) {
    if pass.options().network_policy != NetworkPolicies::Strict {
        return;
    }
    let survey = std::rc::Rc::clone(&pass.survey);
    let mut cut: BTreeMap<Text, BTreeSet<Text>> = BTreeMap::new();
    for net in survey.reach.networks.values().filter(|net| net.peers) {
        let members = present(pass, net);
        if members.len() > LISTED {
            large(pass, net, members.len());
            continue;
        }
        for to in &members {
            let proved = edges.get(to);
            let unproved = members
                .iter()
                .filter(|from| *from != to && proved.is_none_or(|proved| !proved.contains_key(*from)));
            cut.entry(to.clone()).or_default().extend(unproved.cloned());
        }
    }
    for (to, from) in cut.into_iter().filter(|(_, from)| !from.is_empty()) {
        let Some(member) = survey.member(&to) else { continue };
        let from: Vec<String> = from.iter().map(|name| format!("`{name}`")).collect();
        let message = format!(
            "nothing shows that {} need{} `{to}`, so the policies keep them apart",
            from.join(", "),
            if from.len() == 1 { "s" } else { "" }
        );
        let finding = pass.finding_of(member, slugs::SEVERED_CONNECTION, message);
        pass.report(finding.tip("name the peer where it is called, or add `depends_on`"));
    }
}

fn large(pass: &mut Pass<'_>, net: &Net, members: usize) {
    let networks = pass.input.project.model.networks.as_ref();
    let Some(key) = &net.key else { return };
    let Some(network) = networks.and_then(|networks| networks.value.get(key)) else { return };
    let message = format!(
        "`{key}` has {members} members, and the policies let only those talk of whom something shows that they need to"
    );
    let finding = pass.finding_at_key(network, slugs::SEVERED_CONNECTION, message);
    pass.report(finding);
}
