//! Which kind of workload a member becomes.

use super::Survey;
use super::pods::shares;
use crate::compose::project::items;
use crate::compose::service::{Condition, Service};
use crate::convert::accounts::Accounts;
use crate::convert::hint::Hint;
use crate::convert::member::Member;
use crate::k8s::kind::Kind;
use crate::plan::why::Why;
use crate::source::Text;
use crate::source::span::Identity;

/// The kind of a workload, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// The kind.
    pub kind: Kind,
    /// Why.
    pub why: Why,
    /// What speaks for another kind.
    pub doubt: Option<Doubt>,
}

/// What speaks for another kind than the one that was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// `deploy.mode` decides, which Compose ignores.
    Mode,
    /// A volume of its own asks for a `StatefulSet`, which would replace the `hostname`.
    Hostname,
    /// Others wait for its end, and yet it is a server.
    Server,
}

/// Chooses the kind.
#[must_use]
pub fn choose(survey: &Survey<'_>, accounts: &Accounts, member: &Member<'_>) -> Choice {
    let sure = |kind, why| Choice { kind, why, doubt: None };
    let Some(service) = member.service() else {
        return sure(Kind::CronJob, Why::Policy("an entry of `jobs` is a CronJob"));
    };
    if let Some((kind, hint)) = Hint::of(member, "kind").and_then(|hint| Some((of_word(&hint)?, hint))) {
        return sure(kind, accounts.why(hint.identity));
    }
    if let Some(mode) = service.deploy.as_ref().and_then(|deploy| deploy.value.mode.as_ref()) {
        let kind = match mode.value.as_str() {
            "global" => Some(Kind::DaemonSet),
            "replicated-job" | "global-job" => Some(Kind::Job),
            _ => None,
        };
        if let Some(kind) = kind {
            return Choice { kind, why: accounts.why(Identity::of(&**mode)), doubt: Some(Doubt::Mode) };
        }
    }
    if let Some(choice) = finished(survey, accounts, member, service) {
        return choice;
    }
    let owner = survey.pods.owner(member.name);
    if let Some(other) = survey.member(owner).filter(|_| owner != member.name) {
        // The owner shares nobody's pod, so this goes one step down only.
        if shares(other).next().is_none() {
            return Choice { doubt: None, ..choose(survey, accounts, other) };
        }
    }
    stateful(survey, accounts, member)
}

fn of_word(hint: &Hint<'_>) -> Option<Kind> {
    match hint.text()?.as_str() {
        "deployment" => Some(Kind::Deployment),
        "statefulset" => Some(Kind::StatefulSet),
        "daemonset" => Some(Kind::DaemonSet),
        "job" => Some(Kind::Job),
        _ => None,
    }
}

/// A Job, when a peer waits for the end, or when it is not to be restarted and nothing makes it a server.
fn finished(
    survey: &Survey<'_>,
    accounts: &Accounts,
    member: &Member<'_>,
    service: &Service,
) -> Option<Choice> {
    let server = is_server(survey, member);
    let awaited = survey.dependents.on(member.name).iter();
    if let Some(dependent) = awaited.clone().find(|dependent| dependent.condition == Condition::Completed) {
        let restarted =
            restart(service).is_some_and(|(word, _)| matches!(word.as_str(), "always" | "unless-stopped"));
        let doubt = (server || restarted).then_some(Doubt::Server);
        return Some(Choice { kind: Kind::Job, why: accounts.why(dependent.value), doubt });
    }
    let (word, identity) = restart(service)?;
    let ends = word == "no" || word.starts_with("on-failure");
    (ends && !server).then(|| Choice { kind: Kind::Job, why: accounts.why(identity), doubt: None })
}

/// The word of `restart` that holds, and which value it is: `deploy.restart_policy` goes before `restart`.
#[must_use]
pub fn restart(service: &Service) -> Option<(Text, Identity)> {
    let policy = service.deploy.as_ref().and_then(|deploy| deploy.value.restart_policy.as_ref());
    if let Some(policy) = policy {
        let word = match &policy.value.condition {
            Some(condition) => (
                match condition.value.as_str() {
                    "none" => Text::new_static("no"),
                    "any" => Text::new_static("always"),
                    other => Text::new(other),
                },
                Identity::of(&**condition),
            ),
            None => (Text::new_static("always"), Identity::of(&**policy)),
        };
        return Some(word);
    }
    service.restart.as_deref().map(|restart| (restart.value.clone(), Identity::of(restart)))
}

/// Whether something makes it a server: ports, a healthcheck, replicas, peers.
#[must_use]
pub fn is_server(survey: &Survey<'_>, member: &Member<'_>) -> bool {
    let workload = member.workload;
    let lasting = |condition| condition == Condition::Started || condition == Condition::Healthy;
    items(&workload.ports).next().is_some()
        || items(&workload.expose).next().is_some()
        || workload.healthcheck.is_some()
        || member.most_replicas() > 1
        || survey.dependents.is_referenced(member.name)
        || survey.dependents.on(member.name).iter().any(|dependent| lasting(dependent.condition))
}

/// A `StatefulSet` when it alone writes a volume, else a Deployment.
fn stateful(survey: &Survey<'_>, accounts: &Accounts, member: &Member<'_>) -> Choice {
    let stateless = Why::Policy("a service without a volume of its own is a Deployment");
    let Some(volume) = survey.volumes.state(member.name) else {
        return Choice { kind: Kind::Deployment, why: stateless, doubt: None };
    };
    let pod = format!("{}-0", survey.object_name(member.name));
    match member.container.hostname.as_ref().filter(|hostname| hostname.value != pod) {
        Some(hostname) => Choice {
            kind: Kind::Deployment,
            why: accounts.why(Identity::of(&**hostname)),
            doubt: Some(Doubt::Hostname),
        },
        None => Choice { kind: Kind::StatefulSet, why: accounts.why(volume), doubt: None },
    }
}
