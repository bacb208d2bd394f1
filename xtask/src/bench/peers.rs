//! The race with the linters of the field: one file, as a hook calls them, and many files of the dev corpus in one call.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::measure::in_turn;
use super::{Table, write};
use crate::oracles::packages;
use crate::place;

/// So many files, of which each lints all.
const FILES: usize = 200;

/// Times `lint` against the peers that can be had here.
pub(super) fn run(table: &mut Table, corpus: &Path, transship: &Path, scratch: &Path) -> Result<(), String> {
    let many = spread(corpus, &scratch.join("peers"))?;
    let example = place::example();
    let peers = [
        ("dclint", packages::npm("dclint")?.map(|modules| modules.join(".bin/dclint"))),
        ("compose-lint", packages::python("compose-lint")?.map(|programs| programs.join("compose-lint"))),
    ];
    for (name, program) in peers {
        let Some(program) = program else {
            println!("did not run: the race with {name} (it needs npm or Python)");
            continue;
        };
        let one = ("lint of the example".to_owned(), std::slice::from_ref(&example), 15);
        let all = (format!("lint of {} corpus files in one call", many.len()), many.as_slice(), 3);
        for (what, files, runs) in [one, all] {
            let ours = call(transship, &["lint"], files);
            let theirs = call(&program, &[], files);
            let [ours, theirs] = <[_; 2]>::try_from(in_turn(&[&ours, &theirs], runs)?)
                .map_err(|_| "two commands have two times")?;
            let times = theirs.median.as_secs_f64() / ours.median.as_secs_f64();
            table.add(&what, ours);
            table.add(&format!("the same with {name} ({times:.0} times ours)"), theirs);
        }
    }
    Ok(())
}

/// A call of a linter with files.
fn call(program: &Path, words: &[&str], files: &[PathBuf]) -> impl Fn() -> Command + use<> {
    let (program, words) = (program.to_owned(), words.iter().map(OsString::from));
    let words: Vec<OsString> = words.chain(files.iter().map(Into::into)).collect();
    move || {
        let mut command = Command::new(&program);
        command.args(&words);
        command
    }
}

/// Copies files of the corpus to folders of their own, under the name that every linter looks for.
fn spread(corpus: &Path, folder: &Path) -> Result<Vec<PathBuf>, String> {
    let manifest = corpus.join("MANIFEST.tsv");
    let rows =
        std::fs::read_to_string(&manifest).map_err(|error| format!("{}: {error}", manifest.display()))?;
    let files: Vec<&str> = rows.lines().skip(1).filter_map(|row| row.split('\t').next()).collect();
    let step = (files.len() / FILES).max(1);
    let mut copies = Vec::new();
    for (number, file) in files.iter().step_by(step).take(FILES).enumerate() {
        // One that is no text is nobody's example.
        let Ok(text) = std::fs::read_to_string(corpus.join(file)) else { continue };
        let copy = folder.join(format!("{number:03}/docker-compose.yml"));
        write(&copy, &text)?;
        copies.push(copy);
    }
    Ok(copies)
}
