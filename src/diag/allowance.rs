//! What somebody allows, whoever says it: a flag, an entry of the configuration, or a comment in the source.

use std::collections::{BTreeMap, BTreeSet};

use super::{Finding, Slug, slugs};
use crate::source::Text;
use crate::source::span::{FileId, Span};

/// A rule that is allowed for a part of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// The rule.
    pub rule: Slug,
    /// For what.
    pub scope: Scope,
    /// Why, in the words of who allows it.
    pub reason: Text,
}

/// For what of a project a rule is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// For all of it: a flag says so.
    Everything,
    /// For what stands in a range: a comment says so. `word` is the place at which it names the rule.
    Range {
        /// The range.
        covers: Span,
        /// The place of the rule's name.
        word: Span,
    },
    /// For a service, a path and what is below it, or both: an entry of the configuration says so.
    Entry {
        /// The service.
        service: Option<Text>,
        /// The path; `*` stands for any name.
        path: Option<Text>,
        /// Which entry it is.
        number: usize,
    },
}

/// All that is allowed.
#[derive(Clone, Debug, Default)]
pub struct Allowances {
    /// By rule, and for comments by the file that they are in.
    by_rule: BTreeMap<(Slug, Option<FileId>), Vec<Allowance>>,
}

/// Which comments and entries allow something that is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// The places at which comments name the rules.
    pub words: BTreeSet<Span>,
    /// The entries of the configuration.
    pub entries: BTreeSet<usize>,
}

/// The rules that nobody can allow: there is no output that could be written, or they are about allowing itself.
const NEVER: [Slug; 8] = [
    slugs::BROKEN_REFERENCE,
    slugs::CLEARED_ENTRYPOINT,
    slugs::EMPTY_PROJECT,
    slugs::ILLEGAL_NAME,
    slugs::INVALID_COMPOSE,
    slugs::REJECTED_OUTPUT,
    slugs::SUPPRESSION_WITHOUT_REASON,
    slugs::UNUSED_SUPPRESSION,
];

/// Whether a rule can be allowed.
#[must_use]
pub fn is_allowable(rule: Slug) -> bool {
    !NEVER.contains(&rule)
}

/// The rules whose findings gather places before anybody looks at them: each place is allowed by itself.
const GATHERED: [Slug; 2] = [slugs::MISSING_REQUIRED_VARIABLE, slugs::UNRESOLVED_VARIABLE];

impl Allowances {
    /// Takes an allowance in; what cannot be allowed is passed over.
    pub fn allow(&mut self, allowance: Allowance) {
        if is_allowable(allowance.rule) {
            let file = match &allowance.scope {
                Scope::Range { covers, .. } => Some(covers.file),
                Scope::Everything | Scope::Entry { .. } => None,
            };
            self.by_rule.entry((allowance.rule, file)).or_default().push(allowance);
        }
    }

    /// What flags allow, alone.
    #[must_use]
    pub fn of_flags(&self) -> Self {
        let mut flags = Self::default();
        for allowance in self.by_rule.values().flatten().filter(|one| one.scope == Scope::Everything) {
            flags.allow(allowance.clone());
        }
        flags
    }

    /// What allows a finding; of several the one that says most exactly what it is for.
    #[must_use]
    pub fn covering(&self, finding: &Finding) -> Option<&Allowance> {
        self.all_covering(finding).min_by_key(|allowance| allowance.scope.width())
    }

    fn all_covering(&self, finding: &Finding) -> impl Iterator<Item = &Allowance> {
        let of = |file| self.by_rule.get(&(finding.slug, file)).map(Vec::as_slice).unwrap_or_default();
        let of_file = of(Some(finding.primary.span.file));
        of(None).iter().chain(of_file).filter(|allowance| allowance.scope.covers(finding))
    }

    /// The same findings, each with the reason for which it is allowed, if it is. One that has gathered places of which
    /// some are allowed becomes several.
    #[must_use]
    pub fn mark(&self, findings: Vec<Finding>) -> Vec<Finding> {
        let mut marked = Vec::with_capacity(findings.len());
        for mut finding in findings {
            if !self.speaks_of(finding.slug) {
                marked.push(finding);
            } else if GATHERED.contains(&finding.slug) {
                marked.extend(self.apart(finding));
            } else {
                finding.allowed = self.covering(&finding).map(|allowance| allowance.reason.to_string());
                marked.push(finding);
            }
        }
        marked
    }

    /// What of all this allows something that is there.
    #[must_use]
    pub fn used(&self, findings: &[Finding]) -> Used {
        let mut used = Used::default();
        for finding in findings.iter().filter(|finding| self.speaks_of(finding.slug)) {
            for place in places(finding) {
                for allowance in self.all_covering(&place) {
                    match &allowance.scope {
                        Scope::Everything => {}
                        Scope::Range { word, .. } => _ = used.words.insert(*word),
                        Scope::Entry { number, .. } => _ = used.entries.insert(*number),
                    }
                }
            }
        }
        used
    }

    fn speaks_of(&self, rule: Slug) -> bool {
        let files = (rule, None)..=(rule, Some(FileId(u32::MAX)));
        self.by_rule.range(files).next().is_some()
    }

    /// A finding of many places as one for each reason that there is, and one for what is not allowed.
    fn apart(&self, finding: Finding) -> Vec<Finding> {
        let mut parts: Vec<Finding> = Vec::new();
        for mut place in places(&finding) {
            place.allowed = self.covering(&place).map(|allowance| allowance.reason.to_string());
            match parts.iter_mut().find(|part| part.allowed == place.allowed) {
                Some(part) => part.labels.push(place.primary),
                None => parts.push(place),
            }
        }
        parts
    }
}

/// The finding at each of its places, when it has gathered some; else itself.
fn places(finding: &Finding) -> Vec<Finding> {
    if !GATHERED.contains(&finding.slug) || finding.labels.is_empty() {
        return vec![finding.clone()];
    }
    let bare = Finding { labels: Vec::new(), ..finding.clone() };
    let others = finding.labels.iter().map(|label| Finding { primary: label.clone(), ..bare.clone() });
    std::iter::once(bare.clone()).chain(others).collect()
}

impl Scope {
    fn covers(&self, finding: &Finding) -> bool {
        match self {
            Self::Everything => true,
            Self::Range { covers, .. } => {
                let span = finding.primary.span;
                span.file == covers.file && covers.start <= span.start && span.end <= covers.end
            }
            Self::Entry { service, path, number: _ } => {
                let is_service = |service: &Text| finding.service.as_deref() == Some(service);
                service.as_ref().is_none_or(is_service)
                    && path.as_ref().is_none_or(|path| is_below(path, &finding.path))
            }
        }
    }

    /// How much it is for; the smaller it is, the more exact are the words about it.
    fn width(&self) -> (u8, u32) {
        match self {
            Self::Range { covers, .. } => (0, covers.end - covers.start),
            Self::Entry { .. } => (1, 0),
            Self::Everything => (2, 0),
        }
    }
}

/// Whether a path is the one that a pattern names, or below it; `*` stands for any name.
fn is_below(pattern: &str, path: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else {
        let rest = path.strip_prefix(pattern);
        return rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
    };
    let Some(rest) = path.strip_prefix(before) else { return false };
    let ends = rest.char_indices().filter(|(_, letter)| matches!(letter, '.' | '[' | ']')).map(|(at, _)| at);
    // A name may hold dots itself, as those of labels do.
    ends.chain([rest.len()]).filter(|end| *end > 0).any(|end| is_below(after, &rest[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(start: usize, path: &str) -> Finding {
        Finding::new(slugs::HOST_NETWORK, Span::new(FileId(0), start, start + 2), path, "x")
    }

    #[test]
    fn the_narrowest_allowance_gives_the_reason() {
        let mut allowances = Allowances::default();
        let range = |start, end| Scope::Range {
            covers: Span::new(FileId(0), start, end),
            word: Span::new(FileId(0), start, start),
        };
        let entry = Scope::Entry { service: Some("web".into()), path: None, number: 3 };
        for (scope, reason) in
            [(Scope::Everything, "flag"), (range(0, 100), "file"), (range(10, 20), "key"), (entry, "entry")]
        {
            allowances.allow(Allowance { rule: slugs::HOST_NETWORK, scope, reason: reason.into() });
        }
        let reason = |start, path| allowances.covering(&at(start, path)).map(|found| found.reason.as_str());
        assert_eq!(reason(12, ""), Some("key"));
        assert_eq!(reason(19, ""), Some("file"));
        assert_eq!(reason(200, "services.web.x"), Some("entry"));
        assert_eq!(reason(200, "services.other"), Some("flag"));
        let used = allowances.used(&[at(12, "services.web")]);
        assert_eq!((used.words.len(), used.entries.into_iter().collect::<Vec<_>>()), (2, vec![3]));
    }

    #[test]
    fn the_places_of_a_gathered_finding_are_allowed_one_by_one() {
        let word = |start| Span::new(FileId(0), start, start + 1);
        let finding = Finding::new(slugs::UNRESOLVED_VARIABLE, word(1), "x", "`A` has no value")
            .also(word(11), "")
            .also(word(21), "");
        let mut allowances = Allowances::default();
        let scope = Scope::Range { covers: Span::new(FileId(0), 10, 15), word: word(9) };
        allowances.allow(Allowance { rule: slugs::UNRESOLVED_VARIABLE, scope, reason: "later".into() });
        let marked = allowances.mark(vec![finding]);
        let seen: Vec<(u32, usize, Option<&str>)> = marked
            .iter()
            .map(|one| (one.primary.span.start, one.labels.len(), one.allowed.as_deref()))
            .collect();
        assert_eq!(seen, [(1, 1, None), (11, 0, Some("later"))]);
    }

    #[test]
    fn a_path_covers_what_is_below_it() {
        assert!(is_below("services.web", "services.web.ports[0]"));
        assert!(is_below("services.*.ports", "services.web.ports[0].target"));
        assert!(is_below("services.web.ports[*]", "services.web.ports[12]"));
        assert!(is_below("services.*.labels.*", "services.web.labels.a.b"));
        assert!(!is_below("services.web", "services.webs"));
        assert!(!is_below("services.*.ports", "services.web.image"));
        assert!(!is_below("services.*", "services"));
    }
}
