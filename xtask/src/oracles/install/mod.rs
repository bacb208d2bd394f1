//! Charts in a cluster, from their installation to their end.

pub(crate) mod chart;
pub(crate) mod cluster;
pub(crate) mod tree;

use std::time::Instant;

use super::apiserver;
use super::control_plane::ControlPlane;
use super::projects::{self, Project};
use super::toolchain;
use crate::place;
use chart::{Chart, Trial};
use cluster::Cluster;

/// Cases whose charts are installed in the short run: Secrets, Jobs that others wait for, kinds with and without claims,
/// budgets, objects of the batch API, a chart whose name does not fit a label with its version, and volumes of others.
const CASES: [&str; 7] = [
    "secrets-leave-the-pods",
    "a-task-of-several-dependents-is-a-job",
    "the-mode-and-the-volumes-choose-the-kind",
    "production-keeps-services-up",
    "jobs-become-cron-jobs",
    "containers-before-the-start-have-the-mounts-of-their-service",
    "volumes-without-users-and-of-others",
];

/// The lane: the examples, some golden cases (or all of them), and what lies beside the repository.
pub(crate) fn run(full: bool) -> Result<(), String> {
    let started = Instant::now();
    let transship = place::transship()?;
    let helms = [toolchain::helm(3)?, toolchain::helm(4)?];
    let mut projects = vec![example()];
    projects.extend(seeds()?);
    let named = |project: &Project| CASES.iter().any(|name| project.id.ends_with(name));
    projects.extend(projects::cases()?.into_iter().filter(|project| full || named(project)));
    let server = ControlPlane::with_nodes()?;
    let cluster = Cluster::simulated(&server)?;
    match apiserver::definitions()? {
        Some(definitions) => apiserver::install(&server, &definitions)?,
        None => println!("did not run: installing objects of further kinds (../shared/crds is missing)"),
    }
    let (mut installed, mut failures) = (0, Vec::new());
    for (number, project) in projects.iter().enumerate() {
        let Some(chart) = Chart::written(&transship, project, number)? else { continue };
        // Both majors have their turn, and a seed has both.
        let turns =
            helms.iter().enumerate().filter(|(major, _)| project.list == "seeds" || number % 2 == *major);
        for (major, helm) in turns {
            let trial = |attempt| Trial {
                cluster: &cluster,
                helm,
                chart: &chart,
                name: format!("install-{number}-{major}-{attempt}"),
            };
            if let Some(why) = trial(1).beyond()? {
                println!("did not run: installing {}: {why}", project.id);
                continue;
            }
            installed += 1;
            // What plays the nodes overlooks a pod once in a while: a chart that is wrong is wrong twice.
            let is_wrong = (1..=2).all(|attempt| {
                let wrong = trial(attempt).run(&transship, project).err();
                if let Some(words) = &wrong {
                    println!("install: {}, attempt {attempt}: {words}", project.id);
                }
                wrong.is_some()
            });
            if is_wrong {
                failures.push(project.id.clone());
            }
        }
    }
    println!(
        "install: {installed} installations, {} failed, {:.1} s",
        failures.len(),
        started.elapsed().as_secs_f64()
    );
    match (installed, failures.as_slice()) {
        (0, _) => Err("install: nothing was installed".to_owned()),
        (_, []) => Ok(()),
        _ => Err(format!("install: {} failed", failures.join(", "))),
    }
}

/// The project of `examples/` that converts.
pub(crate) fn example() -> Project {
    let file = place::example().display().to_string();
    Project::new("examples", "shop", place::root(), vec!["-f".to_owned(), file])
}

/// Document 000, as `../shared` has it.
fn seeds() -> Result<Vec<Project>, String> {
    if place::shared().is_none_or(|shared| !shared.join("seeds/inputs").is_dir()) {
        println!("did not run: installing the chart of document 000 (../shared/seeds is missing)");
        return Ok(Vec::new());
    }
    Ok(vec![super::acceptance::project("opencomplai", "opencomplai")?])
}
