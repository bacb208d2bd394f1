//! Builds the judges from their pinned Go modules.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::place;

/// The program that answers as `docker compose config` would.
pub(crate) fn compose() -> Result<PathBuf, String> {
    build("compose", ".")
}

/// docker compose itself, to be timed.
pub(crate) fn docker_compose() -> Result<PathBuf, String> {
    build("docker-compose", "github.com/docker/compose/v5/cmd")
}

/// Where the built judges lie.
pub(crate) fn folder() -> PathBuf {
    place::target().join("oracles")
}

fn build(name: &str, package: &str) -> Result<PathBuf, String> {
    let version = Command::new("go").arg("version").stdin(Stdio::null()).output();
    if !version.is_ok_and(|version| version.status.success()) {
        return Err("Go 1.26 or newer must be on the PATH: Compose's own loader is a Go module".to_owned());
    }
    let program = folder().join(name);
    place::run(
        Command::new("go")
            .args(["build", "-trimpath", "-o"])
            .arg(&program)
            .arg(package)
            .current_dir(place::root().join("xtask/oracles").join(name))
            .env("CGO_ENABLED", "0")
            .env("GOTOOLCHAIN", "local")
            .env("GOWORK", "off")
            .env("GOFLAGS", "-mod=readonly -buildvcs=false"),
    )?;
    Ok(program)
}
