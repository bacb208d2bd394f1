//! Whose containers a rule looks at: those of services, of jobs, and of what runs before a service.

use super::Ctx;
use crate::compose::codec::{Field, Map};
use crate::compose::command::Command;
use crate::compose::container::Container;
use crate::compose::hook::Hook;
use crate::compose::image_facts::Facts;
use crate::compose::leaf::Loose;
use crate::compose::project::{entries, items};
use crate::compose::service::{Service, Workload};
use crate::diag::{Finding, Slug};
use crate::plan::address::push_key;
use crate::source::Text;
use crate::source::span::Span;

/// A container and whose it is.
#[derive(Clone, Copy)]
pub struct Subject<'c> {
    section: &'static str,
    /// Which of the containers that run before the service it is.
    before: Option<usize>,
    /// The name of the service or job.
    pub name: &'c Text,
    /// Where it is declared.
    pub key: Span,
    /// The place of the whole service, job, or container that runs before.
    pub span: Span,
    /// The container.
    pub container: &'c Container,
    /// What the service or job says beside it.
    pub workload: &'c Workload,
    /// The service, when the container is its own.
    pub service: Option<&'c Service>,
    /// What is known of the image.
    pub facts: &'c Facts,
}

/// The containers of services and jobs; those that no container provides are left out.
pub fn main<'c>(ctx: &Ctx<'c>) -> impl Iterator<Item = Subject<'c>> + use<'c> {
    let (project, facts) = (ctx.project, ctx.facts);
    let services = entries(&project.model.services).map(move |(name, service)| Subject {
        section: "services",
        before: None,
        name,
        key: service.key,
        span: service.span,
        container: &service.value.container,
        workload: &service.value.workload,
        service: Some(&service.value),
        facts: facts.of_service(name),
    });
    let jobs = entries(&project.model.jobs).map(move |(name, job)| Subject {
        section: "jobs",
        before: None,
        name,
        key: job.key,
        span: job.span,
        container: &job.value.container,
        workload: &job.value.workload,
        service: None,
        facts: facts.of_job(name),
    });
    services.filter(|subject| subject.service.is_none_or(|service| service.provider.is_none())).chain(jobs)
}

/// The containers of services and jobs, and those that run before a service.
pub fn all<'c>(ctx: &Ctx<'c>) -> impl Iterator<Item = Subject<'c>> + use<'c> {
    let facts = ctx.facts;
    main(ctx).flat_map(move |subject| {
        let hooks = subject.service.into_iter().flat_map(|service| items(&service.pre_start)).enumerate();
        std::iter::once(subject).chain(hooks.map(move |(at, hook)| Subject {
            before: Some(at),
            key: hook.key,
            span: hook.span,
            container: &hook.value.container,
            service: None,
            facts: facts.of_pre_start(subject.name, at),
            ..subject
        }))
    })
}

impl<'c> Subject<'c> {
    /// The path of something below it: `services.web.image` for `image`.
    #[must_use]
    pub fn path(&self, below: &str) -> String {
        let mut path = entry(self.section, self.name);
        if let Some(at) = self.before {
            path.push_str(&format!(".pre_start[{at}]"));
        }
        if !below.is_empty() {
            path.push('.');
            path.push_str(below);
        }
        path
    }

    /// A finding at a place of it.
    #[must_use]
    pub fn finding(&self, rule: Slug, span: Span, below: &str, message: impl Into<String>) -> Finding {
        Finding::new(rule, span, self.path(below), message)
    }

    /// A finding at its name, about something that is not written.
    #[must_use]
    pub fn absence(&self, rule: Slug, message: impl Into<String>) -> Finding {
        Finding::new(rule, self.key, self.path(""), message)
    }

    /// Its commands with their keys: the entrypoint, the command, and those of its hooks.
    pub fn commands(&self) -> impl Iterator<Item = (String, &'c Field<Command>)> + use<'c> {
        let own = [("entrypoint", &self.container.entrypoint), ("command", &self.container.command)];
        let hooks = self.hooks().map(|(path, hook)| (format!("{path}.command"), &hook.command));
        own.into_iter().map(|(key, command)| (key.to_owned(), command)).chain(hooks)
    }

    /// Its environments with their keys: its own and those of its hooks.
    pub fn environments(&self) -> impl Iterator<Item = (String, &'c Field<Map<Option<Loose>>>)> + use<'c> {
        let own = ("environment".to_owned(), &self.container.environment);
        let hooks = self.hooks().map(|(path, hook)| (format!("{path}.environment"), &hook.environment));
        std::iter::once(own).chain(hooks)
    }

    /// The commands that run in its container at start and stop, with their keys.
    pub fn hooks(&self) -> impl Iterator<Item = (String, &'c Hook)> + use<'c> {
        let lists = self
            .service
            .into_iter()
            .flat_map(|service| [("post_start", &service.post_start), ("pre_stop", &service.pre_stop)]);
        lists.flat_map(|(key, list)| {
            items(list).enumerate().map(move |(at, hook)| (format!("{key}[{at}]"), &hook.value))
        })
    }
}

/// The path of an entry: `environment.A` for `A`.
#[must_use]
pub fn entry(path: &str, key: &str) -> String {
    let mut path = path.to_owned();
    push_key(&mut path, key);
    path
}
