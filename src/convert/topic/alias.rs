//! Services for every name that is called: a service's own, and the further names that Docker answers for.

use std::collections::{BTreeMap, BTreeSet};

use super::resolver;
use super::services::{self, Target, is_own_name};
use crate::convert::draft::Draft;
use crate::convert::member::Member;
use crate::convert::pass::Pass;
use crate::convert::rewrite;
use crate::convert::survey::hostnames::Claim;
use crate::convert::survey::references::{NameKind, Reference};
use crate::diag::slugs;
use crate::k8s::name;
use crate::plan::why::Why;
use crate::source::Text;

const NAMED: Why = Why::Policy("peers call the pods by a name of their own");

/// A name that is called, and what it means to those who call it.
#[derive(Default)]
struct Called {
    /// To whom it leads.
    members: BTreeSet<Text>,
    /// The values that give it.
    claims: Vec<Claim>,
    /// Whether it leads elsewhere for another caller.
    differs: bool,
}

/// Names that only the pods of a member know, and the values that call them.
type Own = BTreeMap<Text, BTreeMap<String, Why>>;

/// What a pod finds itself at.
const ITSELF: &str = "127.0.0.1";

/// Writes the Services of all names.
pub fn convert<'p>(pass: &mut Pass<'p>, drafts: &mut [Draft<'p>]) {
    let mut known = Own::new();
    let called = called(pass, &mut known);
    let survey = std::rc::Rc::clone(&pass.survey);
    let owned: BTreeMap<Text, Text> =
        survey.names.iter().map(|(member, object)| (object.clone(), member.clone())).collect();
    let mut labels: BTreeMap<Text, Vec<(String, Why)>> = BTreeMap::new();
    for draft in drafts.iter() {
        let member = draft.member;
        if !pass.is_written(member.name) || !services::is_named(pass, &member) {
            continue;
        }
        let name = survey.object_name(member.name);
        let group = called.get(name.as_str()).filter(|group| group.members.len() > 1 && !group.differs);
        write(pass, name, group, &[member], &mut labels);
    }
    for (name, group) in &called {
        let is_own = owned.get(name.as_str()).is_some_and(|member| {
            survey.member(member).is_some_and(|member| services::is_named(pass, member))
        });
        if !is_own && name::is_service_name(name) && !is_taken(pass, name) {
            write(pass, name.into(), Some(group), &[], &mut labels);
        }
    }
    for draft in drafts {
        for (label, why) in labels.remove(draft.member.name).unwrap_or_default() {
            draft.pod.labels.put(label, "member", &why);
        }
        for (name, why) in known.remove(draft.member.name).unwrap_or_default() {
            resolver::host_alias(&mut draft.pod.spec, ITSELF, &name, &why);
        }
    }
}

/// Whether another object has the name already: that of a service that publishes, or one for gates.
fn is_taken(pass: &Pass<'_>, name: &str) -> bool {
    let survey = &pass.survey;
    let base = |ending: &str| name.strip_suffix(ending).map(|base| base.to_owned());
    let publishes = base("-published").is_some_and(|base| {
        survey.member(&base).is_some_and(|member| super::published::is_needed(pass, member))
    });
    publishes || base("-ready").is_some_and(|base| survey.has_ready_name(&base))
}

fn write<'p>(
    pass: &mut Pass<'p>,
    name: Text,
    group: Option<&Called>,
    own: &[Member<'p>],
    labels: &mut BTreeMap<Text, Vec<(String, Why)>>,
) {
    let survey = std::rc::Rc::clone(&pass.survey);
    let Some(group) = group else {
        services::write(pass, &Target { name, members: own, label: None, ready: false });
        return;
    };
    let members: Vec<Member<'p>> = group
        .members
        .iter()
        .filter(|member| pass.is_written(member))
        .filter_map(|member| survey.member(member).copied())
        .collect();
    let values = group.claims.iter().filter_map(|claim| claim.value);
    let why = values.map(|(identity, _)| pass.accounts.why(identity)).reduce(|all, why| all.and(&why));
    let why = why.unwrap_or(NAMED);
    let label = (members.len() > 1).then(|| {
        let word = name::object(&name, name::LABEL_LENGTH - "alias.".len()).unwrap_or_default();
        (format!("transship/alias.{word}"), why)
    });
    if let Some((label, why)) = &label {
        for member in &members {
            let owner: Text = survey.pods.owner(member.name).into();
            labels.entry(owner).or_default().push((label.clone(), why.clone()));
        }
    }
    if !members.is_empty() {
        services::write(pass, &Target { name, members: &members, label, ready: false });
    }
}

/// The names that are called, with what is to be said of each call.
fn called(pass: &mut Pass<'_>, known: &mut Own) -> BTreeMap<String, Called> {
    let survey = std::rc::Rc::clone(&pass.survey);
    let mut called: BTreeMap<String, Called> = BTreeMap::new();
    // One question for each name and caller: a caller may call a name from many values.
    let mut asked: BTreeSet<(Text, String)> = BTreeSet::new();
    let rewritten = rewrite::is_asked(pass);
    for reference in &survey.references {
        if is_excluded(pass, &reference.from) {
            continue;
        }
        let lower = reference.name.to_ascii_lowercase();
        // A refusal has to come again in every pass, also when it is the reason that somebody is left out.
        if !name::is_service_name(&lower) && !is_excluded(pass, &reference.to) {
            let is_own = survey.pods.is_one(&reference.from, &reference.to) && name::is_subdomain(&lower);
            if is_own && !rewritten {
                let owner = survey.pods.owner(&reference.from);
                let why = own_name(pass, reference);
                let names = known.entry(owner.into()).or_default();
                names.entry(lower).and_modify(|all| *all = all.and(&why)).or_insert(why);
            } else if !rewritten {
                unresolvable(pass, reference);
            }
            continue;
        }
        if !pass.is_written(&reference.to) && pass.is_written(&reference.from) {
            severed(pass, reference);
        }
        if is_excluded(pass, &reference.to) {
            continue;
        }
        if !is_own_name(pass, reference) {
            renamed(pass, reference);
        }
        if !asked.insert((reference.from.clone(), lower.clone())) {
            continue;
        }
        let seen = survey.hostnames.seen(&lower, &reference.from, (&survey.reach, &survey.pods));
        let claims = seen.filter(|claim| !is_excluded(pass, &claim.member)).cloned().collect();
        enter(&mut called, lower, claims);
    }
    every_alias(pass, &mut called);
    conflicts(pass, &mut called);
    called
}

fn enter(called: &mut BTreeMap<String, Called>, name: String, claims: Vec<Claim>) {
    let members: BTreeSet<Text> = claims.iter().map(|claim| claim.member.clone()).collect();
    let group = called.entry(name).or_default();
    group.differs |= !group.members.is_empty() && group.members != members;
    for claim in claims {
        let known = group.claims.iter().any(|old| old.value.is_some() && old.value == claim.value);
        if !known {
            group.claims.push(claim);
        }
    }
    if group.members.is_empty() {
        group.members = members;
    }
}

/// Names that nobody calls, where the author wants them all.
fn every_alias(pass: &Pass<'_>, called: &mut BTreeMap<String, Called>) {
    if !pass.project_hint("aliases").is_some_and(|hint| hint.says("all")) {
        return;
    }
    for (name, claims) in pass.survey.hostnames.iter() {
        let given: Vec<Claim> = claims.iter().filter(|claim| claim.value.is_some()).cloned().collect();
        if !given.is_empty() && name::is_service_name(name) && !called.contains_key(name) {
            enter(
                called,
                name.to_owned(),
                claims
                    .iter()
                    .filter(|claim| claim.kind == NameKind::Service)
                    .chain(&given)
                    .cloned()
                    .collect(),
            );
        }
    }
}

/// Names that mean one service to one caller and another to the next.
fn conflicts(pass: &mut Pass<'_>, called: &mut BTreeMap<String, Called>) {
    let survey = std::rc::Rc::clone(&pass.survey);
    let owners: BTreeMap<&str, &Text> =
        survey.names.iter().map(|(member, object)| (object.as_str(), member)).collect();
    for (name, group) in called.iter_mut() {
        scattered(pass, name, group);
        let other = owners.get(name.as_str()).filter(|member| {
            !group.members.contains(**member)
                && !is_excluded(pass, member)
                && survey.member(member).is_some_and(|member| services::is_named(pass, member))
        });
        group.differs |= other.is_some();
        if !group.differs {
            continue;
        }
        for claim in group.claims.clone() {
            let Some((identity, span)) = claim.value else { continue };
            let others =
                group.claims.iter().map(|claim| claim.member.as_str()).chain(other.map(|name| name.as_str()));
            let others: BTreeSet<&str> = others.filter(|member| *member != claim.member.as_str()).collect();
            let others: Vec<String> = others.iter().map(|member| format!("`{member}`")).collect();
            let message = format!(
                "`{name}` is `{}` to one caller and {} to another; a name means one Service in the whole namespace",
                claim.member,
                others.join(", ")
            );
            let finding = pass.finding_in(identity, span, slugs::UNRESOLVABLE_HOSTNAME, message);
            pass.refused_of(
                identity,
                finding.tip("give each service a name of its own, and call it by that"),
            );
        }
    }
}

/// Refuses a name that leads to pods of several namespaces: a Service knows those of its own.
fn scattered(pass: &mut Pass<'_>, name: &str, group: &Called) {
    let Some(first) = group.members.first() else { return };
    for claim in &group.claims {
        let Some((identity, span)) = claim.value else { continue };
        if pass.survey.homes.is_shared(first, &claim.member) {
            continue;
        }
        let message = format!(
            "`{name}` is `{first}` in namespace `{}` and `{}` in `{}`, and a Service leads to the pods of one namespace",
            pass.home_of(first),
            claim.member,
            pass.home_of(&claim.member)
        );
        let finding = pass.finding_in(identity, span, slugs::UNRESOLVABLE_HOSTNAME, message);
        pass.refused_of(identity, finding.tip("have both live in one namespace"));
    }
}

/// Whether the user leaves a member out on purpose.
fn is_excluded(pass: &Pass<'_>, member: &Text) -> bool {
    pass.options().exclude.contains(member)
}

/// A name that no Service can have, by which a pod calls itself.
fn own_name(pass: &mut Pass<'_>, reference: &Reference) -> Why {
    let Reference { from, to, name, value, span, .. } = reference;
    let whom = if from == to { "itself".to_owned() } else { format!("`{to}`") };
    let message = format!(
        "`{from}` calls {whom} by `{name}`{}; no Service can have that name, so its own pods alone know it",
        place(reference)
    );
    let finding = pass.finding_in(*value, *span, slugs::CONTAINER_NAME_AS_HOSTNAME, message);
    pass.approximated_of(*value, finding.tip("have DNS know the name when others are to call it"))
}

/// A name that no Service can have.
fn unresolvable(pass: &mut Pass<'_>, reference: &Reference) {
    let Reference { from, to, name, value, span, .. } = reference;
    let message = format!(
        "`{from}` calls `{to}` by `{name}`{}, which cannot be the name of a Service (a letter, then letters, digits \
         and inner dashes, at most 63); DNS would answer nothing",
        place(reference)
    );
    let finding = pass.finding_in(*value, *span, slugs::UNRESOLVABLE_HOSTNAME, message);
    let legal = pass.survey.object_name(to);
    pass.refused_of(
        *value,
        finding.tip(format!(
            "rename it in the Compose file, and call it by that, as `{legal}`; `x-transship: {{rewrite-hostnames: true}}` \
             has the output do so"
        )),
    );
}

/// A name that is none of a service, but of a container.
fn renamed(pass: &mut Pass<'_>, reference: &Reference) {
    let Reference { from, to, name, value, span, kind, .. } = reference;
    let what = match kind {
        NameKind::ContainerName => "its container name",
        NameKind::Hostname => "its host name",
        NameKind::Generated => "the name that Compose generates",
        NameKind::Service | NameKind::Alias | NameKind::Link | NameKind::Qualified => return,
    };
    let whom = if from == to { "itself".to_owned() } else { format!("`{to}`") };
    let message = format!(
        "`{from}` calls {whom} by {what} `{name}`{}; it resolves only by a Service that exists for this reference",
        place(reference)
    );
    let finding = pass.finding_in(*value, *span, slugs::CONTAINER_NAME_AS_HOSTNAME, message);
    pass.approximated_of(*value, finding.tip(format!("call it `{to}`")));
}

/// A reference to a service that is left out.
fn severed(pass: &mut Pass<'_>, reference: &Reference) {
    let Reference { from, to, name, value, span, .. } = reference;
    let message = format!(
        "`{from}` calls `{name}`{}, and `{to}` is left out; the name does not resolve",
        place(reference)
    );
    let finding = pass.finding_in(*value, *span, slugs::SEVERED_CONNECTION, message);
    pass.approximated_of(*value, finding);
}

/// Where in a mounted file a name stands.
fn place(reference: &Reference) -> String {
    reference.file.as_ref().map(|file| format!(" in `{file}`")).unwrap_or_default()
}
