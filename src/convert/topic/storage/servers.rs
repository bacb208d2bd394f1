//! Volumes on an NFS server: a piece of storage, and the claim that is bound to it.

use super::{claims, named};
use crate::compose::volume::Volume;
use crate::convert::assemble;
use crate::convert::backing::Export;
use crate::convert::pass::Pass;
use crate::convert::survey::volumes::Usage;
use crate::k8s::kind::Kind;
use crate::k8s::name;
use crate::plan::field::{Field, Fields};
use crate::plan::object::{Id, Object};
use crate::plan::why::Why;
use crate::source::Text;
use crate::source::span::Spanned;

const MANY: Why = Why::Policy("a folder of a server is mounted by all");
const RETAIN: Why = Why::Policy("what the server holds stays when the objects go");
const NO_CLASS: Why = Why::Policy("the claim takes this piece of storage and no other");

/// The objects of a volume on a server.
pub fn volume<'p>(
    pass: &mut Pass<'p>,
    (key, volume): (&'p Text, &'p Spanned<Volume>),
    usage: &Usage,
    export: &Export,
) {
    let annotations = claims::annotations(pass, key, volume);
    let why = volume.value.driver_opts.as_ref().map_or(MANY, |options| pass.why(&**options));
    // A server knows no sizes: the request is there because the API wants one.
    let size = "1Gi";
    let of_size = Why::Policy("the API wants a size, and a server does not look at it");
    let claim = named::object_name(key);
    let piece: Text =
        name::object(&format!("{}-{claim}", pass.namespace), name::LABEL_LENGTH).unwrap_or_default().into();
    let id = Id { kind: Kind::PersistentVolume, namespace: Text::default(), name: piece.clone() };
    let mut body = Fields::default();
    assemble::metadata(&mut body, &id, &pass.namespace_why, &pass.namespace, None);
    let spec = body.map("spec");
    spec.map("capacity").put("storage", size, &of_size);
    spec.list("accessModes").push_value("ReadWriteMany", &MANY);
    spec.put("persistentVolumeReclaimPolicy", "Retain", &RETAIN);
    spec.put("storageClassName", "", &NO_CLASS);
    for option in &export.options {
        spec.list("mountOptions").push_value(option.as_str(), &why);
    }
    let server = spec.map("nfs");
    server.put("server", export.server.as_str(), &why);
    server.put("path", export.path.as_str(), &why);
    pass.objects.push(Object { id, owners: usage.members(), folder: None, body });
    let body = pass.object(Kind::PersistentVolumeClaim, claim, usage.members());
    if !annotations.is_empty() {
        body.map("metadata").insert("annotations", Field::Map(annotations));
    }
    let spec = body.map("spec");
    spec.list("accessModes").push_value("ReadWriteMany", &MANY);
    spec.put("storageClassName", "", &NO_CLASS);
    spec.put("volumeName", piece, &NO_CLASS);
    spec.map("resources").map("requests").put("storage", size, &of_size);
}
