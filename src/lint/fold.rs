//! Advice is gathered: one diagnostic for each rule and file, with one label for each place.

use std::collections::{BTreeMap, BTreeSet};

use super::alike;
use crate::diag::{Finding, Fix, Label, Level, Slug};
use crate::source::span::{FileId, Span};

/// The rules about something that many services lack or share: one diagnostic says it.
const COMMON: [&str; 13] = [
    "missing-healthcheck",
    "unspecified-user",
    "missing-hardening",
    "writable-root-fs",
    "missing-resources",
    "missing-digest",
    "short-image-name",
    "implicit-healthcheck-timing",
    "implicit-grace-period",
    "unset-restart",
    "invented-volume-size",
    "implicit-default",
    "shared-writable-volume",
];

/// A rule that warns of more places of a file than this is read as one diagnostic.
const CROWD: usize = 3;

/// Gathers what belongs together; `summary` names the fact of a rule in one line.
#[must_use]
pub fn fold(findings: Vec<Finding>, summary: impl Fn(Slug) -> &'static str) -> Vec<Finding> {
    let is_advice = |finding: &Finding| finding.level == Level::Note || COMMON.contains(&finding.slug.0);
    fold_where(findings, &summary, is_advice, 1)
}

/// Gathers also the warnings of a rule that has many places in a file, for a reader who has seen the first ones.
#[must_use]
pub fn crowds(findings: Vec<Finding>, summary: impl Fn(Slug) -> &'static str) -> Vec<Finding> {
    fold_where(findings, &summary, |finding| finding.level == Level::Warning, CROWD)
}

/// Gathers, by rule and file, more than `few` of the findings that `is_gathered` takes.
fn fold_where(
    findings: Vec<Finding>,
    summary: &impl Fn(Slug) -> &'static str,
    is_gathered: impl Fn(&Finding) -> bool,
    few: usize,
) -> Vec<Finding> {
    let mut groups: Vec<Vec<Finding>> = Vec::new();
    let mut open: BTreeMap<(Slug, FileId, Option<String>), usize> = BTreeMap::new();
    for finding in findings {
        if !is_gathered(&finding) {
            groups.push(vec![finding]);
            continue;
        }
        // What is allowed is told apart from what is not, and from what is allowed for another reason.
        let kind = (finding.slug, finding.primary.span.file, finding.allowed.clone());
        let at = *open.entry(kind).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.push(finding),
            None => groups.push(vec![finding]),
        }
    }
    let mut folded = Vec::new();
    for group in groups {
        if group.len() > few {
            folded.extend(gather(group, summary));
        } else {
            folded.extend(group);
        }
    }
    folded
}

/// One finding that says what all of the group say.
fn gather(group: Vec<Finding>, summary: impl Fn(Slug) -> &'static str) -> Option<Finding> {
    let places = group.len();
    let level = group.iter().map(|finding| finding.level).max()?;
    let same_service = all_equal(group.iter().map(|finding| &finding.service));
    let common = Common::of(&group, level);
    let mut members = group.into_iter();
    let mut first = members.next()?;
    first.level = level;
    first.primary.message = common.words(&first);
    let place = |fix: &Fix| fix.edits.first().map(|edit| edit.span);
    let mut mended: BTreeSet<Option<Span>> = first.fixes.iter().map(place).collect();
    for mut member in members {
        let message = common.words(&member);
        first.labels.push(Label { span: member.primary.span, message });
        first.labels.append(&mut member.labels);
        // What an anchor brings to several members is mended once for all of them.
        for fix in member.fixes.drain(..) {
            if mended.insert(place(&fix)) || !first.fixes.contains(&fix) {
                first.fixes.push(fix);
            }
        }
    }
    if !common.message {
        let fact = common.fact.strip_suffix("; ").unwrap_or_else(|| summary(first.slug));
        let consequence = common.consequence.get(1..).map_or(String::new(), |words| format!(";{words}"));
        first.message = format!("{places} places: {fact}{consequence}");
    }
    first.tip = common.tip;
    if !same_service {
        first.service = None;
    }
    Some(first)
}

/// What the members of a group say alike.
struct Common {
    /// Whether the messages are equal.
    message: bool,
    /// What unequal messages begin with.
    fact: String,
    /// What they end with.
    consequence: String,
    /// Whether the tips are equal, or one can stand for all.
    tips: bool,
    tip: Option<String>,
}

impl Common {
    fn of(group: &[Finding], level: Level) -> Self {
        let messages: Vec<&str> = group.iter().map(|finding| finding.message.as_str()).collect();
        let message = all_equal(messages.iter());
        let (fact, consequence) = if message { Default::default() } else { around(&messages) };
        if all_equal(group.iter().map(|finding| &finding.tip)) {
            let tip = group.first().and_then(|finding| finding.tip.clone());
            return Self { message, fact, consequence, tips: true, tip };
        }
        let tips: Option<Vec<(&str, &str)>> =
            group.iter().map(|finding| Some((finding.message.as_str(), finding.tip.as_deref()?))).collect();
        // Whoever has to act gets what to write as a whole.
        let tip = tips.filter(|_| level < Level::Error).and_then(|tips| alike::tip(&tips));
        Self { message, fact, consequence, tips: tip.is_some(), tip }
    }

    /// What a member says at its place: also what the others do not say.
    fn words(&self, member: &Finding) -> String {
        let message = member.message.strip_prefix(self.fact.as_str()).filter(|_| !self.message);
        let message = message.and_then(|message| message.strip_suffix(self.consequence.as_str()));
        let own = Some(member.primary.message.as_str()).filter(|words| !words.is_empty());
        let tip = member.tip.as_deref().filter(|_| !self.tips);
        message.into_iter().chain(own).chain(tip).collect::<Vec<&str>>().join("; ")
    }
}

/// What the messages begin with, and what their rests end with.
fn around(messages: &[&str]) -> (String, String) {
    let fact = alike::beginning(messages).unwrap_or_default();
    let rests: Vec<&str> = messages.iter().map(|message| &message[fact.len()..]).collect();
    (fact.to_owned(), alike::ending(&rests).unwrap_or_default().to_owned())
}

fn all_equal<T: PartialEq>(mut items: impl Iterator<Item = T>) -> bool {
    items.next().is_none_or(|first| items.all(|item| item == first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::slugs::{OBSOLETE_KEY, UNSPECIFIED_USER};
    use crate::diag::{Edit, Safety};
    use crate::source::files::Files;

    fn note(file: FileId, at: usize, path: &str, message: &str, tip: &str) -> Finding {
        let mut finding = Finding::new(OBSOLETE_KEY, Span::new(file, at, at + 1), path, message).tip(tip);
        finding.level = Level::Note;
        finding
    }

    #[test]
    fn notes_of_one_rule_and_file_become_one_with_a_label_for_each_place() {
        let mut files = Files::default();
        let (left, right) = (files.add("a", "0123456789"), files.add("b", "0123456789"));
        let found = vec![
            note(left, 1, "services.a.tty", "`yes` is a word", "write `true`"),
            note(left, 5, "services.b.tty", "`no` is a word", "write `false`"),
            note(right, 2, "version", "`version` is obsolete", "remove it"),
        ];
        let folded = fold(found, |_| "old spellings");
        assert_eq!(folded.len(), 2);
        assert_eq!(folded[0].message, "2 places: old spellings");
        assert_eq!(folded[0].primary.message, "`yes` is a word; write `true`");
        assert_eq!(folded[0].labels[0].message, "`no` is a word; write `false`");
        assert_eq!((folded[0].tip.as_deref(), folded[0].service.as_deref()), (None, None));
        assert_eq!(folded[1].message, "`version` is obsolete");
    }

    #[test]
    fn many_warnings_of_one_rule_are_read_as_one() {
        let mut files = Files::default();
        let file = files.add("a", "0123456789");
        let warning = |at| {
            let mut finding = note(file, at, "", "x", "y");
            finding.level = Level::Warning;
            finding
        };
        assert_eq!(crowds((0..3).map(warning).collect(), |_| "").len(), 3);
        let four = crowds((0..4).map(warning).collect(), |_| "");
        assert_eq!((four.len(), four[0].labels.len()), (1, 3));
    }

    #[test]
    fn an_error_keeps_its_own_tip() {
        let mut files = Files::default();
        let file = files.add("a", "0123456789");
        let of = |level| {
            let refused = |(at, name): (usize, &str)| {
                let (message, tip) =
                    (format!("`{name}` has no user"), format!("pass `--user-map {name}=UID`"));
                let mut finding = note(file, at, "", &message, &tip);
                (finding.slug, finding.level) = (UNSPECIFIED_USER, level);
                finding
            };
            let mut folded = fold([(1, "web"), (5, "api")].map(refused).into(), |_| "nobody says");
            let folded = folded.remove(0);
            (folded.primary.message, folded.tip)
        };
        let own = "`web` has no user; pass `--user-map web=UID`".to_owned();
        assert_eq!(of(Level::Error), (own, None));
        let common = "pass `--user-map …=UID`".to_owned();
        assert_eq!(of(Level::Warning), ("`web` has no user".to_owned(), Some(common)));
    }

    #[test]
    fn what_mends_several_at_once_is_one_fix() {
        let mut files = Files::default();
        let file = files.add("a", "0123456789");
        let edit = |at| Edit { span: Span::new(file, at, at), text: "x".into() };
        let mended = |at| {
            note(file, at, "", "m", "t").fix(
                Safety::Unsafe,
                "write it",
                vec![edit(if at == 1 { 9 } else { 8 })],
            )
        };
        let folded = fold(vec![mended(1), mended(3), mended(5)], |_| "");
        assert_eq!(folded[0].fixes.len(), 2);
    }

    #[test]
    fn errors_are_never_gathered() {
        let mut files = Files::default();
        let file = files.add("a", "0123456789");
        let error = |at| Finding::new(OBSOLETE_KEY, Span::new(file, at, at + 1), "", "x");
        assert_eq!(fold(vec![error(1), error(3)], |_| "").len(), 2);
    }
}
