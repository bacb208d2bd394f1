//! The first world: Docker Compose.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::case::{Case, words};
use super::container::{Run, Seen, peers};
use super::prepare::Tools;
use super::published;
use super::tool::{ask, must};
use super::world::compose;

/// How long a project may take until nothing changes any more.
const PATIENCE: Duration = Duration::from_secs(40);

/// Runs the project, looks at it, and takes it down.
pub(super) fn run(case: &Case, tools: &Tools) -> Result<Run, String> {
    let up = compose(tools, &case.name, &case.folder, &["up", "-d", "--quiet-pull", "--pull", "never"], 120)?;
    let mut problems = Vec::new();
    if !up.well {
        problems
            .push(format!("up: {}", if up.complaint().is_empty() { up.out.trim() } else { up.complaint() }));
    }
    settle(&case.name)?;
    let mut containers: Vec<Seen> = inspect(&case.name)?.iter().map(seen).collect();
    let running: Vec<(usize, String)> = inspect(&case.name)?
        .iter()
        .enumerate()
        .filter(|(_, container)| container["State"]["Running"] == true)
        .filter_map(|(index, container)| Some((index, container["Id"].as_str()?.to_owned())))
        .collect();
    peers(&mut containers, &running, |id| ask(Path::new("docker"), &["exec", id, "/probe", "@peers"], 30))?;
    for container in containers.iter_mut().filter(|container| container.copy == 1) {
        if let Some((_, service)) = case.services().find(|(name, _)| **name == container.service) {
            container.published = published::answers(service, |_, host| Some(host));
        }
    }
    compose(tools, &case.name, &case.folder, &["stop"], 120)?;
    for (container, state) in containers.iter_mut().zip(inspect(&case.name)?) {
        let id = state["Id"].as_str().unwrap_or_default();
        container.hear(&ask(Path::new("docker"), &["logs", id], 20)?.out);
    }
    let down = compose(tools, &case.name, &case.folder, &["down", "--volumes", "--timeout", "0"], 60)?;
    if !down.well {
        problems.push(format!("down: {}", down.complaint()));
    }
    containers.sort_by(|a, b| (&a.service, a.copy).cmp(&(&b.service, b.copy)));
    Ok(Run { containers, problems, unready: Vec::new(), report: Value::Null })
}

/// The containers of the project as the engine describes them, by their names.
fn inspect(project: &str) -> Result<Vec<Value>, String> {
    let filter = format!("label=com.docker.compose.project={project}");
    let ids = must("docker", &["ps", "--all", "--quiet", "--no-trunc", "--filter", &filter])?;
    let ids: Vec<&str> = ids.split_whitespace().collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let text = ask(Path::new("docker"), &[&["inspect"], &ids[..]].concat(), 30)?.out;
    let mut all: Vec<Value> =
        serde_json::from_str(&text).map_err(|error| format!("docker inspect: {error}"))?;
    all.retain(|container| container["Config"]["Labels"]["com.docker.compose.oneoff"] != "True");
    all.sort_by_key(|container| container["Name"].as_str().unwrap_or_default().to_owned());
    Ok(all)
}

/// Waits until each container has reported or ended, and its health is known.
fn settle(project: &str) -> Result<(), String> {
    let start = Instant::now();
    let mut reported: Vec<String> = Vec::new();
    while start.elapsed() < PATIENCE {
        let mut quiet = true;
        for container in inspect(project)? {
            let state = &container["State"];
            let id = container["Id"].as_str().unwrap_or_default();
            quiet &= match state["Status"].as_str() {
                Some("running") => {
                    if !reported.iter().any(|known| known == id) {
                        let said = ask(Path::new("docker"), &["logs", id], 20)?;
                        if said.out.contains("@report ") {
                            reported.push(id.to_owned());
                        }
                    }
                    let has_ended = !ends(&container) || container["RestartCount"].as_u64() > Some(0);
                    reported.iter().any(|known| known == id)
                        && has_ended
                        && state["Health"]["Status"] != "starting"
                }
                Some("exited" | "dead") => true,
                // One that is never started waits for a dependency that failed.
                Some("created") => start.elapsed() > Duration::from_secs(5),
                _ => start.elapsed() > Duration::from_secs(12),
            };
        }
        if quiet {
            break;
        }
        std::thread::sleep(Duration::from_millis(300));
    }
    Ok(())
}

/// Whether its program ends by itself and is started again.
fn ends(container: &Value) -> bool {
    let policy = container["HostConfig"]["RestartPolicy"]["Name"].as_str().unwrap_or_default();
    matches!(policy, "always" | "unless-stopped") && words(&container["Args"]).contains(&"exit".to_owned())
}

fn seen(container: &Value) -> Seen {
    let labels = &container["Config"]["Labels"];
    let state = &container["State"];
    let number =
        labels["com.docker.compose.container-number"].as_str().and_then(|number| number.parse().ok());
    let id = container["Id"].as_str().unwrap_or_default();
    let running = state["Running"] == true;
    Seen {
        service: labels["com.docker.compose.service"].as_str().unwrap_or_default().to_owned(),
        copy: number.unwrap_or(1),
        given_name: id.chars().take(12).collect(),
        started: None,
        published: Value::Null,
        report: Value::Null,
        peers: Value::Null,
        end: Value::Null,
        state: json!({
            "running": running,
            "exit": if running { Value::Null } else { state["ExitCode"].clone() },
            "restarted": container["RestartCount"].as_u64().unwrap_or(0) > 0,
            "well": state["Health"]["Status"].as_str().is_none_or(|health| health == "healthy"),
        }),
    }
}
