//! Looks for images that a cluster which admits only trusted ones would refuse.

use crate::compose::image_facts::{Fact, Facts};
use crate::compose::image_reference::ImageReference;
use crate::diag::slugs;
use crate::rule::image::{Pulled, pulled};
use crate::rule::{Ctx, Sink, subject};
use crate::source::Text;

pub(crate) fn check(ctx: &Ctx<'_>, sink: &mut Sink) {
    let trusted = ctx.trusted_registries;
    let signed = subject::all(ctx).any(|subject| !subject.facts.signatures.is_unknown());
    if trusted.is_empty() && !signed {
        return;
    }
    for Pulled { subject, image, reference, is_built } in pulled(ctx) {
        // Nobody knows yet where what is built here under a bare name will be pushed.
        if is_built && !ImageReference::names_registry(&image.value) {
            continue;
        }
        let message = if !trusted.is_empty() && !trusted.iter().any(|registry| holds(registry, &reference)) {
            format!(
                "`{}` comes from `{}`, which is no trusted registry; a cluster that admits only those refuses the pod",
                image.value, reference.registry
            )
        } else if signed && !is_signed(subject.facts) {
            format!(
                "nothing is known of a signature of `{}`; a cluster that asks for one refuses the pod",
                image.value
            )
        } else {
            continue;
        };
        let finding = subject.finding(slugs::UNVERIFIED_IMAGE, image.span, "image", message);
        sink.report(finding.tip("mirror the image to a trusted registry, and sign it there"));
    }
}

/// Whether an image lies in a registry, or below a path of one as `ghcr.io/acme`.
fn holds(registry: &Text, reference: &ImageReference) -> bool {
    let wanted = registry.trim_end_matches('/');
    let name = format!("{}/{}", reference.registry, reference.repository);
    name.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('/'))
}

fn is_signed(facts: &Facts) -> bool {
    matches!(facts.signatures, Fact::Present(_))
}
