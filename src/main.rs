//! Hands the command line over and takes the exit code back.

use std::process::ExitCode;

fn main() -> ExitCode {
    transship::cli::main()
}
