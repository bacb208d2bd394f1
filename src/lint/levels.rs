//! How much each rule matters, as the posture, the configuration and the command line have it.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Level, Posture, Slug};
use crate::rule::RuleMeta;

/// The levels of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    /// How strict the output has to be.
    pub posture: Posture,
    /// The levels that the configuration gives; nothing for a rule that is off.
    pub rules: BTreeMap<Slug, Option<Level>>,
    /// The rules that are looked at; all, when none is named.
    pub select: BTreeSet<Slug>,
    /// The rules that are passed over.
    pub ignore: BTreeSet<Slug>,
}

impl Levels {
    /// The level of a rule; nothing when it is not to be reported. Who selects a rule wants to see it, also when it is off.
    #[must_use]
    pub fn of(&self, rule: &RuleMeta) -> Option<Level> {
        let selected = self.select.contains(&rule.slug);
        if self.ignore.contains(&rule.slug) || !(self.select.is_empty() || selected) {
            return None;
        }
        match self.rules.get(&rule.slug) {
            Some(Some(level)) => Some(*level),
            Some(None) if !selected => None,
            Some(None) | None => Some(rule.level(self.posture)),
        }
    }
}

impl From<Posture> for Levels {
    fn from(posture: Posture) -> Self {
        Self { posture, ..Self::default() }
    }
}
