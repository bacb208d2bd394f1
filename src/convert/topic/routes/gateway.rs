//! HTTPRoutes.

use std::collections::BTreeSet;

use super::{PUBLISHED, certificate, hosts, taken_in};
use crate::convert::member::Member;
use crate::convert::options::Gateway;
use crate::convert::pass::Pass;
use crate::convert::routes::PathKind;
use crate::convert::routes::decide::{Routed, Rule};
use crate::convert::topic::services::published_name;
use crate::diag::slugs;
use crate::k8s::kind::Kind;
use crate::k8s::name;
use crate::plan::field::Fields;
use crate::plan::why::Why;
use crate::source::Text;

const OWN_GATEWAY: Why = Why::Policy("the Gateway is called like the project, until `--gateway` says more");

/// Hosts, each with who says it.
type Hosts = Vec<(Text, Why)>;

/// Writes the HTTPRoutes of a service.
pub fn write<'p>(pass: &mut Pass<'p>, member: &Member<'p>, routed: &Routed<'p>) {
    let object = pass.survey.object_name(member.name);
    let (parent, why) = match (&pass.options().routing.gateway, &routed.said.gateway) {
        (Some(gateway), _) => (gateway.clone(), Why::Flag("--gateway")),
        (None, Some((gateway, hint))) => (gateway.clone(), hint.mapped(pass)),
        (None, None) => {
            let own = Gateway { namespace: None, name: pass.namespace.clone(), listener: None };
            let message =
                format!("Gateway `{}` has to be there already: HTTPRoute `{object}` belongs to it", own.name);
            let finding = pass.finding_of(member, slugs::EXTERNAL_RESOURCE, message);
            pass.report(finding.tip("name yours: `--gateway NAMESPACE/NAME`"));
            (own, OWN_GATEWAY)
        }
    };
    // Hosts that lead to the same places share a route: a host stands over all rules of its route.
    let mut groups: Vec<(Hosts, Vec<&Rule>)> = Vec::new();
    let mut all: Vec<Option<(Text, Why)>> = hosts(routed.rules.iter()).into_iter().map(Some).collect();
    if routed.rules.iter().any(|rule| rule.host.is_none()) {
        all.push(None);
    }
    for host in all {
        let name = host.as_ref().map(|(host, _)| host);
        let own = |rule: &&Rule| rule.host.as_ref().map(|(host, _)| host) == name;
        let rules: Vec<&Rule> = routed.rules.iter().filter(own).collect();
        let alike = |other: &[&Rule]| {
            let key = |rule: &&Rule| (rule.path.0.clone(), rule.kind.0, rule.port.0);
            other.iter().map(key).eq(rules.iter().map(key))
        };
        let known =
            groups.iter_mut().find(|(hosts, other)| !hosts.is_empty() && name.is_some() && alike(other));
        match (known, host) {
            (Some((hosts, _)), Some(host)) if hosts.len() < MOST_HOSTS => hosts.push(host),
            (_, host) => groups.push((host.into_iter().collect(), rules)),
        }
    }
    let mut names: BTreeSet<Text> = BTreeSet::new();
    for (hosts, rules) in groups {
        let title = match hosts.first().filter(|_| names.contains(&object)) {
            Some((host, _)) => {
                name::with_ending(&object, &name::digest(host.as_bytes()), name::LABEL_LENGTH).into()
            }
            None if names.contains(&object) => name::with_ending(&object, "any", name::LABEL_LENGTH).into(),
            None => object.clone(),
        };
        names.insert(title.clone());
        let spec = route(&parent, &why, &hosts, &rules, &published_name(&object));
        pass.object(Kind::HTTPRoute, title, vec![member.name.clone()]).map("spec").extend(spec);
    }
    taken_in(pass, member, routed);
    certificate::issued(pass, member, routed);
}

/// The most hosts of one HTTPRoute.
const MOST_HOSTS: usize = 16;

fn route(parent: &Gateway, why: &Why, hosts: &[(Text, Why)], rules: &[&Rule], service: &Text) -> Fields {
    let mut spec = Fields::default();
    let Gateway { namespace, name, listener } = parent;
    let reference = spec.list("parentRefs").push_map();
    reference.put("name", name, why);
    if let Some(namespace) = namespace {
        reference.put("namespace", namespace, why);
    }
    if let Some(listener) = listener {
        reference.put("sectionName", listener, why);
    }
    for (host, why) in hosts {
        spec.list("hostnames").push_value(host, why);
    }
    for rule in rules {
        let entry = spec.list("rules").push_map();
        let path = entry.list("matches").push_map().map("path");
        let kind = if rule.kind.0 == PathKind::Exact { "Exact" } else { "PathPrefix" };
        path.put("type", kind, &rule.kind.1);
        path.put("value", &rule.path.0, &rule.path.1);
        let backend = entry.list("backendRefs").push_map();
        backend.put("name", service, &PUBLISHED);
        backend.put("port", i64::from(rule.port.0), &rule.port.1);
    }
    spec
}
