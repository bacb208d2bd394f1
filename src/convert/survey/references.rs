//! Who names whom: the host names of peers in environments, commands, healthchecks, labels, configs and mounted texts.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::Survey;
use super::addresses::{AddressUse, Addresses};
use super::file_set::Found;
use super::hosts::{self, Host, Web};
use super::strangers::{self, Stranger};
use crate::compose::codec::{Field, List, Map};
use crate::compose::command::Command;
use crate::compose::container::Container;
use crate::compose::leaf::Loose;
use crate::compose::mount::MountKind;
use crate::compose::project::{entries, items};
use crate::convert::Input;
use crate::convert::member::Member;
use crate::plan::topology::Place;
use crate::source::Text;
use crate::source::span::{Identity, Span, Spanned};
use smol_str::format_smolstr;

/// A value that names a peer as a host.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// Whose value it is.
    pub from: Text,
    /// The member that is named.
    pub to: Text,
    /// The name as it is written.
    pub name: Text,
    /// What the name is.
    pub kind: NameKind,
    /// The port that stands with it, or that its scheme implies.
    pub port: Option<u16>,
    /// The transport: `TCP` or `UDP`.
    pub protocol: &'static str,
    /// The value; of a mounted file, the value that names the file.
    pub value: Identity,
    /// Where the name stands; of a mounted file, where the file is named.
    pub span: Span,
    /// The mounted file and the line in it, `prometheus.yml:12`.
    pub file: Option<Text>,
    /// How sure it is that the name is meant as a host.
    pub certainty: Certainty,
    /// Whether it is an address of the web.
    pub web: Web,
    /// Whether the port is that of a setting beside it.
    pub apart: bool,
    /// What kind of value it is.
    pub place: Place,
}

/// What a name is in Docker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameKind {
    /// The name of the service.
    Service,
    /// An alias on a network.
    Alias,
    /// The alias of a link.
    Link,
    /// `container_name`.
    ContainerName,
    /// `hostname`.
    Hostname,
    /// The name that Compose generates, `project-service-1`.
    Generated,
    /// One of these with the name of a network behind a dot.
    Qualified,
}

/// How sure it is that a name is meant as a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// It stands where only a host can stand: `db:5432`, `http://db`.
    Certain,
    /// Its key speaks of a host: `DB_HOST: db`.
    Likely,
}

/// What was found in the texts.
#[derive(Debug, Default)]
pub struct Scan {
    /// Names of peers.
    pub references: Vec<Reference>,
    /// Hosts that are no peers, where it matters whom a value names.
    pub strangers: Vec<Stranger>,
    /// Addresses that the project has fixed, and names of the host.
    pub addresses: Vec<AddressUse>,
    /// The values that give the names that were found.
    pub called: HashSet<Identity>,
}

/// Ends of the names of prose, of pages and of programs' sources.
const NO_SETTINGS: [&str; 22] = [
    "md", "rst", "adoc", "html", "css", "map", "lock", "csv", "svg", "py", "js", "mjs", "cjs", "ts", "tsx",
    "jsx", "go", "rb", "php", "rs", "java", "cs",
];

/// The largest file that is looked at.
const FILE_SIZE: usize = 1 << 20;

/// Looks for names of peers in everything that a member says.
#[must_use]
pub fn scan(input: &Input<'_>, survey: &Survey<'_>, members: &[Member<'_>]) -> Scan {
    let addresses = Addresses::of(input.project);
    let suffixes = suffixes(input);
    let mut scanner = Scanner {
        input,
        survey,
        addresses,
        suffixes,
        files: BTreeMap::new(),
        seen: BTreeSet::new(),
        scan: Scan::default(),
    };
    for member in members {
        scanner.seen.clear();
        scanner.member(member);
    }
    scanner.scan
}

/// What may stand behind the dot of a qualified name: the names of the networks.
fn suffixes(input: &Input<'_>) -> BTreeSet<Text> {
    let names = entries(&input.project.model.networks).flat_map(|(key, network)| {
        let engine = network.value.name.as_ref().map(|name| name.value.clone());
        [Some(key.clone()), engine].into_iter().flatten()
    });
    names.collect()
}

/// Whether a file of a folder may be what a program is set up with: prose, sources and the files of Compose name hosts
/// of others.
fn holds_settings(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let tools = path.split('/').any(|part| part == ".git" || part == "node_modules");
    !(tools || is_of_compose(&name) || NO_SETTINGS.contains(&ending))
}

/// Whether a file of that name, in small letters, is one of Compose: who reads it talks of the containers, not to them.
fn is_of_compose(name: &str) -> bool {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    (name.starts_with("compose") || name.starts_with("docker-compose")) && matches!(ending, "yml" | "yaml")
}

/// Something worth keeping of a file: names that somebody claims, and literals.
struct Kept {
    name: Text,
    port: Option<u16>,
    protocol: &'static str,
    web: Web,
    certainty: Certainty,
    host: bool,
    line: usize,
    /// Whether the port is that of a setting beside it.
    apart: bool,
}

struct Scanner<'s, 'p> {
    input: &'s Input<'p>,
    survey: &'s Survey<'p>,
    addresses: Addresses,
    suffixes: BTreeSet<Text>,
    files: BTreeMap<PathBuf, Rc<Vec<Kept>>>,
    /// What the member at hand was seen to name, so that one value says a thing once.
    seen: BTreeSet<(Text, Text, Option<u16>, Span)>,
    scan: Scan,
}

/// A text and where it comes from.
struct Source<'t> {
    from: &'t Text,
    text: &'t str,
    key: Option<&'t str>,
    value: Identity,
    span: Span,
    /// The port that a setting beside it holds.
    beside: Option<u16>,
    place: Place,
}

impl Scanner<'_, '_> {
    fn member(&mut self, member: &Member<'_>) {
        self.container(member, member.container);
        if let Some(healthcheck) = &member.workload.healthcheck
            && let Some(test) = &healthcheck.value.test
        {
            self.words(member, &test.value.words, Place::Healthcheck);
        }
        let Some(service) = member.service() else { return };
        for hook in items(&service.pre_start) {
            self.container(member, &hook.value.container);
        }
        for hook in items(&service.post_start).chain(items(&service.pre_stop)) {
            self.command(member, &hook.value.command);
            self.environment(member, &hook.value.environment);
        }
    }

    fn container(&mut self, member: &Member<'_>, container: &Container) {
        self.environment(member, &container.environment);
        self.command(member, &container.entrypoint);
        self.command(member, &container.command);
        for (key, label) in entries(&container.labels) {
            self.text(&Source {
                from: member.name,
                text: &label.value.0,
                key: Some(key),
                value: Identity::of(label),
                span: label.span,
                beside: None,
                place: Place::Elsewhere,
            });
        }
        for used in items(&container.configs) {
            let Some(name) = &used.value.source else { continue };
            self.config(member, name);
        }
        for mount in items(&container.volumes) {
            let bind = mount.value.kind.as_ref().is_some_and(|kind| kind.value == MountKind::Bind);
            if let Some(source) = mount.value.source.as_ref().filter(|_| bind) {
                self.file(member, &source.value, Identity::of(&**source), source.span);
            }
        }
    }

    fn environment(&mut self, member: &Member<'_>, variables: &Field<Map<Option<Loose>>>) {
        for (key, variable) in entries(variables) {
            let Some(Loose(text)) = &variable.value else { continue };
            let beside = hosts::port_key(key).and_then(|key| {
                let port = variables.as_ref()?.value.get(&key)?.value.as_ref()?;
                port.0.parse().ok().filter(|port| *port != 0)
            });
            let (value, span) = (Identity::of(variable), variable.span);
            let place = Place::Environment;
            self.text(&Source { from: member.name, text, key: Some(key), value, span, beside, place });
        }
    }

    fn command(&mut self, member: &Member<'_>, command: &Field<Command>) {
        if let Some(command) = command {
            self.words(member, &command.value.words, Place::Command);
        }
    }

    fn words(&mut self, member: &Member<'_>, words: &List<Text>, place: Place) {
        let mut flag: Option<&str> = None;
        for word in words {
            let (value, span) = (Identity::of(word), word.span);
            let (from, text) = (member.name, word.value.as_str());
            self.text(&Source { from, text, key: flag, value, span, beside: None, place });
            flag = word.value.starts_with('-').then_some(word.value.as_str());
        }
    }

    fn config(&mut self, member: &Member<'_>, name: &Spanned<Text>) {
        let configs = self.input.project.model.configs.as_ref();
        let Some(config) = configs.and_then(|configs| configs.value.get(&name.value)) else { return };
        if let Some(content) = &config.value.content {
            let (value, span) = (Identity::of(&**content), content.span);
            self.text(&Source {
                from: member.name,
                text: &content.value,
                key: None,
                value,
                span,
                beside: None,
                place: Place::Elsewhere,
            });
        }
        if let Some(file) = &config.value.file {
            self.file(member, &file.value, Identity::of(&**file), file.span);
        }
    }

    fn file(&mut self, member: &Member<'_>, path: &str, value: Identity, span: Span) {
        let path = crate::source::reader::join(&self.input.project.directory, path);
        if !path.starts_with(&self.input.project.directory) {
            return;
        }
        // The files of a folder were read already, when an object can hold them.
        let survey = self.survey;
        let source = survey.volumes.source(&path.to_string_lossy());
        if let Some(Found::Folder(files)) = source.and_then(|source| source.found.as_ref()) {
            for file in files.iter().filter(|file| holds_settings(&file.path)) {
                self.one(member, &path.join(&file.path), Some(&file.bytes), value, span);
            }
            return;
        }
        let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase());
        if !name.is_some_and(|name| is_of_compose(&name)) {
            self.one(member, &path, None, value, span);
        }
    }

    /// Looks for names in one file; `bytes` are what is in it, when that is known.
    fn one(&mut self, member: &Member<'_>, path: &Path, bytes: Option<&[u8]>, value: Identity, span: Span) {
        let kept = match self.files.get(path) {
            Some(kept) => Rc::clone(kept),
            None => {
                let kept = Rc::new(bytes.map_or_else(|| self.read(path), |bytes| self.look(bytes)));
                self.files.insert(path.to_owned(), Rc::clone(&kept));
                kept
            }
        };
        let short = crate::source::reader::relative(&self.input.project.directory, path);
        for found in kept.iter() {
            let place = format_smolstr!("{}:{}", short.display(), found.line);
            let host = Host {
                name: found.name.as_str().into(),
                range: 0..0,
                port: found.port,
                protocol: found.protocol,
                web: found.web,
                certainty: found.certainty,
            };
            let from = (member.name, Place::Elsewhere);
            let before = self.scan.references.len();
            self.found(from, &host, found.host, value, span, Some(place));
            self.scan.references[before..].iter_mut().for_each(|reference| reference.apart = found.apart);
        }
    }

    /// What is worth keeping of a file; nothing of one that is no text.
    fn read(&self, path: &Path) -> Vec<Kept> {
        if self.input.reader.kind(path) != crate::source::reader::Kind::File {
            return Vec::new();
        }
        self.look(&self.input.reader.read(path).unwrap_or_default())
    }

    fn look(&self, bytes: &[u8]) -> Vec<Kept> {
        let Some(text) = std::str::from_utf8(bytes).ok().filter(|text| text.len() <= FILE_SIZE) else {
            return Vec::new();
        };
        let mut kept = Vec::new();
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            if line.trim_start().starts_with('#') {
                continue;
            }
            let mut keep = |host: Host<'_>, is_host| {
                let Host { name, port, protocol, web, certainty, range: _ } = host;
                let beside = || if is_host { hosts::port_beside(&lines, number) } else { None };
                let (name, line, apart) = (Text::from(name), number + 1, port.is_none());
                let port = port.or_else(beside);
                kept.push(Kept { name, port, protocol, web, certainty, host: is_host, line, apart });
            };
            hosts::each(line, None, &mut |host| {
                if self.matters(&host.name) {
                    keep(host, true);
                }
            });
            if !self.addresses.is_empty() {
                hosts::literals(line, &mut |literal, _| {
                    if self.addresses.repeats(literal) {
                        keep(hosts::literal(literal), false);
                    }
                });
            }
        }
        kept
    }

    fn matters(&self, name: &str) -> bool {
        self.survey.hostnames.is_known(name)
            || self.qualified(name).is_some()
            || self.addresses.of_host(name).is_some()
    }

    /// The name before the dot, when a network's name stands behind it.
    fn qualified<'n>(&self, name: &'n str) -> Option<&'n str> {
        let dots = name.match_indices('.').map(|(at, _)| at);
        let mut split = dots.map(|at| (&name[..at], &name[at + 1..]));
        let (first, _) = split.find(|(first, suffix)| {
            self.suffixes.contains(*suffix) && self.survey.hostnames.is_known(first)
        })?;
        Some(first)
    }

    fn text(&mut self, source: &Source<'_>) {
        let mut found: Vec<Host<'_>> = Vec::new();
        hosts::each(source.text, source.key, &mut |host| found.push(host));
        for mut host in found {
            if !self.matters(&host.name) {
                self.stranger(source, &host);
                continue;
            }
            let apart = host.port.is_none();
            host.port = host.port.or(source.beside);
            let span = self.part(source, &source.text[host.range.clone()]);
            let before = self.scan.references.len();
            self.found((source.from, source.place), &host, true, source.value, span, None);
            self.scan.references[before..].iter_mut().for_each(|reference| reference.apart = apart);
        }
        if !self.addresses.is_empty() {
            let mut literals: Vec<&str> = Vec::new();
            hosts::literals(source.text, &mut |literal, _| literals.push(literal));
            for literal in literals.into_iter().filter(|literal| self.addresses.repeats(literal)) {
                let span = self.part(source, literal);
                self.scan.addresses.extend(self.addresses.repeated(source.from, literal, source.value, span));
            }
        }
    }

    /// Keeps a host that is no peer, where it matters.
    fn stranger(&mut self, source: &Source<'_>, host: &Host<'_>) {
        if strangers::matters(source.place, source.text, source.key, host) {
            self.scan.strangers.push(Stranger {
                from: source.from.clone(),
                name: Text::new(&host.name),
                port: host.port,
                place: source.place,
                value: source.value,
                span: self.part(source, &source.text[host.range.clone()]),
            });
        }
    }

    /// The place of a name in a value, when it stands there once, letter by letter.
    fn part(&self, source: &Source<'_>, name: &str) -> Span {
        let written = self.input.files.text(source.span);
        let mut places = written.match_indices(name).map(|(at, _)| at);
        match (places.next(), places.next()) {
            (Some(at), None) => {
                let start = source.span.start as usize + at;
                Span::new(source.span.file, start, start + name.len())
            }
            _ => source.span,
        }
    }

    fn found(
        &mut self,
        (from, place): (&Text, Place),
        host: &Host<'_>,
        is_host: bool,
        value: Identity,
        span: Span,
        file: Option<Text>,
    ) {
        let Host { name, port, protocol, web, certainty, range: _ } = host;
        let name = &**name;
        if !is_host {
            let repeated = self.addresses.repeated(from, name, value, span);
            self.scan.addresses.extend(repeated.map(|found| AddressUse { file, ..found }));
            return;
        }
        if name.parse::<IpAddr>().is_ok() || self.addresses.of_host(name).is_some() {
            let used = self.addresses.used(from, name, value, span);
            self.scan.addresses.extend(used.map(|used| AddressUse { file, ..used }));
            return;
        }
        let before_dot = if self.survey.hostnames.is_known(name) { None } else { self.qualified(name) };
        let looked_up = before_dot.unwrap_or(name);
        let survey = self.survey;
        for claim in survey.hostnames.seen(looked_up, from, (&survey.reach, &survey.pods)) {
            self.scan.called.extend(claim.value.map(|(identity, _)| identity));
            if !self.seen.insert((claim.member.clone(), name.into(), *port, span)) {
                continue;
            }
            self.scan.references.push(Reference {
                from: from.clone(),
                to: claim.member.clone(),
                name: name.into(),
                kind: if before_dot.is_some() { NameKind::Qualified } else { claim.kind },
                port: *port,
                protocol,
                value,
                span,
                file: file.clone(),
                certainty: *certainty,
                web: *web,
                apart: false,
                place,
            });
        }
    }
}
