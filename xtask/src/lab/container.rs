//! What was seen of one container: what its probe wrote, and what its engine says of it.

use std::time::Duration;

use serde_json::{Value, json};

use super::tool::Said;

/// One container of a service, in one of the worlds.
pub(super) struct Seen {
    /// The service, as the project calls it.
    pub(super) service: String,
    /// Which of its copies.
    pub(super) copy: usize,
    /// The name that the engine made up for it, which its host name is by default.
    pub(super) given_name: String,
    /// When it was started for the first time, in thousandths of a second.
    pub(super) started: Option<u64>,
    /// Who answers at the ports that it publishes.
    pub(super) published: Value,
    /// What the probe reported when it started.
    pub(super) report: Value,
    /// What it found around it.
    pub(super) peers: Value,
    /// How it ended.
    pub(super) end: Value,
    /// What the engine says: state, exit code, restarts, health.
    pub(super) state: Value,
}

impl Seen {
    /// Reads what the probe wrote to standard output.
    pub(super) fn hear(&mut self, output: &str) {
        for line in output.lines() {
            let read = |prefix: &str| -> Option<Value> {
                line.strip_prefix(prefix).and_then(|text| serde_json::from_str(text).ok())
            };
            // The last start is the one that the engine speaks of.
            if let Some(mut report) = read("@report ") {
                let started = report.as_object_mut().and_then(|report| report.remove("started"));
                self.started = self.started.or(started.and_then(|moment| moment.as_u64()));
                self.report = report;
            } else if let Some(end) = read("@end ") {
                self.end = end;
            } else if let Some(alive) = read("@alive ") {
                // Quarters of a second, told to the full second: schedulers are not watches.
                self.end["seconds"] = json!((alive.as_u64().unwrap_or(0) + 500) / 1000);
            }
        }
    }

    /// The host name that the container has.
    pub(super) fn host(&self) -> &str {
        self.report["hostname"].as_str().unwrap_or_default()
    }
}

/// How often a container is asked for its peers, and how long between: rules of networks take a moment to be everywhere.
const QUESTIONS: usize = 5;
const PAUSE: Duration = Duration::from_millis(1500);

/// Asks the running ones for their peers, all at once: each has to be patient.
pub(super) fn peers(
    containers: &mut [Seen],
    running: &[(usize, String)],
    ask: impl Fn(&str) -> Result<Said, String> + Sync,
) -> Result<(), String> {
    std::thread::scope(|scope| {
        let ask = &ask;
        let asked: Vec<_> =
            running.iter().map(|(index, id)| (*index, scope.spawn(move || peers_of(|| ask(id))))).collect();
        for (index, answer) in asked {
            let answer = answer.join().unwrap_or_else(|_| Err("nobody could ask".to_owned()))?;
            if let Some(container) = containers.get_mut(index) {
                container.peers = answer;
            }
        }
        Ok(())
    })
}

/// Asks a container for its peers until it knows and reaches all of them, or has been asked often enough.
fn peers_of(ask: impl Fn() -> Result<Said, String>) -> Result<Value, String> {
    let mut report = Value::Null;
    for _ in 0..QUESTIONS {
        let said = ask()?;
        let line = said.out.lines().find_map(|line| line.strip_prefix("@peers "));
        let answer: Value = line.and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Value::Null);
        merge(&mut report, answer);
        let all = |key: &str, well: fn(&Value) -> bool| {
            report[key].as_object().is_some_and(|answers| answers.values().all(well))
        };
        let reached = |answer: &Value| answer.as_str().is_some_and(|word| word.starts_with("probe "));
        if all("names", |known| *known == true) && all("targets", reached) {
            break;
        }
        std::thread::sleep(PAUSE);
    }
    Ok(report)
}

/// What was known or reached once is known or reached: a busy machine loses an answer now and then.
fn merge(report: &mut Value, answer: Value) {
    if report.is_null() {
        *report = answer;
        return;
    }
    for (key, good) in [("names", "true"), ("targets", "\"probe ")] {
        for (name, value) in answer[key].as_object().into_iter().flatten() {
            if value.to_string().starts_with(good) {
                report[key][name] = value.clone();
            }
        }
    }
}

/// All that was seen of a case in one world.
pub(super) struct Run {
    /// The containers, by service and copy.
    pub(super) containers: Vec<Seen>,
    /// What went wrong on the way, in the words of the engine.
    pub(super) problems: Vec<String>,
    /// What was not ready when it should have been.
    pub(super) unready: Vec<String>,
    /// The report of the conversion; nothing in the world that needs none.
    pub(super) report: Value,
}
