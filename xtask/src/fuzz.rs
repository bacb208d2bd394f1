//! The long run of the mutation test: many damaged inputs, no panic, no place out of bounds, no hang.

use std::process::Command;

use crate::place;

/// Runs `tests/mutation.rs` over as many inputs as the argument says.
pub(crate) fn run(arguments: &[String]) -> Result<(), String> {
    let [count] = arguments else {
        return Err("usage: cargo xtask fuzz N".to_owned());
    };
    let count: u64 = count.parse().map_err(|_| format!("`{count}` is no number of inputs"))?;
    let corpus = place::corpus()?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .args(["test", "--release", "--test", "mutation", "--", "--nocapture"])
        .env("TRANSSHIP_MUTATIONS", count.to_string())
        .current_dir(place::root());
    match corpus {
        Some(corpus) => command.env("TRANSSHIP_CORPUS", corpus),
        None => {
            println!("did not run: mutations of the dev corpus (../shared/corpus/dev.tar.xz is missing)");
            &mut command
        }
    };
    place::run(&mut command)
}
