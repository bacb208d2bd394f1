//! Namespaces of the kernel, the init process and the runtime.

use crate::compose::codec::Field;
use crate::compose::container::CredentialSpec;
use crate::convert::draft::Seat;
use crate::convert::pass::Pass;
use crate::source::Text;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `pid`
    pub pid: &'p Field<Text>,
    /// `ipc`
    pub ipc: &'p Field<Text>,
    /// `uts`
    pub uts: &'p Field<Text>,
    /// `cgroup`
    pub cgroup: &'p Field<Text>,
    /// `cgroup_parent`
    pub cgroup_parent: &'p Field<Text>,
    /// `init`
    pub init: &'p Field<bool>,
    /// `runtime`
    pub runtime: &'p Field<Text>,
    /// `isolation`
    pub isolation: &'p Field<Text>,
    /// `credential_spec`
    pub credential_spec: &'p Field<CredentialSpec>,
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, keys: &Keys<'p>) {
    let Keys { pid, ipc, uts, cgroup, cgroup_parent, init, runtime, isolation, credential_spec } = keys;
    let _ = (pass, seat, pid, ipc, uts, cgroup, cgroup_parent, init, runtime, isolation, credential_spec);
}
