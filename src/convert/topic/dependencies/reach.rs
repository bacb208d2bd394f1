//! Whether a gate can see what it waits for.

use crate::compose::project::entries;
use crate::convert::hint::{self, Hint};
use crate::convert::member::Member;
use crate::convert::options::NetworkPolicies;
use crate::convert::pass::Pass;
use crate::convert::survey::dependents::networks;

/// The member whose networks the pod of a member has.
fn owner<'p>(pass: &Pass<'p>, member: &Member<'p>) -> Member<'p> {
    let owner = pass.survey.pods.owner(member.name);
    pass.survey.member(owner).copied().unwrap_or(*member)
}

/// Whether the pods of two members may talk: they share a network, or nothing keeps them apart.
#[must_use]
pub fn share_network(pass: &Pass<'_>, one: &Member<'_>, other: &Member<'_>) -> bool {
    let policies = pass.options().network_policy;
    let (one, other) = (pass.survey.member(one.name), pass.survey.member(other.name));
    let (Some(one), Some(other)) = (one, other) else { return false };
    let (one, other) = (owner(pass, one), owner(pass, other));
    policies == NetworkPolicies::None || !networks(&one).is_disjoint(&networks(&other))
}

/// A TCP port that a member is known to listen on.
#[must_use]
pub fn port(pass: &Pass<'_>, member: &Member<'_>) -> Option<u16> {
    let owner = pass.survey.pods.owner(member.name);
    let ports = [member.name, owner].into_iter().filter_map(|name| pass.survey.ports.get(name)).flatten();
    ports.filter(|port| port.protocol == "TCP").map(|port| port.number).next()
}

/// What keeps a pod from the API server, in words.
#[must_use]
pub fn closed(pass: &Pass<'_>, member: &Member<'_>) -> Option<String> {
    if pass.options().network_policy == NetworkPolicies::None {
        return None;
    }
    let member = pass.survey.member(member.name)?;
    if Hint::of(member, "egress").is_some_and(|hint| hint.says("deny")) {
        return Some(format!("`egress: deny` closes the way out of `{}`", member.name));
    }
    let names = networks(&owner(pass, member));
    let open = entries(&pass.input.project.model.networks).any(|(name, network)| {
        let internal = network.value.internal.as_ref().is_some_and(|internal| internal.value);
        let denied = hint::find(&network.value.extensions, "egress").is_some_and(|hint| hint.says("deny"));
        names.contains(name.as_str()) && !internal && !denied
    });
    (!open).then(|| format!("no network of `{}` has a way out", member.name))
}
