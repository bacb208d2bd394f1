//! Namespaces of the lab's own: what it mounts, routes and starts is seen by nobody else, and ends with it.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::tool::{must, write};
use crate::place;

/// Where the lab keeps what is gone when it ends.
pub(super) const STATE: &str = "/run/lab";
/// The control group that holds all containers of the lab.
pub(super) const GROUP: &str = "transship-lab";

/// Starts this program again in namespaces of its own. When that process ends, for whatever reason, the kernel ends all
/// that it started.
pub(super) fn enter(folder: &Path) -> Result<(), String> {
    let program = std::env::current_exe().map_err(|error| format!("this program has no path: {error}"))?;
    let outcome = place::run(
        Command::new("unshare")
            .args(["--mount", "--net", "--pid", "--uts", "--ipc", "--fork", "--kill-child", "--mount-proc"])
            .arg(program)
            .args(["lab", "--inside"])
            .arg(folder)
            .env("TMPDIR", format!("{STATE}/tmp")),
    );
    remove_groups();
    outcome.map_err(|_| "the lab failed".to_owned())
}

/// Fresh folders where the engines keep their state, and names of this machine that lead nowhere else.
pub(super) fn furnish() -> Result<(), String> {
    must("mount", &["--make-rshared", "/"])?;
    for folder in ["/run", "/var/lib", "/var/log"] {
        must("mount", &["-t", "tmpfs", "-o", "mode=755", "lab", folder])?;
    }
    must("ip", &["link", "set", "lo", "up"])?;
    must("hostname", &["lab"])?;
    let hosts = format!("{STATE}/hosts");
    write(Path::new(&hosts), "127.0.0.1 localhost lab\n")?;
    must("mount", &["--bind", &hosts, "/etc/hosts"])?;
    let resolver = format!("{STATE}/resolv.conf");
    write(Path::new(&resolver), "nameserver 127.0.0.1\n")?;
    must("mount", &["--bind", &resolver, "/etc/resolv.conf"])?;
    std::fs::create_dir_all(format!("{STATE}/tmp")).map_err(|error| format!("{STATE}/tmp: {error}"))?;
    for group in controllers() {
        std::fs::create_dir_all(&group).map_err(|error| format!("{}: {error}", group.display()))?;
    }
    Ok(())
}

/// The lab's group below each controller; in version 2 there is one tree for all of them.
fn controllers() -> Vec<PathBuf> {
    if Path::new("/sys/fs/cgroup/cgroup.controllers").is_file() {
        return vec![Path::new("/sys/fs/cgroup").join(GROUP)];
    }
    let entries = std::fs::read_dir("/sys/fs/cgroup").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> =
        entries.map(|entry| entry.path()).filter(|path| path.join("cgroup.procs").is_file()).collect();
    folders.sort();
    folders.into_iter().map(|folder| folder.join(GROUP)).collect()
}

/// Control groups outlive namespaces: empty ones go away, from below.
fn remove_groups() {
    for group in controllers().iter().filter(|group| group.is_dir()) {
        // One that is still held stays; the next run takes it over.
        let _ = Command::new("find")
            .arg(group)
            .args(["-depth", "-type", "d", "-exec", "rmdir", "{}", ";"])
            .output();
    }
}
