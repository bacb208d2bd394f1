//! Storage in memory, `/dev/shm`, and how much a container may write.

use super::{mounts, named};
use crate::compose::codec::{Field, List, Map};
use crate::compose::leaf::Loose;
use crate::compose::mount::TmpfsOptions;
use crate::compose::project::items;
use crate::compose::units::Bytes;
use crate::convert::draft::Seat;
use crate::convert::pass::Pass;
use crate::convert::survey::volumes::Mounted;
use crate::diag::slugs;
use crate::k8s::quantity;
use crate::plan::field::Fields;
use crate::plan::why::Why;
use crate::source::Text;
use crate::source::span::Spanned;

const TIP: &str = "give it a size, as in `/tmp:size=64m`";

/// `tmpfs`.
pub fn file_systems<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, tmpfs: &'p Field<List<Text>>) {
    if let Some(tmpfs) = tmpfs {
        pass.consumed(tmpfs);
    }
    for entry in items(tmpfs) {
        let (target, flags) = entry.value.split_once(':').unwrap_or((&entry.value, ""));
        let path = mounts::clean(target);
        if !path.starts_with('/') || path == "/" {
            let message = format!("`{path}` cannot be a mount's path; it has to be absolute and not `/`");
            let finding = pass.finding(entry, slugs::UNSUPPORTED_VOLUME, message);
            pass.refused(entry, finding.tip("write an absolute path"));
            continue;
        }
        let flags: Vec<&str> = flags.split(',').map(str::trim).filter(|flag| !flag.is_empty()).collect();
        let size = flags.iter().find_map(|flag| flag.strip_prefix("size="));
        let size = size.and_then(|size| Bytes::parse(size).ok()).filter(|size| size.0 > 0);
        let lost: Vec<&str> = flags
            .iter()
            .copied()
            .filter(|flag| !flag.starts_with("size=") && !matches!(*flag, "rw" | "ro"))
            .collect();
        let finding = finding(pass, entry, &path, size, &lost.join(","));
        let why = pass.approximated(entry, finding);
        let name = mounts::own_name(pass, seat, &path);
        let volume = mounts::volume(seat.pod, &name, memory(size, &why), &why);
        if let Some(mount) = mounts::mount(seat.container, &volume, &path, &why)
            && flags.contains(&"ro")
        {
            mount.put("readOnly", true, &why);
        }
    }
}

/// A mount of type `tmpfs`.
pub fn mount<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, mounted: &Mounted<'p>) {
    let path = mounts::path(mounted);
    let options = mounted.mount.value.tmpfs.as_ref();
    let (mode, size) = match options {
        Some(options) => {
            let TmpfsOptions { mode, size, extensions: _ } = &options.value;
            (mode.as_ref(), size.as_ref())
        }
        None => (None, None),
    };
    let bound = size.map(|size| size.value).filter(|size| size.0 > 0);
    let finding = finding(pass, mounted.at, &path, bound, "");
    let why = pass.approximated(mounted.at, finding);
    let mut of_size = why.clone();
    if let Some(size) = size.filter(|_| !mounted.borrowed) {
        of_size = pass.mapped(size);
    }
    if let Some(mode) = mode.filter(|_| !mounted.borrowed) {
        let message =
            format!("the mode of `{path}` is lost: storage in memory is open to every user of the pod");
        let finding = pass.finding(mode, slugs::TMPFS_MOUNT, message);
        pass.dropped(mode, finding);
    }
    let name = mounts::own_name(pass, seat, &path);
    let mut source = memory(None, &why);
    if let Some(size) = bound {
        source.map("emptyDir").put("sizeLimit", quantity::bytes(size.0), &of_size);
    }
    let volume = mounts::volume(seat.pod, &name, source, &why);
    named::put(pass, seat, mounted, &volume, &why);
}

/// `shm_size`.
pub fn shared_memory<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, size: &'p Field<Bytes>) {
    const PATH: &str = "/dev/shm";
    let Some(size) = size else { return };
    if size.value.0 <= 0 {
        pass.consumed(size);
        return;
    }
    let message = "`/dev/shm` becomes storage in memory, which counts against the memory limit";
    let finding = pass.finding(size, slugs::TMPFS_MOUNT, message);
    let why = pass.approximated(size, finding);
    let name = mounts::own_name(pass, seat, PATH);
    let source = memory(Some(size.value), &why);
    if seat.container.list("volumeMounts").find("mountPath", PATH).is_none() {
        let volume = mounts::volume(seat.pod, &name, source, &why);
        mounts::mount(seat.container, &volume, PATH, &why);
    }
}

/// `storage_opt`.
pub fn quota<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, options: &'p Field<Map<Loose>>) {
    let Some(options) = options else { return };
    pass.consumed(options);
    for (key, option) in options.value.iter() {
        let size = Bytes::parse(&option.value.0).ok().filter(|size| key == "size" && size.0 > 0);
        if let Some(size) = size {
            let message = "the size of the container's storage becomes a limit: a pod above it is evicted, and no write fails";
            let finding = pass.finding(option, slugs::UNMAPPABLE_RESOURCE, message);
            let why = pass.approximated(option, finding);
            let limits = seat.container.map("resources").map("limits");
            limits.put("ephemeral-storage", quantity::bytes(size.0), &why);
        } else {
            let message =
                format!("the storage option `{key}` is of Docker's storage driver, and is left out");
            let finding = pass.finding(option, slugs::UNMAPPABLE_RESOURCE, message);
            pass.dropped(option, finding);
        }
    }
}

fn memory(size: Option<Bytes>, why: &Why) -> Fields {
    let mut source = Fields::default();
    let empty = source.map("emptyDir");
    empty.put("medium", "Memory", why);
    if let Some(size) = size {
        empty.put("sizeLimit", quantity::bytes(size.0), why);
    }
    source
}

fn finding(
    pass: &Pass<'_>,
    at: &Spanned<Text>,
    path: &str,
    size: Option<Bytes>,
    lost: &str,
) -> crate::diag::Finding {
    let mut message = format!(
        "`{path}` becomes storage in memory, which counts against the memory limit and keeps its content when the container restarts"
    );
    if !lost.is_empty() {
        message.push_str(&format!("; `{lost}` is lost"));
    }
    if size.is_none() {
        message.push_str("; no size bounds it");
    }
    let finding = pass.finding(at, slugs::TMPFS_MOUNT, message);
    if size.is_none() { finding.tip(TIP) } else { finding }
}
