//! Networks, addresses and resolvers of a container.

use crate::compose::codec::{Field, List, Map};
use crate::compose::network::{Attachment, Network};
use crate::convert::draft::{Draft, Seat};
use crate::convert::pass::Pass;
use crate::source::Text;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `network_mode`
    pub network_mode: &'p Field<Text>,
    /// `networks`
    pub networks: &'p Field<Map<Option<Attachment>>>,
    /// `mac_address`
    pub mac_address: &'p Field<Text>,
    /// `extra_hosts`
    pub extra_hosts: &'p Field<Map<List<Text>>>,
    /// `dns`
    pub dns: &'p Field<List<Text>>,
    /// `dns_opt`
    pub dns_opt: &'p Field<List<Text>>,
    /// `dns_search`
    pub dns_search: &'p Field<List<Text>>,
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, keys: &Keys<'p>) {
    let Keys { network_mode, networks, mac_address, extra_hosts, dns, dns_opt, dns_search } = keys;
    let _ = (pass, seat, network_mode, networks, mac_address, extra_hosts, dns, dns_opt, dns_search);
}

/// What becomes of the networks that the project declares: who may talk to whom.
pub fn declarations<'p>(pass: &mut Pass<'p>, drafts: &mut [Draft<'p>], networks: &'p Field<Map<Network>>) {
    let _ = (pass, drafts, networks);
}
