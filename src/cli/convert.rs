//! `convert`: the objects that stand for a project, printed or in a folder.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use super::args::Convert;
use super::conversion::Conversion;
use super::error::Error;
use super::folder::{Folder, Step};
use super::output::Output;
use super::overlays::{self, Beside};
use super::pipeline::{self, Assessed, Given};
use super::selection::Ground;
use super::settings::{Book, Settings};
use super::{Outcome, clock, config, disk, named, project, trial};
use crate::convert::Purpose;
use crate::convert::options::{Form, Options};
use crate::diag::{Finding, Level};
use crate::lint::{self, levels::Levels};
use crate::plan::Plan;
use crate::plan::difference::Variant;
use crate::plan::ledger::Verdict;
use crate::plan::object::Object;
use crate::render::helm::values::Lines;
use crate::render::{helm, kustomize, manifests, secrets_example};
use crate::report::{self, Format, changes, conversion, difference};
use crate::resolve::Resolved;
use crate::resolve::discover::{Selection, Target};
use crate::source::reader::Reader;

/// A project and what it converts to.
pub(super) struct Converted {
    /// The project.
    pub(super) resolved: Resolved,
    /// What stands for it.
    pub(super) plan: Plan,
    /// What is to be said, levels applied.
    pub(super) findings: Vec<Finding>,
    /// What the flags say.
    pub(super) options: Options,
}

impl Converted {
    /// Its side of a comparison.
    pub(super) fn side(&self) -> difference::Side<'_> {
        difference::Side { plan: &self.plan, files: &self.resolved.files }
    }
}

/// What a command line asks for, converted.
pub(super) struct Loaded {
    /// Which project it is.
    pub(super) selection: Selection,
    /// What flags and settings say of it.
    pub(super) choices: Choices,
    /// The project and what it converts to.
    pub(super) converted: Converted,
    /// Its overlays and components.
    pub(super) beside: Vec<Beside>,
}

/// What flags and settings say of a project.
pub(super) struct Choices {
    /// The settings.
    pub(super) settings: Arc<Settings>,
    options: Options,
    levels: Levels,
    purpose: Purpose,
}

impl Choices {
    /// How much each rule matters.
    pub(super) fn levels(&self) -> &Levels {
        &self.levels
    }

    /// What the flags say of the conversion.
    pub(super) fn options(&self) -> &Options {
        &self.options
    }

    /// What they say of a project that was loaded.
    ///
    /// # Errors
    /// When the settings cannot be used.
    pub(super) fn of(
        flags: &Conversion,
        target: &Target,
        resolved: &Resolved,
        ground: &Ground,
    ) -> Result<Self, Error> {
        let settings = Book::open(flags, ground)?.of(&resolved.project.directory)?;
        let file = project::first_file(target, resolved, &ground.selection.standpoint);
        let options = flags.options(&settings, &file, clock::today()?)?;
        let levels = flags.levels(&settings, &file);
        Ok(Self { settings, options, levels, purpose: Purpose::Output })
    }
}

/// Runs the command.
///
/// # Errors
/// When a path cannot be read, nothing is found, or the output cannot be written.
pub fn run(arguments: &Convert, output: &mut Output) -> Result<Outcome, Error> {
    let mut ground = Ground::new(&arguments.project)?;
    let files = &arguments.project.files;
    let (path, flags) = (arguments.path.as_deref(), &arguments.conversion);
    let loaded = load_for(Some(arguments), path, files, flags, &mut ground, output)?;
    let Some(Loaded { converted, choices, beside, selection: _ }) = loaded else {
        return Ok(Outcome::Unloadable);
    };
    if let Some(path) = &arguments.report {
        disk::write(path, &report_of(&converted, &beside))?;
    }
    let plan = &converted.plan;
    let mut wrong = errors(&converted.resolved, &converted.findings, output);
    for one in &beside {
        wrong |= errors(&one.converted.resolved, &one.findings, output);
    }
    let refused = plan.left_out.iter().any(|entry| entry.rule.is_some())
        || beside.iter().any(|one| one.left_out(plan).iter().any(|entry| entry.rule.is_some()));
    let outcome = if refused || wrong { Outcome::Findings } else { Outcome::Clean };
    if (arguments.strict || choices.settings.convert.strict) && refused {
        output.remark("nothing is written, because not everything converts (`--strict`)\n");
        output.remark(&summary(&converted, None));
        return Ok(outcome);
    }
    if refused && services(plan) == 0 {
        output.remark("nothing is written, because no service converts\n");
        output.remark(&summary(&converted, None));
        return Ok(outcome);
    }
    let Some(path) = &arguments.out else {
        print(plan, output)?;
        output.remark(&summary(&converted, None));
        // The process ends soon: to give a large project back piece by piece would only take time.
        std::mem::forget(converted);
        return Ok(outcome);
    };
    let whole = folder(arguments, path, &converted, &beside, output)?;
    // The process ends soon: to give a large project back piece by piece would only take time.
    std::mem::forget((converted, beside));
    Ok(if whole { outcome } else { Outcome::Findings })
}

/// Says the errors that count; whether there are some.
fn errors(resolved: &Resolved, findings: &[Finding], output: &mut Output) -> bool {
    let counts = |finding: &&Finding| finding.level == Level::Error && finding.allowed.is_none();
    let errors: Vec<Finding> = findings.iter().filter(counts).cloned().collect();
    if !errors.is_empty() {
        output.remark(&report::render(Format::Text, &errors, &resolved.files, output.error_style));
    }
    !errors.is_empty()
}

/// Loads the one project that a command line names, and converts it; nothing when that cannot be, and why was said.
///
/// # Errors
/// When a path cannot be read, or nothing is found.
pub(super) fn load(
    path: Option<&Path>,
    files: &[PathBuf],
    flags: &Conversion,
    ground: &mut Ground,
    output: &mut Output,
) -> Result<Option<Loaded>, Error> {
    load_for(None, path, files, flags, ground, output)
}

/// As [`load`]; the command line of `convert` says what becomes of it.
fn load_for(
    arguments: Option<&Convert>,
    path: Option<&Path>,
    files: &[PathBuf],
    flags: &Conversion,
    ground: &mut Ground,
    output: &mut Output,
) -> Result<Option<Loaded>, Error> {
    let target = config::target(path, files, ground)?;
    let selection = ground.at(target);
    let Some(resolved) = project::load(&selection, &ground.named, ground.follow) else {
        return Err(config::nothing(path, &selection.target));
    };
    let mut choices = Choices::of(flags, &selection.target, &resolved, ground)?;
    // What is a folder has no place in a stream; that is said before anything is converted.
    if arguments.is_some_and(|arguments| arguments.out.is_none()) && choices.options.form != Form::Manifests {
        return Err(Error::Unprintable);
    }
    let wanted = overlays::wanted(flags, &choices.settings, choices.options.form)?;
    let read = overlays::read(wanted, &selection, &resolved, ground)?;
    let is_reported = arguments.is_none_or(|arguments| arguments.report.is_some());
    if !is_reported && choices.options.form != Form::Helm && read.is_empty() {
        choices.purpose = Purpose::Objects;
    }
    named::check(flags, std::iter::once(&resolved).chain(read.iter().map(|read| &read.resolved)))?;
    choices.options.most_replicas = overlays::most_replicas(&resolved, &read);
    let reader = ground.reader(&resolved.project.directory);
    let Some(mut converted) = plan(resolved, &choices, ground, &reader, output) else { return Ok(None) };
    if converted.options.form == Form::Helm {
        let mut fixed = trial::misleading(&converted.plan, &selection, &choices, ground);
        fixed.extend(overlays::misleading(&read, &choices, ground, output));
        choices.options.fixed = fixed;
        let again = (!choices.options.fixed.is_empty())
            .then(|| project::load(&selection, &ground.named, ground.follow))
            .flatten();
        if let Some(resolved) = again {
            let Some(settled) = plan(resolved, &choices, ground, &reader, output) else { return Ok(None) };
            converted = settled;
        }
    }
    let mut beside = overlays::plans(read, &converted, &choices, ground, output);
    if let Some(beside) = beside.as_mut().filter(|_| converted.options.form == Form::Helm) {
        overlays::vary(&mut converted.plan, beside, &choices.levels);
    }
    Ok(beside.map(|beside| Loaded { selection, choices, converted, beside }))
}

/// Converts a project that was loaded, with the files that `reader` shows; nothing when that cannot be, and why was
/// said.
pub(super) fn plan(
    resolved: Resolved,
    choices: &Choices,
    ground: &Ground,
    reader: &dyn Reader,
    output: &mut Output,
) -> Option<Converted> {
    let Choices { settings, options, levels, purpose } = choices;
    let standpoint = &ground.selection.standpoint;
    let Assessed { resolved, findings, used: _, plan } = pipeline::assess(
        resolved,
        &Given {
            purpose: *purpose,
            options,
            metadata: &settings.metadata,
            reader,
            standpoint,
            trusted_registries: &settings.trusted_registries,
            levels,
        },
    );
    let findings = match purpose {
        Purpose::Objects => lint::errors(findings, levels),
        Purpose::Output | Purpose::Lint => lint::run(findings, levels.clone()),
    };
    let Some(plan) = plan else {
        let errors: Vec<Finding> =
            findings.into_iter().filter(|finding| finding.level == Level::Error).collect();
        output.remark(&report::render(Format::Text, &errors, &resolved.files, output.error_style));
        return None;
    };
    Some(Converted { resolved, plan, findings, options: options.clone() })
}

fn report_of(converted: &Converted, beside: &[Beside]) -> String {
    let Converted { resolved, plan, findings, options } = converted;
    let overlays: Vec<Value> = beside.iter().map(|one| one.report(converted)).collect();
    conversion::render(plan, findings, &resolved.files, &resolved.project.origins, options.posture, overlays)
}

/// Prints all objects.
fn print(plan: &Plan, output: &mut Output) -> Result<(), Error> {
    /// So many objects are one piece: less would not pay for a thread.
    const PIECE: usize = 512;
    let pieces: Vec<(usize, &[Object])> = plan.objects.chunks(PIECE).enumerate().collect();
    output.write_all(&pieces, |(at, objects)| {
        let text = manifests::stream(objects);
        if *at == 0 { text } else { format!("{}{text}", manifests::SEPARATOR) }
    })
}

/// The files of a folder.
pub(super) fn files(converted: &Converted, beside: &[Beside]) -> BTreeMap<String, String> {
    let Converted { resolved, plan, options, findings: _ } = converted;
    let plan = &*overlays::joined(plan, beside);
    let variants: Vec<Variant<'_>> = beside.iter().map(Beside::variant).collect();
    let mut files = match options.form {
        Form::Manifests => manifests::files(plan),
        Form::Kustomize => kustomize::files(plan, &variants),
        Form::Helm => {
            let overlays: Vec<_> = beside.iter().filter_map(Beside::chosen).collect();
            let folder = &resolved.project.directory;
            let lines = Lines { files: &resolved.files, standpoint: &resolved.standpoint, folder };
            helm::files(plan, lines, &overlays)
        }
    };
    if let Some(text) = secrets_example::text(plan, options.form == Form::Helm) {
        files.insert(secrets_example::FILE.to_owned(), text);
    }
    files
}

/// Writes a folder, or says what would be written; whether it then holds all of it.
fn folder(
    arguments: &Convert,
    path: &Path,
    converted: &Converted,
    beside: &[Beside],
    output: &mut Output,
) -> Result<bool, Error> {
    let files = files(converted, beside);
    let folder = Folder::open(path)?;
    let steps = folder.steps(&files, arguments.force);
    let name = path.display().to_string();
    let name = name.trim_end_matches('/');
    if arguments.diff {
        output.write(&changes::text(&folder.edited(&steps, &files, Path::new(name))))?;
        return Ok(true);
    }
    if arguments.check {
        for (file, step) in steps.iter().filter(|(_, step)| **step != Step::Keep) {
            let words = match step {
                Step::Add => "is missing",
                Step::Change => "is out of date",
                Step::Remove => "is no longer needed",
                Step::Foreign => "was changed by hand",
                Step::Keep => continue,
            };
            output.write(&format!("{name}/{file} {words}\n"))?;
        }
        return Ok(steps.values().all(|step| *step == Step::Keep));
    }
    folder.write(&files, &steps)?;
    output.remark(&summary(converted, Some(name)));
    for one in beside {
        output.remark(&one.summary(&converted.plan));
    }
    let mut whole = true;
    for (file, _) in steps.iter().filter(|(_, step)| **step == Step::Foreign) {
        whole = false;
        output.remark(&format!("  kept       {name}/{file}   it was changed by hand; --force replaces it\n"));
    }
    Ok(whole)
}

/// How many services have objects.
fn services(plan: &Plan) -> usize {
    let gone: BTreeSet<_> = plan.left_out.iter().map(|entry| &entry.service).collect();
    let services: BTreeSet<_> = plan.objects.iter().flat_map(|object| &object.owners).collect();
    services.difference(&gone).count()
}

/// What was written, what was left out, what differs, and what is to be done next.
fn summary(converted: &Converted, folder: Option<&str>) -> String {
    let Converted { resolved, plan, .. } = converted;
    let count = |number: usize, word: &str| format!("{number} {word}{}", if number == 1 { "" } else { "s" });
    let objects = count(plan.objects.len(), "object");
    let services = count(services(plan), "service");
    let mut text = match folder {
        Some(folder) => format!("wrote {folder}/: {objects} for {services}\n"),
        None => format!("{objects} for {services}\n"),
    };
    let width = plan.left_out.iter().map(|entry| entry.service.chars().count()).max().unwrap_or(0);
    for entry in &plan.left_out {
        let (name, place) = (&entry.service, resolved.files.start(entry.span));
        let file = &resolved.files.file(entry.span.file).name;
        match entry.rule {
            Some(rule) => {
                text.push_str(&format!("  left out   {name:width$}   {} ({file}:{})\n", rule.0, place.line));
            }
            None => text.push_str(&format!("  left out   {name:width$}   on purpose\n")),
        }
    }
    let differs = |verdict| matches!(verdict, Some(Verdict::Approximated | Verdict::Dropped));
    let different = plan.ledger.iter().filter(|row| differs(row.verdict)).count();
    if different > 0 {
        let all = plan.ledger.len();
        text.push_str(&format!("  differs    {}   --report lists all {all}\n", count(different, "value")));
    }
    let secrets: BTreeSet<_> = plan.secrets.iter().map(|key| (&key.namespace, &key.secret)).collect();
    if !secrets.is_empty() {
        let next = match folder {
            Some(folder) => format!("`{folder}/{}` says which keys to create", secrets_example::FILE),
            None => "`-o FOLDER` writes which keys to create".to_owned(),
        };
        text.push_str(&format!("  to do      {}   {next}\n", count(secrets.len(), "secret")));
    }
    text
}
