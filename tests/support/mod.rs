//! Runs the tool in a folder of its own, with an environment of its own.

pub(crate) mod case;
pub(crate) mod document;

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What a run printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: i32,
}

impl Ran {
    /// Runs the tool in `folder` with no variables but those given.
    pub(crate) fn of(
        folder: &Path,
        arguments: &[&str],
        env: &[(String, String)],
        stdin: Option<&[u8]>,
    ) -> Self {
        let mut command = tool(folder, arguments);
        command.envs(env.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the tool starts");
        let mut pipe = child.stdin.take().expect("a pipe");
        // A tool that does not read its input closes it, which is its right.
        drop(pipe.write_all(stdin.unwrap_or(b"")));
        drop(pipe);
        child.wait_with_output().expect("the tool ends").into()
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            stdout: String::from_utf8(output.stdout).expect("the tool prints UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("the tool prints UTF-8"),
            code: output.status.code().expect("the tool ends by itself"),
        }
    }
}

/// Runs the tool and closes its standard output before it writes.
pub(crate) fn run_and_close(folder: &Path, arguments: &[&str]) -> Ran {
    let mut child = tool(folder, arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the tool starts");
    drop(child.stdout.take());
    child.wait_with_output().expect("the tool ends").into()
}

/// Runs the tool with a file as its standard output.
pub(crate) fn run_into(folder: &Path, arguments: &[&str], file: File) -> Ran {
    let mut command = tool(folder, arguments);
    command.stdin(Stdio::null()).stdout(file).stderr(Stdio::piped());
    command.spawn().and_then(std::process::Child::wait_with_output).expect("the tool ends").into()
}

/// An empty folder for one test.
pub(crate) fn fresh_folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).expect("the folder of the last run goes");
    }
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// Makes a named pipe.
pub(crate) fn make_pipe(path: &Path) {
    let status = Command::new("mkfifo").arg(path).status().expect("`mkfifo` starts");
    assert!(status.success());
}

fn tool(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_transship"));
    command.current_dir(folder).args(arguments).env_clear();
    command
}
