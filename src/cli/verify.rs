//! `verify`: manifests, checked without a cluster.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::args::Verify;
use super::conversion::Posture;
use super::convert::{Converted, Loaded};
use super::error::Error;
use super::output::Output;
use super::selection::Ground;
use super::settings::Book;
use super::{Outcome, convert, manifests, project};
use crate::compose::codec::Field;
use crate::compose::project::entries;
use crate::convert::options::NetworkPolicies;
use crate::diag::{Finding, Level, slugs};
use crate::k8s::kind::Kind;
use crate::k8s::name;
use crate::lint::{self, levels::Levels};
use crate::plan::address;
use crate::plan::object::{Id, Object};
use crate::read::{self, Stood};
use crate::render::json;
use crate::report;
use crate::source::Text;
use crate::source::files::Files;
use crate::source::span::{Span, Spanned};
use crate::verify::references::Elsewhere;
use crate::verify::{Problem, connectivity, docker, pod_security, references, schema};

/// The objects of some files and their places.
#[derive(Default)]
struct Manifests {
    files: Files,
    stood: Vec<Stood>,
    findings: Vec<Finding>,
    /// Kinds that nothing is known of.
    strange: BTreeSet<Text>,
}

/// Runs the command.
///
/// # Errors
/// When a path cannot be read, nothing is found, or the output cannot be written.
pub fn run(arguments: &Verify, output: &mut Output) -> Result<Outcome, Error> {
    let mut ground = Ground::new(&arguments.project)?;
    let expected = match &arguments.path {
        None if arguments.project.files.is_empty() => None,
        path => {
            let files = &arguments.project.files;
            let loaded = convert::load(path.as_deref(), files, &arguments.conversion, &mut ground, output)?;
            let Some(loaded) = loaded else { return Ok(Outcome::Unloadable) };
            Some(loaded)
        }
    };
    let (posture, rules) = strictness(arguments, expected.as_ref(), &ground)?;
    let expected = expected.map(|loaded| loaded.converted);
    let home = expected.as_ref().map_or("default", |converted| converted.plan.namespace.as_str());
    let mut manifests = Manifests::default();
    manifests.read(&arguments.manifests, &ground, home)?;
    let objects: Vec<Object> = manifests.stood.iter().map(|stood| stood.object.clone()).collect();
    let mut problems = shapes(&objects);
    let elsewhere = expected.as_ref().map(elsewhere);
    problems.extend(references::check(&objects, elsewhere.as_ref()));
    if let Some(level) = arguments.level(posture) {
        problems.extend(pod_security::check(&objects, level));
    }
    let policies = |converted: &Converted| converted.options.network_policy;
    if let Some(converted) = expected.as_ref().filter(|known| policies(known) != NetworkPolicies::None) {
        let seats = docker::seats(&converted.resolved.project);
        let names = connectivity::representatives(&objects, |name| seats.get(name).cloned());
        let written: BTreeMap<_, _> = seats.into_iter().filter(|(name, _)| names.contains(name)).collect();
        let known = written.keys().cloned().collect();
        let mut matrix = docker::matrix(&written, &known);
        let enforced = connectivity::enforced(&objects, &known);
        if policies(converted) == NetworkPolicies::Strict {
            // Less than in Compose is what was asked for, more would be wrong.
            matrix.pairs.retain(|pair| enforced.pairs.contains(pair));
            matrix.egress.retain(|name| enforced.egress.contains(name));
        }
        problems.extend(connectivity::compare(&matrix, &enforced, &objects));
    }
    let custom: BTreeSet<&str> =
        objects.iter().map(|object| object.id.kind).filter(|kind| kind.is_custom()).map(Kind::word).collect();
    if !custom.is_empty() {
        let kinds: Vec<&str> = custom.into_iter().collect();
        output.remark(&format!(
            "fields not checked, because only a cluster has their schema: {}\n",
            kinds.join(", ")
        ));
    }
    if !manifests.strange.is_empty() {
        let kinds: Vec<&str> = manifests.strange.iter().map(Text::as_str).collect();
        output.remark(&format!("not checked, because transship does not know them: {}\n", kinds.join(", ")));
    }
    let mut findings = std::mem::take(&mut manifests.findings);
    findings.extend(problems.into_iter().map(|problem| manifests.finding(problem)));
    let findings = lint::run(findings, rules);
    output.write(&report::render(arguments.format.format(), &findings, &manifests.files, output.style))?;
    let fails = findings.iter().any(|finding| finding.level == Level::Error);
    Ok(if fails { Outcome::Findings } else { Outcome::Clean })
}

/// How strict the objects have to be: as the flags say, or the settings of the project, or those of the folder.
fn strictness(
    arguments: &Verify,
    expected: Option<&Loaded>,
    ground: &Ground,
) -> Result<(Option<Posture>, Levels), Error> {
    let standpoint = &ground.selection.standpoint;
    let (settings, file) = match expected {
        Some(loaded) => {
            let resolved = &loaded.converted.resolved;
            let file = project::first_file(&loaded.selection.target, resolved, standpoint);
            (Arc::clone(&loaded.choices.settings), file)
        }
        None => (Book::open(&arguments.conversion, ground)?.of(standpoint)?, standpoint.clone()),
    };
    let flags = &arguments.conversion;
    Ok((flags.posture.or(settings.posture(&file)), flags.levels(&settings, &file)))
}

/// What is there beside the objects: the Secret keys that somebody is told to make, and what the project calls external.
fn elsewhere(converted: &Converted) -> Elsewhere {
    let model = &converted.resolved.project.model;
    let key = |key: &crate::plan::SecretKey| {
        (key.namespace.to_string(), key.secret.to_string(), key.key.to_string())
    };
    let mut external = BTreeSet::new();
    let mut add = |kind, key: &Text, name: Option<&Spanned<Text>>| {
        let own = name.map_or(key, |name| &name.value);
        external.extend(name::object(own, name::LABEL_LENGTH).map(|name| (kind, name)));
    };
    for (key, volume) in entries(&model.volumes).filter(|(_, volume)| is_set(&volume.value.external)) {
        add(Kind::PersistentVolumeClaim, key, volume.value.name.as_deref());
    }
    for (key, config) in entries(&model.configs).filter(|(_, config)| is_set(&config.value.external)) {
        add(Kind::ConfigMap, key, config.value.name.as_deref());
    }
    for (key, secret) in entries(&model.secrets).filter(|(_, secret)| is_set(&secret.value.external)) {
        add(Kind::Secret, key, secret.value.name.as_deref());
    }
    Elsewhere { provided: converted.plan.secrets.iter().map(key).collect(), external }
}

fn is_set(switch: &Field<bool>) -> bool {
    switch.as_ref().is_some_and(|switch| switch.value)
}

/// What the schema and the rules of the API server object to.
fn shapes(objects: &[Object]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut seen: BTreeSet<&Id> = BTreeSet::new();
    for object in objects {
        if !seen.insert(&object.id) {
            problems.push(Problem::new(object, "metadata.name", "another object has the same kind and name"));
        }
        // Only a cluster that has it knows its schema.
        if object.id.kind.is_custom() {
            continue;
        }
        for problem in schema::check(&json::object(object)) {
            problems.push(Problem::new(object, problem.path, problem.message));
        }
    }
    problems
}

impl Manifests {
    /// Reads a file, a folder or standard input.
    fn read(&mut self, path: &Path, ground: &Ground, home: &str) -> Result<(), Error> {
        for (name, text) in manifests::texts(path, &ground.absolute(path))? {
            self.take(&name, text, home);
        }
        Ok(())
    }

    fn take(&mut self, name: &str, text: String, home: &str) {
        let id = self.files.add(name, text);
        let held = read::file(&self.files, id, home);
        for (message, span) in held.problems {
            self.findings.push(Finding::new(slugs::REJECTED_OUTPUT, span, "", message));
        }
        self.strange.extend(held.strange.into_iter().map(|(kind, _)| kind));
        self.stood.extend(held.objects);
    }

    /// A problem as a finding at the field, or at the object when the field is not there.
    fn finding(&self, problem: Problem) -> Finding {
        let Problem { object, path, message } = problem;
        let stood = self.stood.iter().find(|stood| stood.object.id == object);
        let place = stood.map(|stood| place(stood, &path)).unwrap_or_default();
        let span = place.unwrap_or_else(|| Span::new(crate::source::span::FileId(0), 0, 0));
        let address = object.address("");
        let mut finding = Finding::new(slugs::REJECTED_OUTPUT, span, format!("{address} {path}"), message);
        finding.service = None;
        finding.message = format!("`{address}`: {}", finding.message);
        finding
    }
}

/// The place of the first value at or below an address.
fn place(stood: &Stood, path: &str) -> Option<Span> {
    let mut found = None;
    let mut spans = stood.spans.iter();
    address::each(&stood.object.body, &mut |at, _| {
        let span = spans.next();
        let below = at.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
        if below && found.is_none() {
            found = span.copied();
        }
    });
    found.or(Some(stood.span.at_start()))
}
