//! From what the stages say to what is printed: levels, order, each thing once, advice gathered.

pub mod fold;
pub mod registry;

use crate::diag::{self, Finding, Slug};
use crate::rule::{Posture, RuleMeta};

/// Gives the findings their levels and brings them into the form in which they are printed.
#[must_use]
pub fn run(mut findings: Vec<Finding>, posture: Posture) -> Vec<Finding> {
    for finding in &mut findings {
        if let Some(rule) = rule(finding.slug.0) {
            finding.level = rule.level(posture);
        }
    }
    diag::sort(&mut findings);
    let mut folded = fold::fold(findings, |slug: Slug| rule(slug.0).map_or("", |rule| rule.summary));
    diag::sort(&mut folded);
    folded
}

/// The rule of that name.
#[must_use]
pub fn rule(slug: &str) -> Option<&'static RuleMeta> {
    registry::RULES.iter().find(|rule| rule.slug.0 == slug)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Level, slugs};
    use crate::source::{files::Files, span::Span};

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
}
