//! What a cluster decides of the storage.

use super::{Desk, Draft};
use crate::k8s::kind::Kind;
use crate::plan::field::{Field, Fields};
use crate::plan::knob::{Fill, Shape};
use crate::plan::object::Object;
use crate::source::Text;

/// Finds what can be chosen of the claims of an object.
pub fn find(desk: &mut Desk<'_, '_>, object: &Object) {
    if object.id.kind == Kind::PersistentVolumeClaim {
        let name = object.id.name.as_str();
        claim(desk, object, name, &object.body, "");
        let key = desk.names.other("volumes", name);
        let help = "A claim that is there already, instead of a new one";
        let knob = desk.knob(&["volumes", &key, "existingClaim"], || Draft::open(Shape::Text, help));
        desk.fill(object, "", Fill::Unless(knob));
        return;
    }
    templates(desk, object);
    mounts(desk, object);
}

/// The claims that a StatefulSet makes for its pods; one pod alone can have another one instead.
fn templates(desk: &mut Desk<'_, '_>, object: &Object) {
    let templates = object.body.at(&["spec", "volumeClaimTemplates"]).and_then(Field::as_list);
    let Some(templates) = templates else { return };
    let is_alone = object.body.at(&["spec", "replicas"]).is_none_or(|number| number.as_int() <= Some(1));
    let mut claims = Vec::new();
    for template in templates.iter().filter_map(Field::as_map) {
        let Some(name) = template.at(&["metadata", "name"]).and_then(Field::as_text) else { continue };
        let at = format!("spec.volumeClaimTemplates[{name}]");
        claim(desk, object, name, template, &format!("{at}."));
        if !is_alone {
            continue;
        }
        let key = desk.names.other("volumes", name);
        let help =
            "A claim that is there already, instead of a new one; chosen once, at the first installation";
        let knob = desk.knob(&["volumes", &key, "existingClaim"], || Draft::open(Shape::Text, help));
        // Without its only item the list goes, too.
        let at = if templates.len() == 1 { "spec.volumeClaimTemplates".to_owned() } else { at };
        desk.fill(object, at, Fill::Unless(knob));
        claims.push((knob, Text::from(name)));
    }
    if !claims.is_empty() {
        desk.fill(object, "spec.template.spec.volumes", Fill::Claims(claims));
    }
}

fn claim(desk: &mut Desk<'_, '_>, object: &Object, name: &str, body: &Fields, at: &str) {
    let key = desk.names.other("volumes", name);
    if let Some(Field::Leaf(size)) = body.at(&["spec", "resources", "requests", "storage"]) {
        let place = desk.place(&size.why);
        let knob = desk.knob(&["volumes", &key, "size"], || {
            Draft::new(Shape::Amount, Field::Leaf(size.clone()), "How much it holds").at(place)
        });
        desk.fill(object, format!("{at}spec.resources.requests.storage"), Fill::Whole(knob));
    }
    let class = body.at(&["spec", "storageClassName"]);
    let place = class.and_then(|field| desk.place_in(field));
    let help = "The storage class; empty for that of the cluster";
    let knob = desk.knob(&["volumes", &key, "storageClass"], || match class {
        Some(field) => Draft::new(Shape::Text, field.clone(), help).at(place),
        None => Draft::open(Shape::Text, help),
    });
    desk.fill(object, format!("{at}spec.storageClassName"), Fill::Whole(knob));
    if let Some(modes) = body.at(&["spec", "accessModes"]) {
        let place = desk.place_in(modes);
        let knob = desk.knob(&["volumes", &key, "accessModes"], || {
            Draft::new(Shape::List, modes.clone(), "Who may mount it").at(place)
        });
        desk.fill(object, format!("{at}spec.accessModes"), Fill::Whole(knob));
    }
}

/// The claims that pods name: another one can be chosen.
fn mounts(desk: &mut Desk<'_, '_>, object: &Object) {
    let Some((template, at)) = object.template() else { return };
    let volumes = template.at(&["spec", "volumes"]).and_then(Field::as_list);
    for volume in volumes.into_iter().flat_map(|list| list.iter()).filter_map(Field::as_map) {
        let claim = volume.at(&["persistentVolumeClaim", "claimName"]).and_then(Field::as_text);
        let (Some(claim), Some(name)) = (claim, volume.get("name").and_then(Field::as_text)) else {
            continue;
        };
        let key = [Text::new_static("volumes"), desk.names.other("volumes", claim), "existingClaim".into()];
        let Some(knob) = desk.known.get(&key[..]).copied() else { continue };
        let path = format!("{at}.spec.volumes[{name}].persistentVolumeClaim.claimName");
        // Whatever the name comes from: it is that of the claim.
        desk.slots.insert((object.id.clone(), path.into()), Fill::Or(knob, claim.into()));
    }
}
