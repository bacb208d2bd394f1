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
    /// Where secret values are kept; nothing when nobody says.
    pub secret_store: Option<Store>,
    /// How published ports are reached from outside.
    pub expose: Expose,
    /// What routes from outside need beside.
    pub routing: Routing,
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
    /// The External Secrets operator makes them of the values of a store.
    External,
    /// The operator of Vault makes them of the values that Vault has.
    Vault,
    /// The controller of Sealed Secrets makes them of what somebody has encrypted.
    Sealed,
}

/// Where secret values are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Store {
    /// Somewhere that the cluster knows already.
    Known {
        /// Whether it is one of the cluster, and not of a namespace.
        cluster: bool,
        /// Its name.
        name: Text,
    },
    /// AWS Secrets Manager, in that region.
    Aws(Text),
    /// Google Secret Manager, of that project.
    Gcp(Text),
    /// Vault, at that address.
    Vault(Text),
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
    /// By an Ingress, where HTTP is spoken.
    Ingress,
    /// By an HTTPRoute of a Gateway, where HTTP is spoken.
    Gateway,
}

/// What routes from outside need beside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Routing {
    /// The host of every service; `*` stands for its name.
    pub host: Option<Text>,
    /// The hosts of single services.
    pub hosts: BTreeMap<Text, Text>,
    /// The class of Ingresses.
    pub ingress_class: Option<Text>,
    /// The Gateway of HTTPRoutes.
    pub gateway: Option<Gateway>,
    /// The Secret that holds the certificate.
    pub tls_secret: Option<Text>,
    /// Who issues certificates.
    pub cert_issuer: Option<Issuer>,
    /// The namespace from which routed requests come.
    pub namespace: Option<Text>,
}

/// A Gateway, and perhaps one of its listeners.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gateway {
    /// Its namespace, when it is not that of the project.
    pub namespace: Option<Text>,
    /// Its name.
    pub name: Text,
    /// The name of the listener.
    pub listener: Option<Text>,
}

/// An issuer of certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    /// Whether it is one of the cluster, and not of a namespace.
    pub cluster: bool,
    /// Its name.
    pub name: Text,
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
