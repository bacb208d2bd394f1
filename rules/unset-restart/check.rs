//! Looks for services that run on and say nothing of restarts.

use crate::diag::slugs;
use crate::rule::{Ctx, Sink, subject};

pub(crate) fn check(ctx: &Ctx<'_>, sink: &mut Sink) {
    for subject in subject::main(ctx) {
        let Some(service) = subject.service else { continue };
        let policy = service.deploy.as_ref().and_then(|deploy| deploy.value.restart_policy.as_ref());
        if service.restart.is_some() || policy.is_some() || !ctx.plan.topology.is_lasting(subject.name) {
            continue;
        }
        let message = format!(
            "`{}` sets no `restart`; Compose leaves it down when it ends, Kubernetes starts it again",
            subject.name
        );
        let tip = "write `restart: unless-stopped`, or `restart: \"no\"` when it is a task that ends";
        sink.report(subject.absence(slugs::UNSET_RESTART, message).tip(tip));
    }
}
