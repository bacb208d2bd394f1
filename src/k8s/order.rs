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

/// The places of the fields above: those with names of one length each.
static RANKS: LazyLock<[Vec<(&str, usize)>; LONGEST + 1]> = LazyLock::new(|| {
    let first = FIRST.iter().copied().zip(0..);
    let last = LAST.iter().copied().zip(FIRST.len() + 1..);
    let mut ranks = [const { Vec::new() }; LONGEST + 1];
    first.chain(last).for_each(|(key, rank)| ranks[key.len()].push((key, rank)));
    ranks
});

/// How many letters the longest of their names has.
const LONGEST: usize = "startingDeadlineSeconds".len();

/// The place of a field among its neighbours; equal ones keep their order.
#[must_use]
pub fn rank(key: &str) -> usize {
    let alike = RANKS.get(key.len()).map_or(&[][..], Vec::as_slice);
    alike.iter().find(|(known, _)| *known == key).map_or(FIRST.len(), |(_, rank)| *rank)
}
