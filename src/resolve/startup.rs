//! What Compose reads without a word and refuses, or loses, when it starts the project.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::context::{Environment, Loader};
use crate::compose::codec::Field;
use crate::compose::container::Container;
use crate::compose::port::Port;
use crate::compose::project::{Project, entries, items};
use crate::compose::service::{Service, Workload};
use crate::diag::{Finding, slugs};
use crate::source::Text;
use crate::source::reader::Kind;
use crate::source::span::{Span, Spanned};

/// Labels under this prefix are Compose's own.
const RESERVED: &str = "com.docker.compose.";

/// Looks at the active services and what they use.
pub fn check(loader: &mut Loader<'_>, project: &Project, environment: &Environment) {
    let mut findings = Vec::new();
    let mut published = Published::default();
    for (name, service) in entries(&project.model.services) {
        let path = format!("services.{name}");
        health(&service.value.workload, &path, &mut findings);
        labels(&service.value.container, &path, &mut findings);
        reservations(&service.value, &path, &mut findings);
        published.service(name, service, &path, &mut findings);
    }
    findings.extend(published.twice.into_values());
    variables(project, environment, &mut findings);
    files(loader, project, &mut findings);
    for finding in findings {
        loader.note(finding);
    }
}

fn health(workload: &Workload, path: &str, findings: &mut Vec<Finding>) {
    let Some(health) = &workload.healthcheck else { return };
    let (Some(interval), None) = (&health.value.start_interval, &health.value.start_period) else { return };
    let path = format!("{path}.healthcheck.start_interval");
    let message = "`start_interval` without `start_period`: `docker compose up` refuses it";
    let finding = Finding::new(slugs::INVALID_COMPOSE, interval.key, path, message)
        .tip("say for how long the service starts: `start_period: 30s`");
    findings.push(finding);
}

fn labels(container: &Container, path: &str, findings: &mut Vec<Finding>) {
    for (label, value) in entries(&container.labels).filter(|(label, _)| label.starts_with(RESERVED)) {
        let message = format!("label `{label}` is one that Compose sets itself");
        let finding =
            Finding::new(slugs::INVALID_COMPOSE, value.key, format!("{path}.labels.\"{label}\""), message)
                .tip("take it out, or use a prefix of your own");
        findings.push(finding);
    }
}

/// What is kept for a service is at most what it may use.
fn reservations(service: &Service, path: &str, findings: &mut Vec<Finding>) {
    let container = &service.container;
    let resources = service.deploy.as_ref().and_then(|deploy| deploy.value.resources.as_ref());
    let limits = resources.and_then(|resources| resources.value.limits.as_ref());
    let kept = resources.and_then(|resources| resources.value.reservations.as_ref());
    let memory_limit =
        limits.and_then(|limits| limits.value.memory.as_ref()).or(container.mem_limit.as_ref());
    let memory_kept = kept.and_then(|kept| kept.value.memory.as_ref()).or(container.mem_reservation.as_ref());
    if let (Some(limit), Some(kept)) = (memory_limit, memory_kept)
        && limit.value.0 > 0
        && kept.value.0 > limit.value.0
    {
        findings.push(above("more memory is", kept.span, limit.span, path));
    }
    let cpus_limit = limits.and_then(|limits| limits.value.cpus.as_ref()).or(container.cpus.as_ref());
    if let (Some(limit), Some(kept)) = (cpus_limit, kept.and_then(|kept| kept.value.cpus.as_ref()))
        && limit.value > 0.0
        && kept.value > limit.value
    {
        findings.push(above("more processors are", kept.span, limit.span, path));
    }
}

fn above(what: &str, kept: Span, limit: Span, path: &str) -> Finding {
    let message = format!("{what} reserved than the limit permits");
    Finding::new(slugs::CONFLICTING_ENTRIES, kept, format!("{path}.deploy.resources.reservations"), message)
        .also(limit, "the limit")
        .tip("lower the reservation, or raise the limit")
}

/// What is published on the host: address, port, protocol.
type Door = (Text, Text, Text);

/// The doors of the host that are taken, and those that are taken twice.
#[derive(Default)]
struct Published {
    taken: BTreeMap<Door, (Text, Span)>,
    twice: BTreeMap<Door, Finding>,
}

impl Published {
    fn service(&mut self, name: &Text, service: &Spanned<Service>, path: &str, findings: &mut Vec<Finding>) {
        let mode = service.value.container.network_mode.as_ref();
        // On the host's own network Docker passes over what is published.
        if mode.is_some_and(|mode| mode.value == "host") {
            return;
        }
        for (index, port) in items(&service.value.workload.ports).enumerate() {
            let path = format!("{path}.ports[{index}]");
            protocol(port, &path, findings);
            self.port(name, service.key, port, path);
        }
    }

    fn port(&mut self, name: &Text, key: Span, port: &Spanned<Port>, path: String) {
        let Port { host_ip, published, protocol, .. } = &port.value;
        let text = |field: &Field<Text>| field.as_ref().map_or(Text::default(), |field| field.value.clone());
        let number = text(published);
        if number.parse::<u16>().ok().is_none_or(|number| number == 0) {
            return;
        }
        let address = Some(text(host_ip)).filter(|address| !matches!(address.as_str(), "0.0.0.0" | "::"));
        let door = (address.unwrap_or_default(), number, text(protocol));
        let Some((first, first_span)) = self.taken.get(&door) else {
            self.taken.insert(door, (name.clone(), port.span));
            return;
        };
        // Through an alias both are written at one place; the services tell them apart.
        let span = if *first_span == port.span { key } else { port.span };
        if let Some(finding) = self.twice.get_mut(&door) {
            finding.labels.push(crate::diag::Label { span, message: format!("`{name}` publishes it too") });
            return;
        }
        let (address, number, protocol) = &door;
        let place = if address.is_empty() { String::new() } else { format!(" of {address}") };
        let message = format!("port {number}/{protocol}{place} is published twice; the host has it once");
        let finding = Finding::new(slugs::CONFLICTING_ENTRIES, span, path, message)
            .also(*first_span, format!("`{first}` publishes it first"))
            .tip("publish another port, or take one of them out");
        self.twice.insert(door, finding);
    }
}

fn protocol(port: &Spanned<Port>, path: &str, findings: &mut Vec<Finding>) {
    let Some(protocol) = &port.value.protocol else { return };
    if matches!(protocol.value.to_ascii_lowercase().as_str(), "tcp" | "udp" | "sctp" | "") {
        return;
    }
    let message = format!("`{}` is not a protocol; write `tcp`, `udp` or `sctp`", protocol.value);
    findings.push(Finding::new(slugs::INVALID_COMPOSE, protocol.span, format!("{path}.protocol"), message));
}

/// The configs and secrets that somebody uses, by section and name.
fn used(project: &Project) -> BTreeSet<(&'static str, &Text)> {
    let mut used = BTreeSet::new();
    for (_, service) in entries(&project.model.services) {
        let Service { container, workload, .. } = &service.value;
        let build = workload.build.iter().flat_map(|build| items(&build.value.secrets));
        let secrets = items(&container.secrets).chain(build).map(|secret| ("secret", secret));
        let configs = items(&container.configs).map(|config| ("config", config));
        for (what, reference) in secrets.chain(configs) {
            used.extend(reference.value.source.as_ref().map(|source| (what, &source.value)));
        }
    }
    used
}

/// The files of configs; a secret's file may be made where the project is deployed.
fn files(loader: &Loader<'_>, project: &Project, findings: &mut Vec<Finding>) {
    let used = used(project);
    for (name, config) in
        entries(&project.model.configs).filter(|(name, _)| used.contains(&("config", *name)))
    {
        let Some(file) = config.value.file.as_ref().filter(|file| !file.value.is_empty()) else { continue };
        let at = Path::new(file.value.as_str());
        if loader.reader.kind(at) == Kind::Missing {
            let message = format!("file `{}` of config `{name}` does not exist", loader.name(at));
            findings.push(Finding::new(
                slugs::MISSING_FILE,
                file.span,
                format!("configs.{name}.file"),
                message,
            ));
        }
    }
}

/// The values of the variables that make up configs and secrets.
#[must_use]
pub fn contents(project: &Project, environment: &Environment) -> BTreeMap<Text, Text> {
    let secrets = entries(&project.model.secrets).map(|(_, secret)| &secret.value.environment);
    let configs = entries(&project.model.configs).map(|(_, config)| &config.value.environment);
    let names = secrets.chain(configs).flatten().map(|variable| &variable.value);
    let value = |name: &Text| Some((name.clone(), environment.get(name)?.value.clone()));
    names.filter_map(value).collect()
}

/// The variables that make up the configs and secrets that somebody uses.
fn variables(project: &Project, environment: &Environment, findings: &mut Vec<Finding>) {
    let used = used(project);
    let secrets = entries(&project.model.secrets)
        .map(|(name, secret)| ("secret", name, &secret.value.environment, &secret.value.external));
    let configs = entries(&project.model.configs)
        .map(|(name, config)| ("config", name, &config.value.environment, &config.value.external));
    for (what, name, variable, external) in secrets.chain(configs) {
        let external = external.as_ref().is_some_and(|external| external.value);
        let Some(variable) = variable.as_ref().filter(|variable| !external && !variable.value.is_empty())
        else {
            continue;
        };
        if !used.contains(&(what, name)) || environment.contains_key(&variable.value) {
            continue;
        }
        let message = format!("`{}` has no value, and the {what} `{name}` is made of it", variable.value);
        let finding = Finding::new(
            slugs::MISSING_REQUIRED_VARIABLE,
            variable.span,
            format!("{what}s.{name}.environment"),
            message,
        )
        .tip(format!("put it into `.env`, or pass `-e {}=…`", variable.value));
        findings.push(finding);
    }
}
