//! A network that the project declares, value by value.

use std::collections::BTreeSet;

use crate::compose::codec::{Field, Map};
use crate::compose::network::{Ipam, IpamPool, Network};
use crate::compose::project::{entries, items};
use crate::convert::pass::Pass;
use crate::convert::survey::reach::label_key;
use crate::diag::{sensitive, slugs};
use crate::source::Text;
use crate::source::origin::Hop;
use crate::source::span::Spanned;

/// Options of the driver that take part in who reaches whom.
const MEANINGFUL: [&str; 4] =
    ["enable_icc", "enable_ip_masquerade", "gateway_mode_ipv4", "host_binding_ipv4"];

/// Converts all networks.
pub fn convert<'p>(pass: &mut Pass<'p>, networks: &'p Field<Map<Network>>) {
    if let Some(all) = networks.as_ref().filter(|networks| networks.value.is_empty()) {
        pass.consumed(all);
    }
    let used = used(pass);
    for (key, network) in entries(networks) {
        // The network that Compose adds by itself is nobody's declaration.
        let is_declared = !pass.input.project.origins.get(network.origin).is_implicit();
        if is_declared && !used.contains(key) && !pass.options().keep_unused {
            let message = format!("no service is on network `{key}`; Compose does not make it either");
            let finding = pass.finding_at_key(network, slugs::UNUSED_DECLARATION, message);
            let finding = pass.removable(finding, network);
            pass.dropped(network, finding.tip("remove it, or name it in the `networks` of a service"));
            continue;
        }
        if pass.survey.reach.clashes.contains(key) {
            let message = format!("`{key}` and another network would have one label; labels differ");
            let finding = pass.finding_at_key(network, slugs::ILLEGAL_NAME, message);
            pass.impossible(network, finding.tip("rename the network"));
        }
        one(pass, key, network);
    }
}

/// The networks that services and jobs are on.
fn used<'p>(pass: &Pass<'p>) -> BTreeSet<&'p Text> {
    let model = &pass.input.project.model;
    let services = entries(&model.services).map(|(_, service)| &service.value.container);
    let jobs = entries(&model.jobs).map(|(_, job)| &job.value.container);
    let containers = services.chain(jobs);
    containers.flat_map(|container| entries(&container.networks).map(|(key, _)| key)).collect()
}

fn one<'p>(pass: &mut Pass<'p>, key: &Text, network: &'p Spanned<Network>) {
    let Network {
        attachable,
        driver,
        driver_opts,
        enable_ipv4,
        enable_ipv6,
        external,
        internal,
        ipam,
        labels,
        name,
        extensions: _,
    } = &network.value;
    if network.value == Network::default() {
        pass.consumed(network);
    }
    if let Some(driver) = driver {
        of_driver(pass, key, driver);
    }
    if let Some(attachable) = attachable {
        let message = format!("who attaches to `{key}` later bears the label `{}: member`", label(pass, key));
        pass.dropped(attachable, pass.finding(attachable, slugs::NETWORK_OPTION, message));
    }
    for (option, value) in entries(driver_opts) {
        let ending = option.rsplit('.').next().unwrap_or(option);
        let message = if MEANINGFUL.contains(&ending) {
            format!("`{option}` acts through policies and Services here, as far as they can say it")
        } else {
            format!("the cluster's network takes no option `{option}`")
        };
        let finding = pass.finding(value, slugs::NETWORK_OPTION, message);
        if MEANINGFUL.contains(&ending) {
            pass.approximated(value, finding)
        } else {
            pass.dropped(value, finding)
        };
    }
    if let Some(options) = driver_opts.as_ref().filter(|options| options.value.is_empty()) {
        pass.consumed(options);
    }
    families(pass, enable_ipv4, enable_ipv6);
    if let Some(external) = external {
        if external.value {
            let message = format!(
                "others make `{key}`, and who is on it is not known here; they need the label `{}: member` on their \
                 pods or namespace",
                label(pass, key)
            );
            pass.approximated(external, pass.finding(external, slugs::EXTERNAL_RESOURCE, message));
        } else {
            pass.consumed(external);
        }
    }
    if let Some(internal) = internal {
        pass.mapped(internal);
    }
    if let Some(ipam) = ipam {
        addresses(pass, ipam);
    }
    metadata(pass, key, labels, name, external.as_ref().is_some_and(|external| external.value));
}

fn label(pass: &Pass<'_>, key: &Text) -> String {
    label_key(pass.survey.reach.words.get(key).unwrap_or(key))
}

fn of_driver(pass: &mut Pass<'_>, key: &Text, driver: &Spanned<Text>) {
    match driver.value.as_str() {
        "" | "bridge" | "overlay" | "default" => {
            pass.mapped(driver);
        }
        "none" => {
            let message = format!(
                "`{key}` connects nobody; its members keep an address that no policy lets anyone reach"
            );
            pass.approximated(driver, pass.finding(driver, slugs::NETWORK_OPTION, message));
        }
        "host" => {
            let message = "the network of the host is one that Pod Security baseline refuses and that no Service or \
                           NetworkPolicy reaches";
            let finding = pass.finding(driver, slugs::HOST_NETWORK, message);
            pass.refused(driver, finding.tip("use an ordinary network, and declare the ports"));
        }
        other => {
            let message = format!(
                "driver `{other}` gives containers an interface of its own kind; pods have the cluster's network alone"
            );
            let finding = pass.finding(driver, slugs::CUSTOM_NETWORK_DRIVER, message);
            pass.refused(
                driver,
                finding.tip("use an ordinary network, or attach the pods to a secondary one yourself"),
            );
        }
    }
}

fn families(pass: &mut Pass<'_>, four: &Field<bool>, six: &Field<bool>) {
    for (family, word) in [(four, "IPv4"), (six, "IPv6")] {
        let Some(family) = family else { continue };
        let message = if family.value {
            format!("the cluster decides whether pods have {word} addresses; Services ask for what it has")
        } else {
            format!("the cluster decides whether pods have {word} addresses")
        };
        pass.approximated(family, pass.finding(family, slugs::NETWORK_OPTION, message));
    }
}

fn addresses(pass: &mut Pass<'_>, ipam: &Spanned<Ipam>) {
    let Ipam { config, driver, options, extensions: _ } = &ipam.value;
    let nothing = config.is_none() && driver.is_none() && options.is_none();
    if nothing {
        pass.consumed(ipam);
    }
    // Docker's own word for nothing in particular.
    if let Some(driver) = driver.as_ref().filter(|driver| driver.value == "default") {
        pass.consumed(driver);
    } else if let Some(driver) = driver {
        let message = "addresses come from the cluster, so nothing drives their choice here";
        pass.dropped(driver, pass.finding(driver, slugs::STATIC_ADDRESS, message));
    }
    if let Some(options) = options {
        let message = "addresses come from the cluster, so their choice takes no options";
        pass.dropped(options, pass.finding(options, slugs::STATIC_ADDRESS, message));
    }
    if let Some(list) = config.as_ref().filter(|list| list.value.is_empty()) {
        pass.consumed(list);
    }
    for pool in items(config) {
        let Some(keys) = &pool.value else {
            pass.consumed(pool);
            continue;
        };
        let IpamPool { aux_addresses, gateway, ip_range, subnet, extensions: _ } = keys;
        if aux_addresses.is_none() && gateway.is_none() && ip_range.is_none() && subnet.is_none() {
            pass.consumed(pool);
        }
        for value in [subnet, ip_range, gateway].into_iter().flatten() {
            let message = format!("pods get their addresses from the cluster; `{}` is not kept", value.value);
            let finding = pass.finding(value, slugs::STATIC_ADDRESS, message);
            let finding = super::resolver::repeated(pass, finding, &value.value);
            pass.dropped(value, finding);
        }
        if let Some(taken) = aux_addresses {
            let message = "pods get their addresses from the cluster, which keeps none free for others";
            pass.dropped(taken, pass.finding(taken, slugs::STATIC_ADDRESS, message));
        }
    }
}

fn metadata(
    pass: &mut Pass<'_>,
    key: &Text,
    labels: &Field<Map<crate::compose::leaf::Loose>>,
    name: &Field<Text>,
    external: bool,
) {
    let kept = super::policy::are_written(pass);
    if let Some(all) = labels.as_ref().filter(|labels| labels.value.is_empty()) {
        pass.consumed(all);
    }
    for (label, value) in entries(labels) {
        if kept && !sensitive::is_sensitive(label) {
            let message =
                format!("`{label}` is an annotation of the network's policy; nothing selects networks by it");
            pass.approximated(value, pass.finding(value, slugs::APPROXIMATED_KEY, message));
        } else {
            let message = format!("no object stands for the network, so `{label}` is not kept");
            pass.dropped(value, pass.finding(value, slugs::DROPPED_KEY, message));
        }
    }
    let Some(name) = name else { return };
    let hops = &pass.input.project.origins.get(name.origin).hops;
    if hops.iter().any(|hop| matches!(hop, Hop::Default(_))) {
        // Nobody has written it: Compose makes it of the project's name and the key.
        pass.consumed(name);
    } else if external {
        pass.mapped(name);
    } else if kept {
        let message =
            format!("`{}` is an annotation of the policy of `{key}`; no object has that name", name.value);
        pass.approximated(name, pass.finding(name, slugs::APPROXIMATED_KEY, message));
    } else {
        let message = format!("no object stands for the network `{key}`, so its name is not kept");
        pass.dropped(name, pass.finding(name, slugs::DROPPED_KEY, message));
    }
}
