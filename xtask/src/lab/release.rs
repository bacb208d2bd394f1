//! Charts and trees on the node: installed as a user would, started anew, robbed of pods, and removed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use serde_json::{Value, json};

use super::case::{BESIDE, words};
use super::prepare::Tools;
use super::private::STATE;
use super::world::Worlds;
use crate::oracles::acceptance;
use crate::oracles::forms;
use crate::oracles::forms::objects::Objects;
use crate::oracles::install::chart::{Chart, Trial};
use crate::oracles::install::cluster::Cluster;
use crate::oracles::install::{self, tree::Tree};
use crate::oracles::projects::Project;
use crate::oracles::toolchain;
use crate::place;

/// What every service of a release is given: no registry is asked, and a small machine has room for all of them.
const HERE: &str = "pull_policy: missing, deploy: {resources: {reservations: {cpus: '0.01', memory: 8M}}}";

/// The release that the short run has.
const SAMPLE: &str = "chart-of-shop";

/// What lies beside the repository.
pub(super) const SYSTEMS: [&str; 3] = ["opencomplai", "portarium", "circle-core"];

/// A project that is installed on the node.
pub(super) struct Release {
    /// What it is called among the cases.
    pub(super) name: String,
    /// What each of its images has to play.
    pub(super) roles: BTreeMap<String, Role>,
    project: Project,
    form: Form,
    helm: PathBuf,
}

/// What is installed.
enum Form {
    Chart(Chart),
    Tree(Tree),
}

/// What a stand-in plays.
#[derive(Default)]
pub(super) struct Role {
    /// The user of its containers, where the objects name one.
    pub(super) user: String,
    /// The ports that it serves, as `80/tcp`.
    pub(super) ports: BTreeSet<String>,
    /// The programs that it has.
    pub(super) programs: BTreeSet<String>,
    /// The argument vectors that come to an end by themselves.
    pub(super) ends: BTreeSet<String>,
}

/// The names of all releases, with what lies beside the repository.
pub(super) fn names(sample: bool) -> Vec<String> {
    let mut names = vec![SAMPLE.to_owned()];
    match place::shared().filter(|shared| shared.join("seeds/inputs").is_dir()) {
        _ if sample => {}
        Some(_) => {
            names.extend(SYSTEMS.map(|system| format!("{BESIDE}{system}")));
            names.extend(
                ["chart-of-opencomplai", "tree-of-portarium", "tree-of-circle-core"].map(str::to_owned),
            );
        }
        None => println!("did not run: charts and trees of the seeds (../shared/seeds is missing)"),
    }
    names
}

/// Whether a name of a case is that of a release.
pub(super) fn is_one(name: &str) -> bool {
    name.starts_with("chart-of-") || name.starts_with("tree-of-")
}

impl Release {
    /// Converts the project, and finds out what its images have to play.
    pub(super) fn open(name: &str, number: usize, tools: &Tools) -> Result<Self, String> {
        let (form, own) = name.split_once("-of-").ok_or("a release has a form and a name")?;
        let project = if own == "shop" { install::example() } else { acceptance::project(own, name)? };
        let present =
            project.everywhere(&tools.transship, &Path::new(STATE).join(format!("{name}.yaml")), HERE)?;
        let project = project.with(present);
        let helm = toolchain::helm(4)?;
        let number = 1000 + number;
        let (form, text) = if form == "chart" {
            let chart = Chart::written(&tools.transship, &project, number)?.ok_or("there is no chart")?;
            let mut command = Command::new(&helm);
            forms::home(&mut command).args(["template", "r"]).arg(&chart.folder).arg("-f").arg(&chart.values);
            (Form::Chart(chart), place::succeeds(&mut command)?)
        } else {
            let tree = Tree::written(&tools.transship, &project, number)?;
            let mut command = Command::new(&tools.kubectl);
            let text = place::succeeds(command.arg("kustomize").arg(tree.folder.join("base")))?;
            (Form::Tree(tree), text)
        };
        let roles = roles(&String::from_utf8_lossy(&text))?;
        Ok(Self { name: name.to_owned(), roles, project, form, helm })
    }

    /// Lives through it; what went wrong is the error.
    fn run(&self, attempt: usize, worlds: &Worlds<'_>) -> Result<(), String> {
        let cluster = Cluster::real(&worlds.node.plane);
        match &self.form {
            Form::Chart(chart) => {
                let name = format!("{}-{attempt}", self.name);
                let trial = Trial { cluster: &cluster, helm: &self.helm, chart, name };
                trial.run(&worlds.tools.transship, &self.project)
            }
            Form::Tree(tree) => tree.run(&cluster),
        }
    }
}

/// Runs all releases, one after the other, and says how they came out.
pub(super) fn run_all(releases: &[Release], worlds: &Worlds<'_>) -> Vec<String> {
    let mut failed = Vec::new();
    for release in releases {
        // As with cases: what is wrong is wrong twice.
        let is_wrong = (1..=2).all(|attempt| {
            let started = Instant::now();
            let outcome = release.run(attempt, worlds);
            match &outcome {
                Ok(()) => println!(
                    "{}: installed, served, came back, removed; {} s",
                    release.name,
                    started.elapsed().as_secs()
                ),
                Err(words) => println!("{}, attempt {attempt}: {words}", release.name),
            }
            outcome.is_err()
        });
        failed.extend(is_wrong.then(|| release.name.clone()));
    }
    failed
}

/// What the images of these objects have to play.
pub(super) fn roles(manifests: &str) -> Result<BTreeMap<String, Role>, String> {
    let mut roles = BTreeMap::new();
    for (container, ends) in containers(manifests)? {
        cast(&container, ends, &mut roles);
    }
    Ok(roles)
}

/// The containers of all objects, and whether each comes to an end.
fn containers(text: &str) -> Result<Vec<(Value, bool)>, String> {
    let mut all = Vec::new();
    for (kind, _, object) in Objects::read(text)?.each() {
        let pod = match kind {
            "Pod" => &object["spec"],
            "CronJob" => &object["spec"]["jobTemplate"]["spec"]["template"]["spec"],
            _ => &object["spec"]["template"]["spec"],
        };
        for list in ["containers", "initContainers"] {
            let ends = matches!(kind, "Job" | "CronJob") || list == "initContainers";
            all.extend(pod[list].as_array().into_iter().flatten().map(|container| (container.clone(), ends)));
        }
    }
    Ok(all)
}

/// An image's name and its tag; nothing of one with a digest.
fn split(image: &str) -> Option<(&str, &str)> {
    if image.contains('@') {
        return None;
    }
    Some(image.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')).unwrap_or((image, "latest")))
}

/// Adds what a container asks of its image; one with another tag has to play the same.
fn cast(container: &Value, ends: bool, roles: &mut BTreeMap<String, Role>) {
    let Some((bare, tag)) = container["image"].as_str().and_then(split) else { return };
    for name in [format!("{bare}:{tag}"), format!("{bare}:another")] {
        let role = roles.entry(name).or_default();
        let ports = container["ports"].as_array().into_iter().flatten();
        role.ports.extend(ports.map(|port| {
            format!("{}/{}", port["containerPort"], port["protocol"].as_str().unwrap_or("TCP").to_lowercase())
        }));
        let number = |key: &str| container["securityContext"][key].as_i64();
        if let Some(user) = number("runAsUser") {
            let group = number("runAsGroup").map(|group| format!(":{group}")).unwrap_or_default();
            role.user = format!("{user}{group}");
        }
        let vector = |key: &str| words(&container[key]);
        let own = match vector("command") {
            command if command.is_empty() => vec!["/probe".to_owned()],
            command => command,
        };
        role.programs.extend(own.first().cloned().filter(|program| program != "/probe"));
        role.plays(&own, ends);
        if ends {
            role.ends.insert(pattern([own, vector("args")].concat()));
        }
        for probe in ["startupProbe", "readinessProbe", "livenessProbe"] {
            for port in ["httpGet", "tcpSocket"].map(|way| &container[probe][way]["port"]) {
                role.ports.extend(port.as_u64().map(|port| format!("{port}/tcp")));
            }
            let asked = words(&container[probe]["exec"]["command"]);
            role.programs.extend(asked.first().cloned());
            role.plays(&asked, true);
            if !asked.is_empty() {
                role.ends.insert(pattern(asked));
            }
        }
    }
}

/// An argument vector as the probe compares it: what the kubelet puts in is any word.
fn pattern(words: Vec<String>) -> String {
    let words = words.into_iter().map(|word| if word.contains("$(") { "*".to_owned() } else { word });
    json!(words.collect::<Vec<_>>()).to_string()
}

impl Role {
    /// What a script calls is there, and where the script has to end, it ends.
    fn plays(&mut self, command: &[String], ends: bool) {
        let [shell, flag, script] = command else { return };
        if !(shell.ends_with("sh") && flag.starts_with('-') && flag.ends_with('c')) {
            return;
        }
        for call in script.split([';', '&', '|', '\n', '(', '`']) {
            let word = call.split_whitespace().find(|word| !word.contains('=')).unwrap_or_default();
            let is_name = |letter: char| letter.is_ascii_alphanumeric() || "-_./".contains(letter);
            let is_own = ["exec", "if", "then", "fi", "exit", "do", "done", "while", "until", "set", "cd"];
            if word.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '/')
                && word.chars().all(is_name)
                && !is_own.contains(&word)
            {
                self.programs.insert(word.to_owned());
                if ends {
                    self.ends.insert(json!([word, "**"]).to_string());
                }
            }
        }
    }
}
