//! One folder of `testdata/cli`: `cmd` is run in a copy of `files/`, and `stdout`, `stderr` and `code` are compared.
//!
//! `stdin` is the standard input, `env` has `NAME=VALUE` lines. `setup` makes what a repository cannot hold well, a
//! line each: `write FILE TEXT` (with `\n \r \t \\ \xHH`), `size FILE BYTES`, `link TARGET NAME`, `folder NAME`.

use std::fs;
use std::path::Path;

use super::fresh_folder;
use super::tool::Ran;

/// Runs the case.
pub(crate) fn run(path: &Path) -> Ran {
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
    Ran::of(&folder, arguments, &env, fs::read(path.join("stdin")).ok().as_deref())
}

/// What differs from what the folder expects.
pub(crate) fn compare(path: &Path, ran: &Ran) -> Result<(), String> {
    if !path.join("code").exists() {
        return Err("the case expects nothing: TRANSSHIP_BLESS=1 writes what is printed now".into());
    }
    let parts = [
        ("stdout", read(&path.join("stdout")), ran.stdout.clone()),
        ("stderr", read(&path.join("stderr")), ran.stderr.clone()),
        ("code", read(&path.join("code")), format!("{}\n", ran.code)),
    ];
    let differences: Vec<String> = parts
        .into_iter()
        .filter(|(_, expected, printed)| expected != printed)
        .map(|(part, expected, printed)| {
            format!("--- {part}, expected\n{expected}--- {part}, printed\n{printed}")
        })
        .collect();
    if differences.is_empty() { Ok(()) } else { Err(differences.join("")) }
}

/// Makes what was printed the expectation.
pub(crate) fn bless(path: &Path, ran: &Ran) {
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

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry").path();
        let target = to.join(entry.file_name().expect("a name"));
        if entry.is_dir() {
            copy(&entry, &target);
        } else {
            fs::copy(&entry, &target).expect("a copy");
        }
    }
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
