//! Looks for tests that ask somebody else.

use crate::compose::project::entries;
use crate::compose::shell::{self, Step};
use crate::diag::slugs;
use crate::plan::topology::{Call, Callee, Place, Topology};
use crate::rule::subject::{self, Subject};
use crate::rule::{Ctx, Sink};

pub(crate) fn check(ctx: &Ctx<'_>, sink: &mut Sink) {
    let topology = &ctx.plan.topology;
    for subject in subject::main(ctx).filter(|subject| subject.service.is_some()) {
        let calls = topology.calls_of(subject.name).filter(|call| call.place == Place::Healthcheck);
        for call in calls.filter(|call| is_remote(topology, &subject, call)) {
            let message = format!(
                "the test of `{}` asks `{}`; when that one fails, all that test it count as not ready",
                subject.name, call.name
            );
            let finding = subject.finding(slugs::REMOTE_HEALTHCHECK, call.span, "healthcheck.test", message);
            sink.report(finding.tip("test the program's own address on `localhost`"));
        }
    }
}

/// Whether a call leaves the pod.
fn is_remote(topology: &Topology, subject: &Subject<'_>, call: &Call) -> bool {
    match &call.to {
        Callee::Loopback => false,
        Callee::Member(other) => {
            let pod = |name: &str| topology.of(name).map(|standing| &standing.pod);
            pod(subject.name) != pod(other) && !is_looked_for(subject, &call.name)
        }
        Callee::Outside => !is_own(subject, &call.name),
    }
}

/// Whether a test only looks for a name in what another command prints.
fn is_looked_for(subject: &Subject<'_>, name: &str) -> bool {
    let test = subject.workload.healthcheck.as_ref().and_then(|health| health.value.test.as_ref());
    let words = test.iter().flat_map(|test| &test.value.words);
    let steps: Vec<Step> = words
        .filter(|word| word.value.contains(name))
        .flat_map(|word| shell::read(&word.value).steps)
        .collect();
    let mut naming = steps.iter().filter(|step| step.words.iter().any(|word| word.text.contains(name)));
    naming.all(|step| step.name() == "grep")
}

/// Whether a name that nobody else bears leads back to the container: by an address, or by `extra_hosts`.
fn is_own(subject: &Subject<'_>, name: &str) -> bool {
    let attachments =
        entries(&subject.container.networks).filter_map(|(_, attachment)| attachment.value.as_ref());
    let mut addresses = attachments.filter_map(|attachment| attachment.ipv4_address.as_ref());
    let is_bare = !name.contains('.');
    // `host-gateway` has a rule of its own.
    let is_host = name.ends_with(".docker.internal");
    let is_local = name.starts_with("127.") || name == "0.0.0.0" || name.ends_with(".localhost");
    let is_added = entries(&subject.container.extra_hosts).any(|(host, _)| host == name);
    is_bare || is_host || is_local || is_added || addresses.any(|address| address.value == name)
}
