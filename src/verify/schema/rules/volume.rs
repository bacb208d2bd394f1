//! Volumes and where they are mounted.

use std::collections::BTreeSet;

use super::syntax::{self, quantity};
use crate::k8s::name::{is_label, is_subdomain};
use crate::verify::schema::cursor::Cursor;
use crate::verify::schema::problems::Problems;

/// Checks the volumes of a pod and returns the names that can be mounted.
pub(super) fn check(problems: &mut Problems, pod: &Cursor, claims: &[&str]) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = claims.iter().map(|name| (*name).to_owned()).collect();
    for volume in pod.get("volumes").iter().flat_map(Cursor::items) {
        problems.need(&volume, "name");
        problems.shape(&volume, "name", is_label, "at most 63 small letters, digits and `-`");
        names.insert(volume.text("name").to_owned());
        // A volume without a source is an empty directory to the server.
        let sources = volume.entries().filter(|(field, _)| *field != "name").count();
        if sources > 1 {
            problems.at(&volume, "must not have more than one source");
        }
        source(problems, &volume);
    }
    names
}

fn source(problems: &mut Problems, volume: &Cursor) {
    if let Some(claim) = volume.get("persistentVolumeClaim") {
        problems.need(&claim, "claimName");
        problems.shape(
            &claim,
            "claimName",
            |name| name.is_empty() || is_subdomain(name),
            "the name of a claim",
        );
    }
    if let Some(map) = volume.get("configMap") {
        problems.need(&map, "name");
        files(problems, &map);
    }
    if let Some(secret) = volume.get("secret") {
        problems.need(&secret, "secretName");
        files(problems, &secret);
    }
    if let Some(path) = volume.get("hostPath") {
        problems.need(&path, "path");
    }
    if let Some(empty) = volume.get("emptyDir")
        && empty.value.get("sizeLimit").and_then(quantity).is_some_and(|limit| limit < 0.0)
    {
        problems.below(&empty, "sizeLimit", "must not be negative");
    }
    if let Some(projected) = volume.get("projected") {
        problems.between(&projected, "defaultMode", 0, 0o777);
        for source in projected.get("sources").iter().flat_map(Cursor::items) {
            for kind in ["configMap", "secret"] {
                if let Some(part) = source.get(kind) {
                    problems.need(&part, "name");
                    files(problems, &part);
                }
            }
        }
    }
}

fn files(problems: &mut Problems, source: &Cursor) {
    problems.between(source, "defaultMode", 0, 0o777);
    for item in source.get("items").iter().flat_map(Cursor::items) {
        problems.need(&item, "key");
        problems.need(&item, "path");
        problems.between(&item, "mode", 0, 0o777);
        problems.shape(&item, "path", syntax::is_inner_path, "relative and without `..`");
    }
}

/// Checks the mounts of a container.
pub(super) fn mounts(problems: &mut Problems, container: &Cursor, volumes: &BTreeSet<String>) {
    for mount in container.get("volumeMounts").iter().flat_map(Cursor::items) {
        let name = mount.text("name");
        if name.is_empty() {
            problems.need(&mount, "name");
        } else if !volumes.contains(name) {
            problems.below(&mount, "name", "no volume of the pod has this name");
        }
        problems.need(&mount, "mountPath");
        if mount.text("mountPath").contains(':') {
            problems.below(&mount, "mountPath", "must not contain `:`");
        }
        problems.shape(&mount, "subPath", syntax::is_inner_path, "relative and without `..`");
        problems.shape(&mount, "subPathExpr", syntax::is_inner_path, "relative and without `..`");
        if mount.has("subPath") && mount.has("subPathExpr") {
            problems.below(&mount, "subPathExpr", "does not go with `subPath`");
        }
    }
    for device in container.get("volumeDevices").iter().flat_map(Cursor::items) {
        let name = device.text("name");
        if !name.is_empty() && !volumes.contains(name) {
            problems.below(&device, "name", "no volume of the pod has this name");
        }
    }
}
