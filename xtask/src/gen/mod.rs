//! `cargo xtask gen`: writes the files that follow from others, or with `--check` says which are stale.

pub(crate) mod front;
mod pages;
mod registry;
mod settings;
mod shapes;
mod table;

use std::fs;
use std::path::{Path, PathBuf};

/// A generated file: its path from the root of the repository, and its text.
struct Output {
    path: PathBuf,
    text: String,
}

/// Writes every generated file, or only compares.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<(), String> {
    let is_check = match arguments {
        [] => false,
        [only] if only == "--check" => true,
        _ => return Err("`gen` takes nothing or `--check`".into()),
    };
    let mut stale = Vec::new();
    let outputs = outputs(root)?;
    for output in &outputs {
        let path = root.join(&output.path);
        if fs::read_to_string(&path).is_ok_and(|text| text == output.text) {
            continue;
        }
        stale.push(output.path.display().to_string());
        if !is_check {
            write(&path, &output.text)?;
        }
    }
    for page in pages::left_over(root, &outputs)? {
        stale.push(page.display().to_string());
        if !is_check {
            fs::remove_file(root.join(&page)).map_err(|error| format!("{}: {error}", page.display()))?;
        }
    }
    if stale.is_empty() {
        println!("{} generated files are fresh", outputs.len());
        return Ok(());
    }
    if is_check {
        return Err(format!("stale, run `cargo xtask gen`: {}", stale.join(", ")));
    }
    println!("written: {}", stale.join(", "));
    Ok(())
}

fn outputs(root: &Path) -> Result<Vec<Output>, String> {
    let schema = read(root, "src/resolve/compose-spec.json")?;
    let schema = serde_json::from_str(&schema).map_err(|error| format!("compose-spec.json: {error}"))?;
    let shapes = shapes::read(&schema).map_err(|problem| format!("compose-spec.json: {problem}"))?;
    let rules = front::read_all(root)?;
    let mut outputs = vec![
        Output { path: "src/resolve/schema/table.rs".into(), text: table::write(&shapes)? },
        Output { path: "src/diag/slugs.rs".into(), text: registry::slugs(&rules) },
        Output { path: "src/lint/registry.rs".into(), text: registry::registry(&rules) },
        Output { path: "docs/rules/index.md".into(), text: pages::index(&rules) },
        Output { path: "docs/transship.schema.json".into(), text: settings::schema(&rules) },
    ];
    outputs.extend(rules.iter().map(pages::page));
    Ok(outputs)
}

fn read(root: &Path, path: &str) -> Result<String, String> {
    fs::read_to_string(root.join(path)).map_err(|error| format!("{path}: {error}"))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    let folder = path.parent().expect("a generated file lies in a folder");
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, text))
        .map_err(|error| format!("{}: {error}", path.display()))
}
