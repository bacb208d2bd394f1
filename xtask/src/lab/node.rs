//! Docker Engine and a Kubernetes of one node, on one containerd.

use std::path::{Path, PathBuf};
use std::process::Child;

use super::prepare::Tools;
use super::private::{GROUP, STATE};
use super::tool::{ask, must, spawn, wait, write};
use crate::oracles::control_plane::ControlPlane;

/// How many claims can be bound in one run.
const VOLUMES: usize = 250;
/// The bridge of the pods, its address, and the DNS server on it.
const POD_BRIDGE: &str = "10.244.0.1";
/// Where the API server puts Services.
const SERVICES: &str = "10.96.0.0/16";

/// All that runs; the namespaces end it.
pub(super) struct Node {
    servers: Vec<(&'static str, Child)>,
    /// Held for as long as the server has to live.
    pub(super) plane: ControlPlane,
    /// Where the API server is, for clients.
    pub(super) kubeconfig: PathBuf,
    port: String,
}

/// Starts the engines only: images are loaded before anything needs them.
pub(super) fn engines() -> Result<Vec<(&'static str, Child)>, String> {
    let mut servers = Vec::new();
    let configuration = must("containerd", &["config", "default"])?;
    let lines: Vec<String> = configuration.lines().map(containerd_line).collect();
    let file = format!("{STATE}/containerd.toml");
    write(Path::new(&file), lines.join("\n"))?;
    write(&Path::new(STATE).join("net.d/10-lab.conflist"), network())?;
    start(&mut servers, "containerd", Path::new("containerd"), &["--config", &file])?;
    wait("containerd", 60, || runs("ctr", &["version"]))?;
    let group = format!("/{GROUP}/docker");
    start(
        &mut servers,
        "dockerd",
        Path::new("dockerd"),
        // Networks without a subnet of their own lie where no project would put one.
        &[
            "--containerd",
            "/run/containerd/containerd.sock",
            "--cgroup-parent",
            &group,
            "--default-address-pool",
            "base=10.213.0.0/16,size=24",
        ],
    )?;
    wait("dockerd", 60, || runs("docker", &["info"]))?;
    // Docker drops what it does not know: pods pass.
    for side in ["-i", "-o"] {
        must("iptables", &["-I", "DOCKER-USER", side, "cni0", "-j", "ACCEPT"])?;
    }
    Ok(servers)
}

fn runs(program: &str, arguments: &[&str]) -> bool {
    ask(Path::new(program), arguments, 10).is_ok_and(|said| said.well)
}

fn start(
    servers: &mut Vec<(&'static str, Child)>,
    name: &'static str,
    program: &Path,
    arguments: &[&str],
) -> Result<(), String> {
    let log = Path::new(STATE).join(format!("{name}.log"));
    servers.push((name, spawn(program, arguments, &log)?));
    Ok(())
}

/// Our sandbox image, Debian's folder of plugins, our networks; and scores of the killer of processes as they are, where
/// this machine does not let them be lowered.
fn containerd_line(line: &str) -> String {
    let (indent, rest) = line.split_at(line.len() - line.trim_start().len());
    match rest.split(" = ").next() {
        Some("sandbox_image") => format!("{indent}sandbox_image = \"localhost/pause:1\""),
        Some("bin_dir") => format!("{indent}bin_dir = \"/usr/lib/cni\""),
        Some("conf_dir") => format!("{indent}conf_dir = \"{STATE}/net.d\""),
        Some("restrict_oom_score_adj") => format!("{indent}restrict_oom_score_adj = true"),
        _ => line.to_owned(),
    }
}

fn network() -> String {
    format!(
        r#"{{"cniVersion":"0.4.0","name":"lab","plugins":[{{"type":"bridge","bridge":"cni0","isGateway":true,"ipMasq":true,
"hairpinMode":true,"ipam":{{"type":"host-local","dataDir":"{STATE}/addresses","ranges":[[{{"subnet":"10.244.0.0/24"}}]],
"routes":[{{"dst":"0.0.0.0/0"}}]}}}},{{"type":"portmap","capabilities":{{"portMappings":true}}}}]}}"#
    )
}

impl Node {
    /// Starts Kubernetes on the engines that run.
    pub(super) fn start(tools: &Tools, mut servers: Vec<(&'static str, Child)>) -> Result<Self, String> {
        let plane = ControlPlane::start()?;
        let kubeconfig = PathBuf::from(plane.kubeconfig());
        let config = plane.kubeconfig().to_owned();
        let port = plane.server().rsplit(':').next().unwrap_or_default().to_owned();
        start(
            &mut servers,
            "kube-controller-manager",
            &tools.controller_manager,
            &[
                "--kubeconfig",
                &config,
                "--leader-elect=false",
                "--bind-address",
                "127.0.0.1",
                // Pods that ask the API trust what this says.
                "--root-ca-file",
                plane.certificate(),
            ],
        )?;
        start(
            &mut servers,
            "kube-scheduler",
            &tools.scheduler,
            &["--kubeconfig", &config, "--leader-elect=false", "--bind-address", "127.0.0.1"],
        )?;
        must("ip", &["link", "add", "cni0", "type", "bridge"])?;
        must("ip", &["addr", "add", &format!("{POD_BRIDGE}/24"), "dev", "cni0"])?;
        must("ip", &["link", "set", "cni0", "up"])?;
        // Addresses of Services are nowhere; on the way there, the proxy puts another one in their place.
        must("ip", &["route", "add", SERVICES, "dev", "cni0"])?;
        let file = format!("{STATE}/kubelet.yaml");
        write(Path::new(&file), kubelet())?;
        start(
            &mut servers,
            "kubelet",
            &tools.kubelet,
            &[
                "--config",
                &file,
                "--kubeconfig",
                &config,
                "--hostname-override",
                "lab",
                "--node-ip",
                POD_BRIDGE,
            ],
        )?;
        let proxy = ["--kubeconfig", &config, "--hostname-override", "lab", "--proxy-mode", "nftables"];
        let local = ["--healthz-bind-address", "127.0.0.1", "--metrics-bind-address", "127.0.0.1"];
        // The size of that table belongs to the machine, not to a network namespace.
        let table = ["--conntrack-max-per-core", "0", "--conntrack-min", "0"];
        start(&mut servers, "kube-proxy", &tools.proxy, &[&proxy[..], &local[..], &table[..]].concat())?;
        let zones = format!("{STATE}/Corefile");
        write(Path::new(&zones), corefile(plane.server(), &config))?;
        start(&mut servers, "coredns", &tools.dns, &["-conf", &zones])?;
        // The API server listens on loopback alone; pods reach it on their bridge.
        let (listen, target) =
            (format!("TCP-LISTEN:{port},bind={POD_BRIDGE},fork,reuseaddr"), format!("TCP:127.0.0.1:{port}"));
        start(&mut servers, "socat", Path::new("socat"), &[&listen, &target])?;
        let node = Self { servers, plane, kubeconfig, port };
        node.settle(tools)?;
        Ok(node)
    }

    fn settle(&self, tools: &Tools) -> Result<(), String> {
        let config = self.kubeconfig.display().to_string();
        let ready = "-o=jsonpath={.status.conditions[?(@.type==\"Ready\")].status}";
        wait("the node", 90, || {
            ask(&tools.kubectl, &["--kubeconfig", &config, "get", "node", "lab", ready], 10)
                .is_ok_and(|said| said.out.contains("True"))
        })
        .map_err(|reason| format!("{reason}\n{}", self.last_words()))?;
        let file = Path::new(STATE).join("volumes.yaml");
        write(&file, format!("{}{}", volumes()?, server_of_pods(&self.port)))?;
        let said =
            ask(&tools.kubectl, &["--kubeconfig", &config, "apply", "-f", &file.display().to_string()], 60)?;
        if said.well { Ok(()) } else { Err(said.complaint().to_owned()) }
    }

    /// The ends of all logs: what to read when something does not come up.
    fn last_words(&self) -> String {
        let mut words = String::new();
        for (name, _) in &self.servers {
            let text = std::fs::read_to_string(format!("{STATE}/{name}.log")).unwrap_or_default();
            let lines: Vec<&str> = text.lines().collect();
            words += &format!("== {name}\n{}\n", lines[lines.len().saturating_sub(6)..].join("\n"));
        }
        words
    }
}

fn kubelet() -> String {
    format!(
        "apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {{anonymous: {{enabled: true}}, webhook: {{enabled: false}}}}
authorization: {{mode: AlwaysAllow}}
address: 127.0.0.1
cgroupDriver: cgroupfs
cgroupRoot: /{GROUP}
failCgroupV1: false
failSwapOn: false
clusterDNS: [\"{POD_BRIDGE}\"]
clusterDomain: cluster.local
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
enforceNodeAllocatable: []
evictionHard: {{nodefs.available: \"1%\", imagefs.available: \"1%\"}}
imageGCHighThresholdPercent: 100
maxPods: 250
registerNode: true
resolvConf: {STATE}/resolv.conf
syncFrequency: 2s
"
    )
}

fn corefile(server: &str, kubeconfig: &str) -> String {
    format!(
        ".:53 {{
  bind {POD_BRIDGE}
  errors
  kubernetes cluster.local {{
    endpoint {server}
    kubeconfig {kubeconfig}
    pods insecure
    ttl 5
  }}
}}
"
    )
}

/// What stands behind the Service `kubernetes`: no server enters itself there.
fn server_of_pods(port: &str) -> String {
    format!(
        "---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {{name: kubernetes, namespace: default, labels: {{kubernetes.io/service-name: kubernetes}}}}
addressType: IPv4
ports: [{{name: https, port: {port}, protocol: TCP}}]
endpoints: [{{addresses: [\"{POD_BRIDGE}\"], conditions: {{ready: true}}}}]
"
    )
}

/// A default class, and volumes of this machine that claims can be bound to: a kubelet applies `fsGroup` to these.
fn volumes() -> Result<String, String> {
    let mut text = "apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: lab, annotations: {storageclass.kubernetes.io/is-default-class: \"true\"}}
provisioner: kubernetes.io/no-provisioner
volumeBindingMode: WaitForFirstConsumer
reclaimPolicy: Retain
"
    .to_owned();
    for number in 1..=VOLUMES {
        let folder = format!("{STATE}/volumes/{number}");
        std::fs::create_dir_all(&folder).map_err(|error| format!("{folder}: {error}"))?;
        text += &format!(
            "---
apiVersion: v1
kind: PersistentVolume
metadata: {{name: lab-{number}}}
spec:
  capacity: {{storage: 100Gi}}
  accessModes: [ReadWriteOnce, ReadWriteMany]
  storageClassName: lab
  local: {{path: {folder}}}
  nodeAffinity: {{required: {{nodeSelectorTerms: [{{matchExpressions: [
    {{key: kubernetes.io/hostname, operator: In, values: [lab]}}]}}]}}}}
"
        );
    }
    Ok(text)
}
