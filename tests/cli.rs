//! The command line as a user sees it: every folder of `testdata/cli` is one run, and every console block of the
//! documents is run as it stands there.
#![expect(clippy::disallowed_methods, reason = "a test makes folders and starts the tool")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::tool::Ran;
use support::{case, document};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn blessing() -> bool {
    std::env::var_os("TRANSSHIP_BLESS").is_some_and(|value| value == "1")
}

#[test]
fn every_case_prints_what_its_folder_expects() {
    let mut failures = BTreeMap::new();
    let folder = root().join("testdata/cli");
    let mut cases: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("the cases are there")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    cases.sort();
    for path in cases {
        let ran = case::run(&path);
        if blessing() {
            case::bless(&path, &ran);
        }
        if let Err(difference) = case::compare(&path, &ran) {
            failures.insert(path, difference);
        }
    }
    let words: Vec<String> =
        failures.iter().map(|(path, difference)| format!("{}\n{difference}", path.display())).collect();
    assert!(words.is_empty(), "{}", words.join("\n"));
}

#[test]
fn console_blocks_of_the_documents_are_what_the_tool_prints() {
    for name in ["README.md", "docs/guide.md"] {
        let path = root().join(name);
        let text = fs::read_to_string(&path).expect("the document is there");
        let fresh = document::refreshed(&text, &root());
        if blessing() {
            fs::write(&path, &fresh).expect("the document can be written");
        } else {
            assert_eq!(text, fresh, "{name} is out of date; TRANSSHIP_BLESS=1 refreshes it");
        }
    }
}

#[test]
fn a_pipe_that_nobody_writes_to_is_refused_and_not_waited_for() {
    let folder = support::fresh_folder("pipe");
    support::make_pipe(&folder.join("compose.yaml"));
    for arguments in
        [&["lint", "compose.yaml"][..], &["lint", "-f", "compose.yaml"], &["config", "compose.yaml"]]
    {
        let ran = Ran::of(&folder, arguments, &[], None);
        let said = "error: cannot read `compose.yaml`: it is not a regular file\n  = name a regular file, or a folder that has Compose files\n";
        assert_eq!((ran.code, ran.stderr.as_str()), (2, said));
    }
}

#[test]
fn a_reader_that_goes_away_is_a_normal_end() {
    let folder = support::fresh_folder("closed");
    let services: String = (0..20_000)
        .map(|number| format!("  s{number}: {{image: nginx, labels: {{a: \"${{A}}\"}}}}\n"))
        .collect();
    fs::write(folder.join("compose.yaml"), format!("services:\n{services}")).expect("a file");
    let ran = support::run_and_close(&folder, &["lint", "compose.yaml"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
}

#[test]
#[cfg(target_os = "linux")]
fn output_that_does_not_fit_is_never_a_success() {
    let folder = support::fresh_folder("full");
    fs::write(folder.join("compose.yaml"), "services: {web: {image: nginx}}\n").expect("a file");
    let full = fs::File::options().write(true).open("/dev/full").expect("a full device");
    let ran = support::run_into(&folder, &["lint", "compose.yaml"], full);
    let said = "error: cannot write to standard output: No space left on device (os error 28)\n  = what was written is not complete; check the space and the permissions\n";
    assert_eq!((ran.code, ran.stderr.as_str()), (2, said));
}

#[test]
fn a_report_goes_into_a_file_as_well() {
    let folder = support::fresh_folder("report");
    fs::write(folder.join("compose.yaml"), "version: '3'\nservices: {web: {image: nginx}}\n")
        .expect("a file");
    let both = ["lint", "compose.yaml", "--format", "concise", "--output", "concise=out.txt"];
    let ran = Ran::of(&folder, &both, &[], None);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert_eq!(fs::read_to_string(folder.join("out.txt")).expect("the report"), ran.stdout);
    assert!(names(&folder).iter().all(|name| !name.ends_with(".part")));
    let ran = Ran::of(&folder, &["lint", "compose.yaml", "--output", "json=no/such/out.json"], &[], None);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
}

#[test]
fn colours_are_there_when_they_are_asked_for_and_never_in_a_file() {
    let folder = support::fresh_folder("colour");
    fs::write(folder.join("compose.yaml"), "version: '3'\nservices: {web: {image: nginx}}\n")
        .expect("a file");
    let shown = |color: &[&str], env: &[(String, String)]| {
        let arguments = ["lint", "compose.yaml", "--output", "text=out.txt"];
        let ran = Ran::of(&folder, &[&arguments, color].concat(), env, None);
        let written = fs::read_to_string(folder.join("out.txt")).expect("the report");
        assert!(!written.contains('\x1b') && written.contains("obsolete-key"));
        ran.stdout.contains('\x1b')
    };
    let no_color = [("NO_COLOR".to_owned(), "1".to_owned())];
    assert!(!shown(&[], &[]), "standard output is no terminal");
    assert!(!shown(&["--color", "never"], &[]));
    assert!(shown(&["--color", "always"], &no_color));
}

#[test]
fn a_project_that_a_revision_does_not_have_is_new() {
    let folder = support::fresh_folder("new-project");
    let git = |arguments: &[&str]| {
        let named = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
        let ran = Command::new("git").args(named).args(arguments).current_dir(&folder).output();
        assert!(ran.expect("git starts").status.success(), "git {arguments:?}");
    };
    git(&["init", "--quiet"]);
    git(&["commit", "--quiet", "--allow-empty", "--message", "begin"]);
    let path = std::env::var("PATH").unwrap_or_default();
    for (text, code) in [("", 0), ("network_mode: host", 1)] {
        let service =
            "services:\n  web:\n    image: nginxinc/nginx-unprivileged:1.27.5\n    expose: [\"8080\"]\n";
        fs::write(folder.join("compose.yaml"), format!("{service}    {text}\n")).expect("a file");
        for arguments in [&["diff", "--base", "HEAD"][..], &["diff", "--base", "HEAD", "compose.yaml"]] {
            let ran = Ran::of(&folder, arguments, &[("PATH".into(), path.clone())], None);
            assert_eq!((ran.code, ran.stdout.contains("Deployment/web")), (code, code == 0), "{ran:?}");
            assert!(ran.stderr.starts_with("`HEAD` has no such project: all of it is new\n"), "{ran:?}");
        }
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
}
