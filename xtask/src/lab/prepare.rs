//! What the lab is made of, found or built while the network is still there.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::tool;
use crate::oracles::toolchain;
use crate::place;

/// The programs that Debian has, and the packages that bring them.
const PROGRAMS: [(&str, &str); 11] = [
    ("dockerd", "docker.io"),
    ("containerd", "containerd"),
    ("runc", "runc"),
    ("/usr/lib/cni/bridge", "containernetworking-plugins"),
    ("iptables", "iptables"),
    ("nft", "nftables"),
    ("conntrack", "conntrack"),
    ("ip", "iproute2"),
    ("socat", "socat"),
    ("curl", "curl"),
    ("busybox", "busybox-static"),
];

/// Where the programs lie.
#[derive(Clone)]
pub(super) struct Tools {
    pub(super) transship: PathBuf,
    pub(super) compose: PathBuf,
    pub(super) kubectl: PathBuf,
    pub(super) controller_manager: PathBuf,
    pub(super) scheduler: PathBuf,
    pub(super) kubelet: PathBuf,
    pub(super) proxy: PathBuf,
    pub(super) dns: PathBuf,
    pub(super) probe: PathBuf,
}

/// Why there can be no lab here; packages that are missing are installed where that is possible.
pub(super) fn missing() -> Option<String> {
    if !cfg!(target_os = "linux") || !is_root() {
        return Some("it needs Linux and root: two container engines, namespaces, control groups".to_owned());
    }
    let absent = || -> Vec<&str> {
        PROGRAMS.iter().filter(|(program, _)| !is_there(program)).map(|(_, package)| *package).collect()
    };
    let packages = absent();
    if packages.is_empty() {
        return None;
    }
    println!("installing {}", packages.join(" "));
    let mut update = Command::new("apt-get");
    let mut install = Command::new("apt-get");
    update.args(["update", "-qq"]);
    install.args(["install", "-y", "-qq", "--no-install-recommends"]).args(&packages);
    for step in [&mut update, &mut install] {
        // What a package starts by itself is of no use here.
        let step = step.env("DEBIAN_FRONTEND", "noninteractive").env("RUNLEVEL", "1");
        if let Err(reason) = step.stdout(Stdio::null()).status().map_err(|error| error.to_string()) {
            return Some(format!("apt-get: {reason}"));
        }
    }
    let packages = absent();
    (!packages.is_empty()).then(|| format!("it needs the Debian packages {}", packages.join(" ")))
}

fn is_root() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().any(|line| line.starts_with("Uid:\t0\t"))
}

fn is_there(program: &str) -> bool {
    if program.starts_with('/') {
        return Path::new(program).is_file();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// The folder of the lab; what an earlier run has left there goes away.
pub(super) fn folder() -> Result<PathBuf, String> {
    let folder = place::target().join("lab");
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(failed)?;
    }
    std::fs::create_dir_all(&folder).map_err(failed)?;
    Ok(folder)
}

/// Builds what is missing: minutes the first time, for Kubernetes.
pub(super) fn build() -> Result<Tools, String> {
    // The control plane starts these by itself; there is no network later to build them.
    toolchain::etcd()?;
    toolchain::kubernetes("kube-apiserver")?;
    toolchain::ours("control-plane")?;
    // Charts are installed with it.
    toolchain::helm(4)?;
    Ok(Tools {
        transship: place::transship()?,
        compose: toolchain::docker_compose()?,
        kubectl: toolchain::kubernetes("kubectl")?,
        controller_manager: toolchain::kubernetes("kube-controller-manager")?,
        scheduler: toolchain::kubernetes("kube-scheduler")?,
        kubelet: toolchain::kubernetes("kubelet")?,
        proxy: toolchain::kubernetes("kube-proxy")?,
        dns: toolchain::ours("coredns")?,
        probe: probe()?,
    })
}

/// The probe as one static file.
fn probe() -> Result<PathBuf, String> {
    const TARGET: &str = "x86_64-unknown-linux-gnu";
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args(["build", "--quiet", "--release", "--package", "probe", "--target", TARGET]);
    place::run(build.env("RUSTFLAGS", "-C target-feature=+crt-static").current_dir(place::root()))?;
    Ok(place::target().join(TARGET).join("release/probe"))
}

impl Tools {
    fn list(&self) -> [(&'static str, &PathBuf); 9] {
        [
            ("transship", &self.transship),
            ("compose", &self.compose),
            ("kubectl", &self.kubectl),
            ("controller_manager", &self.controller_manager),
            ("scheduler", &self.scheduler),
            ("kubelet", &self.kubelet),
            ("proxy", &self.proxy),
            ("dns", &self.dns),
            ("probe", &self.probe),
        ]
    }

    /// Leaves a note for the second half of the run.
    pub(super) fn write(&self, folder: &Path, cases: &[String]) -> Result<(), String> {
        let tools: serde_json::Map<String, Value> =
            self.list().into_iter().map(|(name, path)| (name.to_owned(), json!(path))).collect();
        tool::write(&folder.join("tools.json"), json!({ "tools": tools, "cases": cases }).to_string())
    }

    /// Reads that note: the tools, and the names of the cases.
    pub(super) fn read(folder: &Path) -> Result<(Self, Vec<String>), String> {
        let note = place::json(&folder.join("tools.json"))?;
        let path = |name: &str| PathBuf::from(note["tools"][name].as_str().unwrap_or_default());
        let tools = Self {
            transship: path("transship"),
            compose: path("compose"),
            kubectl: path("kubectl"),
            controller_manager: path("controller_manager"),
            scheduler: path("scheduler"),
            kubelet: path("kubelet"),
            proxy: path("proxy"),
            dns: path("dns"),
            probe: path("probe"),
        };
        let names = note["cases"].as_array().into_iter().flatten();
        Ok((tools, names.filter_map(|name| name.as_str().map(str::to_owned)).collect()))
    }
}
