//! The conductor: the only room with a disk, a terminal, an environment and an exit code.
#![expect(clippy::disallowed_methods, reason = "this is the room in which the machine is touched")]

pub mod args;
pub mod baseline;
pub mod batch;
pub mod changes;
pub mod clock;
pub mod config;
pub mod conversion;
pub mod convert;
pub mod diff;
pub mod disk;
pub mod error;
pub mod exceptions;
pub mod explain;
pub mod folder;
pub mod init;
pub mod lint;
pub mod look;
pub mod manifests;
pub mod mend;
pub mod merge;
pub mod output;
pub mod overlay;
pub mod named;
mod overlays;
pub mod pipeline;
pub mod project;
pub mod reference;
pub mod revision;
pub mod routing;
pub mod selection;
pub mod settings;
pub mod trial;
pub mod verify;
pub mod walk;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

use args::{Arguments, Command};
use error::Error;
use output::Output;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing to object to.
    Clean,
    /// Findings that count.
    Findings,
    /// The project cannot be loaded.
    Unloadable,
}

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = match parse() {
        Ok(arguments) => arguments,
        Err(usage) => {
            // Help and version are no errors; a stream that is closed already has no reader to tell about it.
            let printed = usage.print();
            let code = if usage.use_stderr() || printed.is_err() { 2 } else { 0 };
            return ExitCode::from(code);
        }
    };
    let mut output = Output::new(arguments.color);
    let outcome = run(arguments.command, &mut output);
    let outcome = outcome.and_then(|outcome| output.finish().map(|()| outcome));
    match outcome {
        Ok(Outcome::Clean) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(1),
        Ok(Outcome::Unloadable) => ExitCode::from(2),
        Err(error) => {
            output.complain(&error);
            ExitCode::from(2)
        }
    }
}

/// What the command line says, or what is wrong with it.
fn parse() -> Result<Arguments, clap::Error> {
    let mut flags = Arguments::command();
    let read = flags.try_get_matches_from_mut(std::env::args_os());
    let read = read.and_then(|mut read| Arguments::from_arg_matches_mut(&mut read));
    let read = read.map_err(|usage| usage.format(&mut flags));
    // The process ends soon: to give the descriptions of all flags back one by one would only take time.
    std::mem::forget(flags);
    read
}

fn run(command: Command, output: &mut Output) -> Result<Outcome, Error> {
    match command {
        Command::Lint(arguments) => lint::run(&arguments, output),
        Command::Config(arguments) if arguments.batch => batch::run(output),
        Command::Config(arguments) => config::run(&arguments, output),
        Command::Convert(arguments) => convert::run(&arguments, output),
        Command::Diff(arguments) => diff::run(&arguments, output),
        Command::Verify(arguments) => verify::run(&arguments, output),
        Command::Explain(arguments) => explain::run(&arguments, output),
        Command::Init(arguments) => init::run(&arguments, output),
        Command::Rules { format } => reference::rules(format, output),
        Command::Completions { shell } => reference::completions(shell, output),
        Command::Man { command } => reference::man(command.as_deref(), output),
    }
}
