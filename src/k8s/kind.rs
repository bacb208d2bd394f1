//! The kinds of objects that are written.

macro_rules! kinds {
    ($( $(#[$meta:meta])* $variant:ident = $version:literal $plural:literal, )+) => {
        /// A kind of object; the order is that in which a cluster wants them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $( $(#[$meta])* $variant, )+ }

        impl Kind {
            /// All of them.
            pub const ALL: &[Self] = &[ $( Self::$variant, )+ ];

            /// Its name in an object.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $( Self::$variant => stringify!($variant), )+ }
            }

            /// The version of the API that it is written for.
            #[must_use]
            pub fn api_version(self) -> &'static str {
                match self { $( Self::$variant => $version, )+ }
            }

            /// Its name in the addresses of the API.
            #[must_use]
            pub fn plural(self) -> &'static str {
                match self { $( Self::$variant => $plural, )+ }
            }

            /// The kind of that name.
            #[must_use]
            pub fn of(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.word() == word)
            }
        }
    };
}

kinds! {
    /// Where the project lives.
    Namespace = "v1" "namespaces",
    /// Whom a pod runs as towards the API.
    ServiceAccount = "v1" "serviceaccounts",
    /// What an account may do.
    Role = "rbac.authorization.k8s.io/v1" "roles",
    /// Who has a role.
    RoleBinding = "rbac.authorization.k8s.io/v1" "rolebindings",
    /// Texts and files.
    ConfigMap = "v1" "configmaps",
    /// Texts and files that few may read.
    Secret = "v1" "secrets",
    /// Where an operator finds secret values.
    SecretStore = "external-secrets.io/v1" "secretstores",
    /// A Secret that an operator makes of values of a store.
    ExternalSecret = "external-secrets.io/v1" "externalsecrets",
    /// Where Vault is.
    VaultConnection = "secrets.hashicorp.com/v1beta1" "vaultconnections",
    /// As whom Vault is asked.
    VaultAuth = "secrets.hashicorp.com/v1beta1" "vaultauths",
    /// A Secret that an operator makes of values of Vault.
    VaultStaticSecret = "secrets.hashicorp.com/v1beta1" "vaultstaticsecrets",
    /// A piece of storage.
    PersistentVolume = "v1" "persistentvolumes",
    /// A wish for storage.
    PersistentVolumeClaim = "v1" "persistentvolumeclaims",
    /// A name and an address for pods.
    Service = "v1" "services",
    /// Addresses behind a Service without a selector.
    EndpointSlice = "discovery.k8s.io/v1" "endpointslices",
    /// Pods that are alike.
    Deployment = "apps/v1" "deployments",
    /// Pods that each have a name and storage of their own.
    StatefulSet = "apps/v1" "statefulsets",
    /// A pod on each node.
    DaemonSet = "apps/v1" "daemonsets",
    /// Pods that run to their end.
    Job = "batch/v1" "jobs",
    /// Jobs by the clock.
    CronJob = "batch/v1" "cronjobs",
    /// Who may talk to whom.
    NetworkPolicy = "networking.k8s.io/v1" "networkpolicies",
    /// A way in by HTTP.
    Ingress = "networking.k8s.io/v1" "ingresses",
    /// A way in by HTTP, through a Gateway.
    HTTPRoute = "gateway.networking.k8s.io/v1" "httproutes",
    /// A certificate that an operator asks for.
    Certificate = "cert-manager.io/v1" "certificates",
    /// Which ports of a Service are asked for numbers.
    ServiceMonitor = "monitoring.coreos.com/v1" "servicemonitors",
    /// When a copy is made of what is in namespaces.
    Schedule = "velero.io/v1" "schedules",
    /// How many pods may be missing.
    PodDisruptionBudget = "policy/v1" "poddisruptionbudgets",
    /// As many pods as the load asks for.
    HorizontalPodAutoscaler = "autoscaling/v2" "horizontalpodautoscalers",
}

impl Kind {
    /// Whether its objects live in a namespace.
    #[must_use]
    pub fn has_namespace(self) -> bool {
        !matches!(self, Self::Namespace | Self::PersistentVolume)
    }

    /// Whether a cluster has it only where somebody has installed its definition.
    #[must_use]
    pub fn is_custom(self) -> bool {
        matches!(
            self,
            Self::SecretStore
                | Self::ExternalSecret
                | Self::VaultConnection
                | Self::VaultAuth
                | Self::VaultStaticSecret
                | Self::HTTPRoute
                | Self::Certificate
                | Self::ServiceMonitor
                | Self::Schedule
        )
    }
}
