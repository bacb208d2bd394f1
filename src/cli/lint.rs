//! `lint`: what is wrong with projects, and where.

use std::path::Path;

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};

use super::args::Lint;
use super::error::{Error, Searched};
use super::mend::{self, Overlay, Seen, Texts, mend};
use super::merge::Merged;
use super::output::Output;
use super::pipeline::{self, Given, Purpose};
use super::selection::{Ground, StandardInput};
use super::{Outcome, disk, project, walk};
use crate::config::{self, Paths};
use crate::convert::options::Options;
use crate::diag::Finding;
use crate::image::metadata::Metadata;
use crate::lint;
use crate::report::{self, Style};
use crate::resolve::Input;
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
    let options = arguments.conversion.options();
    let metadata = arguments.conversion.metadata(&ground)?;
    if let Some(safety) = arguments.mend.safety() {
        let look = |target: &Target, texts: &Texts| look(target, texts, &ground, &options, &metadata);
        let mended = mend(&targets, &ground, safety, &look);
        if arguments.mend.diff {
            let changes = mended.show(&ground, output)?;
            return Ok(if changes { Outcome::Findings } else { Outcome::Clean });
        }
        if let Some(text) = piped(&targets) {
            let path = ground.absolute(&text.path);
            let bytes = mended.text(&path).or(text.text.as_deref()).unwrap_or_default();
            output.write(&String::from_utf8_lossy(bytes))?;
            mended.remark(output, "fixed");
            return Ok(Outcome::Clean);
        }
        mended.write(output)?;
    }
    let mut merged = Merged::default();
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
            &Given { purpose: Purpose::Lint, options, metadata, reader: &reader, standpoint },
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

/// A project as it would be with other texts.
fn look(
    target: &Target,
    texts: &Texts,
    ground: &Ground,
    options: &Options,
    metadata: &[Metadata],
) -> Option<Seen> {
    let target = mend::renewed(target, texts, ground);
    let reader = |folder: &Path| Overlay { disk: ground.reader(folder), texts };
    let resolved = project::load_by(&ground.at(target), &reader)?;
    let mut model = config::json(&resolved.project, &resolved.files, Paths::Absolute);
    if let Some(model) = model.as_object_mut() {
        // What only holds anchors is in the model where the anchors lead.
        model.retain(|key, _| !key.starts_with("x-") || key == "x-transship");
    }
    let model = model.to_string();
    let reader = reader(&resolved.project.directory);
    let standpoint = &ground.selection.standpoint;
    let purpose = Purpose::Lint;
    let assessed =
        pipeline::assess(resolved, &Given { purpose, options, metadata, reader: &reader, standpoint });
    let findings = lint::levelled(assessed.findings, options.posture);
    Some(Seen { files: assessed.resolved.files, findings, model })
}

/// Standard input, when it is what is linted: what is mended of it is printed.
fn piped(targets: &[Target]) -> Option<&Input> {
    targets.iter().flat_map(mend::inputs).find(|input| input.text.is_some())
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
