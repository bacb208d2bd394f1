//! The project as a whole.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::codec::{Codec, List, Map, mapping};
use super::file_object::{Config, Secret};
use super::job::Job;
use super::language_model::LanguageModel;
use super::network::Network;
use super::service::Service;
use super::volume::Volume;
use crate::source::{Text, origin::Origins, span::Spanned};

/// A resolved Compose project.
#[derive(Debug, Default)]
pub struct Project {
    /// What the files say.
    pub model: Model,
    /// Services that no active profile selects.
    pub inactive_services: Map<Service>,
    /// Jobs that no active profile selects.
    pub inactive_jobs: Map<Job>,
    /// The project directory.
    pub directory: PathBuf,
    /// The active profiles.
    pub profiles: Vec<String>,
    /// The ways that values took.
    pub origins: Origins,
    /// The variables that the files use, in the order of their names.
    pub variables: Vec<Variable>,
    /// The values of the variables that whole configs and secrets are made of, as far as they have one.
    pub contents: BTreeMap<Text, Text>,
}

/// A variable that the files use.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// Its name.
    pub name: Text,
    /// Its value, when it has one.
    pub value: Option<Text>,
    /// The first default that a file gives it.
    pub default: Option<Text>,
    /// What the first `${NAME:+…}` makes of it.
    pub alternative: Option<Text>,
    /// Whether a file demands a value.
    pub required: bool,
    /// The first place that uses it.
    pub first: Spanned<()>,
}

mapping! {
    /// The keys of a Compose file, after everything is merged.
    Model {
        /// The project's name.
        name: Text,
        /// Services.
        services: Map<Service>,
        /// Jobs.
        jobs: Map<Job>,
        /// Networks.
        networks: Map<Network>,
        /// Volumes.
        volumes: Map<Volume>,
        /// Configs.
        configs: Map<Config>,
        /// Secrets.
        secrets: Map<Secret>,
        /// Language models.
        models: Map<LanguageModel>,
    }
    extensions
}

impl Model {
    /// The service of that name.
    #[must_use]
    pub fn service(&self, name: &str) -> Option<&Spanned<Service>> {
        self.services.as_ref()?.value.get(name)
    }

    /// The job of that name.
    #[must_use]
    pub fn job(&self, name: &str) -> Option<&Spanned<Job>> {
        self.jobs.as_ref()?.value.get(name)
    }
}

/// The entries of a field; none when it is absent.
pub fn entries<T: Codec>(field: &super::codec::Field<Map<T>>) -> impl Iterator<Item = (&Text, &Spanned<T>)> {
    field.iter().flat_map(|map| map.value.iter())
}

/// The items of a field; none when it is absent.
pub fn items<T: Codec>(field: &super::codec::Field<List<T>>) -> impl Iterator<Item = &Spanned<T>> {
    field.iter().flat_map(|list| list.value.iter())
}
