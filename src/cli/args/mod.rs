//! The command line: commands and their flags.

pub mod later;
pub mod lint;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use self::later::Later;
use super::conversion::{Conversion, Posture};
use crate::diag::Level;
use crate::report;
use crate::verify::pod_security;

/// Reads a Docker Compose project and says, at the exact character, what breaks or changes on Kubernetes.
#[derive(Debug, Parser)]
#[command(name = "transship", version, arg_required_else_help = true, disable_help_subcommand = true)]
pub struct Arguments {
    /// Colour the output: when a terminal reads it, always, or never
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// When standard output is a terminal and `NO_COLOR` is not set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Report what is wrong with Compose projects, and where
    Lint(Later<lint::Lint>),
    /// Print the resolved project
    Config(Later<Config>),
    /// Convert a project to Kubernetes manifests
    Convert(Later<Convert>),
    /// Show what a change does to the objects
    Diff(Later<Diff>),
    /// Check manifests without a cluster
    Verify(Later<Verify>),
    /// Explain a rule, what becomes of a Compose key, or why a field of an object is there
    Explain(Later<Explain>),
    /// Write a `transship.toml` to begin with
    Init(Later<Init>),
    /// List all rules
    Rules {
        /// How to print them
        #[arg(long, value_enum, default_value_t = Listing::Text)]
        format: Listing,
    },
    /// Print a script that completes commands and flags in a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page, of the whole or of one command
    Man {
        /// The command
        command: Option<String>,
    },
}

/// `config`.
#[derive(Debug, Args)]
pub struct Config {
    /// A file or a folder; `-` is standard input
    #[arg(value_name = "PATH", conflicts_with = "files")]
    pub path: Option<PathBuf>,
    /// What makes the project
    #[command(flatten)]
    pub project: Project,
    /// How to print the project
    #[arg(long, value_enum, default_value_t = Model::Yaml, conflicts_with = "part")]
    pub format: Model,
    /// What to print instead of the project
    #[command(flatten)]
    pub part: Part,
    /// Read jobs as JSON lines from standard input, and answer each with a line
    #[arg(long, hide = true, exclusive = true)]
    pub batch: bool,
}

/// `convert`.
#[derive(Debug, Args)]
pub struct Convert {
    /// A file or a folder; `-` is standard input
    #[arg(value_name = "PATH", conflicts_with = "files")]
    pub path: Option<PathBuf>,
    /// What makes the project
    #[command(flatten)]
    pub project: Project,
    /// What the conversion does
    #[command(flatten)]
    pub conversion: Conversion,
    /// The folder to write to; without it, the manifests are printed
    #[arg(short = 'o', long = "out", value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    /// Also write what became of every value, as JSON
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Show what would change in the folder, and write nothing
    #[arg(long, requires = "out")]
    pub diff: bool,
    /// Say whether the folder holds what would be written, and write nothing
    #[arg(long, requires = "out", conflicts_with = "diff")]
    pub check: bool,
    /// Write nothing unless everything converts
    #[arg(long)]
    pub strict: bool,
    /// Replace files of the folder that somebody has changed by hand
    #[arg(long, requires = "out")]
    pub force: bool,
}

/// `diff`.
#[derive(Debug, Args)]
pub struct Diff {
    /// A file or a folder; `-` is standard input
    #[arg(value_name = "PATH", conflicts_with = "files")]
    pub path: Option<PathBuf>,
    /// What to compare with
    #[command(flatten)]
    pub with: With,
    /// How to print the difference
    #[arg(long, value_enum, default_value_t = Difference::Text)]
    pub format: Difference,
    /// The level from which on new findings make the exit code 1
    #[arg(long, value_enum, default_value_t = FailOn::Error, value_name = "LEVEL")]
    pub fail_on: FailOn,
    /// What makes the project
    #[command(flatten)]
    pub project: Project,
    /// What the conversion does
    #[command(flatten)]
    pub conversion: Conversion,
}

/// What a project is compared with.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct With {
    /// The project as it was: a file, a folder, or a git revision
    #[arg(long, value_name = "FILE|FOLDER|REVISION")]
    pub base: Option<String>,
    /// A folder of manifests that was written before
    #[arg(long, value_name = "FOLDER")]
    pub against: Option<PathBuf>,
}

/// How a difference is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Difference {
    /// For a terminal
    Text,
    /// As JSON
    Json,
    /// For a pull request
    Markdown,
}

/// `verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// A file or a folder of manifests; `-` is standard input
    #[arg(value_name = "MANIFESTS")]
    pub manifests: PathBuf,
    /// The project that they stand for, to compare who reaches whom
    #[arg(value_name = "PATH", conflicts_with = "files")]
    pub path: Option<PathBuf>,
    /// The level of the Pod Security Standards that pods must meet; from the posture restricted on, that is restricted
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub pod_security: Option<PodSecurity>,
    /// How to print the findings
    #[arg(long, value_enum, default_value_t = Report::Text)]
    pub format: Report,
    /// What makes the project
    #[command(flatten)]
    pub project: Project,
    /// What the conversion does
    #[command(flatten)]
    pub conversion: Conversion,
}

/// A level of the Pod Security Standards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PodSecurity {
    /// Nothing that is known to lead out of the pod
    Baseline,
    /// The present practice of hardening
    Restricted,
}

impl Verify {
    /// The level that pods must meet in a posture.
    #[must_use]
    pub fn level(&self, posture: Option<Posture>) -> Option<pod_security::Level> {
        match self.pod_security {
            Some(PodSecurity::Baseline) => Some(pod_security::Level::Baseline),
            Some(PodSecurity::Restricted) => Some(pod_security::Level::Restricted),
            None => match posture {
                None | Some(Posture::Faithful) => None,
                Some(Posture::Restricted | Posture::Production) => Some(pod_security::Level::Restricted),
            },
        }
    }
}

/// `explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// A rule (`host-network`), a Compose key (`services.api.depends_on`, `services.*.ports`), or an object (`Deployment/api`)
    #[arg(value_name = "WHAT")]
    pub what: String,
    /// A field of the object (`spec.replicas`)
    #[arg(value_name = "FIELD")]
    pub field: Option<String>,
    /// What makes the project
    #[command(flatten)]
    pub project: Project,
    /// What the conversion does
    #[command(flatten)]
    pub conversion: Conversion,
}

/// `init`.
#[derive(Debug, Args)]
pub struct Init {
    /// The folder to write to; this one, when none is named
    #[arg(value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
    /// Replace a `transship.toml` that is there
    #[arg(long)]
    pub force: bool,
    /// Also write a hook for pre-commit
    #[arg(long)]
    pub pre_commit: bool,
    /// Also write a workflow for GitHub
    #[arg(long)]
    pub github: bool,
    /// Also write a pipeline for GitLab
    #[arg(long)]
    pub gitlab: bool,
}

/// One thing to print instead of the project.
#[derive(Clone, Copy, Debug, Args)]
#[group(id = "part", multiple = false)]
pub struct Part {
    /// Print every value with the file and line that it comes from
    #[arg(long)]
    pub origins: bool,
    /// Print the names of the services
    #[arg(long)]
    pub services: bool,
    /// Print the names of the images
    #[arg(long)]
    pub images: bool,
    /// Print the variables that the files use
    #[arg(long = "variables")]
    pub variable_names: bool,
    /// Print the profiles that the files name
    #[arg(long = "profiles")]
    pub profile_names: bool,
}

/// What makes a project, in Compose's own words.
#[derive(Debug, Args)]
pub struct Project {
    /// A Compose file; several are merged in their order; `-` is standard input
    #[arg(short = 'f', long = "file", value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// An env file to read instead of `.env`; of several, the later one wins
    #[arg(long = "env-file", value_name = "FILE")]
    pub env_files: Vec<PathBuf>,
    /// A variable; wins over env files
    #[arg(short = 'e', long = "env", value_name = "NAME=VALUE", value_parser = assignment)]
    pub variables: Vec<(String, String)>,
    /// Let variables of this process in: all of them, or those that are named
    #[arg(long, value_name = "NAME,…", num_args = 0..=1, require_equals = true, default_missing_value = "", value_delimiter = ',')]
    pub host_env: Option<Vec<String>>,
    /// A profile to activate; `*` is all of them
    #[arg(long = "profile", value_name = "NAME")]
    pub profiles: Vec<String>,
    /// The name of the project
    #[arg(short = 'p', long, value_name = "NAME", value_parser = project_name)]
    pub project_name: Option<String>,
    /// The folder from which relative paths are seen
    #[arg(long, value_name = "FOLDER")]
    pub project_directory: Option<PathBuf>,
    /// Follow symbolic links that leave the project folder
    #[arg(long)]
    pub follow: bool,
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Report {
    /// With the lines of the source
    Text,
    /// One line each
    Concise,
    /// As JSON
    Json,
    /// SARIF 2.1.0, for code scanning and editors
    Sarif,
    /// Annotations of GitHub Actions
    Github,
    /// The Code Quality report of GitLab
    Gitlab,
    /// Test results in the XML of JUnit
    Junit,
    /// The XML of Checkstyle
    Checkstyle,
    /// The JSON of reviewdog
    Rdjson,
    /// For a comment on a pull request
    Markdown,
}

/// How a list is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Listing {
    /// As a table
    Text,
    /// As JSON
    Json,
}

/// How a project is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Model {
    /// As YAML
    Yaml,
    /// As JSON, in the shape of `docker compose config --format json`
    Json,
}

/// The level from which on findings count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Errors
    Error,
    /// Warnings and errors
    Warning,
    /// All
    Note,
}

impl Report {
    /// The format of the report.
    #[must_use]
    pub fn format(self) -> report::Format {
        match self {
            Self::Text => report::Format::Text,
            Self::Concise => report::Format::Concise,
            Self::Json => report::Format::Json,
            Self::Sarif => report::Format::Sarif(crate::lint::rule),
            Self::Github => report::Format::Github,
            Self::Gitlab => report::Format::Gitlab,
            Self::Junit => report::Format::Junit,
            Self::Checkstyle => report::Format::Checkstyle,
            Self::Rdjson => report::Format::Rdjson,
            Self::Markdown => report::Format::Markdown,
        }
    }

    /// The names of all formats, as words of a sentence.
    fn names() -> String {
        let names: Vec<String> = Self::value_variants()
            .iter()
            .filter_map(Self::to_possible_value)
            .map(|value| value.get_name().to_owned())
            .collect();
        match names.split_last() {
            Some((last, others)) => format!("{} or {last}", others.join(", ")),
            None => String::new(),
        }
    }
}

impl FailOn {
    /// The lowest level that counts.
    #[must_use]
    pub fn level(self) -> Level {
        match self {
            Self::Error => Level::Error,
            Self::Warning => Level::Warning,
            Self::Note => Level::Note,
        }
    }
}

fn assignment(text: &str) -> Result<(String, String), String> {
    let (name, value) = text
        .split_once('=')
        .ok_or("write NAME=VALUE; `--host-env=NAME` lets a variable of this process in")?;
    if name.is_empty() {
        Err("the name is missing before `=`".into())
    } else {
        Ok((name.into(), value.into()))
    }
}

fn destination(text: &str) -> Result<(Report, PathBuf), String> {
    let (format, file) = text.split_once('=').ok_or("write FORMAT=FILE, as `json=findings.json`")?;
    let format = Report::from_str(format, false)
        .map_err(|_| format!("`{format}` is no format; write {} before `=`", Report::names()))?;
    if file.is_empty() { Err("the file is missing after `=`".into()) } else { Ok((format, file.into())) }
}

fn project_name(text: &str) -> Result<String, String> {
    if crate::resolve::discover::is_project_name(text) {
        return Ok(text.into());
    }
    Err("write lower-case letters, digits, `-` and `_`, and begin with a letter or a digit".into())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_flags_of_a_command_do_not_contradict_each_other() {
        Arguments::command().debug_assert();
    }
}
