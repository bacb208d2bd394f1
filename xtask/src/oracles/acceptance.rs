//! What teams ask of trees: documents 001 (Portarium) and 003 (Circle Core), line by line, on working copies of their
//! projects.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use super::forms::objects::Objects;
use super::toolchain;
use crate::place;

/// The lane; what it needs lies beside the repository.
pub(crate) fn run() -> Result<(), String> {
    let shared = place::shared().filter(|shared| shared.join("seeds/inputs").is_dir());
    let Some(shared) = shared.filter(|shared| shared.join("checks/check.py").is_file()) else {
        println!("did not run: acceptance (../shared/seeds or ../shared/checks is missing)");
        return Ok(());
    };
    let python = Command::new("python3").args(["-c", "import yaml"]).stdin(Stdio::null()).output();
    if !python.is_ok_and(|output| output.status.success()) {
        println!("did not run: acceptance (it needs Python with PyYAML)");
        return Ok(());
    }
    let mut lane = Lane::prepare(&shared)?;
    lane.portarium()?;
    lane.circle_core()?;
    let (passed, failed) = (lane.passed, lane.failed.len());
    println!("acceptance: {passed} passed, {failed} failed");
    if failed == 0 { Ok(()) } else { Err(lane.failed.join("\n")) }
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
        if work.exists() {
            std::fs::remove_dir_all(&work).map_err(|error| format!("{}: {error}", work.display()))?;
        }
        std::fs::create_dir_all(&work).map_err(|error| format!("{}: {error}", work.display()))?;
        let seeds = shared.join("seeds");
        for system in ["portarium", "circle-core"] {
            place::run(Command::new("cp").arg("-r").arg(seeds.join(system)).arg(&work))?;
        }
        // What is shared may not be written to, and a copy keeps that.
        place::run(Command::new("chmod").args(["-R", "u+w"]).arg(&work))?;
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

    fn equals(&mut self, line: &str, found: &str, expected: &str) {
        let wrong = if found == expected { String::new() } else { format!("{found:?}, not {expected:?}") };
        self.holds(line, wrong);
    }

    /// Stand-ins for files of a project that are not in its copy.
    fn stand_in(&self, files: &str, folder: &Path) -> Result<(), String> {
        place::run(Command::new("cp").arg("-r").arg(self.inputs.join(files).join(".")).arg(folder))
    }

    fn transship(&self, words: &[&str]) -> Result<Output, String> {
        let mut command = Command::new(&self.transship);
        let output = command.args(words).current_dir(&self.work).env_clear().stdin(Stdio::null()).output();
        output.map_err(|error| format!("`{}` cannot be started: {error}", self.transship.display()))
    }

    /// What the checks of `check.py` print.
    fn check(&self, words: &[&str], files: &[&Path]) -> Result<String, String> {
        let mut command = Command::new("python3");
        command.arg(&self.check).args(words).args(files).current_dir(&self.work).stdin(Stdio::null());
        let output = command.output().map_err(|error| format!("`python3` cannot be started: {error}"))?;
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
        let wrong = if output.status.success() { String::new() } else { words_of(&output) };
        self.holds(&format!("{line}: it converts"), wrong);
        let folders = std::iter::once(("base", "base".to_owned()))
            .chain(overlays.iter().map(|(name, _)| (*name, format!("overlays/{name}"))));
        let mut built = Vec::new();
        for (name, folder) in folders {
            let folder = self.work.join(&out).join(folder);
            let output =
                Command::new(&self.kustomize).arg("build").arg(&folder).stdin(Stdio::null()).output();
            let output = output.map_err(|error| error.to_string())?;
            let clean = output.status.success() && output.stderr.is_empty();
            let wrong = if clean { String::new() } else { words_of(&output) };
            self.holds(&format!("{line}: {name} builds without a word"), wrong);
            let other =
                Command::new(&self.kubectl).arg("kustomize").arg(&folder).stdin(Stdio::null()).output();
            let other = other.map_err(|error| error.to_string())?;
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
            let found = self.check(&["references"], &[path])?;
            let dangling: Vec<&str> = found.lines().filter(|line| !line.starts_with("provide")).collect();
            self.holds(&format!("{line}: references of {name}"), dangling.join("\n"));
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

    /// Document 001.
    fn portarium(&mut self) -> Result<(), String> {
        let bare = ["convert", "-f", "portarium/docker-compose.yml", "--to", "kustomize", "-o", "out-bare"];
        let output = self.transship(&bare)?;
        self.equals("001.1: without a profile", &output.status.code().unwrap_or(-1).to_string(), "2");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let profiles =
            ["auth", "authz", "authz-init", "baseline", "erp", "idp", "rate-limiting", "runtime", "tools"];
        let missing: Vec<&str> = profiles.into_iter().filter(|profile| !said.contains(profile)).collect();
        self.holds("001.1: the profiles are named", missing.join(", "));
        let named = if said.contains("empty-project") { "" } else { "another rule" };
        self.holds("001.1: the rule", named);
        let there = if self.work.join("out-bare").exists() { "it is there" } else { "" };
        self.holds("001.1: no folder", there);

        self.stand_in("portarium-files", &self.work.join("portarium"))?;
        let words = [
            "-f",
            "portarium/docker-compose.yml",
            "-f",
            "portarium/docker-compose.local.yml",
            "--profile",
            "*",
            "--image-map",
            "portarium-local-api=ghcr.io/example/portarium-api:1.0.0",
            "--image-map",
            "portarium-local-worker=ghcr.io/example/portarium-worker:1.0.0",
        ];
        let overlays = [
            ("dev", "portarium.dev.yaml"),
            ("staging", "portarium.staging.yaml"),
            ("prod", "portarium.prod.yaml"),
        ];
        let built = self.tree("001.3", &words, &overlays)?;
        let (api, worker) = ("Deployment/portarium-local/api", "Deployment/portarium-local/worker");
        let (store, grafana) =
            ("StatefulSet/portarium-local/evidence-store", "StatefulSet/portarium-local/grafana");
        let differ: [(&str, &[&str]); 3] =
            [("dev", &[]), ("staging", &[api, worker]), ("prod", &[api, worker, store, grafana])];
        self.overlays("001.4", &built, &differ)?;
        let base = built.first().map(|(_, path)| path.clone()).ok_or("nothing was built")?;
        self.ports("001.6", &base, "ports/001.txt")?;
        let place = "spec.template.spec.containers[0].args";
        let found = self.check(&["get", "Deployment/rate-limit-store", place], &[&base])?;
        self.json("001.8", &found, r#"["redis-server", "--save", "", "--appendonly", "no"]"#);
        self.never("001.10", "out-001.3", &["portarium-root-token", "portarium-dev-token", "portarium123"])
    }

    /// Document 003.
    fn circle_core(&mut self) -> Result<(), String> {
        let folder = self.work.join("circle-core/deployment/docker");
        self.stand_in("circle-core-files", &folder)?;
        let variables = self.inputs.join("circle-core.env").display().to_string();
        let words = [
            "-f",
            "circle-core/deployment/docker/docker-compose.prod.yml",
            "--env-file",
            &variables,
            "--image-map",
            "circle-core=ghcr.io/example/circle-core",
        ];
        let overlays = [
            ("development", "circle-core.development.yaml"),
            ("staging", "circle-core.staging.yaml"),
            ("production", "circle-core.production.yaml"),
        ];
        let built = self.tree("003.2", &words, &overlays)?;
        let api: &[&str] = &["Deployment/docker/circle-core-api"];
        self.overlays("003.2", &built, &[("development", api), ("staging", api), ("production", api)])?;
        let base = built.first().map(|(_, path)| path.clone()).ok_or("nothing was built")?;
        for (name, path) in &built {
            let hosts = "circle-core-api,redis,postgres,nginx,prometheus,grafana";
            let found = self.check(&["names", hosts], &[path])?;
            self.holds(&format!("003.2: names of {name}"), found.trim());
            let expected = match name.as_str() {
                "development" => "1\n",
                "production" => "3\n",
                _ => "2\n",
            };
            let found = self.check(&["get", "Deployment/circle-core-api", "spec.replicas"], &[path])?;
            self.equals(&format!("003.3: replicas of {name}"), &found, expected);
        }
        let place = "spec.template.spec.containers[0].args";
        let found = self.check(&["get", "StatefulSet/redis", place], &[&base])?;
        let expected = r#"["redis-server", "--appendonly", "yes", "--requirepass", "$(REDIS_PASSWORD)"]"#;
        self.json("003.4", &found, expected);
        self.never("003.4", "out-003.2", &["canary-"])?;
        for (mounted, file) in [
            ("/etc/nginx/nginx.conf", "nginx/nginx.conf"),
            ("/etc/nginx/conf.d/circle-core.conf", "nginx/conf.d/circle-core.conf"),
        ] {
            let found = self.check(&["mount", "StatefulSet/nginx", mounted], &[&base])?;
            let source =
                std::fs::read_to_string(folder.join(file)).map_err(|error| format!("{file}: {error}"))?;
            let wrong = if found == source { "" } else { "other bytes than the source" };
            self.holds(&format!("003.6: {mounted}"), wrong);
        }
        self.ports("003.7", &base, "ports/003.txt")?;
        let mut again = vec!["convert"];
        again.extend(words);
        again.extend(["--to", "kustomize", "-o", "out-003.2", "--check"]);
        let flags =
            overlays.map(|(name, file)| format!("--overlay={name}={}", self.inputs.join(file).display()));
        again.extend(flags.iter().map(String::as_str));
        let output = self.transship(&again)?;
        let wrong = if output.status.success() { String::new() } else { words_of(&output) };
        self.holds("003.9: nothing has drifted", wrong);
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

    /// One value, written as JSON.
    fn json(&mut self, line: &str, found: &str, expected: &str) {
        let value = |text: &str| serde_json::from_str::<Value>(text.trim()).unwrap_or(Value::Null);
        let wrong =
            if value(found) == value(expected) { String::new() } else { format!("it is {}", found.trim()) };
        self.holds(line, wrong);
    }
}

fn words_of(output: &Output) -> String {
    let words = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    format!("{}: {}", output.status, String::from_utf8_lossy(&words).trim())
}
