//! The namespaces in which members live, where hints name some beside that of the project.

use std::collections::BTreeMap;

use super::pods::Pods;
use crate::convert::hint::Hint;
use crate::convert::member::Member;
use crate::k8s::name;
use crate::source::Text;
use crate::source::span::{Identity, Span};

/// The hint that names a namespace.
pub const HINT: &str = "namespace";

/// A namespace, and the hint that names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// The namespace.
    pub namespace: Text,
    /// The hint.
    pub hint: Identity,
    /// The place of its value.
    pub span: Span,
}

/// The namespaces that hints name.
#[derive(Debug, Default)]
pub struct Homes {
    named: BTreeMap<Text, Home>,
    owners: BTreeMap<Text, Text>,
}

impl Homes {
    /// Looks at all members; what names the namespace of the project says nothing new.
    #[must_use]
    pub fn of(members: &[Member<'_>], pods: &Pods, project: &str) -> Self {
        let mut homes = Self::default();
        for member in members {
            let owner = pods.owner(member.name);
            if owner != member.name.as_str() {
                homes.owners.insert(member.name.clone(), owner.into());
            }
            let Some(hint) = Hint::of(member, HINT) else { continue };
            let namespace = hint.text().filter(|name| name::is_label(name) && name != project);
            if let Some(namespace) = namespace {
                homes
                    .named
                    .insert(member.name.clone(), Home { namespace, hint: hint.identity, span: hint.span });
            }
        }
        homes
    }

    /// Whether all live in the namespace of the project.
    #[must_use]
    pub fn is_one(&self) -> bool {
        self.named.is_empty()
    }

    /// Where the pod of a member lives; nothing for the namespace of the project.
    #[must_use]
    pub fn get(&self, member: &str) -> Option<&Home> {
        self.own(self.owners.get(member).map_or(member, Text::as_str))
    }

    /// Where a member's own hint has it live, whoever owns its pod.
    #[must_use]
    pub fn own(&self, member: &str) -> Option<&Home> {
        self.named.get(member)
    }

    /// Whether the pods of two members live in one namespace.
    #[must_use]
    pub fn is_shared(&self, one: &str, other: &str) -> bool {
        let name = |member: &str| self.get(member).map(|home| &home.namespace);
        name(one) == name(other)
    }
}
