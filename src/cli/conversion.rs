//! The flags that steer a conversion, whichever command makes it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::error::Error;
use super::overlays;
use super::routing::{self, Routing};
use super::selection::Ground;
use super::settings::Settings;
use crate::convert::options::{self, Account, Form, KubeMinor, NetworkPolicies, Options, Secrets, Store};
use crate::diag;
use crate::diag::allowance::{Allowance, Allowances, Scope, is_allowable};
use crate::diag::date::Date;
use crate::image::metadata::Metadata;
use crate::lint;
use crate::lint::levels::Levels;
use crate::lint::suppressions::{NO_REASON, is_past};
use crate::source::Text;
use crate::source::reader::Reader;

/// The flags of a conversion.
#[derive(Debug, Args)]
#[command(next_help_heading = "Conversion")]
pub struct Conversion {
    /// The configuration, instead of the `transship.toml` above the project
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// What the objects are written as [default: manifests]
    #[arg(long, value_enum, value_name = "FORM")]
    pub to: Option<To>,
    /// A further purpose of a tree or a chart, as what a Compose file on top changes (can be given several times)
    #[arg(long, value_name = "NAME=FILE", value_parser = overlays::overlay)]
    pub overlay: Vec<(Text, PathBuf)>,
    /// A part of a tree or a chart that can be added, as what a profile changes (can be given several times)
    #[arg(long, value_name = "NAME=profile:PROFILE", value_parser = overlays::component)]
    pub component: Vec<(Text, Text)>,
    /// How strict the output has to be [default: faithful]
    #[arg(long, value_enum)]
    pub posture: Option<Posture>,
    /// A rule whose findings are accepted; what it would refuse is converted as well as can be
    #[arg(long, value_name = "RULE", value_parser = rule)]
    pub allow: Vec<Text>,
    /// A service to leave out on purpose
    #[arg(long, value_name = "SERVICE")]
    pub exclude: Vec<String>,
    /// Another name for an image; OLD with or without a tag, or PROJECT-SERVICE of a service that has only `build`
    #[arg(long, value_name = "OLD=NEW", value_parser = pair)]
    pub image_map: Vec<(Text, Text)>,
    /// Where the images that are built here are found
    #[arg(long, value_name = "PREFIX")]
    pub registry: Option<String>,
    /// The numbers of a service's user
    #[arg(long, value_name = "SERVICE=UID[:GID]", value_parser = user)]
    pub user_map: Vec<(Text, Account)>,
    /// The storage class of a volume, or of all volumes of a driver
    #[arg(long, value_name = "NAME=CLASS", value_parser = pair)]
    pub storage_class_map: Vec<(Text, Text)>,
    /// What becomes of secret values [default: reference]
    #[arg(long, value_enum)]
    pub secrets: Option<SecretsFlag>,
    /// Where secret values are kept, of `--secrets external` and `vso`: the name of a store that is there, or one to write
    #[arg(long, value_name = "STORE", value_parser = routing::store)]
    pub secret_store: Option<Store>,
    /// How published ports are reached from outside [default: none]
    #[arg(long, value_enum)]
    pub expose: Option<Expose>,
    /// What routes need beside.
    #[command(flatten)]
    pub routing: Routing,
    /// Which network policies are written [default: isolate]
    #[arg(long, value_enum)]
    pub network_policy: Option<Policies>,
    /// The version of Kubernetes that is written for [default: 1.34]
    #[arg(long, value_name = "VERSION", value_parser = version)]
    pub kube_version: Option<KubeMinor>,
    /// What an image is, as `docker image inspect` prints it (can be given several times)
    #[arg(long, value_name = "FILE")]
    pub image_metadata: Vec<PathBuf>,
    /// Also write volumes, networks, configs and secrets that nobody uses
    #[arg(long)]
    pub keep_unused: bool,
    /// The image of the containers that wait for others
    #[arg(long, value_name = "IMAGE")]
    pub wait_image: Option<String>,
}

/// How strict the output has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Posture {
    /// As close to what Compose does as Kubernetes can be
    Faithful,
    /// Faithful, and every pod meets the Pod Security Standard "restricted"
    Restricted,
    /// Restricted, with what a well-run service needs
    Production,
}

/// What the objects are written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum To {
    /// Plain manifests, one object a file
    Manifests,
    /// A Kustomize tree
    Kustomize,
    /// A Helm chart
    Helm,
}

/// What becomes of secret values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SecretsFlag {
    /// Pods refer to Secrets that somebody else makes
    Reference,
    /// Secrets are written with their values
    Inline,
    /// The External Secrets operator makes them of the values of a store
    External,
    /// The Vault Secrets Operator makes them of the values of Vault
    Vso,
    /// Sealed Secrets make them of what you encrypt with `kubeseal`
    Sealed,
}

/// How published ports are reached from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Expose {
    /// Not at all
    None,
    /// By a load balancer
    Loadbalancer,
    /// By a port of each node
    Nodeport,
    /// By an Ingress, where HTTP is spoken
    Ingress,
    /// By an HTTPRoute of the Gateway API, where HTTP is spoken
    Gateway,
}

/// Which network policies are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Policies {
    /// None
    None,
    /// What Compose's networks allow, and no more
    Isolate,
    /// What is proved to be needed, and no more
    Strict,
}

impl Conversion {
    /// What the flags say, and where they say nothing, the settings; `file` is the first file of the project.
    ///
    /// # Errors
    /// When two of them cannot both hold.
    pub fn options(&self, settings: &Settings, file: &Path, today: Date) -> Result<Options, Error> {
        let twins = &settings.convert;
        let joined = |flags: &[(Text, Text)], twins: &[(Text, Text)]| -> BTreeMap<Text, Text> {
            twins.iter().chain(flags).cloned().collect()
        };
        let registry = self.registry.as_deref().or(twins.registry.as_deref());
        let secrets = match self.secrets.or(twins.secrets) {
            None | Some(SecretsFlag::Reference) => Secrets::Reference,
            Some(SecretsFlag::Inline) => Secrets::Inline,
            Some(SecretsFlag::External) => Secrets::External,
            Some(SecretsFlag::Vso) => Secrets::Vault,
            Some(SecretsFlag::Sealed) => Secrets::Sealed,
        };
        let secret_store = self.secret_store.clone().or(twins.secret_store.clone());
        if let Some(store) = secret_store.as_ref().filter(|_| secrets == Secrets::Vault) {
            routing::of_vault(store)?;
        }
        Ok(Options {
            posture: self.posture.or(settings.posture(file)).unwrap_or(Posture::Faithful).posture(),
            allowances: self.allowances(settings, today),
            no_allow: false,
            today,
            exclude: settings.exclude(file).cloned().chain(self.exclude.iter().map(Text::new)).collect(),
            image_map: joined(&self.image_map, &twins.image_map),
            registry: registry.map(|prefix| Text::new(prefix.trim_end_matches('/'))),
            user_map: twins.user_map.iter().chain(&self.user_map).cloned().collect(),
            storage_class_map: joined(&self.storage_class_map, &twins.storage_class_map),
            secrets,
            secret_store,
            expose: match self.expose.or(twins.expose) {
                None | Some(Expose::None) => options::Expose::None,
                Some(Expose::Loadbalancer) => options::Expose::LoadBalancer,
                Some(Expose::Nodeport) => options::Expose::NodePort,
                Some(Expose::Ingress) => options::Expose::Ingress,
                Some(Expose::Gateway) => options::Expose::Gateway,
            },
            routing: self.routing.over(&twins.routing),
            network_policy: match self.network_policy.or(twins.network_policy) {
                Some(Policies::None) => NetworkPolicies::None,
                None | Some(Policies::Isolate) => NetworkPolicies::Isolate,
                Some(Policies::Strict) => NetworkPolicies::Strict,
            },
            kube_minor: self.kube_version.or(twins.kube_version).unwrap_or_default(),
            keep_unused: self.keep_unused || twins.keep_unused,
            wait_image: self.wait_image.as_deref().or(twins.wait_image.as_deref()).map(Text::new),
            form: match self.to.or(twins.to) {
                None | Some(To::Manifests) => Form::Manifests,
                Some(To::Kustomize) => Form::Kustomize,
                Some(To::Helm) => Form::Helm,
            },
            fixed: BTreeSet::new(),
            most_replicas: BTreeMap::new(),
        })
    }

    /// The levels of the rules in a project, of which `file` is the first file.
    #[must_use]
    pub fn levels(&self, settings: &Settings, file: &Path) -> Levels {
        let posture = self.posture.or(settings.posture(file)).unwrap_or(Posture::Faithful).posture();
        Levels { posture, rules: settings.rules(file), ..Levels::default() }
    }

    /// What flags and settings allow.
    fn allowances(&self, settings: &Settings, today: Date) -> Allowances {
        let mut allowances = Allowances::default();
        for rule in self.allow.iter().filter_map(|name| lint::rule(name)) {
            let reason = format!("`--allow {}`", rule.slug.0).into();
            allowances.allow(Allowance { rule: rule.slug, scope: Scope::Everything, reason });
        }
        for (entry, number) in settings.entries.iter().zip(0..) {
            if !is_past(entry.until, today) {
                let (service, path) = (entry.service.clone(), entry.path.clone());
                let reason = entry.reason.clone().unwrap_or(Text::new_static(NO_REASON));
                let scope = Scope::Entry { service, path, number };
                allowances.allow(Allowance { rule: entry.rule, scope, reason });
            }
        }
        allowances
    }
}

impl Conversion {
    /// What the files of `--image-metadata` say.
    ///
    /// # Errors
    /// When one of them cannot be read, or says nothing of images.
    pub fn metadata(&self, ground: &Ground) -> Result<Vec<Metadata>, Error> {
        let read = |path: &PathBuf| {
            let absolute = ground.absolute(path);
            let bytes = ground.reader(&ground.selection.standpoint).read(&absolute);
            let bytes = bytes.map_err(|failure| Error::Path(path.clone(), failure))?;
            let name = path.to_string_lossy();
            Metadata::read(&name, &bytes).map_err(|words| Error::Metadata(path.clone(), words))
        };
        self.image_metadata.iter().map(read).collect()
    }
}

impl Posture {
    /// The posture as the stages know it.
    #[must_use]
    pub fn posture(self) -> diag::Posture {
        match self {
            Self::Faithful => diag::Posture::Faithful,
            Self::Restricted => diag::Posture::Restricted,
            Self::Production => diag::Posture::Production,
        }
    }
}

/// The name of a rule.
pub(super) fn any_rule(text: &str) -> Result<Text, String> {
    match lint::rule(text) {
        Some(rule) => Ok(rule.slug.0.into()),
        None => Err("there is no such rule; `transship rules` lists all".into()),
    }
}

fn rule(text: &str) -> Result<Text, String> {
    match lint::rule(text) {
        Some(rule) if is_allowable(rule.slug) => Ok(rule.slug.0.into()),
        Some(_) => Err("it cannot be allowed: no output could be written".into()),
        None => any_rule(text),
    }
}

fn pair(text: &str) -> Result<(Text, Text), String> {
    match text.split_once('=') {
        Some((old, new)) if !old.is_empty() && !new.is_empty() => Ok((old.into(), new.into())),
        _ => Err("write OLD=NEW".into()),
    }
}

fn user(text: &str) -> Result<(Text, Account), String> {
    let (service, numbers) =
        text.split_once('=').ok_or("write SERVICE=UID or SERVICE=UID:GID, with numbers")?;
    Ok((service.into(), account(numbers)?))
}

/// The numbers of a user, as `UID` or `UID:GID`.
pub(super) fn account(numbers: &str) -> Result<Account, String> {
    let words = "write UID or UID:GID, with numbers";
    let (user, group) = numbers.split_once(':').map_or((numbers, None), |(user, group)| (user, Some(group)));
    // The greatest number of a user is that of Docker and of the API.
    let number = |text: &str| {
        let number = text.parse::<i32>().ok().filter(|number| *number >= 0);
        number.map(i64::from).ok_or_else(|| words.to_owned())
    };
    Ok(Account { user: number(user)?, group: group.map(number).transpose()? })
}

/// A version of Kubernetes.
pub(super) fn version(text: &str) -> Result<KubeMinor, String> {
    let minor = text.strip_prefix("1.").and_then(|minor| minor.split('.').next()?.parse().ok());
    match minor {
        Some(minor) if (28..=34).contains(&minor) => Ok(KubeMinor(minor)),
        _ => Err("write a version from 1.28 to 1.34".into()),
    }
}
