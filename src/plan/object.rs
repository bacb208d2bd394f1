//! An object for the API server.

use super::field::Fields;
use super::why::Why;
use crate::k8s::kind::Kind;
use crate::source::Text;

/// An object.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// Which one it is.
    pub id: Id,
    /// The services and jobs that it exists for; empty when it belongs to the project.
    pub owners: Vec<Text>,
    /// The object name of the service that it stands with; none when it belongs to several or to the project.
    pub folder: Option<Text>,
    /// Everything below `apiVersion` and `kind`.
    pub body: Fields,
}

impl Object {
    /// The template of its pods, and where that stands; nothing for what makes none.
    #[must_use]
    pub fn template(&self) -> Option<(&Fields, &'static str)> {
        let (keys, address): (&[&str], _) = match self.id.kind {
            Kind::Deployment | Kind::StatefulSet | Kind::DaemonSet | Kind::Job => {
                (&["spec", "template"], "spec.template")
            }
            Kind::CronJob => (&["spec", "jobTemplate", "spec", "template"], "spec.jobTemplate.spec.template"),
            _ => return None,
        };
        Some((self.body.at(keys)?.as_map()?, address))
    }

    /// Has it live in another namespace.
    pub fn move_to(&mut self, namespace: &Text, why: &Why) {
        self.id.namespace = namespace.clone();
        self.body.map("metadata").put("namespace", namespace, why);
    }
}

/// What tells objects apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    /// The kind.
    pub kind: Kind,
    /// The namespace; empty for kinds that have none.
    pub namespace: Text,
    /// The name.
    pub name: Text,
}

impl Id {
    /// How people name it: `Deployment/web`, with the namespace between where it is not `home`.
    #[must_use]
    pub fn address(&self, home: &str) -> String {
        let Self { kind, namespace, name } = self;
        if namespace.is_empty() || namespace == home {
            format!("{}/{name}", kind.word())
        } else {
            format!("{}/{namespace}/{name}", kind.word())
        }
    }
}
