//! The images that nodes pull.

use std::collections::BTreeSet;

use super::subject::{self, Subject};
use super::{Ctx, place};
use crate::compose::image_reference::ImageReference;
use crate::compose::project::items;
use crate::source::Text;
use crate::source::span::Spanned;

/// An image and who uses it.
pub struct Pulled<'c> {
    /// The container.
    pub subject: Subject<'c>,
    /// Its name as it is written, variables replaced.
    pub image: &'c Spanned<Text>,
    /// The name in its parts.
    pub reference: ImageReference,
    /// Whether the project builds it, so that the name is that of a thing of its own.
    pub is_built: bool,
}

/// The images of the project whose names are known; those that are never pulled are left out.
#[must_use]
pub fn pulled<'c>(ctx: &Ctx<'c>) -> Vec<Pulled<'c>> {
    let built = built(ctx);
    let mut pulled = Vec::new();
    for subject in subject::all(ctx) {
        let Some(image) = subject.container.image.as_deref() else { continue };
        let policy = subject.container.pull_policy.as_ref().map_or("", |policy| policy.value.as_str());
        if matches!(policy, "never" | "build") || place::is_open(ctx, image, &image.value) {
            continue;
        }
        let Some(reference) = ImageReference::parse(&image.value) else { continue };
        let is_built = built.contains(&name(&reference));
        pulled.push(Pulled { subject, image, reference, is_built });
    }
    pulled
}

/// The names of what the project builds, without their tags.
fn built(ctx: &Ctx<'_>) -> BTreeSet<(Text, Text)> {
    let project = ctx.project.model.name.as_ref().map_or("", |name| name.value.as_str());
    let mut names = BTreeSet::new();
    for subject in subject::main(ctx) {
        let Some(build) = &subject.workload.build else { continue };
        let image = match &subject.container.image {
            Some(image) => image.value.clone(),
            None => format!("{project}-{}", subject.name).into(),
        };
        let tags = items(&build.value.tags).map(|tag| tag.value.clone());
        names.extend(
            tags.chain([image]).filter_map(|text| ImageReference::parse(&text).map(|known| name(&known))),
        );
    }
    names
}

fn name(reference: &ImageReference) -> (Text, Text) {
    (reference.registry.clone(), reference.repository.clone())
}
