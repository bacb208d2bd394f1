//! The chores of the repository: `cargo xtask <chore>`.

mod r#gen;
mod new_rule;

use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask <chore>
  gen [--check]      write the generated files, or say which are stale
  new-rule <slug>    the folder of a new rule";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the repository");
    match run(root, &arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::from(2)
        }
    }
}

fn run(root: &Path, arguments: &[String]) -> Result<(), String> {
    let (chore, rest) = arguments.split_first().ok_or(USAGE)?;
    match chore.as_str() {
        "gen" => r#gen::run(root, rest),
        "new-rule" => new_rule::run(root, rest),
        _ => Err(format!("`{chore}` is no chore\n{USAGE}")),
    }
}
