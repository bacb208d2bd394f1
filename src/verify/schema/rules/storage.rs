//! Claims and volumes of the cluster.

use super::syntax::quantity;
use crate::k8s::name::is_subdomain;
use crate::verify::schema::cursor::Cursor;
use crate::verify::schema::problems::Problems;

/// Checks a claim, or the template of one.
pub(super) fn claim(problems: &mut Problems, spec: &Cursor) {
    modes(problems, spec);
    let is_class = |name: &str| name.is_empty() || is_subdomain(name);
    problems.shape(spec, "storageClassName", is_class, "the name of a StorageClass");
    let resources = spec.get("resources");
    let requests = resources.as_ref().and_then(|resources| resources.get("requests"));
    size(problems, spec, requests.as_ref(), "resources.requests.storage");
}

/// Checks a volume.
pub(super) fn volume(problems: &mut Problems, spec: &Cursor) {
    modes(problems, spec);
    size(problems, spec, spec.get("capacity").as_ref(), "capacity.storage");
    let others = [
        "accessModes",
        "capacity",
        "claimRef",
        "mountOptions",
        "nodeAffinity",
        "persistentVolumeReclaimPolicy",
        "storageClassName",
        "volumeAttributesClassName",
        "volumeMode",
    ];
    match spec.entries().filter(|(field, _)| !others.contains(field)).count() {
        0 => problems.at(spec, "must have a source, such as `nfs` or `csi`"),
        1 => {}
        _ => problems.at(spec, "must not have more than one source"),
    }
}

fn modes(problems: &mut Problems, spec: &Cursor) {
    problems.need(spec, "accessModes");
    let Some(modes) = spec.get("accessModes") else { return };
    let is_single = modes.items().any(|mode| mode.value == "ReadWriteOncePod");
    if is_single && modes.items().count() > 1 {
        problems.at(&modes, "`ReadWriteOncePod` stands alone");
    }
}

fn size(problems: &mut Problems, spec: &Cursor, amounts: Option<&Cursor>, path: &str) {
    let amount = amounts.and_then(|amounts| amounts.get("storage"));
    match amount {
        None => problems.deep(spec, path),
        Some(amount) if quantity(amount.value).is_some_and(|number| number <= 0.0) => {
            problems.at(&amount, "must be more than 0");
        }
        Some(_) => {}
    }
}
