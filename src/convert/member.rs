//! A service or a job: what takes part in the project.

use std::collections::BTreeMap;

use crate::compose::container::Container;
use crate::compose::job::Job;
use crate::compose::project::{Project, entries};
use crate::compose::service::{Service, Workload};
use crate::source::Text;
use crate::source::span::{Identity, Span};

/// A service or a job of the project.
#[derive(Clone, Copy, Debug)]
pub struct Member<'p> {
    /// Its name in the project.
    pub name: &'p Text,
    /// Where it is declared.
    pub place: Place,
    /// Its container.
    pub container: &'p Container,
    /// What services and jobs have beside it.
    pub workload: &'p Workload,
    /// Which of the two it is.
    pub kind: Either<'p>,
    /// How many pods an overlay gives it, at most.
    scaled: i64,
}

/// Where something is declared, and which value it is.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The place of the name.
    pub key: Span,
    /// The value.
    pub identity: Identity,
}

/// A service or a job.
#[derive(Clone, Copy, Debug)]
pub enum Either<'p> {
    /// A service.
    Service(&'p Service),
    /// A job.
    Job(&'p Job),
}

impl<'p> Member<'p> {
    /// The service, when it is one.
    #[must_use]
    pub fn service(&self) -> Option<&'p Service> {
        match self.kind {
            Either::Service(service) => Some(service),
            Either::Job(_) => None,
        }
    }

    /// The path of the member in the project.
    #[must_use]
    pub fn path(&self) -> String {
        let section = match self.kind {
            Either::Service(_) => "services",
            Either::Job(_) => "jobs",
        };
        let mut path = section.to_owned();
        crate::plan::address::push_key(&mut path, self.name);
        path
    }

    /// How many pods, when it is a service.
    #[must_use]
    pub fn replicas(&self) -> i64 {
        let Some(service) = self.service() else { return 1 };
        let of_deploy = service.deploy.as_ref().and_then(|deploy| deploy.value.replicas.as_ref());
        of_deploy.or(service.scale.as_ref()).map_or(1, |replicas| replicas.value)
    }
}

impl Member<'_> {
    /// How many pods there may be, over all overlays: what cannot change with a number is decided by it.
    #[must_use]
    pub fn most_replicas(&self) -> i64 {
        self.replicas().max(self.scaled)
    }
}

/// How many pods each service of a project has.
#[must_use]
pub fn replicas(project: &Project) -> BTreeMap<Text, i64> {
    let members = members(project, &BTreeMap::new());
    members.iter().map(|member| (member.name.clone(), member.replicas())).collect()
}

/// The services and jobs of a project, in the order of the files; `most` says how many pods overlays give them.
#[must_use]
pub fn members<'p>(project: &'p Project, most: &BTreeMap<Text, i64>) -> Vec<Member<'p>> {
    let scaled = |name: &Text| most.get(name).copied().unwrap_or_default();
    let place = |key, identity| Place { key, identity };
    let services = entries(&project.model.services).map(|(name, service)| Member {
        name,
        place: place(service.key, Identity::of(service)),
        container: &service.value.container,
        workload: &service.value.workload,
        kind: Either::Service(&service.value),
        scaled: scaled(name),
    });
    let jobs = entries(&project.model.jobs).map(|(name, job)| Member {
        name,
        place: place(job.key, Identity::of(job)),
        container: &job.value.container,
        workload: &job.value.workload,
        kind: Either::Job(&job.value),
        scaled: scaled(name),
    });
    services.chain(jobs).collect()
}
