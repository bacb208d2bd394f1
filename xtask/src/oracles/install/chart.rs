//! The life of a chart: installed, tested, given other images, rolled back, started anew, made anew from a changed project,
//! and removed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value, json};

use super::cluster::{Cluster, images_of, items_of};
use crate::oracles::forms::objects::Objects;
use crate::oracles::forms::{self, values};
use crate::oracles::projects::{Project, Way};
use crate::place::{self, succeeds};

/// A chart that was written.
pub(crate) struct Chart {
    /// Where it lies.
    pub(crate) folder: PathBuf,
    report: Value,
    /// What it asks for.
    pub(crate) values: PathBuf,
}

impl Chart {
    /// Converts a project; nothing when there is nothing to write.
    pub(crate) fn written(
        transship: &Path,
        project: &Project,
        number: usize,
    ) -> Result<Option<Self>, String> {
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
pub(crate) struct Trial<'a> {
    /// Where it is installed.
    pub(crate) cluster: &'a Cluster<'a>,
    /// Which Helm does it.
    pub(crate) helm: &'a Path,
    /// The chart.
    pub(crate) chart: &'a Chart,
    /// The release, and the namespace that is its own.
    pub(crate) name: String,
}

impl Trial<'_> {
    /// The life of a release, from first to last.
    pub(crate) fn run(&self, transship: &Path, project: &Project) -> Result<(), String> {
        let name = self.name.as_str();
        self.cluster.apply(
            name,
            &json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}).to_string(),
        )?;
        self.cluster.supply(name, &self.chart.folder)?;
        self.cluster.lend(name, &self.objects(&[])?)?;
        self.release(&["install", "--wait", "--timeout=180s"], &[])?;
        self.runs("installed", &[])?;
        self.cluster.serves(name)?;
        self.helm(&["test", name, "--timeout=120s"])?;
        let tags = self.chart.other_tags();
        if !tags.is_empty() {
            let other = ["--set-string", tags.as_str()];
            self.release(&["upgrade", "--wait", "--timeout=180s"], &other)?;
            self.runs("with other images", &other)?;
            self.helm(&["rollback", name, "1", "--wait", "--timeout=180s"])?;
            self.runs("rolled back", &[])?;
        }
        self.cluster.survives(name)?;
        self.regenerated(transship, project)?;
        self.helm(&["uninstall", name, "--wait", "--timeout=180s"])?;
        self.cluster.empty(name)?;
        self.cluster.kubectl(&["delete", "namespace", name, "--wait=false"])
    }

    /// The same project with a variable more for every service: the chart says what changes, and the release follows.
    fn regenerated(&self, transship: &Path, project: &Project) -> Result<(), String> {
        let changed = self.chart.folder.with_extension("changed.yaml");
        let more = match project.everywhere(transship, &changed, "environment: {TRANSSHIP_SITE: north}") {
            // A chart asks for what the file demands; Compose, and the list of services with it, does not.
            Err(words) if words.contains("missing-required-variable") => {
                println!("did not run: making {} anew: its file demands variables", project.id);
                return Ok(());
            }
            more => more?,
        };
        let more: Vec<&str> = more.iter().map(String::as_str).collect();
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
        let objects = self.objects(values)?;
        let with_pods =
            objects.each().filter(|(kind, _, object)| *kind != "CronJob" && object["spec"]["replicas"] != 0);
        let wanted: BTreeSet<String> =
            with_pods.flat_map(|(_, _, object)| images_of(&object["spec"]["template"]["spec"])).collect();
        self.cluster.eventually(when, || {
            let found = self.cluster.images(&self.name)?;
            Ok((found != wanted).then(|| format!("the images {found:?} run, not {wanted:?}")))
        })
    }

    /// What the chart makes.
    fn objects(&self, values: &[&str]) -> Result<Objects, String> {
        let mut command = self.command(&["template", self.name.as_str(), "--skip-tests"]);
        let text = succeeds(command.arg(&self.chart.folder).arg("-f").arg(&self.chart.values).args(values))?;
        Objects::read(&String::from_utf8_lossy(&text))
    }

    /// What a simulated cluster does not have, and the chart waits for.
    pub(crate) fn beyond(&self) -> Result<Option<&'static str>, String> {
        Ok(self.objects(&[])?.each().find_map(|(kind, _, object)| {
            let spec = &object["spec"];
            if kind == "Service" && spec["type"] == "LoadBalancer" {
                Some("nobody gives addresses to load balancers")
            } else if spec["template"]["spec"]["runtimeClassName"].is_string() {
                Some("nodes have one class of runtimes")
            } else if spec["minReadySeconds"].as_u64().is_some_and(|seconds| seconds > 60) {
                Some("its pods count only after minutes")
            } else if object["metadata"]["namespace"].as_str().is_some_and(|name| name != self.name) {
                Some("Secrets of further namespaces have to be there before the chart makes those")
            } else {
                None
            }
        }))
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
        command.args(["--kubeconfig", self.cluster.kubeconfig()]);
        command
    }
}
