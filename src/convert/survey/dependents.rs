//! Who waits for whom, and who is talked to.

use std::collections::{BTreeMap, BTreeSet};

use super::Survey;
use super::references::Reference;
use crate::compose::project::entries;
use crate::compose::service::{Condition, Dependency};
use crate::convert::hint::Hint;
use crate::convert::member::Member;
use crate::source::Text;
use crate::source::span::{Identity, Spanned};

/// One that depends on another.
#[derive(Clone, Debug, PartialEq)]
pub struct Dependent {
    /// Its name.
    pub name: Text,
    /// What it waits for.
    pub condition: Condition,
    /// Whether it may not start before: the dependency is required, and the dependent does not say `wait: none`.
    pub waits: bool,
    /// The value that says so.
    pub value: Identity,
}

/// Who depends on each member, and who is named as a host.
#[derive(Debug, Default)]
pub struct Dependents {
    of: BTreeMap<Text, Vec<Dependent>>,
    referenced: BTreeSet<Text>,
}

impl Dependents {
    /// Looks at all members.
    #[must_use]
    pub fn of(members: &[Member<'_>], references: &[Reference]) -> Self {
        let mut of: BTreeMap<Text, Vec<Dependent>> = BTreeMap::new();
        for member in members {
            let patient = is_patient(member);
            for (name, dependency) in entries(&member.workload.depends_on) {
                let required = dependency.value.required.as_ref().is_none_or(|required| required.value);
                of.entry(name.clone()).or_default().push(Dependent {
                    name: member.name.clone(),
                    condition: condition(dependency),
                    waits: patient && required,
                    value: Identity::of(dependency),
                });
            }
        }
        let by_others = references.iter().filter(|reference| reference.from != reference.to);
        Self { of, referenced: by_others.map(|reference| reference.to.clone()).collect() }
    }

    /// Those that depend on a member.
    #[must_use]
    pub fn on(&self, name: &str) -> &[Dependent] {
        self.of.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether another member names it as a host.
    #[must_use]
    pub fn is_referenced(&self, name: &str) -> bool {
        self.referenced.contains(name)
    }
}

/// What a dependency waits for.
#[must_use]
pub fn condition(dependency: &Spanned<Dependency>) -> Condition {
    dependency.value.condition.as_ref().map_or(Condition::Started, |condition| condition.value)
}

/// Whether a member waits for those that it depends on.
#[must_use]
pub fn is_patient(member: &Member<'_>) -> bool {
    !Hint::of(member, "wait").is_some_and(|hint| hint.says("none"))
}

/// The one whose pod runs a finished task first, when nothing else needs the task: its only dependent, with one pod, on
/// the same networks and in the same namespace.
#[must_use]
pub fn sole_dependent(survey: &Survey<'_>, member: &Member<'_>) -> Option<Text> {
    let [dependent] = survey.dependents.on(member.name) else { return None };
    let other = survey.member(&dependent.name)?;
    let fits = dependent.condition == Condition::Completed
        && dependent.waits
        && other.most_replicas() == 1
        && Hint::of(member, "kind").is_none()
        && is_plain(member)
        && survey.pods.is_alone(member.name)
        && survey.pods.is_alone(other.name)
        && networks(member) == networks(other)
        && survey.homes.is_shared(member.name, other.name)
        && survey
            .kinds
            .get(other.name)
            .is_some_and(|choice| choice.kind != crate::k8s::kind::Kind::DaemonSet);
    fits.then(|| dependent.name.clone())
}

/// The networks of a member that shares nobody's.
#[must_use]
pub fn networks<'p>(member: &Member<'p>) -> BTreeSet<&'p str> {
    if let Some(mode) = &member.container.network_mode {
        return if mode.value == "bridge" { BTreeSet::from(["default"]) } else { BTreeSet::new() };
    }
    match &member.container.networks {
        Some(networks) => networks.value.iter().map(|(name, _)| name.as_str()).collect(),
        None => BTreeSet::from(["default"]),
    }
}

/// Whether nothing in a member asks for a pod of its own: no server, one run, no setting of the pod.
fn is_plain(member: &Member<'_>) -> bool {
    let Member { container, workload, .. } = member;
    let served = workload.ports.is_some() || workload.expose.is_some() || workload.healthcheck.is_some();
    let names = container.hostname.is_some() || container.domainname.is_some();
    let resolver = container.dns.is_some() || container.dns_opt.is_some() || container.dns_search.is_some();
    let kernel =
        container.sysctls.is_some() || container.userns_mode.is_some() || container.runtime.is_some();
    let shared = container.pid.is_some() || container.ipc.is_some() || container.uts.is_some();
    let others = container.extra_hosts.is_some()
        || container.group_add.is_some()
        || container.platform.is_some()
        || container.network_mode.is_some()
        || container.init.is_some();
    let deployed = member.service().and_then(|service| service.deploy.as_ref()).is_some_and(|deploy| {
        deploy.value.mode.is_some()
            || deploy.value.placement.as_ref().is_some_and(|placement| {
                placement.value.constraints.is_some() || placement.value.preferences.is_some()
            })
    });
    let hooked = member.service().is_some_and(|service| service.pre_start.is_some());
    member.most_replicas() == 1
        && !(served || names || resolver || kernel || shared || others || deployed || hooked)
}
