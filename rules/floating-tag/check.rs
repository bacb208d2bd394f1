//! Looks for images whose tag is moved to other images: `latest`, none, or one that speaks of it.

use std::ops::Range;

use crate::diag::slugs;
use crate::rule::image::{Pulled, pulled};
use crate::rule::{Ctx, Sink, place};

/// What follows from a tag that moves.
const MOVES: &str = "moves: nodes run what they pulled at different times, and a rollback does not roll back";

/// Tags that are given to each new image.
const MOVING: [&str; 9] =
    ["latest", "stable", "main", "master", "edge", "nightly", "dev", "rolling", "current"];

pub(crate) fn check(ctx: &Ctx<'_>, sink: &mut Sink) {
    for Pulled { subject, image, reference, is_built } in pulled(ctx) {
        if reference.digest.is_some() {
            continue;
        }
        let (span, message) = match tag(&image.value) {
            // What is built here needs no tag before somebody pushes it.
            None if is_built => continue,
            None => (
                image.span,
                format!("`{}` names no tag, and `latest`, which is pulled then, {MOVES}", image.value),
            ),
            Some((_, tag)) if !moves(tag) => continue,
            Some((range, tag)) => {
                let pieces = place::pieces(ctx, image, &image.value).unwrap_or_default();
                let variable =
                    pieces.iter().find(|piece| piece.range == range).and_then(|piece| piece.variable);
                let span = place::part(ctx, image, &image.value, range);
                let message = match variable {
                    Some(variable) => {
                        format!("the tag `{tag}`, to which `{}` resolves, {MOVES}", variable.name)
                    }
                    None => format!("the tag `{tag}` {MOVES}"),
                };
                (span, message)
            }
        };
        let finding = subject.finding(slugs::FLOATING_TAG, span, "image", message);
        sink.report(finding.tip("name the version that is meant"));
    }
}

/// The tag in the name of an image, and where it stands.
fn tag(image: &str) -> Option<(Range<usize>, &str)> {
    let start = image.rfind(':')? + 1;
    // A colon before the last slash belongs to the port of the registry.
    (!image[start..].contains('/')).then(|| (start..image.len(), &image[start..]))
}

/// Whether a tag is given to each new image: `latest`, also in `latest-pg17` and `2022-latest`, and the others where no
/// number beside them says which image it is.
fn moves(tag: &str) -> bool {
    let mut words = tag.split(['-', '_']);
    let is_numbered = tag.bytes().any(|byte| byte.is_ascii_digit());
    words.any(|word| word == "latest" || MOVING.contains(&word) && !is_numbered)
}
