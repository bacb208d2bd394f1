//! Runs the tool in a folder of its own, with an environment of its own.

use std::io::Write;
use std::path::Path;
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

/// The tool in a folder, with no variables.
pub(crate) fn tool(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_transship"));
    command.current_dir(folder).args(arguments).env_clear();
    command
}
