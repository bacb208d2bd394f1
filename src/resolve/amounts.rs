//! How many containers, and what they may use: amounts that Compose lets a file say twice are said alike.

use super::context::Loader;
use crate::compose::service::Service;
use crate::diag::{Finding, slugs};
use crate::source::Text;
use crate::source::span::{Span, Spanned};

/// How many containers, said once, and no fixed name for more than one.
pub fn counts(loader: &mut Loader<'_>, name: &Text, service: &Service, path: &str) {
    let replicas = service.deploy.as_ref().and_then(|deploy| deploy.value.replicas.as_ref());
    if let (Some(scale), Some(replicas)) = (&service.scale, replicas)
        && scale.value != replicas.value
    {
        let message = format!("`scale` is {} and `deploy.replicas` is {}", scale.value, replicas.value);
        let finding = Finding::new(slugs::CONFLICTING_ENTRIES, scale.span, format!("{path}.scale"), message)
            .also(replicas.span, "the replicas")
            .tip("keep one of them");
        loader.refuse(finding);
    }
    for count in
        [&service.scale].into_iter().flatten().map(|count| &**count).chain(replicas.map(|count| &**count))
    {
        if count.value < 0 {
            let message = format!("service `{name}` has {} containers; 0 or more are possible", count.value);
            loader.refuse(Finding::new(slugs::INVALID_COMPOSE, count.span, path, message));
        }
    }
    let count = service.scale.as_deref().or(replicas.map(|replicas| &**replicas));
    if let (Some(fixed), Some(count)) = (&service.container_name, count)
        && count.value > 1
        && !fixed.value.is_empty()
    {
        let message = format!("{} containers cannot share the name `{}`", count.value, fixed.value);
        let finding =
            Finding::new(slugs::CONFLICTING_ENTRIES, fixed.key, format!("{path}.container_name"), message)
                .also(count.span, "more than one container")
                .tip("take `container_name` out");
        loader.refuse(finding);
    }
}

/// Limits that are said twice are said alike.
pub fn resources(loader: &mut Loader<'_>, service: &Service, path: &str) {
    let Some(deploy) = &service.deploy else { return };
    let Some(resources) = &deploy.value.resources else { return };
    let container = &service.container;
    if let Some(limits) = &resources.value.limits {
        let cpus = limits.value.cpus.as_ref().map_or((0.0, limits.span), |cpus| (cpus.value, cpus.span));
        if let Some(own) = container.cpus.as_ref().filter(|own| own.value != 0.0)
            && own.value.to_bits() != cpus.0.to_bits()
        {
            differ(loader, own, "cpus", cpus.1, "deploy.resources.limits.cpus", path);
        }
        let memory = limits.value.memory.as_ref().map_or((0, limits.span), |size| (size.value.0, size.span));
        if let Some(own) =
            container.mem_limit.as_ref().filter(|own| own.value.0 != 0 && own.value.0 != memory.0)
        {
            differ(loader, own, "mem_limit", memory.1, "deploy.resources.limits.memory", path);
        }
        let pids = limits.value.pids.as_ref().map_or((0, limits.span), |pids| (pids.value, pids.span));
        if let Some(own) = container.pids_limit.as_ref().filter(|own| own.value != 0 && own.value != pids.0) {
            differ(loader, own, "pids_limit", pids.1, "deploy.resources.limits.pids", path);
        }
    }
    if let Some(kept) = &resources.value.reservations {
        let memory = kept.value.memory.as_ref().map_or((0, kept.span), |size| (size.value.0, size.span));
        let own = container.mem_reservation.as_ref();
        if let Some(own) = own.filter(|own| own.value.0 != 0 && own.value.0 != memory.0) {
            differ(loader, own, "mem_reservation", memory.1, "deploy.resources.reservations.memory", path);
        }
    }
}

fn differ<T>(loader: &mut Loader<'_>, own: &Spanned<T>, key: &str, other: Span, other_key: &str, path: &str) {
    let message = format!("`{key}` and `{other_key}` differ");
    let finding = Finding::new(slugs::CONFLICTING_ENTRIES, own.span, format!("{path}.{key}"), message)
        .also(other, "the other value")
        .tip("keep one of them");
    loader.refuse(finding);
}
