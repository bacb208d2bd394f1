//! The names that Docker answers for, and for whom: services, aliases, container names, host names and links.

use std::collections::BTreeMap;

use super::pods::Pods;
use super::reach::{Mode, Reach};
use super::references::NameKind;
use crate::compose::project::{entries, items};
use crate::convert::Input;
use crate::convert::member::Member;
use crate::source::Text;
use crate::source::span::{Identity, Span};

/// The most members that one name is followed to.
const FOLLOWED: usize = 256;

/// A member to which a name leads.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The member.
    pub member: Text,
    /// What the name is.
    pub kind: NameKind,
    /// Who sees it.
    pub audience: Audience,
    /// The value that gives the name; none of names that Docker makes up.
    pub value: Option<(Identity, Span)>,
}

/// Who sees a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Who is on one of the member's networks.
    Peers,
    /// Who is on that network.
    Network(Text),
    /// That member alone.
    Linker(Text),
}

/// The names, in small letters, and to whom they lead.
#[derive(Debug, Default)]
pub struct HostNames {
    claims: BTreeMap<String, Vec<Claim>>,
}

impl HostNames {
    /// Looks at all members.
    #[must_use]
    pub fn of(input: &Input<'_>, reach: &Reach, members: &[Member<'_>]) -> Self {
        let mut names = Self::default();
        let project = input.project.model.name.as_ref().map_or("", |name| name.value.as_str());
        for member in members {
            let attached = reach.stands.get(member.name).is_some_and(|stand| stand.mode == Mode::Attached);
            if attached && member.service().is_some_and(|service| service.provider.is_none()) {
                names.member(reach, member, project);
            }
        }
        names
    }

    fn member(&mut self, reach: &Reach, member: &Member<'_>, project: &str) {
        let Some(service) = member.service() else { return };
        let claim = |kind, audience, value| Claim { member: member.name.clone(), kind, audience, value };
        let word = |key: &Text| reach.words.get(key).cloned().unwrap_or_else(|| key.clone());
        let mut hidden = 0;
        for (key, attachment) in entries(&member.container.networks) {
            let Some(attachment) = &attachment.value else { continue };
            let network = Audience::Network(word(key));
            for alias in items(&attachment.aliases) {
                let value = Some((Identity::of(alias), alias.span));
                self.enter(&alias.value, claim(NameKind::Alias, network.clone(), value));
            }
            hidden += usize::from(attachment.use_service_name_alias.as_ref().is_some_and(|used| !used.value));
        }
        if hidden == 0 {
            self.enter(member.name, claim(NameKind::Service, Audience::Peers, None));
        } else {
            for (key, attachment) in entries(&member.container.networks) {
                let of_attachment = attachment.value.as_ref();
                let used = of_attachment.and_then(|attachment| attachment.use_service_name_alias.as_ref());
                if used.is_none_or(|used| used.value) {
                    self.enter(member.name, claim(NameKind::Service, Audience::Network(word(key)), None));
                }
            }
        }
        if let Some(name) = &service.container_name {
            let value = Some((Identity::of(&**name), name.span));
            self.enter(&name.value, claim(NameKind::ContainerName, Audience::Peers, value));
        } else {
            for made in [format!("{project}-{}-1", member.name), format!("{project}_{}_1", member.name)] {
                self.enter(&made, claim(NameKind::Generated, Audience::Peers, None));
            }
        }
        if let Some(name) = &member.container.hostname {
            let value = Some((Identity::of(&**name), name.span));
            self.enter(&name.value, claim(NameKind::Hostname, Audience::Peers, value));
        }
        for link in items(&service.links) {
            if let Some((to, alias)) = link.value.split_once(':') {
                let audience = Audience::Linker(member.name.clone());
                let value = Some((Identity::of(link), link.span));
                self.enter(alias, Claim { member: to.into(), kind: NameKind::Link, audience, value });
            }
        }
    }

    fn enter(&mut self, name: &str, claim: Claim) {
        let claims = self.claims.entry(name.to_ascii_lowercase()).or_default();
        // A service whose host name is its own name has one name, not two.
        let known = claims.iter().any(|old| {
            old.member == claim.member && old.audience == claim.audience && old.kind == NameKind::Service
        });
        if claims.len() < FOLLOWED && !known {
            // Most names lead to one member.
            if claims.is_empty() {
                claims.reserve_exact(1);
            }
            claims.push(claim);
        }
    }

    /// Whether anybody claims the name.
    #[must_use]
    pub fn is_known(&self, name: &str) -> bool {
        self.claims.contains_key(&name.to_ascii_lowercase())
    }

    /// The claims to a name that a member sees.
    pub fn seen<'n>(
        &'n self,
        name: &str,
        from: &'n str,
        (reach, pods): (&'n Reach, &'n Pods),
    ) -> impl Iterator<Item = &'n Claim> {
        let claims = self.claims.get(&name.to_ascii_lowercase()).map_or(&[] as &[Claim], Vec::as_slice);
        claims.iter().filter(move |claim| {
            let (Some(one), Some(other)) = (reach.stands.get(from), reach.stands.get(&claim.member)) else {
                return false;
            };
            let met = || reach.shared(one, other).next().is_some();
            match &claim.audience {
                Audience::Peers => pods.is_one(from, &claim.member) || met(),
                Audience::Network(word) => one.networks.binary_search(word).is_ok(),
                Audience::Linker(linker) => pods.is_one(from, linker) && met(),
            }
        })
    }

    /// All names with their claims.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[Claim])> {
        self.claims.iter().map(|(name, claims)| (name.as_str(), claims.as_slice()))
    }
}
