//! Asks kube-score what a Kubernetes reviewer's linter would say of manifests.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::{cases, toolchain};

/// One remark about one object.
#[derive(Debug, PartialEq)]
pub(crate) struct Remark {
    /// `Kind/name`.
    pub(crate) object: String,
    /// The name of the check.
    pub(crate) check: String,
    /// Whether kube-score calls it critical; otherwise it is a warning.
    pub(crate) critical: bool,
    /// What it says, with the container or field that it is about.
    pub(crate) text: String,
}

/// kube-score's grades: below this a check has something to say, and at the lowest it is critical.
const FINE: i64 = 7;
const CRITICAL: i64 = 1;

/// All remarks about the files, which are looked at together: one refers to another.
pub(crate) fn remarks(files: &[PathBuf]) -> Result<Vec<Remark>, String> {
    let output = Command::new(toolchain::kube_score()?)
        .args(["score", "--output-format", "json", "--kubernetes-version", "v1.34"])
        .args(files)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("`kube-score` cannot be started: {error}"))?;
    // Its status is 1 when it has something to say; without an answer it failed.
    let objects: Vec<Value> = serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("`kube-score`: {error}: {}", String::from_utf8_lossy(&output.stderr)))?;
    Ok(objects.iter().flat_map(remarks_of).collect())
}

fn remarks_of(object: &Value) -> Vec<Remark> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let address = format!("{}/{}", text(&object["type_meta"]["kind"]), text(&object["object_meta"]["name"]));
    let mut remarks = Vec::new();
    for check in object["checks"].as_array().into_iter().flatten() {
        let grade = check["grade"].as_i64().unwrap_or(FINE);
        if grade >= FINE || check["skipped"] == true {
            continue;
        }
        for comment in check["comments"].as_array().into_iter().flatten() {
            let place = text(&comment["path"]);
            let place = if place.is_empty() { place } else { format!("{place}: ") };
            remarks.push(Remark {
                object: address.clone(),
                check: text(&check["check"]["id"]),
                critical: grade <= CRITICAL,
                text: format!("{place}{}", text(&comment["summary"])),
            });
        }
    }
    remarks
}

/// The lane: prints the remarks about the named files, or proves on a case that it has some.
pub(crate) fn run(paths: &[PathBuf], root: &Path) -> Result<(), String> {
    if paths.is_empty() {
        let said = remarks(&[root.join("testdata/verify/warned/pod-security.yaml")])?;
        let found = said.iter().any(|remark| remark.critical && remark.check == "container-image-tag");
        return if found {
            println!("score: 1 passed, 0 failed");
            Ok(())
        } else {
            Err(format!("score: an image without a tag is not remarked: {said:?}"))
        };
    }
    let mut files = Vec::new();
    for path in paths {
        files.extend(cases::manifests(path)?);
    }
    let said = remarks(&files)?;
    for remark in &said {
        let level = if remark.critical { "critical" } else { "warning" };
        println!("{level} {} {}: {}", remark.check, remark.object, remark.text);
    }
    let criticals = said.iter().filter(|remark| remark.critical).count();
    println!("{criticals} criticals, {} warnings in {} files", said.len() - criticals, files.len());
    if criticals == 0 { Ok(()) } else { Err(format!("{criticals} criticals")) }
}
