//! Where things lie: the repository, the target folder, what is shared beside the repository; and how a tool is run.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    // cargo says it anew for each run; a program that is started by hand knows where it was built.
    let manifest =
        std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&manifest).parent().expect("xtask is a folder of the repository").to_owned()
}

/// The example of the guide that converts.
pub(crate) fn example() -> PathBuf {
    root().join("examples/shop/compose.yaml")
}

/// The folder that cargo builds into.
pub(crate) fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// What lies beside the repository and is no part of it; nothing where it is missing.
pub(crate) fn shared() -> Option<PathBuf> {
    let folder = match std::env::var_os("TRANSSHIP_SHARED") {
        Some(folder) => PathBuf::from(folder),
        None => root().join("../shared"),
    };
    folder.canonicalize().ok()
}

/// The unpacked dev corpus; nothing where its archive is missing.
pub(crate) fn corpus() -> Result<Option<PathBuf>, String> {
    let Some(archive) = shared().map(|shared| shared.join("corpus/dev.tar.xz")).filter(|file| file.is_file())
    else {
        return Ok(None);
    };
    let folder = target().join("corpus");
    let stamp = folder.join("unpacked");
    let size = archive.metadata().map_err(|error| error.to_string())?.len().to_string();
    if std::fs::read_to_string(&stamp).is_ok_and(|unpacked| unpacked == size) {
        return Ok(Some(folder.join("dev")));
    }
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    run(Command::new("tar").arg("-xJf").arg(&archive).arg("-C").arg(&folder))?;
    std::fs::write(&stamp, size).map_err(|error| format!("{}: {error}", stamp.display()))?;
    Ok(Some(folder.join("dev")))
}

/// Builds the tool as users get it and names its program.
pub(crate) fn transship() -> Result<PathBuf, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    run(Command::new(cargo)
        .args(["build", "--quiet", "--release", "--bin", "transship"])
        .current_dir(root()))?;
    Ok(target().join("release/transship"))
}

/// What a program said, once it has ended in whatever way.
pub(crate) fn ended(command: &mut Command) -> Result<Output, String> {
    let output = command.stdin(Stdio::null()).output();
    output.map_err(|error| format!("`{}` cannot be started: {error}", command.get_program().display()))
}

/// What a program prints, when it ends well; else all that it said.
pub(crate) fn succeeds(command: &mut Command) -> Result<Vec<u8>, String> {
    let output = ended(command)?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(format!("`{command:?}` {}", words_of(&output)))
    }
}

/// How a program ended and all that it said, for whoever looks at a failure.
pub(crate) fn words_of(output: &Output) -> String {
    let words = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    format!("ends with {}: {}", output.status, String::from_utf8_lossy(&words).trim())
}

/// The JSON in a file.
pub(crate) fn json(path: &Path) -> Result<Value, String> {
    let text = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", path.display()))
}

/// Runs a tool to its end, with its output shown.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command
        .stdin(Stdio::null())
        .status()
        .map_err(|error| format!("`{name}` cannot be started: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{name}` failed: {status}")) }
}
