//! What comments allow, and what is to be said about the comments: of no use, without a reason, past their day.

use super::{nearest, rule};
use crate::diag::allowance::{Allowance, Allowances, Scope, Used, is_allowable};
use crate::diag::date::Date;
use crate::diag::suppression::{FORM, Suppression, Words};
use crate::diag::{Edit, Finding, Safety, Slug, slugs};
use crate::source::Text;
use crate::source::span::Span;

/// What is allowed when nobody says why.
pub const NO_REASON: &str = "nobody says why";

/// What the comments allow today.
pub fn allow(suppressions: &[Suppression], today: Date, allowances: &mut Allowances) {
    for Suppression { covers, words, .. } in suppressions {
        let (Some(covers), Ok(words)) = (covers, words) else { continue };
        if is_past(words.until, today) {
            continue;
        }
        let reason = words.reason.clone().unwrap_or(Text::new_static(NO_REASON));
        for (name, word) in &words.rules {
            let Some(rule) = rule(name) else { continue };
            let scope = Scope::Range { covers: *covers, word: *word };
            allowances.allow(Allowance { rule: rule.slug, scope, reason: reason.clone() });
        }
    }
}

/// What is to be said about the comments. `used` are the places at which they name rules that are raised; in `unseen`
/// stands what nothing was looked for in, because no active profile selects it.
#[must_use]
pub fn judge(
    suppressions: &[Suppression],
    used: Option<&Used>,
    unseen: &[Span],
    today: Date,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for suppression in suppressions {
        let words = match &suppression.words {
            Ok(words) => words,
            Err(misread) => {
                let finding = about(slugs::UNUSED_SUPPRESSION, misread.span, misread.message.clone());
                findings.push(finding.tip(misread.tip.clone()));
                continue;
            }
        };
        let before = findings.len();
        let is_judged = suppression.whole_file && !unseen.iter().any(|span| overlaps(suppression, *span));
        let used = used.filter(|_| is_judged);
        findings.extend((0..words.rules.len()).filter_map(|at| useless(suppression, words, at, used, today)));
        if findings.len() - before < words.rules.len() {
            findings.extend(unaccounted(suppression, words, today));
        }
    }
    findings
}

/// Whether the last day of an exception is over.
#[must_use]
pub fn is_past(until: Option<Date>, today: Date) -> bool {
    until.is_some_and(|until| until < today)
}

/// What is to be said about a rule that an entry or a comment names, when it can allow nothing at all.
#[must_use]
pub fn unknown(name: &str) -> Option<(String, String)> {
    match rule(name) {
        None => {
            let tip = nearest(name)
                .map_or("`transship rules` lists all rules".to_owned(), |near| format!("write `{near}`"));
            Some((format!("`{name}` is no rule, so nothing is allowed"), tip))
        }
        Some(rule) if [slugs::UNUSED_SUPPRESSION, slugs::SUPPRESSION_WITHOUT_REASON].contains(&rule.slug) => {
            let message = format!("`{name}` is about exceptions, and cannot be allowed by one");
            Some((message, format!("turn it off in `transship.toml`: `[rules] {name} = \"off\"`")))
        }
        Some(rule) if !is_allowable(rule.slug) => {
            let message = format!("`{name}` cannot be allowed: no output could be written");
            Some((message, format!("mend it; `transship explain {name}` says how")))
        }
        Some(_) => None,
    }
}

/// A rule of a comment that allows nothing.
fn useless(
    suppression: &Suppression,
    words: &Words,
    at: usize,
    used: Option<&Used>,
    today: Date,
) -> Option<Finding> {
    let (name, place) = &words.rules[at];
    if let Some((message, tip)) = unknown(name) {
        let finding = about(slugs::UNUSED_SUPPRESSION, *place, message).tip(tip);
        // What may be a typing error is for its author to mend.
        let stays = rule(name).is_none() && nearest(name).is_some();
        return Some(if stays { finding } else { without(finding, suppression, words, at) });
    }
    if suppression.covers.is_none() {
        let message = "nothing stands below the comment, so it allows nothing";
        let finding =
            about(slugs::UNUSED_SUPPRESSION, *place, message).tip("put it above the key that it is about");
        return Some(without(finding, suppression, words, at));
    }
    if is_past(words.until, today) || used.is_none_or(|used| used.words.contains(place)) {
        return None;
    }
    let message = format!("nothing raises `{name}` here, so the comment would only hide the next one");
    let finding = about(slugs::UNUSED_SUPPRESSION, *place, message).tip("remove it");
    Some(without(finding, suppression, words, at))
}

/// An exception that nobody can check: without a reason, or past its day.
fn unaccounted(suppression: &Suppression, words: &Words, today: Date) -> Option<Finding> {
    let names: Vec<String> = words.rules.iter().map(|(name, _)| format!("`{name}`")).collect();
    let (names, verbs) =
        (names.join(", "), if names.len() == 1 { ("is", "was", "counts") } else { ("are", "were", "count") });
    let slug = slugs::SUPPRESSION_WITHOUT_REASON;
    if let Some(until) = words.until.filter(|until| *until < today) {
        let message = format!("{names} {} allowed until {until}, and {} again", verbs.1, verbs.2);
        return Some(about(slug, suppression.span, message).tip("mend what it allows, or name a later day"));
    }
    if words.reason.is_some() {
        return None;
    }
    let message = format!("{names} {} allowed, and nobody says why", verbs.0);
    Some(about(slug, suppression.span, message).tip(format!("write the reason: `{FORM}`")))
}

fn about(slug: Slug, span: Span, message: impl Into<String>) -> Finding {
    Finding::new(slug, span, "", message)
}

/// The finding with the edit that takes the rule out of the comment, or the comment away.
fn without(finding: Finding, suppression: &Suppression, words: &Words, at: usize) -> Finding {
    let place = |at: usize| words.rules[at].1;
    let (title, span) = if words.rules.len() == 1 {
        ("remove the comment".to_owned(), suppression.whole)
    } else {
        let (start, end) =
            if at == 0 { (place(0).start, place(1).start) } else { (place(at - 1).end, place(at).end) };
        (format!("remove `{}` from the comment", words.rules[at].0), Span { start, end, ..suppression.span })
    };
    finding.fix(Safety::Safe, title, vec![Edit { span, text: String::new() }])
}

/// Whether a comment stands in a range, or covers a part of it.
fn overlaps(suppression: &Suppression, span: Span) -> bool {
    let touches = |other: Span| other.file == span.file && other.start < span.end && span.start < other.end;
    touches(suppression.span) || suppression.covers.is_some_and(touches)
}
