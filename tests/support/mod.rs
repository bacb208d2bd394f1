//! What the tests of the command line share: folders, pipes, and runs whose output goes elsewhere.

pub(crate) mod case;
pub(crate) mod document;
pub(crate) mod folder;
pub(crate) mod tool;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tool::{Ran, tool};

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
