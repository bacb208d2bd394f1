//! Looks for secrets that stand in the files: under a name that says so, or in a shape that nothing else has.

use std::ops::Range;

use crate::compose::codec::{Field, Map};
use crate::compose::command::Command;
use crate::compose::leaf::Loose;
use crate::compose::project::entries;
use crate::diag::sensitive::command;
use crate::diag::sensitive::settings::{Given, assignments, inline, is_comment};
use crate::diag::sensitive::{holds_secret, passwords, promises_secret};
use crate::diag::{Finding, slugs};
use crate::rule::secret::{self, Written};
use crate::rule::subject::{self, Subject};
use crate::rule::{Ctx, Sink, place};
use crate::source::Text;
use crate::source::span::{Span, Spanned};

/// To find a place in a text takes as long as the text is: so many secrets of a command are told, and so many names in a
/// line are looked at.
const MOST: usize = 100;

pub(crate) fn check(ctx: &Ctx<'_>, sink: &mut Sink) {
    for subject in subject::all(ctx) {
        for (path, environment) in subject.environments() {
            for (name, value) in entries(environment) {
                let Some(Loose(text)) = &value.value else { continue };
                entry(ctx, sink, &subject, &path, name, &value.with(()), text);
            }
        }
        labels(ctx, sink, &subject, "labels", &subject.container.labels);
        if let Some(build) = subject.service.and(subject.workload.build.as_ref()) {
            for (name, value) in entries(&build.value.args) {
                let Some(Loose(text)) = &value.value else { continue };
                entry(ctx, sink, &subject, "build.args", name, &value.with(()), text);
            }
        }
        for (path, command) in subject.commands() {
            self::command(ctx, sink, &subject, &path, command);
        }
        let health = subject.service.and(subject.workload.healthcheck.as_ref());
        if let Some(test) = health.and_then(|health| health.value.test.as_ref()) {
            words(ctx, sink, &subject, "healthcheck.test", &test.value.words);
        }
    }
    for (name, config) in entries(&ctx.project.model.configs) {
        let Some(content) = &config.value.content else { continue };
        let path = subject::entry("configs", name) + ".content";
        settings(ctx, &content.with(()), &content.value, assignments, |span, name, written| {
            let finding = Finding::new(slugs::LITERAL_SECRET, span, &path, message(name, &written));
            sink.report(found(finding, &written));
        });
    }
}

/// What a line gives names, and the names.
type Named = for<'l> fn(&'l str) -> Box<dyn Iterator<Item = Given> + 'l>;

/// Shows the secrets to which the lines of a text give names.
fn settings(
    ctx: &Ctx<'_>,
    of: &Spanned<()>,
    text: &str,
    named: Named,
    mut found: impl FnMut(Span, &str, Written),
) {
    let mut at = 0;
    for line in text.split('\n') {
        if let Some((name, (span, written))) = assigned(ctx, of, text, (line, at), named) {
            found(span, &name, written);
        }
        at += line.len() + 1;
    }
}

fn message(name: &str, written: &Written) -> String {
    match written {
        Written::Literal => {
            format!("`{name}` holds a secret in clear: it would end up in a chart and in Git")
        }
        Written::Default(variable) => format!(
            "the default of `{variable}` is a secret in clear: it would end up in a chart and in Git, and runs where nobody sets another"
        ),
    }
}

fn found(finding: Finding, written: &Written) -> Finding {
    match written {
        Written::Literal => {
            finding.tip("use `secrets` and the variable that ends in `_FILE`, or demand a value: `${NAME:?}`")
        }
        Written::Default(variable) => finding.tip(format!("demand a value: `${{{variable}:?}}`")),
    }
}

fn labels(ctx: &Ctx<'_>, sink: &mut Sink, subject: &Subject<'_>, path: &str, labels: &Field<Map<Loose>>) {
    for (name, value) in entries(labels) {
        entry(ctx, sink, subject, path, name, &value.with(()), &value.value.0);
    }
}

/// A value with a name.
fn entry(
    ctx: &Ctx<'_>,
    sink: &mut Sink,
    subject: &Subject<'_>,
    path: &str,
    name: &str,
    value: &Spanned<()>,
    text: &str,
) {
    if let Some(written) = of_entry(ctx, name, value, text) {
        let path = subject::entry(path, name);
        let finding = subject.finding(slugs::LITERAL_SECRET, value.key, &path, message(name, &written));
        sink.report(found(finding, &written));
    } else {
        let path = subject::entry(path, name);
        let named: Named = if text.trim_end().contains('\n') { assignments } else { inline };
        settings(ctx, value, text, named, |span, name, written| {
            let finding = subject.finding(slugs::LITERAL_SECRET, span, &path, message(name, &written));
            sink.report(found(finding, &written));
        });
    }
}

fn of_entry(ctx: &Ctx<'_>, name: &str, value: &Spanned<()>, text: &str) -> Option<Written> {
    let whole = 0..text.len();
    // The password of an address is another rule's.
    let of_url = passwords(text);
    if promises_secret(name) || of_url.is_empty() && holds_secret(text) {
        return if of_url.is_empty() { plain(ctx, value, text, &whole) } else { None };
    }
    // A variable with such a name gives a part of it.
    place::pieces(ctx, value, text)?.into_iter().find_map(|piece| {
        let variable = piece.variable.filter(|variable| promises_secret(&variable.name))?;
        let in_url = of_url.iter().any(|url| url.start <= piece.range.start && piece.range.end <= url.end);
        let default = crate::source::origin::text(variable.default()?);
        let is_secret = !in_url && secret::is_value(&default) && passwords(&default).is_empty();
        is_secret.then(|| Written::Default(variable.name.clone()))
    })
}

/// How a secret is written; one that is put together from text and variables is not.
fn plain<T>(ctx: &Ctx<'_>, value: &Spanned<T>, text: &str, range: &Range<usize>) -> Option<Written> {
    let pieces = place::pieces(ctx, value, text).unwrap_or_default();
    let is_mixed = pieces.len() > 1
        && pieces.iter().any(|piece| {
            piece.variable.is_some()
                && piece.range != *range
                && range.start <= piece.range.start
                && piece.range.end <= range.end
        });
    if is_mixed { None } else { secret::written(ctx, value, text, range) }
}

fn command(ctx: &Ctx<'_>, sink: &mut Sink, subject: &Subject<'_>, path: &str, command: &Field<Command>) {
    let Some(command) = command else { return };
    if let Some(line) = &command.value.line {
        told(ctx, sink, subject, path, &[(command.with(()), &line.text)], command::of_line(&line.text));
    } else {
        words(ctx, sink, subject, path, &command.value.words);
    }
}

fn words(ctx: &Ctx<'_>, sink: &mut Sink, subject: &Subject<'_>, path: &str, words: &[Spanned<Text>]) {
    let places: Vec<(Spanned<()>, &str)> =
        words.iter().map(|word| (word.with(()), word.value.as_str())).collect();
    let texts: Vec<&str> = words.iter().map(|word| word.value.as_str()).collect();
    told(ctx, sink, subject, path, &places, command::of_words(&texts));
}

/// Reports what names its secret in a command; the password of an address is another rule's.
fn told(
    ctx: &Ctx<'_>,
    sink: &mut Sink,
    subject: &Subject<'_>,
    path: &str,
    texts: &[(Spanned<()>, &str)],
    secrets: Vec<command::Named>,
) {
    let is_told = |secret: &command::Named| !secret.is_of_address() && secret.is_promised();
    for command::Named { by, value, .. } in secrets.into_iter().filter(is_told).take(MOST) {
        let (of_value, text) = &texts[value.word];
        let Some(written) = plain(ctx, of_value, text, &value.range) else { continue };
        let (of_name, text) = &texts[by.word];
        let key = place::part(ctx, of_name, text, by.range.clone());
        let message = message(&text[by.range], &written);
        sink.report(found(subject.finding(slugs::LITERAL_SECRET, key, path, message), &written));
    }
}

/// The secret that a line of a text gives a name.
fn assigned(
    ctx: &Ctx<'_>,
    of: &Spanned<()>,
    text: &str,
    (line, at): (&str, usize),
    named: Named,
) -> Option<(String, (Span, Written))> {
    if is_comment(line) {
        return None;
    }
    let named = named(line).take(MOST).filter(|(name, _)| promises_secret(&line[name.clone()]));
    let mut named = named.filter(|(_, value)| passwords(&line[value.clone()]).is_empty());
    named.find_map(|(name, value)| {
        let written = plain(ctx, of, text, &(at + value.start..at + value.end))?;
        let span = place::part(ctx, of, text, at + name.start..at + name.end);
        Some((line[name].to_owned(), (span, written)))
    })
}
