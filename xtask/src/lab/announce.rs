//! Which rows of the ledger speak of a field that a container sees.

use serde_json::Value;

use super::case::Case;

/// A row of the ledger, as far as the comparison needs it.
pub(super) struct Row<'a> {
    /// The place in the resolved project.
    pub(super) path: &'a str,
    /// The rule that announces, and what it says.
    pub(super) rule: &'a str,
    reason: &'a str,
    targets: Vec<&'a str>,
    announces: bool,
}

/// The rows of a report, and its findings, each as a row for the place that it names.
pub(super) fn rows(report: &Value) -> Vec<Row<'_>> {
    fn text<'a>(value: &'a Value, key: &str) -> &'a str {
        value[key].as_str().unwrap_or_default()
    }
    let ledger = report["ledger"].as_array().into_iter().flatten().map(|row| Row {
        path: text(row, "path"),
        rule: text(row, "rule"),
        reason: text(row, "reason"),
        targets: row["targets"].as_array().into_iter().flatten().filter_map(Value::as_str).collect(),
        announces: !row["rule"].is_null(),
    });
    let findings = report["findings"].as_array().into_iter().flatten().map(|finding| Row {
        path: text(finding, "path"),
        rule: text(finding, "rule"),
        reason: text(finding, "message"),
        targets: Vec::new(),
        announces: true,
    });
    // A named default, or a fact of the image, says by itself why a field of an object is there.
    let origins = report["origins"].as_array().into_iter().flatten().map(|origin| Row {
        path: "",
        rule: "named default",
        reason: text(origin, "because"),
        targets: vec![text(origin, "target")],
        announces: true,
    });
    let mut rows: Vec<Row<'_>> = ledger.chain(findings).chain(origins).collect();
    // One finding of several places says the others by their position alone; the ledger knows what stands there.
    let position = |place: &Value| (place["file"].clone(), place["line"].clone(), place["column"].clone());
    let all = |key: &str| report[key].as_array().map(Vec::as_slice).unwrap_or_default();
    for finding in all("findings") {
        for label in finding["labels"].as_array().into_iter().flatten() {
            let at = all("ledger").iter().filter(|row| position(row) == position(label));
            rows.extend(at.map(|row| Row {
                path: text(row, "path"),
                rule: text(finding, "rule"),
                reason: text(label, "message"),
                targets: Vec::new(),
                announces: true,
            }));
        }
    }
    rows
}

/// The rows that announce a difference in this field of this service.
pub(super) fn announcing<'a>(
    case: &Case,
    service: &str,
    field: &str,
    rows: &'a [Row<'a>],
) -> Vec<&'a Row<'a>> {
    rows.iter().filter(|row| row.announces && speaks(case, service, field, row)).collect()
}

/// Whether the row's place is what decides the field.
pub(super) fn speaks(case: &Case, service: &str, field: &str, row: &Row<'_>) -> bool {
    let own = row.path.strip_prefix("services.").and_then(|rest| rest.strip_prefix(service));
    // `web` is not `web-2`.
    let own =
        own.filter(|rest| rest.is_empty() || rest.starts_with('.')).map(|rest| rest.trim_start_matches('.'));
    let under = |keys: &[&str]| own.is_some_and(|path| keys.iter().any(|key| is_below(path, key)));
    let inside = |key: &str| field.strip_prefix(key).and_then(|rest| rest.split(']').next());
    if let Some(name) = inside("env[") {
        if row.path.is_empty() {
            let place = format!(".containers[{service}].env[{name}].value");
            return row.targets.iter().any(|target| target.ends_with(&place));
        }
        return under(&[&format!("environment.{name}"), "env_file"])
            || (under(&["environment", "env_file", "healthcheck"]) && says(row, name));
    }
    if let Some(path) = inside("paths[") {
        // How large a claim is says nothing of who owns it or what lies in it.
        if row.rule == "invented-volume-size" && !field.ends_with("capacity") {
            return false;
        }
        // What lies in a folder may be a mount of its own.
        let inner = field.split_once("].below[").and_then(|(_, rest)| rest.split(']').next());
        let whole = inner.map(|name| format!("{}/{name}", path.trim_end_matches('/')));
        let path = whole.as_deref().unwrap_or(path);
        let above = std::iter::successors(Some(path), |path| path.rsplit_once('/').map(|(above, _)| above));
        return !row.path.is_empty() && above.into_iter().any(|path| mounted(case, service, path, row))
            || (under(&["volumes", "tmpfs", "configs", "secrets", "read_only", "volumes_from"])
                && says(row, path));
    }
    if let Some(name) = inside("names[") {
        return named(name, row) || is_checked(case, name, row);
    }
    if let Some(target) = inside("targets[") {
        let name = target.split(':').next().unwrap_or_default();
        let port = target.rsplit(':').next().and_then(|rest| rest.split('/').next()).unwrap_or_default();
        let of_port = row.path.starts_with(&format!("services.{name}.ports"))
            || row.path.starts_with(&format!("services.{name}.expose"));
        return named(name, row) || is_checked(case, name, row) || (of_port && says(row, port));
    }
    if let Some(peer) = inside("after[") {
        return under(&[&format!("depends_on.{peer}")]);
    }
    if inside("published[").is_some() {
        // That there is no host to publish on is told of every port; who answers behind it is another matter.
        return row.rule != "published-port" && under(&["ports"]);
    }
    if let Some(name) = inside("sysctls[") {
        return under(&[&format!("sysctls.{name}")]);
    }
    if let Some(name) = inside("limits[") {
        let limit = match name {
            "open files" => "nofile",
            "processes" => "nproc",
            "core file size" => "core",
            "locked memory" => "memlock",
            "stack size" => "stack",
            other => other,
        };
        return under(&[&format!("ulimits.{limit}"), "ulimits"]);
    }
    // Who is given a volume is given its group as well.
    if field == "groups" && row.rule == "volume-ownership" {
        return under(&["volumes"]);
    }
    under(keys_of(field))
}

/// The keys that decide a field of the process.
fn keys_of(field: &str) -> &'static [&'static str] {
    match field.split(['.', '[']).next().unwrap_or_default() {
        "argv" => &["command", "entrypoint"],
        "cwd" => &["working_dir"],
        "uid" | "gid" => &["user"],
        "groups" => &["user", "group_add"],
        "umask" => &["umask"],
        "caps" => &["cap_add", "cap_drop", "privileged", "user"],
        "no_new_privileges" => &["security_opt", "privileged"],
        "seccomp" => &["security_opt", "privileged"],
        "first" | "process_1" => &["init", "pid", "network_mode"],
        "hostname" => &["hostname", "container_name", "network_mode"],
        "domainname" => &["domainname"],
        "root_writable" => &["read_only"],
        "shm" => &["shm_size", "ipc"],
        "terminal" => &["tty", "stdin_open"],
        "served" => &["ports", "sysctls", "cap_add", "cap_drop"],
        "cgroup" => &[
            "mem_limit",
            "cpus",
            "cpu_shares",
            "cpu_quota",
            "cpu_period",
            "mem_reservation",
            "deploy.resources",
            "pids_limit",
        ],
        "end" => &["stop_signal", "stop_grace_period", "init"],
        "state" => &[
            "restart",
            "deploy.restart_policy",
            "healthcheck",
            "depends_on",
            "scale",
            "deploy.replicas",
            "deploy.mode",
        ],
        _ => &[],
    }
}

fn is_below(path: &str, key: &str) -> bool {
    path.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// Whether the words of the row name this.
fn says(row: &Row<'_>, word: &str) -> bool {
    row.reason.contains(&format!("`{word}`")) || row.reason.contains(&format!("port {word}"))
}

/// Whether the row is about what is mounted there.
fn mounted(case: &Case, service: &str, path: &str, row: &Row<'_>) -> bool {
    let place = format!("volumeMounts[{path}]");
    if row.targets.iter().any(|target| target.contains(&place)) {
        return true;
    }
    // The resolved list keeps the order of the source.
    let service_model = case.services().find(|(name, _)| *name == service).map(|(_, model)| model);
    for key in ["volumes", "configs", "secrets"] {
        let items = service_model.and_then(|model| model[key].as_array()).into_iter().flatten();
        for (index, item) in items.enumerate() {
            let at = item["target"].as_str() == Some(path)
                || (key == "secrets"
                    && item["target"].as_str().is_some_and(|name| format!("/run/secrets/{name}") == path))
                || (key != "volumes"
                    && item["source"].as_str().is_some_and(|name| path.ends_with(&format!("/{name}"))));
            if !at {
                continue;
            }
            let declared = item["source"].as_str().unwrap_or("\u{0}");
            if is_below(row.path, &format!("services.{service}.{key}[{index}]"))
                || is_below(row.path, &format!("{key}.{declared}"))
            {
                return true;
            }
        }
    }
    false
}

/// Whether the row is about the health of a service of that name: one that is not well has no address.
fn is_checked(case: &Case, name: &str, row: &Row<'_>) -> bool {
    case.services().any(|(service, model)| {
        let of_image = row.rule == "image-healthcheck" && row.path == format!("services.{service}");
        let own = is_below(row.path, &format!("services.{service}.healthcheck"));
        (of_image || own) && Case::names(service, model).contains(name)
    })
}

/// Whether the row is about a name that containers call each other by.
fn named(name: &str, row: &Row<'_>) -> bool {
    const KEYS: [&str; 7] =
        ["aliases", "container_name", "hostname", "links", "extra_hosts", "network_mode", "domainname"];
    KEYS.iter().any(|key| row.path.contains(key))
        && (says(row, name) || row.path.split(['.', '[', ']']).any(|part| part == name))
        || row.rule == "unresolvable-hostname" && says(row, name)
}
