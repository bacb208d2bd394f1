//! Compose's loading, one thing a folder: every project of `testdata/resolve` is printed and compared with what its
//! folder expects, twice, since the same files give the same bytes.
#![expect(clippy::disallowed_methods, reason = "a test reads its cases and starts the tool")]

#[path = "support/tool.rs"]
mod tool;

use std::fs;
use std::path::{Path, PathBuf};

use tool::Ran;

/// What a folder may expect: the file, the command that prints it, and the exit code of a run that does so.
struct Expectation {
    file: &'static str,
    command: &'static [&'static str],
}

const MODEL: Expectation = Expectation { file: "expected.json", command: &["config", "--format", "json"] };
const ORIGINS: Expectation = Expectation { file: "origins.yaml", command: &["config", "--origins"] };
const FINDINGS: Expectation = Expectation { file: "expected.txt", command: &["lint", "--format", "concise"] };

#[test]
fn every_project_resolves_to_what_its_folder_expects() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/resolve");
    let mut cases: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("the cases are there")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .collect();
    cases.sort();
    let failures: Vec<String> = cases.iter().flat_map(|case| failures(case)).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// What is wrong with one case.
fn failures(case: &Path) -> Vec<String> {
    let name = case.file_name().expect("a case has a name").to_string_lossy();
    let model = run(case, &MODEL);
    let accepted = model.code == 0;
    if blessing() {
        bless(case, accepted);
    }
    let mut failures = Vec::new();
    // A project is accepted with a model, or refused with findings, and its folder says which.
    let verdict = if accepted { &MODEL } else { &FINDINGS };
    if !case.join(verdict.file).exists() || (!accepted && case.join(MODEL.file).exists()) {
        failures.push(format!(
            "{name}: the project is {}, and the folder does not expect it; TRANSSHIP_BLESS=1 writes `{}`\n{}",
            if accepted { "accepted" } else { "refused" },
            verdict.file,
            model.stderr
        ));
    }
    for expectation in [&MODEL, &ORIGINS, &FINDINGS] {
        if case.join(expectation.file).exists() {
            failures.extend(difference(case, expectation, accepted).map(|words| format!("{name}: {words}")));
        }
    }
    failures
}

fn difference(case: &Path, expectation: &Expectation, accepted: bool) -> Option<String> {
    let Expectation { file, .. } = expectation;
    let expected = fs::read_to_string(case.join(file)).expect("the expectation is a text");
    let [first, second] = [run(case, expectation), run(case, expectation)];
    if first.stdout != second.stdout {
        return Some(format!("two runs print different bytes for `{file}`"));
    }
    // `lint` fails on findings that are errors, and not all of them make Compose refuse the project.
    let errors = first.stdout.lines().any(|line| line.contains(": error["));
    let code = match (accepted, errors) {
        (true, false) => 0,
        (true, true) | (false, _) => 1,
    };
    if first.code != code {
        return Some(format!("`{file}`: exit code {} instead of {code}\n{}", first.code, first.stderr));
    }
    (first.stdout != expected)
        .then(|| format!("--- {file}, expected\n{expected}--- {file}, printed\n{}", first.stdout))
}

fn run(case: &Path, expectation: &Expectation) -> Ran {
    let flags = fs::read_to_string(case.join("args")).unwrap_or_default();
    let flags = flags.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace);
    let arguments: Vec<&str> = expectation.command.iter().copied().chain(flags).collect();
    Ran::of(case, &arguments, &[("HOME".to_owned(), "/home/user".to_owned())], None)
}

/// Makes what is printed now the expectation: of the model or the findings, and of all files that are there.
fn bless(case: &Path, accepted: bool) {
    if !accepted && case.join(MODEL.file).exists() {
        fs::remove_file(case.join(MODEL.file)).expect("the expectation can go");
    }
    let verdict = if accepted { &MODEL } else { &FINDINGS };
    for expectation in [&MODEL, &ORIGINS, &FINDINGS] {
        if expectation.file == verdict.file || case.join(expectation.file).exists() {
            fs::write(case.join(expectation.file), run(case, expectation).stdout)
                .expect("the expectation can be written");
        }
    }
}

fn blessing() -> bool {
    std::env::var_os("TRANSSHIP_BLESS").is_some_and(|value| value == "1")
}
