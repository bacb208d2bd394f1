//! A cluster of simulated nodes, and what runs in it.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::super::control_plane::ControlPlane;
use crate::place::{succeeds, words_of};

/// The running cluster.
pub(super) struct Cluster {
    server: ControlPlane,
}

/// How many nodes there are: more than the replicas that anything asks for.
const NODES: usize = 5;

/// How many claims can be bound over the whole run.
const VOLUMES: usize = 400;

/// How long the cluster may take for what it does behind a client's back.
const PATIENCE: Duration = Duration::from_secs(90);

impl Cluster {
    /// Starts it, with nodes and volumes.
    pub(super) fn start() -> Result<Self, String> {
        let cluster = Self { server: ControlPlane::with_nodes()? };
        let node = |number| {
            json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": format!("node-{number}"),
                "labels": {"kubernetes.io/hostname": format!("node-{number}"), "kubernetes.io/os": "linux",
                    "topology.kubernetes.io/zone": format!("zone-{}", number % 2)}}})
        };
        let volume = |number| {
            json!({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": format!("volume-{number}")},
                "spec": {"capacity": {"storage": "10Ti"}, "storageClassName": "simulated",
                    "accessModes": ["ReadWriteOnce", "ReadWriteMany", "ReadOnlyMany"],
                    "hostPath": {"path": format!("/simulated/{number}")}}})
        };
        let class = json!({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
            "metadata": {"name": "simulated", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
            "provisioner": "kubernetes.io/no-provisioner", "volumeBindingMode": "WaitForFirstConsumer"});
        let items: Vec<Value> = (0..NODES).map(node).chain([class]).chain((0..VOLUMES).map(volume)).collect();
        cluster.apply("default", &json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string())?;
        cluster.eventually("the nodes are ready", || {
            let nodes = cluster.get(&["nodes"])?;
            let ready = items_of(&nodes).filter(|node| {
                let conditions = node["status"]["conditions"].as_array();
                conditions.into_iter().flatten().any(|one| one["type"] == "Ready" && one["status"] == "True")
            });
            Ok((ready.count() != NODES).then(|| "some are not".to_owned()))
        })?;
        Ok(cluster)
    }

    /// The server behind it.
    pub(super) fn server(&self) -> &ControlPlane {
        &self.server
    }

    /// Brings objects into a namespace.
    pub(super) fn apply(&self, namespace: &str, text: &str) -> Result<(), String> {
        let mut command = self.server.kubectl()?;
        command.args(["apply", "--server-side", "-n", namespace, "-f", "-"]);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("`kubectl` cannot be started: {error}"))?;
        let mut input = child.stdin.take().ok_or("standard input is a pipe")?;
        // A program that ended early says why on its own standard error.
        drop(input.write_all(text.as_bytes()));
        drop(input);
        let output = child.wait_with_output().map_err(|error| error.to_string())?;
        if output.status.success() {
            return Ok(());
        }
        Err(format!("`kubectl apply` {}", words_of(&output)))
    }

    /// What `kubectl get` shows, as JSON.
    pub(super) fn get(&self, words: &[&str]) -> Result<Value, String> {
        let mut command = self.server.kubectl()?;
        command.arg("get").args(words).args(["-o", "json"]);
        serde_json::from_slice(&succeeds(&mut command)?).map_err(|error| error.to_string())
    }

    /// Runs `kubectl` with these words.
    pub(super) fn kubectl(&self, words: &[&str]) -> Result<(), String> {
        succeeds(self.server.kubectl()?.args(words)).map(|_| ())
    }

    /// The images of the pods of a namespace that are to stay: those of tests, and those that are going, are left out.
    pub(super) fn images(&self, namespace: &str) -> Result<BTreeSet<String>, String> {
        let pods = self.get(&["pods", "-n", namespace])?;
        let staying = items_of(&pods).filter(|pod| {
            let metadata = &pod["metadata"];
            metadata["deletionTimestamp"].is_null() && metadata["annotations"]["helm.sh/hook"].is_null()
        });
        Ok(staying.flat_map(|pod| images_of(&pod["spec"])).collect())
    }

    /// How the pods of a namespace stand, for whoever looks at a failure.
    pub(super) fn standing(&self, namespace: &str) -> String {
        let Ok(pods) = self.get(&["pods", "-n", namespace]) else {
            return "its pods cannot be read".to_owned();
        };
        let one = |pod: &Value| {
            let (metadata, status) = (&pod["metadata"], &pod["status"]);
            let conditions = status["conditions"].as_array().into_iter().flatten();
            let open = conditions.filter(|one| one["status"] == "False");
            let words: Vec<String> =
                open.map(|one| format!("{} {}", one["reason"], one["message"])).collect();
            format!(
                "{} on {} is {}: {}",
                metadata["name"],
                pod["spec"]["nodeName"],
                status["phase"],
                words.join(", ")
            )
        };
        items_of(&pods).map(one).collect::<Vec<_>>().join("\n")
    }

    /// Waits until nothing is wrong any more; what was wrong last is the error.
    pub(super) fn eventually(
        &self,
        what: &str,
        mut wrong: impl FnMut() -> Result<Option<String>, String>,
    ) -> Result<(), String> {
        let started = Instant::now();
        loop {
            match wrong()? {
                None => return Ok(()),
                Some(words) if started.elapsed() > PATIENCE => return Err(format!("{what}: {words}")),
                Some(_) => std::thread::sleep(Duration::from_millis(200)),
            }
        }
    }
}

/// The items of a list.
pub(super) fn items_of(list: &Value) -> impl Iterator<Item = &Value> {
    list["items"].as_array().into_iter().flatten()
}

/// The images of a pod.
pub(super) fn images_of(pod: &Value) -> impl Iterator<Item = String> + '_ {
    let lists = ["containers", "initContainers"].into_iter();
    let containers = lists.flat_map(|list| pod[list].as_array().into_iter().flatten());
    containers.filter_map(|container| container["image"].as_str().map(str::to_owned))
}
