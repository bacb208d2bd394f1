//! The second world: what transship makes of the project, on a node of Kubernetes.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::case::{Case, words};
use super::container::{Run, Seen, peers};
use super::private::STATE;
use super::published::{self, Door};
use super::tool::{ask, said};
use super::world::Worlds;

/// How long the objects may take until all of them are as they should be.
const PATIENCE: Duration = Duration::from_secs(60);

/// Converts the project, applies it, looks at it, and deletes it.
pub(super) fn run(case: &Case, worlds: &Worlds<'_>) -> Result<Run, String> {
    let folder = Path::new(STATE).join("converted").join(&case.name);
    let mut problems = Vec::new();
    let report = convert(case, worlds, &folder, &mut problems)?;
    let name = case.name.as_str();
    let path = folder.display().to_string();
    if folder.join("namespace.yaml").is_file() {
        let said = worlds.kubectl(&["apply", "-f", &format!("{path}/namespace.yaml")], 60)?;
        problems.extend((!said.well).then(|| format!("apply: {}", said.err.trim())));
    }
    let said = worlds.kubectl(&["apply", "-R", "-f", &path], 60)?;
    problems.extend((!said.well).then(|| format!("apply: {}", said.err.trim())));
    let unready = settle(name, worlds)?;
    let pods = list(name, "pods", worlds)?;
    let mut containers = Vec::new();
    let mut logs: Vec<Log> = Vec::new();
    for (copy, pod, container, status) in members(case, &pods) {
        logs.push(Log::of(&pods[pod], container));
        containers.push(seen(case, &pods[pod], container, copy, status));
    }
    let running: Vec<(usize, String)> = containers
        .iter()
        .enumerate()
        .filter(|(_, container)| container.state["running"] == true)
        .map(|(index, container)| (index, container.state["id"].as_str().unwrap_or_default().to_owned()))
        .collect();
    peers(&mut containers, &running, |id| {
        let call = ["-n", "k8s.io", "tasks", "exec", "--exec-id", "peers", id, "/probe", "@peers"];
        ask(Path::new("ctr"), &call, 30)
    })?;
    let doors = list(name, "services", worlds)?;
    for container in containers.iter_mut().filter(|container| container.copy == 1) {
        if let Some((_, service)) = case.services().find(|(name, _)| **name == container.service) {
            container.published = published::answers(service, |door, _| address(&doors, door));
        }
    }
    // A log is gone with its pod: what is open stays readable.
    for log in &mut logs {
        log.open();
    }
    worlds.kubectl(&["delete", "namespace", name, "--wait=false"], 30)?;
    gone(name, worlds)?;
    for (container, log) in containers.iter_mut().zip(logs) {
        container.hear(&log.text());
    }
    containers.sort_by(|a, b| (&a.service, a.copy).cmp(&(&b.service, b.copy)));
    Ok(Run { containers, problems, unready, report })
}

/// Converts, and returns the report of it.
fn convert(
    case: &Case,
    worlds: &Worlds<'_>,
    folder: &Path,
    problems: &mut Vec<String>,
) -> Result<Value, String> {
    let report = folder.with_extension("json");
    let above = folder.parent().unwrap_or(folder);
    std::fs::create_dir_all(above).map_err(|error| format!("{}: {error}", above.display()))?;
    let mut command = Command::new(&worlds.tools.transship);
    command.args(["convert", "-p", &case.name, "--secrets", "inline", "-o"]).arg(folder);
    command.arg("--report").arg(&report).args(case.words("arguments")).current_dir(&case.folder).env_clear();
    let said = said(&mut command)?;
    let text = std::fs::read_to_string(&report).map_err(|_| format!("convert: {}", said.err.trim()))?;
    let report: Value = serde_json::from_str(&text).map_err(|error| format!("the report: {error}"))?;
    for left in report["left_out"].as_array().into_iter().flatten() {
        problems.push(format!("left out: {left}"));
    }
    Ok(report)
}

/// The objects of a kind in the namespace.
fn list(namespace: &str, kinds: &str, worlds: &Worlds<'_>) -> Result<Vec<Value>, String> {
    let said = worlds.kubectl(&["get", kinds, "-n", namespace, "-o", "json"], 30)?;
    let list: Value =
        serde_json::from_str(&said.out).map_err(|_| format!("kubectl: {}", said.complaint()))?;
    let mut items = list["items"].as_array().cloned().unwrap_or_default();
    items.sort_by_key(|item| item["metadata"]["name"].as_str().unwrap_or_default().to_owned());
    Ok(items)
}

/// Waits until all workloads are as they should be, and names those that are not by then.
fn settle(namespace: &str, worlds: &Worlds<'_>) -> Result<Vec<String>, String> {
    let start = Instant::now();
    loop {
        let open: Vec<String> = list(namespace, "deployments,statefulsets,daemonsets,jobs,pods", worlds)?
            .iter()
            .filter(|object| !is_done(object))
            .map(|object| {
                let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                format!("{} {}", word(&object["kind"]), word(&object["metadata"]["name"]))
            })
            .collect();
        if open.is_empty() || start.elapsed() > PATIENCE {
            return Ok(open);
        }
        std::thread::sleep(Duration::from_millis(500));
    }
}

fn is_done(object: &Value) -> bool {
    let (spec, status) = (&object["spec"], &object["status"]);
    let number = |value: &Value| value.as_u64().unwrap_or(0);
    match object["kind"].as_str() {
        Some("Job") => {
            let ended = |kind: &str| {
                let conditions = status["conditions"].as_array().into_iter().flatten();
                conditions.into_iter().any(|one| one["type"] == kind && one["status"] == "True")
            };
            ended("Complete") || ended("Failed")
        }
        Some("DaemonSet") => number(&status["numberReady"]) >= 1,
        // A pod whose object was just replaced is on its way out.
        Some("Pod") => {
            let phase = status["phase"].as_str().unwrap_or_default();
            let containers = status["containerStatuses"].as_array().cloned().unwrap_or_default();
            // A program that ends by itself has to have ended, where it is started again.
            let ends = |one: &Value| {
                spec["restartPolicy"] == "Always"
                    && spec["containers"].as_array().into_iter().flatten().any(|container| {
                        container["name"] == one["name"]
                            && ["command", "args"]
                                .iter()
                                .any(|key| words(&container[*key]).contains(&"exit".to_owned()))
                    })
            };
            let started = |one: &Value| match number(&one["restartCount"]) {
                0 => !one["state"]["waiting"].is_object() && !ends(one),
                1 => !one["state"]["waiting"].is_object(),
                _ => true,
            };
            phase == "Succeeded"
                || phase == "Failed"
                || (phase == "Running" && containers.iter().all(started))
        }
        _ => number(&status["readyReplicas"]) == spec["replicas"].as_u64().unwrap_or(1),
    }
}

/// Container after container: its copy number, its pod, its name, its status.
fn members<'a>(case: &Case, pods: &'a [Value]) -> Vec<(usize, usize, &'a str, &'a Value)> {
    let mut copies: BTreeMap<&str, usize> = BTreeMap::new();
    let mut found = Vec::new();
    for (index, pod) in pods.iter().enumerate() {
        for key in ["initContainerStatuses", "containerStatuses"] {
            for status in pod["status"][key].as_array().into_iter().flatten() {
                let name = status["name"].as_str().unwrap_or_default();
                if service_of(case, name).is_some() {
                    let copy = copies.entry(name).or_default();
                    *copy += 1;
                    found.push((*copy, index, name, status));
                }
            }
        }
    }
    found
}

/// The address of the Service that opens this door.
fn address(services: &[Value], (number, protocol): &Door) -> Option<Ipv4Addr> {
    let opens = |service: &&Value| {
        let name = service["metadata"]["name"].as_str().unwrap_or_default();
        let ports = service["spec"]["ports"].as_array().into_iter().flatten();
        name.ends_with("-published")
            && ports.into_iter().any(|port| {
                port["port"] == *number
                    && port["protocol"].as_str().is_some_and(|word| word.eq_ignore_ascii_case(protocol))
            })
    };
    services.iter().find(opens)?["spec"]["clusterIP"].as_str()?.parse().ok()
}

/// The service that a container is named after.
fn service_of(case: &Case, container: &str) -> Option<String> {
    let label = |name: &str| name.to_lowercase().replace(['_', '.'], "-");
    case.services().map(|(name, _)| name).find(|name| label(name) == container).cloned()
}

fn seen(case: &Case, pod: &Value, container: &str, copy: usize, status: &Value) -> Seen {
    let running = status["state"]["running"].is_object();
    let ended = &status["state"]["terminated"];
    let last = if ended.is_object() { ended } else { &status["lastState"]["terminated"] };
    let probed = pod["spec"]["containers"]
        .as_array()
        .into_iter()
        .flatten()
        .any(|one| one["name"] == container && one["readinessProbe"].is_object());
    Seen {
        service: service_of(case, container).unwrap_or_default(),
        copy,
        given_name: pod["metadata"]["name"].as_str().unwrap_or_default().to_owned(),
        started: None,
        published: Value::Null,
        report: Value::Null,
        peers: Value::Null,
        end: Value::Null,
        state: json!({
            "running": running,
            "exit": if running { Value::Null } else { last["exitCode"].clone() },
            "restarted": status["restartCount"].as_u64().unwrap_or(0) > 0,
            "well": !probed || status["ready"] == true,
            "id": status["containerID"].as_str().unwrap_or_default().trim_start_matches("containerd://"),
        }),
    }
}

/// Has the namespace be gone, for another run.
pub(super) fn forget(case: &Case, worlds: &Worlds<'_>) -> Result<(), String> {
    let said =
        worlds.kubectl(&["delete", "namespace", &case.name, "--ignore-not-found", "--timeout=90s"], 100)?;
    if said.well { Ok(()) } else { Err(said.complaint().to_owned()) }
}

/// Waits until the pods of the namespace are gone.
fn gone(namespace: &str, worlds: &Worlds<'_>) -> Result<(), String> {
    let start = Instant::now();
    while start.elapsed() < PATIENCE * 2 && !list(namespace, "pods", worlds)?.is_empty() {
        std::thread::sleep(Duration::from_millis(400));
    }
    Ok(())
}

/// The files that the runtime writes a container's output to, one for each start.
struct Log {
    folder: PathBuf,
    files: Vec<File>,
}

impl Log {
    fn of(pod: &Value, container: &str) -> Self {
        let word = |key: &str| pod["metadata"][key].as_str().unwrap_or_default().to_owned();
        let name = format!("{}_{}_{}", word("namespace"), word("name"), word("uid"));
        Self { folder: Path::new("/var/log/pods").join(name).join(container), files: Vec::new() }
    }

    fn open(&mut self) {
        let entries = std::fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        paths.sort();
        self.files = paths.iter().filter_map(|path| File::open(path).ok()).collect();
    }

    /// What the container wrote: lines of `time stream P|F text`, where `P` is a line that goes on in the next.
    fn text(self) -> String {
        let mut text = String::new();
        for mut file in self.files {
            let mut bytes = Vec::new();
            if file.read_to_end(&mut bytes).is_err() {
                continue;
            }
            for line in String::from_utf8_lossy(&bytes).lines() {
                let mut words = line.splitn(4, ' ');
                let (stream, part, rest) = (words.nth(1), words.next(), words.next().unwrap_or_default());
                if stream == Some("stdout") {
                    text += rest;
                    if part == Some("F") {
                        text.push('\n');
                    }
                }
            }
        }
        text
    }
}
