//! The namespace of the project, where objects of other namespaces name it: a release has one of its own.

use super::Desk;
use crate::k8s::kind::Kind;
use crate::plan::address;
use crate::plan::field::Scalar;
use crate::plan::knob::{Fill, Part};
use crate::plan::object::Object;

/// Finds where it stands, beside the metadata of objects.
pub fn find(desk: &mut Desk<'_, '_>, object: &Object) {
    let reaches_over = object.id.kind == Kind::Schedule || !desk.pass.survey.homes.is_one();
    if !reaches_over {
        return;
    }
    let own = desk.pass.namespace.clone();
    address::each(&object.body, &mut |path, leaf| {
        let Scalar::Text(text) = &leaf.value else { return };
        let parts = match object.id.kind {
            Kind::NetworkPolicy if path.contains("namespaceSelector") && *text == own => {
                vec![Part::Namespace(own.clone())]
            }
            Kind::Schedule if path.contains("includedNamespaces") && *text == own => {
                vec![Part::Namespace(own.clone())]
            }
            Kind::Service if path == "spec.externalName" => {
                let Some((name, rest)) = text.split_once(&format!(".{own}.svc.")) else { return };
                let literal = |text: String| Part::Literal(text.into());
                vec![
                    literal(format!("{name}.")),
                    Part::Namespace(own.clone()),
                    literal(format!(".svc.{rest}")),
                ]
            }
            _ => return,
        };
        desk.fill(object, path, Fill::Text(parts));
    });
}
