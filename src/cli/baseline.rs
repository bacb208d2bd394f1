//! A baseline: how many findings of each kind there were when somebody drew the line, so that only new ones count.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::error::Error;
use super::{disk, selection::Ground};
use crate::diag::Finding;
use crate::source::files::Files;
use crate::source::reader::{Reader, seen_from};

/// What a finding is counted under: the file as seen from the baseline, the rule, the service.
type Kind = (String, String, String);

/// A baseline.
#[derive(Debug)]
pub struct Baseline {
    folder: PathBuf,
    standpoint: PathBuf,
    counts: BTreeMap<Kind, usize>,
}

impl Baseline {
    /// The baseline of a file.
    ///
    /// # Errors
    /// When it cannot be read, or is none.
    pub fn read(written: &Path, ground: &Ground) -> Result<Self, Error> {
        let path = ground.absolute(written);
        let standpoint = &ground.selection.standpoint;
        let reader = disk::Disk::new(standpoint, BTreeSet::from([path.clone()]), false);
        let bytes = reader.read(&path).map_err(|failure| Error::Path(written.to_path_buf(), failure))?;
        let counts = serde_json::from_slice(&bytes).ok().as_ref().and_then(counts);
        let counts = counts.ok_or_else(|| Error::Baseline(written.to_path_buf()))?;
        Ok(Self { counts, ..Self::beside(&path, standpoint) })
    }

    /// The baseline that a run makes, as the text of a file, and how many findings it holds.
    #[must_use]
    pub fn text(findings: &[Finding], files: &Files, written: &Path, ground: &Ground) -> (String, usize) {
        let mut fresh = Self::beside(&ground.absolute(written), &ground.selection.standpoint);
        for finding in findings.iter().filter(|finding| finding.allowed.is_none()) {
            *fresh.counts.entry(fresh.kind(finding, files)).or_default() += 1;
        }
        let mut tree = Map::new();
        for ((file, rule, service), count) in &fresh.counts {
            let below = |map: &mut Map<String, Value>, key: &str| {
                map.entry(key).or_insert_with(|| json!({}));
            };
            below(&mut tree, file);
            let Some(Value::Object(rules)) = tree.get_mut(file) else { continue };
            below(rules, rule);
            if let Some(Value::Object(services)) = rules.get_mut(rule) {
                services.insert(service.clone(), (*count).into());
            }
        }
        let document = json!({"version": 1, "findings": tree});
        (format!("{document:#}\n"), fresh.counts.values().sum())
    }

    /// Marks the findings that it knows, as many as it knows, in their order. How many of those that it knows in the
    /// files of the run are no longer there.
    pub fn mark(&self, findings: &mut [Finding], files: &Files) -> usize {
        let mut left = self.counts.clone();
        for finding in findings.iter_mut().filter(|finding| finding.allowed.is_none()) {
            let Some(count) = left.get_mut(&self.kind(finding, files)).filter(|count| **count > 0) else {
                continue;
            };
            *count -= 1;
            finding.allowed = Some("it is in the baseline".to_owned());
        }
        let read: BTreeSet<String> = files.iter().map(|(_, file)| self.name(&file.name)).collect();
        left.iter().filter(|((file, ..), _)| read.contains(file)).map(|(_, count)| count).sum()
    }

    fn beside(path: &Path, standpoint: &Path) -> Self {
        let folder = path.parent().unwrap_or(path).to_path_buf();
        Self { folder, standpoint: standpoint.to_path_buf(), counts: BTreeMap::new() }
    }

    fn kind(&self, finding: &Finding, files: &Files) -> Kind {
        let file = self.name(&files.file(finding.primary.span.file).name);
        (file, finding.slug.0.to_owned(), finding.service.clone().unwrap_or_default())
    }

    /// The name of a file as seen from the baseline, wherever the run stands.
    fn name(&self, printed: &str) -> String {
        seen_from(&self.folder, &self.standpoint, printed)
    }
}

fn counts(document: &Value) -> Option<BTreeMap<Kind, usize>> {
    document.get("version").filter(|version| **version == 1)?;
    let mut counts = BTreeMap::new();
    for (file, rules) in document.get("findings")?.as_object()? {
        for (rule, services) in rules.as_object()? {
            for (service, count) in services.as_object()? {
                let count = usize::try_from(count.as_u64()?).ok()?;
                counts.insert((file.clone(), rule.clone(), service.clone()), count);
            }
        }
    }
    Some(counts)
}
