//! A cluster, of simulated nodes or of a real one, and what runs in it.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::net::TcpStream;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::super::apiserver;
use super::super::control_plane::ControlPlane;
use super::super::forms::objects::Objects;
use crate::place::{succeeds, words_of};

/// A running cluster.
pub(crate) struct Cluster<'p> {
    server: &'p ControlPlane,
    /// Whether pods run, and somebody answers at the addresses of its Services.
    is_real: bool,
}

/// How many nodes there are: more than the replicas that anything asks for.
const NODES: usize = 5;

/// What golden cases ask of nodes beside processors and memory.
const DEVICES: [&str; 5] =
    ["nvidia.com/gpu", "amd.com/gpu", "vendor.example/card", "vendor.example/ssd", "vendor.example/tun"];

/// The classes of storage, the first for whoever names none and the others those that golden cases name, and how many
/// claims of each can be bound over the whole run.
const CLASSES: [(&str, usize); 3] = [("simulated", 400), ("shared", 8), ("fast-ssd", 8)];

/// How long the cluster may take for what it does behind a client's back.
const PATIENCE: Duration = Duration::from_secs(90);

impl<'p> Cluster<'p> {
    /// A cluster whose nodes run what they are given.
    pub(crate) fn real(server: &'p ControlPlane) -> Self {
        Self { server, is_real: true }
    }

    /// A cluster of simulated nodes and volumes.
    pub(super) fn simulated(server: &'p ControlPlane) -> Result<Self, String> {
        let cluster = Self { server, is_real: false };
        let mut room = json!({"cpu": "1k", "memory": "1Ti", "pods": "1M", "ephemeral-storage": "1Ti"});
        DEVICES.iter().for_each(|device| room[device] = json!("100"));
        let node = |number| {
            json!({"apiVersion": "v1", "kind": "Node", "status": {"allocatable": room, "capacity": room},
                "metadata": {"name": format!("node-{number}"),
                "labels": {"kubernetes.io/hostname": format!("node-{number}"), "kubernetes.io/os": "linux",
                    "kubernetes.io/arch": if number % 2 == 0 { "amd64" } else { "arm64" },
                    "topology.kubernetes.io/zone": format!("zone-{}", number % 2)}}})
        };
        let classes = CLASSES.iter().flat_map(|(name, volumes)| class(name, *volumes));
        let items: Vec<Value> = (0..NODES).map(node).chain(classes).collect();
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

    /// The file by which Helm finds it.
    pub(super) fn kubeconfig(&self) -> &str {
        self.server.kubeconfig()
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

    /// Applies the Secrets that a folder asks of whoever uses it; what a store has to hold is no matter of the cluster.
    pub(super) fn supply(&self, namespace: &str, folder: &Path) -> Result<(), String> {
        let example = folder.join("secrets.yaml.example");
        if !example.is_file() {
            return Ok(());
        }
        let text = apiserver::read(&example)?;
        let is_secret = |document: &&str| document.lines().any(|line| line == "kind: Secret");
        let secrets: Vec<&str> = text.split("\n---\n").filter(is_secret).collect();
        if secrets.is_empty() { Ok(()) } else { self.apply(namespace, &secrets.join("\n---\n")) }
    }

    /// Makes the claims that have to be there already: pods mount them, and none of the objects is such a claim.
    pub(super) fn lend(&self, namespace: &str, objects: &Objects) -> Result<(), String> {
        let made: BTreeSet<&str> = objects
            .each()
            .filter(|(kind, _, _)| *kind == "PersistentVolumeClaim")
            .map(|(_, name, _)| name)
            .collect();
        let volumes = objects
            .each()
            .filter_map(|(_, _, object)| object["spec"]["template"]["spec"]["volumes"].as_array());
        let claims =
            volumes.flatten().filter_map(|volume| volume["persistentVolumeClaim"]["claimName"].as_str());
        let lent: BTreeSet<&str> = claims.filter(|claim| !made.contains(claim)).collect();
        let items: Vec<Value> = lent
            .iter()
            .map(|name| {
                json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name}, "spec":
                    {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}})
            })
            .collect();
        if items.is_empty() {
            return Ok(());
        }
        self.apply(namespace, &json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string())
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

    /// All workloads of a namespace are ready, and somebody answers behind each Service.
    pub(super) fn serves(&self, namespace: &str) -> Result<(), String> {
        for workload in self.workloads(namespace)? {
            self.kubectl(&["rollout", "status", &workload, "-n", namespace, "--timeout=180s"])?;
        }
        if !self.is_real {
            return Ok(());
        }
        self.eventually("the Services answer", || {
            let services = self.get(&["services", "-n", namespace])?;
            let slices = self.get(&["endpointslices", "-n", namespace])?;
            let silent: Vec<String> = items_of(&services)
                .filter(|service| has_endpoints(&slices, service))
                .flat_map(doors)
                .filter(|door| !answers(door))
                .collect();
            Ok((!silent.is_empty()).then(|| format!("nobody answers at {}", silent.join(", "))))
        })
    }

    /// Starts every workload anew, then kills a pod of each: all of them come back. Simulated pods have no life to lose.
    pub(super) fn survives(&self, namespace: &str) -> Result<(), String> {
        if !self.is_real {
            return Ok(());
        }
        let workloads = self.workloads(namespace)?;
        for workload in &workloads {
            self.kubectl(&["rollout", "restart", workload, "-n", namespace])?;
        }
        self.serves(namespace)?;
        let pods = self.get(&["pods", "-n", namespace])?;
        let mut killed = BTreeSet::new();
        for pod in items_of(&pods).filter(|pod| pod["metadata"]["deletionTimestamp"].is_null()) {
            let owner = &pod["metadata"]["ownerReferences"][0];
            if owner["kind"] == "Job" || !killed.insert(owner["uid"].to_string()) {
                continue;
            }
            let name = pod["metadata"]["name"].as_str().unwrap_or_default();
            self.kubectl(&["delete", "pod", name, "-n", namespace, "--timeout=120s"])?;
        }
        self.serves(namespace)
    }

    /// What keeps pods running in a namespace, as `deployment.apps/web`.
    fn workloads(&self, namespace: &str) -> Result<Vec<String>, String> {
        let mut command = self.server.kubectl()?;
        command.args(["get", "deployments,statefulsets,daemonsets", "-n", namespace, "-o", "name"]);
        let names = String::from_utf8_lossy(&succeeds(&mut command)?).into_owned();
        Ok(names.lines().map(str::to_owned).collect())
    }

    /// Nothing is left but what somebody may still want: claims, and the Secrets that the chart did not bring.
    pub(super) fn empty(&self, namespace: &str) -> Result<(), String> {
        const KINDS: &str = "deployments,statefulsets,daemonsets,jobs,cronjobs,services,configmaps,networkpolicies,\
            serviceaccounts,poddisruptionbudgets,horizontalpodautoscalers,ingresses,pods";
        self.eventually("removed", || {
            let left = self.get(&[KINDS, "-n", namespace])?;
            let left: Vec<String> = items_of(&left)
                .map(|object| format!("{}/{}", object["kind"], object["metadata"]["name"]).replace('"', ""))
                .filter(|name| name != "ServiceAccount/default" && name != "ConfigMap/kube-root-ca.crt")
                .collect();
            Ok((!left.is_empty()).then(|| left.join(", ")))
        })
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
            let lists = ["initContainerStatuses", "containerStatuses"].map(|list| status[list].as_array());
            let waiting = lists.into_iter().flatten().flatten().map(|one| &one["state"]["waiting"]);
            let words: Vec<String> = (open.chain(waiting.filter(|waiting| waiting.is_object())))
                .map(|one| format!("{} {}", one["reason"], one["message"]))
                .collect();
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

/// A class of storage with its volumes.
fn class(name: &'static str, volumes: usize) -> impl Iterator<Item = Value> {
    let is_default = (name == CLASSES[0].0).to_string();
    let class = json!({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
        "metadata": {"name": name, "annotations": {"storageclass.kubernetes.io/is-default-class": is_default}},
        "provisioner": "kubernetes.io/no-provisioner", "volumeBindingMode": "WaitForFirstConsumer"});
    let volume = move |number| {
        json!({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": format!("{name}-{number}")},
            "spec": {"capacity": {"storage": "10Ti"}, "storageClassName": name,
                "accessModes": ["ReadWriteOnce", "ReadWriteMany", "ReadOnlyMany"],
                "hostPath": {"path": format!("/{name}/{number}")}}})
    };
    std::iter::once(class).chain((0..volumes).map(volume))
}

/// Whether a pod that is ready stands behind a Service.
fn has_endpoints(slices: &Value, service: &Value) -> bool {
    items_of(slices).any(|slice| {
        slice["metadata"]["labels"]["kubernetes.io/service-name"] == service["metadata"]["name"]
            && slice["endpoints"].as_array().is_some_and(|list| !list.is_empty())
    })
}

/// Where a Service listens, as `10.0.0.7:80`; one without an address of its own, or of another protocol, has none.
fn doors(service: &Value) -> Vec<String> {
    let Some(address) = service["spec"]["clusterIP"].as_str().filter(|address| *address != "None") else {
        return Vec::new();
    };
    let ports = service["spec"]["ports"].as_array().into_iter().flatten();
    let ports = ports.filter(|port| port["protocol"] == "TCP");
    ports.map(|port| format!("{address}:{}", port["port"])).collect()
}

fn answers(door: &str) -> bool {
    let patience = Duration::from_secs(2);
    door.parse().is_ok_and(|address| TcpStream::connect_timeout(&address, patience).is_ok())
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
