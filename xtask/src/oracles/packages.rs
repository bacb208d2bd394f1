//! Fetches judges that are packages of Python or npm, in pinned versions, into the target folder.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::toolchain;
use crate::place;

/// The programs of the Python packages that `xtask/oracles/NAME/requirements.txt` lists; nothing without Python.
pub(crate) fn python(name: &str) -> Result<Option<PathBuf>, String> {
    if !answers("python3", &["-c", "import venv"]) {
        return Ok(None);
    }
    let module = toolchain::module(name);
    let folder = fetched(name, &module, &|folder| {
        place::run(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
        let wanted = module.join("requirements.txt");
        place::run(pip(&folder.join("bin")).args(["install", "--requirement"]).arg(wanted))
    })?;
    Ok(Some(folder.join("bin")))
}

/// The source of a Python package as its authors packed it, which may hold more than is installed.
pub(crate) fn python_source(programs: &Path, name: &str, version: &str) -> Result<PathBuf, String> {
    let file = toolchain::folder().join(format!("{name}-{version}.tar.gz"));
    if !file.is_file() {
        let mut pip = pip(programs);
        pip.args(["download", "--no-deps", "--no-binary", ":all:"]);
        place::run(pip.arg(format!("{name}=={version}")).arg("--dest").arg(toolchain::folder()))?;
    }
    Ok(file)
}

fn pip(programs: &Path) -> Command {
    let mut pip = Command::new(programs.join("python"));
    pip.args(["-m", "pip", "--quiet", "--disable-pip-version-check"]);
    pip
}

/// The folder of the npm packages that `xtask/oracles/NAME/package-lock.json` lists; nothing without npm.
pub(crate) fn npm(name: &str) -> Result<Option<PathBuf>, String> {
    if !answers("npm", &["--version"]) {
        return Ok(None);
    }
    let module = toolchain::module(name);
    let folder = fetched(name, &module, &|folder| {
        std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        for file in ["package.json", "package-lock.json"] {
            std::fs::copy(module.join(file), folder.join(file))
                .map_err(|error| format!("{file}: {error}"))?;
        }
        // Nobody's script runs here: what a package wants to do when it is installed, we do not need.
        let flags = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"];
        place::run(Command::new("npm").args(flags).current_dir(folder).stdout(Stdio::null()))
    })?;
    Ok(Some(folder.join("node_modules")))
}

/// A folder that is filled once: what it is made of is part of its name.
fn fetched(name: &str, module: &Path, fill: &dyn Fn(&Path) -> Result<(), String>) -> Result<PathBuf, String> {
    let folder = toolchain::folder().join(format!("{name}-{}", toolchain::digest(module)?));
    let stamp = folder.join("complete");
    if !stamp.is_file() {
        println!("fetching {name}");
        if folder.exists() {
            std::fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        }
        fill(&folder)?;
        std::fs::write(&stamp, "").map_err(|error| format!("{}: {error}", stamp.display()))?;
    }
    Ok(folder)
}

fn answers(program: &str, arguments: &[&str]) -> bool {
    let ran = Command::new(program).args(arguments).stdin(Stdio::null()).output();
    ran.is_ok_and(|ran| ran.status.success())
}
