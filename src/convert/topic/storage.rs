//! Mounts: volumes, binds, temporary file systems.

pub mod mounts;
pub mod named;
pub mod binds;
pub mod decide;
pub mod held;
pub mod temporary;
pub mod image_mount;
pub mod claims;
pub mod sharing;
pub mod servers;
pub mod copy_up;
pub mod ownership;
pub mod data_directory;

use crate::compose::codec::{Field, List, Map};
use crate::compose::leaf::Loose;
use crate::compose::mount::{Mount, MountKind};
use crate::compose::project::items;
use crate::compose::units::Bytes;
use crate::compose::volume::Volume;
use crate::convert::draft::{Draft, Part, Seat};
use crate::convert::pass::Pass;
use crate::convert::survey::volumes::{Mounted, lender, own};
use crate::diag::slugs;
use crate::source::Text;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `volumes`
    pub volumes: &'p Field<List<Mount>>,
    /// `volumes_from`
    pub volumes_from: &'p Field<List<Text>>,
    /// `tmpfs`
    pub tmpfs: &'p Field<List<Text>>,
    /// `shm_size`
    pub shm_size: &'p Field<Bytes>,
    /// `storage_opt`
    pub storage_opt: &'p Field<Map<Loose>>,
    /// `use_api_socket`
    pub use_api_socket: &'p Field<bool>,
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, keys: &Keys<'p>) {
    let Keys { volumes, volumes_from, tmpfs, shm_size, storage_opt, use_api_socket } = keys;
    if let Some(volumes) = volumes {
        pass.consumed(volumes);
    }
    let mounted = match seat.part {
        Part::Main => pass.survey.volumes.mounts(seat.member.name).to_vec(),
        Part::Before => own(volumes),
    };
    for mounted in mounted {
        mount(pass, seat, &mounted);
    }
    lenders(pass, volumes_from);
    temporary::file_systems(pass, seat, tmpfs);
    temporary::shared_memory(pass, seat, shm_size);
    temporary::quota(pass, seat, storage_opt);
    binds::engine(pass, seat, use_api_socket);
}

/// What becomes of the volumes that the project declares.
pub fn declarations<'p>(pass: &mut Pass<'p>, drafts: &mut [Draft<'p>], volumes: &'p Field<Map<Volume>>) {
    if let Some(volumes) = volumes {
        pass.consumed(volumes);
    }
    claims::named(pass, drafts, volumes);
    held::objects(pass);
    claims::bound(pass);
    sharing::keep_together(pass, drafts);
    copy_up::containers(pass, drafts);
}

fn mount<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, mounted: &Mounted<'p>) {
    if !mounts::is_possible(pass, mounted) {
        return;
    }
    match mounted.kind() {
        MountKind::Volume if mounted.mount.value.source.is_some() => named::volume(pass, seat, mounted),
        MountKind::Volume => named::anonymous(pass, seat, mounted),
        MountKind::Bind => binds::bind(pass, seat, mounted),
        MountKind::Tmpfs => temporary::mount(pass, seat, mounted),
        MountKind::Image => image_mount::image(pass, seat, mounted),
        MountKind::Cluster | MountKind::NamedPipe => named::unsupported(pass, seat, mounted),
    }
}

/// The entries of `volumes_from`: those of services were followed, those of other containers cannot be.
fn lenders<'p>(pass: &mut Pass<'p>, volumes_from: &'p Field<List<Text>>) {
    for entry in items(volumes_from) {
        let (name, _) = lender(&entry.value);
        if let Some(container) = name.strip_prefix("container:") {
            let message = format!(
                "the mounts of container `{container}` are taken over; it is none of the project, and no object stands for it"
            );
            let finding = pass.finding(entry, slugs::FOREIGN_CONTAINER, message);
            pass.refused(entry, finding.tip("declare the volumes in this project and mount them"));
        } else {
            pass.mapped(entry);
        }
    }
}
