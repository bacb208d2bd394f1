//! Fields of a pod that its own containers can be told.

use super::label;

/// Whether a variable can take the field of its pod.
#[must_use]
pub fn is_pod_field(path: &str) -> bool {
    let keyed = |start: &str| {
        path.strip_prefix(start).and_then(|rest| rest.strip_suffix("']")).is_some_and(label::is_key)
    };
    let names = [
        "metadata.name",
        "metadata.namespace",
        "metadata.uid",
        "spec.nodeName",
        "spec.serviceAccountName",
        "status.hostIP",
        "status.hostIPs",
        "status.podIP",
        "status.podIPs",
    ];
    names.contains(&path) || keyed("metadata.labels['") || keyed("metadata.annotations['")
}
