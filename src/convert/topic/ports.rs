//! Ports of the container, and what becomes of each value of `ports` and `expose`.

use smol_str::format_smolstr;

use super::{alias, published, routes, services};
use crate::compose::codec::{Field, List};
use crate::compose::leaf::Loose;
use crate::compose::port::Port;
use crate::compose::project::items;
use crate::convert::draft::Draft;
use crate::convert::member::{Either, Member};
use crate::convert::pass::{Pass, Told};
use crate::convert::routes::decide;
use crate::convert::survey::Survey;
use crate::convert::survey::openings::{Exposure, Opening, is_everywhere, is_loopback};
use crate::convert::survey::ports::{Evidence, KnownPort, exposed_ports};
use crate::diag::{Finding, slugs};
use crate::k8s::port;
use crate::plan::ledger::Verdict;
use crate::plan::why::Why;
use crate::source::Text;
use crate::source::span::Spanned;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `ports`
    pub ports: &'p Field<List<Port>>,
    /// `expose`
    pub expose: &'p Field<List<Loose>>,
}

/// A known port with the name that it has in the container and in Services.
#[derive(Clone, Debug)]
pub struct NamedPort<'s, 'p> {
    /// The port.
    pub known: &'s KnownPort,
    /// Its name.
    pub name: Text,
    /// The entry of `ports` that declares it.
    pub opening: Option<&'s Opening<'p>>,
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, draft: &mut Draft<'p>, keys: &Keys<'p>) {
    let Keys { ports, expose } = keys;
    let survey = std::rc::Rc::clone(&pass.survey);
    let member = draft.member;
    let openings = survey.openings_of(member.name);
    if let Some(list) = ports.as_ref().filter(|list| list.value.is_empty()) {
        pass.consumed(list);
    }
    let mut openings = openings.iter().peekable();
    for port in items(ports) {
        let opening = openings.next_if(|opening| std::ptr::eq(opening.port, port));
        entry(pass, member, port, opening);
    }
    if let Some(list) = expose.as_ref().filter(|list| list.value.is_empty()) {
        pass.consumed(list);
    }
    for exposed in items(expose) {
        expose_entry(pass, member, exposed);
    }
    for named in named(&survey, member) {
        let why = evidence(pass, named.known);
        let item = draft.container.list("ports").push_map();
        item.put("name", &named.name, &given(pass, &named).unwrap_or_else(|| why.clone()));
        item.put("containerPort", i64::from(named.known.number), &why);
        let spoken = named.opening.and_then(|opening| opening.port.value.protocol.as_ref());
        item.put("protocol", named.known.protocol, &spoken.map_or(why, |protocol| pass.why(protocol)));
    }
}

/// The Services in front of the pods.
pub fn services<'p>(pass: &mut Pass<'p>, drafts: &mut [Draft<'p>]) {
    services::check_names(pass);
    alias::convert(pass, drafts);
    published::convert(pass, drafts);
    routes::convert(pass, drafts);
    services::implicit_ports(pass);
}

/// The known ports of a member, each with a name of its own.
#[must_use]
pub fn named<'s, 'p>(survey: &'s Survey<'p>, member: Member<'p>) -> Vec<NamedPort<'s, 'p>> {
    let openings = survey.openings_of(member.name);
    let mut names: Vec<Text> = Vec::new();
    let mut named = Vec::new();
    for known in survey.ports_of(member.name) {
        let is_declared =
            |opening: &&Opening<'_>| opening.target == known.number && opening.protocol == known.protocol;
        let opening = openings.iter().find(is_declared);
        let wanted = opening.and_then(|opening| opening.port.value.name.as_ref());
        let made: Text = port::name(known.protocol, known.number).into();
        let name = match wanted {
            Some(wanted) if port::is_name(&wanted.value) && !names.contains(&wanted.value) => {
                wanted.value.clone()
            }
            Some(_) | None => made,
        };
        names.push(name.clone());
        named.push(NamedPort { known, name, opening });
    }
    named
}

/// The value that gave a port its name.
#[must_use]
pub fn given(pass: &Pass<'_>, named: &NamedPort<'_, '_>) -> Option<Why> {
    let written = named.opening?.port.value.name.as_ref()?;
    (written.value == named.name).then(|| pass.why(written))
}

/// How a port is known, as a reason.
#[must_use]
pub fn evidence(pass: &Pass<'_>, port: &KnownPort) -> Why {
    match &port.evidence {
        Evidence::Declared(identity) | Evidence::Used { value: identity, .. } => pass.accounts.why(*identity),
        Evidence::Image(evidence) => pass.fact(evidence),
    }
}

/// The protocol of the application as Kubernetes writes it, and whether that is what was written.
#[must_use]
pub fn app_protocol(written: &str) -> Option<(Text, bool)> {
    match written {
        "h2c" | "ws" | "wss" => Some((format_smolstr!("kubernetes.io/{written}"), true)),
        _ if crate::k8s::label::is_key(written) => Some((written.into(), true)),
        _ => {
            let lower = written.to_ascii_lowercase().replace(' ', "-");
            crate::k8s::label::is_key(&lower).then(|| (lower.into(), false))
        }
    }
}

/// What becomes of the values of one entry of `ports`.
fn entry<'p>(
    pass: &mut Pass<'p>,
    member: Member<'p>,
    entry: &'p Spanned<Port>,
    opening: Option<&Opening<'p>>,
) {
    let Port { app_protocol: app, host_ip, mode, name, protocol, published, target, extensions: _ } =
        &entry.value;
    if let Either::Job(_) = member.kind {
        return job_entry(pass, &entry.value);
    }
    let Some(opening) = opening else {
        let message = "the port has no number that a container could listen on, so nothing is written for it";
        pass.dropped(entry, pass.finding(entry, slugs::DROPPED_KEY, message));
        return;
    };
    if let Some(target) = target {
        if opening.wide {
            let message =
                "one of more than 64 ports in one range; the Service is headless, so that all are reached";
            pass.approximated(target, pass.finding(target, slugs::IMPLICIT_PORT, message));
        } else {
            pass.mapped(target);
        }
    }
    if let Some(protocol) = protocol {
        pass.mapped(protocol);
    }
    if let Some(name) = name {
        port_name(pass, name);
    }
    if let Some(app) = app {
        match app_protocol(&app.value) {
            Some((_, true)) => pass.mapped(app),
            Some((legal, false)) => {
                let message = format!("`{}` is no protocol name; the Service says `{legal}`", app.value);
                pass.approximated(app, pass.finding(app, slugs::APPROXIMATED_KEY, message))
            }
            None => {
                let message = format!("`{}` is no protocol name that a Service takes", app.value);
                pass.dropped(app, pass.finding(app, slugs::DROPPED_KEY, message))
            }
        };
    }
    if let Some(mode) = mode {
        if mode.value == "host" {
            let message = "mode `host` binds a port of each node; it is published like any other port, \
                           because a host port is forbidden to ordinary pods";
            pass.approximated(mode, pass.finding(mode, slugs::PUBLISHED_PORT, message));
        } else {
            pass.consumed(mode);
        }
    }
    let told = host_ip.as_ref().and_then(|address| bind_address(pass, opening, address));
    match (published, opening.exposure, told) {
        (Some(published), Exposure::Loopback, Some(told)) => {
            pass.likewise(published, Verdict::Dropped, &told);
        }
        (Some(published), Exposure::Outside(_), _) => {
            pass.approximated(published, publication(pass, member, opening));
        }
        (Some(published), Exposure::Wide, _) => {
            pass.refused(published, publication(pass, member, opening));
        }
        (Some(published), Exposure::Loopback | Exposure::Unreachable, _) => {
            pass.dropped(published, publication(pass, member, opening));
        }
        (None, Exposure::Loopback, Some(_)) => {}
        (None, _, _) => pass.report(publication(pass, member, opening)),
    }
}

fn port_name(pass: &mut Pass<'_>, name: &Spanned<Text>) {
    if port::is_name(&name.value) {
        pass.mapped(name);
        return;
    }
    let message = format!(
        "`{}` is no name of a port: at most 15 small letters, digits and inner dashes; an annotation keeps it",
        name.value
    );
    pass.approximated(name, pass.finding(name, slugs::APPROXIMATED_KEY, message));
}

/// Says what becomes of the address; what it has told when that is all there is to be told of the port.
fn bind_address(pass: &mut Pass<'_>, opening: &Opening<'_>, address: &Spanned<Text>) -> Option<Told> {
    if is_everywhere(&address.value) {
        pass.consumed(address);
        return None;
    }
    if is_loopback(&address.value) {
        let number = opening.published().unwrap_or(opening.target);
        let inside = opening.number().map_or("it".to_owned(), |_| format!("port {}", opening.target));
        let message = format!(
            "port {number} listens on the host's loopback alone; no Service publishes it, and peers reach {inside} by \
             the service's name"
        );
        let finding = pass.finding(address, slugs::PORT_BIND_ADDRESS, message);
        let told = Told::by(&finding);
        pass.dropped(address, finding.tip("use `kubectl port-forward` to reach it from your machine"));
        return Some(told);
    }
    let message = format!("a Service has no bind address; `{}` does not limit who reaches it", address.value);
    pass.approximated(address, pass.finding(address, slugs::PORT_BIND_ADDRESS, message));
    None
}

/// What is to be said of a port's publication.
fn publication(pass: &Pass<'_>, member: Member<'_>, opening: &Opening<'_>) -> Finding {
    let port = opening.port;
    let (name, target) = (member.name, opening.target);
    let written = port.value.published.as_ref();
    let at = |slug, message: String| match written {
        Some(published) => pass.finding(published, slug, message),
        None => pass.finding(port, slug, message),
    };
    match opening.exposure {
        Exposure::Outside(number) => {
            let service = services::published_name(&pass.survey.object_name(name));
            if let Some(routed) = decide::routed(pass, &member)
                && let Some(fate) = routed.fate(number, target, opening.protocol)
            {
                let (message, tip) = routes::words(&routed, fate, (target, number), &service);
                let finding = at(slugs::PUBLISHED_PORT, message);
                return if tip.is_empty() { finding } else { finding.tip(tip) };
            }
            let range = written.filter(|published| published.value.contains('-'));
            let which = if range.is_some() { ", the first of its range," } else { "" };
            let message = format!(
                "there is no host to publish on; port {number}{which} is that of Service `{service}`, which \
                 `--expose` opens to the outside"
            );
            at(slugs::PUBLISHED_PORT, message)
        }
        Exposure::Loopback => {
            let message = format!("port {target} is published on loopback alone, so no Service publishes it");
            at(slugs::PORT_BIND_ADDRESS, message)
        }
        Exposure::Unreachable => {
            let message = format!(
                "Docker publishes no port of `{name}`, which has no network of its own that leads outside; none is \
                 published here"
            );
            at(slugs::PUBLISHED_PORT, message)
        }
        Exposure::Wide => {
            let message =
                "more than 64 ports are published as one range; a Service lists its ports one by one";
            at(slugs::PUBLISHED_PORT_RANGE, message.to_owned()).tip(
                "publish fewer ports, or allow the rule: peers still reach all of them by a headless Service",
            )
        }
    }
}

/// A job has ports, but nothing routes to it.
fn job_entry(pass: &mut Pass<'_>, port: &Port) {
    let Port { app_protocol, host_ip, mode, name, protocol, published, target, extensions: _ } = port;
    if let Some(target) = target {
        pass.mapped(target);
    }
    if let Some(protocol) = protocol {
        pass.mapped(protocol);
    }
    if let Some(name) = name {
        port_name(pass, name);
    }
    for value in [app_protocol, host_ip, mode, published].into_iter().flatten() {
        let message = "no Service leads to a job, so the port is that of its container alone";
        pass.dropped(value, pass.finding(value, slugs::APPROXIMATED_KEY, message));
    }
}

fn expose_entry(pass: &mut Pass<'_>, member: Member<'_>, exposed: &Spanned<Loose>) {
    match exposed_ports(&exposed.value) {
        Some(_) if pass.survey.ports_of(member.name).iter().any(|port| is_of(port, exposed)) => {
            pass.mapped(exposed);
        }
        Some(_) if pass.survey.wide.contains(member.name) => {
            let message = format!(
                "`{}` is more than 64 ports; the Service is headless, so that all of them are reached",
                exposed.value.0
            );
            pass.approximated(exposed, pass.finding(exposed, slugs::IMPLICIT_PORT, message));
        }
        Some(_) => {
            // It says again what `ports` or another entry says.
            pass.consumed(exposed);
        }
        None => {
            let message =
                format!("`{}` is no port or range of ports, so nothing is written for it", exposed.value.0);
            pass.dropped(exposed, pass.finding(exposed, slugs::DROPPED_KEY, message));
        }
    }
}

fn is_of(port: &KnownPort, exposed: &Spanned<Loose>) -> bool {
    port.evidence == Evidence::Declared(crate::source::span::Identity::of(exposed))
}
