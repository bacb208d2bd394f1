//! The oracle lane: Compose's own loader answers the same questions as transship, and the answers are compared.

mod batch;
mod classes;
mod compare;
mod jobs;
mod lane;
pub(crate) mod toolchain;

use std::process::Command;

use crate::place;
use jobs::Job;

/// Compares over `testdata/resolve` and, where it is there, over the dev corpus.
pub(crate) fn run(arguments: &[String]) -> Result<(), String> {
    let options = Options::of(arguments)?;
    let oracle = toolchain::compose()?;
    let transship = place::transship()?;

    let mut jobs = jobs::cases(&place::root().join("testdata/resolve"))?;
    match place::corpus()? {
        Some(corpus) => jobs.extend(jobs::corpus(&corpus, (!options.full).then_some(SAMPLE))?),
        None => println!("did not run: the dev corpus (../shared/corpus/dev.tar.xz is missing)"),
    }
    if let Some(only) = &options.only {
        jobs.retain(|job| job.list == *only || job.id.contains(only.as_str()));
        if jobs.is_empty() {
            return Err(format!("no list and no project is named `{only}`"));
        }
    }
    if jobs.is_empty() {
        return Err("nothing to compare: `testdata/resolve` holds no case and there is no corpus".to_owned());
    }

    let theirs = batch::ask(&|| Command::new(&oracle), &jobs)?;
    let ours = batch::ask(
        &|| {
            let mut command = Command::new(&transship);
            command.args(["config", "--batch"]);
            command
        },
        &jobs,
    )?;
    lane::judge(&jobs, &ours, &theirs, &options)
}

/// How many files of the corpus the short run takes.
const SAMPLE: usize = 400;

/// What the caller asked for.
pub(crate) struct Options {
    /// The whole corpus instead of the sample.
    full: bool,
    /// One list, or the projects whose name contains this.
    only: Option<String>,
    /// Print every difference, place by place.
    list_differences: bool,
}

impl Options {
    fn of(arguments: &[String]) -> Result<Self, String> {
        let mut options = Self { full: false, only: None, list_differences: false };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            match argument.as_str() {
                "--full" => options.full = true,
                "--list-differences" => options.list_differences = true,
                "--only" => options.only = Some(rest.next().ok_or("`--only` needs a name")?.clone()),
                other => return Err(format!("`cargo xtask oracles` knows no `{other}`")),
            }
        }
        Ok(options)
    }
}
