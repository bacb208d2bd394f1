//! Which members share a pod: `network_mode`, `pid` or `ipc` of one names another.

use std::collections::{BTreeMap, BTreeSet};

use crate::convert::member::Member;
use crate::source::Text;
use crate::source::span::Spanned;

/// The pods that several members share.
#[derive(Debug, Default)]
pub struct Pods {
    owners: BTreeMap<Text, Text>,
    mates: BTreeMap<Text, Vec<Text>>,
}

impl Pods {
    /// Looks at all members.
    #[must_use]
    pub fn of(members: &[Member<'_>]) -> Self {
        let direct: BTreeMap<&Text, Text> =
            members.iter().filter_map(|member| Some((member.name, shares(member).next()?.1))).collect();
        let mut pods = Self::default();
        for member in members {
            let Some(mut owner) = direct.get(member.name) else { continue };
            let mut seen = BTreeSet::from([member.name]);
            while let Some(next) = direct.get(owner) {
                // A circle is an error of the project; here it only must end.
                if !seen.insert(owner) {
                    break;
                }
                owner = pods.owners.get(owner).unwrap_or(next);
            }
            let owner = owner.clone();
            pods.mates.entry(owner.clone()).or_default().push(member.name.clone());
            pods.owners.insert(member.name.clone(), owner);
        }
        pods
    }

    /// The member whose pod it is in: mostly its own.
    #[must_use]
    pub fn owner<'t>(&'t self, name: &'t str) -> &'t str {
        self.owners.get(name).map_or(name, Text::as_str)
    }

    /// Whether two members live in one pod.
    #[must_use]
    pub fn is_one(&self, one: &str, other: &str) -> bool {
        self.owner(one) == self.owner(other)
    }

    /// The members that share its pod without owning it.
    #[must_use]
    pub fn mates(&self, name: &str) -> &[Text] {
        self.mates.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether it has its pod for itself.
    #[must_use]
    pub fn is_alone(&self, name: &str) -> bool {
        !self.owners.contains_key(name) && !self.mates.contains_key(name)
    }
}

/// The members whose pod a member wants to share, each with the value that says so.
pub fn shares<'p>(member: &Member<'p>) -> impl Iterator<Item = (&'p Spanned<Text>, Text)> {
    let container = member.container;
    let keys = [&container.network_mode, &container.pid, &container.ipc];
    keys.into_iter().flatten().filter_map(|value| {
        let name = value.value.strip_prefix("service:")?;
        Some((&**value, Text::new(name)))
    })
}
