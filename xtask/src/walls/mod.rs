//! The walls: who may import whom, how long a file or a function may be, what may not leak from a machine.

mod blank;
mod imports;
mod leaks;
mod sizes;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::place;

/// Checks all walls and prints each breach with its place.
pub(crate) fn run() -> Result<(), String> {
    let breaches = breaches(&place::root())?;
    for breach in &breaches {
        println!("{breach}");
    }
    match breaches.len() {
        0 => {
            println!("the walls stand");
            Ok(())
        }
        count => Err(format!("{count} breaches of the walls")),
    }
}

/// A place where a rule is broken.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Breach {
    file: PathBuf,
    line: usize,
    rule: String,
}

impl std::fmt::Display for Breach {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}:{}: {}", self.file.display(), self.line, self.rule)
    }
}

/// Every breach in the files that git knows, in their order.
fn breaches(root: &Path) -> Result<Vec<Breach>, String> {
    let page = std::fs::read_to_string(root.join("docs/architecture.md"))
        .map_err(|error| format!("docs/architecture.md: {error}"))?;
    let walls = imports::Walls::of(&page)?;
    let traces = leaks::Traces::of_this_machine(root);
    let mut breaches = Vec::new();
    for file in tracked(root)? {
        let Ok(text) = std::fs::read_to_string(root.join(&file)) else {
            continue; // Deleted and not yet committed, or no text.
        };
        breaches.extend(leaks::check(&file, &text, &traces));
        if file.extension().is_some_and(|extension| extension == "rs") {
            let code = blank::code_of(&text);
            breaches.extend(sizes::check(&file, &text, &code));
            if file.starts_with("src") {
                breaches.extend(imports::check(&file, &code, &walls));
            }
        }
    }
    breaches.sort_unstable();
    Ok(breaches)
}

/// The files that git tracks or would track.
fn tracked(root: &Path) -> Result<Vec<PathBuf>, String> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("`git` cannot be started: {error}"))?;
    if !listed.status.success() {
        return Err(format!("`git ls-files` failed: {}", String::from_utf8_lossy(&listed.stderr)));
    }
    let names = String::from_utf8_lossy(&listed.stdout).into_owned();
    Ok(names.split('\0').filter(|name| !name.is_empty()).map(PathBuf::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_keeps_its_walls() {
        let found = breaches(&place::root()).expect("the repository can be read");
        assert_eq!(found.iter().map(Breach::to_string).collect::<Vec<_>>(), Vec::<String>::new());
    }
}
