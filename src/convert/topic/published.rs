//! Services that stand for published ports: one for each service that publishes, so that no other port goes out with them.

use super::ports::{NamedPort, evidence, named};
use super::services::{self, published_name};
use crate::convert::assemble::NAME_LABEL;
use crate::convert::draft::Draft;
use crate::convert::hint::Hint;
use crate::convert::member::Member;
use crate::convert::options::Expose;
use crate::convert::pass::Pass;
use crate::convert::routes::said;
use crate::convert::survey::openings::Exposure;
use crate::k8s::kind::Kind;
use crate::k8s::port;
use crate::plan::field::Fields;
use crate::plan::why::Why;

const SELECTS: Why = Why::Policy("a Service leads to the pods of its service");
const CLOSED: Why =
    Why::Policy("published ports are reached inside the cluster only, until `--expose` says more");

/// The numbers that a node can open.
const NODE_PORTS: std::ops::RangeInclusive<u16> = 30000..=32767;

/// Whether a member has a Service for published ports.
#[must_use]
pub fn is_needed(pass: &Pass<'_>, member: &Member<'_>) -> bool {
    member.service().is_some_and(|service| service.provider.is_none()) && !ways_in(pass, *member).is_empty()
}

/// A published number, and the port of the container behind it.
pub struct WayIn<'s, 'p> {
    /// The number.
    pub number: u16,
    /// The port.
    pub named: NamedPort<'s, 'p>,
}

/// The published ports of a member, each number once.
#[must_use]
pub fn ways_in<'s, 'p>(pass: &'s Pass<'p>, member: Member<'p>) -> Vec<WayIn<'s, 'p>> {
    let survey = &*pass.survey;
    let ports = named(survey, member);
    let mut ways: Vec<WayIn<'s, 'p>> = Vec::new();
    for opening in survey.openings_of(member.name) {
        let Exposure::Outside(number) = opening.exposure else { continue };
        let is_target = |port: &&NamedPort<'_, '_>| {
            port.known.number == opening.target && port.known.protocol == opening.protocol
        };
        let Some(port) = ports.iter().find(is_target) else { continue };
        let taken =
            ways.iter().any(|way| way.number == number && way.named.known.protocol == opening.protocol);
        if !taken {
            let named = NamedPort { opening: Some(opening), ..port.clone() };
            ways.push(WayIn { number, named });
        }
    }
    let opened = is_ingress(member) || said::is_opened(pass.options(), &member);
    // A proxy reaches the port that its labels name, whether it is published or not.
    let inferred = survey.routes.get(member.name).into_iter().flat_map(|inferred| &inferred.routes);
    let routed: Vec<u16> = inferred.filter_map(|route| Some(route.port?.number)).collect();
    let all = opened && ways.is_empty() && routed.is_empty();
    for named in ports {
        let (number, protocol) = (named.known.number, named.known.protocol);
        let is_routed = protocol == "TCP" && routed.contains(&number);
        let known = ways.iter().any(|way| {
            way.named.known.protocol == protocol && (way.named.known.number == number || way.number == number)
        });
        if (all || is_routed) && !known {
            ways.push(WayIn { number, named });
        }
    }
    ways
}

/// Whether a member says that it is the way in.
fn is_ingress(member: Member<'_>) -> bool {
    Hint::of_role(&member, "ingress").is_some()
}

/// Writes the Services.
pub fn convert<'p>(pass: &mut Pass<'p>, drafts: &[Draft<'p>]) {
    for draft in drafts {
        if pass.is_written(draft.member.name) && is_needed(pass, &draft.member) {
            write(pass, draft.member);
        }
    }
}

fn write<'p>(pass: &mut Pass<'p>, member: Member<'p>) {
    let mut spec = Fields::default();
    let mut annotations = Fields::default();
    let (expose, why) = expose(pass, &member);
    let kind = match expose {
        // What leads there by HTTP stands beside it.
        Expose::None | Expose::Ingress | Expose::Gateway => "ClusterIP",
        Expose::LoadBalancer => "LoadBalancer",
        Expose::NodePort => "NodePort",
    };
    spec.put("type", kind, &why);
    services::families(pass, &[member], &mut spec);
    spec.map("selector").put(NAME_LABEL, pass.survey.pod_name(member.name), &SELECTS);
    for way in ways_in(pass, member) {
        let target = evidence(pass, way.named.known);
        let entry = way.named.opening.map(|opening| &opening.port.value);
        let written = entry.and_then(|entry| entry.published.as_ref());
        let published = written.map_or_else(|| target.clone(), |published| pass.why(published));
        let named = entry.and_then(|entry| entry.name.as_ref()).filter(|name| port::is_name(&name.value));
        let free = named.filter(|name| spec.list("ports").find("name", &name.value).is_none());
        let (name, reason) = match free {
            Some(name) => (name.value.to_string(), pass.why(name)),
            None => (port::name(way.named.known.protocol, way.number), published.clone()),
        };
        let item = spec.list("ports").push_map();
        item.put("name", name.as_str(), &reason);
        item.put("port", i64::from(way.number), &published);
        item.put("targetPort", i64::from(way.named.known.number), &target);
        services::describe(pass, &way.named, &name, item, &mut annotations);
        if expose == Expose::NodePort && NODE_PORTS.contains(&way.number) {
            item.put("nodePort", i64::from(way.number), &published);
        }
    }
    let name = published_name(&pass.survey.object_name(member.name));
    let body = pass.object(Kind::Service, name, vec![member.name.clone()]);
    if !annotations.is_empty() {
        body.map("metadata").map("annotations").extend(annotations);
    }
    body.map("spec").extend(spec);
}

/// How the ports of a member are reached from outside, and who says so.
fn expose<'p>(pass: &mut Pass<'p>, member: &Member<'p>) -> (Expose, Why) {
    let (way, hint) = said::way(pass.options(), member);
    let why = match (hint, way) {
        (Some(hint), _) => hint.mapped(pass),
        (None, Expose::None) => CLOSED,
        (None, _) => Why::Flag("--expose"),
    };
    (way, why)
}
