//! The cases of `testdata/verify`: objects that the API server takes, and objects that it must refuse, each with its words.

use std::path::{Path, PathBuf};

use super::apiserver::{Object, Verdict, check, read};
use super::control_plane::ControlPlane;
use crate::place;

/// All manifests at or below a path, in the order of their names.
pub(crate) fn manifests(path: &Path) -> Result<Vec<PathBuf>, String> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    let mut entries = std::fs::read_dir(path)
        .map_err(failed)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed)?;
    entries.sort();
    let mut files = Vec::new();
    for entry in entries {
        let known =
            entry.extension().is_some_and(|ending| ending == "yaml" || ending == "yml" || ending == "json");
        if entry.is_dir() || known {
            files.extend(manifests(&entry)?);
        }
    }
    Ok(files)
}

/// One document of a file of cases: the words that it expects, and its text.
struct Case {
    id: String,
    expected: Option<String>,
    text: String,
}

/// Asks about all cases: `good` must be taken without a word, `bad` must be refused with the words of their `# server:` line,
/// `warned` must be taken with these words as a warning or a field that is left out.
pub(crate) fn prove(server: &ControlPlane) -> Result<(), String> {
    let root = place::root().join("testdata/verify");
    let mut failures = Vec::new();
    let mut passed = 0;
    for (folder, judge) in [("good", good as Judge), ("bad", bad), ("warned", warned)] {
        let cases = read_cases(&root.join(folder))?;
        if cases.is_empty() {
            return Err(format!("testdata/verify/{folder} holds no case"));
        }
        let objects = cases.iter().map(|case| Object {
            id: case.id.clone(),
            namespace: "cases".to_owned(),
            warn: (folder != "bad").then_some("restricted"),
            enforce: folder == "good",
            text: case.text.clone(),
        });
        let verdicts = check(server, objects)?;
        for case in &cases {
            let found: Vec<&Verdict> = verdicts.iter().filter(|verdict| verdict.id == case.id).collect();
            match found.as_slice() {
                [verdict] => match judge(case.expected.as_deref(), verdict) {
                    Ok(()) => passed += 1,
                    Err(reason) => failures.push(format!("{}: {reason}", case.id)),
                },
                _ => failures.push(format!("{}: {} objects instead of one", case.id, found.len())),
            }
        }
    }
    for failure in &failures {
        println!("{failure}");
    }
    println!("{passed} passed, {} failed", failures.len());
    if failures.is_empty() {
        Ok(())
    } else {
        Err("the API server does not say what the cases expect".to_owned())
    }
}

type Judge = fn(Option<&str>, &Verdict) -> Result<(), String>;

fn good(_: Option<&str>, verdict: &Verdict) -> Result<(), String> {
    let complaints = verdict.complaints();
    if complaints.is_empty() { Ok(()) } else { Err(complaints.join("; ")) }
}

fn bad(expected: Option<&str>, verdict: &Verdict) -> Result<(), String> {
    let expected = expected.ok_or("no `# server:` line says why it is refused")?;
    match &verdict.refused {
        None => Err("the server takes it".to_owned()),
        Some(reason) if reason.contains(expected) => Ok(()),
        Some(reason) => Err(format!("the server says: {reason}")),
    }
}

fn warned(expected: Option<&str>, verdict: &Verdict) -> Result<(), String> {
    let expected = expected.ok_or("no `# server:` line says what is warned about")?;
    if let Some(reason) = &verdict.refused {
        return Err(format!("the server refuses it: {reason}"));
    }
    let complaints = verdict.complaints();
    if complaints.iter().any(|complaint| complaint.contains(expected)) {
        Ok(())
    } else {
        Err(format!("the server says: {complaints:?}"))
    }
}

fn read_cases(folder: &Path) -> Result<Vec<Case>, String> {
    let mut cases = Vec::new();
    for file in manifests(folder)? {
        let name = file.strip_prefix(place::root()).unwrap_or(&file).display().to_string();
        for (number, text) in read(&file)?.split("\n---\n").enumerate() {
            let expected = text.lines().find_map(|line| line.strip_prefix("# server: "));
            cases.push(Case {
                id: format!("{name} #{}", number + 1),
                expected: expected.map(str::to_owned),
                text: text.to_owned(),
            });
        }
    }
    Ok(cases)
}
