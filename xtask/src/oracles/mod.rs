//! The oracle lanes: real tools answer the same questions as transship, and the answers are compared.

pub(crate) mod acceptance;
mod apiserver;
mod batch;
mod cases;
mod classes;
mod compare;
pub(crate) mod control_plane;
mod convert;
mod coverage;
mod crds;
mod fixes;
pub(crate) mod forms;
pub(crate) mod install;
mod jobs;
mod lane;
mod matcher;
mod matrix;
pub(crate) mod packages;
mod page;
mod pipe;
mod pod_security;
mod pre_commit;
mod prevalence;
pub(crate) mod projects;
mod reports;
mod schema;
mod score;
pub(crate) mod toolchain;

use std::path::PathBuf;
use std::process::Command;

use crate::place;
use jobs::Job;

/// Runs all lanes, or the one that `--only` names; any other name picks projects of Compose's lane.
pub(crate) fn run(arguments: &[String]) -> Result<(), String> {
    let options = Options::of(arguments)?;
    let lane = apiserver::Lane { with_crds: options.with_crds, warn: options.warn, enforce: options.enforce };
    let sample = (!options.full).then_some(SAMPLE);
    match options.only.as_deref() {
        None => {
            compose(&options)?;
            apiserver::run(&[], lane)?;
            schema::run(false)?;
            pod_security::prove()?;
            matcher::prove()?;
            convert::run(sample)?;
            crds::run()?;
            matrix::run(sample)?;
            forms::run(sample)?;
            acceptance::run()?;
            install::run(options.full)?;
            fixes::run(sample)?;
            proofs()?;
            if options.full {
                coverage::run(false)?;
                prevalence::run(false)?;
            }
            score::run(&[], &place::root())?;
            reports::run()?;
            pre_commit::run()
        }
        Some("apiserver") => apiserver::run(&options.paths, lane),
        Some("schema") => schema::run(options.write),
        Some("pod-security") => pod_security::prove(),
        Some("convert") => convert::run(sample),
        Some("crds") => crds::run(),
        Some("coverage") => coverage::run(options.write),
        Some("prevalence") => prevalence::run(options.write),
        Some("matrix") => matrix::run(sample),
        Some("proofs") => proofs(),
        Some("acceptance") => acceptance::run(),
        Some("install") => install::run(options.full),
        Some("forms") => forms::run(sample),
        Some("fixes") => fixes::run(sample),
        Some("matcher") => matcher::prove(),
        Some("reports") => reports::run(),
        Some("pre-commit") => pre_commit::run(),
        Some("score") => score::run(&options.paths, &place::root()),
        Some(_) => compose(&options),
    }
}

/// Compares over `testdata/resolve` and, where it is there, over the dev corpus.
fn compose(options: &Options) -> Result<(), String> {
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
    lane::judge(&jobs, &ours, &theirs, options)
}

/// The proofs of `tests/proof` once more, over every twentieth project of the corpus.
fn proofs() -> Result<(), String> {
    let Some(corpus) = place::corpus()? else {
        println!("did not run: the proofs over the dev corpus (../shared/corpus/dev.tar.xz is missing)");
        return Ok(());
    };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    place::run(
        Command::new(cargo)
            .args(["test", "--quiet", "--test", "proof", "corpus"])
            .env("TRANSSHIP_CORPUS", corpus)
            .env("TRANSSHIP_CORPUS_STEP", "20")
            .current_dir(place::root()),
    )
}

/// How many files of the corpus the short run takes.
const SAMPLE: usize = 400;

/// What the caller asked for.
pub(crate) struct Options {
    /// The whole corpus instead of the sample.
    full: bool,
    /// One lane, one list of Compose's lane, or the projects whose name contains this.
    only: Option<String>,
    /// Print every difference, place by place.
    list_differences: bool,
    /// Write what the schema lane would compare.
    write: bool,
    /// The API server knows the further kinds that transship writes on request.
    with_crds: bool,
    /// The Pod Security level below which the API server warns.
    warn: Option<&'static str>,
    /// The API server refuses pods below this level, too.
    enforce: bool,
    /// The manifests to look at, where a lane takes some.
    paths: Vec<PathBuf>,
}

impl Options {
    fn of(arguments: &[String]) -> Result<Self, String> {
        let mut options = Self {
            full: false,
            only: None,
            list_differences: false,
            write: false,
            with_crds: false,
            warn: None,
            enforce: false,
            paths: Vec::new(),
        };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            match argument.as_str() {
                "--full" => options.full = true,
                "--list-differences" => options.list_differences = true,
                "--write" => options.write = true,
                "--with-crds" => options.with_crds = true,
                "--warn" => options.warn = Some(level(rest.next())?),
                "--enforce" => options.enforce = true,
                "--only" => options.only = Some(rest.next().ok_or("`--only` needs a name")?.clone()),
                path if !path.starts_with('-') => options.paths.push(PathBuf::from(path)),
                other => return Err(format!("`cargo xtask oracles` knows no `{other}`")),
            }
        }
        let takes_paths = matches!(options.only.as_deref(), Some("apiserver" | "score"));
        if !takes_paths && !options.paths.is_empty() {
            return Err("manifests are for `--only apiserver` and `--only score`".to_owned());
        }
        Ok(options)
    }
}

fn level(name: Option<&String>) -> Result<&'static str, String> {
    match name.map(String::as_str) {
        Some("baseline") => Ok("baseline"),
        Some("restricted") => Ok("restricted"),
        _ => Err("`--warn` needs `baseline` or `restricted`".to_owned()),
    }
}
