//! The bench: whole processes, medians and peak memory, in proportion to a bare process start of the same run.

mod conversions;
mod generate;
mod hostile;
mod measure;
mod peers;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::{oracles::toolchain, place};
use measure::{Measure, in_turn};

const SMALL: &str = "services:\n  web:\n    image: nginx:1.27\n    ports:\n      - \"8080:80\"\n";

/// Times everything that can be timed here, prints the table and writes it to `target/bench.md`.
pub(crate) fn run(arguments: &[String]) -> Result<(), String> {
    let options = Options::of(arguments)?;
    let transship = place::transship()?;
    let scratch = place::target().join("bench");
    let small = scratch.join("small/compose.yaml");
    let large = scratch.join("large/compose.yaml");
    write(&small, SMALL)?;
    write(&large, &generate::large())?;
    let tool = |arguments: &[&str], path: Option<&Path>| {
        let (transship, arguments) = (transship.clone(), arguments.iter().map(|&word| word.to_owned()));
        let arguments: Vec<String> = arguments.collect();
        let path = path.map(Path::to_owned);
        move || {
            let mut command = Command::new(&transship);
            command.args(&arguments).args(&path);
            command
        }
    };

    let bare = || Command::new("true");
    let names = ["bare process start (`true`)", "`transship --version`", "lint of one small file"];
    let quick = in_turn(&[&bare, &tool(&["--version"], None), &tool(&["lint"], Some(&small))], options.runs)?;
    let mut table = Table { start: quick[0].median, rows: Vec::new() };
    for (name, measure) in names.iter().zip(quick) {
        table.add(name, measure);
    }
    let size = std::fs::metadata(&large).map_err(|error| error.to_string())?.len();
    let read = ["lint", "--select", "invalid-compose,broken-reference,unresolved-variable"];
    let heavy = in_turn(
        &[&tool(&["lint"], Some(&large)), &tool(&read, Some(&large)), &tool(&["config"], Some(&large))],
        options.few(),
    )?;
    for (name, measure) in ["lint", "lint for what reading says", "config"].iter().zip(heavy) {
        table.add(&format!("{name} of 10,000 services, {:.1} MB", size as f64 / 1e6), measure);
    }
    let mut breaches = Vec::new();
    breaches.extend(conversions::run(&mut table, &options, &transship, &scratch)?);
    if options.full {
        let folder = scratch.join("hostile");
        for (name, text) in hostile::inputs() {
            let path = folder.join(name.replace([' ', ',', '`'], "-")).join("compose.yaml");
            write(&path, &text)?;
            for measure in in_turn(&[&tool(&["lint"], Some(&path))], options.few())? {
                breaches.extend(hostile::breach(name, &measure));
                table.add(&format!("hostile: {name}, {:.1} MB", text.len() as f64 / 1e6), measure);
            }
        }
    } else {
        println!("did not run: the hostile inputs (they come with --full)");
    }
    match place::corpus()? {
        Some(corpus) => {
            for measure in in_turn(&[&tool(&["lint"], Some(&corpus))], 3)? {
                table.add("lint of the dev corpus in one process", measure);
            }
            match docker_compose(&options)? {
                Some(judge) => versus(&mut table, &corpus, &transship, &judge)?,
                None => println!("did not run: the race with docker compose (build it with --full)"),
            }
            if options.full {
                peers::run(&mut table, &corpus, &transship, &scratch)?;
            } else {
                println!("did not run: the race with other linters (it comes with --full)");
            }
        }
        None => println!("did not run: the dev corpus (../shared/corpus/dev.tar.xz is missing)"),
    }

    let text = table.text();
    print!("{text}");
    let page = place::target().join("bench.md");
    std::fs::write(&page, text).map_err(|error| format!("{}: {error}", page.display()))?;
    if breaches.is_empty() { Ok(()) } else { Err(breaches.join("\n")) }
}

/// Config of many accepted files, one process each, ours and docker compose's in turn.
fn versus(table: &mut Table, corpus: &Path, transship: &Path, judge: &Path) -> Result<(), String> {
    const FILES: usize = 60;
    let manifest = corpus.join("MANIFEST.tsv");
    let rows =
        std::fs::read_to_string(&manifest).map_err(|error| format!("{}: {error}", manifest.display()))?;
    let files: Vec<&str> = rows.lines().skip(1).filter_map(|row| row.split('\t').next()).collect();
    let step = (files.len() / FILES).max(1);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for file in files.iter().step_by(step) {
        let file = corpus.join(file);
        let mut judge = Command::new(judge);
        judge.arg("-f").arg(&file).args(["config", "--format", "json"]);
        theirs.push(measure::once(&mut judge)?);
        let mut tool = Command::new(transship);
        tool.args(["config", "--format", "json", "-f"]).arg(&file);
        ours.push(measure::once(&mut tool)?);
    }
    let count = ours.len();
    let (ours, theirs) = (Measure::of(ours), Measure::of(theirs));
    let times = theirs.median.as_secs_f64() / ours.median.as_secs_f64();
    table.add(&format!("config of one corpus file, {count} files"), ours);
    table.add(&format!("the same with docker compose ({times:.0} times ours)"), theirs);
    Ok(())
}

fn docker_compose(options: &Options) -> Result<Option<PathBuf>, String> {
    let built = toolchain::folder().join("docker-compose");
    if built.is_file() {
        return Ok(Some(built));
    }
    if options.full { toolchain::docker_compose().map(Some) } else { Ok(None) }
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    let folder = path.parent().expect("the path has a folder");
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(path, text))
        .map_err(|error| format!("{}: {error}", path.display()))
}

struct Table {
    start: Duration,
    rows: Vec<(String, Measure)>,
}

impl Table {
    fn add(&mut self, name: &str, measure: Measure) {
        self.rows.push((name.to_owned(), measure));
    }

    fn text(&self) -> String {
        let mut text =
            "| what | median | times a bare start | peak memory | runs |\n|---|--:|--:|--:|--:|\n".to_owned();
        for (name, measure) in &self.rows {
            let milliseconds = measure.median.as_secs_f64() * 1e3;
            let ratio = measure.median.as_secs_f64() / self.start.as_secs_f64();
            let peak = measure.peak.map_or("–".to_owned(), |bytes| format!("{:.1} MB", bytes as f64 / 1e6));
            text += &format!("| {name} | {milliseconds:.2} ms | {ratio:.1} | {peak} | {} |\n", measure.runs);
        }
        text
    }
}

struct Options {
    full: bool,
    runs: usize,
}

impl Options {
    fn of(arguments: &[String]) -> Result<Self, String> {
        let mut options = Self { full: false, runs: 41 };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            match argument.as_str() {
                "--full" => options.full = true,
                "--runs" => {
                    let runs = rest.next().and_then(|runs| runs.parse().ok()).filter(|runs| *runs > 0);
                    options.runs = runs.ok_or("`--runs` needs a number")?;
                }
                other => return Err(format!("`cargo xtask bench` knows no `{other}`")),
            }
        }
        Ok(options)
    }

    /// Runs of what takes long.
    fn few(&self) -> usize {
        self.runs.min(7)
    }
}
