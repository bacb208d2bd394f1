//! What is to be said about the entries of `[[allow]]`: of no use, without a reason, past their day.

use std::collections::BTreeSet;

use super::settings::{Entry, Settings};
use crate::diag::date::Date;
use crate::diag::{Finding, Slug, slugs};
use crate::lint::suppressions::is_past;

/// What is to be said. `used` are the entries that allow something in the run, which looked at every project that they
/// are for when `all` were seen.
#[must_use]
pub fn judge(settings: &Settings, used: &BTreeSet<usize>, all: bool, today: Date) -> Vec<Finding> {
    let entries = settings.entries.iter().enumerate();
    entries.filter_map(|(number, entry)| one(entry, used.contains(&number), all, today)).collect()
}

fn one(entry: &Entry, is_used: bool, all: bool, today: Date) -> Option<Finding> {
    let name = entry.rule.0;
    let about = |slug: Slug, message: String| Some(Finding::new(slug, entry.span, "", message));
    if let Some(until) = entry.until.filter(|_| is_past(entry.until, today)) {
        let message = format!("`{name}` was allowed until {until}, and counts again");
        let finding = about(slugs::SUPPRESSION_WITHOUT_REASON, message)?;
        return Some(finding.tip("mend what it allows, or name a later day"));
    }
    if all && !is_used {
        let message = format!("nothing raises `{name}` there, so the entry would only hide the next one");
        return Some(about(slugs::UNUSED_SUPPRESSION, message)?.tip("remove the entry"));
    }
    if entry.reason.is_none() && (all || is_used) {
        let message = format!("`{name}` is allowed, and nobody says why");
        let finding = about(slugs::SUPPRESSION_WITHOUT_REASON, message)?;
        return Some(finding.tip("write the reason: `reason = \"…\"`"));
    }
    None
}
