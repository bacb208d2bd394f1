//! Projects as they lie on disk, with texts of ours in place of some files: loaded and converted as the tool does it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Parser;
use transship::cli::args::later::Later;
use transship::cli::args::{Arguments, Command, Convert};
use transship::cli::disk::Disk;
use transship::cli::overlay::{Overlay, Texts};
use transship::cli::pipeline::{self, Assessed, Given};
use transship::cli::project;
use transship::cli::settings::Settings;
use transship::convert::Purpose;
use transship::diag::date::Date;
use transship::diag::{Finding, Posture};
use transship::lint;
use transship::lint::levels::Levels;
use transship::plan::Plan;
use transship::report::conversion;
use transship::resolve::discover::{Selection, Target};
use transship::resolve::{Input, Resolved};
use transship::source::Text;

/// A project and what is held against its files.
#[derive(Clone)]
pub(crate) struct Held {
    /// What the project is called in messages.
    pub(crate) name: String,
    /// The Compose file.
    pub(crate) file: PathBuf,
    /// The flags that it is converted with.
    pub(crate) flags: Vec<String>,
    /// What files hold instead of what is on disk.
    pub(crate) texts: Texts,
}

/// What came out of a conversion.
pub(crate) struct Converted {
    pub(crate) resolved: Resolved,
    pub(crate) plan: Plan,
    pub(crate) findings: Vec<Finding>,
    pub(crate) posture: Posture,
}

impl Held {
    /// The projects of `testdata/convert`.
    pub(crate) fn golden() -> Vec<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/convert");
        let entries = fs::read_dir(&folder).expect("the cases are there");
        let mut cases: Vec<PathBuf> =
            entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_dir()).collect();
        cases.sort();
        let held = |case: PathBuf| {
            let flags = fs::read_to_string(case.join("args")).unwrap_or_default();
            let flags = flags.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace);
            Self {
                name: case.file_name().expect("a case has a name").to_string_lossy().into_owned(),
                file: case.join("compose.yaml"),
                flags: flags.map(str::to_owned).collect(),
                texts: Texts::new(),
            }
        };
        cases.into_iter().map(held).collect()
    }

    /// Projects that people wrote: every tenth file of the corpus, or as many as `TRANSSHIP_CORPUS_STEP` says; none where
    /// `TRANSSHIP_CORPUS` does not say where it lies.
    pub(crate) fn corpus() -> Vec<Self> {
        let Some(folder) = std::env::var_os("TRANSSHIP_CORPUS").map(PathBuf::from) else {
            println!("did not run: TRANSSHIP_CORPUS names no corpus");
            return Vec::new();
        };
        let step =
            std::env::var("TRANSSHIP_CORPUS_STEP").ok().and_then(|step| step.parse().ok()).unwrap_or(10);
        let rows = fs::read_to_string(folder.join("MANIFEST.tsv")).expect("the corpus has a manifest");
        let names = rows.lines().skip(1).filter_map(|row| row.split('\t').next()).step_by(step);
        names
            .map(|name| Self {
                name: name.to_owned(),
                file: folder.join(name),
                flags: Vec::new(),
                texts: Texts::new(),
            })
            .collect()
    }

    /// The same project with another text in one of its files.
    pub(crate) fn with(&self, file: &Path, text: impl Into<Vec<u8>>) -> Self {
        let mut held = self.clone();
        held.texts.insert(file.to_path_buf(), text.into());
        held
    }

    /// The same project with further flags; the first of them takes the place of one of the same name.
    pub(crate) fn flagged(&self, flags: &[&str]) -> Self {
        let mut held = self.clone();
        let known = held.flags.iter().position(|flag| flags.first().is_some_and(|first| flag == first));
        if let Some(at) = known {
            held.flags.drain(at..(at + 2).min(held.flags.len()));
        }
        held.flags.extend(flags.iter().map(|flag| (*flag).to_owned()));
        held
    }

    /// The text of the Compose file.
    pub(crate) fn text(&self) -> Option<String> {
        String::from_utf8(self.bytes(&self.file)?).ok()
    }

    /// What a file holds.
    pub(crate) fn bytes(&self, file: &Path) -> Option<Vec<u8>> {
        self.texts.get(file).cloned().or_else(|| fs::read(file).ok())
    }

    fn arguments(&self) -> Later<Convert> {
        let words = ["transship", "convert"].into_iter().chain(self.flags.iter().map(String::as_str));
        match Arguments::try_parse_from(words).expect("the flags are good").command {
            Command::Convert(convert) => convert,
            _ => unreachable!("the command was given"),
        }
    }

    /// The project, loaded.
    pub(crate) fn resolve(&self) -> Option<Resolved> {
        let arguments = self.arguments();
        let project = &arguments.project;
        let folder = self.file.parent().expect("a file lies in a folder").to_path_buf();
        let variables = project.variables.iter();
        let selection = Selection {
            target: Target::File(Input { path: self.file.clone(), text: None }),
            on_top: Vec::new(),
            directory: None,
            env_files: project.env_files.iter().map(|path| folder.join(path)).collect(),
            given: variables.map(|(name, value)| (Text::new(name), Text::new(value))).collect(),
            profiles: project.profiles.clone(),
            name: project.project_name.clone(),
            standpoint: folder,
        };
        project::load_by(&selection, &|folder| self.reader(folder))
    }

    /// The project, converted; nothing when Compose would refuse it.
    pub(crate) fn convert(&self) -> Option<Converted> {
        let arguments = self.arguments();
        let resolved = self.resolve()?;
        if resolved.broken || !resolved.stops.is_empty() {
            return None;
        }
        let options = arguments.conversion.options(&Settings::default(), &self.file, Date::default()).ok()?;
        let reader = self.reader(&resolved.project.directory);
        let folder = self.file.parent().expect("a file lies in a folder");
        let given = Given {
            purpose: Purpose::Output,
            options: &options,
            metadata: &[],
            reader: &reader,
            standpoint: folder,
            trusted_registries: &[],
            levels: &Levels::from(options.posture),
        };
        let Assessed { resolved, findings, used: _, plan } = pipeline::assess(resolved, &given);
        let findings = lint::run(findings, options.posture);
        Some(Converted { resolved, plan: plan?, findings, posture: options.posture })
    }

    fn reader(&self, folder: &Path) -> Overlay<'_> {
        Overlay { disk: Disk::new(folder, BTreeSet::new(), false), texts: &self.texts, seen: None }
    }
}

impl Converted {
    /// The report as `--report` writes it.
    pub(crate) fn report(&self) -> String {
        let Self { resolved, plan, findings, posture } = self;
        conversion::render(plan, findings, &resolved.files, &resolved.project.origins, *posture, Vec::new())
    }
}
