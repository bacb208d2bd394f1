//! The verdict of the lane: what agrees, what differs in a known way, and what fails the run.

use std::collections::BTreeMap;

use super::batch::{Answer, Answers};
use super::classes::{CLASSES, Difference, allowances, names_a_place};
use super::compare::differences;
use super::{Job, Options};
use crate::place;

/// Of the projects that Compose accepts, so many must resolve to an equal model (per mille).
const EQUAL: usize = 995;
/// Of the projects that Compose refuses, so many must be refused with a place (per mille).
const REFUSED: usize = 990;

/// Compares the answers, prints the tables, and fails on what is not written down.
pub(crate) fn judge(jobs: &[Job], ours: &Answers, theirs: &Answers, options: &Options) -> Result<(), String> {
    let page = place::root().join("docs/parity.md");
    let text = std::fs::read_to_string(&page).map_err(|error| format!("docs/parity.md: {error}"))?;
    let allowances = allowances(&text, &|case| place::root().join(case).is_dir())?;

    let mut lists: Vec<(&str, Tally)> = Vec::new();
    let mut found: Vec<(&Job, Difference)> = Vec::new();
    for job in jobs {
        let index = lists.iter().position(|(list, _)| *list == job.list).unwrap_or_else(|| {
            lists.push((job.list, Tally::default()));
            lists.len() - 1
        });
        let (accepted, difference) = verdict(job, &ours[&job.id], &theirs[&job.id])?;
        lists[index].1.count(accepted, difference.is_none());
        found.extend(difference.map(|difference| (job, difference)));
    }

    print_lists(&lists);
    let mut failures = judge_classes(&found, &allowances, options);
    if options.full && options.only.is_none() {
        // The shares are about files that people wrote; among the cases, each known difference has its folder.
        let written = lists.iter().filter(|(list, _)| *list != "cases");
        failures.extend(written.flat_map(|(list, tally)| tally.failures(list)));
    }
    let failed = found.iter().filter(|(_, difference)| class_of(difference).is_none()).count();
    println!("{} passed, {failed} failed", jobs.len() - failed);
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}

/// Whether Compose accepts the project, and how we differ.
fn verdict(job: &Job, ours: &Answer, theirs: &Answer) -> Result<(bool, Option<Difference>), String> {
    Ok(match (ours, theirs) {
        (_, Answer::Lost) => return Err(format!("the oracle died on {}", job.id)),
        (Answer::Lost, Answer::Model(_)) => (true, Some(Difference::Lost)),
        (Answer::Lost, Answer::Refused(_)) => (false, Some(Difference::Lost)),
        (Answer::Model(ours), Answer::Model(theirs)) => {
            let places = differences(ours, theirs, job.base());
            (true, (!places.is_empty()).then_some(Difference::Model(places)))
        }
        (Answer::Refused(words), Answer::Model(_)) => (true, Some(Difference::WeRefuse(words.clone()))),
        (Answer::Model(_), Answer::Refused(words)) => (false, Some(Difference::WeAccept(words.clone()))),
        (Answer::Refused(words), Answer::Refused(_)) => {
            (false, (!names_a_place(words)).then(|| Difference::NoPlace(words.clone())))
        }
    })
}

/// The counts of one list.
#[derive(Default)]
struct Tally {
    accepted: usize,
    equal: usize,
    refused: usize,
    placed: usize,
}

impl Tally {
    fn count(&mut self, accepted: bool, agree: bool) {
        let (all, good) = if accepted {
            (&mut self.accepted, &mut self.equal)
        } else {
            (&mut self.refused, &mut self.placed)
        };
        *all += 1;
        *good += usize::from(agree);
    }

    fn failures(&self, list: &str) -> Vec<String> {
        let mut failures = Vec::new();
        if self.equal * 1000 < self.accepted * EQUAL {
            failures.push(format!("{list}: {} of {} accepted projects are equal", self.equal, self.accepted));
        }
        if self.placed * 1000 < self.refused * REFUSED {
            failures.push(format!(
                "{list}: {} of {} refused projects are refused with a place",
                self.placed, self.refused
            ));
        }
        failures
    }
}

fn print_lists(lists: &[(&str, Tally)]) {
    println!("| list | accepted | equal | % | refused | with a place | % |");
    println!("|---|--:|--:|--:|--:|--:|--:|");
    for (list, tally) in lists {
        println!(
            "| {list} | {} | {} | {} | {} | {} | {} |",
            tally.accepted,
            tally.equal,
            percent(tally.equal, tally.accepted),
            tally.refused,
            tally.placed,
            percent(tally.placed, tally.refused),
        );
    }
}

fn percent(part: usize, whole: usize) -> String {
    // Rounded down: 99.99 % must not read as all of them.
    match (part * 10_000).checked_div(whole) {
        Some(share) => format!("{}.{:02}", share / 100, share % 100),
        None => "–".to_owned(),
    }
}

fn class_of(difference: &Difference) -> Option<&'static str> {
    CLASSES.iter().find(|class| (class.matches)(difference)).map(|class| class.name)
}

/// Groups the differences, prints them, and says which groups are too large or unknown.
fn judge_classes(
    found: &[(&Job, Difference)],
    allowances: &BTreeMap<String, usize>,
    options: &Options,
) -> Vec<String> {
    let mut failures = Vec::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (job, difference) in found {
        let class = class_of(difference);
        *counts.entry(class.unwrap_or("unknown")).or_default() += 1;
        if class.is_none() || options.list_differences {
            print_difference(job, difference, options.list_differences);
        }
    }
    for (class, count) in &counts {
        match allowances.get(*class) {
            Some(most) if count <= most => println!("{class}: {count} of {most} known differences"),
            Some(most) => failures.push(format!("{class}: {count} differences, docs/parity.md knows {most}")),
            None => failures.push(format!("{class}: {count} differences that docs/parity.md does not know")),
        }
    }
    for class in CLASSES.iter().filter(|class| !allowances.contains_key(class.name)) {
        failures.push(format!("docs/parity.md has no row for the class `{}`", class.name));
    }
    for class in allowances.keys().filter(|name| CLASSES.iter().all(|class| class.name != **name)) {
        failures.push(format!("docs/parity.md: nothing recognises the class `{class}`"));
    }
    failures
}

fn print_difference(job: &Job, difference: &Difference, all: bool) {
    match difference {
        Difference::Model(places) => {
            println!("{}: {} places differ", job.id, places.len());
            let most = if all { places.len() } else { 3 };
            for place in places.iter().take(most) {
                println!("    {place}");
            }
        }
        Difference::WeRefuse(words) => println!("{}: only we refuse: {}", job.id, first_lines(words)),
        Difference::WeAccept(words) => println!("{}: only Compose refuses: {}", job.id, first_lines(words)),
        Difference::NoPlace(words) => println!("{}: refused without a place: {}", job.id, first_lines(words)),
        Difference::Lost => println!("{}: we died or hung", job.id),
    }
}

fn first_lines(words: &str) -> String {
    words.lines().take(3).map(str::trim).collect::<Vec<_>>().join(" / ")
}
