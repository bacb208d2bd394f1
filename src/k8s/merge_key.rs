//! What names an item of a list, so that its path stays true when something is added before it.

/// How the items of a list are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// By the value of a field.
    Field(&'static str),
    /// By the values of two fields, `8080/TCP`; the second may be absent.
    Pair(&'static str, &'static str),
    /// By the name in its metadata.
    Metadata,
    /// By its position: the order is the meaning.
    Position,
}

/// By what a strategic merge patch finds the items of a list, as `naming` says it; by position where the patch replaces
/// the list as a whole.
#[must_use]
pub fn merging(owner: &str, key: &str) -> Naming {
    match key {
        "volumeClaimTemplates" | "sysctls" | "options" | "items" => Naming::Position,
        "ports" if owner != "spec" && !owner.contains("ontainers[") => Naming::Position,
        _ => naming(owner, key),
    }
}

/// How the items of the list under `key` are named, where `owner` is the key of what holds the list.
#[must_use]
pub fn naming(owner: &str, key: &str) -> Naming {
    match key {
        "containers" | "initContainers" | "volumes" | "env" | "imagePullSecrets" | "sysctls" | "options" => {
            Naming::Field("name")
        }
        "volumeMounts" => Naming::Field("mountPath"),
        "volumeClaimTemplates" => Naming::Metadata,
        "hostAliases" => Naming::Field("ip"),
        "data" => Naming::Field("secretKey"),
        "parentRefs" => Naming::Field("name"),
        "paths" => Naming::Field("path"),
        "items" => Naming::Field("path"),
        "topologySpreadConstraints" => Naming::Field("topologyKey"),
        "ports" if owner.starts_with("containers[") || owner.starts_with("initContainers[") => {
            Naming::Pair("containerPort", "protocol")
        }
        "ports" => Naming::Pair("port", "protocol"),
        _ => Naming::Position,
    }
}
