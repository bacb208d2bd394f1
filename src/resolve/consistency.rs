//! What Compose checks on the project once it knows types: references, relations between keys, circles.

use std::collections::{BTreeMap, BTreeSet};

use super::context::{Loader, MOST};
use super::{amounts, circles};
use crate::compose::codec::Field;
use crate::compose::container::Container;
use crate::compose::file_object::FileReference;
use crate::compose::job::Job;
use crate::compose::mount::MountKind;
use crate::compose::project::{Project, entries, items};
use crate::compose::service::{Service, Workload};
use crate::diag::{Finding, Label, Slug, slugs};
use crate::source::Text;
use crate::source::span::{Span, Spanned};

/// Checks the active services and jobs.
pub fn check(loader: &mut Loader<'_>, project: &Project) {
    let broken = loader.refused;
    let torn = torn(&loader.findings);
    let mut check = Check { loader, project, broken, torn, undeclared: BTreeMap::new() };
    for (name, service) in entries(&project.model.services) {
        check.service(name, service);
    }
    for (name, job) in entries(&project.model.jobs) {
        check.job(name, job);
    }
    check.shared_names();
    check.container_names();
    for finding in std::mem::take(&mut check.undeclared).into_values() {
        check.loader.refuse(finding.0);
    }
    circles::check(check.loader, project);
}

struct Check<'a, 'b> {
    loader: &'a mut Loader<'b>,
    project: &'a Project,
    /// What is used and not declared: one finding for each, with a label for each use.
    undeclared: BTreeMap<(&'static str, Text), (Finding, BTreeSet<Span>)>,
    /// The services of which something that they are made from could not be read, which is reported already.
    torn: BTreeSet<String>,
    /// Whether something was refused before, so that a definition may be missing for its own mistake.
    broken: bool,
}

/// What a name refers to.
enum Target {
    Active,
    Inactive,
    Job,
    /// Declared, but its definition has a mistake that is reported already.
    Broken,
    Unknown,
}

/// The paths of services of which a finding says that their source could not be read.
fn torn(findings: &[Finding]) -> BTreeSet<String> {
    let source = |finding: &Finding| {
        let (service, key) = finding.path.rsplit_once('.')?;
        matches!(key, "extends" | "image" | "build" | "provider").then(|| service.to_owned())
    };
    findings.iter().filter_map(source).collect()
}

impl Check<'_, '_> {
    fn refuse(&mut self, slug: Slug, span: Span, path: String, message: String) {
        self.loader.refuse(Finding::new(slug, span, path, message));
    }

    fn service(&mut self, name: &Text, service: &Spanned<Service>) {
        let path = format!("services.{name}");
        let key = service.key;
        let Service { container, workload, provider, .. } = &service.value;
        let image = container.image.as_ref().is_some_and(|image| !image.value.is_empty());
        if workload.build.is_none() && !image && provider.is_none() && !self.torn.contains(&path) {
            let message = format!("service `{name}` has neither `image` nor `build`");
            let key = container.image.as_ref().map_or(key, |image| image.span);
            self.loader.refuse(
                Finding::new(slugs::INVALID_COMPOSE, key, path.clone(), message)
                    .tip("name the image to run, or the folder to build it from"),
            );
        }
        self.build(name, container, workload, &path);
        self.references(container, workload, &path);
        self.health(workload, &path);
        self.dependencies(workload, &path, false);
        self.network_mode(container, &path);
        amounts::counts(self.loader, name, &service.value, &path);
        amounts::resources(self.loader, &service.value, &path);
        self.watches(&service.value, &path);
        self.mounts(container, &path);
        self.hook_references(&service.value, &path);
    }

    fn job(&mut self, name: &Text, job: &Spanned<Job>) {
        self.dependencies(&job.value.workload, &format!("jobs.{name}"), true);
    }

    fn build(&mut self, name: &Text, container: &Container, workload: &Workload, path: &str) {
        let Some(build) = &workload.build else { return };
        let build = &build.value;
        if let (Some(inline), Some(file)) = (&build.dockerfile_inline, &build.dockerfile)
            && !inline.value.is_empty()
            && !file.value.is_empty()
        {
            let message = format!("service `{name}` has `dockerfile` and `dockerfile_inline`");
            let finding = Finding::new(
                slugs::INVALID_COMPOSE,
                inline.key,
                format!("{path}.build.dockerfile_inline"),
                message,
            )
            .also(file.key, "the other one")
            .tip("keep one of them");
            self.loader.refuse(finding);
        }
        for (context, address) in entries(&build.additional_contexts) {
            let Some(target) = address.value.0.strip_prefix("service:") else { continue };
            let buildable = self
                .project
                .model
                .service(target)
                .or_else(|| self.project.inactive_services.get(target))
                .map(|service| service.value.workload.build.is_some());
            let message = match buildable {
                Some(true) => continue,
                Some(false) => format!("context `{context}` names service `{target}`, which has no `build`"),
                None if self.is_declared("services", target) => continue,
                None => format!("context `{context}` names service `{target}`, which does not exist"),
            };
            let path = format!("{path}.build.additional_contexts.{context}");
            self.refuse(slugs::BROKEN_REFERENCE, address.span, path, message);
        }
        if let (Some(platforms), Some(platform)) = (&build.platforms, &container.platform)
            && !platforms.value.is_empty()
            && !platform.value.is_empty()
            && !platforms.value.iter().any(|each| each.value == platform.value)
        {
            let message =
                format!("`build.platforms` lacks the platform `{}` that the service runs on", platform.value);
            let finding = Finding::new(
                slugs::CONFLICTING_ENTRIES,
                platforms.span,
                format!("{path}.build.platforms"),
                message,
            )
            .also(platform.span, "the service's platform");
            self.loader.refuse(finding);
        }
    }

    /// Networks, volumes, configs, secrets and models that are not declared.
    fn references(&mut self, container: &Container, workload: &Workload, path: &str) {
        let Self { project, .. } = self;
        let model = &project.model;
        let mut nameless: Vec<Span> = Vec::new();
        let mut missing: Vec<(&'static str, &'static str, Text, Span, String)> = Vec::new();
        let mut want = |section, what, known: bool, name: &Text, span: Span, key: &str| {
            if !known {
                missing.push((section, what, name.clone(), span, format!("{path}.{key}")));
            }
        };
        for (name, network) in entries(&container.networks) {
            let known = model.networks.as_ref().is_some_and(|networks| networks.value.contains(name));
            want("networks", "network", known, name, network.key, &format!("networks.{name}"));
        }
        for (index, mount) in items(&container.volumes).enumerate() {
            let Some(source) = &mount.value.source else { continue };
            let volume = mount.value.kind.as_ref().is_some_and(|kind| kind.value == MountKind::Volume);
            if volume && !source.value.is_empty() {
                let known =
                    model.volumes.as_ref().is_some_and(|volumes| volumes.value.contains(&source.value));
                want("volumes", "volume", known, &source.value, source.span, &format!("volumes[{index}]"));
            }
        }
        for (index, secret) in workload.build.iter().flat_map(|build| items(&build.value.secrets)).enumerate()
        {
            let Some(source) = source(&secret.value, secret.span, &mut nameless) else { continue };
            let known = model.secrets.as_ref().is_some_and(|secrets| secrets.value.contains(&source.value));
            want("secrets", "secret", known, &source.value, source.span, &format!("build.secrets[{index}]"));
        }
        for (index, config) in items(&container.configs).enumerate() {
            let Some(source) = source(&config.value, config.span, &mut nameless) else { continue };
            let known = model.configs.as_ref().is_some_and(|configs| configs.value.contains(&source.value));
            want("configs", "config", known, &source.value, source.span, &format!("configs[{index}]"));
        }
        for (name, used) in entries(&container.models) {
            let known = model.models.as_ref().is_some_and(|models| models.value.contains(name));
            want("models", "model", known, name, used.key, &format!("models.{name}"));
        }
        for (index, secret) in items(&container.secrets).enumerate() {
            let Some(source) = source(&secret.value, secret.span, &mut nameless) else { continue };
            let known = model.secrets.as_ref().is_some_and(|secrets| secrets.value.contains(&source.value));
            want("secrets", "secret", known, &source.value, source.span, &format!("secrets[{index}]"));
        }
        for span in nameless {
            let message = "the entry has no `source`".to_owned();
            self.refuse(slugs::BROKEN_REFERENCE, span, path.to_owned(), message);
        }
        for (section, what, name, span, path) in missing {
            if self.is_declared(section, &name) {
                continue;
            }
            self.undeclared(section, what, &name, span, path);
        }
    }

    /// A name that nothing declares, at one of its uses.
    fn undeclared(&mut self, section: &'static str, what: &str, name: &Text, span: Span, path: String) {
        if let Some((finding, places)) = self.undeclared.get_mut(&(section, name.clone())) {
            if places.insert(span) {
                finding.labels.push(Label { span, message: String::new() });
            }
            // Several services use it, so it is about none of them.
            finding.service =
                finding.service.take().filter(|service| path.starts_with(&format!("services.{service}.")));
            return;
        }
        let is_kept = |(last, _): (&(&'static str, Text), _)| (section, name) < (last.0, &last.1);
        if self.undeclared.len() > MOST && !self.undeclared.last_key_value().is_some_and(is_kept) {
            self.loader.refused = true;
            return;
        }
        let message = if name.is_empty() {
            format!("the name of a {what} is empty")
        } else {
            format!("{what} `{name}` is not declared")
        };
        let finding = Finding::new(slugs::BROKEN_REFERENCE, span, path, message)
            .tip(format!("declare it under `{section}:`, mend the name, or name the file that declares it with a further `-f`"));
        self.undeclared.insert((section, name.clone()), (finding, BTreeSet::from([span])));
        // What is past the number that is kept would only be thrown away later.
        if self.undeclared.len() > MOST + 1 {
            self.undeclared.pop_last();
        }
    }

    fn hook_references(&mut self, service: &Service, path: &str) {
        if let (Some(mode), Some(networks)) = (&service.container.network_mode, &service.container.networks)
            && !mode.value.is_empty()
            && !networks.value.is_empty()
        {
            let message = "`network_mode` and `networks` cannot both hold".to_owned();
            let finding =
                Finding::new(slugs::CONFLICTING_ENTRIES, mode.key, format!("{path}.network_mode"), message)
                    .also(networks.key, "the networks")
                    .tip("keep one of them");
            self.loader.refuse(finding);
        }
    }

    fn health(&mut self, workload: &Workload, path: &str) {
        let Some(test) = workload.healthcheck.as_ref().and_then(|health| health.value.test.as_ref()) else {
            return;
        };
        let Some(first) = test.value.words.first() else { return };
        if !matches!(first.value.as_str(), "CMD" | "CMD-SHELL" | "NONE") {
            let message =
                format!("the test starts with `{}`; Compose takes `CMD`, `CMD-SHELL` or `NONE`", first.value);
            let finding =
                Finding::new(slugs::INVALID_COMPOSE, first.span, format!("{path}.healthcheck.test"), message)
                    .tip("put `CMD` in front of the words");
            self.loader.refuse(finding);
        }
    }

    fn dependencies(&mut self, workload: &Workload, path: &str, job: bool) {
        for (name, dependency) in entries(&workload.depends_on) {
            let required = dependency.value.required.as_ref().is_none_or(|required| required.value);
            let message = match self.target(name) {
                Target::Active | Target::Broken => continue,
                Target::Job if job => continue,
                Target::Inactive if !required => continue,
                Target::Inactive => {
                    let profiles: Vec<String> = self
                        .project
                        .inactive_services
                        .get(name)
                        .into_iter()
                        .flat_map(|service| items(&service.value.profiles))
                        .map(|profile| format!("`{}`", profile.value))
                        .collect();
                    let (noun, verb) =
                        if profiles.len() == 1 { ("profile", "activates") } else { ("profiles", "activate") };
                    let profiles = profiles.join(", ");
                    format!("depends on `{name}`, which only the {noun} {profiles} {verb}")
                }
                Target::Job => {
                    format!("depends on `{name}`, which is a job; a service waits for services only")
                }
                Target::Unknown => {
                    let path = format!("{path}.depends_on.{name}");
                    self.undeclared("services", "service", name, dependency.key, path);
                    continue;
                }
            };
            let owner = path.split_once('.').map_or(path, |(_, name)| name);
            let path = format!("{path}.depends_on.{name}");
            self.refuse(slugs::BROKEN_REFERENCE, dependency.key, path, format!("`{owner}` {message}"));
        }
    }

    fn network_mode(&mut self, container: &Container, path: &str) {
        let Some(mode) = &container.network_mode else { return };
        let Some(name) = mode.value.strip_prefix("service:") else { return };
        // The dependency that the mode implies says it already.
        let said = container_depends(self.project, path, name);
        if !said && !matches!(self.target(name), Target::Active | Target::Broken) {
            let message = format!("service `{name}` does not exist");
            self.refuse(slugs::BROKEN_REFERENCE, mode.span, format!("{path}.network_mode"), message);
        }
    }

    fn watches(&mut self, service: &Service, path: &str) {
        let Some(develop) = &service.develop else { return };
        for (index, watch) in items(&develop.value.watch).enumerate() {
            let target = watch.value.target.as_ref().is_some_and(|target| !target.value.is_empty());
            let action = watch.value.action.as_ref().map_or("", |action| action.value.as_str());
            if !target && !matches!(action, "rebuild" | "restart") {
                let message = format!("the action `{action}` needs a `target` to copy to");
                let path = format!("{path}.develop.watch[{index}]");
                self.refuse(slugs::INVALID_COMPOSE, watch.span, path, message);
            }
        }
    }

    /// One path of the container is mounted once.
    fn mounts(&mut self, container: &Container, path: &str) {
        let mut taken: BTreeMap<&str, Span> = BTreeMap::new();
        let mut twice: Vec<(Text, Span, Span, String)> = Vec::new();
        for (index, tmpfs) in items(&container.tmpfs).enumerate() {
            let target = tmpfs.value.split(':').next().unwrap_or_default();
            if let Some(first) = taken.insert(target, tmpfs.span) {
                twice.push((Text::new(target), tmpfs.span, first, format!("{path}.tmpfs[{index}]")));
            }
        }
        for (index, mount) in items(&container.volumes).enumerate() {
            let (target, span) = mount
                .value
                .target
                .as_ref()
                .map_or(("", mount.span), |target| (target.value.as_str(), target.span));
            if let Some(first) = taken.insert(target, span) {
                twice.push((Text::new(target), span, first, format!("{path}.volumes[{index}]")));
            }
        }
        for (target, span, first, path) in twice {
            let message = format!("`{target}` is mounted twice");
            let finding = Finding::new(slugs::CONFLICTING_ENTRIES, span, path, message)
                .also(first, "the other mount")
                .tip("keep one of them");
            self.loader.refuse(finding);
        }
    }

    /// One name is a service or a job, not both.
    fn shared_names(&mut self) {
        let project = self.project;
        for (name, job) in entries(&project.model.jobs).chain(project.inactive_jobs.iter()) {
            let service = project.model.service(name).or_else(|| project.inactive_services.get(name));
            if let Some(service) = service {
                let message = format!("`{name}` is a service and a job");
                let finding =
                    Finding::new(slugs::CONFLICTING_ENTRIES, job.key, format!("jobs.{name}"), message)
                        .also(service.key, "the service")
                        .tip("rename one of them");
                self.loader.refuse(finding);
            }
        }
        for (name, secret) in entries(&project.model.secrets) {
            let is = |field: &Field<Text>| field.as_ref().is_some_and(|field| !field.value.is_empty());
            let external = secret.value.external.as_ref().is_some_and(|external| external.value);
            if !external && !is(&secret.value.file) && !is(&secret.value.environment) {
                let message = format!("secret `{name}` has no content; it needs `file` or `environment`");
                self.refuse(slugs::INVALID_COMPOSE, secret.key, format!("secrets.{name}"), message);
            }
        }
    }

    fn container_names(&mut self) {
        let project = self.project;
        let mut taken: BTreeMap<&Text, Span> = BTreeMap::new();
        for (name, service) in entries(&project.model.services) {
            let Some(fixed) = service.value.container_name.as_ref().filter(|fixed| !fixed.value.is_empty())
            else {
                continue;
            };
            if let Some(first) = taken.insert(&fixed.value, fixed.span) {
                let message = format!("two services have the container name `{}`", fixed.value);
                let path = format!("services.{name}.container_name");
                let finding = Finding::new(slugs::CONFLICTING_ENTRIES, fixed.span, path, message)
                    .also(first, "the other one")
                    .tip("take `container_name` out; services are called by their own names");
                self.loader.refuse(finding);
            }
        }
    }

    fn is_declared(&self, section: &'static str, name: &str) -> bool {
        self.broken && self.loader.declared.contains(&(Text::new_static(section), Text::new(name)))
    }

    fn target(&self, name: &str) -> Target {
        if self.project.model.service(name).is_some() {
            Target::Active
        } else if self.project.inactive_services.contains(name) {
            Target::Inactive
        } else if self.project.model.job(name).is_some() || self.project.inactive_jobs.contains(name) {
            Target::Job
        } else if self.is_declared("services", name) {
            Target::Broken
        } else {
            Target::Unknown
        }
    }
}

/// What a config or secret of a container refers to; an entry that names nothing is put to the nameless ones.
fn source<'a>(
    reference: &'a FileReference,
    span: Span,
    nameless: &mut Vec<Span>,
) -> Option<&'a Spanned<Text>> {
    if reference.source.is_none() {
        nameless.push(span);
    }
    reference.source.as_deref()
}

fn container_depends(project: &Project, path: &str, name: &str) -> bool {
    path.strip_prefix("services.")
        .and_then(|own| project.model.service(own))
        .and_then(|service| service.value.workload.depends_on.as_ref())
        .is_some_and(|depends_on| depends_on.value.contains(name))
}
