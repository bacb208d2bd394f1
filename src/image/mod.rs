//! What is known of each image of a project: from metadata, from Dockerfiles, from the catalogue.

pub mod dockerfile;
pub mod metadata;
mod accounts;
mod builds;
mod catalogue;
mod layers;
mod merge;
mod paths;
mod ports;
mod source;
mod stages;
mod user;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;

use crate::compose::codec::Field;
use crate::compose::image_facts::ImageFacts;
use crate::compose::mount::{Mount, MountKind};
use crate::compose::project::{Project, entries, items};
use crate::source::Text;
use crate::source::files::Files;
use crate::source::reader::Reader;
use crate::source::span::Spanned;
use builds::Builds;
use metadata::Metadata;

/// What is known of each image: metadata is trusted most, then the Dockerfile of a `build`, then the catalogue.
///
/// The Dockerfiles are added to `files` under the names that they have as seen from `standpoint`.
#[must_use]
pub fn facts(
    project: &Project,
    metadata: &[Metadata],
    reader: &dyn Reader,
    standpoint: &Path,
    files: &mut Files,
) -> ImageFacts {
    let mut builds = Builds::new(project, metadata, reader, standpoint, files);
    let mut facts = ImageFacts::default();
    for (name, service) in entries(&project.model.services) {
        let own = builds.of_service(name);
        let image = text(&service.value.container.image);
        let hooks = items(&service.value.pre_start).map(|hook| match text(&hook.value.container.image) {
            // The hook runs in the image of the service, which may be one that is built.
            None => Arc::clone(&own),
            same if same == image => Arc::clone(&own),
            Some(other) => builds.of_image(other),
        });
        let hooks: Vec<_> = hooks.collect();
        if !hooks.is_empty() {
            facts.pre_start.insert(name.clone(), hooks);
        }
        mounted(&mut builds, &mut facts, items(&service.value.container.volumes));
        facts.services.insert(name.clone(), own);
    }
    for (name, job) in entries(&project.model.jobs) {
        facts.jobs.insert(name.clone(), builds.of_job(name));
        mounted(&mut builds, &mut facts, items(&job.value.container.volumes));
    }
    facts.unread = builds.unread();
    facts
}

/// Takes in the images that mounts name.
fn mounted<'m>(
    builds: &mut Builds<'_>,
    facts: &mut ImageFacts,
    mounts: impl Iterator<Item = &'m Spanned<Mount>>,
) {
    for mount in mounts {
        let is_image = mount.value.kind.as_ref().is_some_and(|kind| kind.value == MountKind::Image);
        if let Some(image) = mount.value.source.as_ref().filter(|_| is_image)
            && !facts.images.contains_key(&image.value)
        {
            facts.images.insert(image.value.clone(), builds.of_image(&image.value));
        }
    }
}

fn text(field: &Field<Text>) -> Option<&Text> {
    field.as_ref().map(|text| &text.value).filter(|text| !text.is_empty())
}
