//! `lint`: what is wrong with projects, and where.

use std::path::Path;

use super::args::lint::Lint;
use super::baseline::Baseline;
use super::error::{Error, Searched};
use super::look::Run;
use super::mend::{self, mend};
use super::output::Output;
use super::overlay::Texts;
use super::selection::{Ground, StandardInput};
use super::settings::Book;
use super::{Outcome, clock, disk, revision, walk};
use crate::diag::{Finding, Safety};
use crate::lint;
use crate::report::{self, Format, Style};
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
    let book = Book::open(&arguments.conversion, &ground)?;
    let targets = targets(arguments, &mut ground, &book, &mut stdin)?;
    stdin.used()?;
    let changed = match &arguments.changed_since {
        None => None,
        Some(name) => Some(revision::changed(&ground.selection.standpoint, name)?),
    };
    let run = Run { arguments, ground: &ground, book: &book, today: clock::today()?, changed };
    if let Some(safety) = arguments.mend.safety()
        && let Some(outcome) = fix(&run, &targets, safety, output)?
    {
        return Ok(outcome);
    }
    let (files, mut findings) = run.look_at_all(&targets)?.into_parts();
    lint::order(&mut findings);
    if let Some(path) = &arguments.write_baseline {
        return write_baseline(path, &findings, &files, &ground, output);
    }
    if let Some(path) = &arguments.baseline {
        let gone = Baseline::read(path, &ground)?.mark(&mut findings, &files);
        let is_all = arguments.select.is_empty() && arguments.ignore.is_empty();
        if gone > 0 && is_all {
            let (name, words) =
                (path.display(), if gone == 1 { "finding that is" } else { "findings that are" });
            output.remark(&format!(
                "{name} lists {gone} {words} gone; `--write-baseline {name}` takes them out\n"
            ));
        }
    }
    let findings = lint::gather(findings);
    let fails = findings.iter().any(|finding| finding.counts_from(arguments.fail_on.level()));
    for (format, path) in &arguments.output {
        disk::write(path, &rendered(format.format(), findings.clone(), &files, Style::default()))?;
    }
    output.write(&rendered(arguments.format.format(), findings, &files, output.style))?;
    Ok(if fails { Outcome::Findings } else { Outcome::Clean })
}

/// The findings in a format; what a person reads from the top is gathered once more.
fn rendered(format: Format, findings: Vec<Finding>, files: &Files, style: Style) -> String {
    let shown = if matches!(format, Format::Text) { lint::crowds(findings) } else { findings };
    let text = report::render(format, &shown, files, style);
    // The process ends soon: to give many findings back one by one would only take time.
    std::mem::forget(shown);
    text
}

/// Writes the baseline, of everything that is said and not allowed.
fn write_baseline(
    written: &Path,
    findings: &[Finding],
    files: &Files,
    ground: &Ground,
    output: &mut Output,
) -> Result<Outcome, Error> {
    let (text, number) = Baseline::text(findings, files, written, ground);
    disk::write(written, &text)?;
    let noun = if number == 1 { "finding" } else { "findings" };
    output.remark(&format!("wrote {}: {number} {noun}\n", written.display()));
    Ok(Outcome::Clean)
}

/// Makes the fixes, or shows them; nothing when what is left is still to be reported.
fn fix(
    run: &Run<'_>,
    targets: &[Target],
    safety: Safety,
    output: &mut Output,
) -> Result<Option<Outcome>, Error> {
    // What cannot be read at all is said by the report.
    let look = |target: &Target, texts: &Texts| run.look_with(target, texts).ok();
    let mended = mend(targets, run.ground, safety, &look);
    if run.arguments.mend.diff {
        let changes = mended.show(run.ground, output)?;
        return Ok(Some(if changes { Outcome::Findings } else { Outcome::Clean }));
    }
    if let Some(piped) = piped(targets) {
        let path = run.ground.absolute(&piped.path);
        let bytes = mended.text(&path).or(piped.text.as_deref()).unwrap_or_default();
        output.write(&String::from_utf8_lossy(bytes))?;
        mended.remark(output, "fixed");
        return Ok(Some(Outcome::Clean));
    }
    mended.write(output)?;
    Ok(None)
}

/// Standard input, when it is what is linted: what is mended of it is printed.
fn piped(targets: &[Target]) -> Option<&Input> {
    targets.iter().flat_map(mend::inputs).find(|input| input.text.is_some())
}

/// The projects: what the paths hold, what `-f` names, or what Compose would find.
fn targets(
    arguments: &Lint,
    ground: &mut Ground,
    book: &Book,
    stdin: &mut StandardInput,
) -> Result<Vec<Target>, Error> {
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
            let found = walked((&absolute, path), ground, book)?;
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

/// The projects of a folder, but for those that its settings pass over.
fn walked((folder, written): (&Path, &Path), ground: &Ground, book: &Book) -> Result<Vec<Target>, Error> {
    let settings = book.of(folder)?;
    let mut found = Vec::new();
    for target in walk::projects((folder, written), &ground.reader(folder), &|path| settings.excludes(path))?
    {
        let last = match &target {
            Target::File(input) => Some(input),
            Target::Files(inputs) => inputs.last(),
            Target::Here | Target::Folder(_) => None,
        };
        let Some(path) = last.map(|input| &input.path) else { continue };
        // A folder further down may have settings of its own.
        if !book.of(path.parent().unwrap_or(folder))?.excludes(path) {
            found.push(target);
        }
    }
    Ok(found)
}
