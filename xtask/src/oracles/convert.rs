//! Converts real projects and asks the API server about everything that comes out.

use std::collections::BTreeMap;
use std::time::Instant;

use super::apiserver::{Object, Verdict, check, definitions, install};
use super::control_plane::ControlPlane;
use super::projects::{self, Converted, Project, Way, misbehaviour};

/// Fields that a server without a feature gate leaves out, in cases whose author promises the gate.
const PROMISED: &[(&str, &str)] =
    &[("cases: promised-stop-signals-are-written", "cleared: spec.template.spec.containers[0].lifecycle")];

/// The lane: as given every object must be taken without a word; restricted, every pod must be admitted to a namespace
/// that enforces the level.
pub(crate) fn run(sample: Option<usize>) -> Result<(), String> {
    let projects = projects::all(sample)?;
    let server = ControlPlane::start()?;
    let definitions = definitions()?;
    match &definitions {
        Some(definitions) => install(&server, definitions)?,
        None => println!("did not run: objects of further kinds (../shared/crds is missing)"),
    }
    let mut bad = 0;
    for (name, way, level) in
        [("faithful", Way::AsGiven, None), ("restricted", Way::Posture("restricted"), Some("restricted"))]
    {
        bad += posture(&server, definitions.is_some(), &projects, name, way, level)?;
    }
    if bad == 0 { Ok(()) } else { Err(format!("convert: {bad} things are wrong")) }
}

/// What is wrong with an object by the server, but for what was promised, and what nobody could tell the server of.
pub(crate) fn unexpected(verdict: &Verdict, defined: bool) -> Vec<String> {
    let mut complaints = verdict.complaints();
    // What the server has no definition of is not looked at, and the start of the run has said so.
    complaints.retain(|complaint| !complaint.starts_with("refused: no such kind") || defined);
    complaints.retain(|complaint| !PROMISED.contains(&(verdict.id.as_str(), complaint.as_str())));
    complaints
}

/// What one list came to.
#[derive(Default)]
struct Tally {
    projects: usize,
    codes: [usize; 3],
    objects: usize,
    accepted: usize,
}

fn posture(
    server: &ControlPlane,
    defined: bool,
    projects: &[Project],
    name: &str,
    way: Way,
    level: Option<&'static str>,
) -> Result<usize, String> {
    let started = Instant::now();
    let runs = projects::each(projects, way, |_, mut converted: Converted| {
        let wrong = misbehaviour(&converted);
        (converted.code, wrong, std::mem::take(&mut converted.manifests))
    })?;
    let converted = started.elapsed();
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    let mut wrong = 0;
    let mut lists: BTreeMap<&str, &str> = BTreeMap::new();
    let mut objects = Vec::new();
    for (number, (project, (code, complaint, manifests))) in projects.iter().zip(runs).enumerate() {
        let tally = tallies.entry(project.list).or_default();
        tally.projects += 1;
        if let Some(count) = code.and_then(|code| tally.codes.get_mut(usize::try_from(code).ok()?)) {
            *count += 1;
        }
        if let Some(complaint) = complaint {
            wrong += 1;
            println!("{}: {complaint}", project.id);
        }
        lists.insert(&project.id, project.list);
        objects.push(Object {
            id: project.id.clone(),
            namespace: format!("project-{number}"),
            warn: level,
            enforce: level.is_some(),
            text: manifests,
        });
    }
    let started = Instant::now();
    for verdict in check(server, objects.into_iter())? {
        let tally = tallies.entry(lists[verdict.id.as_str()]).or_default();
        let complaints = unexpected(&verdict, defined);
        tally.objects += 1;
        tally.accepted += usize::from(complaints.is_empty());
        wrong += usize::from(!complaints.is_empty());
        for complaint in complaints {
            println!("{} {}: {complaint}", verdict.id, verdict.address);
        }
    }
    for (list, tally) in &tallies {
        let [clean, findings, unloadable] = tally.codes;
        println!(
            "convert, {name}, {list}: {} projects (exit codes 0: {clean}, 1: {findings}, 2: {unloadable}), {} objects, {} accepted",
            tally.projects, tally.objects, tally.accepted
        );
    }
    println!(
        "convert, {name}: converted in {:.1} s, asked in {:.1} s",
        converted.as_secs_f64(),
        started.elapsed().as_secs_f64()
    );
    if tallies.values().all(|tally| tally.objects == 0) {
        return Err(format!("convert, {name}: nothing was converted"));
    }
    Ok(wrong)
}
