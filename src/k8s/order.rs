//! The order in which people write the fields of an object.

/// Fields that stand first, in this order; the others follow as they come.
const FIRST: &[&str] = &[
    "apiVersion",
    "kind",
    "metadata",
    "type",
    "name",
    "namespace",
    "labels",
    "annotations",
    "immutable",
    "schedule",
    "timeZone",
    "suspend",
    "concurrencyPolicy",
    "startingDeadlineSeconds",
    "replicas",
    "minReadySeconds",
    "progressDeadlineSeconds",
    "completions",
    "parallelism",
    "backoffLimit",
    "serviceName",
    "selector",
    "strategy",
    "updateStrategy",
    "image",
    "imagePullPolicy",
    "restartPolicy",
    "command",
    "args",
    "workingDir",
    "stdin",
    "tty",
    "accessModes",
    "ports",
    "env",
    "resources",
    "startupProbe",
    "readinessProbe",
    "livenessProbe",
    "lifecycle",
    "volumeMounts",
    "securityContext",
];

/// Fields that stand last, in this order.
const LAST: &[&str] = &[
    "initContainers",
    "containers",
    "volumes",
    "template",
    "jobTemplate",
    "volumeClaimTemplates",
    "spec",
    "data",
    "binaryData",
    "stringData",
];

/// The place of a field among its neighbours; equal ones keep their order.
#[must_use]
pub fn rank(key: &str) -> usize {
    let among = |keys: &[&str]| keys.iter().position(|known| *known == key);
    match (among(FIRST), among(LAST)) {
        (Some(at), _) => at,
        (None, Some(at)) => FIRST.len() + 1 + at,
        (None, None) => FIRST.len(),
    }
}
