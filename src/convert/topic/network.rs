//! Networks of a container: what it is attached to, and how its network is made.

use super::{attachment, declared_network, policy, resolver};
use crate::compose::codec::{Field, List, Map};
use crate::compose::network::{Attachment, Network};
use crate::compose::project::entries;
use crate::convert::draft::{Draft, Part, Seat};
use crate::convert::pass::Pass;
use crate::convert::survey::reach::{Mode, label_key, mode};
use crate::diag::slugs;
use crate::plan::why::Why;
use crate::source::Text;
use crate::source::span::Spanned;

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

/// The label of pods that are on no network of the project.
pub const APART_LABEL: &str = "transship/network";

const ATTACHED: Why = Why::Policy("a pod bears a label for each network that it is attached to");

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, keys: &Keys<'p>) {
    let Keys { network_mode, networks, mac_address, extra_hosts, dns, dns_opt, dns_search } = keys;
    // What runs before the service is in its pod, and has been compared with it.
    if seat.part == Part::Before {
        return;
    }
    if let Some(written) = network_mode {
        network_of(pass, seat, written);
    }
    if let Some(list) = networks.as_ref().filter(|networks| networks.value.is_empty()) {
        pass.consumed(list);
    }
    for (key, attached) in entries(networks) {
        let why = match &attached.value {
            None => pass.mapped(attached),
            Some(keys) => {
                attachment::convert(pass, seat.member, key, attached, keys);
                ATTACHED
            }
        };
        let word = pass.survey.reach.words.get(key).cloned().unwrap_or_else(|| key.clone());
        seat.pod.labels.put(label_key(&word), "member", &why);
    }
    of_host(pass, seat, networks);
    if let Some(address) = mac_address {
        let message =
            "a pod gets its hardware address from the cluster; software that is bound to this one breaks";
        pass.dropped(address, pass.finding(address, slugs::STATIC_ADDRESS, message));
    }
    resolver::hosts(pass, seat, extra_hosts);
    resolver::resolvers(pass, seat, dns, dns_search, dns_opt);
}

/// What becomes of the networks that the project declares: who may talk to whom.
pub fn declarations<'p>(pass: &mut Pass<'p>, drafts: &mut [Draft<'p>], networks: &'p Field<Map<Network>>) {
    declared_network::convert(pass, networks);
    resolver::addresses(pass);
    policy::convert(pass, drafts);
}

/// A container that is attached to the network of the host, where that is allowed.
fn of_host<'p>(pass: &Pass<'p>, seat: &mut Seat<'_, 'p>, networks: &'p Field<Map<Option<Attachment>>>) {
    let declared = pass.input.project.model.networks.as_ref();
    for (key, _) in entries(networks) {
        let network = declared.and_then(|declared| declared.value.get(key));
        let driver = network.and_then(|network| network.value.driver.as_ref());
        if let Some(driver) = driver.filter(|driver| driver.value == "host") {
            host(seat, &pass.why(driver));
        }
    }
}

/// How the network of a container is made.
fn network_of<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, written: &'p Spanned<Text>) {
    let name = seat.member.name;
    let word = &written.value;
    let said = |pass: &Pass<'p>, slug, message: String| pass.finding(written, slug, message);
    match mode(word) {
        Mode::None => {
            let message = format!(
                "`{name}` has no network in Docker; here its pod has an address that nothing may reach"
            );
            let why = pass.approximated(written, said(pass, slugs::NETWORK_OPTION, message));
            seat.pod.labels.put(APART_LABEL, "none", &why);
        }
        Mode::Bridge => {
            let message = format!(
                "`{name}` is on the engine's own bridge, where no name resolves; no peer reaches it here"
            );
            let why = pass.approximated(written, said(pass, slugs::NETWORK_OPTION, message));
            seat.pod.labels.put(APART_LABEL, "bridge", &why);
        }
        Mode::Host => {
            let message = "the network of the host is one that Pod Security baseline refuses and that no Service or \
                           NetworkPolicy reaches";
            let finding = said(pass, slugs::HOST_NETWORK, message.to_owned());
            if let Some(why) = pass.refused(written, finding.tip("remove the key, and declare the ports")) {
                host(seat, &why);
            }
        }
        Mode::Shared(owner) => {
            let message = format!(
                "`{name}` shares the network of `{owner}`, so both are one pod: they start, scale and update together"
            );
            pass.approximated(written, said(pass, slugs::SHARED_NAMESPACE, message));
        }
        Mode::Foreign => {
            let message = "pods cannot share the network of a container that is not part of the project";
            let finding = said(pass, slugs::FOREIGN_CONTAINER, message.to_owned());
            if let Some(why) = pass.refused(written, finding.tip("bring the container into the project")) {
                seat.pod.labels.put(APART_LABEL, "bridge", &why);
            }
        }
        Mode::Attached => {
            let stand = pass.survey.reach.stands.get(name);
            let network = stand.and_then(|stand| stand.networks.first()).cloned().unwrap_or_default();
            let message = format!(
                "`{word}` is a network of the engine that others make; whoever else is on it needs the label \
                 `{}: member`",
                label_key(&network)
            );
            let why = pass.approximated(written, said(pass, slugs::EXTERNAL_RESOURCE, message));
            seat.pod.labels.put(label_key(&network), "member", &why);
        }
    }
}

/// A pod in the network of its node.
fn host(seat: &mut Seat<'_, '_>, why: &Why) {
    seat.pod.spec.put("hostNetwork", true, why);
    seat.pod.spec.put("dnsPolicy", "ClusterFirstWithHostNet", why);
}
