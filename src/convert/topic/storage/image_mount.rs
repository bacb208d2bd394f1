//! Mounts of the files of another image.

use super::{copy_up, mounts, named};
use crate::compose::mount::ImageOptions;
use crate::convert::draft::Seat;
use crate::convert::pass::Pass;
use crate::convert::survey::volumes::Mounted;
use crate::diag::slugs;
use crate::plan::field::{Field, Fields, Scalar};
use crate::plan::why::Why;

/// Mounts an image: itself where the cluster is said to do that, else a copy of its files.
pub fn image<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, mounted: &Mounted<'p>) {
    let Some(source) = &mounted.mount.value.source else { return };
    let below = mounted.mount.value.image.as_ref().and_then(|options| {
        let ImageOptions { subpath, extensions: _ } = &options.value;
        subpath.as_ref()
    });
    if let Some(below) = below.filter(|_| !mounted.borrowed) {
        pass.mapped(below);
    }
    if let Some(promised) = pass.gate("ImageVolume") {
        let why = pass.why(mounted.at).and(&promised);
        let mut volume = Fields::default();
        volume.map("image").put("reference", &source.value, &why);
        let wanted = mounts::own_name(pass, seat, &mounts::path(mounted));
        let name = mounts::volume(seat.pod, &wanted, volume, &why);
        mount(pass, seat, mounted, &name, &why, below.map(|below| below.value.as_str()));
        return;
    }
    let bare = copy_up::lacks_shell(pass.input.facts.of_image(&source.value));
    let Some(below) = below.filter(|_| !bare) else {
        let reason =
            if bare { "has no shell that could copy its files" } else { "has more than a copy can hold" };
        let message = format!("image `{}` is mounted, and {reason}", source.value);
        let finding = pass.finding(mounted.at, slugs::UNSUPPORTED_VOLUME, message);
        let tip = "say `x-transship: {feature-gates: [ImageVolume]}` when the cluster mounts images";
        if let Some(why) = pass.refused(mounted.at, finding.tip(tip)) {
            let path = mounts::path(mounted);
            let wanted = format!("{}{path}", seat.name);
            let claim = named::object_name(&wanted);
            super::claims::plain(pass, &claim, vec![seat.member.name.clone()], &why, false);
            let name = mounts::volume(seat.pod, &claim, named::of_claim(&claim, &why), &why);
            mount(pass, seat, mounted, &name, &why, None);
        }
        return;
    };
    let message = format!(
        "the files of image `{}` are copied when the pod starts, instead of being mounted",
        source.value
    );
    let finding = pass.finding(mounted.at, slugs::VOLUME_COPY_UP, message);
    let why = pass.approximated(mounted.at, finding);
    let mut volume = Fields::default();
    volume.put("emptyDir", Scalar::EmptyMap, &why);
    let wanted = mounts::own_name(pass, seat, &mounts::path(mounted));
    let name = mounts::volume(seat.pod, &wanted, volume, &why);
    mount(pass, seat, mounted, &name, &why, None);
    let mut like = Fields::default();
    like.put("image", &source.value, &why);
    let from = mounts::clean(&format!("/{}", below.value));
    let copy = copy_up::container(&like, &name, &from, &why);
    seat.pod.init.push(Field::Map(copy));
}

fn mount<'p>(
    pass: &mut Pass<'p>,
    seat: &mut Seat<'_, 'p>,
    mounted: &Mounted<'p>,
    name: &crate::source::Text,
    why: &Why,
    below: Option<&str>,
) {
    named::put(pass, seat, mounted, name, why);
    let path = mounts::path(mounted);
    let mounts = seat.container.list("volumeMounts");
    let Some(fields) = mounts.find_mut("mountPath", &path) else { return };
    // An image has no place to write to.
    fields.put("readOnly", true, why);
    if let Some(below) = below {
        fields.put("subPath", below.trim_start_matches('/'), why);
    }
}
