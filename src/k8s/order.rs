//! The order in which people write the fields of an object.

use std::sync::LazyLock;

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

/// The places of the fields above, by length and name.
static RANKS: LazyLock<Vec<(&str, usize)>> = LazyLock::new(|| {
    let first = FIRST.iter().copied().zip(0..);
    let last = LAST.iter().copied().zip(FIRST.len() + 1..);
    let mut ranks: Vec<(&str, usize)> = first.chain(last).collect();
    ranks.sort_unstable_by_key(|(key, _)| (key.len(), *key));
    ranks
});

/// The place of a field among its neighbours; equal ones keep their order.
#[must_use]
pub fn rank(key: &str) -> usize {
    let ranks: &[(&str, usize)] = &RANKS;
    let known = ranks.binary_search_by(|(known, _)| (known.len(), *known).cmp(&(key.len(), key)));
    known.map_or(FIRST.len(), |at| ranks[at].1)
}
