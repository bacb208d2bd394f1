//! `config`: the resolved project, or a part of it.

use std::path::{Path, PathBuf};

use super::args::{Config, Model};
use super::error::{Error, Searched};
use super::output::Output;
use super::selection::{Ground, StandardInput};
use super::{Outcome, project};
use crate::config::{self, Paths, lists};
use crate::diag::{Finding, Level, Posture, slugs};
use crate::lint;
use crate::report::{self, Format};
use crate::resolve::Resolved;
use crate::resolve::discover::Target;
use crate::source::reader::{Kind, Reader};

/// Runs the command.
///
/// # Errors
/// When a path cannot be read, nothing is found, or the output cannot be written.
pub fn run(arguments: &Config, output: &mut Output) -> Result<Outcome, Error> {
    let mut ground = Ground::new(&arguments.project)?;
    let target = target(arguments.path.as_deref(), &arguments.project.files, &mut ground)?;
    let selection = ground.at(target);
    let Some(mut resolved) = project::load(&selection, &ground.named, ground.follow) else {
        return Err(nothing(arguments.path.as_deref(), &selection.target));
    };
    let findings = lint::run(std::mem::take(&mut resolved.findings), Posture::Faithful);
    if resolved.refused || findings.iter().any(|finding| finding.slug == slugs::COVERAGE_GAP) {
        let reasons: Vec<Finding> =
            findings.into_iter().filter(|finding| finding.level == Level::Error).collect();
        output.remark(&report::render(Format::Text, &reasons, &resolved.files, output.error_style));
        return Ok(Outcome::Unloadable);
    }
    let louder: Vec<Finding> = findings.into_iter().filter(|finding| finding.level > Level::Note).collect();
    output.remark(&report::render(Format::Concise, &louder, &resolved.files, output.error_style));
    print(arguments, &resolved, output)?;
    // The process ends soon: to give a large project back piece by piece would only take time.
    std::mem::forget(resolved);
    Ok(Outcome::Clean)
}

/// That there is no project where the command looked.
pub(super) fn nothing(path: Option<&Path>, target: &Target) -> Error {
    match (path, target) {
        (Some(path), Target::Folder(_)) => Error::NoProject(path.to_path_buf(), Searched::Folder),
        _ => Error::NoProject(".".into(), Searched::Upwards),
    }
}

/// The one project that the command line names.
pub(super) fn target(path: Option<&Path>, files: &[PathBuf], ground: &mut Ground) -> Result<Target, Error> {
    let mut stdin = StandardInput::default();
    if !files.is_empty() {
        return ground.files(files, &mut stdin);
    }
    let Some(path) = path else { return Ok(Target::Here) };
    let absolute = ground.absolute(path);
    let reader = ground.reader(&ground.selection.standpoint);
    if path != Path::new("-") && reader.kind(&absolute) == Kind::Folder {
        return Ok(Target::Folder(absolute));
    }
    let input = ground.file(path, &mut stdin)?;
    Ok(super::walk::on_its_base(input, &reader))
}

/// Prints the project, or the part of it that is asked for.
fn print(arguments: &Config, resolved: &Resolved, output: &mut Output) -> Result<(), Error> {
    let asked = arguments.part;
    let project = &resolved.project;
    if asked.services {
        return output.write(&lists::services(project));
    } else if asked.images {
        return output.write(&lists::images(project));
    } else if asked.variable_names {
        return output.write(&lists::variables(project));
    } else if asked.profile_names {
        return output.write(&lists::profiles(project));
    }
    // What is printed is a Compose file again, as that of `docker compose config` is: a dollar sign must stay one.
    let doubled = |text: String| text.replace('$', "$$");
    match arguments.format {
        Model::Yaml => {
            let pieces = config::yaml(project, &resolved.files, asked.origins);
            output.write_all(&pieces, |piece| doubled(piece.text()))
        }
        Model::Json => {
            let model = config::json(project, &resolved.files, Paths::Relative);
            output.write(&doubled(format!("{model:#}\n")))
        }
    }
}
