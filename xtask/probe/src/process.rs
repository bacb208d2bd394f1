//! What the process itself is like: words, variables, rights, limits.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::paths;
use crate::plan::Plan;

/// Everything that can be said at once; `served` is how the ports were opened.
pub(crate) fn report(plan: &Plan, arguments: &[String], served: Value) -> Value {
    let status = status();
    let field = |name: &str| status.get(name).cloned().unwrap_or_default();
    let words = |name: &str| -> Vec<String> { field(name).split_whitespace().map(str::to_owned).collect() };
    let mut groups: Vec<u64> = words("Groups").iter().filter_map(|group| group.parse().ok()).collect();
    groups.sort_unstable();
    groups.dedup();
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    json!({
        "started": since.as_millis() as u64,
        "argv": arguments,
        "env": environment(),
        "cwd": std::env::current_dir().map(|folder| folder.display().to_string()).unwrap_or_default(),
        "uid": words("Uid"),
        "gid": words("Gid"),
        "groups": groups,
        "umask": field("Umask"),
        "caps": {
            "effective": field("CapEff"), "permitted": field("CapPrm"), "inheritable": field("CapInh"),
            "bounding": field("CapBnd"), "ambient": field("CapAmb"),
        },
        "no_new_privileges": field("NoNewPrivs"),
        "seccomp": field("Seccomp"),
        "limits": limits(),
        "first": std::process::id() == 1,
        "process_1": read("/proc/1/comm"),
        "hostname": read("/proc/sys/kernel/hostname"),
        "domainname": read("/proc/sys/kernel/domainname"),
        "root_writable": paths::writable(std::path::Path::new("/")),
        "paths": plan.paths.iter().map(|path| (path.clone(), paths::describe(path))).collect::<Map<_, _>>(),
        "shm": paths::describe("/dev/shm"),
        "cgroup": cgroup(),
        "sysctls": plan.sysctls.iter().map(|name| (name.clone(), sysctl(name))).collect::<Map<_, _>>(),
        "terminal": std::fs::read_link("/proc/self/fd/0").is_ok_and(|link| link.starts_with("/dev/pts")),
        "served": served,
    })
}

fn environment() -> Map<String, Value> {
    let variables: BTreeMap<String, String> = std::env::vars_os()
        .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
        .collect();
    variables.into_iter().map(|(name, value)| (name, Value::from(value))).collect()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(path).unwrap_or_default().trim().to_owned()
}

fn status() -> BTreeMap<String, String> {
    let text = read("/proc/self/status");
    text.lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect()
}

/// `Max open files  1024  4096  files` and its like, by name.
fn limits() -> Map<String, Value> {
    let text = read("/proc/self/limits");
    let mut lines = text.lines();
    let heading = lines.next().unwrap_or_default();
    let starts = ["Soft Limit", "Hard Limit", "Units"].map(|title| heading.find(title).unwrap_or(0));
    lines
        .filter_map(|line| {
            let name = line.get(..starts[0])?.trim().trim_start_matches("Max ");
            let soft = line.get(starts[0]..starts[1])?.trim();
            let hard = line.get(starts[1]..starts[2])?.trim();
            Some((name.to_owned(), Value::from(format!("{soft} {hard}"))))
        })
        .collect()
}

/// The limits of the control group, of version 1 or 2.
fn cgroup() -> Value {
    let folder = "/sys/fs/cgroup";
    let first = |names: &[&str]| {
        let found = names.iter().map(|name| read(&format!("{folder}/{name}"))).find(|text| !text.is_empty());
        found.unwrap_or_default()
    };
    json!({
        "memory": first(&["memory/memory.limit_in_bytes", "memory.max"]),
        "memory_soft": first(&["memory/memory.soft_limit_in_bytes", "memory.low"]),
        "cpu_quota": first(&["cpu/cpu.cfs_quota_us", "cpu.max"]),
        "cpu_period": first(&["cpu/cpu.cfs_period_us"]),
        "cpu_shares": first(&["cpu/cpu.shares", "cpu.weight"]),
        "pids": first(&["pids/pids.max", "pids.max"]),
    })
}

fn sysctl(name: &str) -> Value {
    Value::from(read(&format!("/proc/sys/{}", name.replace('.', "/"))))
}
