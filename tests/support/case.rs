//! One folder of `testdata/cli`: `cmd` is run in a copy of `files/`, and `stdout`, `stderr` and `code` are compared.
//!
//! `stdin` is the standard input, `env` has `NAME=VALUE` lines. `after/` has the files that a run with `--fix` or `--to`
//! changes, as they are afterwards. `setup` makes what a repository cannot hold well, a
//! line each: `write FILE TEXT` (with `\n \r \t \\ \xHH`), `size FILE BYTES`, `link TARGET NAME`, `folder NAME`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::folder::copy;
use super::fresh_folder;
use super::tool::Ran;

/// What a run printed, and the files that it changed.
pub(crate) struct Outcome {
    ran: Ran,
    changed: BTreeMap<PathBuf, Vec<u8>>,
}

/// Runs the case.
pub(crate) fn run(path: &Path) -> Outcome {
    let name = path.file_name().expect("a case has a name").to_string_lossy();
    let folder = fresh_folder(&format!("cases/{name}"));
    if path.join("files").exists() {
        copy(&path.join("files"), &folder);
    }
    for line in read(&path.join("setup")).lines() {
        set_up(&folder, line);
    }
    let line = read(&path.join("cmd"));
    let words: Vec<&str> = line.split_whitespace().collect();
    let env = read(&path.join("env"));
    let env: Vec<(String, String)> = env
        .lines()
        .map(|line| line.split_once('=').expect("NAME=VALUE"))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let (program, arguments) = words.split_first().expect("a command");
    assert_eq!(*program, "transship", "{}", path.display());
    let before = files(&folder);
    let ran = Ran::of(&folder, arguments, &env, fs::read(path.join("stdin")).ok().as_deref());
    let mut changed = BTreeMap::new();
    if line.contains("fix") || line.contains("--to ") {
        changed = files(&folder);
        changed.retain(|file, bytes| before.get(file) != Some(bytes));
    }
    Outcome { ran, changed }
}

/// The files of a folder, by their paths in it; none when there is no such folder.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = WalkDir::new(folder).into_iter().filter_map(Result::ok);
    let files = entries.filter(|entry| entry.file_type().is_file());
    files
        .map(|entry| {
            let name = entry.path().strip_prefix(folder).expect("it lies in the folder").to_path_buf();
            (name, fs::read(entry.path()).expect("a file"))
        })
        .collect()
}

/// What differs from what the folder expects.
pub(crate) fn compare(path: &Path, outcome: &Outcome) -> Result<(), String> {
    let Outcome { ran, changed } = outcome;
    if !path.join("code").exists() {
        return Err("the case expects nothing: TRANSSHIP_BLESS=1 writes what is printed now".into());
    }
    let parts = [
        ("stdout", read(&path.join("stdout")), ran.stdout.clone()),
        ("stderr", read(&path.join("stderr")), ran.stderr.clone()),
        ("code", read(&path.join("code")), format!("{}\n", ran.code)),
    ];
    let mut differences: Vec<String> = parts
        .into_iter()
        .filter(|(_, expected, printed)| expected != printed)
        .map(|(part, expected, printed)| {
            format!("--- {part}, expected\n{expected}--- {part}, printed\n{printed}")
        })
        .collect();
    let expected = files(&path.join("after"));
    for file in expected.keys().chain(changed.keys()).collect::<BTreeSet<_>>() {
        let [expected, is] = [&expected, changed]
            .map(|files| files.get(file).map(|bytes| String::from_utf8_lossy(bytes).into_owned()));
        if expected != is {
            differences.push(format!("--- {}, expected\n{expected:?}\n--- is\n{is:?}\n", file.display()));
        }
    }
    if differences.is_empty() { Ok(()) } else { Err(differences.join("")) }
}

/// Makes what was printed the expectation.
pub(crate) fn bless(path: &Path, outcome: &Outcome) {
    let Outcome { ran, changed } = outcome;
    let after = path.join("after");
    if after.exists() {
        fs::remove_dir_all(&after).expect("the files can go");
    }
    for (file, bytes) in changed {
        let file = after.join(file);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(file, bytes).expect("the file can be written");
    }
    for (part, printed) in [("stdout", &ran.stdout), ("stderr", &ran.stderr)] {
        let file = path.join(part);
        if !printed.is_empty() {
            fs::write(&file, printed).expect("the expectation can be written");
        } else if file.exists() {
            fs::remove_file(&file).expect("the expectation can go");
        }
    }
    fs::write(path.join("code"), format!("{}\n", ran.code)).expect("the expectation can be written");
}

fn read(path: &Path) -> String {
    if path.exists() { fs::read_to_string(path).expect("a text") } else { String::new() }
}

fn set_up(folder: &Path, line: &str) {
    let words: Vec<&str> = line.splitn(3, ' ').collect();
    match words[..] {
        ["write", file, text] => fs::write(folder.join(file), bytes(text)).expect("a file"),
        ["size", file, size] => {
            let file = fs::File::create(folder.join(file)).expect("a file");
            file.set_len(size.parse().expect("a number of bytes")).expect("a file of that size");
        }
        ["link", target, name] => std::os::unix::fs::symlink(target, folder.join(name)).expect("a link"),
        ["folder", name] => fs::create_dir_all(folder.join(name)).expect("a folder"),
        _ => panic!("no step of a set-up: {line}"),
    }
}

/// The text with its escapes replaced.
fn bytes(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'\\' {
            out.push(*first);
            continue;
        }
        let (kind, after) = rest.split_first().expect("a letter after the backslash");
        rest = after;
        match kind {
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'\\' => out.push(b'\\'),
            b'x' => {
                let (digits, after) = rest.split_at(2);
                rest = after;
                let digits = std::str::from_utf8(digits).expect("two digits");
                out.push(u8::from_str_radix(digits, 16).expect("two hexadecimal digits"));
            }
            other => panic!("no escape: {}", char::from(*other)),
        }
    }
    out
}
