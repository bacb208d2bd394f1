//! `lint`: what is wrong with projects, and where.

use std::path::Path;

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};

use super::args::Lint;
use super::error::{Error, Searched};
use super::merge::Merged;
use super::output::Output;
use super::pipeline::{self, Given, Purpose};
use super::selection::{Ground, StandardInput};
use super::{Outcome, disk, project, walk};
use crate::convert::options::Options;
use crate::diag::Finding;
use crate::image::metadata::Metadata;
use crate::lint;
use crate::report::{self, Style};
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
    let mut merged = Merged::default();
    let options = arguments.conversion.options();
    let metadata = arguments.conversion.metadata(&ground)?;
    for said in assess_all(&targets, &ground, &options, &metadata) {
        let Some((files, findings)) = said else {
            return Err(Error::NoProject(".".into(), Searched::Upwards));
        };
        merged.add(&files, findings);
    }
    let findings = lint::run(merged.findings, options.posture);
    for (format, path) in &arguments.output {
        let text = report::render(format.format(), &findings, &merged.files, Style::default());
        disk::write(path, &text)?;
    }
    output.write(&report::render(arguments.format.format(), &findings, &merged.files, output.style))?;
    let fails = findings.iter().any(|finding| finding.level >= arguments.fail_on.level());
    Ok(if fails { Outcome::Findings } else { Outcome::Clean })
}

/// What is to be said about each project; nothing where no Compose file was found.
fn assess_all(
    targets: &[Target],
    ground: &Ground,
    options: &Options,
    metadata: &[Metadata],
) -> Vec<Option<(Files, Vec<Finding>)>> {
    let assess = |target: &Target| {
        let resolved = project::load(&ground.at(target.clone()), &ground.named, ground.follow)?;
        let reader = ground.reader(&resolved.project.directory);
        let standpoint = &ground.selection.standpoint;
        Some(pipeline::assess(
            resolved,
            &Given {
                purpose: Purpose::Lint,
                options,
                metadata,
                reader: &reader,
                standpoint,
                trusted_registries: &[],
            },
        ))
    };
    match targets {
        // One project is the case of a hook and of an editor: threads would take longer to start than it takes.
        [target] => vec![assess(target).map(|assessed| {
            // The process ends soon: to give a large project back piece by piece would only take time.
            std::mem::forget((assessed.resolved.project, assessed.plan));
            (assessed.resolved.files, assessed.findings)
        })],
        many => many
            .par_iter()
            .map(|target| assess(target).map(|assessed| (assessed.resolved.files, assessed.findings)))
            .collect(),
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
