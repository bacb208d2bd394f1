//! The chores of the repository: `cargo xtask <chore>`.

mod bench;
mod fuzz;
mod r#gen;
mod lab;
mod mutate;
mod new_rule;
mod oracles;
mod place;
mod walls;

use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask <chore>
  gen [--check]                              write the generated files, or say which are stale
  new-rule SLUG                              the folder of a new rule
  walls                                      who may import whom, sizes of files and functions, traces of machines
  oracles [--full] [--only NAME] [--list-differences]
                                             compare with Compose's own loader, then run the lanes below
  oracles --only apiserver [--warn LEVEL] [--enforce] [--with-crds] [PATH…]
                                             does a real API server take the manifests (or the cases)?
  oracles --only schema [--write]            is the schema of `src/verify` what the API server says?
  oracles --only convert [--full]            does a real API server take all that the conversion writes?
  oracles --only matrix [--full]             do the network policies let through what the report says?
  oracles --only coverage [--write]          is docs/coverage.md what the dev corpus measures?
  oracles --only pod-security | matcher      do these judges know right from wrong?
  oracles --only score [PATH…]               what does kube-score say of the manifests?
  lab [--sample | CASE…]                     run projects in Docker and in Kubernetes, and compare what containers see
  bench [--full] [--runs N]                  time whole processes
  fuzz N                                     N mutated inputs through the reader
  mutate [--all | --sample N] [--seed N] [FILE…]
                                             do the examples of the rules notice a check that is wrong?";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (chore, rest) = match arguments.split_first() {
        Some((chore, rest)) => (chore.as_str(), rest),
        None => ("", &[][..]),
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the repository");
    let outcome = match chore {
        "gen" => r#gen::run(root, rest),
        "new-rule" => new_rule::run(root, rest),
        "walls" => walls::run(),
        "oracles" => oracles::run(rest),
        "lab" => lab::run(rest),
        "bench" => bench::run(rest),
        "fuzz" => fuzz::run(rest),
        "mutate" => mutate::run(rest),
        _ => Err(USAGE.to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}
