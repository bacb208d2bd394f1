//! Names and addresses that a container is given by hand: `extra_hosts`, resolvers, fixed addresses.

use std::net::IpAddr;

use super::links::{address_of, has_address, outside};
use crate::compose::codec::{Field, List, Map};
use crate::compose::project::{entries, items};
use crate::convert::draft::Seat;
use crate::convert::pass::Pass;
use crate::convert::survey::addresses::Meaning;
use crate::diag::{Finding, slugs};
use crate::k8s::name;
use crate::plan::field::{Field as Value, Fields};
use crate::plan::why::Why;
use crate::source::Text;
use crate::source::span::Spanned;

/// The most name servers beside the cluster's own: the kubelet takes three together.
const NAME_SERVERS: usize = 2;
/// The most search domains beside the three of the cluster, and their length together.
const SEARCHES: (usize, usize) = (29, 1900);

/// Names that the pod knows without asking.
pub fn hosts<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, extra_hosts: &'p Field<Map<List<Text>>>) {
    if let Some(all) = extra_hosts.as_ref().filter(|hosts| hosts.value.is_empty()) {
        pass.consumed(all);
    }
    for (host, addresses) in entries(extra_hosts) {
        let lower = host.trim().to_ascii_lowercase();
        if addresses.value.is_empty() {
            pass.consumed(addresses);
        } else if !name::is_subdomain(&lower) {
            let message = format!(
                "`{host}` is no name of a host: labels of letters, digits and inner dashes with dots between"
            );
            let finding = pass.finding_at_key(addresses, slugs::ILLEGAL_NAME, message);
            pass.impossible(addresses, finding.tip("rename the host, with all references"));
            continue;
        }
        for address in &addresses.value {
            if address.value == "host-gateway" {
                gateway(pass, seat, &lower, address);
                continue;
            }
            let plain = address.value.trim_matches(['[', ']']);
            if plain.parse::<IpAddr>().is_err() {
                let message =
                    format!("`{plain}` is no address, and a pod's list of hosts takes addresses alone");
                pass.dropped(address, pass.finding(address, slugs::DROPPED_KEY, message));
                continue;
            }
            let why = pass.mapped(address);
            host_alias(&mut seat.pod.spec, plain, &lower, &why);
        }
    }
}

/// Has a pod know a name as an address.
pub fn host_alias(spec: &mut Fields, address: &str, host: &str, why: &Why) {
    let aliases = spec.list("hostAliases");
    if aliases.find("ip", address).is_none() {
        aliases.push_map().put("ip", address, why);
    }
    let alias = aliases.find_mut("ip", address).expect("it was just added");
    let names = alias.list("hostnames");
    if !names.iter().any(|name| name.as_text() == Some(host)) {
        names.push_value(host, why);
    }
}

/// A name for the host: there is none beside a pod, but the author may know another.
fn gateway<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, host: &str, address: &'p Spanned<Text>) {
    if let Some((target, why)) = address_of(pass, host) {
        let message = format!("there is no host beside a pod; `{host}` is `{target}` here");
        let row = pass.approximated(address, pass.finding(address, slugs::APPROXIMATED_KEY, message));
        let why = row.and(&why);
        if target.parse::<IpAddr>().is_ok() {
            host_alias(&mut seat.pod.spec, &target, host, &why);
        } else if name::is_service_name(host) {
            outside(pass, seat.member.name, host, &target, &why);
        }
        return;
    }
    let message = format!("`{host}` is the host that the containers run on; there is no host beside a pod");
    let finding = pass.finding(address, slugs::HOST_GATEWAY, message);
    let tip = format!(
        "move what `{host}` serves into the project, or name its address with `x-transship: {{hosts: …}}`"
    );
    pass.refused(address, finding.tip(tip));
}

/// Resolvers and their options: behind those of the cluster, without which no service is found.
pub fn resolvers<'p>(
    pass: &mut Pass<'p>,
    seat: &mut Seat<'_, 'p>,
    dns: &'p Field<List<Text>>,
    dns_search: &'p Field<List<Text>>,
    dns_opt: &'p Field<List<Text>>,
) {
    for list in [dns, dns_search, dns_opt].into_iter().flatten().filter(|list| list.value.is_empty()) {
        pass.consumed(list);
    }
    let mut servers: Vec<&str> = Vec::new();
    for server in items(dns) {
        let plain = server.value.trim();
        if plain.parse::<IpAddr>().is_err() || servers.len() == NAME_SERVERS && !servers.contains(&plain) {
            let message = format!(
                "`{plain}` is no address, or one more than the two that a pod takes beside the cluster's"
            );
            pass.dropped(server, pass.finding(server, slugs::CUSTOM_DNS, message));
            continue;
        }
        let message =
            format!("`{plain}` is asked behind the cluster's resolver, and only when that gives no answer");
        let why = pass.approximated(server, pass.finding(server, slugs::CUSTOM_DNS, message));
        if !servers.contains(&plain) {
            servers.push(plain);
            seat.pod.spec.map("dnsConfig").list("nameservers").push_value(plain, &why);
        }
    }
    let (mut count, mut length) = (0, 0);
    for search in items(dns_search) {
        let plain = search.value.trim_end_matches('.');
        if plain.is_empty() {
            let message = "`.` would switch the cluster's own search off, and with it the names of services";
            pass.dropped(search, pass.finding(search, slugs::CUSTOM_DNS, message));
        } else if !name::is_subdomain(&plain.to_ascii_lowercase())
            || count == SEARCHES.0
            || length + plain.len() > SEARCHES.1
        {
            let message = format!("`{plain}` is no domain, or one more than a pod takes");
            pass.dropped(search, pass.finding(search, slugs::CUSTOM_DNS, message));
        } else {
            (count, length) = (count + 1, length + plain.len() + 1);
            let message = format!("`{plain}` is searched behind the domains of the cluster");
            let why = pass.approximated(search, pass.finding(search, slugs::CUSTOM_DNS, message));
            let plain = plain.to_ascii_lowercase();
            seat.pod.spec.map("dnsConfig").list("searches").push_value(plain, &why);
        }
    }
    for option in items(dns_opt) {
        let (key, value) =
            option.value.split_once(':').map_or((&*option.value, None), |(key, value)| (key, Some(value)));
        if key.is_empty() {
            pass.consumed(option);
            continue;
        }
        let why = pass.mapped(option);
        let options = seat.pod.spec.map("dnsConfig").list("options");
        if options.find("name", key).is_none() {
            options.push_map().put("name", key, &why);
        }
        let item = options.find_mut("name", key).expect("it was just added");
        if let Some(value) = value {
            item.insert("value", Value::leaf(value, &why));
        }
    }
}

/// Addresses that the project fixes and calls, and names of the host in values.
pub fn addresses(pass: &mut Pass<'_>) {
    let survey = std::rc::Rc::clone(&pass.survey);
    for used in &survey.addresses {
        if pass.options().exclude.contains(&used.from) {
            continue;
        }
        let (from, address) = (&used.from, &used.address);
        let place = used.file.as_ref().map(|file| format!(" in `{file}`")).unwrap_or_default();
        match used.meaning {
            Meaning::Repeated => {}
            Meaning::Peer => {
                let message = format!(
                    "`{from}` calls the address `{address}`{place}; pods get other addresses with every start"
                );
                let finding = pass.finding_in(used.value, used.span, slugs::HARDCODED_IP, message);
                pass.refused_of(used.value, finding.tip("call the service by its name"));
            }
            Meaning::Gateway if answers(pass, from, address) => {}
            Meaning::Gateway => {
                let message =
                    format!("`{from}` calls the host as `{address}`{place}; there is no host beside a pod");
                let finding = pass.finding_in(used.value, used.span, slugs::HOST_GATEWAY, message);
                pass.refused_of(
                    used.value,
                    finding.tip("move what it calls into the project, or name its address"),
                );
            }
        }
    }
}

/// Whether a member gives a name of the host an address itself, or the author does.
fn answers(pass: &Pass<'_>, from: &str, address: &str) -> bool {
    let given = pass.survey.member(from).and_then(|member| member.container.extra_hosts.as_ref());
    let given = given.and_then(|hosts| hosts.value.get(address));
    given.is_some_and(|given| given.value.iter().any(|item| item.value != "host-gateway"))
        || given.is_some() && has_address(pass, address)
}

/// The finding with every place that repeats an address or a range of addresses.
#[must_use]
pub fn repeated(pass: &Pass<'_>, finding: Finding, address: &str) -> Finding {
    let mut finding = finding;
    let uses = pass.survey.addresses.iter().filter(|used| used.address == address);
    for used in uses.take(20) {
        let place = used.file.as_ref().map(|file| format!(" in `{file}`")).unwrap_or_default();
        finding = finding.also(used.span, format!("`{}` repeats it{place}", used.from));
    }
    finding
}
