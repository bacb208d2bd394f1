//! Asks a real API server whether it takes objects: a server-side dry run with strict field validation for each.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde_json::{Value, json};

use super::cases;
use super::control_plane::ControlPlane;
use super::pipe;
use crate::place;

/// One question to the server.
pub(crate) struct Object {
    /// Names the object (or the file) in the verdict.
    pub(crate) id: String,
    /// Where an object goes that names no namespace.
    pub(crate) namespace: String,
    /// The Pod Security level below which the namespace warns.
    pub(crate) warn: Option<&'static str>,
    /// Also create, in a dry run, the pods of workloads in a namespace that refuses what is below `warn`.
    pub(crate) enforce: bool,
    /// YAML or JSON, one or more objects, read as `kubectl apply -f` would read it.
    pub(crate) text: String,
}

/// What the server says of one object.
pub(crate) struct Verdict {
    /// The id of the question.
    pub(crate) id: String,
    /// Which object of a text, from 0.
    pub(crate) index: u64,
    /// `Kind/name`.
    pub(crate) address: String,
    /// Why it was refused: the object itself, or the pod that its workload would make.
    pub(crate) refused: Option<String>,
    /// What the server warns about.
    pub(crate) warnings: Vec<String>,
    /// Fields that the server took and left out without a word.
    pub(crate) cleared: Vec<String>,
}

impl Verdict {
    /// All that is wrong, one line each; empty when the object is taken as it is.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let refused = self.refused.iter().map(|reason| format!("refused: {reason}"));
        let warnings = self.warnings.iter().map(|warning| format!("warning: {warning}"));
        let cleared = self.cleared.iter().map(|place| format!("cleared: {place}"));
        refused.chain(warnings).chain(cleared).collect()
    }
}

/// Asks about all objects; the verdicts come in the order of the questions, those of a text in its order.
///
/// A text without objects has no verdict.
pub(crate) fn check(
    server: &ControlPlane,
    objects: impl Iterator<Item = Object> + Send,
) -> Result<Vec<Verdict>, String> {
    // Answers come as they are ready: the number that goes along puts them back in order.
    let ids = Mutex::new(Vec::new());
    let lines = objects.map(|object| {
        let mut ids = ids.lock().expect("nothing panics while it holds the ids");
        let line = json!({
            "id": ids.len().to_string(),
            "namespace": object.namespace,
            "warn": object.warn,
            "enforce": object.enforce,
            "text": object.text,
        });
        ids.push(object.id);
        line.to_string()
    });
    let said = pipe::ask(&mut server.apply()?, lines)?;
    let ids = ids.into_inner().expect("nothing panics while it holds the ids");
    let mut verdicts = said.iter().map(|answer| parse(answer, &ids)).collect::<Result<Vec<_>, _>>()?;
    verdicts.sort_by_key(|(number, verdict)| (*number, verdict.index));
    Ok(verdicts.into_iter().map(|(_, verdict)| verdict).collect())
}

/// Keeps definitions of further kinds in the server, so that their objects can be asked about.
pub(crate) fn install(server: &ControlPlane, definitions: &[PathBuf]) -> Result<(), String> {
    let mut lines = Vec::new();
    for file in definitions {
        lines.push(json!({"id": file.display().to_string(), "real": true, "text": read(file)?}).to_string());
    }
    for answer in pipe::ask(&mut server.apply()?, lines.into_iter())? {
        if answer["accepted"] != true {
            return Err(format!("{}: {}", answer["id"], answer["message"]));
        }
    }
    Ok(())
}

fn parse(answer: &Value, ids: &[String]) -> Result<(usize, Verdict), String> {
    let number = answer["id"].as_str().and_then(|id| id.parse::<usize>().ok());
    let Some((number, id)) = number.and_then(|number| Some((number, ids.get(number)?))) else {
        return Err(format!("a verdict for nothing that was asked: {answer}"));
    };
    let mut warnings = texts(&answer["warnings"]);
    let pod = &answer["pod"];
    for warning in texts(&pod["warnings"]) {
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }
    let refused = |answer: &Value| {
        (answer["accepted"] != true).then(|| answer["message"].as_str().unwrap_or_default().to_owned())
    };
    let verdict = Verdict {
        id: id.clone(),
        index: answer["index"].as_u64().unwrap_or_default(),
        address: answer["object"].as_str().unwrap_or_default().to_owned(),
        refused: refused(answer).or_else(|| if pod.is_null() { None } else { refused(pod) }),
        warnings,
        cleared: texts(&answer["cleared"]),
    };
    Ok((number, verdict))
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The lane: the files that were named, or the cases of `testdata/verify`.
pub(crate) fn run(paths: &[PathBuf], options: Lane) -> Result<(), String> {
    let server = ControlPlane::start()?;
    if options.with_crds {
        let definitions =
            definitions()?.ok_or("`--with-crds` needs the definitions beside the repository")?;
        install(&server, &definitions)?;
        println!("{} files of definitions are installed", definitions.len());
    }
    if paths.is_empty() { cases::prove(&server) } else { check_files(&server, paths, options) }
}

/// How the named files are asked about.
#[derive(Clone, Copy)]
pub(crate) struct Lane {
    /// Install the definitions of further kinds first.
    pub(crate) with_crds: bool,
    /// The Pod Security level below which namespaces warn.
    pub(crate) warn: Option<&'static str>,
    /// Also create the pods of workloads in a namespace that enforces the level.
    pub(crate) enforce: bool,
}

/// The definitions of further kinds; nothing where they are missing.
pub(crate) fn definitions() -> Result<Option<Vec<PathBuf>>, String> {
    let Some(folder) = place::shared().map(|shared| shared.join("crds")).filter(|folder| folder.is_dir())
    else {
        return Ok(None);
    };
    let files = cases::manifests(&folder)?;
    Ok(Some(files.into_iter().filter(|file| is_definition(file)).collect()))
}

fn is_definition(file: &Path) -> bool {
    std::fs::read_to_string(file).is_ok_and(|text| text.contains("kind: CustomResourceDefinition"))
}

fn check_files(server: &ControlPlane, paths: &[PathBuf], options: Lane) -> Result<(), String> {
    let mut objects = Vec::new();
    for path in paths {
        for file in cases::manifests(path)? {
            objects.push(Object {
                id: file.display().to_string(),
                namespace: "default".to_owned(),
                warn: options.warn,
                enforce: options.enforce,
                text: read(&file)?,
            });
        }
    }
    let started = std::time::Instant::now();
    let verdicts = check(server, objects.into_iter())?;
    let mut bad = 0;
    for verdict in &verdicts {
        let complaints = verdict.complaints();
        bad += usize::from(!complaints.is_empty());
        for complaint in complaints {
            println!("{} {}: {complaint}", verdict.id, verdict.address);
        }
    }
    println!("{} objects in {:.1} s", verdicts.len(), started.elapsed().as_secs_f64());
    println!("{} passed, {bad} failed", verdicts.len() - bad);
    if bad == 0 && !verdicts.is_empty() {
        Ok(())
    } else {
        Err(format!("{bad} objects are not taken as they are"))
    }
}

/// The text of a file.
pub(crate) fn read(file: &Path) -> Result<String, String> {
    std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_pod_refuses_its_workload() {
        let answer = json!({"id": "0", "index": 1, "object": "Deployment/web", "accepted": true, "cleared": ["spec.a"],
            "warnings": ["w"], "pod": {"accepted": false, "message": "violates PodSecurity", "warnings": ["w"]}});
        let (number, verdict) = parse(&answer, &["compose.yaml".to_owned()]).expect("the id was asked about");
        assert_eq!((number, verdict.id.as_str(), verdict.index), (0, "compose.yaml", 1));
        assert_eq!(
            verdict.complaints(),
            ["refused: violates PodSecurity", "warning: w", "cleared: spec.a"].map(str::to_owned)
        );
        assert!(parse(&answer, &[]).is_err());
    }
}
