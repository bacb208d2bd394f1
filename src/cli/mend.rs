//! `lint --fix`: makes the fixes that can be proved, in the files where they belong.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};

use super::disk;
use super::error::Error;
use super::output::Output;
use super::overlay::Texts;
use super::selection::Ground;
use crate::diag::{Finding, Fix, Level, Safety, Slug};
use crate::fix;
use crate::lint;
use crate::lint::levels::Levels;
use crate::report::changes;
use crate::resolve::Input;
use crate::resolve::discover::Target;
use crate::source::files::Files;
use crate::source::reader::Reader;
use crate::source::span::FileId;

/// So often a project is looked at again: fixes that touch each other wait for their turn.
const ROUNDS: usize = 100;

/// A project as it would be read.
pub(super) struct Fixable {
    /// Its files.
    pub(super) files: Files,
    /// What is to be said, levels applied, nothing gathered.
    pub(super) findings: Vec<Finding>,
    /// Of which rules fixes are asked for.
    pub(super) wanted: Levels,
    /// The resolved model in a form that can be compared.
    pub(super) model: String,
}

/// Reads a project through a reader that shows files as they would be.
pub(super) type Look<'l> = dyn Fn(&Target, &Texts) -> Option<Fixable> + Sync + 'l;

/// What came of the fixes.
#[derive(Debug, Default)]
pub(super) struct Mended {
    /// The files that change: what was in them, and what is to be.
    files: BTreeMap<PathBuf, (Vec<u8>, Vec<u8>)>,
    /// How many fixes were made.
    made: usize,
    /// The fixes that were not made, and why.
    withheld: BTreeSet<String>,
}

/// Finds the fixes of all projects that can be made; nothing is written.
pub(super) fn mend(targets: &[Target], ground: &Ground, safety: Safety, look: &Look<'_>) -> Mended {
    let texts = Texts::new();
    let seen: Vec<Option<Fixable>> = targets.par_iter().map(|target| look(target, &texts)).collect();
    let mut bench = Bench {
        targets,
        ground,
        look,
        readers: BTreeMap::new(),
        seen: Vec::new(),
        texts,
        mended: Mended::default(),
        tried: BTreeSet::new(),
    };
    for (number, seen) in seen.into_iter().enumerate() {
        bench.seen.push(None);
        bench.see(number, seen);
    }
    for number in 0..targets.len() {
        bench.work_on(number, Safety::Safe);
        if safety == Safety::Unsafe {
            bench.work_on(number, Safety::Unsafe);
        }
    }
    bench.mended
}

impl Mended {
    /// Says what would change, as a unified diff; whether anything would.
    pub(super) fn show(&self, ground: &Ground, output: &mut Output) -> Result<bool, Error> {
        for (path, (old, new)) in &self.files {
            let name = crate::source::reader::relative(&ground.selection.standpoint, path);
            let (old, new) = (String::from_utf8_lossy(old), String::from_utf8_lossy(new));
            output.write(&changes::unified(&name.to_string_lossy(), &old, &new))?;
        }
        self.remark(output, "would fix");
        Ok(!self.files.is_empty())
    }

    /// Writes the files, each as a whole.
    pub(super) fn write(&self, output: &mut Output) -> Result<(), Error> {
        for (path, (_, new)) in &self.files {
            disk::write_bytes(path, new)?;
        }
        self.remark(output, "fixed");
        Ok(())
    }

    /// What a path holds after the fixes.
    pub(super) fn text(&self, path: &Path) -> Option<&[u8]> {
        self.files.get(path).map(|(_, new)| new.as_slice())
    }

    /// Says how many fixes were made, and which were not.
    pub(super) fn remark(&self, output: &mut Output, verb: &str) {
        for line in &self.withheld {
            output.remark(&format!("{line}\n"));
        }
        if self.made > 0 {
            let (made, files) = (self.made, self.files.len());
            let problems = if made == 1 { "problem" } else { "problems" };
            let noun = if files == 1 { "file" } else { "files" };
            output.remark(&format!("{verb} {made} {problems} in {files} {noun}\n"));
        }
    }
}

/// The projects while fixes are tried on them.
struct Bench<'b> {
    targets: &'b [Target],
    ground: &'b Ground,
    look: &'b Look<'b>,
    seen: Vec<Option<Fixable>>,
    /// Which projects read a file.
    readers: BTreeMap<PathBuf, BTreeSet<usize>>,
    texts: Texts,
    mended: Mended,
    /// The fixes that were tried and cannot be made.
    tried: BTreeSet<Mark>,
}

/// What a fix is, wherever in the file it stands by now: the number of its project, rule, path in it, and what it writes.
type Mark = (usize, Slug, String, Vec<String>);

/// A fix on offer.
struct Offer {
    mark: Mark,
    place: String,
    fix: Fix,
}

impl Bench<'_> {
    /// Takes down what a project is by now.
    fn see(&mut self, number: usize, seen: Option<Fixable>) {
        for path in self.paths(number) {
            self.readers.entry(path).or_default().remove(&number);
        }
        self.seen[number] = seen;
        for path in self.paths(number) {
            self.readers.entry(path).or_default().insert(number);
        }
    }

    /// The files that a project reads.
    fn paths(&self, number: usize) -> Vec<PathBuf> {
        let files = self.seen[number].iter().flat_map(|seen| seen.files.iter());
        files.map(|(_, file)| self.path(&file.name)).collect()
    }

    /// Makes what can be made in one project; fixes that touch each other one after the other.
    fn work_on(&mut self, number: usize, safety: Safety) {
        for _ in 0..ROUNDS {
            let offers = self.offers(number, safety);
            let Some(seen) = &self.seen[number] else { return };
            let fixes: Vec<&Fix> = offers.iter().map(|offer| &offer.fix).collect();
            let choice = fix::choose(&fixes, &seen.files);
            for (at, reason) in &choice.refused {
                self.withhold(&offers[*at], reason);
            }
            if choice.taken.is_empty() {
                return;
            }
            let kept = self.settle(number, safety, &fixes, Vec::new(), &choice.taken);
            for at in choice.taken.iter().filter(|at| !kept.contains(at)) {
                let reason = match safety {
                    Safety::Safe => "it cannot be shown that the project stays the same",
                    Safety::Unsafe => "it would break something else",
                };
                self.withhold(&offers[*at], reason);
            }
            self.accept(number, &kept.iter().map(|at| fixes[*at]).collect::<Vec<_>>());
        }
    }

    /// The fixes of a project that nobody has tried yet.
    fn offers(&self, number: usize, safety: Safety) -> Vec<Offer> {
        let Some(seen) = &self.seen[number] else { return Vec::new() };
        let mut offers: Vec<Offer> = Vec::new();
        let is_wanted = |finding: &&Finding| {
            let rule = lint::rule(finding.slug.0);
            finding.allowed.is_none() && rule.is_none_or(|rule| seen.wanted.of(rule).is_some())
        };
        for finding in seen.findings.iter().filter(is_wanted) {
            let Some(fix) = finding.fixes.iter().find(|fix| fix.safety == safety) else { continue };
            let written = fix.edits.iter().map(|edit| edit.text.clone()).collect();
            let mark = (number, finding.slug, finding.path.clone(), written);
            if self.tried.contains(&mark) || offers.iter().any(|offer| offer.fix.edits == fix.edits) {
                continue;
            }
            let start = seen.files.start(finding.primary.span);
            let name = &seen.files.file(finding.primary.span.file).name;
            let place = format!("{name}:{}:{}: {} is not fixed", start.line, start.column, finding.slug.0);
            offers.push(Offer { mark, place, fix: fix.clone() });
        }
        offers
    }

    fn withhold(&mut self, offer: &Offer, reason: &str) {
        self.tried.insert(offer.mark.clone());
        self.mended.withheld.insert(format!("{}: {reason}", offer.place));
    }

    /// As many of `more` as can be made together with `base`: all, or what is left when halves are tried.
    fn settle(
        &mut self,
        number: usize,
        safety: Safety,
        fixes: &[&Fix],
        base: Vec<usize>,
        more: &[usize],
    ) -> Vec<usize> {
        let all: Vec<usize> = base.iter().chain(more).copied().collect();
        let chosen: Vec<&Fix> = all.iter().map(|at| fixes[*at]).collect();
        if self.is_sound(number, safety, &chosen) {
            return all;
        }
        if more.len() < 2 {
            return base;
        }
        let (left, right) = more.split_at(more.len() / 2);
        let base = self.settle(number, safety, fixes, base, left);
        self.settle(number, safety, fixes, base, right)
    }

    /// Whether every project that reads a changed file is what it has to be after the fixes.
    fn is_sound(&mut self, number: usize, safety: Safety, fixes: &[&Fix]) -> bool {
        let Some(texts) = self.texts_after(number, fixes) else { return false };
        let changed: Vec<PathBuf> = texts.keys().cloned().collect();
        // A big folder has many texts by now: those of this try go in, and out again.
        let given_back: Vec<(PathBuf, Option<Vec<u8>>)> =
            texts.into_iter().map(|(path, text)| (path.clone(), self.texts.insert(path, text))).collect();
        let is_sound = self.readers(&changed).into_iter().all(|reader| self.stays(reader, safety));
        for (path, text) in given_back {
            match text {
                Some(text) => self.texts.insert(path, text),
                None => self.texts.remove(&path),
            };
        }
        is_sound
    }

    /// Whether a project is what it has to be after fixes.
    fn stays(&self, reader: usize, safety: Safety) -> bool {
        let Some(before) = &self.seen[reader] else { return true };
        let Some(after) = (self.look)(&self.targets[reader], &self.texts) else { return false };
        match safety {
            Safety::Safe => after.model == before.model && says_nothing_new(before, &after, Level::Note),
            Safety::Unsafe => says_nothing_new(before, &after, Level::Error),
        }
    }

    /// The projects that read one of the files.
    fn readers(&self, paths: &[PathBuf]) -> BTreeSet<usize> {
        paths.iter().filter_map(|path| self.readers.get(path)).flatten().copied().collect()
    }

    /// The contents of the files after the fixes; nothing when one of them is not as it was read.
    fn texts_after(&self, number: usize, fixes: &[&Fix]) -> Option<Texts> {
        let seen = self.seen[number].as_ref()?;
        let texts = fix::apply(fixes, &seen.files);
        texts.into_iter().map(|(file, text)| self.bytes_after(number, seen, file, &text)).collect()
    }

    fn bytes_after(
        &self,
        number: usize,
        seen: &Fixable,
        file: FileId,
        text: &str,
    ) -> Option<(PathBuf, Vec<u8>)> {
        let file = seen.files.file(file);
        let path = self.path(&file.name);
        let mut bytes = self.bytes(number, &path)?;
        // What the reader skips, a byte order mark, stays in front.
        (bytes.get(file.skipped..)? == file.text.as_bytes()).then(|| {
            bytes.truncate(file.skipped);
            bytes.extend_from_slice(text.as_bytes());
            (path, bytes)
        })
    }

    /// What a file holds now.
    fn bytes(&self, number: usize, path: &Path) -> Option<Vec<u8>> {
        if let Some(bytes) = self.texts.get(path) {
            return Some(bytes.clone());
        }
        let given = inputs(&self.targets[number])
            .iter()
            .find_map(|input| input.text.as_ref().filter(|_| self.ground.absolute(&input.path) == path));
        match given {
            Some(bytes) => Some(bytes.clone()),
            None => self.ground.reader(&self.ground.selection.standpoint).read(path).ok(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.ground.absolute(Path::new(name))
    }

    fn accept(&mut self, number: usize, fixes: &[&Fix]) {
        let Some(texts) = self.texts_after(number, fixes).filter(|texts| !texts.is_empty()) else { return };
        self.mended.made += fixes.len();
        let changed: Vec<PathBuf> = texts.keys().cloned().collect();
        for (path, new) in texts {
            let old = self.bytes(number, &path).unwrap_or_default();
            let entry = self.mended.files.entry(path.clone()).or_insert_with(|| (old, Vec::new()));
            entry.1.clone_from(&new);
            self.texts.insert(path, new);
        }
        for reader in self.readers(&changed) {
            let seen = (self.look)(&self.targets[reader], &self.texts);
            self.see(reader, seen);
        }
    }
}

/// Whether everything that is said afterwards, from a level on, was said before.
fn says_nothing_new(before: &Fixable, after: &Fixable, level: Level) -> bool {
    let said: BTreeSet<(Slug, &str, &str)> = before.findings.iter().map(words).collect();
    after
        .findings
        .iter()
        .filter(|finding| finding.level >= level)
        .all(|finding| said.contains(&words(finding)))
}

fn words(finding: &Finding) -> (Slug, &str, &str) {
    (finding.slug, &finding.path, &finding.message)
}

/// The files that a target names.
pub(super) fn inputs(target: &Target) -> &[Input] {
    match target {
        Target::File(input) => std::slice::from_ref(input),
        Target::Files(inputs) => inputs,
        Target::Here | Target::Folder(_) => &[],
    }
}

/// The target with what is to come in place of standard input.
pub(super) fn renewed(target: &Target, texts: &Texts, ground: &Ground) -> Target {
    let renew = |input: &Input| Input {
        path: input.path.clone(),
        text: input
            .text
            .as_ref()
            .map(|text| texts.get(&ground.absolute(&input.path)).unwrap_or(text).clone()),
    };
    match target {
        Target::File(input) => Target::File(renew(input)),
        Target::Files(inputs) => Target::Files(inputs.iter().map(renew).collect()),
        Target::Here | Target::Folder(_) => target.clone(),
    }
}
