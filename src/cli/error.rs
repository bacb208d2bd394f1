//! What keeps a command from running, with the next step.

use std::fmt;
use std::path::PathBuf;

use crate::diag::Finding;
use crate::source::files::Files;
use crate::source::reader::Failure;

/// Why a command could not run; each kind has a line of help.
#[derive(Debug)]
pub enum Error {
    /// A file of the command line cannot be used.
    Path(PathBuf, Failure),
    /// There is no Compose file in the folder (and none above, when that was searched).
    NoProject(PathBuf, Searched),
    /// The folder could not be walked.
    Walk(String),
    /// The name that `COMPOSE_PROJECT_NAME` gives is none.
    ProjectName(String),
    /// `SOURCE_DATE_EPOCH` is no time.
    Epoch(String),
    /// `--stdin-filename` without `-`.
    UnusedName,
    /// `--to` something that is a folder, without `-o`.
    Unprintable,
    /// An overlay or a component of what is no tree; the flag that asks for it.
    FlatOverlay(&'static str),
    /// A name stands for an overlay and for a component.
    OverlayTwice(String),
    /// Standard input is asked for more than once.
    StandardInputTwice,
    /// Standard input cannot be read.
    StandardInput(String),
    /// Output cannot be written; where, and the system's words.
    Output(String, String),
    /// The current folder is gone or forbidden.
    NoFolder(String),
    /// A flag names what the project has not; one that is near.
    Unknown {
        /// The flag.
        flag: &'static str,
        /// What it names.
        what: &'static str,
        /// The name.
        name: String,
        /// A name that is near.
        near: Option<String>,
    },
    /// Two flags cannot both hold, in words; the next step.
    Flags(&'static str, &'static str),
    /// There is no such rule; one that is near.
    Rule(String, Option<&'static str>),
    /// There is no such command.
    NoCommand(String),
    /// What a project is to be compared with is neither a path nor a revision; git's words.
    Base(String, String),
    /// What is to be explained is not there; one that is near.
    Unexplained(String, Option<String>),
    /// A file of image metadata is none; what would be one.
    Metadata(PathBuf, String),
    /// A file that is to be written is there already.
    Present(PathBuf),
    /// A file is no baseline.
    Baseline(PathBuf),
    /// There is no revision of that name to compare with; git's words.
    Revision(String, String),
    /// A `transship.toml` says what it cannot.
    Settings(Box<Broken>),
    /// The record of an output folder is not ours.
    Record(PathBuf),
    /// A line of a batch is no job.
    Job(usize, String),
}

/// A file of ours that cannot be used, and why.
#[derive(Debug)]
pub struct Broken {
    /// The file, alone among files.
    pub files: Files,
    /// What is wrong, at its place; no rule is behind it.
    pub findings: Vec<Finding>,
}

/// How far a search went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Searched {
    /// The folder and those above it.
    Upwards,
    /// The folder alone.
    Folder,
    /// The folder and those below it.
    Downwards,
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path, failure) => write!(out, "cannot read `{}`: {failure}", path.display()),
            Self::NoProject(folder, searched) => {
                let where_else = match searched {
                    Searched::Upwards => " or in a folder above it",
                    Searched::Folder => "",
                    Searched::Downwards => " or in a folder below it",
                };
                write!(out, "there is no Compose file in `{}`{where_else}", folder.display())
            }
            Self::Walk(words) => write!(out, "cannot search a folder: {words}"),
            Self::ProjectName(name) => {
                write!(out, "`{name}` of COMPOSE_PROJECT_NAME cannot be the name of a project")
            }
            Self::Epoch(given) => write!(out, "`{given}` of SOURCE_DATE_EPOCH is no time"),
            Self::Unprintable => {
                write!(out, "what `--to` asks for is a folder, and there is no place for it")
            }
            Self::FlatOverlay(flag) => {
                write!(out, "`{flag}` is given, but plain manifests have no place for it")
            }
            Self::OverlayTwice(name) => write!(out, "`{name}` names an overlay and a component"),
            Self::UnusedName => write!(out, "`--stdin-filename` is given, but standard input is not read"),
            Self::StandardInputTwice => {
                write!(out, "`-` is given twice, but standard input can be read once")
            }
            Self::StandardInput(words) => write!(out, "cannot read standard input: {words}"),
            Self::Output(place, words) => write!(out, "cannot write to {place}: {words}"),
            Self::NoFolder(words) => write!(out, "cannot tell the current folder: {words}"),
            Self::Unknown { flag, what, name, near: _ } => {
                write!(out, "`{flag}` names `{name}`, and the project has no such {what}")
            }
            Self::Flags(words, _) => out.write_str(words),
            Self::Rule(name, _) => write!(out, "there is no rule `{name}`"),
            Self::NoCommand(name) => write!(out, "there is no command `{name}`"),
            Self::Base(base, words) => {
                write!(out, "`{base}` is no file or folder, and no git revision: {words}")
            }
            Self::Unexplained(what, _) => write!(out, "there is nothing to say about `{what}`"),
            Self::Metadata(path, words) => write!(out, "`{}` is no image metadata: {words}", path.display()),
            Self::Present(path) => write!(out, "`{}` is there already", path.display()),
            Self::Baseline(path) => write!(out, "`{}` is no baseline", path.display()),
            Self::Revision(name, words) => write!(out, "nothing can be compared with `{name}`: {words}"),
            Self::Settings(broken) => {
                let name = broken.files.iter().map(|(_, file)| file.name.as_str()).next().unwrap_or_default();
                write!(out, "`{name}` cannot be used")
            }
            Self::Record(path) => {
                write!(out, "`{}` is not a record that transship has written", path.display())
            }
            Self::Job(line, words) => write!(out, "line {line} of standard input is no job: {words}"),
        }
    }
}

impl Error {
    /// The next step.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::Path(_, Failure::Missing) => {
                "check the spelling; paths are seen from the current folder".into()
            }
            Self::Path(_, Failure::NotAFile) => {
                "name a regular file, or a folder that has Compose files".into()
            }
            Self::Path(_, Failure::TooLarge(_)) => "split the file, or use `include`".into(),
            Self::Path(_, Failure::LeavesProject) => "pass `--follow`".into(),
            Self::Path(_, Failure::Refused(_)) => {
                "check the permissions of the file and of its folders".into()
            }
            Self::NoProject(_, Searched::Upwards | Searched::Folder) => {
                "name the file, as in `transship lint path/to/compose.yaml`".into()
            }
            Self::NoProject(_, Searched::Downwards) => {
                "files are found by their names: compose.yaml, docker-compose.prod.yml, dev.compose.yaml…"
                    .into()
            }
            Self::Walk(_) => "check the permissions of the folder".into(),
            Self::ProjectName(_) => {
                "use lower-case letters, digits, `-` and `_`, and begin with a letter or a digit".into()
            }
            Self::Epoch(_) => {
                "write the seconds since the beginning of 1970, as `date +%s` prints them".into()
            }
            Self::Unprintable => "pass `-o FOLDER`".into(),
            Self::FlatOverlay(_) => "pass `--to kustomize` or `--to helm`".into(),
            Self::OverlayTwice(_) => "give one of them another name".into(),
            Self::UnusedName => "pass `-` as the path, and the file's text on standard input".into(),
            Self::StandardInputTwice => "name the other file by its path".into(),
            Self::StandardInput(_) => "pipe the file's text into the command".into(),
            Self::Output(..) => {
                "what was written is not complete; check the space and the permissions".into()
            }
            Self::NoFolder(_) => "change into a folder that exists".into(),
            Self::Unknown { near: Some(near), .. } => format!("did you mean `{near}`?"),
            Self::Unknown { what: "service", .. } => "`transship config --services` lists all".into(),
            Self::Unknown { what: "image", .. } => "`transship config --images` lists all".into(),
            Self::Unknown { .. } => "`transship config` shows the project".into(),
            Self::Flags(_, tip) => (*tip).into(),
            Self::Rule(_, Some(near)) => format!("did you mean `{near}`? `transship rules` lists all"),
            Self::Rule(_, None) => "`transship rules` lists all".into(),
            Self::NoCommand(_) => "`transship --help` lists all".into(),
            Self::Base(..) => {
                "name a Compose file, a folder that has one, or a revision as `main` or `HEAD~1`".into()
            }
            Self::Unexplained(_, Some(near)) => format!("did you mean `{near}`?"),
            Self::Unexplained(_, None) => {
                "name a rule, a key of the project as `services.web.ports`, or an object as `Deployment/web`"
                    .into()
            }
            Self::Metadata(..) => "write it with `docker image inspect IMAGE… > FILE`".into(),
            Self::Present(_) => "pass `--force` to replace it".into(),
            Self::Baseline(_) => "write one with `transship lint --write-baseline FILE`".into(),
            Self::Revision(..) => {
                "name a revision of the repository that you are in, as `main` or `HEAD~1`".into()
            }
            Self::Settings(_) => "mend it; the guide lists its keys under `transship.toml`".into(),
            Self::Record(_) => "remove the file, or choose another folder".into(),
            Self::Job(..) => "write one JSON object a line, with `id`, `files` and `directory`".into(),
        }
    }
}
