//! How a service is deployed: replicas, resources, placement, updates.

use super::codec::{List, Map, mapping};
use super::container::DeviceRequest;
use super::leaf::{Count, Loose};
use super::units::{Bytes, Duration};
use crate::source::Text;

mapping! {
    /// How a service is deployed.
    Deploy {
        /// How its name resolves.
        endpoint_mode: Text,
        /// Labels of the service.
        labels: Map<Loose>,
        /// One per node, or a number of replicas; once or for ever.
        mode: Text,
        /// Where it may run.
        placement: Placement,
        /// How many replicas.
        replicas: i64,
        /// What it may use.
        resources: Resources,
        /// When it is restarted.
        restart_policy: RestartPolicy,
        /// How an update is taken back.
        rollback_config: UpdateConfig,
        /// How an update is rolled out.
        update_config: UpdateConfig,
    }
    extensions
}

mapping! {
    /// How an update is rolled out, or taken back.
    UpdateConfig {
        /// Time between two groups.
        delay: Duration,
        /// What happens when it fails.
        failure_action: Text,
        /// Failures that are borne.
        max_failure_ratio: f32,
        /// How long a container is watched.
        monitor: Duration,
        /// Whether the old or the new one goes first.
        order: Text,
        /// Containers at once.
        parallelism: Count,
    }
    extensions
}

mapping! {
    /// What a service may use.
    Resources {
        /// At most.
        limits: Limits,
        /// At least.
        reservations: Reservations,
    }
    extensions
}

mapping! {
    /// What it may use at most.
    Limits {
        /// Processors.
        cpus: f32,
        /// Memory.
        memory: Bytes,
        /// Processes.
        pids: i64,
    }
    extensions
}

mapping! {
    /// What is kept for it.
    Reservations {
        /// Processors.
        cpus: f32,
        /// Devices.
        devices: List<DeviceRequest>,
        /// Resources that the user has named.
        generic_resources: List<GenericResource>,
        /// Memory.
        memory: Bytes,
    }
    extensions
}

mapping! {
    /// A resource that the user has named.
    GenericResource {
        /// Its name and number.
        discrete_resource_spec: DiscreteResource,
    }
    extensions
}

mapping! {
    /// The name and number of a resource.
    DiscreteResource {
        /// The name.
        kind: Text,
        /// The number.
        value: i64,
    }
    extensions
}

mapping! {
    /// When a service is restarted.
    RestartPolicy {
        /// After which end.
        condition: Text,
        /// Time before a restart.
        delay: Duration,
        /// Restarts, at most.
        max_attempts: Count,
        /// Time after which a start has succeeded.
        window: Duration,
    }
    extensions
}

mapping! {
    /// Where a service may run.
    Placement {
        /// What must hold of a node.
        constraints: List<Text>,
        /// Replicas on one node, at most.
        max_replicas_per_node: Count,
        /// How replicas are spread.
        preferences: List<Preference>,
    }
    extensions
}

mapping! {
    /// How replicas are spread.
    Preference {
        /// Over the values of which label.
        spread: Text,
    }
    extensions
}
