//! Volumes of a pod and their places in a container: names that differ, paths that differ.

use crate::convert::draft::{Part, Pod, Seat};
use crate::convert::pass::Pass;
use crate::convert::survey::volumes::Mounted;
use crate::diag::slugs;
use crate::k8s::name;
use crate::plan::field::{Field, Fields};
use crate::plan::why::Why;
use crate::source::Text;

/// Adds a volume to a pod, or finds it there; gives its name.
pub fn volume(pod: &mut Pod, wanted: &str, source: Fields, why: &Why) -> Text {
    let volumes = pod.spec.list("volumes");
    let wanted = name::object(wanted, name::LABEL_LENGTH - 4).unwrap_or_else(|| "volume".to_owned());
    let mut name = Text::from(wanted.as_str());
    let mut number = 1;
    while let Some(known) = volumes.find("name", &name) {
        if is_same_source(known, &source) {
            return name;
        }
        number += 1;
        name = format!("{wanted}-{number}").into();
    }
    let volume = volumes.push_map();
    volume.put("name", &name, why);
    volume.extend(source);
    name
}

/// Mounts a volume; nothing when something is mounted at the path already.
pub fn mount<'f>(container: &'f mut Fields, volume: &Text, path: &str, why: &Why) -> Option<&'f mut Fields> {
    let mounts = container.list("volumeMounts");
    if mounts.find("mountPath", path).is_some() {
        return None;
    }
    let mount = mounts.push_map();
    mount.put("name", volume, why);
    mount.put("mountPath", path, why);
    Some(mount)
}

/// A name for a volume that only this container uses.
#[must_use]
pub fn own_name(pass: &Pass<'_>, seat: &Seat<'_, '_>, path: &str) -> String {
    let like = name::object(path, name::LABEL_LENGTH).unwrap_or_else(|| "root".to_owned());
    match seat.part {
        Part::Main if !pass.survey.volumes.is_declared_name(&like) => like,
        Part::Main => format!("{like}-scratch"),
        Part::Before => format!("{}-{like}", seat.name),
    }
}

/// The path of a mount in the container.
#[must_use]
pub fn path(mounted: &Mounted<'_>) -> String {
    mounted.mount.value.target.as_ref().map(|target| clean(&target.value)).unwrap_or_default()
}

/// A path without what means nothing in it.
#[must_use]
pub fn clean(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(kept.pop()),
            _ => kept.push(part),
        }
    }
    let start = if path.starts_with('/') { "/" } else { "" };
    format!("{start}{}", kept.join("/"))
}

/// Whether one path is the other, or below it.
#[must_use]
pub fn is_within(path: &str, folder: &str) -> bool {
    folder == "/" || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Closes the rows of a mount, and says whether its path is one that a container can have.
pub fn is_possible<'p>(pass: &mut Pass<'p>, mounted: &Mounted<'p>) -> bool {
    let keys = &mounted.mount.value;
    let path = path(mounted);
    if !mounted.borrowed {
        pass.consumed(mounted.mount);
        if let Some(consistency) = &keys.consistency {
            let message = "`consistency` does nothing in Docker either, and has no counterpart";
            let finding = pass.finding(consistency, slugs::DROPPED_KEY, message);
            pass.dropped(consistency, finding);
        }
        for key in [keys.target.as_ref(), keys.source.as_ref()].into_iter().flatten() {
            pass.mapped(key);
        }
        if let Some(kind) = &keys.kind {
            pass.mapped(kind);
        }
        if let Some(read_only) = &keys.read_only {
            pass.mapped(read_only);
        }
    }
    if path.starts_with('/') && !path.contains(':') && path != "/" {
        return true;
    }
    if mounted.borrowed {
        return false;
    }
    let Some(target) = &keys.target else { return false };
    if keys.source.is_none() {
        let message = format!(
            "the volume without a name is mounted at `{path}`, as Compose reads it, which is no path of a container; it is left out"
        );
        let finding = pass.finding(target, slugs::ANONYMOUS_VOLUME, message);
        let tip = "write a source of more than one letter and an absolute path, as in `data:/data`";
        pass.dropped(mounted.mount, finding.tip(tip));
    } else {
        let message =
            format!("`{path}` cannot be a mount's path; it has to be absolute, without `:`, and not `/`");
        let finding = pass.finding(target, slugs::UNSUPPORTED_VOLUME, message);
        pass.refused(mounted.mount, finding.tip("write an absolute path"));
    }
    false
}

/// Whether a volume is there already, whatever the reasons.
fn is_same_source(known: &Fields, source: &Fields) -> bool {
    let others = || known.iter().filter(|(key, _)| *key != "name");
    others().count() == source.iter().count()
        && others().zip(source.iter()).all(|((left, one), (right, other))| left == right && same(one, other))
}

fn same(left: &Field, right: &Field) -> bool {
    match (left, right) {
        (Field::Leaf(left), Field::Leaf(right)) => left.value == right.value,
        (Field::Map(left), Field::Map(right)) => {
            left.iter().count() == right.iter().count()
                && left.iter().zip(right.iter()).all(|((one, a), (two, b))| one == two && same(a, b))
        }
        (Field::List(left), Field::List(right)) => {
            left.len() == right.len() && left.iter().zip(right.iter()).all(|(a, b)| same(a, b))
        }
        (Field::Leaf(_) | Field::Map(_) | Field::List(_), _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_volume_is_there_once_and_names_differ() {
        let why = Why::Policy("a test says so");
        let source = |name: &str| {
            let mut source = Fields::default();
            source.map("configMap").put("name", name, &why);
            source
        };
        let mut pod = Pod::default();
        let names = ["a", "b", "a"].map(|config| volume(&mut pod, "files", source(config), &why));
        assert_eq!(names, ["files", "files-2", "files"]);
        assert_eq!(pod.spec.list("volumes").len(), 2);
    }

    #[test]
    fn paths_are_cleaned_and_compared_by_their_folders() {
        assert_eq!([clean("/a//b/../c/"), clean("d:/data"), clean("/")], ["/a/c", "d:/data", "/"]);
        assert!(is_within("/a/b", "/a") && is_within("/a", "/a") && !is_within("/ab", "/a"));
    }
}
