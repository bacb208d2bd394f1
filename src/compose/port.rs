//! Ports that are published on the host.

use super::codec::mapping;
use crate::source::Text;

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
        target: i64,
    }
    extensions
}
