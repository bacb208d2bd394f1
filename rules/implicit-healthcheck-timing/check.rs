//! Looks for healthchecks that leave their numbers to Docker, or ask for less than a second.

use crate::compose::health::Healthcheck;
use crate::compose::image_facts::ImageHealthcheck;
use crate::compose::units::Duration;
use crate::diag::slugs;
use crate::plan::topology::Tested;
use crate::rule::subject::{self, Subject};
use crate::rule::{Ctx, Sink};
use crate::source::span::Spanned;

const SECOND: i64 = 1_000_000_000;

pub(crate) fn check(ctx: &Ctx<'_>, sink: &mut Sink) {
    for subject in subject::main(ctx) {
        let Some(health) = &subject.workload.healthcheck else { continue };
        let tested = ctx.plan.topology.of(subject.name).map(|standing| standing.tested);
        if matches!(tested, None | Some(Tested::Never)) || !ctx.plan.topology.is_lasting(subject.name) {
            continue;
        }
        unset(&subject, health, sink);
        short(&subject, &health.value, sink);
    }
}

/// The numbers that neither the file nor the image gives.
fn unset(subject: &Subject<'_>, health: &Spanned<Healthcheck>, sink: &mut Sink) {
    let written = &health.value;
    let of_image = subject.facts.healthcheck.value();
    let gives = |number: fn(&ImageHealthcheck) -> bool| of_image.is_some_and(number);
    let numbers = [
        ("interval", "30s", written.interval.is_some() || gives(|image| image.interval.is_some())),
        ("timeout", "30s", written.timeout.is_some() || gives(|image| image.timeout.is_some())),
        ("retries", "3", written.retries.is_some() || gives(|image| image.retries.is_some())),
        ("start_period", "0s", written.start_period.is_some() || gives(|image| image.start_period.is_some())),
    ];
    let missing = numbers.iter().filter(|(_, _, is_known)| !is_known);
    let list: Vec<String> = missing.map(|(key, usual, _)| format!("`{key}: {usual}`")).collect();
    if list.is_empty() {
        return;
    }
    let follows = if numbers.iter().take(3).all(|(_, _, is_known)| *is_known) {
        "failures count from the first moment on"
    } else {
        "Kubernetes has other defaults, so Docker's are written"
    };
    let message =
        format!("the healthcheck of `{}` takes {} from Docker; {follows}", subject.name, list.join(", "));
    let finding = subject.finding(slugs::IMPLICIT_HEALTHCHECK_TIMING, health.key, "healthcheck", message);
    sink.report(finding.tip("write the numbers that are meant"));
}

/// The numbers that a probe, which counts in whole seconds, cannot have.
fn short(subject: &Subject<'_>, health: &Healthcheck, sink: &mut Sink) {
    let numbers = [
        ("interval", &health.interval, "30s"),
        ("timeout", &health.timeout, "30s"),
        ("start_period", &health.start_period, "0s"),
    ];
    for (key, number, usual) in numbers {
        let Some(number) = number.as_ref().filter(|number| number.value < Duration(SECOND)) else { continue };
        let message = match number.value {
            Duration(0) if key == "start_period" => continue,
            Duration(0) => {
                format!("`{key}` of `{}` is zero, which stands for Docker's {usual}", subject.name)
            }
            _ => format!(
                "`{key}` of `{}` is below a second; a probe counts whole seconds, so it gets one",
                subject.name
            ),
        };
        say(subject, number.span, key, message, sink);
    }
    if let Some(retries) = health.retries.as_ref().filter(|retries| retries.value.0 == 0) {
        let message = format!("`retries` of `{}` is zero, which stands for Docker's 3", subject.name);
        say(subject, retries.span, "retries", message, sink);
    }
}

fn say(subject: &Subject<'_>, span: crate::source::span::Span, key: &str, message: String, sink: &mut Sink) {
    let path = format!("healthcheck.{key}");
    let finding = subject.finding(slugs::IMPLICIT_HEALTHCHECK_TIMING, span, &path, message);
    sink.report(finding.tip("write the number that is meant, in whole seconds"));
}
