//! Looks for text that the kubelet would expand, and Docker does not.

use crate::compose::project::entries;
use crate::diag::sensitive::{holds_secret, is_sensitive};
use crate::diag::slugs;
use crate::k8s::dollar;
use crate::rule::subject::{self, Subject};
use crate::rule::{Ctx, Sink, place};
use crate::source::Text;
use crate::source::span::Spanned;

pub(crate) fn check(ctx: &Ctx<'_>, sink: &mut Sink) {
    for subject in subject::all(ctx) {
        let wanted = wanted(&subject);
        let is_changed = |text: &str| dollar::is_changed(text) && dollar::is_changed(&without(text, &wanted));
        for (path, environment) in subject.environments() {
            for (name, value) in entries(environment) {
                let Some(text) = value.value.as_ref().map(|text| &text.0).filter(|text| is_changed(text))
                else {
                    continue;
                };
                let span = if is_sensitive(name) || holds_secret(text) { value.key } else { value.span };
                report(sink, &subject, span, &subject::entry(&path, name), text);
            }
        }
        for (path, command) in subject.commands() {
            let Some(command) = command else { continue };
            words(
                ctx,
                sink,
                &subject,
                &path,
                command.value.words.iter().filter(|word| is_changed(&word.value)),
            );
        }
        let health = subject.service.and(subject.workload.healthcheck.as_ref());
        let test = health.iter().flat_map(|health| &health.value.test).flat_map(|test| &test.value.words);
        words(ctx, sink, &subject, "healthcheck.test", test.filter(|word| is_changed(&word.value)));
    }
}

fn words<'c>(
    ctx: &Ctx<'_>,
    sink: &mut Sink,
    subject: &Subject<'_>,
    path: &str,
    words: impl Iterator<Item = &'c Spanned<Text>>,
) {
    for word in words {
        let text = word.value.as_str();
        let at = text.find("$(").or_else(|| text.find("$$")).unwrap_or_default();
        let end =
            text[at..].find(')').filter(|_| text[at..].starts_with("$(")).map_or(at + 2, |end| at + end + 1);
        report(sink, subject, place::part(ctx, word, text, at..end), path, text);
    }
}

fn report(sink: &mut Sink, subject: &Subject<'_>, span: crate::source::span::Span, path: &str, text: &str) {
    let mark = if text.contains("$(") { "$(…)" } else { "$$" };
    let message = format!(
        "the text holds `{mark}`, which the kubelet expands and Docker does not; the output escapes it"
    );
    sink.report(subject.finding(slugs::KUBELET_EXPANSION, span, path, message));
}

/// The names that the hint `expand` wants the kubelet to expand.
fn wanted(subject: &Subject<'_>) -> Vec<Text> {
    let extensions = subject.service.map(|service| &service.extensions);
    let hints = extensions.into_iter().flatten().filter(|entry| entry.key == "x-transship");
    let names = hints.filter_map(|entry| entry.node.as_map()?.get("expand")?.as_list());
    names.flatten().filter_map(|name| name.value.scalar_text()).collect()
}

/// The text without the references that are wanted.
fn without(text: &str, wanted: &[Text]) -> String {
    wanted.iter().fold(text.to_owned(), |text, name| text.replace(&format!("$({name})"), ""))
}
