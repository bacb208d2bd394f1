//! `transship.toml`: found above a project, read once, and what it means.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use clap::ValueEnum;

use super::conversion::{self, Conversion, Expose, Policies, Posture, SecretsFlag, To};
use super::error::{Broken, Error};
use super::overlays::{self, Wanted};
use super::routing::{self, Routing};
use super::selection::Ground;
use crate::convert::options::{Account, KubeMinor, Store};
use crate::diag::date::Date;
use crate::diag::{Finding, Level, Slug};
use crate::image::metadata::Metadata;
use crate::lint;
use crate::plan::difference::Sort;
use crate::resolve::context::printed_name;
use crate::settings::glob;
use crate::settings::{self, Table};
use crate::source::Text;
use crate::source::files::Files;
use crate::source::reader::{Failure, Kind, Reader, join, relative};
use crate::source::span::Span;

/// The name of the file.
pub const NAME: &str = "transship.toml";

/// What a `transship.toml` says; without one, nothing.
#[derive(Debug, Default)]
pub struct Settings {
    /// The file, and the folder from which its paths are seen.
    pub source: Option<Source>,
    /// `[convert]` and what stands beside it.
    pub convert: Twins,
    /// The levels of rules; nothing for a rule that is off.
    pub rules: BTreeMap<Slug, Option<Level>>,
    /// What a walk passes over.
    exclude_paths: Vec<String>,
    /// Registries whose images need no further proof.
    pub trusted_registries: Vec<Text>,
    /// What is different for some projects.
    overrides: Vec<Override>,
    /// The entries of `[[allow]]`.
    pub entries: Vec<Entry>,
    /// What the files of `--image-metadata` say, and those that the file names.
    pub metadata: Vec<Metadata>,
}

/// Where settings were read.
#[derive(Debug)]
pub struct Source {
    /// The file's path.
    pub path: PathBuf,
    /// The folder of the file.
    pub folder: PathBuf,
    /// The file, alone among files.
    pub files: Files,
}

/// The twins of the flags of a conversion.
#[derive(Debug, Default)]
pub struct Twins {
    /// `posture`
    pub posture: Option<Posture>,
    /// `kube-version`
    pub kube_version: Option<KubeMinor>,
    /// `exclude`
    pub exclude: Vec<Text>,
    /// `image-map`
    pub image_map: Vec<(Text, Text)>,
    /// `registry`
    pub registry: Option<String>,
    /// `user-map`
    pub user_map: Vec<(Text, Account)>,
    /// `storage-class-map`
    pub storage_class_map: Vec<(Text, Text)>,
    /// `to`
    pub to: Option<To>,
    /// `overlays` and `components`
    pub overlays: Vec<Wanted>,
    /// `secrets`
    pub secrets: Option<SecretsFlag>,
    /// `secret-store`
    pub secret_store: Option<Store>,
    /// `expose`
    pub expose: Option<Expose>,
    /// `host` and what else routes need
    pub routing: Routing,
    /// `network-policy`
    pub network_policy: Option<Policies>,
    /// `keep-unused`
    pub keep_unused: bool,
    /// `wait-image`
    pub wait_image: Option<String>,
    /// `strict`
    pub strict: bool,
}

/// An entry of `[[overrides]]`.
#[derive(Debug)]
struct Override {
    paths: Vec<String>,
    posture: Option<Posture>,
    rules: BTreeMap<Slug, Option<Level>>,
    exclude: Vec<Text>,
}

/// An entry of `[[allow]]`.
#[derive(Debug)]
pub struct Entry {
    /// The rule.
    pub rule: Slug,
    /// The place of the rule's name.
    pub span: Span,
    /// The service.
    pub service: Option<Text>,
    /// The path.
    pub path: Option<Text>,
    /// Why.
    pub reason: Option<Text>,
    /// The last day on which it holds.
    pub until: Option<Date>,
}

impl Settings {
    /// Whether a walk passes a path over.
    #[must_use]
    pub fn excludes(&self, path: &Path) -> bool {
        self.exclude_paths.iter().any(|pattern| self.fits(pattern, path))
    }

    /// The posture of a project, of which this is the first file.
    #[must_use]
    pub fn posture(&self, file: &Path) -> Option<Posture> {
        let other = self.overrides_of(file).filter_map(|other| other.posture).last();
        other.or(self.convert.posture)
    }

    /// The levels of rules in a project.
    #[must_use]
    pub fn rules(&self, file: &Path) -> BTreeMap<Slug, Option<Level>> {
        let others = self.overrides_of(file).flat_map(|other| &other.rules);
        self.rules.iter().chain(others).map(|(slug, level)| (*slug, *level)).collect()
    }

    /// The services that are left out of a project.
    pub fn exclude(&self, file: &Path) -> impl Iterator<Item = &Text> {
        self.convert.exclude.iter().chain(self.overrides_of(file).flat_map(|other| &other.exclude))
    }

    fn overrides_of(&self, file: &Path) -> impl Iterator<Item = &Override> {
        let fits = |other: &&Override| other.paths.iter().any(|pattern| self.fits(pattern, file));
        self.overrides.iter().filter(fits)
    }

    fn fits(&self, pattern: &str, path: &Path) -> bool {
        let Some(source) = &self.source else { return false };
        relative(&source.folder, path).to_str().is_some_and(|path| glob::fits(pattern, path))
    }
}

/// The settings of all projects of a run: each file is read once.
#[derive(Debug)]
pub struct Book {
    /// Those of `--config`, which are everybody's.
    named: Option<Arc<Settings>>,
    /// Those of a project without a file.
    bare: Arc<Settings>,
    metadata: Vec<Metadata>,
    standpoint: PathBuf,
    known: Mutex<BTreeMap<PathBuf, Arc<Settings>>>,
}

impl Book {
    /// The settings that the flags name, or else those that will be found.
    ///
    /// # Errors
    /// When a file that is named cannot be read, or says what it cannot.
    pub fn open(flags: &Conversion, ground: &Ground) -> Result<Self, Error> {
        let metadata = flags.metadata(ground)?;
        let standpoint = ground.selection.standpoint.clone();
        let named = match &flags.config {
            None => None,
            Some(written) => {
                let path = ground.absolute(written);
                let text = text(&ground.reader(&standpoint), &path);
                let text = text.map_err(|failure| Error::Path(written.clone(), failure))?;
                Some(Arc::new(interpret(&path, text, &standpoint, &metadata)?))
            }
        };
        let bare = Arc::new(Settings { metadata: metadata.clone(), ..Settings::default() });
        Ok(Self { named, bare, metadata, standpoint, known: Mutex::default() })
    }

    /// The settings of a project in a folder: those of the nearest file, in it or above it.
    ///
    /// # Errors
    /// When the file cannot be read, or says what it cannot.
    pub fn of(&self, folder: &Path) -> Result<Arc<Settings>, Error> {
        if let Some(named) = &self.named {
            return Ok(Arc::clone(named));
        }
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut asked = Vec::new();
        let mut found = None;
        for above in folder.ancestors() {
            if let Some(settings) = known().get(above) {
                found = Some(Arc::clone(settings));
                break;
            }
            asked.push(above);
            let path = above.join(NAME);
            let reader = super::disk::Disk::new(above, BTreeSet::from([path.clone()]), false);
            if reader.kind(&path) == Kind::Missing {
                continue;
            }
            let text = text(&reader, &path).map_err(|failure| Error::Path(path.clone(), failure))?;
            found = Some(Arc::new(interpret(&path, text, &self.standpoint, &self.metadata)?));
            break;
        }
        let found = found.unwrap_or_else(|| Arc::clone(&self.bare));
        let mut known = known();
        known.extend(asked.into_iter().map(|folder| (folder.to_path_buf(), Arc::clone(&found))));
        Ok(found)
    }
}

fn text(reader: &dyn Reader, path: &Path) -> Result<String, Failure> {
    let bytes = reader.read(path)?;
    String::from_utf8(bytes).map_err(|_| Failure::Refused("it is not UTF-8 text".into()))
}

/// What a text means.
fn interpret(path: &Path, text: String, standpoint: &Path, metadata: &[Metadata]) -> Result<Settings, Error> {
    let mut files = Files::default();
    let file = files.add(printed_name(standpoint, path), text);
    let rules: Vec<&'static str> = lint::registry::RULES.iter().map(|rule| rule.slug.0).collect();
    let (table, problems) = settings::read(file, &files.file(file).text, &rules);
    let mut meaning = Meaning { problems };
    let convert = table.table("convert").cloned().unwrap_or_default();
    let mut twins = meaning.twins(&table, &convert);
    let overrides = table.tables("overrides").iter().map(|(table, _)| Override {
        paths: table.texts("paths").map(|(pattern, _)| pattern.to_owned()).collect(),
        posture: word(table, "posture"),
        rules: levels(table),
        exclude: table.texts("exclude").map(|(name, _)| Text::new(name)).collect(),
    });
    let overrides = overrides.collect();
    let entries = table.tables("allow").iter().filter_map(|(table, _)| meaning.entry(table)).collect();
    let folder = path.parent().unwrap_or(path).to_path_buf();
    twins.overlays = meaning.overlays(&convert, &folder, standpoint);
    let mut metadata = metadata.to_vec();
    for (written, span) in convert.texts("image-metadata") {
        meaning.metadata(&join(&folder, written), written, span, &mut metadata);
    }
    if !meaning.problems.is_empty() {
        return Err(Error::Settings(Box::new(Broken { files, findings: meaning.findings() })));
    }
    Ok(Settings {
        source: Some(Source { path: path.to_path_buf(), folder, files }),
        convert: twins,
        rules: levels(&table),
        exclude_paths: table.texts("exclude-paths").map(|(pattern, _)| pattern.to_owned()).collect(),
        trusted_registries: table.texts("trusted-registries").map(|(name, _)| Text::new(name)).collect(),
        overrides,
        entries,
        metadata,
    })
}

/// A word that the reader has checked.
fn word<T: ValueEnum>(table: &Table, name: &str) -> Option<T> {
    table.text(name).and_then(|(word, _)| T::from_str(word, false).ok())
}

/// The levels of rules, which the reader has checked.
fn levels(table: &Table) -> BTreeMap<Slug, Option<Level>> {
    let rules = table.table("rules").map(Table::entries).unwrap_or_default();
    let level = |entry: &settings::Entry| {
        let level = match &entry.value {
            settings::Value::Text(word) if word == "error" => Some(Level::Error),
            settings::Value::Text(word) if word == "warning" => Some(Level::Warning),
            settings::Value::Text(word) if word == "note" => Some(Level::Note),
            _ => None,
        };
        Some((lint::rule(&entry.name)?.slug, level))
    };
    rules.iter().filter_map(level).collect()
}

/// Makes values of texts, and notes what cannot be one.
struct Meaning {
    problems: Vec<settings::Problem>,
}

impl Meaning {
    fn twins(&mut self, top: &Table, convert: &Table) -> Twins {
        let owned = |name| convert.text(name).map(|(text, _)| text.to_owned());
        Twins {
            posture: word(top, "posture"),
            kube_version: top
                .text("kube-version")
                .and_then(|(text, span)| self.value(span, "kube-version", conversion::version(text))),
            exclude: top.texts("exclude").map(|(name, _)| Text::new(name)).collect(),
            image_map: pairs(convert, "image-map"),
            registry: owned("registry"),
            user_map: self.users(convert),
            storage_class_map: pairs(convert, "storage-class-map"),
            to: word(convert, "to"),
            overlays: Vec::new(),
            secrets: word(convert, "secrets"),
            secret_store: self.read(convert, "secret-store", routing::store),
            expose: word(convert, "expose"),
            routing: self.routing(convert),
            network_policy: word(convert, "network-policy"),
            keep_unused: convert.flag("keep-unused"),
            wait_image: owned("wait-image"),
            strict: convert.flag("strict"),
        }
    }

    fn overlays(&mut self, convert: &Table, folder: &Path, standpoint: &Path) -> Vec<Wanted> {
        let mut all = Vec::new();
        for (sort, key) in [(Sort::Overlay, "overlays"), (Sort::Component, "components")] {
            let Some(table) = convert.table(key) else { continue };
            for entry in table.entries() {
                let Some((text, span)) = table.text(&entry.name) else { continue };
                let name = self.value(entry.key, &entry.name, overlays::name(&entry.name));
                let parts = text.split(',').map(str::trim);
                let (mut files, mut profiles) = (Vec::new(), Vec::new());
                match sort {
                    Sort::Overlay => {
                        files.extend(parts.map(|file| relative(standpoint, &join(folder, file))))
                    }
                    Sort::Component => {
                        for part in parts {
                            profiles.extend(self.value(span, &entry.name, overlays::profile(part)));
                        }
                    }
                }
                all.extend(name.map(|name| Wanted { name, sort, files, profiles }));
            }
        }
        all
    }

    /// A text that `read` makes a value of.
    fn read<T>(&mut self, table: &Table, name: &str, read: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let (text, span) = table.text(name)?;
        self.value(span, name, read(text))
    }

    fn routing(&mut self, convert: &Table) -> Routing {
        let mut host = Vec::new();
        for (text, span) in convert.texts("host") {
            host.extend(self.value(span, "host", routing::host(text)));
        }
        Routing {
            host,
            ingress_class: self.read(convert, "ingress-class", routing::name),
            gateway: self.read(convert, "gateway", routing::gateway),
            tls_secret: self.read(convert, "tls-secret", routing::name),
            cert_issuer: self.read(convert, "cert-issuer", routing::issuer),
            ingress_namespace: self.read(convert, "ingress-namespace", routing::label),
        }
    }

    fn users(&mut self, convert: &Table) -> Vec<(Text, Account)> {
        let users = convert.table("user-map").map(Table::entries).unwrap_or_default();
        let mut accounts = Vec::new();
        for (entry, (numbers, span)) in users.iter().filter_map(|entry| {
            let table = convert.table("user-map")?;
            Some((entry, table.text(&entry.name)?))
        }) {
            if let Some(account) = self.value(span, &entry.name, conversion::account(numbers)) {
                accounts.push((Text::new(&entry.name), account));
            }
        }
        accounts
    }

    fn entry(&mut self, table: &Table) -> Option<Entry> {
        let (name, span) = table.text("rule")?;
        if let Some((message, tip)) = lint::suppressions::unknown(name) {
            self.problems.push(settings::Problem { span, message, tip });
        }
        let text = |name| table.text(name).map(|(text, _)| text.trim()).filter(|text| !text.is_empty());
        let until = table.text("until").and_then(|(day, span)| {
            let date = Date::read(day).ok_or_else(|| "write a day as \"2027-01-31\"".to_owned());
            self.value(span, "until", date)
        });
        Some(Entry {
            rule: lint::rule(name)?.slug,
            span,
            service: text("service").map(Text::new),
            path: text("path").map(Text::new),
            reason: text("reason").map(Text::new),
            until,
        })
    }

    fn metadata(&mut self, path: &Path, written: &str, span: Span, into: &mut Vec<Metadata>) {
        let folder = path.parent().unwrap_or(path);
        let reader = super::disk::Disk::new(folder, BTreeSet::from([path.to_path_buf()]), false);
        let read = reader.read(path).map_err(|failure| failure.to_string());
        match read.and_then(|bytes| Metadata::read(written, &bytes)) {
            Ok(metadata) => into.push(metadata),
            Err(words) => {
                let message = format!("`{written}` is no image metadata: {words}");
                let tip = "write it with `docker image inspect IMAGE… > FILE`".to_owned();
                self.problems.push(settings::Problem { span, message, tip });
            }
        }
    }

    fn value<T>(&mut self, span: Span, name: &str, value: Result<T, String>) -> Option<T> {
        match value {
            Ok(value) => Some(value),
            Err(tip) => {
                let message = format!("the value of `{name}` cannot be used");
                self.problems.push(settings::Problem { span, message, tip });
                None
            }
        }
    }

    fn findings(self) -> Vec<Finding> {
        let finding = |problem: settings::Problem| {
            Finding::new(Slug(""), problem.span, "", problem.message).tip(problem.tip)
        };
        let mut findings: Vec<Finding> = self.problems.into_iter().map(finding).collect();
        crate::diag::sort(&mut findings);
        findings
    }
}

fn pairs(table: &Table, name: &str) -> Vec<(Text, Text)> {
    let entries = table.table(name).map(Table::entries).unwrap_or_default();
    let pair = |entry: &settings::Entry| match &entry.value {
        settings::Value::Text(text) => Some((Text::new(&entry.name), Text::new(text))),
        _ => None,
    };
    entries.iter().filter_map(pair).collect()
}
