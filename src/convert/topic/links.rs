//! Links to other services and to containers outside.

use std::net::IpAddr;

use crate::compose::codec::{Field, List, Map};
use crate::compose::project::{entries, items};
use crate::compose::service::Dependency;
use crate::convert::draft::Draft;
use crate::convert::pass::Pass;
use crate::diag::slugs;
use crate::k8s::kind::Kind;
use crate::k8s::name;
use crate::plan::field::Fields;
use crate::plan::why::Why;
use crate::source::Text;
use crate::source::span::Identity;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `links`
    pub links: &'p Field<List<Text>>,
    /// `external_links`
    pub external_links: &'p Field<List<Text>>,
    /// `depends_on`, which orders the start as a link does; whoever converts it accounts for it.
    pub depends_on: &'p Field<Map<Dependency>>,
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, draft: &mut Draft<'p>, keys: &Keys<'p>) {
    let Keys { links, external_links, depends_on } = keys;
    for list in [*links, *external_links].into_iter().flatten().filter(|list| list.value.is_empty()) {
        pass.consumed(list);
    }
    for link in items(links) {
        let message = match link.value.split_once(':') {
            Some((service, alias)) if pass.survey.called.contains(&Identity::of(link)) => format!(
                "`{alias}` is `{service}` for this service alone; here it is a Service for the whole namespace"
            ),
            Some((service, alias)) => {
                format!(
                    "`{service}` is linked as `{alias}`, which nothing calls, so no Service has that name"
                )
            }
            None => format!(
                "`{}` is found by its name without a link; the link orders the start alone",
                link.value
            ),
        };
        let mut finding = pass.finding(link, slugs::LEGACY_LINK, message);
        // A bare link gives a name that is there anyway, and an order that only `depends_on` keeps.
        let ordered =
            entries(depends_on).any(|(name, dependency)| *name == link.value && dependency.span != link.span);
        if ordered {
            finding = pass.removable(finding, link);
        }
        pass.approximated(link, finding.tip("remove the link; `depends_on` keeps the order"));
    }
    for link in items(external_links) {
        let (container, alias) = link.value.split_once(':').unwrap_or((&link.value, &link.value));
        let target = address_of(pass, container).or_else(|| address_of(pass, alias));
        if let Some((address, why)) = target.filter(|_| name::is_service_name(&alias.to_ascii_lowercase())) {
            let message = format!("`{alias}` is outside of the project; its Service leads to `{address}`");
            let row = pass.approximated(link, pass.finding(link, slugs::APPROXIMATED_KEY, message));
            outside(pass, draft.member.name, &alias.to_ascii_lowercase(), &address, &row.and(&why));
            continue;
        }
        let message =
            format!("`{container}` is a container of another project, which no pod can be linked to");
        let finding = pass.finding(link, slugs::FOREIGN_CONTAINER, message);
        pass.refused(
            link,
            finding.tip(format!("name its address with `x-transship: {{hosts: {{{alias}: …}}}}`")),
        );
    }
}

/// The address that the author gives a host outside.
#[must_use]
pub fn address_of(pass: &mut Pass<'_>, host: &str) -> Option<(Text, Why)> {
    pass.given("hosts", host, is_address)
}

/// Whether the author gives a host outside an address.
#[must_use]
pub fn has_address(pass: &Pass<'_>, host: &str) -> bool {
    let given = pass.project_hint("hosts").and_then(|hosts| hosts.under(host)?.text());
    given.is_some_and(|address| is_address(&address))
}

fn is_address(address: &str) -> bool {
    address.parse::<IpAddr>().is_ok() || name::is_subdomain(&address.to_ascii_lowercase())
}

/// A Service for a host outside: by its name, or with its address behind it.
pub fn outside(pass: &mut Pass<'_>, owner: &Text, alias: &str, address: &str, why: &Why) {
    let written = |pass: &Pass<'_>| {
        pass.objects.iter().position(|object| object.id.kind == Kind::Service && object.id.name == alias)
    };
    if let Some(at) = written(pass) {
        pass.objects[at].owners.push(owner.clone());
        return;
    }
    let Ok(ip) = address.parse::<IpAddr>() else {
        let spec = pass.object(Kind::Service, alias, vec![owner.clone()]).map("spec");
        spec.put("type", "ExternalName", why);
        spec.put("externalName", address.to_ascii_lowercase(), why);
        return;
    };
    let spec = pass.object(Kind::Service, alias, vec![owner.clone()]).map("spec");
    spec.put("clusterIP", "None", why);
    let slice = pass.object(Kind::EndpointSlice, alias, vec![owner.clone()]);
    slice.map("metadata").map("labels").put("kubernetes.io/service-name", alias, why);
    slice.put("addressType", if ip.is_ipv4() { "IPv4" } else { "IPv6" }, why);
    let mut endpoint = Fields::default();
    endpoint.list("addresses").push_value(ip.to_string(), why);
    slice.list("endpoints").push(crate::plan::field::Field::Map(endpoint));
}
