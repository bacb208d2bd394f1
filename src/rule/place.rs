//! Where in the files a part of a value stands.

use std::ops::Range;

use super::Ctx;
use crate::source::origin::{Hop, Piece, Template, Variable};
use crate::source::span::{Span, Spanned};
use crate::yaml;

/// The pieces of a value; nothing when it was not interpolated.
#[must_use]
pub fn pieces<'c, T>(ctx: &Ctx<'c>, value: &Spanned<T>, text: &str) -> Option<Vec<Piece<'c>>> {
    ctx.project.origins.get(value.origin).pieces(text)
}

/// Whether the file demands a variable for the value, and there is none: nobody knows what it will be.
#[must_use]
pub fn is_open<T>(ctx: &Ctx<'_>, value: &Spanned<T>, text: &str) -> bool {
    let pieces = pieces(ctx, value, text).unwrap_or_default();
    pieces.iter().any(|piece| piece.variable.is_some_and(Variable::is_unmet))
}

/// Whether an env file or a label file holds the value.
#[must_use]
pub fn is_of_env_file<T>(ctx: &Ctx<'_>, value: &Spanned<T>) -> bool {
    ctx.project.origins.get(value.origin).hops.iter().any(|hop| matches!(hop, Hop::EnvFile(_)))
}

/// The place of the bytes `range` of a value that became `text`. Of a variable it is the whole use; where the file does
/// not show the bytes as they are, it is the place of the value.
#[must_use]
pub fn part<T>(ctx: &Ctx<'_>, value: &Spanned<T>, text: &str, range: Range<usize>) -> Span {
    if is_of_env_file(ctx, value) {
        return value.span;
    }
    let origin = ctx.project.origins.get(value.origin);
    let Some(template) = &origin.template else { return written(ctx, value.span, text, range) };
    let pieces = origin.pieces(text).unwrap_or_default();
    let mut touched =
        pieces.iter().filter(|piece| piece.range.start < range.end && range.start < piece.range.end);
    let Some(first) = touched.next() else { return value.span };
    let last = touched.next_back().unwrap_or(first);
    let start = match first.variable {
        Some(_) => first.written.start,
        None => first.written.start + literal(template, first, range.start.saturating_sub(first.range.start)),
    };
    let end = match last.variable {
        Some(_) => last.written.end,
        None => {
            last.written.start + literal(template, last, range.end.min(last.range.end) - last.range.start)
        }
    };
    written(ctx, value.span, &template.text, start..end)
}

/// How many bytes of a literal were written for the first `length` bytes of what it became: a `$$` became one `$`.
fn literal(template: &Template, piece: &Piece<'_>, length: usize) -> usize {
    let text = template.text.get(piece.written.clone()).unwrap_or_default().as_bytes();
    let mut at = 0;
    for _ in 0..length {
        at += if text.get(at..).is_some_and(|rest| rest.starts_with(b"$$")) { 2 } else { 1 };
    }
    at.min(text.len())
}

/// The place of the bytes `range` of `text`, which stands in the file at `span`; where it does not stand as it is, the
/// span.
#[must_use]
pub fn written(ctx: &Ctx<'_>, span: Span, text: &str, range: Range<usize>) -> Span {
    let place = yaml::inner(&ctx.files.file(span.file).text, span, range.clone());
    let same = text.get(range).is_some_and(|part| ctx.files.text(place) == part);
    if same { place } else { span }
}
