//! Both worlds together: each case runs in both at the same time, and the answers are compared.

use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::case::Case;
use super::compare::{Outcome, judge};
use super::node::Node;
use super::prepare::Tools;
use super::standing::Standing;
use super::tool::{Said, ask, said};
use super::{cluster, docker};

/// So many cases run at a time: most of their time is waiting.
const AT_ONCE: usize = 4;

/// What the cases need of the running worlds.
pub(super) struct Worlds<'a> {
    pub(super) tools: &'a Tools,
    pub(super) node: &'a Node,
}

impl Worlds<'_> {
    /// Asks the API server as an administrator would.
    pub(super) fn kubectl(&self, arguments: &[&str], seconds: u64) -> Result<Said, String> {
        let config = self.node.kubeconfig.display().to_string();
        ask(&self.tools.kubectl, &[&["--kubeconfig", &config], arguments].concat(), seconds)
    }
}

/// Docker Compose, as somebody would run it who stands in the folder of the project.
pub(super) fn compose(
    tools: &Tools,
    project: &str,
    folder: &Path,
    arguments: &[&str],
    seconds: u64,
) -> Result<Said, String> {
    let mut command = Command::new("timeout");
    command.args(["-k", "2", &seconds.to_string()]).arg(&tools.compose);
    command.args(["--ansi", "never", "--progress", "plain", "-p", project]).args(arguments);
    said(command.current_dir(folder))
}

/// Runs all cases, a few at a time, and returns the outcomes in the order of the cases.
pub(super) fn run_all(cases: &[Case], worlds: &Worlds<'_>, standing: &Standing) -> Vec<Outcome> {
    let next = AtomicUsize::new(0);
    let outcomes: Mutex<Vec<(usize, Outcome)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(case) = cases.get(index) else { break };
                    let mut outcome = run_one(case, worlds, standing);
                    println!("{}: {}", case.name, outcome.summary());
                    // A busy machine is late once in a while; what is wrong is wrong twice.
                    if outcome.is_wrong() && cluster::forget(case, worlds).is_ok() {
                        outcome = run_one(case, worlds, standing);
                        println!("{}, once more: {}", case.name, outcome.summary());
                    }
                    outcomes.lock().expect("no worker panics while it holds the list").push((index, outcome));
                }
            });
        }
    });
    let mut outcomes = outcomes.into_inner().expect("all workers have ended");
    outcomes.sort_by_key(|(index, _)| *index);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

fn run_one(case: &Case, worlds: &Worlds<'_>, standing: &Standing) -> Outcome {
    if let Err(reason) = &case.model {
        return Outcome::not_run(case, format!("this Compose does not take it: {reason}"));
    }
    let (first, second) = std::thread::scope(|scope| {
        let first = scope.spawn(|| docker::run(case, worlds.tools));
        let second = cluster::run(case, worlds);
        (first.join().unwrap_or_else(|_| Err("the runner of Docker died".to_owned())), second)
    });
    match (first, second) {
        (Ok(first), Ok(second)) => judge(case, &first, &second, standing),
        (Err(reason), _) => Outcome::broken(case, format!("Docker: {reason}")),
        (_, Err(reason)) => Outcome::broken(case, format!("Kubernetes: {reason}")),
    }
}
