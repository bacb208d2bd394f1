//! Which resources the active services use: `docker compose config` leaves out the others.

use std::collections::BTreeSet;

use crate::compose::mount::MountKind;
use crate::compose::project::{Model, entries, items};
use crate::source::Text;

/// The resources in use, by section.
#[derive(Debug, Default)]
pub struct Used {
    /// Networks.
    pub networks: BTreeSet<Text>,
    /// Volumes.
    pub volumes: BTreeSet<Text>,
    /// Secrets.
    pub secrets: BTreeSet<Text>,
    /// Configs.
    pub configs: BTreeSet<Text>,
    /// Language models.
    pub models: BTreeSet<Text>,
}

impl Used {
    /// What the services of a model use; jobs do not count, as for Compose.
    #[must_use]
    pub fn of(model: &Model) -> Self {
        let mut used = Self::default();
        for (_, service) in entries(&model.services) {
            let container = &service.value.container;
            used.networks.extend(entries(&container.networks).map(|(name, _)| name.clone()));
            used.models.extend(entries(&container.models).map(|(name, _)| name.clone()));
            for mount in items(&container.volumes) {
                let volume = mount.value.kind.as_ref().is_some_and(|kind| kind.value == MountKind::Volume);
                used.volumes
                    .extend(mount.value.source.iter().filter(|_| volume).map(|source| source.value.clone()));
            }
            let build = service.value.workload.build.iter().flat_map(|build| items(&build.value.secrets));
            for secret in items(&container.secrets).chain(build) {
                used.secrets.extend(secret.value.source.iter().map(|source| source.value.clone()));
            }
            for config in items(&container.configs) {
                used.configs.extend(config.value.source.iter().map(|source| source.value.clone()));
            }
        }
        used
    }
}
