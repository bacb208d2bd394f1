//! What the containers of one case saw in both worlds, and whether each difference was announced.

use std::collections::{BTreeMap, BTreeSet};

use super::announce::{self, Row, announcing};
use super::case::Case;
use super::container::{Run, Seen};
use super::reach::Reach;
use super::standing::Standing;
use super::view::{self, View};

/// One field that is not the same.
pub(super) struct Difference {
    /// The service, and which of its copies.
    pub(super) service: String,
    /// What differs.
    pub(super) field: String,
    pub(super) docker: String,
    pub(super) kubernetes: String,
    /// The rules that announce it; nobody does when empty.
    pub(super) announced: BTreeSet<String>,
}

/// How a case came out.
pub(super) struct Outcome {
    /// The case.
    pub(super) name: String,
    /// Why it did not run, where it did not.
    pub(super) not_run: Option<String>,
    /// Whether that is a failure.
    pub(super) broken: bool,
    /// How many fields of how many containers were compared.
    pub(super) fields: usize,
    pub(super) containers: usize,
    /// What differs beyond what every container sees differently.
    pub(super) differences: Vec<Difference>,
    /// What the ledger announced, could have been seen here, and was not there.
    pub(super) over_warned: BTreeSet<String>,
    /// What the engines complained of.
    pub(super) said: Vec<String>,
}

impl Outcome {
    /// This Engine or this Compose cannot run it.
    pub(super) fn not_run(case: &Case, reason: String) -> Self {
        Self {
            name: case.name.clone(),
            not_run: Some(reason),
            broken: false,
            fields: 0,
            containers: 0,
            differences: Vec::new(),
            over_warned: BTreeSet::new(),
            said: Vec::new(),
        }
    }

    /// What transship wrote could not be run.
    pub(super) fn broken(case: &Case, reason: String) -> Self {
        Self { broken: true, ..Self::not_run(case, reason) }
    }

    /// The differences that nobody announced.
    pub(super) fn unannounced(&self) -> usize {
        self.differences.iter().filter(|difference| difference.announced.is_empty()).count()
    }

    /// Whether it counts against the lab.
    pub(super) fn is_wrong(&self) -> bool {
        self.broken || self.unannounced() > 0
    }

    /// One line.
    pub(super) fn summary(&self) -> String {
        match &self.not_run {
            Some(reason) => format!("did not run: {reason}"),
            None => format!(
                "{} containers, {} fields, {} differences, {} unannounced",
                self.containers,
                self.fields,
                self.differences.len(),
                self.unannounced()
            ),
        }
    }
}

/// Compares the containers of both runs, pair by pair.
pub(super) fn judge(case: &Case, docker: &Run, kubernetes: &Run, standing: &Standing) -> Outcome {
    let mut outcome = Outcome::not_run(case, String::new());
    outcome.not_run = None;
    let rows = announce::rows(&kubernetes.report);
    let (first, second) = (views(docker, case), views(kubernetes, case));
    let keys: BTreeSet<&(String, usize)> = first.keys().chain(second.keys()).collect();
    let left_out: Vec<&str> = kubernetes.report["left_out"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|left| left["service"].as_str().or(left.as_str()))
        .collect();
    let reach = Reach::of(&kubernetes.report);
    let mut seen = BTreeSet::new();
    for key in keys {
        let (service, copy) = key;
        if left_out.contains(&service.as_str()) {
            continue;
        }
        let (Some(first), Some(second)) = (first.get(key), second.get(key)) else {
            let there = |view: Option<&View>| if view.is_some() { "runs" } else { "is not there" };
            let mut announced = names(&announcing(case, service, "state.copy", &rows));
            announced.extend(case.says("state.copy").then(|| "(the case)".to_owned()));
            let kept = Difference {
                service: format!("{service} {copy}"),
                field: "state.copy".to_owned(),
                docker: there(first.get(key)).to_owned(),
                kubernetes: there(second.get(key)).to_owned(),
                announced,
            };
            outcome.differences.push(kept);
            continue;
        };
        outcome.containers += 1;
        let reported = |view: &View| view.contains_key("argv");
        let both = reported(first) && reported(second);
        for field in first.keys().chain(second.keys()).collect::<BTreeSet<_>>() {
            // Where one of them never started, that is the difference.
            if !both && !field.starts_with("state.") {
                continue;
            }
            outcome.fields += 1;
            let value = |view: &View| view.get(field).cloned().unwrap_or_default();
            let (docker, kubernetes) = (value(first), value(second));
            if docker == kubernetes || is_standing(standing, field, [&docker, &kubernetes], first, second) {
                continue;
            }
            let announced = announcing(case, service, field, &rows);
            seen.extend(announced.iter().map(|row| row.path));
            let mut announced = names(&announced);
            announced.extend(reach.cuts(case, service, field).then(|| "(network policy)".to_owned()));
            announced.extend(case.says(field).then(|| "(the case)".to_owned()));
            outcome.differences.push(Difference {
                service: format!("{service} {copy}"),
                field: field.clone(),
                docker,
                kubernetes,
                announced,
            });
        }
        outcome.over_warned.extend(over_warned(case, service, first, &rows));
    }
    outcome.over_warned.retain(|line| !seen.iter().any(|path| line.starts_with(&format!("{path} "))));
    outcome.problems(docker, kubernetes);
    outcome
}

impl Outcome {
    /// What only one world complained about is a difference, too.
    fn problems(&mut self, docker: &Run, kubernetes: &Run) {
        let failed = !docker.problems.is_empty();
        self.said.extend(docker.problems.iter().map(|problem| format!("Docker: {problem}")));
        self.said.extend(kubernetes.problems.iter().map(|problem| format!("Kubernetes: {problem}")));
        // What Docker itself finds unwell or down cannot be ready.
        let well = |container: &Seen| container.state["running"] == true && container.state["well"] == true;
        let late = if docker.containers.iter().all(well) { kubernetes.unready.as_slice() } else { &[] };
        if !late.is_empty() && !failed {
            self.differences.push(Difference {
                service: "the project".to_owned(),
                field: "ready".to_owned(),
                docker: "all".to_owned(),
                kubernetes: format!("not {}", late.join(", ")),
                announced: BTreeSet::new(),
            });
        }
        for problem in &kubernetes.problems {
            if failed || problem.starts_with("left out") {
                continue;
            }
            self.differences.push(Difference {
                service: "the project".to_owned(),
                field: "problem".to_owned(),
                docker: String::new(),
                kubernetes: problem.clone(),
                announced: BTreeSet::new(),
            });
        }
        if failed && kubernetes.problems.is_empty() {
            self.differences.push(Difference {
                service: "the project".to_owned(),
                field: "problem".to_owned(),
                docker: docker.problems.join("; "),
                kubernetes: String::new(),
                announced: BTreeSet::new(),
            });
        }
    }
}

/// Whether every container sees this differently. A file that Docker copies into the container, instead of mounting it, has
/// rows of its own in that table.
fn is_standing(
    standing: &Standing,
    field: &str,
    values: [&str; 2],
    docker: &View,
    kubernetes: &View,
) -> bool {
    let storage = |view: &View| {
        field.split_once("].").and_then(|(path, _)| view.get(&format!("{path}].storage")).cloned())
    };
    let copied = storage(docker).as_deref() == Some("overlay")
        && storage(kubernetes).is_some_and(|kind| kind != "overlay");
    let copied = copied.then(|| field.strip_prefix("paths[")).flatten().map(|rest| format!("copied[{rest}"));
    standing.knows(field, values[0], values[1])
        || copied.is_some_and(|field| standing.knows(&field, values[0], values[1]))
}

fn views(run: &Run, case: &Case) -> BTreeMap<(String, usize), View> {
    run.containers
        .iter()
        .map(|container| ((container.service.clone(), container.copy), view::of(container, run, case)))
        .collect()
}

fn names(rows: &[&Row<'_>]) -> BTreeSet<String> {
    rows.iter().map(|row| row.rule.to_owned()).collect()
}

/// Announced for a field that was seen: whether it differs is told by who calls.
fn over_warned(case: &Case, service: &str, view: &View, rows: &[Row<'_>]) -> Vec<String> {
    rows.iter()
        .filter(|row| {
            view.keys().any(|field| !announcing(case, service, field, std::slice::from_ref(row)).is_empty())
        })
        .map(|row| format!("{} {}", row.path, row.rule))
        .collect()
}
