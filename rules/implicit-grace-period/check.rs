//! Looks for services that leave open how long they may take to stop.

use crate::diag::{Edit, Safety, slugs};
use crate::rule::subject::{self, Subject};
use crate::rule::{Ctx, Sink};
use crate::source::span::Span;

/// What Docker waits.
const WORDS: &str = "stop_grace_period: 10s";

pub(crate) fn check(ctx: &Ctx<'_>, sink: &mut Sink) {
    for subject in subject::main(ctx).filter(|subject| subject.container.stop_grace_period.is_none()) {
        let message = format!(
            "`{}` has no `stop_grace_period`; Docker waits 10 s before it kills, Kubernetes 30 s, and the output says 10",
            subject.name
        );
        let mut finding = subject.absence(slugs::IMPLICIT_GRACE_PERIOD, message);
        if let Some(edit) = edit(ctx, &subject) {
            finding = finding.fix(Safety::Unsafe, "write what Docker waits", vec![edit]);
        }
        sink.report(finding);
    }
}

/// The line to be added at the end of the service, or the words at the beginning of one in braces.
fn edit(ctx: &Ctx<'_>, subject: &Subject<'_>) -> Option<Edit> {
    let span = subject.span;
    let text = ctx.files.text(span);
    // A key without a value is there already, and behind a block that keeps its empty lines nothing can be added.
    if text.contains("stop_grace_period") || text.contains("|+") || text.contains(">+") {
        return None;
    }
    if let Some(inner) = text.strip_prefix('{') {
        let comma = if inner.trim() == "}" { "" } else { ", " };
        let at = span.start as usize + 1;
        return Some(Edit { span: Span::new(span.file, at, at), text: format!("{WORDS}{comma}") });
    }
    let file = &ctx.files.file(span.file).text;
    let line = file[..span.start as usize].rfind('\n').map_or(0, |end| end + 1);
    let indent = file.get(line..span.start as usize)?;
    // An alias, and a service on the line of its name, have no line of their own to be followed.
    if !indent.bytes().all(|byte| byte == b' ') || text.starts_with(['*', '&', '!']) {
        return None;
    }
    let end = span.start as usize + text.trim_end().len();
    let end = end + file[end..].find('\n').unwrap_or(file.len() - end);
    let at = end - usize::from(file[..end].ends_with('\r'));
    let newline = if at < end { "\r\n" } else { "\n" };
    Some(Edit { span: Span::new(span.file, at, at), text: format!("{newline}{indent}{WORDS}") })
}
