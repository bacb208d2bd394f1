//! One graph, several forms: what Kustomize and Helm build of a tree or chart equals the plain manifests.

pub(crate) mod objects;
mod trees;
pub(crate) mod values;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use serde_json::Value;

use super::projects::{self, Project, Way};
use super::toolchain;
use crate::place::{self, ended};
use objects::Objects;

/// A form beside plain manifests, and the tools that build it.
enum Form {
    /// A Kustomize tree.
    Kustomize {
        /// The program.
        kustomize: PathBuf,
    },
    /// A chart.
    Helm {
        /// The program of each major version.
        majors: [PathBuf; 2],
    },
}

impl Form {
    /// The forms that transship writes, their tools built.
    fn all() -> Result<[Self; 2], String> {
        Ok([
            Self::Kustomize { kustomize: toolchain::kustomize()? },
            Self::Helm { majors: [toolchain::helm(3)?, toolchain::helm(4)?] },
        ])
    }

    /// Its word for `--to`.
    fn word(&self) -> &'static str {
        match self {
            Self::Kustomize { .. } => "kustomize",
            Self::Helm { .. } => "helm",
        }
    }

    /// What the tools make of a folder that was written, as it stands there.
    fn build(&self, folder: &Path, namespace: &str, values: &Path) -> Result<Objects, String> {
        match self {
            Self::Kustomize { kustomize } => {
                Objects::read(&said(Command::new(kustomize).arg("build").arg(folder.join("base")))?)
            }
            Self::Helm { majors } => {
                let mut built = Vec::new();
                for helm in majors {
                    checked(home(Command::new(helm).args(["lint", "--strict", "--quiet"]).arg(folder)))?;
                    let template = ["template", "release", "--namespace", namespace, "--skip-tests"];
                    let text =
                        said(home(Command::new(helm).args(template).arg("-f").arg(values).arg(folder)))?;
                    built.push(Objects::read(&text)?.without_release(namespace)?);
                }
                let last = built.pop().ok_or("there is no Helm")?;
                match built.iter().flat_map(|other| other.differences(&last)).next() {
                    Some(words) => Err(format!("Helm 3 and 4 disagree: {words}")),
                    None => Ok(last),
                }
            }
        }
    }

    /// What of the plain manifests the form has.
    fn share(&self, plain: Objects, namespace: &str) -> Result<Objects, String> {
        match self {
            Self::Kustomize { .. } => Ok(plain),
            Self::Helm { .. } => plain.without_release(namespace),
        }
    }
}

/// Helm keeps to a folder of its own, whatever the user of this machine has set.
pub(crate) fn home(helm: &mut Command) -> &mut Command {
    helm.env_clear().env("HOME", place::target().join("oracles/forms"))
}

/// What became of a project.
enum Verdict {
    /// Nothing is written in any form.
    Nothing,
    /// So many objects, and what is wrong.
    Built(usize, Vec<String>),
}

/// The lane: every case, the seeds and the corpus, in every form.
pub(crate) fn run(sample: Option<usize>) -> Result<(), String> {
    let projects = projects::all(sample)?;
    let transship = place::transship()?;
    let mut failures = 0;
    for form in Form::all()? {
        let started = Instant::now();
        let judge = |worker, project: &Project| judge(&form, &transship, worker, project);
        let verdicts = projects::side_by_side(&projects, judge)?;
        let mut tallies: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
        for (project, verdict) in projects.iter().zip(&verdicts) {
            let [all, built, objects] = tallies.entry(project.list).or_default();
            *all += 1;
            if let Verdict::Built(count, wrong) = verdict {
                *built += usize::from(wrong.is_empty());
                *objects += count;
                failures += usize::from(!wrong.is_empty());
                wrong.iter().take(5).for_each(|words| println!("{}: {}: {words}", form.word(), project.id));
            }
        }
        for (list, [all, built, objects]) in &tallies {
            println!(
                "forms, {}, {list}: {all} projects, {built} written and equal, {objects} objects",
                form.word()
            );
        }
        println!("forms, {}: {:.1} s", form.word(), started.elapsed().as_secs_f64());
        if tallies.values().all(|[_, built, _]| *built == 0) {
            return Err(format!("forms, {}: nothing was built", form.word()));
        }
    }
    failures += charts(&transship, &projects, sample.is_none())?;
    if failures == 0 {
        trees::run(sample)?;
    }
    if failures == 0 { Ok(()) } else { Err(format!("forms: {failures} projects are wrong")) }
}

/// Tries every value of the charts of the golden cases, or of some of them.
fn charts(transship: &Path, projects: &[Project], all: bool) -> Result<usize, String> {
    /// Of so many cases one is tried when not all of them are.
    const STEP: usize = 8;
    let helm = toolchain::helm(3)?;
    let cases: Vec<&Project> = projects.iter().filter(|project| project.list == "cases").collect();
    let cases: Vec<&Project> = cases.into_iter().step_by(if all { 1 } else { STEP }).collect();
    let tried = projects::side_by_side(&cases, |worker, project: &&Project| {
        let folder = cleared(&format!("values-{worker}"))?;
        let report = folder.with_extension("report.json");
        let mut command = project.command(transship, Way::AsGiven);
        command.args(["--to", "helm", "-o"]).arg(&folder).arg("--report").arg(&report);
        ended(&mut command)?;
        if !folder.exists() {
            return Ok((0, Vec::new()));
        }
        let report = place::json(&report)?;
        let (tried, mut wrong) = values::wrong(&helm, &folder, &report)?;
        wrong.extend(values::bounds(&helm, &folder, &report)?);
        Ok((tried, wrong))
    })?;
    let mut failures = 0;
    for (project, (_, wrong)) in cases.iter().zip(&tried) {
        failures += usize::from(!wrong.is_empty());
        wrong.iter().take(5).for_each(|words| println!("values: {}: {words}", project.id));
    }
    let number: usize = tried.iter().map(|(number, _)| number).sum();
    println!("forms, values: {number} values of {} charts tried, {failures} charts are wrong", cases.len());
    Ok(failures)
}

/// The place of a folder that is to be written: what stood there is gone, and what stands beside it can be written.
pub(crate) fn cleared(name: &str) -> Result<PathBuf, String> {
    let folder = place::target().join("oracles/forms").join(name);
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(failed)?;
    }
    folder.parent().map_or(Ok(()), std::fs::create_dir_all).map_err(failed)?;
    Ok(folder)
}

/// Converts a project to plain manifests and to a form, and compares.
fn judge(form: &Form, transship: &Path, worker: usize, project: &Project) -> Result<Verdict, String> {
    let folder = cleared(&format!("{}-{worker}", form.word()))?;
    let report = folder.with_extension("report.json");
    // That of the project before is not this one's.
    drop(std::fs::remove_file(&report));
    let mut command = project.command(transship, Way::AsGiven);
    command.args(["--to", form.word(), "-o"]).arg(&folder).arg("--report").arg(&report);
    let written = ended(&mut command)?;
    // A project that cannot be loaded has no report.
    let report = if report.is_file() { place::json(&report)? } else { Value::Null };
    // What a chart asks for is given to both: as a value, and as a variable.
    let asked = if matches!(form, Form::Helm { .. }) { asked(&report) } else { Vec::new() };
    let mut command = project.command(transship, Way::AsGiven);
    for name in asked.iter().filter(|name| !name.contains('.')) {
        command.args(["-e", &format!("{name}=given")]);
    }
    let plain = ended(&mut command)?;
    let mut wrong = Vec::new();
    if plain.status.code() != written.status.code() {
        wrong.push(format!("it ends with {}, and as plain manifests with {}", written.status, plain.status));
    }
    let text = String::from_utf8_lossy(&plain.stdout);
    if text.is_empty() || !folder.exists() {
        if text.is_empty() == folder.exists() {
            wrong.push("only one of plain manifests and the form is written".to_owned());
        }
        return Ok(if wrong.is_empty() { Verdict::Nothing } else { Verdict::Built(0, wrong) });
    }
    let plain = Objects::read(&text)?;
    // A role binding names the namespace, and a gate asks for it: the release is in the same one.
    let project = report["project"].as_str().unwrap_or_default();
    let namespace = plain.namespace(project).unwrap_or("default").to_owned();
    let values = values::given(&asked, &plain, &report)?;
    let values_file = folder.with_extension("values.json");
    std::fs::write(&values_file, values.to_string()).map_err(|error| error.to_string())?;
    let plain = form.share(plain, &namespace);
    let count = plain.as_ref().map_or(0, Objects::len);
    match plain.and_then(|plain| Ok(plain.differences(&form.build(&folder, &namespace, &values_file)?))) {
        Ok(differences) => wrong.extend(differences),
        Err(words) => wrong.push(words),
    }
    Ok(Verdict::Built(count, wrong))
}

/// The parameters that a chart asks for, by the report of its conversion.
fn asked(report: &Value) -> Vec<String> {
    let parameters = report["parameters"].as_array().into_iter().flatten();
    let open = parameters.filter(|parameter| parameter["default"].is_null());
    open.filter_map(|parameter| parameter["name"].as_str().map(str::to_owned)).collect()
}

/// What a tool prints; anything on standard error is a failure.
fn said(command: &mut Command) -> Result<String, String> {
    let output = ended(command)?;
    let words = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() || !words.trim().is_empty() {
        return Err(format!("`{command:?}` ends with {}: {}", output.status, words.trim()));
    }
    String::from_utf8(output.stdout).map_err(|error| error.to_string())
}

/// Whether a check passes; what it says is the failure.
fn checked(command: &mut Command) -> Result<(), String> {
    place::succeeds(command).map(|_| ())
}
