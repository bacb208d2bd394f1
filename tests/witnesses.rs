//! Readers that we did not write: what we print is read back by one, what we read is read by another.
#![expect(clippy::disallowed_methods, reason = "a test looks at files and starts the tool")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What `transship config` prints of a project.
fn printed(folder: &Path, format: &str) -> Option<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_transship"))
        .args(["config", "--format", format])
        .arg(folder)
        .output()
        .expect("the tool starts");
    output.status.success().then(|| String::from_utf8(output.stdout).expect("text"))
}

/// The folders of the cases and of the example that hold a Compose file of the first default name.
fn projects() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cases = fs::read_dir(root.join("testdata/resolve")).expect("the cases are there");
    let cases = cases.map(|case| case.expect("an entry").path());
    let mut folders: Vec<PathBuf> = cases
        .filter(|case| case.join("compose.yaml").is_file())
        .chain([root.join("examples/shop")])
        .collect();
    folders.sort();
    folders
}

/// Every YAML that we print means, to a reader of its own, what the JSON says.
#[test]
fn printed_yaml_is_read_back_as_the_printed_json() {
    let mut read = 0;
    for folder in projects() {
        let (Some(yaml), Some(json)) = (printed(&folder, "yaml"), printed(&folder, "json")) else { continue };
        let back: serde_json::Value = yaml_serde::from_str(&yaml).expect("YAML");
        let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(back, json, "{}", folder.display());
        read += 1;
    }
    assert!(read > 20, "only {read} projects were printed");
}

/// A reader with types of its own finds the services and images of the example that we find.
#[test]
fn a_typed_reader_finds_the_services_and_images_of_the_example() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/shop");
    let yaml = printed(&folder, "yaml").expect("the example loads");
    let theirs: docker_compose_types::Compose = yaml_serde::from_str(&yaml).expect("a Compose file");
    let ours: serde_json::Value =
        serde_json::from_str(&printed(&folder, "json").expect("the example loads")).expect("JSON");
    let images: Vec<(String, Option<String>)> = theirs
        .services
        .0
        .iter()
        .map(|(name, service)| (name.clone(), service.as_ref().and_then(|service| service.image.clone())))
        .collect();
    let expected: Vec<(String, Option<String>)> = ours["services"]
        .as_object()
        .expect("services")
        .iter()
        .map(|(name, service)| (name.clone(), service["image"].as_str().map(str::to_owned)))
        .collect();
    let sorted = |mut pairs: Vec<(String, Option<String>)>| {
        pairs.sort();
        pairs
    };
    assert_eq!(sorted(images), sorted(expected));
}
