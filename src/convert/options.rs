//! What the flags of a conversion say.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::Posture;
use crate::diag::allowance::Allowances;
use crate::diag::date::Date;
use crate::source::Text;

/// The choices of the user; the defaults are those of the flags.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How strict the output has to be.
    pub posture: Posture,
    /// What flags and the configuration allow.
    pub allowances: Allowances,
    /// Whether comments and the configuration are not to allow anything.
    pub no_allow: bool,
    /// The day that it is, after which some exceptions hold no more.
    pub today: Date,
    /// Services that are left out on purpose.
    pub exclude: BTreeSet<Text>,
    /// Other names for images; the key is with or without a tag, or `project-service` of a service that has only `build`.
    pub image_map: BTreeMap<Text, Text>,
    /// Where the images that are built here are found.
    pub registry: Option<Text>,
    /// The numbers of users, by service.
    pub user_map: BTreeMap<Text, Account>,
    /// Storage classes, by volume or volume driver.
    pub storage_class_map: BTreeMap<Text, Text>,
    /// What becomes of secret values.
    pub secrets: Secrets,
    /// How published ports are reached from outside.
    pub expose: Expose,
    /// Which network policies are written.
    pub network_policy: NetworkPolicies,
    /// The version of Kubernetes, minor number only.
    pub kube_minor: KubeMinor,
    /// Whether declarations that nobody uses are written too.
    pub keep_unused: bool,
    /// The image of the gates that wait for others.
    pub wait_image: Option<Text>,
    /// What the objects are written as.
    pub form: Form,
    /// Variables of the files that are no choices of the output: another value would do something else there.
    pub fixed: BTreeSet<Text>,
    /// How many pods the overlays give each service, at most: kinds, gates and claims are decided by it, so that
    /// overlays can differ in numbers alone.
    pub most_replicas: BTreeMap<Text, i64>,
}

/// What the objects are written as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// Plain manifests.
    #[default]
    Manifests,
    /// A Kustomize tree.
    Kustomize,
    /// A Helm chart, whose values somebody gives when it is installed.
    Helm,
}

/// The minor version of the Kubernetes that is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KubeMinor(pub u32);

impl Default for KubeMinor {
    fn default() -> Self {
        Self(34)
    }
}

/// A user and, when it is given, a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// The user's number.
    pub user: i64,
    /// The group's number.
    pub group: Option<i64>,
}

/// What becomes of secret values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Secrets {
    /// Pods refer to Secrets that the operator makes.
    #[default]
    Reference,
    /// Secrets are written with their values.
    Inline,
}

/// How published ports are reached from outside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Expose {
    /// Not at all, until somebody says more.
    #[default]
    None,
    /// By a load balancer.
    LoadBalancer,
    /// By a port of each node.
    NodePort,
}

/// Which network policies are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NetworkPolicies {
    /// None.
    None,
    /// What Compose's networks allow, and no more.
    #[default]
    Isolate,
    /// What is proved to be needed, and no more.
    Strict,
}
