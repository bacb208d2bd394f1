//! What becomes of each way in of a service: which host and path lead to which port.

use std::collections::BTreeSet;

use smol_str::format_smolstr;

use super::said::{self, Said, Tls};
use super::speech::{self, Speech};
use super::{LabelRoute, PathKind, is_routed};
use crate::convert::hint::Hint;
use crate::convert::member::Member;
use crate::convert::options::Expose;
use crate::convert::pass::Pass;
use crate::convert::topic::published::{WayIn, ways_in};
use crate::plan::why::Why;
use crate::source::Text;
use crate::source::span::Identity;

const EVERYTHING: Why = Why::Policy("a host leads to its service whatever the path");
const COMPARED: Why = Why::Policy("what begins with the path is meant");
const INVENTED: Why = Why::Policy("nobody says under which host the service is reached");

/// A way in: its published number and the port of the container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Door {
    /// The number of the published Service.
    pub number: u16,
    /// The port of the container.
    pub target: u16,
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: &'static str,
    /// Whether an entry of `ports` opens it.
    pub written: bool,
}

/// What becomes of a way in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// A route leads to it, from this host; from all when there is none.
    Routed(Option<Text>),
    /// A route leads to this other port.
    Beside(u16),
    /// It speaks something that no route leads to, in words.
    Speaks(Text),
    /// Nothing says that it speaks HTTP.
    Unknown,
}

/// A host and a path that lead to a port.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The host; none for all.
    pub host: Option<(Text, Why)>,
    /// The path.
    pub path: (Text, Why),
    /// How it is compared.
    pub kind: (PathKind, Why),
    /// The port of the published Service, and who says that it is this one.
    pub port: (u16, Why),
    /// The label that asks for a certificate.
    pub tls: Option<Identity>,
}

/// What becomes of the ways in of a service that routes lead to.
#[derive(Debug)]
pub struct Routed<'p> {
    /// Ingress or Gateway.
    pub way: Expose,
    /// Who says so.
    pub by: Option<Hint<'p>>,
    /// What the hint says of it.
    pub said: Said<'p>,
    /// The rules.
    pub rules: Vec<Rule>,
    /// What becomes of each way in.
    pub fates: Vec<(Door, Fate)>,
    /// Whether the host is one that we have made up.
    pub invented: bool,
    /// Labels whose host gives way to another.
    pub overruled: Vec<Identity>,
}

/// The kind of route that a way of exposing stands for.
#[must_use]
pub fn kind_word(way: Expose) -> &'static str {
    if way == Expose::Gateway { "HTTPRoute" } else { "Ingress" }
}

/// What becomes of the ways in of a member, when routes lead to it.
#[must_use]
pub fn routed<'p>(pass: &Pass<'p>, member: &Member<'p>) -> Option<Routed<'p>> {
    let (way, by) = said::way(pass.options(), member);
    if !is_routed(way) {
        return None;
    }
    let said = Said::of(member);
    let doors: Vec<Door> = ways_in(pass, *member).iter().map(door).collect();
    let mut routed = Routed {
        way,
        by,
        said,
        rules: Vec::new(),
        fates: Vec::new(),
        invented: false,
        overruled: Vec::new(),
    };
    let labels = pass.survey.routes.get(member.name).map_or(&[][..], |inferred| inferred.routes.as_slice());
    // Who says which port and path are meant has said what labels could say.
    let own = routed.said.port.is_some() || routed.said.path.is_some();
    if labels.is_empty() || own {
        routed.overruled.extend(labels.iter().flat_map(|route| route.labels.iter().copied()));
        plain(pass, member, &mut routed, &doors);
    } else {
        for route in labels {
            labelled(pass, member, &mut routed, &doors, route);
        }
    }
    let first = routed.rules.first().map(|rule| rule.port.0);
    for door in doors {
        let rule = routed.rules.iter().find(|rule| door.protocol == "TCP" && rule.port.0 == door.number);
        let fate = match (rule, speech::of(pass, member, &routed.said, &door)) {
            (Some(rule), _) => Fate::Routed(rule.host.as_ref().map(|(host, _)| host.clone())),
            (None, Speech::Http) => first.map_or(Fate::Unknown, Fate::Beside),
            (None, Speech::Other(words)) => Fate::Speaks(words),
            (None, Speech::Unknown) => Fate::Unknown,
        };
        routed.fates.push((door, fate));
    }
    Some(routed)
}

fn door(way: &WayIn<'_, '_>) -> Door {
    let known = way.named.known;
    let written = way.named.opening.is_some_and(|opening| opening.port.value.published.is_some());
    Door { number: way.number, target: known.number, protocol: known.protocol, written }
}

/// The host leads to the first port that speaks HTTP, or to the one that the hint names.
fn plain<'p>(pass: &Pass<'p>, member: &Member<'p>, routed: &mut Routed<'p>, doors: &[Door]) {
    let wanted = routed.said.port.as_ref();
    let named = |door: &&Door| {
        wanted
            .is_none_or(|(port, _)| door.protocol == "TCP" && (*port == door.target || *port == door.number))
    };
    let speaks = |door: &&Door| speech::of(pass, member, &routed.said, door) == Speech::Http;
    let Some(door) = doors.iter().filter(named).find(speaks) else { return };
    let of_port = match wanted {
        Some((_, hint)) => said::why(pass, hint),
        None => target(pass, *member, door),
    };
    let path = match &routed.said.path {
        Some((path, hint)) => (path.clone(), said::why(pass, hint)),
        None => ("/".into(), EVERYTHING),
    };
    let host = host(pass, member, &routed.said).unwrap_or_else(|| {
        routed.invented = true;
        let object = pass.survey.object_name(member.name);
        (format_smolstr!("{object}.{}.example.com", pass.namespace), INVENTED)
    });
    routed.rules.push(Rule {
        host: Some(host),
        path,
        kind: (PathKind::Prefix, COMPARED),
        port: (door.number, of_port),
        tls: None,
    });
}

/// The host that a flag or a hint gives a member.
fn host(pass: &Pass<'_>, member: &Member<'_>, said: &Said<'_>) -> Option<(Text, Why)> {
    const FLAG: Why = Why::Flag("--host");
    let routing = &pass.options().routing;
    if let Some(host) = routing.hosts.get(member.name) {
        return Some((host.clone(), FLAG));
    }
    if let Some(pattern) = &routing.host {
        let object = pass.survey.object_name(member.name);
        return Some((pattern.replacen('*', &object, 1).into(), FLAG));
    }
    said.host.as_ref().map(|(host, hint)| (host.clone(), said::why(pass, hint)))
}

/// Why a published Service has a number.
fn target(pass: &Pass<'_>, member: Member<'_>, door: &Door) -> Why {
    let openings = pass.survey.openings_of(member.name).iter();
    let entry = openings.filter(|opening| opening.target == door.target && opening.protocol == door.protocol);
    let published = entry.filter_map(|opening| opening.port.value.published.as_ref()).next();
    let known = pass
        .survey
        .ports_of(member.name)
        .iter()
        .find(|port| port.number == door.target && port.protocol == door.protocol);
    match (published, known) {
        (Some(published), _) => pass.why(published),
        (None, Some(known)) => crate::convert::topic::ports::evidence(pass, known),
        (None, None) => EVERYTHING,
    }
}

/// The rule that a label asks for.
fn labelled<'p>(
    pass: &Pass<'p>,
    member: &Member<'p>,
    routed: &mut Routed<'p>,
    doors: &[Door],
    route: &LabelRoute,
) {
    let Some(port) = route.port else { return };
    let Some(door) = doors.iter().find(|door| door.protocol == "TCP" && door.target == port.number) else {
        return;
    };
    let of_rule = pass.accounts.why(route.rule);
    let given = host(pass, member, &routed.said);
    if given.is_some() && route.host.is_some() && route.path.is_none() {
        routed.overruled.push(route.rule);
    }
    let host = given.or_else(|| Some((route.host.clone()?, of_rule.clone())));
    let (path, kind) = match &route.path {
        Some((path, kind)) => ((path.clone(), of_rule.clone()), (*kind, of_rule)),
        None => (("/".into(), EVERYTHING), (PathKind::Prefix, COMPARED)),
    };
    let of_port = match port.said {
        Some((label, _)) => pass.accounts.why(label),
        None => target(pass, *member, door),
    };
    // What names the router, its service and that the container takes part stands behind the port.
    let mut because = of_port;
    for label in route.labels.iter().filter(|label| **label != route.rule && Some(**label) != route.tls) {
        because = because.and(&pass.accounts.why(*label));
    }
    let rule = Rule { host, path, kind, port: (door.number, because), tls: route.tls };
    let same = |known: &&mut Rule| asks_alike(known, &rule) && known.port.0 == rule.port.0;
    let taken = routed.rules.iter().any(|known| asks_alike(known, &rule));
    match routed.rules.iter_mut().find(same) {
        // One router for each entry point: the requests are the same.
        Some(known) => {
            known.tls = known.tls.or(rule.tls);
            known.port.1 = known.port.1.and(&rule.port.1);
            known.path.1 = known.path.1.and(&rule.path.1);
            if let (Some((_, one)), Some((_, other))) = (&mut known.host, &rule.host) {
                *one = one.and(other);
            }
        }
        // Another router has these requests already.
        None if taken => routed.overruled.push(route.rule),
        None => routed.rules.push(rule),
    }
}

/// Whether two rules speak of the same requests.
fn asks_alike(one: &Rule, other: &Rule) -> bool {
    let host = |rule: &Rule| rule.host.as_ref().map(|(host, _)| host.clone());
    host(one) == host(other) && one.path.0 == other.path.0 && one.kind.0 == other.kind.0
}

impl Routed<'_> {
    /// The fate of a way in.
    #[must_use]
    pub fn fate(&self, number: u16, target: u16, protocol: &str) -> Option<&Fate> {
        let of = |door: &Door| door.number == number && door.target == target && door.protocol == protocol;
        self.fates.iter().find(|(door, _)| of(door)).map(|(_, fate)| fate)
    }

    /// The ports of the container that routes lead to.
    #[must_use]
    pub fn targets(&self) -> BTreeSet<u16> {
        let led = |(_, fate): &&(Door, Fate)| matches!(fate, Fate::Routed(_));
        self.fates.iter().filter(led).map(|(door, _)| door.target).collect()
    }

    /// Whether there are certificates, without a look at labels.
    #[must_use]
    pub fn is_secure(&self, pass: &Pass<'_>) -> bool {
        let routing = &pass.options().routing;
        let flagged = routing.tls_secret.is_some() || routing.cert_issuer.is_some();
        let off = matches!(self.said.tls, Some((Tls::Off, _)));
        flagged || !off && (self.said.tls.is_some() || self.said.issuer.is_some())
    }
}
