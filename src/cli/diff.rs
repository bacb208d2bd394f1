//! `diff`: what a change of the project does to the objects, or how a folder of manifests has drifted.

use std::path::{Path, PathBuf};

use super::args::{Diff, Difference};
use super::convert::{Converted, Loaded, files, load, plan};
use super::error::Error;
use super::folder::{Folder, Step};
use super::output::Output;
use super::overlays::{self, Beside};
use super::revision::Revision;
use super::selection::Ground;
use super::{Outcome, manifests, project};
use crate::convert::options::Form;
use crate::diag::Finding;
use crate::diff;
use crate::plan::object::Object;
use crate::read;
use crate::render::kustomize;
use crate::report::{changes, difference};
use crate::resolve::Input;
use crate::resolve::Resolved;
use crate::resolve::discover::{Selection, Target};
use crate::source::files::Files;
use crate::source::reader::{Failure, Kind, Reader};

/// Runs the command.
///
/// # Errors
/// When a path cannot be read, nothing is found, or the output cannot be written.
pub fn run(arguments: &Diff, output: &mut Output) -> Result<Outcome, Error> {
    let mut ground = Ground::new(&arguments.project)?;
    let flags = &arguments.conversion;
    let loaded = load(arguments.path.as_deref(), &arguments.project.files, flags, &mut ground, output)?;
    let Some(Loaded { selection, choices, converted: new, beside }) = loaded else {
        return Ok(Outcome::Unloadable);
    };
    if let Some(folder) = &arguments.with.against {
        let path = ground.absolute(folder);
        if ground.reader(&ground.selection.standpoint).kind(&path) == Kind::Missing {
            return Err(Error::Path(folder.clone(), Failure::Missing));
        }
        let form = new.options.form;
        if form == Form::Helm {
            return templates((&path, folder), &new, &beside, arguments.format, output);
        }
        let old = held(&objects_in(folder, form), &objects_in(&path, form), &new.plan.namespace)?;
        let changes = diff::changes(&old, &new.plan.objects);
        let stale = stale(&path, &new, &beside)?;
        let whole = difference::Difference { changes: &changes, old: None, new: new.side(), findings: &[] };
        output.write(&print(arguments.format, &whole))?;
        for file in &stale {
            let name = folder.join(file);
            output.remark(&format!("{} is not what would be written\n", name.display()));
        }
        let clean = changes.is_empty() && stale.is_empty();
        return Ok(if clean { Outcome::Clean } else { Outcome::Findings });
    }
    if !beside.is_empty() {
        output.remark(
            "what an overlay changes is not compared; name its files to see it: `-f compose.yaml -f compose.prod.yaml`\n",
        );
    }
    let base = arguments.with.base.as_deref().unwrap_or_default();
    let old = match earlier(base, &selection, &ground)? {
        Some((resolved, reader)) => {
            let old = plan(resolved, &choices, &ground, reader.as_ref(), output);
            let Some(old) = old else { return Ok(Outcome::Unloadable) };
            Some(old)
        }
        None => {
            output.remark(&format!("`{base}` has no such project: all of it is new\n"));
            None
        }
    };
    let known: &[Finding] = old.as_ref().map_or(&[], |old| &old.findings);
    let findings = overlays::fresh(known, &new.findings);
    let before = old.as_ref().map_or(&[][..], |old| &old.plan.objects);
    let changes = diff::changes(before, &new.plan.objects);
    let whole = difference::Difference {
        changes: &changes,
        old: old.as_ref().map(Converted::side),
        new: new.side(),
        findings: &findings,
    };
    output.write(&print(arguments.format, &whole))?;
    let fails = findings.iter().any(|finding| finding.counts_from(arguments.fail_on.level()));
    Ok(if fails { Outcome::Findings } else { Outcome::Clean })
}

fn print(format: Difference, whole: &difference::Difference<'_>) -> String {
    match format {
        Difference::Text => difference::text(whole),
        Difference::Json => difference::json(whole),
        Difference::Markdown => difference::markdown(whole),
    }
}

/// How a chart has drifted: its templates are no objects before somebody gives them values, so its files are compared.
fn templates(
    (path, folder): (&Path, &Path),
    new: &Converted,
    beside: &[Beside],
    format: Difference,
    output: &mut Output,
) -> Result<Outcome, Error> {
    let wanted = files(new, beside);
    let chart = Folder::open(path)?;
    let edited = chart.edited(&chart.steps(&wanted, false), &wanted, folder);
    output.write(&match format {
        Difference::Text => changes::text(&edited),
        Difference::Json => changes::json(&edited),
        Difference::Markdown => changes::markdown(&edited),
    })?;
    Ok(if edited.is_empty() { Outcome::Clean } else { Outcome::Findings })
}

/// Where the objects of a folder that was written stand.
fn objects_in(folder: &Path, form: Form) -> PathBuf {
    match form {
        Form::Manifests | Form::Helm => folder.to_path_buf(),
        Form::Kustomize => folder.join(kustomize::BASE),
    }
}

/// The files of a tree that hold no objects of the base, and are not what would be written: overlays and components
/// are patches, which say nothing without their base.
fn stale(folder: &Path, new: &Converted, beside: &[Beside]) -> Result<Vec<String>, Error> {
    if new.options.form != Form::Kustomize {
        return Ok(Vec::new());
    }
    let wanted = files(new, beside);
    let steps = Folder::open(folder)?.steps(&wanted, false);
    let base = format!("{}/", kustomize::BASE);
    // What is no longer an object of the base is seen by its objects.
    let is_apart = |file: &str| file.contains('/') && !file.starts_with(&base);
    let stale = steps.into_iter().filter(|(file, step)| *step != Step::Keep && is_apart(file));
    Ok(stale.map(|(file, _)| file).collect())
}

/// A project and the reader that shows its files.
type Shown = (Resolved, Box<dyn Reader>);

/// The project as it was: in another file or folder, or in a revision, whose files are those of that time; nothing when
/// the revision does not have it yet.
fn earlier(base: &str, selection: &Selection, ground: &Ground) -> Result<Option<Shown>, Error> {
    let path = ground.absolute(Path::new(base));
    let reader = ground.reader(&ground.selection.standpoint);
    let target = match reader.kind(&path) {
        Kind::Folder => Some(Target::Folder(path)),
        Kind::File => Some(Target::File(Input { path, text: None })),
        Kind::Other | Kind::Missing => None,
    };
    if let Some(target) = target {
        let resolved = project::load(&ground.at(target), &ground.named, ground.follow);
        let Some(resolved) = resolved else {
            return Err(Error::Base(base.to_owned(), "there is no Compose file in it".into()));
        };
        let reader = ground.reader(&resolved.project.directory);
        return Ok(Some((resolved, Box::new(reader))));
    }
    let folder = match &selection.target {
        Target::Folder(folder) => folder.clone(),
        Target::File(input) => parent(&input.path),
        Target::Files(inputs) => {
            inputs.first().map_or_else(|| selection.standpoint.clone(), |input| parent(&input.path))
        }
        Target::Here => selection.standpoint.clone(),
    };
    let revision = Revision::open(&folder, base)?;
    let is_there = |input: &Input| input.text.is_some() || revision.kind(&input.path) != Kind::Missing;
    let is_new = match &selection.target {
        Target::File(input) => !is_there(input),
        Target::Files(inputs) => !inputs.iter().any(is_there),
        Target::Folder(_) | Target::Here => false,
    };
    if is_new {
        return Ok(None);
    }
    let resolved = project::load_by(selection, &|_| revision.again());
    Ok(resolved.map(|resolved| (resolved, Box::new(revision) as Box<dyn Reader>)))
}

fn parent(path: &Path) -> PathBuf {
    path.parent().map_or_else(|| path.to_path_buf(), Path::to_path_buf)
}

/// The objects of all YAML files below a folder, in the order of their names.
fn held(written: &Path, absolute: &Path, home: &str) -> Result<Vec<Object>, Error> {
    let mut files = Files::default();
    let mut objects = Vec::new();
    for (name, text) in manifests::below(written, absolute)? {
        let id = files.add(name, text);
        let held = read::file(&files, id, home);
        objects.extend(held.objects.into_iter().map(|stood| stood.object));
    }
    Ok(objects)
}
