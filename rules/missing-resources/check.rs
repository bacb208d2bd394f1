//! Looks for services without a memory limit. The conversion speaks of limits that reserve nothing.

use crate::compose::service::Service;
use crate::compose::units::Bytes;
use crate::diag::slugs;
use crate::rule::{Ctx, Sink, subject};

pub(crate) fn check(ctx: &Ctx<'_>, sink: &mut Sink) {
    for subject in subject::main(ctx) {
        let Some(service) = subject.service else { continue };
        let [limit, reservation] = memory(service);
        if limit {
            continue;
        }
        let name = subject.name;
        let (message, tip) = if reservation {
            (
                format!("`{name}` has no memory limit; a leak takes the memory of the whole node"),
                "measure it, and write `deploy: {resources: {limits: {memory: 512M}}}`",
            )
        } else {
            (
                format!(
                    "`{name}` has no memory limit and reserves none; its pod is the first to go when a node runs out"
                ),
                "measure it, and write `deploy: {resources: {limits: {memory: 512M}, reservations: {memory: 256M}}}`",
            )
        };
        sink.report(subject.absence(slugs::MISSING_RESOURCES, message).tip(tip));
    }
}

/// Whether a service has a memory limit, and a reservation; zero is none.
fn memory(service: &Service) -> [bool; 2] {
    let resources = service.deploy.as_ref().and_then(|deploy| deploy.value.resources.as_ref());
    let limits = resources.and_then(|resources| resources.value.limits.as_ref());
    let reservations = resources.and_then(|resources| resources.value.reservations.as_ref());
    let of_deploy = [
        limits.and_then(|limits| limits.value.memory.as_ref()),
        reservations.and_then(|reservations| reservations.value.memory.as_ref()),
    ];
    let of_service = [service.container.mem_limit.as_ref(), service.container.mem_reservation.as_ref()];
    let is_set = |at: usize| {
        let written = [of_deploy[at], of_service[at]];
        written.into_iter().flatten().any(|bytes| bytes.value > Bytes(0))
    };
    [is_set(0), is_set(1)]
}
