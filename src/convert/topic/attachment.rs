//! How a container is attached to a network, value by value.

use crate::compose::codec::Field;
use crate::compose::network::Attachment;
use crate::compose::project::{entries, items};
use crate::convert::member::Member;
use crate::convert::pass::Pass;
use crate::convert::rewrite;
use crate::diag::slugs;
use crate::k8s::name::is_service_name;
use crate::source::Text;
use crate::source::span::{Identity, Spanned};

/// Converts the values.
pub fn convert<'p>(
    pass: &mut Pass<'p>,
    member: Member<'p>,
    network: &Text,
    attached: &'p Spanned<Option<Attachment>>,
    keys: &'p Attachment,
) {
    let Attachment {
        aliases,
        driver_opts,
        gw_priority,
        interface_name,
        ipv4_address,
        ipv6_address,
        link_local_ips,
        mac_address,
        priority,
        use_service_name_alias,
        extensions: _,
    } = keys;
    if *keys == Attachment::default() {
        pass.mapped(attached);
    }
    names(pass, member, network, aliases);
    if let Some(used) = use_service_name_alias {
        if used.value {
            pass.mapped(used);
        } else {
            let name = member.name;
            let message = format!(
                "`{name}` does not answer to its name on `{network}`; a name is valid in the whole namespace or not at all"
            );
            pass.approximated(used, pass.finding(used, slugs::NETWORK_ALIAS, message));
        }
    }
    for address in [ipv4_address, ipv6_address].into_iter().flatten() {
        let message = format!("a pod gets its address from the cluster; `{}` is not kept", address.value);
        let finding = pass.finding(address, slugs::STATIC_ADDRESS, message);
        let finding = super::resolver::repeated(pass, finding, &address.value);
        pass.dropped(address, finding.tip(format!("call `{}` by its name", member.name)));
    }
    if let Some(list) = link_local_ips {
        let message = "a pod gets its addresses from the cluster; link-local ones are not kept";
        pass.dropped(list, pass.finding(list, slugs::STATIC_ADDRESS, message));
    }
    if let Some(address) = mac_address {
        let message =
            "a pod gets its hardware address from the cluster; software that is bound to this one breaks";
        pass.dropped(address, pass.finding(address, slugs::STATIC_ADDRESS, message));
    }
    if let Some(interface) = interface_name {
        let message =
            format!("a pod has one interface, `eth0`; what speaks of `{}` does not find it", interface.value);
        pass.dropped(interface, pass.finding(interface, slugs::NETWORK_OPTION, message));
    }
    for (option, value) in entries(driver_opts) {
        let message = format!("a pod's network takes no option `{option}`");
        pass.dropped(value, pass.finding(value, slugs::NETWORK_OPTION, message));
    }
    if let Some(options) = driver_opts.as_ref().filter(|options| options.value.is_empty()) {
        pass.consumed(options);
    }
    for number in [priority, gw_priority].into_iter().flatten() {
        let message = "a pod has one interface and one route, so networks have no order";
        pass.dropped(number, pass.finding(number, slugs::NETWORK_OPTION, message));
    }
}

fn names<'p>(
    pass: &mut Pass<'p>,
    member: Member<'p>,
    network: &Text,
    aliases: &'p Field<crate::compose::codec::List<Text>>,
) {
    let all = pass.project_hint("aliases").is_some_and(|hint| hint.says("all"));
    if let Some(list) = aliases.as_ref().filter(|list| list.value.is_empty()) {
        pass.consumed(list);
    }
    for alias in items(aliases) {
        let lower = alias.value.to_ascii_lowercase();
        let called = pass.survey.called.contains(&Identity::of(alias));
        if lower == pass.survey.object_name(member.name).as_str() {
            pass.consumed(alias);
        } else if called && !is_service_name(&lower) {
            let fact = format!("`{}` cannot be the name of a Service", alias.value);
            if rewrite::is_asked(pass) {
                let message = format!("{fact}; peers call `{}` in its place", member.name);
                pass.approximated(alias, pass.finding(alias, slugs::NETWORK_ALIAS, message));
            } else {
                let message = format!("{fact}, so nobody answers to it");
                pass.dropped(alias, pass.finding(alias, slugs::NETWORK_ALIAS, message));
            }
        } else if called || all && is_service_name(&lower) {
            let message = format!(
                "`{}` is a name on `{network}` alone; here it is a Service for the whole namespace",
                alias.value
            );
            pass.approximated(alias, pass.finding(alias, slugs::NETWORK_ALIAS, message));
        } else {
            let message = format!("no peer calls `{}`, so no Service has that name", alias.value);
            let finding = pass.finding(alias, slugs::NETWORK_ALIAS, message);
            pass.dropped(alias, finding.tip("write `x-transship: {aliases: all}` to keep every alias"));
        }
    }
}
