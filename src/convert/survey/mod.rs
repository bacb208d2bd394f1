//! What can be said of the members only when all of them are seen: who uses what, who needs whom, who calls whom.

pub mod uses;
pub mod ports;
pub mod kinds;
pub mod references;
pub mod secrets;
pub mod file_set;
pub mod volumes;
pub mod wishes;
pub mod dependents;
pub mod pods;

use std::collections::BTreeMap;

use super::Input;
use super::accounts::Accounts;
use super::member::Member;
use crate::k8s::name;
use crate::source::Text;
use dependents::Dependents;
use kinds::Choice;
use pods::Pods;
use ports::KnownPort;
use references::Reference;
use secrets::Secrets;
use uses::Uses;
use volumes::Volumes;

/// What is known of all members together.
#[derive(Debug, Default)]
pub struct Survey<'p> {
    /// Who uses which network, volume, config and secret.
    pub uses: Uses,
    /// The ports that each member is known to listen on.
    pub ports: BTreeMap<Text, Vec<KnownPort>>,
    /// Who mounts what.
    pub volumes: Volumes<'p>,
    /// Who names whom, and where.
    pub references: Vec<Reference>,
    /// Who depends on each member, and who is named as a host.
    pub dependents: Dependents,
    /// Which members share a pod.
    pub pods: Pods,
    /// The kind of workload that each member becomes.
    pub kinds: BTreeMap<Text, Choice>,
    /// The name of each member's objects.
    pub names: BTreeMap<Text, Text>,
    /// Which variables hold secrets, and who shares them.
    pub secrets: Secrets,
    members: BTreeMap<&'p str, Member<'p>>,
}

impl<'p> Survey<'p> {
    /// Looks at all members.
    #[must_use]
    pub fn of(input: &Input<'p>, members: &[Member<'p>], accounts: &Accounts) -> Self {
        let mut survey = Self {
            uses: Uses::of(members),
            volumes: Volumes::of(input, members),
            members: members.iter().map(|member| (member.name.as_str(), *member)).collect(),
            ..Self::default()
        };
        for (volume, usage) in survey.volumes.used() {
            survey.uses.volumes.insert(volume.clone(), usage.members());
        }
        for member in members {
            let object = name::object(member.name, name::LABEL_LENGTH).unwrap_or_else(|| "unnamed".into());
            survey.names.insert(member.name.clone(), object.into());
            survey.ports.insert(member.name.clone(), ports::declared(member));
        }
        survey.secrets = Secrets::of(input, &survey, members);
        survey.references = references::scan(input, &survey, members);
        survey.dependents = Dependents::of(members, &survey.references);
        survey.pods = Pods::of(members);
        for member in members {
            survey.kinds.insert(member.name.clone(), kinds::choose(input, &survey, accounts, member));
        }
        survey
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
