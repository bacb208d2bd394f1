//! From what the stages say to what is printed: levels, order, each thing once, advice gathered.

mod alike;
pub mod fold;
pub mod levels;
pub mod registry;
pub mod suppressions;

use std::collections::BTreeSet;

use crate::diag::{self, Finding, Level, Slug};
use crate::rule::{Check, Ctx, RuleMeta, Sink};
use crate::source::{self, task};
use levels::Levels;

/// What the checks of the rules that are asked say about a project.
#[must_use]
pub fn check(ctx: &Ctx<'_>, is_asked: &dyn Fn(&RuleMeta) -> bool) -> Vec<Finding> {
    let asked = registry::RULES.iter().filter(|rule| is_asked(rule));
    let checks: Vec<Check> = asked.filter_map(|rule| rule.check).collect();
    let said_by = |checks: &[Check]| {
        let mut sink = Sink::default();
        checks.iter().for_each(|check| check(ctx, &mut sink));
        sink.into_findings()
    };
    let services = ctx.project.model.services.as_ref().map_or(0, |services| services.value.len());
    let (first, second) = checks.split_at(checks.len() / 2);
    let (mut findings, mut rest) = task::both_of(services, || said_by(first), || said_by(second));
    findings.append(&mut rest);
    findings
}

/// Gives the findings their levels and brings them into the form in which they are printed.
#[must_use]
pub fn run(mut findings: Vec<Finding>, levels: impl Into<Levels>) -> Vec<Finding> {
    level(&mut findings, &levels.into());
    order(&mut findings);
    gather(findings)
}

/// As [`run`], of the errors alone.
#[must_use]
pub fn errors(mut findings: Vec<Finding>, levels: &Levels) -> Vec<Finding> {
    level(&mut findings, levels);
    findings.retain(|finding| finding.level == Level::Error);
    order(&mut findings);
    gather(findings)
}

/// Gives the findings of a project their levels, and takes out those of rules that are not to be reported.
pub fn level(findings: &mut Vec<Finding>, levels: &Levels) {
    findings.retain_mut(|finding| {
        let Some(rule) = rule(finding.slug.0) else { return true };
        let level = levels.of(rule);
        finding.level = level.unwrap_or(finding.level);
        level.is_some()
    });
}

/// Brings findings with levels into the order of the files, each thing once.
pub fn order(findings: &mut Vec<Finding>) {
    diag::sort(findings);
    once(findings);
}

/// Gathers findings in their order into what is printed.
#[must_use]
pub fn gather(findings: Vec<Finding>) -> Vec<Finding> {
    let mut folded = fold::fold(findings, |slug: Slug| rule(slug.0).map_or("", |rule| rule.summary));
    diag::sort(&mut folded);
    folded
}

/// Gathers what was gathered once more, for a person who reads it from the top.
#[must_use]
pub fn crowds(findings: Vec<Finding>) -> Vec<Finding> {
    let mut folded = fold::crowds(findings, |slug: Slug| rule(slug.0).map_or("", |rule| rule.summary));
    diag::sort(&mut folded);
    folded
}

/// An anchor brings one mistake into many services: it is said once, for the first of them. The findings are in order.
fn once(findings: &mut Vec<Finding>) {
    let of_one_place =
        |one: &Finding, next: &Finding| one.primary.span == next.primary.span && one.slug == next.slug;
    let mut is_new = Vec::with_capacity(findings.len());
    for group in findings.chunk_by(of_one_place) {
        let mut said: BTreeSet<(bool, String)> = BTreeSet::new();
        // What is allowed for one service must not hide that it is not for another.
        let mut say = |finding: &Finding| said.insert((finding.allowed.is_some(), told_of_any(finding)));
        is_new.extend(group.iter().map(|finding| group.len() == 1 || say(finding)));
    }
    let mut is_new = is_new.into_iter();
    findings.retain(|_| is_new.next().unwrap_or(true));
}

/// The message without the name of the service or other entry that it is about.
fn told_of_any(finding: &Finding) -> String {
    let mut dots = finding.path.match_indices('.').map(|(at, _)| at);
    let Some(section) = dots.next() else { return finding.message.clone() };
    let owner = &finding.path[..dots.next().unwrap_or(finding.path.len())];
    finding.message.replace(owner, &owner[..section])
}

/// The rule of that name.
#[must_use]
pub fn rule(slug: &str) -> Option<&'static RuleMeta> {
    let at = registry::RULES.binary_search_by(|rule| rule.slug.0.cmp(slug));
    at.ok().map(|at| &registry::RULES[at])
}

/// The rule whose name differs least, when it differs little.
#[must_use]
pub fn nearest(name: &str) -> Option<&'static str> {
    source::nearest::nearest(name, registry::RULES.iter().map(|rule| rule.slug.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Posture, slugs};
    use crate::source::files::Files;
    use crate::source::span::Span;

    #[test]
    fn findings_get_the_level_of_their_rule_and_stand_in_the_order_of_the_file() {
        let mut files = Files::default();
        let file = files.add("compose.yaml", "version: 3\nx: $A\n");
        let late = Finding::new(slugs::UNRESOLVED_VARIABLE, Span::new(file, 14, 16), "x", "`A` has no value");
        let early =
            Finding::new(slugs::OBSOLETE_KEY, Span::new(file, 0, 7), "version", "`version` is obsolete");
        let found = run(vec![late.clone(), early, late], Posture::Faithful);
        let seen: Vec<(&str, Level)> = found.iter().map(|finding| (finding.slug.0, finding.level)).collect();
        assert_eq!(seen, [("obsolete-key", Level::Note), ("unresolved-variable", Level::Warning)]);
    }

    #[test]
    fn a_mistake_under_an_anchor_is_said_once() {
        let mut files = Files::default();
        let span = Span::new(files.add("compose.yaml", "x: 1"), 0, 1);
        let of = |service: &str| {
            let path = format!("services.{service}.tty");
            let message = format!("`{path}` is a list");
            Finding::new(slugs::INVALID_COMPOSE, span, path, message)
        };
        let found = run(vec![of("a"), of("b")], Posture::Faithful);
        let seen: Vec<&str> = found.iter().map(|finding| finding.message.as_str()).collect();
        assert_eq!(seen, ["`services.a.tty` is a list"]);
    }
}
