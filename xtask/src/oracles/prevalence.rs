//! How often each rule has something to say of the dev corpus: `docs/prevalence.md`, which this lane writes and holds to
//! what is measured.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::jobs;
use super::page::Page;
use crate::place;

/// The page.
const PAGE: Page = Page { lane: "prevalence" };
/// How many files a hook hands to one process.
const AT_ONCE: usize = 200;
/// The levels, the gravest first, as a report names them.
const LEVELS: [&str; 3] = ["error", "warning", "note"];

/// The lane: writes the page, or says that it is stale; without the corpus there is nothing to measure.
pub(crate) fn run(write: bool) -> Result<(), String> {
    let Some(corpus) = place::corpus()? else {
        println!("did not run: prevalence (../shared/corpus/dev.tar.xz is missing)");
        return Ok(());
    };
    let files = jobs::corpus_files(&corpus, None)?;
    let program = place::transship()?;
    let mut tally = Tally::default();
    for some in files.chunks(AT_ONCE) {
        let report = lint(&program, &corpus, "json", some)?;
        tally.count(&serde_json::from_str(&report).map_err(|error| format!("`transship lint`: {error}"))?);
    }
    let mut printed = Vec::new();
    for file in &files {
        printed.push(headers(&lint(&program, &corpus, "text", std::slice::from_ref(file))?));
    }
    PAGE.hold(&figures(&tally, printed), write)
}

/// What `lint` prints of files of the corpus.
fn lint(program: &Path, corpus: &Path, format: &str, files: &[String]) -> Result<String, String> {
    let mut command = Command::new(program);
    command.args(["lint", "--format", format]).args(files).current_dir(corpus);
    let ran = command.env_clear().stdin(Stdio::null()).output();
    let output = ran.map_err(|error| format!("`{}` cannot be started: {error}", program.display()))?;
    match output.status.code() {
        Some(0 | 1) => String::from_utf8(output.stdout).map_err(|error| format!("`transship lint`: {error}")),
        code => {
            Err(format!("`transship lint` ended with {code:?}: {}", String::from_utf8_lossy(&output.stderr)))
        }
    }
}

/// How many diagnostics a text has.
fn headers(text: &str) -> usize {
    let is_header = |line: &&str| {
        LEVELS.iter().any(|level| line.strip_prefix(level).is_some_and(|rest| rest.starts_with('[')))
    };
    text.lines().filter(is_header).count()
}

/// A place in a file, by its bytes.
type Spot = (String, u64, u64);

/// What counts of one rule.
#[derive(Default)]
struct Rule {
    /// Its gravest level, as a number of [`LEVELS`].
    level: usize,
    files: BTreeSet<String>,
    findings: usize,
    places: BTreeSet<Spot>,
}

/// What counts of all files.
#[derive(Default)]
struct Tally {
    rules: BTreeMap<String, Rule>,
    levels: [usize; LEVELS.len()],
}

impl Tally {
    fn count(&mut self, report: &Value) {
        for finding in report["findings"].as_array().into_iter().flatten() {
            let text = |key: &str| finding[key].as_str().unwrap_or_default();
            let level = LEVELS.iter().position(|level| *level == text("level")).unwrap_or(LEVELS.len() - 1);
            self.levels[level] += 1;
            let rule = self
                .rules
                .entry(text("rule").to_owned())
                .or_insert_with(|| Rule { level, ..Rule::default() });
            rule.level = rule.level.min(level);
            rule.files.insert(text("file").to_owned());
            rule.findings += 1;
            let labels = finding["labels"].as_array().into_iter().flatten();
            rule.places.extend(labels.chain([finding]).map(spot));
        }
    }
}

fn spot(place: &Value) -> Spot {
    let number = |key: &str| place[key].as_u64().unwrap_or_default();
    (place["file"].as_str().unwrap_or_default().to_owned(), number("offset"), number("length"))
}

fn figures(tally: &Tally, mut printed: Vec<usize>) -> String {
    printed.sort_unstable();
    let [errors, warnings, notes] = tally.levels;
    let mut text = format!(
        "| files | diagnostics of a file: median | 90th percentile | maximum | errors | warnings | notes |\n\
         |--:|--:|--:|--:|--:|--:|--:|\n\
         | {} | {} | {} | {} | {errors} | {warnings} | {notes} |\n\n\
         | rule | level | files | findings | places |\n|---|---|--:|--:|--:|\n",
        printed.len(),
        share(&printed, 50),
        share(&printed, 90),
        share(&printed, 100),
    );
    let mut ranked: Vec<(&String, &Rule)> = tally.rules.iter().collect();
    ranked.sort_by_key(|(name, rule)| (std::cmp::Reverse((rule.files.len(), rule.findings)), *name));
    for (name, Rule { level, files, findings, places }) in ranked {
        let (level, files, places) = (LEVELS[*level], files.len(), places.len());
        text.push_str(&format!(
            "| [{name}](rules/{name}.md) | {level} | {files} | {findings} | {places} |\n"
        ));
    }
    text
}

/// The number that so many of a hundred do not exceed.
fn share(sorted: &[usize], hundredths: usize) -> usize {
    let nth = (sorted.len() * hundredths).div_ceil(100);
    sorted.get(nth.saturating_sub(1)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_place_that_is_told_twice_counts_once() {
        let place = json!({"file": "a", "offset": 1, "length": 2});
        let mut finding =
            json!({"rule": "unset-restart", "level": "warning", "file": "a", "offset": 1, "length": 2});
        finding["labels"] = json!([place, {"file": "a", "offset": 9, "length": 2}]);
        let mut tally = Tally::default();
        tally.count(&json!({"findings": [finding]}));
        let figures = figures(&tally, vec![3, 1, 2]);
        assert!(figures.contains("| 3 | 2 | 3 | 3 | 0 | 1 | 0 |"), "{figures}");
        assert!(
            figures.contains("| [unset-restart](rules/unset-restart.md) | warning | 1 | 1 | 2 |"),
            "{figures}"
        );
    }

    #[test]
    fn headers_are_told_from_what_they_show() {
        let text = "warning[unset-restart]: `a`\n 1 | error[x]: no header\nnote[x]: y\nnoted: z\n";
        assert_eq!(headers(text), 2);
    }
}
