//! What the API server checks beyond the schema, as far as a writer of manifests can break it.

mod container;
mod data;
mod metadata;
mod network;
mod others;
mod placement;
mod pod;
mod probe;
mod selector;
mod service;
mod storage;
pub(super) mod syntax;
mod volume;
mod workload;

use super::cursor::Cursor;
use super::problems::Problems;

/// Checks an object of a kind that the schema knows.
pub(super) fn check(problems: &mut Problems, object: &Cursor, kind: &str) {
    metadata::check(problems, object, kind);
    match kind {
        "ConfigMap" => data::config_map(problems, object),
        "Secret" => data::secret(problems, object),
        "Role" | "ClusterRole" => others::role(problems, object),
        "RoleBinding" | "ClusterRoleBinding" => others::binding(problems, object, kind),
        "EndpointSlice" => others::slice(problems, object),
        "Deployment"
        | "StatefulSet"
        | "DaemonSet"
        | "ReplicaSet"
        | "Job"
        | "CronJob"
        | "Pod"
        | "Service"
        | "PersistentVolumeClaim"
        | "PersistentVolume"
        | "NetworkPolicy"
        | "Ingress"
        | "HorizontalPodAutoscaler"
        | "PodDisruptionBudget"
        | "ResourceQuota"
        | "LimitRange" => match object.get("spec") {
            Some(spec) => check_spec(problems, &spec, kind),
            None if matches!(kind, "NetworkPolicy" | "PodDisruptionBudget" | "ResourceQuota") => {}
            None => problems.required(object, "spec"),
        },
        _ => {}
    }
}

fn check_spec(problems: &mut Problems, spec: &Cursor, kind: &str) {
    match kind {
        "Pod" => pod::check(problems, spec, &pod::Frame { kind, claims: Vec::new() }),
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" => workload::check(problems, spec, kind),
        "Job" => workload::job(problems, spec),
        "CronJob" => workload::cron_job(problems, spec),
        "Service" => service::check(problems, spec),
        "PersistentVolumeClaim" => storage::claim(problems, spec),
        "PersistentVolume" => storage::volume(problems, spec),
        "NetworkPolicy" => network::policy(problems, spec),
        "Ingress" => network::ingress(problems, spec),
        "HorizontalPodAutoscaler" => others::autoscaler(problems, spec),
        "PodDisruptionBudget" => others::budget(problems, spec),
        "ResourceQuota" => others::quota(problems, spec),
        "LimitRange" => others::limits(problems, spec),
        _ => {}
    }
}
