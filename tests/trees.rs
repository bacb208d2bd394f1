//! Trees with overlays, one thing a folder: what every project of `testdata/trees` becomes beside its base.
#![expect(clippy::disallowed_methods, reason = "a test reads its cases and starts the tool")]

#[path = "support/schema.rs"]
mod schema;
#[path = "support/tool.rs"]
mod tool;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tool::Ran;

fn entries(folder: &Path) -> Vec<PathBuf> {
    let listed = fs::read_dir(folder).expect("the folder is there");
    let mut paths: Vec<PathBuf> = listed.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

/// The files below a folder, by their paths in it.
fn texts(folder: &Path, below: &Path) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for path in if below.is_dir() { entries(below) } else { Vec::new() } {
        if path.is_dir() {
            all.extend(texts(folder, &path));
        } else {
            let name = path.strip_prefix(folder).expect("it is below").to_string_lossy().into_owned();
            all.insert(name, fs::read_to_string(&path).expect("a text"));
        }
    }
    all
}

/// How the run ended, what it said, what the report says of the overlays, and every file that is no plain manifest.
fn shown(case: &Path) -> String {
    let name = case.file_name().expect("a case has a name").to_string_lossy().into_owned();
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("trees");
    let (tree, report) = (scratch.join(&name), scratch.join(format!("{name}.json")));
    drop(fs::remove_dir_all(&tree));
    drop(fs::remove_file(&report));
    fs::create_dir_all(&scratch).expect("the scratch folder can be made");
    let flags = fs::read_to_string(case.join("args")).unwrap_or_default();
    let mut arguments: Vec<&str> = vec!["convert", "--to", "kustomize"];
    arguments.extend(flags.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace));
    let (out, to) = (tree.to_string_lossy().into_owned(), report.to_string_lossy().into_owned());
    arguments.extend(["-o", &out, "--report", &to]);
    let ran = Ran::of(case, &arguments, &[], None);
    assert_eq!(ran.stdout, "", "{name}: a tree is not printed");
    let said = ran.stderr.replace(&out, "tree");
    let mut text = format!("exit code {}\n{said}", ran.code);
    if let Ok(written) = fs::read_to_string(&report) {
        let report: Value = serde_json::from_str(&written).expect("the report is JSON");
        schema::hold("conversion", &report);
        for overlay in report["overlays"].as_array().into_iter().flatten() {
            for finding in overlay["findings"].as_array().expect("a list") {
                let word = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
                let place = format!("{}:{}", word("file"), finding["line"]);
                let title = format!("{} {}", overlay["sort"], overlay["name"]).replace('"', "");
                text.push_str(&format!(
                    "{title}: {place}: {}[{}]: {}\n",
                    word("level"),
                    word("rule"),
                    word("message")
                ));
            }
        }
    }
    for (path, content) in texts(&tree, &tree) {
        let manifest = path.starts_with("base/") && path != "base/kustomization.yaml";
        if !manifest && path != ".transship.lock" {
            text.push_str(&format!("--- {path}\n{content}"));
        }
    }
    text
}

#[test]
fn every_case_becomes_the_tree_that_its_folder_expects() {
    let blessing = std::env::var_os("TRANSSHIP_BLESS").is_some_and(|value| value == "1");
    let mut failures = Vec::new();
    for case in entries(&Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/trees")) {
        let (path, found) = (case.join("expected"), shown(&case));
        if blessing {
            fs::write(&path, &found).expect("the expectation can be written");
        } else if fs::read_to_string(&path).unwrap_or_default() != found {
            failures.push(format!("{}:\n{found}", case.display()));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
