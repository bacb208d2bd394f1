//! Mounts: volumes, binds, temporary file systems.

use crate::compose::codec::{Field, List, Map};
use crate::compose::leaf::Loose;
use crate::compose::mount::Mount;
use crate::compose::units::Bytes;
use crate::compose::volume::Volume;
use crate::convert::draft::{Draft, Seat};
use crate::convert::pass::Pass;
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
    let _ = (pass, seat, volumes, volumes_from, tmpfs, shm_size, storage_opt, use_api_socket);
}

/// What becomes of the volumes that the project declares.
pub fn declarations<'p>(pass: &mut Pass<'p>, drafts: &mut [Draft<'p>], volumes: &'p Field<Map<Volume>>) {
    let _ = (pass, drafts, volumes);
}
