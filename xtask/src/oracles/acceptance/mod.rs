//! What teams ask of charts and trees: documents 000, 001 and 003, line by line, on working copies of their projects.

mod circle_core;
mod findings;
mod opencomplai;
mod portarium;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use super::forms::objects::Objects;
use super::projects::Project;
use super::toolchain;
use crate::place::{self, words_of};

/// The lane; what it needs lies beside the repository.
pub(crate) fn run() -> Result<(), String> {
    let shared = place::shared().filter(|shared| shared.join("seeds/inputs").is_dir());
    let Some(shared) = shared.filter(|shared| shared.join("checks/check.py").is_file()) else {
        println!("did not run: acceptance (../shared/seeds or ../shared/checks is missing)");
        return Ok(());
    };
    if place::succeeds(Command::new("python3").args(["-c", "import yaml"])).is_err() {
        println!("did not run: acceptance (it needs Python with PyYAML)");
        return Ok(());
    }
    let mut lane = Lane::prepare(&shared)?;
    opencomplai::run(&mut lane)?;
    portarium::run(&mut lane)?;
    circle_core::run(&mut lane)?;
    let (passed, failed) = (lane.passed, lane.failed.len());
    println!("acceptance: {passed} passed, {failed} failed");
    if failed == 0 { Ok(()) } else { Err(lane.failed.join("\n")) }
}

/// A system with the flags that its document gives, in a working copy of that name, for who wants to see it run.
pub(crate) fn project(system: &str, copy_name: &str) -> Result<Project, String> {
    let shared = place::shared().ok_or("../shared is missing")?;
    let seeds = shared.join("seeds");
    let (inputs, work) = (seeds.join("inputs"), place::target().join("oracles/projects").join(copy_name));
    cleared(&work)?;
    copy(&seeds.join(system), &work)?;
    let folder = work.join(system);
    let flags = match system {
        "opencomplai" => opencomplai::flags(&folder, &inputs),
        "portarium" => {
            stand_in(&inputs.join("portarium-files"), &folder)?;
            portarium::flags()
        }
        _ => {
            stand_in(&inputs.join("circle-core-files"), &folder.join("deployment/docker"))?;
            circle_core::flags(&inputs)
        }
    };
    Ok(Project::new("seeds", system, work, flags))
}

/// An empty folder of that name.
fn cleared(folder: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    if folder.exists() {
        std::fs::remove_dir_all(folder).map_err(failed)?;
    }
    std::fs::create_dir_all(folder).map_err(failed)
}

/// A working copy of a system below a folder.
fn copy(system: &Path, folder: &Path) -> Result<(), String> {
    place::run(Command::new("cp").arg("-r").arg(system).arg(folder))?;
    // What is shared may not be written to, and a copy keeps that.
    place::run(Command::new("chmod").args(["-R", "u+w"]).arg(folder))
}

/// Stand-ins for files of a project that are not in its copy.
fn stand_in(files: &Path, folder: &Path) -> Result<(), String> {
    place::run(Command::new("cp").arg("-r").arg(files.join(".")).arg(folder))
}

/// The tools, the working copy, and how the lines came out.
struct Lane {
    transship: PathBuf,
    kustomize: PathBuf,
    kubectl: PathBuf,
    check: PathBuf,
    inputs: PathBuf,
    work: PathBuf,
    passed: usize,
    failed: Vec<String>,
}

/// A tree that was built: the text of the base, and of each overlay by its name.
type Built = Vec<(String, PathBuf)>;

impl Lane {
    fn prepare(shared: &Path) -> Result<Self, String> {
        let work = place::target().join("oracles/acceptance");
        cleared(&work)?;
        let seeds = shared.join("seeds");
        for system in ["opencomplai", "portarium", "circle-core"] {
            copy(&seeds.join(system), &work)?;
        }
        Ok(Self {
            transship: place::transship()?,
            kustomize: toolchain::kustomize()?,
            kubectl: toolchain::kubernetes("kubectl")?,
            check: shared.join("checks/check.py"),
            inputs: seeds.join("inputs"),
            work,
            passed: 0,
            failed: Vec::new(),
        })
    }

    /// One line of a document.
    fn holds(&mut self, line: &str, wrong: impl Into<String>) {
        let wrong = wrong.into();
        if wrong.is_empty() {
            self.passed += 1;
        } else {
            self.failed.push(format!("{line}: {wrong}"));
        }
    }

    /// A program that ended well.
    fn went_well(&mut self, line: &str, output: &Output) {
        self.holds(line, if output.status.success() { String::new() } else { words_of(output) });
    }

    fn equals(&mut self, line: &str, found: &str, expected: &str) {
        let wrong = if found == expected { String::new() } else { format!("{found:?}, not {expected:?}") };
        self.holds(line, wrong);
    }

    fn transship(&self, words: &[&str]) -> Result<Output, String> {
        let mut command = Command::new(&self.transship);
        place::ended(command.args(words).current_dir(&self.work).env_clear())
    }

    /// What the checks of `check.py` print.
    fn check(&self, words: &[&str], files: &[&Path]) -> Result<String, String> {
        let mut command = Command::new("python3");
        let output = place::ended(command.arg(&self.check).args(words).args(files).current_dir(&self.work))?;
        match output.status.code() {
            Some(0 | 1) => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
            _ => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        }
    }

    /// Converts to a tree with overlays and builds all of it; every build has to succeed without a word.
    fn tree(&mut self, line: &str, words: &[&str], overlays: &[(&str, &str)]) -> Result<Built, String> {
        let out = format!("out-{}", line.split(' ').next().unwrap_or_default());
        let report = format!("{out}.json");
        let flags: Vec<String> = overlays
            .iter()
            .map(|(name, file)| format!("--overlay={name}={}", self.inputs.join(file).display()))
            .collect();
        let mut all = vec!["convert"];
        all.extend(words);
        all.extend(["--to", "kustomize", "-o", &out, "--report", &report]);
        all.extend(flags.iter().map(String::as_str));
        let output = self.transship(&all)?;
        self.went_well(&format!("{line}: it converts"), &output);
        let folders = std::iter::once(("base", "base".to_owned()))
            .chain(overlays.iter().map(|(name, _)| (*name, format!("overlays/{name}"))));
        let mut built = Vec::new();
        for (name, folder) in folders {
            let folder = self.work.join(&out).join(folder);
            let output = place::ended(Command::new(&self.kustomize).arg("build").arg(&folder))?;
            let clean = output.status.success() && output.stderr.is_empty();
            let wrong = if clean { String::new() } else { words_of(&output) };
            self.holds(&format!("{line}: {name} builds without a word"), wrong);
            let other = place::ended(Command::new(&self.kubectl).arg("kustomize").arg(&folder))?;
            let read = |text: &[u8]| Objects::read(&String::from_utf8_lossy(text));
            let apart = read(&output.stdout)?.differences(&read(&other.stdout)?);
            let wrong = if other.stderr.is_empty() { apart.join("\n") } else { words_of(&other) };
            self.holds(&format!("{line}: kubectl builds {name} alike"), wrong);
            let path = self.work.join(format!("{out}-{name}.yaml"));
            std::fs::write(&path, output.stdout).map_err(|error| format!("{}: {error}", path.display()))?;
            built.push((name.to_owned(), path));
        }
        Ok(built)
    }

    /// What overlays may differ in, and that no reference of anything dangles.
    fn overlays(&mut self, line: &str, built: &Built, differ: &[(&str, &[&str])]) -> Result<(), String> {
        let base = built.first().map(|(_, path)| path.clone()).ok_or("nothing was built")?;
        for (name, objects) in differ {
            let Some((_, path)) = built.iter().find(|(known, _)| known == name) else { continue };
            let found = self.check(&["difference"], &[&base, path])?;
            let expected: String = objects.iter().map(|object| format!("~ {object}\n")).collect();
            self.equals(&format!("{line}: what {name} changes"), &found, &expected);
        }
        for (name, path) in built {
            self.nothing(&format!("{line}: references of {name}"), &["references"], &[path])?;
        }
        Ok(())
    }

    /// Words that may stand nowhere in a tree or its report.
    fn never(&mut self, line: &str, out: &str, words: &[&str]) -> Result<(), String> {
        let report = format!("{out}.json");
        for word in words {
            let output =
                Command::new("grep").args(["-rlF", word, out, &report]).current_dir(&self.work).output();
            let output = output.map_err(|error| error.to_string())?;
            self.holds(&format!("{line}: no `{word}`"), String::from_utf8_lossy(&output.stdout).trim());
        }
        Ok(())
    }

    /// The Services offer at least what a list says.
    fn ports(&mut self, line: &str, build: &Path, list: &str) -> Result<(), String> {
        let found = self.check(&["ports"], &[build])?;
        let path = self.inputs.join(list);
        let wanted =
            std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let missing: Vec<&str> =
            wanted.lines().filter(|line| !found.lines().any(|known| known == *line)).collect();
        self.holds(line, missing.join("\n"));
        Ok(())
    }

    /// What a check finds, which has to be nothing but what has to be provided.
    fn nothing(&mut self, line: &str, words: &[&str], builds: &[&Path]) -> Result<(), String> {
        let found = self.check(words, builds)?;
        let found: Vec<&str> = found.lines().filter(|line| !line.starts_with("provide")).collect();
        self.holds(line, found.join("\n"));
        Ok(())
    }

    /// Plain manifests of a project, and their report; `code` is how it has to end.
    fn manifests(&mut self, line: &str, code: i32, words: &[&str]) -> Result<(PathBuf, Value), String> {
        let report = format!("{line}.json");
        let mut all = vec!["convert"];
        all.extend(words);
        all.extend(["--report", &report]);
        let output = self.transship(&all)?;
        let wrong = if output.status.code() == Some(code) { String::new() } else { words_of(&output) };
        self.holds(&format!("{line}: it ends with {code}"), wrong);
        let build = self.work.join(format!("{line}.yaml"));
        std::fs::write(&build, output.stdout).map_err(|error| format!("{}: {error}", build.display()))?;
        Ok((build, self.report(&report)?))
    }

    /// The pairs that a strict conversion lets talk are those that a careful reader finds.
    fn edges(&mut self, line: &str, report: &Value, list: &str) -> Result<(), String> {
        let path = self.inputs.join(list);
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let words = text.lines().filter(|line| !line.starts_with('#')).map(str::split_whitespace);
        let pairs = words.filter_map(|mut words| Some((words.next()?.to_owned(), words.next()?.to_owned())));
        let expected: BTreeSet<(String, String)> = pairs.filter(|(from, to)| from != to).collect();
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let found = report["connectivity"]["pairs"].as_array().into_iter().flatten();
        let found: BTreeSet<_> = found.map(|pair| (word(&pair[0]), word(&pair[1]))).collect();
        let apart: Vec<String> =
            found.symmetric_difference(&expected).map(|(from, to)| format!("{from} to {to}")).collect();
        self.holds(line, apart.join(", "));
        Ok(())
    }

    /// The report of a conversion.
    fn report(&self, file: &str) -> Result<Value, String> {
        place::json(&self.work.join(file))
    }

    /// The address of the one object of a build whose name is, or begins with, that of a service.
    fn whole_name(&self, build: &Path, object: &str) -> Result<String, String> {
        let text = std::fs::read_to_string(build).map_err(|error| format!("{}: {error}", build.display()))?;
        let (kind, start) = object.split_once('/').unwrap_or((object, ""));
        let objects = Objects::read(&text)?;
        let is_it =
            |name: &str| name == start || name.strip_prefix(start).is_some_and(|rest| rest.starts_with('-'));
        let found = objects.each().find(|(own, name, _)| *own == kind && is_it(name));
        found.map(|(kind, name, _)| format!("{kind}/{name}")).ok_or_else(|| format!("there is no {object}"))
    }

    /// One value of a build.
    fn value(
        &mut self,
        line: &str,
        build: &Path,
        (object, place): (&str, &str),
        expected: &str,
    ) -> Result<(), String> {
        let found = self.check(&["get", object, place], &[build])?;
        self.json(line, &found, expected);
        Ok(())
    }

    /// What a container sees at a path are the bytes of a file.
    fn bytes(
        &mut self,
        line: &str,
        build: &Path,
        (object, mounted): (&str, &str),
        file: &Path,
    ) -> Result<(), String> {
        let found = self.check(&["mount", object, mounted], &[build])?;
        let source = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
        self.holds(
            &format!("{line}: {mounted}"),
            if found == source { "" } else { "other bytes than the source" },
        );
        Ok(())
    }

    /// One value, written as JSON.
    fn json(&mut self, line: &str, found: &str, expected: &str) {
        let value = |text: &str| serde_json::from_str::<Value>(text.trim()).unwrap_or(Value::Null);
        let wrong =
            if value(found) == value(expected) { String::new() } else { format!("it is {}", found.trim()) };
        self.holds(line, wrong);
    }
}
