//! The rules as pages for people: one each, and the list of all.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::Output;
use super::front::Rule;

const FOLDER: &str = "docs/rules";
const MARK: &str = "<!-- Written by `cargo xtask gen` from `rules/`; do not edit. -->";

/// The page of a rule.
pub(crate) fn page(rule: &Rule) -> Output {
    let Rule { slug, summary, since, body, .. } = rule;
    let text = format!(
        "{MARK}\n\n# {slug}\n\n{}.\n\nLevel: {} · fix: {} · since {since}\n\n{body}",
        sentence(summary),
        levels(rule),
        rule.fix
    );
    Output { path: PathBuf::from(format!("{FOLDER}/{slug}.md")), text }
}

/// The list of all rules.
pub(crate) fn index(rules: &[Rule]) -> String {
    let mut text =
        format!("{MARK}\n\n# Rules\n\n| rule | level | fix | what it finds |\n|---|---|---|---|\n");
    for rule in rules {
        let Rule { slug, summary, fix, .. } = rule;
        writeln!(
            text,
            "| [`{slug}`]({slug}.md) | {} | {fix} | {} |",
            levels(rule),
            summary.replace('|', "\\|")
        )
        .expect("a string takes all that is written to it");
    }
    text
}

/// Pages of rules that are gone, as paths from the root.
pub(crate) fn left_over(root: &Path, outputs: &[Output]) -> Result<Vec<PathBuf>, String> {
    let Ok(pages) = fs::read_dir(root.join(FOLDER)) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for page in pages {
        let page = page.map_err(|error| format!("{FOLDER}: {error}"))?;
        let path = Path::new(FOLDER).join(page.file_name());
        if !outputs.iter().any(|output| output.path == path) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// The level; where the postures differ, that of each.
fn levels(rule: &Rule) -> String {
    let [faithful, restricted, production] = &rule.levels;
    if faithful == restricted && restricted == production {
        return faithful.clone();
    }
    format!("{faithful}, in restricted {restricted}, in production {production}")
}

fn sentence(summary: &str) -> String {
    let mut letters = summary.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}
