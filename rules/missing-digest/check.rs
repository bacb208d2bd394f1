//! Looks for images that are named by tag alone.

use crate::diag::slugs;
use crate::rule::image::{Pulled, pulled};
use crate::rule::{Ctx, Sink};

pub(crate) fn check(ctx: &Ctx<'_>, sink: &mut Sink) {
    for Pulled { subject, image, reference, is_built } in pulled(ctx) {
        if is_built || reference.digest.is_some() {
            continue;
        }
        let message = if reference.tag.is_some() {
            format!("`{}` has no digest; its tag can move between two starts of a pod", image.value)
        } else {
            format!(
                "`{}` has neither tag nor digest; `latest` can move between two starts of a pod",
                image.value
            )
        };
        let finding = subject.finding(slugs::MISSING_DIGEST, image.span, "image", message);
        sink.report(finding.tip("add the digest of the index behind the tag: `@sha256:…`"));
    }
}
