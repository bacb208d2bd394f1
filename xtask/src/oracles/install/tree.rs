//! The life of a tree: applied, started anew, and removed.

use std::path::{Path, PathBuf};

use super::cluster::Cluster;
use crate::oracles::apiserver;
use crate::oracles::forms;
use crate::oracles::projects::{Project, Way};
use crate::place;

/// A tree that was written.
pub(crate) struct Tree {
    /// Where it lies.
    pub(crate) folder: PathBuf,
    /// The namespace that its objects are in.
    namespace: String,
}

impl Tree {
    /// Converts a project.
    pub(crate) fn written(transship: &Path, project: &Project, number: usize) -> Result<Self, String> {
        let folder = forms::cleared(&format!("install-{number}"))?;
        let report = folder.with_extension("report.json");
        let mut command = project.command(transship, Way::AsGiven);
        command.args(["--to", "kustomize", "-o"]).arg(&folder).arg("--report").arg(&report);
        let output = place::ended(&mut command)?;
        if !folder.exists() {
            return Err(place::words_of(&output));
        }
        let namespace = place::json(&report)?["project"].as_str().unwrap_or_default().to_owned();
        Ok(Self { folder, namespace })
    }

    /// The life of what it makes, from first to last.
    pub(crate) fn run(&self, cluster: &Cluster<'_>) -> Result<(), String> {
        let (name, base) = (self.namespace.as_str(), self.folder.join("base").display().to_string());
        let namespace = self.folder.join("base/namespace.yaml");
        cluster.apply(name, &apiserver::read(&namespace)?)?;
        cluster.supply(name, &self.folder)?;
        let lives = || {
            cluster.kubectl(&["apply", "-k", &base])?;
            cluster.serves(name)?;
            cluster.survives(name)
        };
        if let Err(words) = lives() {
            let standing = cluster.standing(name);
            // Another attempt starts with nothing.
            drop(cluster.kubectl(&["delete", "namespace", name, "--timeout=120s"]));
            return Err(format!("{words}\n{standing}"));
        }
        cluster.kubectl(&["delete", "-k", &base, "--timeout=180s"])?;
        cluster.empty(name)
    }
}
