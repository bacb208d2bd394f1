//! What is mounted into a container, and where.

use super::subject::Subject;
use crate::compose::mount::MountKind;
use crate::compose::project::items;

/// Something that is mounted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mounted {
    /// The path in the container, without a slash at its end.
    pub path: String,
    /// What it is.
    pub what: What,
}

/// What is mounted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A volume with a name.
    Named,
    /// A path of the host, or another thing that is not the container's.
    Foreign,
    /// A volume without a name.
    Anonymous,
    /// Memory.
    Memory,
    /// A config or a secret.
    File,
}

/// The mounts of a container; nothing when it takes over those of others, which are not looked at.
#[must_use]
pub fn of(subject: &Subject<'_>) -> Option<Vec<Mounted>> {
    let container = subject.container;
    if items(&container.volumes_from).next().is_some() {
        return None;
    }
    let mut mounts = Vec::new();
    for mount in items(&container.volumes) {
        let Some(target) = &mount.value.target else { continue };
        let source = mount.value.source.as_ref().is_some_and(|source| !source.value.is_empty());
        let what = match mount.value.kind.as_ref().map(|kind| kind.value) {
            Some(MountKind::Tmpfs) => What::Memory,
            Some(MountKind::Volume) if source => What::Named,
            Some(MountKind::Volume) => What::Anonymous,
            Some(MountKind::Bind | MountKind::Cluster | MountKind::NamedPipe | MountKind::Image) | None => {
                What::Foreign
            }
        };
        mounts.push(Mounted { path: clean(&target.value), what });
    }
    for entry in items(&container.tmpfs) {
        let path = entry.value.split(':').next().unwrap_or_default();
        mounts.push(Mounted { path: clean(path), what: What::Memory });
    }
    let files = [(&container.configs, ""), (&container.secrets, "run/secrets")];
    for (list, folder) in files {
        for file in items(list) {
            let name = file.value.target.as_deref().or(file.value.source.as_deref());
            let name = name.map_or("", |name| name.value.as_str());
            let path = if name.starts_with('/') { name.to_owned() } else { format!("/{folder}/{name}") };
            mounts.push(Mounted { path: clean(&path), what: What::File });
        }
    }
    Some(mounts)
}

/// A path without what means nothing in it; `/var/run` is `/run` in the images that are in use.
#[must_use]
pub fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    if parts.starts_with(&["var", "run"]) {
        parts.remove(0);
    }
    format!("/{}", parts.join("/"))
}

/// Whether a path is the other, or lies below it; both are clean.
#[must_use]
pub fn is_below(path: &str, above: &str) -> bool {
    above == "/" || path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_compared_by_their_parts() {
        assert_eq!(clean("/var//run/./a/../b/"), "/run/b");
        assert_eq!(clean("/"), "/");
        assert!(is_below("/a/b", "/a") && is_below("/a", "/a") && is_below("/a", "/"));
        assert!(!is_below("/ab", "/a") && !is_below("/a", "/a/b"));
    }
}
