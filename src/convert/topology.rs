//! What the survey has found out, as the plan hands it on: how the services stand to each other.

use super::hint::Hint;
use super::member::{Either, Member};
use super::pass::Pass;
use super::survey::hosts::Web;
use super::survey::reach::Mode;
use super::survey::strangers;
use super::topic::health;
use crate::compose::service::Condition;
use crate::plan::topology::{Call, Callee, Network, Place, Standing, Tested, Topology};
use crate::source::Text;

/// Gathers it.
#[must_use]
pub fn of(pass: &Pass<'_>) -> Topology {
    let survey = &pass.survey;
    let standings = pass.members.iter().map(|member| (member.name.clone(), standing(pass, member))).collect();
    let used = survey.reach.networks.iter().filter(|(_, net)| !net.members.is_empty());
    let networks = used.map(|(word, net)| (word.clone(), Network { key: net.key.clone(), open: net.open }));
    Topology { standings, networks: networks.collect(), calls: calls(pass) }
}

fn standing(pass: &Pass<'_>, member: &Member<'_>) -> Standing {
    let survey = &pass.survey;
    let stand = survey.reach.stands.get(member.name);
    let pod = Text::new(survey.pods.owner(member.name));
    let lasting = |condition| condition == Condition::Started || condition == Condition::Healthy;
    let openings = survey.openings_of(member.name).iter();
    let published = openings.filter_map(|opening| Some((opening.published()?, opening.target)));
    Standing {
        kind: survey.kinds[member.name].kind,
        attached: survey.reach.is_attached(member.name),
        networks: stand.map(|stand| stand.networks.clone()).unwrap_or_default(),
        open: stand.is_some_and(|stand| stand.open && stand.mode != Mode::None),
        declared: stand.is_some_and(|stand| stand.hint.is_some()),
        way_out: Hint::of_role(member, "egress").map(|hint| hint.span),
        ports: survey.ports_of(&pod).iter().map(|port| port.number).collect(),
        published: published.collect(),
        needed: survey.dependents.is_referenced(member.name)
            || survey.dependents.on(member.name).iter().any(|dependent| lasting(dependent.condition)),
        tested: tested(pass, member),
        pod,
    }
}

/// How the readiness of a member is known.
fn tested(pass: &Pass<'_>, member: &Member<'_>) -> Tested {
    let written = member.workload.healthcheck.as_ref().and_then(|health| health.value.test.as_ref());
    let hinted = matches!(member.kind, Either::Service(_))
        && Hint::of(member, "readiness").is_some_and(|hint| hint.map().is_some());
    if hinted {
        Tested::Here
    } else if !health::is_tested(pass, member) {
        Tested::Never
    } else if written.is_some_and(|test| !test.value.words.is_empty()) {
        Tested::Here
    } else {
        Tested::ByImage
    }
}

fn calls(pass: &Pass<'_>) -> Vec<Call> {
    let survey = &pass.survey;
    let references = survey.references.iter().map(|reference| Call {
        from: reference.from.clone(),
        to: Callee::Member(reference.to.clone()),
        name: reference.name.clone(),
        port: reference.port.filter(|_| !reference.apart),
        web: reference.web != Web::No,
        place: reference.place,
        path: pass.accounts.path(reference.value).into(),
        span: reference.span,
    });
    let strangers = survey.strangers.iter().map(|stranger| Call {
        from: stranger.from.clone(),
        to: if strangers::is_loopback(&stranger.name) { Callee::Loopback } else { Callee::Outside },
        name: stranger.name.clone(),
        port: stranger.port,
        web: stranger.place == Place::Healthcheck,
        place: stranger.place,
        path: pass.accounts.path(stranger.value).into(),
        span: stranger.span,
    });
    let mut calls: Vec<Call> = references.chain(strangers).collect();
    // Stable, so that the calls of one member stay in the order of the file.
    calls.sort_by(|one, other| one.from.cmp(&other.from));
    calls
}
