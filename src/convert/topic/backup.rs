//! Copies of volumes, where the author asks for them: a Schedule of Velero.

use std::collections::BTreeSet;

use crate::compose::project::{Model, entries};
use crate::compose::volume::Volume;
use crate::convert::backing::{self, Backing};
use crate::convert::hint::{self, Hint};
use crate::convert::pass::Pass;
use crate::convert::scatter;
use crate::k8s::kind::Kind;
use crate::plan::field::Fields;
use crate::plan::why::Why;
use crate::source::Text;

/// The hint.
const HINT: &str = "backup";
/// Where Velero lives.
const NAMESPACE: &str = "velero";
/// Has Velero pass over an object.
const EXCLUDED: &str = "velero.io/exclude-from-backup";
/// Every night at three.
const NIGHTLY: &str = "0 3 * * *";

const RHYTHM: Why = Why::Policy("a copy is made every night");
const HOME: Why = Why::Policy("Velero reads Schedules of its own namespace alone");
const VOLUMES: Why = Why::Policy("a copy holds the volumes too");
const PASSED_OVER: Why = Why::Policy("a volume is copied where a hint asks for it, and nowhere else");

/// The hint of a volume that asks for copies.
fn asks<'p>(volume: &'p Volume) -> Option<Hint<'p>> {
    hint::find(&volume.extensions, HINT).filter(Hint::is_on)
}

/// Whether copies are made of some claims of the project, and not of this one.
#[must_use]
pub fn passes_over(pass: &Pass<'_>, volume: Option<&Volume>) -> bool {
    pass.survey.copied.iter().any(|copied| is_used(pass, copied))
        && volume.is_none_or(|volume| asks(volume).is_none())
}

/// The volumes of which copies are to be made.
#[must_use]
pub fn copied(project: &Model) -> Vec<Text> {
    let volumes = entries(&project.volumes).filter(|(_, volume)| asks(&volume.value).is_some());
    volumes.map(|(key, _)| key.clone()).collect()
}

/// Has Velero pass over a claim.
pub fn pass_over(metadata: &mut Fields) {
    metadata.map("labels").put(EXCLUDED, "true", &PASSED_OVER);
}

fn is_used(pass: &Pass<'_>, volume: &str) -> bool {
    let usage = pass.survey.volumes.usage(volume);
    usage.is_some_and(|usage| usage.members().iter().any(|member| pass.is_written(member)))
}

/// Writes the Schedule of the namespaces with volumes of which copies are made.
pub fn convert(pass: &mut Pass<'_>) {
    let mut spaces: BTreeSet<Text> = BTreeSet::new();
    let mut owners: BTreeSet<Text> = BTreeSet::new();
    let mut whys: Vec<Why> = Vec::new();
    for (key, volume) in entries(&pass.input.project.model.volumes) {
        let Some(hint) = asks(&volume.value) else { continue };
        match backing::of(&volume.value, key, pass.options()) {
            Backing::Claim | Backing::External(_) | Backing::Driver(_) | Backing::Option(..) => {}
            Backing::Server(_) | Backing::Memory(_) | Backing::Bind(_) => {
                let message =
                    format!("volume `{key}` is no storage of the cluster, so Velero makes no copy of it");
                hint::unusable_of(pass, hint.identity, hint.key, message, "copy what it holds where it is");
                continue;
            }
        }
        let users = pass.survey.volumes.usage(key).map(|usage| usage.members()).unwrap_or_default();
        let users: Vec<Text> = users.into_iter().filter(|user| pass.is_written(user)).collect();
        if users.is_empty() {
            continue;
        }
        spaces.extend(users.iter().flat_map(|user| scatter::homes(pass, user)));
        owners.extend(users);
        whys.push(hint.mapped(pass));
    }
    let Some(why) = whys.into_iter().reduce(|all, why| all.and(&why)) else { return };
    let name = pass.namespace.clone();
    let body = pass.common_object(Kind::Schedule, name, owners.into_iter().collect());
    let spec = body.map("spec");
    spec.put("schedule", NIGHTLY, &RHYTHM);
    let template = spec.map("template");
    for space in spaces {
        template.list("includedNamespaces").push_value(space, &why);
    }
    template.put("snapshotVolumes", true, &VOLUMES);
    if let Some(object) = pass.objects.last_mut() {
        object.move_to(&NAMESPACE.into(), &HOME);
    }
}
