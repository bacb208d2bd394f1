//! Looks for services on an open network, in projects that keep others in.

use crate::compose::project::entries;
use crate::diag::{Finding, slugs};
use crate::plan::topology::{Standing, Topology};
use crate::rule::subject::{self, Subject};
use crate::rule::{Ctx, Sink};

pub(crate) fn check(ctx: &Ctx<'_>, sink: &mut Sink) {
    let topology = &ctx.plan.topology;
    let has_way_out = topology.standings.values().any(|standing| standing.way_out.is_some());
    if !has_way_out && !topology.networks.values().any(|network| !network.open) {
        return;
    }
    for subject in subject::main(ctx).filter(|subject| subject.service.is_some()) {
        let Some(standing) = topology.of(subject.name) else { continue };
        if standing.attached && standing.open && !standing.declared && standing.way_out.is_none() {
            sink.report(finding(ctx, &subject, standing));
        }
    }
}

fn finding(ctx: &Ctx<'_>, subject: &Subject<'_>, standing: &Standing) -> Finding {
    let topology = &ctx.plan.topology;
    let open = open_networks(topology, standing);
    let mut attached = entries(&subject.container.networks);
    let place = attached.find(|(key, _)| open.contains(&key.as_str()));
    let (span, below) = place.map_or((subject.key, String::new()), |(key, attachment)| {
        (attachment.key, subject::entry("networks", key))
    });
    let message = match open.as_slice() {
        [] => format!("`{}` sits on a network that is open; it may reach the internet", subject.name),
        [network, ..] => {
            format!("`{}` sits on `{network}`, which is open; it may reach the internet", subject.name)
        }
    };
    let mut finding = subject.finding(slugs::UNDECLARED_EGRESS, span, &below, message);
    let declared = entries(&ctx.project.model.networks).find(|(key, _)| open.first() == Some(&key.as_str()));
    if let Some((_, network)) =
        declared.filter(|(_, network)| network.key != span && network.key != subject.key)
    {
        finding = finding.also(network.key, "open: not `internal`");
    }
    let tip = "say `x-transship: {egress: deny}` on the network when it only publishes ports, or `x-transship: {role: egress}` \
               on the service that is the way out";
    finding.tip(tip)
}

/// The names of the open networks of a service.
fn open_networks<'t>(topology: &'t Topology, standing: &'t Standing) -> Vec<&'t str> {
    let networks = standing.networks.iter().filter_map(|word| topology.networks.get(word));
    networks.filter(|network| network.open).filter_map(|network| network.key.as_deref()).collect()
}
