//! Looks for secrets that stand in the files: under a name that says so, or in a shape that nothing else has.

use std::ops::Range;

use crate::compose::codec::{Field, Map};
use crate::compose::command::Command;
use crate::compose::leaf::Loose;
use crate::compose::project::entries;
use crate::compose::shell::{self, Step};
use crate::compose::words;
use crate::diag::sensitive::{announces, arguments, assignments, holds_secret, passwords, promises_secret};
use crate::diag::{Finding, slugs};
use crate::rule::secret::{self, Written};
use crate::rule::subject::{self, Subject};
use crate::rule::{Ctx, Sink, place};
use crate::source::Text;
use crate::source::span::{Span, Spanned};

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
    }
    for (name, config) in entries(&ctx.project.model.configs) {
        let Some(content) = &config.value.content else { continue };
        let path = subject::entry("configs", name) + ".content";
        let mut at = 0;
        for line in content.value.split('\n') {
            if let Some((name, value)) = assigned(ctx, content, line, at) {
                sink.report(found(
                    Finding::new(slugs::LITERAL_SECRET, value.0, &path, message(&name, &value.1)),
                    &value.1,
                ));
            }
            at += line.len() + 1;
        }
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

/// A secret in a command line.
struct Told {
    name: String,
    /// What names it.
    key: Span,
    written: Written,
}

fn command(ctx: &Ctx<'_>, sink: &mut Sink, subject: &Subject<'_>, path: &str, command: &Field<Command>) {
    let Some(command) = command else { return };
    let mut told = Vec::new();
    match &command.value.line {
        Some(line) => {
            let words = words::split(&line.text).map(|split| split.words).unwrap_or_default();
            let words: Vec<(&str, Range<usize>)> =
                words.iter().map(|word| (word.text.as_str(), word.range.clone())).collect();
            told.extend(in_text(ctx, command, &line.text, 0));
            told.extend(announced(ctx, command, &line.text, &words));
            for word in &command.value.words {
                told.extend(in_script(ctx, word));
            }
        }
        None => {
            let words = &command.value.words;
            for word in words {
                told.extend(in_text(ctx, word, &word.value, 0));
                told.extend(in_script(ctx, word));
            }
            for pair in words.windows(2).filter(|pair| names_next(&pair[0].value)) {
                let text = pair[1].value.as_str();
                let written = plain(ctx, &pair[1], text, &(0..text.len())).filter(|_| !text.starts_with('-'));
                told.extend(written.map(|written| Told {
                    name: pair[0].value.to_string(),
                    key: pair[0].span,
                    written,
                }));
            }
        }
    }
    for Told { name, key, written } in told {
        let finding = subject.finding(slugs::LITERAL_SECRET, key, path, message(&name, &written));
        sink.report(found(finding, &written));
    }
}

/// What names its secret in a text itself: `--token=…`, `${TOKEN:-…}` of a shell.
fn in_text<T>(ctx: &Ctx<'_>, value: &Spanned<T>, text: &str, at: usize) -> Vec<Told> {
    let of_url = passwords(text);
    let own = arguments(text)
        .into_iter()
        .filter(|(range, name)| !of_url.contains(range) && promises_secret(name.trim_start_matches('-')));
    own.filter_map(|(range, name)| {
        let written = plain(ctx, value, text, &range)?;
        let start = text.get(..range.start)?.rfind(&name)?;
        Some(Told { key: place::part(ctx, value, text, at + start..at + start + name.len()), name, written })
    })
    .collect()
}

/// A secret in the word behind the one that announces it: `--token …`.
fn announced<T>(ctx: &Ctx<'_>, value: &Spanned<T>, text: &str, words: &[(&str, Range<usize>)]) -> Vec<Told> {
    let pairs = words.windows(2).filter(|pair| names_next(pair[0].0) && !pair[1].0.starts_with('-'));
    pairs
        .filter_map(|pair| {
            let written = plain(ctx, value, text, &pair[1].1)?;
            let key = place::part(ctx, value, text, pair[0].1.clone());
            Some(Told { name: pair[0].0.to_owned(), key, written })
        })
        .collect()
}

/// Secrets behind the words that announce them in a text for a shell.
fn in_script(ctx: &Ctx<'_>, word: &Spanned<Text>) -> Vec<Told> {
    if !word.value.contains(" -") {
        return Vec::new();
    }
    let script = shell::read(&word.value);
    let of_step = |step: &Step| {
        let words: Vec<(&str, Range<usize>)> =
            step.words.iter().map(|word| (word.text.as_str(), word.range.clone())).collect();
        announced(ctx, word, &word.value, &words)
    };
    script.commands().flat_map(of_step).collect()
}

/// Whether a word says that the next one is a secret.
fn names_next(word: &str) -> bool {
    announces(word) && promises_secret(word.trim_start_matches('-'))
}

/// The secret that a line of a config gives a name.
fn assigned(
    ctx: &Ctx<'_>,
    content: &Spanned<Text>,
    line: &str,
    at: usize,
) -> Option<(String, (Span, Written))> {
    if line.trim_start().starts_with(['#', ';', '/', '!']) {
        return None;
    }
    let named = assignments(line).into_iter().filter(|(name, _)| promises_secret(&line[name.clone()]));
    let mut named = named.filter(|(_, value)| passwords(&line[value.clone()]).is_empty());
    named.find_map(|(name, value)| {
        let written = plain(ctx, content, &content.value, &(at + value.start..at + value.end))?;
        let span = place::part(ctx, content, &content.value, at + name.start..at + name.end);
        Some((line[name].to_owned(), (span, written)))
    })
}
