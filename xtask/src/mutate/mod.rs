//! Do the examples of the rules notice when a check is wrong? Each mutant of a check is built, and `tests/rules.rs` is to
//! fail.

mod sites;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::place;
use sites::Mutant;

/// As many mutants are tried where nobody says.
const SAMPLE: usize = 60;
/// The least share in percent that has to be caught.
const LEAST: usize = 90;
/// A mutant that runs longer than this hangs, and that is noticed.
const PATIENCE: Duration = Duration::from_secs(120);

/// A mutant and the file that it is one of.
struct Placed {
    file: String,
    source: Rc<str>,
    mutant: Mutant,
}

/// What the examples say of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Said {
    /// They fail, or do not end.
    Wrong,
    /// They pass.
    Right,
    /// It is no Rust.
    NotBuilt,
}

/// Tries a sample of the mutants, by a seed, or all; `FILE…` takes only those of files whose path holds one of these.
pub(crate) fn run(arguments: &[String]) -> Result<(), String> {
    let (sample, seed, wanted) = read(arguments)?;
    let tree = place::target().join("mutate/tree");
    copy(&tree)?;
    let mut mutants = all(&wanted)?;
    let count = mutants.len();
    // The same mutants for the same seed, on every machine, and not chosen by anyone.
    mutants.sort_by_cached_key(|Placed { file, mutant, .. }| {
        Sha256::digest(format!("{seed} {file} {} {}", mutant.range.start, mutant.text)).to_vec()
    });
    mutants.truncate(sample);
    if said(&tree)? != Said::Right {
        return Err("the examples fail before anything is changed: `cargo test --test rules`".to_owned());
    }
    let mut tally: BTreeMap<Said, usize> = BTreeMap::new();
    for one in &mutants {
        let said = one.tried(&tree)?;
        *tally.entry(said).or_default() += 1;
        let word = match said {
            Said::Wrong => "caught",
            Said::Right => "survived",
            Said::NotBuilt => "no Rust",
        };
        println!("{word}: {}", one.words());
    }
    let [caught, survived, not_built] =
        [Said::Wrong, Said::Right, Said::NotBuilt].map(|said| tally.get(&said).copied().unwrap_or(0));
    let share = (caught * 100).checked_div(caught + survived).unwrap_or(100);
    println!(
        "{} of {count} mutants: {caught} caught, {survived} survived, {not_built} are no Rust: {share} % caught",
        mutants.len()
    );
    if share < LEAST {
        return Err(format!("less than {LEAST} % are caught: the rules lack examples"));
    }
    Ok(())
}

/// How many mutants, by which seed, and of which files.
fn read(arguments: &[String]) -> Result<(usize, usize, Vec<&str>), String> {
    let usage = || "usage: cargo xtask mutate [--all | --sample N] [--seed N] [FILE…]".to_owned();
    let (mut sample, mut seed, mut wanted) = (SAMPLE, 0, Vec::new());
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut number = || rest.next().and_then(|text| text.parse().ok()).ok_or_else(usage);
        match argument.as_str() {
            "--all" => sample = usize::MAX,
            "--sample" => sample = number()?,
            "--seed" => seed = number()?,
            other if other.starts_with('-') => return Err(usage()),
            other => wanted.push(other),
        }
    }
    Ok((sample, seed, wanted))
}

/// The mutants of all checks and of what they share.
fn all(wanted: &[&str]) -> Result<Vec<Placed>, String> {
    let mut found = Vec::new();
    for file in files()? {
        let is_check = file.starts_with("rules/") && file.ends_with("/check.rs");
        let is_shared = file.starts_with("src/rule/") && file.ends_with(".rs");
        let is_wanted = wanted.is_empty() || wanted.iter().any(|part| file.contains(part));
        if (is_check || is_shared) && is_wanted {
            let path = place::root().join(&file);
            let source: Rc<str> =
                fs::read_to_string(path).map_err(|error| format!("{file}: {error}"))?.into();
            let placed = |mutant| Placed { file: file.clone(), source: Rc::clone(&source), mutant };
            found.extend(sites::mutants(&source).into_iter().map(placed));
        }
    }
    Ok(found)
}

/// The files of the repository as they lie there, those that are not committed too.
fn files() -> Result<Vec<String>, String> {
    let mut git = Command::new("git");
    git.args(["ls-files", "--cached", "--others", "--exclude-standard"]).current_dir(place::root());
    let output = git.output().map_err(|error| format!("`git` cannot be started: {error}"))?;
    let text = String::from_utf8(output.stdout).map_err(|error| format!("`git ls-files`: {error}"))?;
    Ok(text.lines().filter(|file| place::root().join(file).is_file()).map(str::to_owned).collect())
}

/// Copies the repository, so that nobody meets a mutant in it.
fn copy(tree: &Path) -> Result<(), String> {
    let fail = |error: std::io::Error| format!("{}: {error}", tree.display());
    if tree.exists() {
        fs::remove_dir_all(tree).map_err(fail)?;
    }
    for file in files()? {
        let target = tree.join(&file);
        fs::create_dir_all(target.parent().unwrap_or(tree)).map_err(fail)?;
        fs::copy(place::root().join(&file), target).map_err(fail)?;
    }
    Ok(())
}

/// What the examples say of the tree.
fn said(tree: &Path) -> Result<Said, String> {
    match built(tree)? {
        None => Ok(Said::NotBuilt),
        Some(program) if passes(&program, tree)? => Ok(Said::Right),
        Some(_) => Ok(Said::Wrong),
    }
}

/// The program that runs the examples; nothing when the tree cannot be built.
fn built(tree: &Path) -> Result<Option<PathBuf>, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["test", "--quiet", "--no-run", "--message-format", "json", "--test", "rules"]);
    command.env("CARGO_TARGET_DIR", place::target().join("mutate/target")).current_dir(tree);
    let ran = command.stdin(Stdio::null()).output();
    let output = ran.map_err(|error| format!("`cargo test` cannot be run: {error}"))?;
    if !output.status.success() {
        return Ok(None);
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let messages = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let program = messages
        .filter(|message| message["target"]["name"] == "rules")
        .find_map(|message| message["executable"].as_str().map(PathBuf::from));
    program.map(Some).ok_or_else(|| "`cargo test` does not say which program it has built".to_owned())
}

/// Whether the examples are what the tool says, and it says so in time.
fn passes(program: &Path, tree: &Path) -> Result<bool, String> {
    let mut command = Command::new(program);
    command.current_dir(tree).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let fail = |error: std::io::Error| format!("`{}` cannot be run: {error}", program.display());
    let mut child = command.spawn().map_err(fail)?;
    let begin = Instant::now();
    loop {
        if let Some(status) = child.try_wait().map_err(fail)? {
            return Ok(status.success());
        }
        if begin.elapsed() > PATIENCE {
            child.kill().map_err(fail)?;
            child.wait().map_err(fail)?;
            return Ok(false);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

impl Placed {
    /// Writes the mutant into the tree, asks the examples, and takes it out again.
    fn tried(&self, tree: &Path) -> Result<Said, String> {
        let path = tree.join(&self.file);
        let write =
            |text: &str| fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()));
        let Mutant { range, text } = &self.mutant;
        write(&format!("{}{text}{}", &self.source[..range.start], &self.source[range.end..]))?;
        let said = said(tree);
        write(&self.source)?;
        said
    }

    /// Where it is, what was exchanged, and the line.
    fn words(&self) -> String {
        let Mutant { range, text } = &self.mutant;
        let number = self.source[..range.start].matches('\n').count() + 1;
        let line = self.source.lines().nth(number - 1).unwrap_or_default().trim();
        let old = self.source[range.clone()].trim();
        format!("{}:{number}: `{old}` → `{}` in `{line}`", self.file, text.trim())
    }
}
