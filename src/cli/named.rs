//! Whether the project has what flags name: a service, an image, a volume.

use std::collections::BTreeSet;

use super::conversion::Conversion;
use super::error::Error;
use crate::compose::project::{Project, entries, items};
use crate::convert::topic::image;
use crate::resolve::Resolved;
use crate::source::Text;
use crate::source::nearest::nearest;

/// What the projects of a command line have.
#[derive(Debug, Default)]
struct Known {
    members: BTreeSet<Text>,
    images: BTreeSet<(Text, Text)>,
    volumes: BTreeSet<Text>,
}

/// Checks the flags against the project and what is merged on top of it; one that could not be loaded as a whole has
/// perhaps what they name.
///
/// # Errors
/// When a flag names what is not there.
pub(super) fn check<'r>(flags: &Conversion, all: impl Iterator<Item = &'r Resolved>) -> Result<(), Error> {
    let mut known = Known::default();
    for resolved in all {
        if resolved.broken || !resolved.stops.is_empty() {
            return Ok(());
        }
        known.take(&resolved.project);
    }
    let service = |flag, name: &str| {
        let is_there = known.members.contains(name);
        if is_there { Ok(()) } else { Err(unknown(flag, "service", name, &known.members)) }
    };
    for name in &flags.exclude {
        service("--exclude", name)?;
    }
    for (name, _) in &flags.user_map {
        service("--user-map", name)?;
    }
    for name in flags.routing.host.iter().filter_map(|(name, _)| name.as_ref()) {
        service("--host", name)?;
    }
    for (old, _) in &flags.image_map {
        if !known.images.iter().any(|(written, generated)| image::is_meant(old, written, generated)) {
            let names =
                known.images.iter().map(
                    |(written, generated)| {
                        if written.is_empty() { generated.clone() } else { written.clone() }
                    },
                );
            return Err(unknown("--image-map", "image", old, &names.collect()));
        }
    }
    for (name, _) in &flags.storage_class_map {
        if !known.volumes.contains(name) {
            return Err(unknown("--storage-class-map", "volume or driver", name, &known.volumes));
        }
    }
    Ok(())
}

fn unknown(flag: &'static str, what: &'static str, name: &str, known: &BTreeSet<Text>) -> Error {
    let near = nearest(name, known.iter().map(Text::as_str)).map(str::to_owned);
    Error::Unknown { flag, what, name: name.to_owned(), near }
}

impl Known {
    fn take(&mut self, project: &Project) {
        let model = &project.model;
        let own = model.name.as_ref().map_or("", |name| name.value.as_str());
        let services = entries(&model.services)
            .chain(project.inactive_services.iter())
            .map(|(name, service)| (name, &service.value.container, items(&service.value.pre_start)));
        for (name, container, hooks) in services {
            self.member(own, name, container.image.as_deref().map(|image| &image.value));
            for hook in hooks {
                self.member(own, name, hook.value.container.image.as_deref().map(|image| &image.value));
            }
        }
        for (name, job) in entries(&model.jobs).chain(project.inactive_jobs.iter()) {
            self.member(own, name, job.value.container.image.as_deref().map(|image| &image.value));
        }
        for (name, volume) in entries(&model.volumes) {
            self.volumes.insert(name.clone());
            let driver = volume.value.driver.as_ref().map_or("local", |driver| driver.value.as_str());
            self.volumes.insert(driver.into());
        }
    }

    fn member(&mut self, project: &str, name: &Text, image: Option<&Text>) {
        self.members.insert(name.clone());
        let image = image.cloned().unwrap_or_default();
        self.images.insert((image, format!("{project}-{name}").into()));
    }
}
