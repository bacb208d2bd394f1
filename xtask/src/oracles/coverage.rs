//! How much of the dev corpus converts: `docs/coverage.md`, which this lane writes and holds to what is measured.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::page::Page;
use super::projects::{self, Converted, Way};

/// The page.
const PAGE: Page = Page { lane: "coverage" };
/// The postures, as they are measured.
const POSTURES: [&str; 3] = ["faithful", "restricted", "production"];

/// The lane: writes the page, or says that it is stale; without the corpus there is nothing to measure.
pub(crate) fn run(write: bool) -> Result<(), String> {
    let Some(corpus) = projects::corpus(None)? else {
        println!("did not run: coverage (../shared/corpus/dev.tar.xz is missing)");
        return Ok(());
    };
    let mut measured = Vec::new();
    for posture in POSTURES {
        let seen = projects::each(&corpus, Way::Posture(posture), |_, converted| Seen::of(&converted))?;
        measured.push((posture, Tally::of(&seen)));
    }
    PAGE.hold(&figures(&measured), write)
}

/// What counts of one project.
struct Seen {
    loaded: bool,
    services: usize,
    left_out: Vec<String>,
    rules: BTreeMap<String, usize>,
}

impl Seen {
    fn of(converted: &Converted) -> Self {
        let report = &converted.report;
        let list = |key: &str| report[key].as_array().map_or(&[][..], Vec::as_slice);
        let rule = |entry: &Value| entry["rule"].as_str().map(str::to_owned);
        let paths = list("ledger").iter().filter_map(|row| row["path"].as_str()?.strip_prefix("services"));
        let services: BTreeSet<String> = paths.filter_map(super::matrix::service_of).collect();
        let mut rules = BTreeMap::new();
        for slug in list("findings").iter().filter_map(rule) {
            *rules.entry(slug).or_default() += 1;
        }
        Self {
            loaded: !report.is_null(),
            services: services.len(),
            left_out: list("left_out").iter().filter_map(rule).collect(),
            rules,
        }
    }
}

/// What counts of all projects.
#[derive(Default)]
struct Tally {
    projects: usize,
    loaded: usize,
    whole: usize,
    services: usize,
    left_out: BTreeMap<String, usize>,
    rules: BTreeMap<String, (usize, usize)>,
}

impl Tally {
    fn of(seen: &[Seen]) -> Self {
        let mut tally = Self { projects: seen.len(), ..Self::default() };
        for one in seen.iter().filter(|one| one.loaded) {
            tally.loaded += 1;
            tally.whole += usize::from(one.left_out.is_empty());
            tally.services += one.services;
            for rule in &one.left_out {
                *tally.left_out.entry(rule.clone()).or_default() += 1;
            }
            for (rule, count) in &one.rules {
                let entry = tally.rules.entry(rule.clone()).or_default();
                entry.0 += 1;
                entry.1 += count;
            }
        }
        tally
    }
}

fn figures(measured: &[(&str, Tally)]) -> String {
    let mut text = String::from(
        "| posture | files | load | of them whole | services | converted | % |\n|---|--:|--:|--:|--:|--:|--:|\n",
    );
    for (posture, tally) in measured {
        let converted = tally.services.saturating_sub(tally.left_out.values().sum());
        let share = (converted * 1000).checked_div(tally.services).unwrap_or_default();
        text.push_str(&format!(
            "| {posture} | {} | {} | {} | {} | {converted} | {}.{} |\n",
            tally.projects,
            tally.loaded,
            tally.whole,
            tally.services,
            share / 10,
            share % 10
        ));
    }
    for (posture, tally) in measured {
        text.push_str(&format!(
            "\n## Why a service is left out: {posture}\n\n| rule | services |\n|---|--:|\n"
        ));
        for (rule, count) in ranked(&tally.left_out).iter().take(15) {
            text.push_str(&format!("| [{rule}](rules/{rule}.md) | {count} |\n"));
        }
    }
    if let Some((posture, tally)) = measured.first() {
        text.push_str(&format!(
            "\n## How often each rule has something to say: {posture}\n\n| rule | projects | findings |\n|---|--:|--:|\n"
        ));
        for (rule, (projects, findings)) in ranked(&tally.rules) {
            text.push_str(&format!("| [{rule}](rules/{rule}.md) | {projects} | {findings} |\n"));
        }
    }
    text
}

/// The greatest first, equal ones by name.
fn ranked<T: Ord + Copy>(counts: &BTreeMap<String, T>) -> Vec<(&String, T)> {
    let mut ranked: Vec<(&String, T)> = counts.iter().map(|(name, count)| (name, *count)).collect();
    ranked.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
    ranked
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn services_that_are_left_out_count_against_the_share() {
        let report = json!({"ledger": [{"path": "services.web.image"}, {"path": "services[\"a.b\"].image"}, {"path": "name"}],
            "findings": [{"rule": "host-network"}, {"rule": "host-network"}],
            "left_out": [{"service": "web", "rule": "host-network"}, {"service": "by-flag", "rule": null}]});
        let run = Converted { code: Some(1), manifests: String::new(), words: String::new(), report };
        let figures = figures(&[("faithful", Tally::of(&[Seen::of(&run)]))]);
        assert!(figures.contains("| faithful | 1 | 1 | 0 | 2 | 1 | 50.0 |"), "{figures}");
        assert!(figures.contains("| [host-network](rules/host-network.md) | 1 | 2 |"), "{figures}");
    }
}
