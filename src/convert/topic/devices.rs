//! Devices of the node.

use crate::compose::codec::{Field, List};
use crate::compose::container::{Device, DeviceRequest};
use crate::compose::deploy::Reservations;
use crate::convert::draft::Seat;
use crate::convert::pass::Pass;
use crate::source::Text;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `devices`
    pub devices: &'p Field<List<Device>>,
    /// `device_cgroup_rules`
    pub device_cgroup_rules: &'p Field<List<Text>>,
    /// `gpus`
    pub gpus: &'p Field<List<DeviceRequest>>,
    /// `reservations`
    pub reservations: &'p Field<Reservations>,
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, keys: &Keys<'p>) {
    let Keys { devices, device_cgroup_rules, gpus, reservations } = keys;
    let _ = (pass, seat, devices, device_cgroup_rules, gpus, reservations);
}
