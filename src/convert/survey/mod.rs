//! What can be said of the members only when all of them are seen: who uses what, who needs whom, who calls whom.

pub mod uses;
pub mod reach;
pub mod openings;
pub mod ports;
pub mod kinds;
pub mod hosts;
pub mod hostnames;
pub mod addresses;
pub mod references;
pub mod strangers;
pub mod secrets;
pub mod file_set;
pub mod volumes;
pub mod dependents;
pub mod early;
pub mod pods;
pub mod homes;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::Input;
use super::accounts::Accounts;
use super::member::{Either, Member};
use super::project;
use super::routes::Inferred;
use super::topic::backup;
use crate::compose::project::entries;
use crate::compose::service::Condition;
use crate::k8s::name;
use crate::source::Text;
use crate::source::span::Identity;
use addresses::AddressUse;
use dependents::Dependents;
use homes::Homes;
use hostnames::HostNames;
use hosts::Web;
use kinds::Choice;
use openings::Opening;
use pods::Pods;
use ports::{KnownPort, Ports};
use reach::Reach;
use references::Reference;
use secrets::Secrets;
use strangers::Stranger;
use uses::Uses;
use volumes::Volumes;

/// What is known of all members together.
#[derive(Debug, Default)]
pub struct Survey<'p> {
    /// Who uses which network, volume, config and secret.
    pub uses: Uses,
    /// Who is attached to which network.
    pub reach: Reach,
    /// What each entry of `ports` opens, by member.
    pub openings: BTreeMap<Text, Vec<Opening<'p>>>,
    /// The ports that each member is known to listen on; those of members that share a network are also its owner's.
    pub ports: BTreeMap<Text, Vec<KnownPort>>,
    /// Who mounts what.
    pub volumes: Volumes<'p>,
    /// The volumes of which copies are to be made.
    pub copied: Vec<Text>,
    /// Who depends on each member, and who is named as a host.
    pub dependents: Dependents,
    /// Which members share a pod.
    pub pods: Pods,
    /// In which namespaces the pods live.
    pub homes: Homes,
    /// Members with a range of ports that is too wide for a list.
    pub wide: BTreeSet<Text>,
    /// The names that Docker answers for.
    pub hostnames: HostNames,
    /// Who names whom, and where.
    pub references: Vec<Reference>,
    /// Hosts that are no members, where it matters whom a value names.
    pub strangers: Vec<Stranger>,
    /// Aliases, container names, host names and links that somebody calls.
    pub called: HashSet<Identity>,
    /// Who uses addresses that the project fixes, or calls the host.
    pub addresses: Vec<AddressUse>,
    /// Members whose health somebody waits for.
    pub awaited: BTreeSet<Text>,
    /// Members whose pods must be found before they are ready.
    pub early: BTreeSet<Text>,
    /// The kind of workload that each member becomes.
    pub kinds: BTreeMap<Text, Choice>,
    /// The name of each member's objects.
    pub names: BTreeMap<Text, Text>,
    /// What labels of proxies ask for, by member: of those that routes lead to.
    pub routes: BTreeMap<Text, Inferred>,
    /// Ports that somebody calls by an address of the web, by member, and whether that is a secure one.
    pub web: BTreeMap<(Text, u16), Web>,
    /// Which variables hold secrets, and who shares them.
    pub secrets: Secrets,
    members: BTreeMap<&'p str, Member<'p>>,
}

impl<'p> Survey<'p> {
    /// Looks at all members; [`Self::choose_kinds`] says the rest.
    #[must_use]
    pub fn of(input: &Input<'p>, members: &[Member<'p>]) -> Self {
        let mut survey = Self {
            uses: Uses::of(members),
            volumes: Volumes::of(input, members),
            copied: backup::copied(&input.project.model),
            members: members.iter().map(|member| (member.name.as_str(), *member)).collect(),
            ..Self::default()
        };
        for (volume, usage) in survey.volumes.used() {
            survey.uses.volumes.insert(volume.clone(), usage.members());
        }
        survey.reach = Reach::of(input, members);
        survey.pods = Pods::of(members);
        survey.homes = Homes::of(members, &survey.pods, &project::namespace_name(input).unwrap_or_default());
        for member in members {
            survey.names.insert(member.name.clone(), object_name(member));
            survey.openings.insert(member.name.clone(), openings::openings(&survey.reach, member));
        }
        for member in members {
            if let Some(inferred) = Inferred::of(input, member) {
                survey.routes.insert(member.name.clone(), inferred);
            }
        }
        survey.hostnames = HostNames::of(input, &survey.reach, members);
        let scan = references::scan(input, &survey, members);
        survey.ports(input, members, &scan.references);
        for (name, inferred) in &mut survey.routes {
            inferred.settle(survey.ports.get(name).map_or(&[], Vec::as_slice));
        }
        for reference in scan.references.iter().filter(|reference| reference.web != Web::No) {
            let Some(port) = reference.port else { continue };
            let known = survey.web.entry((reference.to.clone(), port)).or_insert(reference.web);
            // Who speaks TLS answers nobody else.
            *known = if reference.web == Web::Https { Web::Https } else { *known };
        }
        survey.references = scan.references;
        survey.strangers = scan.strangers;
        survey.addresses = scan.addresses;
        survey.called = scan.called;
        survey.gates(members);
        survey.secrets = Secrets::of(input, &survey, members);
        survey.dependents = Dependents::of(members, &survey.references);
        survey
    }

    /// Chooses the kind of workload that each member becomes, for which the books have the reasons.
    pub fn choose_kinds(&mut self, members: &[Member<'p>], accounts: &Accounts) {
        for member in members {
            self.kinds.insert(member.name.clone(), kinds::choose(self, accounts, member));
        }
    }

    fn ports(&mut self, input: &Input<'p>, members: &[Member<'p>], references: &[Reference]) {
        let own = |member: &Member<'p>| (member.name.clone(), ports::own(input, self, member));
        let mut all: BTreeMap<Text, Ports> = members.iter().map(own).collect();
        ports::used(&mut all, self, references);
        ports::share(&mut all, self, members);
        for (name, ports) in all {
            if ports.wide.is_some() {
                self.wide.insert(name.clone());
            }
            self.ports.insert(name, ports.into_known());
        }
    }

    fn gates(&mut self, members: &[Member<'p>]) {
        for member in members {
            for (name, dependency) in entries(&member.workload.depends_on) {
                let condition = dependency.value.condition.as_ref().map(|condition| condition.value);
                if condition == Some(Condition::Healthy) {
                    self.awaited.insert(self.pods.owner(name).into());
                }
            }
        }
        self.early = early::of(self, members);
    }

    /// The name at which a gate finds the pods of a member that are ready, when it has a name.
    #[must_use]
    pub fn gate_host(&self, member: &str) -> Text {
        let owner = self.pods.owner(member);
        let name = self.object_name(owner);
        if self.has_ready_name(owner) {
            name::with_ending(&name, "ready", name::LABEL_LENGTH).into()
        } else {
            name
        }
    }

    /// Whether a second Service has the ready pods of a member alone.
    #[must_use]
    pub fn has_ready_name(&self, member: &str) -> bool {
        self.early.contains(member) && self.awaited.contains(member)
    }

    /// What each entry of a member's `ports` opens.
    #[must_use]
    pub fn openings_of(&self, member: &str) -> &[Opening<'p>] {
        self.openings.get(member).map_or(&[], Vec::as_slice)
    }

    /// The ports that a member is known to listen on.
    #[must_use]
    pub fn ports_of(&self, member: &str) -> &[KnownPort] {
        self.ports.get(member).map_or(&[], Vec::as_slice)
    }

    /// The member of that name.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Member<'p>> {
        self.members.get(name)
    }

    /// All members, by name.
    pub fn members(&self) -> impl Iterator<Item = &Member<'p>> {
        self.members.values()
    }

    /// The name of a member's objects.
    #[must_use]
    pub fn object_name(&self, member: &str) -> Text {
        self.names.get(member).cloned().unwrap_or_default()
    }

    /// The name of the objects of the member whose pod a member lives in: mostly its own.
    #[must_use]
    pub fn pod_name(&self, member: &str) -> Text {
        self.object_name(self.pods.owner(member))
    }

    /// The members whose conversion depends on the value at a path: its own, or those that use what it declares.
    #[must_use]
    pub fn concerned(&self, path: &str) -> Vec<Text> {
        let Some((section, name)) = split(path) else { return Vec::new() };
        match section {
            "services" | "jobs" => vec![name.into()],
            "networks" => self.uses.networks.get(name).cloned().unwrap_or_default(),
            "volumes" => self.uses.volumes.get(name).cloned().unwrap_or_default(),
            "configs" => self.uses.configs.get(name).cloned().unwrap_or_default(),
            "secrets" => self.uses.secrets.get(name).cloned().unwrap_or_default(),
            "models" => self.uses.models.get(name).cloned().unwrap_or_default(),
            _ => Vec::new(),
        }
    }
}

/// The longest name of a CronJob, which names its pods after it.
const CRON_JOB_LENGTH: usize = 52;

/// The name of a member's objects.
fn object_name(member: &Member<'_>) -> Text {
    let longest = match member.kind {
        Either::Service(_) => name::LABEL_LENGTH,
        Either::Job(_) => CRON_JOB_LENGTH,
    };
    name::object(member.name, longest).unwrap_or_else(|| "unnamed".into()).into()
}

/// The section and the name with which a path begins; a name with dots in it is quoted.
fn split(path: &str) -> Option<(&str, &str)> {
    let at = path.find(['.', '['])?;
    let (section, rest) = path.split_at(at);
    if let Some(quoted) = rest.strip_prefix("[\"") {
        return quoted.find("\"]").map(|end| (section, &quoted[..end]));
    }
    let rest = rest.strip_prefix('.')?;
    Some((section, rest.split(['.', '[']).next().unwrap_or(rest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_begin_with_a_section_and_a_name() {
        assert_eq!(split("services.web.ports[0]"), Some(("services", "web")));
        assert_eq!(split("services[\"a.b\"].image"), Some(("services", "a.b")));
        assert_eq!(split("volumes.data"), Some(("volumes", "data")));
        assert_eq!(split("name"), None);
    }
}
