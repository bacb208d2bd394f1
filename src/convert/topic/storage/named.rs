//! Mounts of volumes, with and without a name.

use super::{copy_up, data_directory, mounts, ownership, sharing};
use crate::compose::mount::{MountKind, VolumeOptions};
use crate::convert::backing::{self, Backing};
use crate::convert::draft::Seat;
use crate::convert::pass::Pass;
use crate::convert::survey::volumes::{Mounted, declaration, is_global, is_per_replica};
use crate::diag::slugs;
use crate::k8s::kind::Kind;
use crate::k8s::{name, quantity};
use crate::plan::field::{Fields, Scalar};
use crate::plan::why::Why;
use crate::source::Text;

const EMPTY: Why = Why::Policy("storage without a name lives as long as its pod");

/// Mounts a volume that has a name.
pub fn volume<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, mounted: &Mounted<'p>) {
    let Some(source) = &mounted.mount.value.source else { return };
    if !mounted.borrowed {
        options(pass, mounted, mounted.mount.value.volume.as_deref().map(|options| &options.value));
    }
    let path = mounts::path(mounted);
    let Some(declared) = declaration(pass.input, &source.value) else { return };
    let backing = backing::of(declared, &source.value, pass.options());
    if !is_sole_writer(pass, seat, mounted) || !sharing::is_shareable(pass, seat, mounted, &backing) {
        return;
    }
    let why = pass.why(mounted.at);
    let claim = object_name(&source.value);
    let name = match &backing {
        Backing::Claim if super::claims::is_template(pass, &seat.member, &source.value) => claim,
        Backing::Memory(size) => {
            let mut memory = Fields::default();
            let empty = memory.map("emptyDir");
            empty.put("medium", "Memory", &why);
            if let Some(size) = size {
                empty.put("sizeLimit", quantity::bytes(size.0), &why);
            }
            mounts::volume(seat.pod, &claim, memory, &why)
        }
        Backing::Bind(device) if !super::decide::is_inside(pass, &device.value.0) => {
            let mut host = Fields::default();
            host.map("hostPath").put("path", &device.value.0, &why);
            mounts::volume(seat.pod, &claim, host, &why)
        }
        Backing::Claim
        | Backing::External(_)
        | Backing::Server(_)
        | Backing::Bind(_)
        | Backing::Driver(_)
        | Backing::Option(..) => {
            let claim = claim_name(pass, &source.value);
            mounts::volume(seat.pod, &claim, of_claim(&claim, &why), &why)
        }
    };
    put(pass, seat, mounted, &name, &why);
    if matches!(backing, Backing::Claim) {
        if !mounted.borrowed {
            copy_up::note(pass, seat, mounted);
        }
        data_directory::below(pass, seat, &path);
        ownership::of_claim(pass, seat, mounted);
    }
}

/// Mounts a volume that has no name.
pub fn anonymous<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, mounted: &Mounted<'p>) {
    let path = mounts::path(mounted);
    if !mounted.borrowed {
        if super::decide::is_mask(pass, seat, &path) {
            pass.dev(mounted.mount);
            let message = format!(
                "the volume at `{path}` keeps a folder of the image from being hidden by a bind; without the bind nothing hides it, and it is left out"
            );
            let finding = pass.finding(mounted.at, slugs::SOURCE_CODE_BIND, message);
            pass.report(finding);
            return;
        }
        options(pass, mounted, mounted.mount.value.volume.as_deref().map(|options| &options.value));
    }
    let message = if mounted.borrowed {
        format!(
            "the volume at `{path}` has no name, so that no other pod can mount it; this pod gets an empty one"
        )
    } else {
        format!("the volume at `{path}` has no name; it is empty in each new pod, and gone with it")
    };
    let finding = pass.finding(mounted.at, slugs::ANONYMOUS_VOLUME, message);
    let why =
        pass.approximated(mounted.at, finding.tip("give the volume a name and declare it under `volumes`"));
    let mut source = Fields::default();
    source.put("emptyDir", Scalar::EmptyMap, &EMPTY.and(&why));
    let wanted = mounts::own_name(pass, seat, &path);
    let name = mounts::volume(seat.pod, &wanted, source, &why);
    put(pass, seat, mounted, &name, &why);
    if !mounted.borrowed {
        copy_up::note(pass, seat, mounted);
    }
}

/// A kind of mount that no pod has.
pub fn unsupported<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, mounted: &Mounted<'p>) {
    let kind = mounted.kind();
    let message = format!("a mount of type `{}` has no counterpart in a pod", kind.word());
    let finding = pass.finding(mounted.at, slugs::UNSUPPORTED_VOLUME, message);
    let value = if mounted.borrowed { None } else { Some(mounted.mount) };
    let refused = match value {
        Some(mount) => pass.refused(mount, finding.tip("mount a named volume")),
        None => pass.refused(mounted.at, finding.tip("mount a named volume")),
    };
    let Some(why) = refused.filter(|_| kind == MountKind::Cluster) else { return };
    let path = mounts::path(mounted);
    let wanted = format!("{}-{}", seat.name, mounts::own_name(pass, seat, &path));
    let claim = Text::from(name::object(&wanted, name::LABEL_LENGTH).unwrap_or_default());
    let owner = seat.member.name.clone();
    super::claims::plain(pass, &claim, vec![owner], &why, false);
    let name = mounts::volume(seat.pod, &claim, of_claim(&claim, &why), &why);
    put(pass, seat, mounted, &name, &why);
}

/// Mounts a volume of the pod at the path, with what the mount says of it.
pub fn put<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, mounted: &Mounted<'p>, name: &Text, why: &Why) {
    let path = mounts::path(mounted);
    let keys = &mounted.mount.value;
    let of_target = keys.target.as_ref().map_or_else(|| why.clone(), |target| pass.why(target));
    let here = if mounted.borrowed { why.clone() } else { why.and(&of_target) };
    let Some(fields) = mounts::mount(seat.container, name, &path, &here) else {
        if !mounted.borrowed {
            let message = format!("something else is mounted at `{path}` already; this mount is left out");
            let finding = pass.finding(mounted.at, slugs::CONFLICTING_ENTRIES, message);
            pass.dropped(mounted.mount, finding.tip("mount it elsewhere"));
        }
        return;
    };
    let below = keys.volume.as_ref().and_then(|options| options.value.subpath.as_ref());
    if let Some(below) = below {
        let why = if mounted.borrowed { why.clone() } else { pass.mapped(below) };
        fields.put("subPath", mounts::clean(below.value.trim_start_matches('/')), &why);
    }
    if mounted.read_only {
        let own = keys.read_only.as_ref().filter(|_| !mounted.borrowed);
        let why = own.map_or_else(|| why.clone(), |read_only| pass.why(&**read_only));
        fields.put("readOnly", true, &why);
    }
}

/// The volume of a pod that a claim stands behind.
#[must_use]
pub fn of_claim(claim: &Text, why: &Why) -> Fields {
    let mut source = Fields::default();
    source.map("persistentVolumeClaim").put("claimName", claim, why);
    source
}

/// The name of the objects of a volume.
#[must_use]
pub fn object_name(volume: &str) -> Text {
    name::object(volume, name::LABEL_LENGTH).unwrap_or_else(|| "volume".to_owned()).into()
}

/// The name of the claim behind a volume: its own, or that of somebody else.
#[must_use]
pub fn claim_name(pass: &Pass<'_>, volume: &str) -> Text {
    let external = declaration(pass.input, volume)
        .filter(|declared| declared.external.as_ref().is_some_and(|external| external.value));
    match external.and_then(|declared| declared.name.as_ref()) {
        Some(name) => object_name(&name.value),
        None => object_name(volume),
    }
}

fn options<'p>(pass: &mut Pass<'p>, mounted: &Mounted<'p>, options: Option<&'p VolumeOptions>) {
    let Some(VolumeOptions { labels, nocopy, subpath: _, extensions: _ }) = options else { return };
    if let Some(nocopy) = nocopy {
        pass.mapped(nocopy);
    }
    if let Some(labels) = labels {
        let message = if mounted.mount.value.source.is_some() {
            "labels that a mount gives its volume are not carried over; those under `volumes` become annotations"
        } else {
            "a volume without a name has no object that could bear labels"
        };
        let finding = pass.finding(labels, slugs::DROPPED_KEY, message);
        pass.dropped(labels, finding);
    }
}

/// Whether the pods of the member may write to one volume together.
fn is_sole_writer<'p>(pass: &mut Pass<'p>, seat: &Seat<'_, 'p>, mounted: &Mounted<'p>) -> bool {
    let member = seat.member;
    let global = is_global(&member);
    if mounted.read_only || (!global && member.replicas() <= 1) || is_per_replica(&member) {
        return true;
    }
    let volume = mounted.mount.value.source.as_ref().map(|source| source.value.clone()).unwrap_or_default();
    let message = if global {
        format!("a pod on each node writes `{volume}`, and a claim is mounted on one node")
    } else if let Some(reason) = &seat.facts.single_writer {
        let count = member.replicas();
        format!(
            "{count} replicas write `{volume}`, but {}; they would corrupt one data directory",
            reason.value
        )
    } else {
        return true;
    };
    let finding = pass.finding(mounted.at, slugs::REPLICATED_VOLUME, message);
    let tip = "run one replica, or say `x-transship: {storage: per-replica}` when each has data of its own";
    pass.refused(mounted.at, finding.tip(tip)).is_some()
}

/// Whether the workload can hold templates of claims.
#[must_use]
pub fn has_templates(pass: &Pass<'_>, member: &str) -> bool {
    pass.survey.kinds.get(member).is_some_and(|choice| choice.kind == Kind::StatefulSet)
}
