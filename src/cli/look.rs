//! A look at each project of a run of `lint`: loaded, converted, asked by every rule.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};

use super::args::lint::Lint;
use super::changes::Seen;
use super::error::{Error, Searched};
use super::exceptions;
use super::mend::{self, Fixable};
use super::merge::Merged;
use super::overlay::{Overlay, Texts};
use super::pipeline::{self, Assessed, Given};
use super::project;
use super::selection::Ground;
use super::settings::{Book, Settings};
use crate::compose::project::Project;
use crate::config::{self, Paths};
use crate::convert::Purpose;
use crate::diag::Finding;
use crate::diag::allowance::Used;
use crate::diag::date::Date;
use crate::lint;
use crate::lint::levels::Levels;
use crate::plan::Plan;
use crate::resolve::Resolved;
use crate::resolve::context::printed_name;
use crate::resolve::discover::Target;
use crate::source::files::Files;

/// What the projects of a run have in common.
pub struct Run<'r> {
    /// The flags.
    pub arguments: &'r Lint,
    /// The flags about projects.
    pub ground: &'r Ground,
    /// The settings.
    pub book: &'r Book,
    /// The day that it is.
    pub today: Date,
    /// The files that have changed, when only what they touch counts.
    pub changed: Option<BTreeSet<PathBuf>>,
}

/// What is to be said about one project; without levels at first.
struct Looked {
    files: Files,
    findings: Vec<Finding>,
    used: Used,
    settings: Arc<Settings>,
    file: PathBuf,
    directory: PathBuf,
    is_whole: bool,
    /// What it was made of; to give it back takes time.
    rest: (Project, Option<Plan>),
}

/// What a run has to say about the entries of one `transship.toml`.
struct Tally {
    settings: Arc<Settings>,
    used: BTreeSet<usize>,
    /// Whether every project could be converted.
    is_whole: bool,
    /// The folders of the projects.
    directories: BTreeSet<PathBuf>,
}

impl Run<'_> {
    /// What is to be said about all projects, and the files that it is about.
    ///
    /// # Errors
    /// When no Compose file was found, or settings cannot be used.
    pub fn look_at_all(&self, targets: &[Target]) -> Result<Merged, Error> {
        let looked = match targets {
            // One project is the case of a hook and of an editor: threads would take longer to start than it takes.
            [target] => vec![self.look_at(target)],
            many => many.par_iter().map(|target| self.look_at(target).map(lighter)).collect(),
        };
        let mut merged = Merged::default();
        let mut tallies: BTreeMap<PathBuf, Tally> = BTreeMap::new();
        for looked in looked {
            let Some(looked) = looked? else { continue };
            let Looked { files, findings, used, settings, file: _, directory, is_whole, rest } = looked;
            // The process ends soon: to give a large project back piece by piece would only take time.
            std::mem::forget(rest);
            merged.add(&files, findings, &used.words);
            let Some(source) = &settings.source else { continue };
            let tally = tallies.entry(source.folder.clone()).or_insert_with(|| Tally {
                settings: Arc::clone(&settings),
                used: BTreeSet::new(),
                is_whole: true,
                directories: BTreeSet::new(),
            });
            tally.used.extend(used.entries);
            tally.is_whole &= is_whole;
            tally.directories.insert(directory);
        }
        for tally in tallies.values() {
            self.judge_entries(tally, &mut merged);
        }
        Ok(merged)
    }

    /// What there is to say about a project; nothing when no change touches it.
    fn look_at(&self, target: &Target) -> Result<Option<Looked>, Error> {
        let Some(changed) = &self.changed else {
            return self
                .look_through(target, &Texts::new(), None, None)
                .map(|looked| Some(self.leveled(looked)));
        };
        let seen = Seen::default();
        let looked = self.look_through(target, &Texts::new(), Some(&seen), None)?;
        seen.note(&looked.file);
        looked.settings.source.iter().for_each(|source| seen.note(&source.path));
        Ok(seen.holds_any(changed).then(|| self.leveled(looked)))
    }

    fn leveled(&self, mut looked: Looked) -> Looked {
        lint::level(&mut looked.findings, &self.levels(&looked.settings, &looked.file));
        // Of all projects together they are brought into order once more, which is quick when each has been.
        lint::order(&mut looked.findings);
        looked
    }

    /// What there is to say about a project, some of whose files hold other texts; notes what was looked at. What `asked`
    /// switches off need not be looked for; without it, that is what the command line does not ask for.
    fn look_through(
        &self,
        target: &Target,
        texts: &Texts,
        seen: Option<&Seen>,
        asked: Option<&Levels>,
    ) -> Result<Looked, Error> {
        let Self { arguments, ground, book, today, changed: _ } = self;
        let standpoint = &ground.selection.standpoint;
        let reader = |folder: &Path| Overlay { disk: ground.reader(folder), texts, seen };
        let Some(mut resolved) = project::load_by(&ground.at(target.clone()), &reader) else {
            return Err(Error::NoProject(".".into(), Searched::Upwards));
        };
        of_the_last(&mut resolved, target, ground);
        let directory = resolved.project.directory.clone();
        let settings = book.of(&directory)?;
        let file = project::first_file(target, &resolved, standpoint);
        let mut options = arguments.conversion.options(&settings, &file, *today)?;
        options.no_allow = arguments.no_allow;
        let levels = self.levels(&settings, &file);
        let given = Given {
            purpose: Purpose::Lint,
            options: &options,
            metadata: &settings.metadata,
            reader: &reader(&directory),
            standpoint,
            trusted_registries: &settings.trusted_registries,
            levels: asked.unwrap_or(&levels),
        };
        let Assessed { resolved, findings, used, plan } = pipeline::assess(resolved, &given);
        let Resolved { files, project, .. } = resolved;
        let is_whole = plan.is_some();
        Ok(Looked { files, findings, used, settings, file, directory, is_whole, rest: (project, plan) })
    }

    /// A project as it would be with other texts in its files.
    ///
    /// # Errors
    /// When no Compose file was found, or settings cannot be used.
    pub(super) fn look_with(&self, target: &Target, texts: &Texts) -> Result<Fixable, Error> {
        let target = mend::renewed(target, texts, self.ground);
        let Looked { files, mut findings, settings, file, rest: (project, _), .. } =
            self.look_through(&target, texts, None, Some(&Levels::default()))?;
        let wanted = self.levels(&settings, &file);
        // What is not asked for is said as well when a fix is held against it; who selects a rule switches it on.
        let mut all = Levels { select: BTreeSet::new(), ignore: BTreeSet::new(), ..wanted.clone() };
        all.rules.retain(|slug, level| level.is_some() || !wanted.select.contains(slug));
        lint::level(&mut findings, &all);
        let mut model = config::json(&project, &files, Paths::Absolute);
        if let Some(model) = model.as_object_mut() {
            // What only holds anchors is in the model where the anchors lead.
            model.retain(|key, _| !key.starts_with("x-") || key == "x-transship");
        }
        Ok(Fixable { files, findings, wanted, model: model.to_string() })
    }

    fn levels(&self, settings: &Settings, file: &Path) -> Levels {
        let slugs = |names: &[crate::source::Text]| {
            names.iter().filter_map(|name| lint::rule(name)).map(|rule| rule.slug).collect()
        };
        Levels {
            select: slugs(&self.arguments.select),
            ignore: slugs(&self.arguments.ignore),
            ..self.arguments.conversion.levels(settings, file)
        }
    }

    /// Says what is wrong with the entries of a `transship.toml`.
    fn judge_entries(&self, tally: &Tally, merged: &mut Merged) {
        let Some(source) = &tally.settings.source else { return };
        let mut findings =
            exceptions::judge(&tally.settings, &tally.used, self.is_all(tally, &source.folder), self.today);
        lint::level(&mut findings, &self.levels(&tally.settings, &source.path));
        if !findings.is_empty() {
            merged.add(&source.files, findings, &BTreeSet::new());
        }
    }

    /// Whether the run looked at every project that a `transship.toml` of a folder is for.
    fn is_all(&self, tally: &Tally, folder: &Path) -> bool {
        let Lint { paths, project, conversion, .. } = self.arguments;
        let is_walked = paths.iter().any(|path| folder.starts_with(self.ground.absolute(path)));
        let is_own = paths.is_empty()
            && project.files.is_empty()
            && tally.directories.iter().all(|directory| directory == folder);
        let is_found = conversion.config.is_none();
        tally.is_whole && self.changed.is_none() && is_found && (is_walked || is_own)
    }
}

/// Without what it was made of: many projects at once would not fit into memory.
fn lighter(looked: Option<Looked>) -> Option<Looked> {
    looked.map(|looked| Looked { rest: (Project::default(), None), ..looked })
}

/// Of files that are named one by one, the first may be the base of other projects too: only of the last can be said
/// that a comment in it serves nobody.
fn of_the_last(resolved: &mut Resolved, target: &Target, ground: &Ground) {
    let Target::Files(inputs) = target else { return };
    let standpoint = &ground.selection.standpoint;
    let names: Vec<String> = inputs.iter().map(|input| printed_name(standpoint, &input.path)).collect();
    let Some((_, others)) = names.split_last() else { return };
    for suppression in &mut resolved.suppressions {
        suppression.whole_file &= !others.contains(&resolved.files.file(suppression.span.file).name);
    }
}
