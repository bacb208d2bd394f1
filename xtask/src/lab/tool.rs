//! Programs that the lab runs: their output as text, their failures as sentences, an end when they hang.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::place;

/// What a program said and how it ended.
pub(super) struct Said {
    /// Whether it ended well.
    pub(super) well: bool,
    /// Its standard output.
    pub(super) out: String,
    /// Its standard error.
    pub(super) err: String,
}

impl Said {
    /// The last line of what it complained about.
    pub(super) fn complaint(&self) -> &str {
        self.err.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default().trim()
    }
}

/// Runs a program to its end; whatever takes longer than `seconds` is ended by `timeout`.
pub(super) fn ask(program: &Path, arguments: &[&str], seconds: u64) -> Result<Said, String> {
    said(Command::new("timeout").args(["-k", "2", &seconds.to_string()]).arg(program).args(arguments))
}

/// Runs a prepared command to its end.
pub(super) fn said(command: &mut Command) -> Result<Said, String> {
    let output = place::ended(command)?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(Said { well: output.status.success(), out: text(&output.stdout), err: text(&output.stderr) })
}

/// Runs a program that has to end well, and returns its output.
pub(super) fn must(program: &str, arguments: &[&str]) -> Result<String, String> {
    let said = ask(Path::new(program), arguments, 120)?;
    if said.well {
        Ok(said.out)
    } else {
        Err(format!("`{program} {}`: {}", arguments.join(" "), said.complaint()))
    }
}

/// Starts a server whose output goes to a file.
pub(super) fn spawn(program: &Path, arguments: &[&str], log: &Path) -> Result<Child, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", program.display());
    let output = std::fs::File::create(log).map_err(failed)?;
    let errors = output.try_clone().map_err(failed)?;
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(errors)
        .spawn()
        .map_err(failed)
}

/// Asks again and again until the answer is yes.
pub(super) fn wait(what: &str, seconds: u64, mut ready: impl FnMut() -> bool) -> Result<(), String> {
    let start = Instant::now();
    while !ready() {
        if start.elapsed() > Duration::from_secs(seconds) {
            return Err(format!("{what} is not ready after {seconds} s"));
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    Ok(())
}

/// Writes a file and the folders above it.
pub(super) fn write(path: &Path, text: impl AsRef<[u8]>) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    std::fs::write(path, text).map_err(failed)
}
