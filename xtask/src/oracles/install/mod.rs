//! Charts in a cluster: installed, tested, given other images, rolled back, made anew from a changed project, and removed.

mod cluster;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use serde_json::{Map, Value, json};

use super::apiserver;
use super::forms::objects::Objects;
use super::forms::{self, values};
use super::projects::{self, Project, Way};
use super::toolchain;
use crate::place::{self, succeeds};
use cluster::{Cluster, images_of, items_of};

/// Cases whose charts are installed in the short run: Secrets, Jobs that others wait for, kinds with and without claims,
/// budgets, and objects of the batch API.
const CASES: [&str; 5] = [
    "secrets-leave-the-pods",
    "a-task-of-several-dependents-is-a-job",
    "the-mode-and-the-volumes-choose-the-kind",
    "production-keeps-services-up",
    "jobs-become-cron-jobs",
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
    let cluster = Cluster::start()?;
    match apiserver::definitions()? {
        Some(definitions) => apiserver::install(cluster.server(), &definitions)?,
        None => println!("did not run: installing objects of further kinds (../shared/crds is missing)"),
    }
    let (mut installed, mut failures) = (0, Vec::new());
    for (number, project) in projects.iter().enumerate() {
        let Some(chart) = Chart::written(&transship, project, number)? else { continue };
        // Both majors have their turn, and a seed has both.
        let turns =
            helms.iter().enumerate().filter(|(major, _)| project.list == "seeds" || number % 2 == *major);
        for (major, helm) in turns {
            installed += 1;
            // What plays the nodes overlooks a pod once in a while: a chart that is wrong is wrong twice.
            let is_wrong = (1..=2).all(|attempt| {
                let name = format!("install-{number}-{major}-{attempt}");
                let trial = Trial { cluster: &cluster, helm, chart: &chart, name };
                let wrong = trial.run(&transship, project).err();
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
fn example() -> Project {
    let file = place::root().join("examples/shop/compose.yaml").display().to_string();
    Project::new("examples", "shop", place::root(), vec!["-f".to_owned(), file])
}

/// Document 000, as `../shared` has it.
fn seeds() -> Result<Vec<Project>, String> {
    let Some(seeds) = place::shared().map(|shared| shared.join("seeds")).filter(|seeds| seeds.is_dir())
    else {
        println!("did not run: installing the chart of document 000 (../shared/seeds is missing)");
        return Ok(Vec::new());
    };
    Ok(vec![super::acceptance::chart(&seeds)])
}

/// A chart that was written.
struct Chart {
    folder: PathBuf,
    report: Value,
    values: PathBuf,
}

impl Chart {
    /// Converts a project; nothing when there is nothing to write.
    fn written(transship: &Path, project: &Project, number: usize) -> Result<Option<Self>, String> {
        let folder = forms::cleared(&format!("install-{number}"))?;
        let report = folder.with_extension("report.json");
        drop(std::fs::remove_file(&report));
        convert(transship, project, &folder, &report, &[])?;
        if !folder.exists() {
            return Ok(None);
        }
        let (report, schema) = (place::json(&report)?, place::json(&folder.join("values.schema.json"))?);
        let mut given = Map::new();
        values::fill(&mut given, &report, &schema);
        let values = folder.with_extension("values.json");
        std::fs::write(&values, Value::Object(given).to_string()).map_err(|error| error.to_string())?;
        Ok(Some(Self { folder, report, values }))
    }

    /// The value of each image's tag, set to another one.
    fn other_tags(&self) -> String {
        let parameters = self.report["parameters"].as_array().into_iter().flatten();
        let names = parameters.filter_map(|parameter| parameter["name"].as_str());
        let tags = names.filter(|name| name.ends_with(".image.tag"));
        tags.map(|name| format!("{name}=another")).collect::<Vec<_>>().join(",")
    }
}

fn convert(
    transship: &Path,
    project: &Project,
    folder: &Path,
    report: &Path,
    more: &[&str],
) -> Result<(), String> {
    let mut command = project.command(transship, Way::AsGiven);
    command.args(more).args(["--to", "helm", "-o"]).arg(folder).arg("--report").arg(report);
    place::ended(&mut command).map(|_| ())
}

/// One chart with one Helm.
struct Trial<'a> {
    cluster: &'a Cluster,
    helm: &'a Path,
    chart: &'a Chart,
    /// The release, and the namespace that is its own.
    name: String,
}

impl Trial<'_> {
    /// The life of a release, from first to last.
    fn run(&self, transship: &Path, project: &Project) -> Result<(), String> {
        let name = self.name.as_str();
        self.cluster.apply(
            name,
            &json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}).to_string(),
        )?;
        let secrets = self.chart.folder.join("secrets.yaml.example");
        if secrets.is_file() {
            self.cluster.apply(name, &apiserver::read(&secrets)?)?;
        }
        self.release(&["install", "--wait", "--timeout=180s"], &[])?;
        self.runs("installed", &[])?;
        self.helm(&["test", name, "--timeout=120s"])?;
        let tags = self.chart.other_tags();
        if !tags.is_empty() {
            let other = ["--set-string", tags.as_str()];
            self.release(&["upgrade", "--wait", "--timeout=180s"], &other)?;
            self.runs("with other images", &other)?;
            self.helm(&["rollback", name, "1", "--wait", "--timeout=180s"])?;
            self.runs("rolled back", &[])?;
        }
        self.regenerated(transship, project)?;
        self.helm(&["uninstall", name, "--wait", "--timeout=180s"])?;
        self.gone()?;
        self.cluster.kubectl(&["delete", "namespace", name, "--wait=false"])
    }

    /// The same project with a variable more for every service: the chart says what changes, and the release follows.
    fn regenerated(&self, transship: &Path, project: &Project) -> Result<(), String> {
        let model = succeeds(project.config(transship).args(["--format", "json"]))?;
        let model: Value = serde_json::from_slice(&model).map_err(|error| error.to_string())?;
        let mut text = String::from("services:\n");
        for (service, _) in model["services"].as_object().into_iter().flatten() {
            writeln!(text, "  {}: {{environment: {{TRANSSHIP_SITE: north}}}}", Value::from(service.as_str()))
                .map_err(|error| error.to_string())?;
        }
        let changed = self.chart.folder.with_extension("changed.yaml");
        std::fs::write(&changed, text).map_err(|error| error.to_string())?;
        let changed = changed.display().to_string();
        let files: &[&str] = if project.files().is_empty() { &["-f", "compose.yaml"] } else { &[] };
        let more: Vec<&str> = files.iter().copied().chain(["-f", changed.as_str()]).collect();
        let report = self.chart.folder.with_extension("changed.json");
        convert(transship, project, &self.chart.folder, &report, &more)?;
        let result = self.release(&["upgrade", "--wait", "--timeout=180s"], &[]).and_then(|()| self.varied());
        // The next Helm starts with the chart as it was.
        convert(transship, project, &self.chart.folder, &report, &[])?;
        result
    }

    /// Every pod that is to stay has the new variable.
    fn varied(&self) -> Result<(), String> {
        self.cluster.eventually("made anew", || {
            let pods = self.cluster.get(&["pods", "-n", &self.name])?;
            let staying = items_of(&pods).filter(|pod| pod["metadata"]["deletionTimestamp"].is_null());
            let old: Vec<&str> = staying
                .filter(|pod| {
                    pod["status"]["phase"] == "Running" && !pod.to_string().contains("TRANSSHIP_SITE")
                })
                .filter_map(|pod| pod["metadata"]["name"].as_str())
                .collect();
            Ok((!old.is_empty()).then(|| format!("{} run as before", old.join(", "))))
        })
    }

    /// What runs has the images that the templates say.
    fn runs(&self, when: &str, values: &[&str]) -> Result<(), String> {
        let chart = &self.chart.folder;
        let mut command = self.command(&["template", self.name.as_str(), "--skip-tests"]);
        let text = succeeds(command.arg(chart).arg("-f").arg(&self.chart.values).args(values))?;
        let objects = Objects::read(&String::from_utf8_lossy(&text))?;
        let with_pods =
            objects.each().filter(|(kind, _, object)| *kind != "CronJob" && object["spec"]["replicas"] != 0);
        let wanted: BTreeSet<String> =
            with_pods.flat_map(|(_, _, object)| images_of(&object["spec"]["template"]["spec"])).collect();
        self.cluster.eventually(when, || {
            let found = self.cluster.images(&self.name)?;
            Ok((found != wanted).then(|| format!("the images {found:?} run, not {wanted:?}")))
        })
    }

    /// Nothing is left but what somebody may still want: claims, and the Secrets that the chart did not bring.
    fn gone(&self) -> Result<(), String> {
        const KINDS: &str = "deployments,statefulsets,daemonsets,jobs,cronjobs,services,configmaps,networkpolicies,\
            serviceaccounts,poddisruptionbudgets,horizontalpodautoscalers,ingresses,pods";
        self.cluster.eventually("removed", || {
            let left = self.cluster.get(&[KINDS, "-n", &self.name])?;
            let left: Vec<String> = items_of(&left)
                .map(|object| format!("{}/{}", object["kind"], object["metadata"]["name"]).replace('"', ""))
                .filter(|name| name != "ServiceAccount/default" && name != "ConfigMap/kube-root-ca.crt")
                .collect();
            Ok((!left.is_empty()).then(|| left.join(", ")))
        })
    }

    /// `helm install` or `helm upgrade`.
    fn release(&self, words: &[&str], values: &[&str]) -> Result<(), String> {
        let mut command = self.command(words);
        command.arg(&self.name).arg(&self.chart.folder).arg("-f").arg(&self.chart.values).args(values);
        succeeds(&mut command)
            .map(|_| ())
            .map_err(|words| format!("{words}\n{}", self.cluster.standing(&self.name)))
    }

    fn helm(&self, words: &[&str]) -> Result<(), String> {
        succeeds(&mut self.command(words)).map(|_| ())
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(self.helm);
        forms::home(&mut command).args(words).args(["--namespace", &self.name]);
        command.args(["--kubeconfig", self.cluster.server().kubeconfig()]);
        command
    }
}
