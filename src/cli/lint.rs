//! `lint`: what is wrong with projects, and where.

use std::path::Path;

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};

use super::args::Lint;
use super::error::{Error, Searched};
use super::merge::Merged;
use super::output::Output;
use super::pipeline::{self, Assessed, Given, Purpose};
use super::selection::{Ground, StandardInput};
use super::settings::Book;
use super::{Outcome, clock, disk, project, walk};
use crate::diag::Finding;
use crate::diag::allowance::Used;
use crate::diag::date::Date;
use crate::lint;
use crate::report::{self, Style};
use crate::resolve::Resolved;
use crate::resolve::context::printed_name;
use crate::resolve::discover::Target;
use crate::source::files::Files;
use crate::source::reader::{Kind, Reader};

/// Runs the command.
///
/// # Errors
/// When a path cannot be read, nothing is found, or the output cannot be written.
pub fn run(arguments: &Lint, output: &mut Output) -> Result<Outcome, Error> {
    let mut ground = Ground::new(&arguments.project)?;
    let mut stdin = StandardInput::named(arguments.stdin_filename.clone());
    let targets = targets(arguments, &mut ground, &mut stdin)?;
    stdin.used()?;
    let book = Book::open(&arguments.conversion, &ground)?;
    let bench = Bench { arguments, ground: &ground, book: &book, today: clock::today()? };
    let mut merged = Merged::default();
    for looked in bench.look_at_all(&targets) {
        let Looked { files, findings, used } = looked?;
        merged.add(&files, findings, &used.words);
    }
    let (files, mut findings) = merged.into_parts();
    lint::order(&mut findings);
    let findings = lint::gather(findings);
    for (format, path) in &arguments.output {
        let text = report::render(format.format(), &findings, &files, Style::default());
        disk::write(path, &text)?;
    }
    output.write(&report::render(arguments.format.format(), &findings, &files, output.style))?;
    let fails = findings.iter().any(|finding| finding.counts_from(arguments.fail_on.level()));
    Ok(if fails { Outcome::Findings } else { Outcome::Clean })
}

/// What the projects of a run have in common.
struct Bench<'b> {
    arguments: &'b Lint,
    ground: &'b Ground,
    book: &'b Book,
    today: Date,
}

/// What is to be said about one project, levels applied.
struct Looked {
    files: Files,
    findings: Vec<Finding>,
    used: Used,
}

impl Bench<'_> {
    fn look_at_all(&self, targets: &[Target]) -> Vec<Result<Looked, Error>> {
        match targets {
            // One project is the case of a hook and of an editor: threads would take longer to start than it takes.
            [target] => vec![self.look_at(target)],
            many => many.par_iter().map(|target| self.look_at(target)).collect(),
        }
    }

    fn look_at(&self, target: &Target) -> Result<Looked, Error> {
        let Self { arguments, ground, book, today } = *self;
        let standpoint = &ground.selection.standpoint;
        let loaded = project::load(&ground.at(target.clone()), &ground.named, ground.follow);
        let Some(mut resolved) = loaded else {
            return Err(Error::NoProject(".".into(), Searched::Upwards));
        };
        of_the_last(&mut resolved, target, standpoint);
        let settings = book.of(&resolved.project.directory)?;
        let file = project::first_file(target, &resolved, standpoint);
        let options = arguments.conversion.options(&settings, &file, today);
        let reader = ground.reader(&resolved.project.directory);
        let metadata = &settings.metadata;
        let given =
            Given { purpose: Purpose::Lint, options: &options, metadata, reader: &reader, standpoint };
        let Assessed { resolved, mut findings, used, plan } = pipeline::assess(resolved, &given);
        lint::level(&mut findings, &arguments.conversion.levels(&settings, &file));
        let Resolved { files, project, .. } = resolved;
        // The process ends soon: to give a large project back piece by piece would only take time.
        std::mem::forget((project, plan));
        Ok(Looked { files, findings, used })
    }
}

/// Of files that are named one by one, the first may be the base of other projects too: only of the last can be said
/// that a comment in it serves nobody.
fn of_the_last(resolved: &mut Resolved, target: &Target, standpoint: &Path) {
    let Target::Files(inputs) = target else { return };
    let names: Vec<String> = inputs.iter().map(|input| printed_name(standpoint, &input.path)).collect();
    let Some((_, others)) = names.split_last() else { return };
    for suppression in &mut resolved.suppressions {
        suppression.whole_file &= !others.contains(&resolved.files.file(suppression.span.file).name);
    }
}

/// The projects: what the paths hold, what `-f` names, or what Compose would find.
fn targets(arguments: &Lint, ground: &mut Ground, stdin: &mut StandardInput) -> Result<Vec<Target>, Error> {
    if !arguments.project.files.is_empty() {
        return Ok(vec![ground.files(&arguments.project.files, stdin)?]);
    }
    if arguments.paths.is_empty() {
        return Ok(vec![Target::Here]);
    }
    let mut targets = Vec::new();
    for path in &arguments.paths {
        let absolute = ground.absolute(path);
        let reader = ground.reader(&ground.selection.standpoint);
        if path != Path::new("-") && reader.kind(&absolute) == Kind::Folder {
            let found = walk::projects(&absolute, &ground.reader(&absolute))?;
            if found.is_empty() {
                return Err(Error::NoProject(path.clone(), Searched::Downwards));
            }
            targets.extend(found);
        } else {
            let input = ground.file(path, stdin)?;
            targets.push(walk::on_its_base(input, &reader));
        }
    }
    Ok(targets)
}
