//! Ports that are published on the host.

use super::codec::{Codec, Leaf, Reading, Walker, mapping};
use super::leaf::Count;
use crate::source::Text;
use crate::tree::Node;

/// The number of a port; of one that is too great, Compose keeps the lower 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PortNumber(pub u32);

impl Codec for PortNumber {
    fn read(node: Node, reading: &mut Reading) -> Option<Self> {
        let [first, second, third, fourth, ..] = Count::read(node, reading)?.0.to_le_bytes();
        Some(Self(u32::from_le_bytes([first, second, third, fourth])))
    }

    fn walk(&self, walker: &mut dyn Walker) {
        walker.leaf(Leaf::Int(self.0.into()));
    }
}

mapping! {
    /// A published port.
    Port {
        /// The protocol that the application speaks.
        app_protocol: Text,
        /// The host's address.
        host_ip: Text,
        /// `host` or `ingress`.
        mode: Text,
        /// A name for people.
        name: Text,
        /// The transport.
        protocol: Text,
        /// The host's port, or a range of them.
        published: Text,
        /// The container's port.
        target: PortNumber,
    }
    extensions
}
