//! Services: the one that has the name of a service, and the second one for gates.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::format_smolstr;

use super::ports::{NamedPort, app_protocol, evidence, given, named};
use crate::convert::assemble::NAME_LABEL;
use crate::convert::hint::Hint;
use crate::convert::member::Member;
use crate::convert::pass::Pass;
use crate::convert::survey::Survey;
use crate::convert::survey::ports::Evidence;
use crate::convert::survey::reach::Mode;
use crate::convert::survey::references::{NameKind, Reference};
use crate::diag::slugs;
use crate::k8s::kind::Kind;
use crate::k8s::{name, port};
use crate::plan::field::Fields;
use crate::plan::why::Why;
use crate::source::Text;

const SELECTS: Why = Why::Policy("a Service leads to the pods of its service");
const NO_PORT: Why = Why::Policy("no port is known, so the name leads to the pods themselves, on any port");
const EARLY: Why =
    Why::Policy("Docker answers for containers that are not ready, and this one is called early");

/// What a Service leads to.
pub struct Target<'a, 'p> {
    /// The name of the Service.
    pub name: Text,
    /// The members whose pods stand behind it.
    pub members: &'a [Member<'p>],
    /// The label that selects them, when it is not the one of a single service.
    pub label: Option<(String, Why)>,
    /// Whether only pods that are ready are found.
    pub ready: bool,
}

/// The name of the Service that publishes.
#[must_use]
pub fn published_name(name: &str) -> Text {
    name::with_ending(name, "published", name::LABEL_LENGTH).into()
}

/// Whether a service has a Service of its name.
#[must_use]
pub fn is_named(pass: &Pass<'_>, member: &Member<'_>) -> bool {
    let survey = &pass.survey;
    let Some(service) = member.service().filter(|service| service.provider.is_none()) else { return false };
    let Some(stand) = survey.reach.stands.get(member.name) else { return false };
    let networks = service.container.networks.as_ref();
    let shown = networks.is_none_or(|networks| {
        networks.value.is_empty()
            || networks.value.iter().any(|(_, attachment)| {
                let of_attachment = attachment.value.as_ref();
                of_attachment
                    .and_then(|attachment| attachment.use_service_name_alias.as_ref())
                    .is_none_or(|used| used.value)
            })
    });
    let ends =
        matches!(survey.kinds.get(member.name).map(|choice| choice.kind), Some(Kind::Job | Kind::CronJob));
    let idle = ends && survey.ports_of(member.name).is_empty();
    matches!(stand.mode, Mode::Attached | Mode::Host) && shown && !idle
}

/// Writes a Service, and the one for gates beside it when somebody needs it.
pub fn write<'p>(pass: &mut Pass<'p>, target: &Target<'_, 'p>) {
    one(pass, target);
    let survey = std::rc::Rc::clone(&pass.survey);
    // Said once of a member, whatever other names it has.
    let is_own = |member: &&Member<'p>| survey.object_name(member.name) == target.name;
    let members = target.members.iter().filter(is_own);
    for member in members.filter(|member| survey.early.contains(member.name)) {
        let message = format!(
            "`{}` is called before its pods are ready, by itself or by peers of the same program, so Service `{}` answers for \
             them from the start",
            member.name, target.name
        );
        pass.report(pass.finding_of(member, slugs::IMPLICIT_DEFAULT, message));
    }
    let [member] = target.members else { return };
    let own = target.name == pass.survey.object_name(member.name);
    if own && pass.survey.has_ready_name(member.name) {
        let name = pass.survey.gate_host(member.name);
        one(pass, &Target { name, members: target.members, label: target.label.clone(), ready: true });
    }
}

fn one<'p>(pass: &mut Pass<'p>, target: &Target<'_, 'p>) {
    let owners = target.members.iter().map(|member| member.name.clone()).collect();
    let headless = target.members.iter().find_map(|member| headless(pass, member));
    let mut spec = Fields::default();
    let mut annotations = Fields::default();
    if let Some(why) = &headless {
        spec.put("clusterIP", "None", why);
    }
    families(pass, target.members, &mut spec);
    let early = target.members.iter().any(|member| pass.survey.early.contains(member.name));
    if early && !target.ready {
        spec.put("publishNotReadyAddresses", true, &EARLY);
    }
    select(pass, target, &mut spec);
    let mut listed: Vec<(u16, &'static str)> = Vec::new();
    let survey = std::rc::Rc::clone(&pass.survey);
    for member in target.members {
        for named in named(&survey, *member) {
            let key = (named.known.number, named.known.protocol);
            if !listed.contains(&key) {
                listed.push(key);
                internal_port(pass, &named, listed.len() > 1, &mut spec, &mut annotations);
            }
        }
    }
    let body = pass.object(Kind::Service, target.name.clone(), owners);
    if !annotations.is_empty() {
        body.map("metadata").map("annotations").extend(annotations);
    }
    body.map("spec").extend(spec);
}

/// Why the Service of a member has no address of its own, when it has none.
fn headless<'p>(pass: &mut Pass<'p>, member: &Member<'p>) -> Option<Why> {
    let project = &pass.input.project.model.extensions;
    if let Some(hint) = Hint::of_either(member, project, "service") {
        if hint.says("headless") {
            return Some(hint.mapped(pass));
        }
        if !pass.survey.ports_of(member.name).is_empty() {
            return None;
        }
    }
    let deploy = member.service().and_then(|service| service.deploy.as_ref());
    let mode = deploy.and_then(|deploy| deploy.value.endpoint_mode.as_ref());
    if let Some(mode) = mode.filter(|mode| mode.value == "dnsrr") {
        return Some(pass.why(mode));
    }
    if pass.survey.wide.contains(member.name) {
        return Some(Why::Policy("a range of ports is too wide for a list, so the name leads to the pods"));
    }
    pass.survey.ports_of(member.name).is_empty().then_some(NO_PORT)
}

/// The families of addresses that the networks ask for.
pub fn families(pass: &Pass<'_>, members: &[Member<'_>], spec: &mut Fields) {
    let networks = pass.input.project.model.networks.as_ref();
    for member in members {
        for word in pass.survey.reach.stands.get(member.name).into_iter().flat_map(|stand| &stand.networks) {
            let net = pass.survey.reach.networks.get(word).and_then(|net| net.key.as_ref());
            let network = net.and_then(|key| networks?.value.get(key));
            let six = network.and_then(|network| network.value.enable_ipv6.as_ref());
            if let Some(six) = six.filter(|six| six.value) {
                spec.put("ipFamilyPolicy", "PreferDualStack", &pass.why(six));
                return;
            }
        }
    }
}

fn select(pass: &Pass<'_>, target: &Target<'_, '_>, spec: &mut Fields) {
    let selector = spec.map("selector");
    if let Some((label, why)) = &target.label {
        selector.put(Text::new(label), "member", why);
    } else if let [member] = target.members {
        selector.put(NAME_LABEL, pass.survey.pod_name(member.name), &SELECTS);
    }
}

fn internal_port(
    pass: &Pass<'_>,
    named: &NamedPort<'_, '_>,
    again: bool,
    spec: &mut Fields,
    annotations: &mut Fields,
) {
    let why = evidence(pass, named.known);
    let number = i64::from(named.known.number);
    let taken = again && spec.list("ports").find("name", &named.name).is_some();
    let name =
        if taken { port::name(named.known.protocol, named.known.number).into() } else { named.name.clone() };
    let item = spec.list("ports").push_map();
    item.put("name", &name, &given(pass, named).unwrap_or_else(|| why.clone()));
    item.put("port", number, &why);
    item.put("targetPort", number, &why);
    describe(pass, named, &name, item, annotations);
}

/// What an entry of `ports` says of a port beside its number.
pub fn describe(
    pass: &Pass<'_>,
    named: &NamedPort<'_, '_>,
    name: &str,
    item: &mut Fields,
    annotations: &mut Fields,
) {
    let entry = named.opening.map(|opening| &opening.port.value);
    let spoken = entry.and_then(|entry| entry.protocol.as_ref());
    let why = spoken.map_or_else(|| evidence(pass, named.known), |protocol| pass.why(protocol));
    item.put("protocol", named.known.protocol, &why);
    let Some(entry) = entry else { return };
    if let Some(app) = &entry.app_protocol
        && let Some((word, _)) = app_protocol(&app.value)
    {
        item.put("appProtocol", word, &pass.why(app));
    }
    if let Some(written) = entry.name.as_ref().filter(|written| written.value != name) {
        annotations.put(format_smolstr!("transship/port-name.{name}"), &written.value, &pass.why(written));
    }
}

/// Says which ports peers use that nobody declares, and which services are called without any known port.
pub fn implicit_ports(pass: &mut Pass<'_>) {
    let survey = std::rc::Rc::clone(&pass.survey);
    for (to, ports) in &survey.ports {
        let own = pass.is_written(to) && survey.pods.owner(to) == to;
        for port in ports.iter().filter(|_| own) {
            let Evidence::Used { value, span, by } = &port.evidence else { continue };
            // Whoever shares the pod asks itself.
            if survey.pods.owner(by) == to || !pass.is_written(by) {
                continue;
            }
            let number = port.number;
            let message = format!(
                "`{by}` calls `{to}` on port {number}, which `{to}` does not declare; a Service passes only the \
                 ports that it lists, so this one is added"
            );
            let tip = format!("add `expose: [\"{number}\"]` to `{to}`");
            let finding = pass.finding_in(*value, *span, slugs::IMPLICIT_PORT, message).tip(tip);
            pass.approximated_of(*value, finding);
        }
    }
    known_elsewhere(pass, &survey);
    for reference in &survey.references {
        let Reference { from, to, value, span, port, .. } = reference;
        let written = pass.is_written(from) && pass.is_written(to);
        let silent = from != to && port.is_none() && survey.ports_of(survey.pods.owner(to)).is_empty();
        if written && silent && !survey.wide.contains(to) {
            let message = format!(
                "`{from}` calls `{to}`, of which no port is known; the Service is headless, so that every port is \
                 reached"
            );
            let finding = pass.finding_in(*value, *span, slugs::IMPLICIT_PORT, message);
            pass.approximated_of(*value, finding.tip(format!("declare the port of `{to}` with `expose`")));
        }
    }
}

/// Says which ports peers use that only an image declares or the service itself uses: once for each.
fn known_elsewhere(pass: &mut Pass<'_>, survey: &Survey<'_>) {
    let mut said: BTreeSet<(&Text, u16)> = BTreeSet::new();
    for Reference { from, to, value, span, port, .. } in &survey.references {
        let Some(number) = port.filter(|_| from != to && pass.is_written(from) && pass.is_written(to)) else {
            continue;
        };
        let known = survey.ports_of(to).iter().find(|port| port.number == number);
        let teller = match known.map(|port| &port.evidence) {
            Some(Evidence::Image(_)) => format!("which only the image of `{to}` declares"),
            // The healthcheck of its pod, or an address that it gives to others.
            Some(Evidence::Used { by, .. }) if survey.pods.is_one(by, to) => {
                format!("which `{by}` itself uses and nothing declares")
            }
            _ => continue,
        };
        if !said.insert((to, number)) {
            continue;
        }
        let message = format!(
            "`{from}` calls `{to}` on port {number}, {teller}; a Service passes only the ports that it lists, so this one \
             is added"
        );
        let tip = format!("add `expose: [\"{number}\"]` to `{to}`");
        let finding = pass.finding_in(*value, *span, slugs::IMPLICIT_PORT, message).tip(tip);
        pass.report(finding);
    }
}

/// Refuses services whose names cannot be those of objects, or are those of others.
pub fn check_names(pass: &mut Pass<'_>) {
    let survey = std::rc::Rc::clone(&pass.survey);
    let mut holders: BTreeMap<Text, Text> = BTreeMap::new();
    // Who is spelled as its objects are keeps the name.
    let excluded = &pass.options().exclude;
    for (member, object) in &survey.names {
        if member == object && !excluded.contains(member) {
            holders.insert(object.clone(), member.clone());
        }
    }
    let members = std::rc::Rc::clone(&pass.members);
    for member in members.iter().filter(|member| !excluded.contains(member.name)) {
        let object = &survey.names[member.name];
        let holder = holders.entry(object.clone()).or_insert_with(|| member.name.clone()).clone();
        let second = name::object(member.name, name::LABEL_LENGTH).is_none();
        let problem = if holder != *member.name {
            format!("`{}` and `{holder}` would both be `{object}`, and names of objects differ", member.name)
        } else if second || is_named(pass, member) && !name::is_service_name(object) {
            let name = member.name;
            format!(
                "`{name}` cannot be the name of a Service, which starts with a letter and has letters, digits and dashes"
            )
        } else {
            continue;
        };
        let finding =
            pass.finding_of(member, slugs::ILLEGAL_NAME, problem).tip("rename it, with all references");
        pass.impossible_of(member.place.identity, finding);
    }
    for member in members.iter().filter(|member| !excluded.contains(member.name)) {
        let object = &survey.names[member.name];
        let mut made = Vec::new();
        if super::published::is_needed(pass, member) {
            made.push(published_name(object));
        }
        if survey.has_ready_name(member.name) {
            made.push(survey.gate_host(member.name));
        }
        for name in made {
            if let Some(holder) = holders.get(&name) {
                let message = format!(
                    "`{name}` is a service, and the name of a further Service of `{}`; one of them has to go",
                    member.name
                );
                let holder = survey.member(holder).expect("only members hold names");
                let finding = pass.finding_of(holder, slugs::ILLEGAL_NAME, message);
                pass.impossible_of(holder.place.identity, finding.tip("rename it, with all references"));
            }
        }
    }
}

/// Whether a reference calls a service by the very name that its Service has.
#[must_use]
pub fn is_own_name(pass: &Pass<'_>, reference: &Reference) -> bool {
    reference.kind == NameKind::Service
        && reference.name.to_ascii_lowercase() == pass.survey.object_name(&reference.to).as_str()
}
