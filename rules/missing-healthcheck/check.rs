//! Looks for services that others reach and that nobody tests.

use std::collections::BTreeSet;

use crate::compose::health::Healthcheck;
use crate::compose::image_facts::Facts;
use crate::compose::project::items;
use crate::diag::{Finding, slugs};
use crate::plan::topology::{Callee, Tested};
use crate::rule::subject::{self, Subject};
use crate::rule::{Ctx, Sink};
use crate::source::Text;

/// What follows for a service that is called.
const EARLY: &str = "traffic arrives before the program is ready";
/// What follows for one of which no more is known than that others wait for it.
const UNKNOWN: &str = "whoever waits for it goes on as soon as its process runs";

pub(crate) fn check(ctx: &Ctx<'_>, sink: &mut Sink) {
    let called: BTreeSet<&Text> =
        ctx.plan.topology.calls.iter().filter_map(|call| member(&call.to)).collect();
    for subject in subject::main(ctx) {
        let Some(standing) = ctx.plan.topology.of(subject.name) else {
            continue;
        };
        let is_reached = standing.needed || has_ports(&subject);
        if standing.tested != Tested::Never || !is_reached || !ctx.plan.topology.is_lasting(subject.name) {
            continue;
        }
        let is_called = has_ports(&subject) || !standing.ports.is_empty() || called.contains(subject.name);
        if let Some(finding) = finding(&subject, if is_called { EARLY } else { UNKNOWN }) {
            let end = if is_called { "" } else { "; of a task, wait with `service_completed_successfully`" };
            sink.report(finding.tip(tip(subject.facts) + end));
        }
    }
}

fn member(callee: &Callee) -> Option<&Text> {
    match callee {
        Callee::Member(name) => Some(name),
        Callee::Loopback | Callee::Outside => None,
    }
}

/// Whether the file gives it ports; those that only its image knows say nothing of this project.
fn has_ports(subject: &Subject<'_>) -> bool {
    items(&subject.workload.ports).next().is_some() || items(&subject.workload.expose).next().is_some()
}

/// What is missing, and where; nothing where the test is left to the image, of which the conversion speaks.
fn finding(subject: &Subject<'_>, follows: &str) -> Option<Finding> {
    let (rule, name) = (slugs::MISSING_HEALTHCHECK, subject.name);
    let Some(health) = &subject.workload.healthcheck else {
        return Some(subject.absence(rule, format!("`{name}` has no healthcheck; {follows}")));
    };
    let Healthcheck { disable, test, .. } = &health.value;
    if let Some(disable) = disable.as_ref().filter(|disable| disable.value) {
        let message = format!("the healthcheck of `{name}` is switched off; {follows}");
        return Some(subject.finding(rule, disable.span, "healthcheck.disable", message));
    }
    let test = test.as_ref()?;
    test.value.words.first().filter(|word| word.value == "NONE")?;
    let message = format!("the test of `{name}` is `NONE`; {follows}");
    Some(subject.finding(rule, test.span, "healthcheck.test", message))
}

/// The test that is known for the image, or how one looks.
fn tip(facts: &Facts) -> String {
    let Some(probe) = &facts.probe else {
        return "write a `healthcheck` whose test asks the program itself, as `curl -f` of its own address does".into();
    };
    let quoted =
        probe.value.iter().map(|word| format!(", \"{}\"", word.replace('\\', "\\\\").replace('"', "\\\"")));
    format!("write `healthcheck: {{test: [\"CMD\"{}]}}`", quoted.collect::<String>())
}
