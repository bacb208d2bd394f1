//! Networks, and how a service is attached to one.

use super::codec::{List, Map, mapping};
use super::leaf::Loose;
use crate::source::Text;

mapping! {
    /// How a service is attached to a network.
    Attachment {
        /// Further names of the service.
        aliases: List<Text>,
        /// Options of the driver.
        driver_opts: Map<Loose>,
        /// Which network gives the default gateway.
        gw_priority: i64,
        /// The name of the interface.
        interface_name: Text,
        /// A fixed address.
        ipv4_address: Text,
        /// A fixed address.
        ipv6_address: Text,
        /// Addresses of the link.
        link_local_ips: List<Text>,
        /// The hardware address.
        mac_address: Text,
        /// Which network is attached first.
        priority: i64,
        /// Whether the service's name resolves here.
        use_service_name_alias: bool,
    }
    extensions
}

mapping! {
    /// A network.
    Network {
        /// Whether others may attach containers.
        attachable: bool,
        /// The driver.
        driver: Text,
        /// Its options.
        driver_opts: Map<Loose>,
        /// Whether it has IPv4.
        enable_ipv4: bool,
        /// Whether it has IPv6.
        enable_ipv6: bool,
        /// Whether somebody else made it.
        external: bool,
        /// Whether the outside cannot be reached.
        internal: bool,
        /// Its addresses.
        ipam: Ipam,
        /// Labels.
        labels: Map<Loose>,
        /// Its name in the engine.
        name: Text,
    }
    extensions
}

mapping! {
    /// The addresses of a network.
    Ipam {
        /// Pools of addresses.
        config: List<Option<IpamPool>>,
        /// The driver.
        driver: Text,
        /// Its options.
        options: Map<Loose>,
    }
    extensions
}

mapping! {
    /// A pool of addresses.
    IpamPool {
        /// Addresses that are taken already, by name.
        aux_addresses: Map<Loose>,
        /// The gateway.
        gateway: Text,
        /// The range to give out.
        ip_range: Text,
        /// The subnet.
        subnet: Text,
    }
    extensions
}
