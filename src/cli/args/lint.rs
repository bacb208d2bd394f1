//! The flags of `lint`.

use std::path::PathBuf;

use clap::Args;

use super::{FailOn, Project, Report, destination};
use crate::cli::conversion::{Conversion, any_rule};
use crate::diag::Safety;
use crate::source::Text;

/// `lint`.
#[derive(Debug, Args)]
pub struct Lint {
    /// Files and folders, each a project of its own; a folder is searched for Compose files; `-` is standard input
    #[arg(value_name = "PATH", conflicts_with = "files")]
    pub paths: Vec<PathBuf>,
    /// What makes the project
    #[command(flatten)]
    pub project: Project,
    /// How to print the findings
    #[arg(long, value_enum, default_value_t = Report::Text)]
    pub format: Report,
    /// Also write the findings into a file (can be given several times)
    #[arg(long, value_name = "FORMAT=FILE", value_parser = destination)]
    pub output: Vec<(Report, PathBuf)>,
    /// What is to be mended
    #[command(flatten)]
    pub mend: Mend,
    /// The level from which on findings make the exit code 1
    #[arg(long, value_enum, default_value_t = FailOn::Error, value_name = "LEVEL")]
    pub fail_on: FailOn,
    /// The rules to look at; the others are passed over
    #[arg(long, value_name = "RULE,…", value_delimiter = ',', value_parser = any_rule)]
    pub select: Vec<Text>,
    /// Rules to pass over
    #[arg(long, value_name = "RULE,…", value_delimiter = ',', value_parser = any_rule)]
    pub ignore: Vec<Text>,
    /// Show what is allowed as if nobody allowed it
    #[arg(long)]
    pub no_allow: bool,
    /// Let only findings count that are not in this baseline
    #[arg(long, value_name = "FILE", conflicts_with = "no_allow")]
    pub baseline: Option<PathBuf>,
    /// Write the baseline of today's findings, and nothing else
    #[arg(long, value_name = "FILE", conflicts_with_all = ["baseline", "no_allow"])]
    pub write_baseline: Option<PathBuf>,
    /// Look only at projects that a change since this git revision touches
    #[arg(long, value_name = "REVISION")]
    pub changed_since: Option<String>,
    /// The path that standard input stands for
    #[arg(long, value_name = "PATH")]
    pub stdin_filename: Option<PathBuf>,
    /// What the conversion would do
    #[command(flatten)]
    pub conversion: Conversion,
}

/// What `lint` mends.
#[derive(Clone, Copy, Debug, Args)]
pub struct Mend {
    /// Make the fixes that leave the project the same
    #[arg(long)]
    pub fix: bool,
    /// Make also those that a person has to look at
    #[arg(long)]
    pub unsafe_fixes: bool,
    /// Show what the fixes would change, and write nothing
    #[arg(long)]
    pub diff: bool,
}

impl Mend {
    /// Which fixes are made; none when no flag asks for any.
    #[must_use]
    pub fn safety(self) -> Option<Safety> {
        if self.unsafe_fixes { Some(Safety::Unsafe) } else { (self.fix || self.diff).then_some(Safety::Safe) }
    }
}
