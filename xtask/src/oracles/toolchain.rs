//! Builds the judges from their pinned Go modules.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sha2::{Digest, Sha256};

use crate::place;

/// The Kubernetes that judges, as it names itself.
pub(crate) const KUBERNETES: &str = "v1.34.4";

/// The program that answers as `docker compose config` would.
pub(crate) fn compose() -> Result<PathBuf, String> {
    build("compose", ".")
}

/// docker compose itself, to be timed.
pub(crate) fn docker_compose() -> Result<PathBuf, String> {
    build("docker-compose", "github.com/docker/compose/v5/cmd")
}

/// A program of ours: `control-plane`, `apply`, `pod-security`, `matcher` or `coredns`.
pub(crate) fn ours(name: &str) -> Result<PathBuf, String> {
    kept(name, name, ".", "")
}

/// The store behind the API server.
pub(crate) fn etcd() -> Result<PathBuf, String> {
    kept("etcd", "etcd", "go.etcd.io/etcd/server/v3", "")
}

/// The linter of a Kubernetes reviewer.
pub(crate) fn kube_score() -> Result<PathBuf, String> {
    kept("kube-score", "score", "github.com/zegl/kube-score/cmd/kube-score", "")
}

/// The builder of Kustomize trees.
pub(crate) fn kustomize() -> Result<PathBuf, String> {
    kept("kustomize", "kustomize", "sigs.k8s.io/kustomize/kustomize/v5", "")
}

/// Helm, of major version 3 or 4.
pub(crate) fn helm(major: u32) -> Result<PathBuf, String> {
    let name = format!("helm-{major}");
    kept(&name, &name, &format!("helm.sh/helm/v{major}/cmd/helm"), "")
}

/// The program that puts findings of linters into reviews.
pub(crate) fn reviewdog() -> Result<PathBuf, String> {
    kept("reviewdog", "reviewdog", "github.com/reviewdog/reviewdog/cmd/reviewdog", "")
}

/// The source of reviewdog, which holds the schema of its format.
pub(crate) fn reviewdog_source() -> Result<PathBuf, String> {
    source("reviewdog", "github.com/reviewdog/reviewdog")
}

/// The program that plays nodes for a cluster.
pub(crate) fn kwok() -> Result<PathBuf, String> {
    kept("kwok", "kwok", "sigs.k8s.io/kwok/cmd/kwok", "")
}

/// What simulated nodes and pods go through: as the makers of the program see it, and that pods of tests come to an end.
pub(crate) fn stages() -> Result<Vec<PathBuf>, String> {
    let stages = source("kwok", "sigs.k8s.io/kwok")?.join("kustomize/stage");
    let theirs = [
        "node/fast/node-initialize.yaml",
        "node/heartbeat/node-heartbeat.yaml",
        "pod/fast/pod-ready.yaml",
        "pod/fast/pod-complete.yaml",
        "pod/fast/pod-delete.yaml",
    ];
    let theirs = theirs.iter().map(|file| stages.join(file));
    Ok(theirs.chain([module("kwok").join("test-ends.yaml")]).collect())
}

/// Where the source of a judge lies.
fn source(module_name: &str, path: &str) -> Result<PathBuf, String> {
    let listed = place::ended(
        Command::new("go")
            .args(["list", "-m", "-f", "{{.Dir}}", path])
            .current_dir(module(module_name))
            .env("GOWORK", "off")
            .env("GOFLAGS", "-mod=readonly"),
    )?;
    let folder = String::from_utf8_lossy(&listed.stdout).trim().to_owned();
    if folder.is_empty() { Err(format!("the source of {path} is not there")) } else { Ok(folder.into()) }
}

/// A program of Kubernetes: `kube-apiserver`, `kubectl`, and what a node needs. Minutes, the first time.
pub(crate) fn kubernetes(program: &str) -> Result<PathBuf, String> {
    // Without these the programs call themselves v0.0.0, and clients believe it.
    let version: String = ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"]
        .iter()
        .map(|package| {
            format!(" -X {package}.gitVersion={KUBERNETES} -X {package}.gitMajor=1 -X {package}.gitMinor=34")
        })
        .collect();
    kept(program, "kubernetes", &format!("k8s.io/kubernetes/cmd/{program}"), &version)
}

/// Where the built judges lie.
pub(crate) fn folder() -> PathBuf {
    place::target().join("oracles")
}

fn build(name: &str, package: &str) -> Result<PathBuf, String> {
    let program = folder().join(name);
    go_build(&module(name), package, "", &program)?;
    Ok(program)
}

/// Builds a program once: what it is made of is part of its file's name.
fn kept(name: &str, module_name: &str, package: &str, version: &str) -> Result<PathBuf, String> {
    let module = module(module_name);
    let program = folder().join(format!("{name}-{}", digest(&module)?));
    if !program.is_file() {
        println!("building {name}: Kubernetes takes minutes, the others seconds");
        let half_done = program.with_extension("new");
        go_build(&module, package, &format!("-s -w{version}"), &half_done)?;
        std::fs::rename(&half_done, &program).map_err(|error| format!("{}: {error}", program.display()))?;
    }
    Ok(program)
}

/// The folder that says what a judge is made of.
pub(super) fn module(name: &str) -> PathBuf {
    place::root().join("xtask/oracles").join(name)
}

/// The digest of a module's files, in the order of their names.
pub(super) fn digest(module: &Path) -> Result<String, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", module.display());
    let mut files: Vec<PathBuf> = std::fs::read_dir(module)
        .map_err(failed)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .map_err(failed)?;
    files.sort();
    let mut digest = Sha256::new();
    for file in &files {
        digest.update(file.file_name().expect("a listed file has a name").as_encoded_bytes());
        digest.update(std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?);
    }
    Ok(digest.finalize()[..6].iter().map(|byte| format!("{byte:02x}")).collect())
}

fn go_build(module: &Path, package: &str, linker: &str, program: &Path) -> Result<(), String> {
    let version = Command::new("go").arg("version").stdin(Stdio::null()).output();
    if !version.is_ok_and(|version| version.status.success()) {
        return Err("Go 1.26 or newer must be on the PATH: the judges are Go modules".to_owned());
    }
    let mut go = Command::new("go");
    go.args(["build", "-trimpath"]);
    if !linker.is_empty() {
        go.arg(format!("-ldflags={linker}"));
    }
    place::run(
        go.arg("-o")
            .arg(program)
            .arg(package)
            .current_dir(module)
            .env("CGO_ENABLED", "0")
            .env("GOTOOLCHAIN", "local")
            .env("GOWORK", "off")
            .env("GOFLAGS", "-mod=readonly -buildvcs=false"),
    )
}
