//! Findings that are there already, and changes that touch a part: what a big repository begins with.
#![expect(clippy::disallowed_methods, reason = "a test makes folders and starts the tool and git")]
#![expect(dead_code, reason = "each test needs a part of what is shared")]

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use support::tool::Ran;

const AGENT: &str =
    "services:\n  agent:\n    image: nginx:1.27.5\n    user: \"101\"\n    network_mode: host\n";

fn lint(folder: &Path, arguments: &[&str]) -> Ran {
    let arguments: Vec<&str> = ["lint"].iter().chain(arguments).copied().collect();
    Ran::of(folder, &arguments, &[], None)
}

#[test]
fn a_baseline_holds_what_is_there_and_lets_nothing_new_pass() {
    let folder = support::fresh_folder("baseline");
    let quiet = [
        "implicit-grace-period",
        "missing-digest",
        "missing-hardening",
        "missing-healthcheck",
        "missing-resources",
        "short-image-name",
        "unset-restart",
        "writable-root-fs",
    ];
    let off: String = quiet.iter().map(|rule| format!("{rule} = \"off\"\n")).collect();
    fs::write(folder.join("transship.toml"), format!("[rules]\n{off}")).expect("a file");
    fs::write(folder.join("compose.yaml"), AGENT).expect("a file");
    let wrote = lint(&folder, &["compose.yaml", "--write-baseline", "baseline.json"]);
    assert_eq!((wrote.code, wrote.stderr.as_str()), (0, "wrote baseline.json: 1 finding\n"));
    let expected = "{
  \"version\": 1,
  \"findings\": {
    \"compose.yaml\": {
      \"host-network\": {
        \"agent\": 1
      }
    }
  }
}
";
    assert_eq!(fs::read_to_string(folder.join("baseline.json")).expect("the baseline"), expected);
    let held = lint(&folder, &["compose.yaml", "--baseline", "baseline.json"]);
    assert_eq!((held.code, held.stderr.as_str()), (0, ""));
    // It knows the file from wherever the run stands.
    fs::create_dir(folder.join("below")).expect("a folder");
    let below = lint(&folder.join("below"), &["../compose.yaml", "--baseline", "../baseline.json"]);
    assert_eq!((below.code, below.stderr.as_str()), (0, ""));
    fs::write(folder.join("compose.yaml"), format!("{AGENT}    pid: host\n")).expect("a file");
    assert_eq!(lint(&folder, &["compose.yaml", "--baseline", "baseline.json"]).code, 1);
    fs::write(folder.join("compose.yaml"), "services: {agent: {image: \"nginx:1.27.5\", user: \"101\"}}\n")
        .expect("a file");
    let shrunk = lint(&folder, &["compose.yaml", "--baseline", "baseline.json", "--format", "concise"]);
    let said =
        "baseline.json lists 1 finding that is gone; `--write-baseline baseline.json` takes them out\n";
    assert_eq!((shrunk.code, shrunk.stderr.as_str()), (0, said));
}

/// Runs git in a folder, as nobody in particular; whether there is a git.
fn git(folder: &Path, arguments: &[&str]) -> bool {
    let ran = Command::new("git")
        .args(["-c", "user.name=n", "-c", "user.email=e@example.com", "-c", "init.defaultBranch=main"])
        .args(arguments)
        .current_dir(folder)
        .output();
    ran.is_ok_and(|output| output.status.success())
}

#[test]
fn only_projects_that_a_change_touches_are_looked_at() {
    let folder = support::fresh_folder("changed");
    let bind = "    volumes: [\"./site.conf:/etc/site.conf:ro\"]\n";
    for name in ["a", "b", "c"] {
        fs::create_dir(folder.join(name)).expect("a folder");
        fs::write(folder.join(name).join("compose.yaml"), format!("{AGENT}{bind}")).expect("a file");
        fs::write(folder.join(name).join("site.conf"), "x\n").expect("a file");
    }
    if !git(&folder, &["init", "-q"]) {
        return;
    }
    assert!(git(&folder, &["add", "."]) && git(&folder, &["commit", "-qm", "first"]));
    let seen = |what: &str| {
        let ran = lint(
            &folder,
            &[".", "--changed-since", "HEAD", "--format", "concise", "--select", "host-network"],
        );
        assert_eq!(ran.stderr, "", "{what}");
        let files: Vec<String> =
            ran.stdout.lines().filter_map(|line| Some(line.split_once(':')?.0.to_owned())).collect();
        files
    };
    assert_eq!(seen("no change"), [""; 0]);
    fs::write(folder.join("b/site.conf"), "y\n").expect("a file");
    assert_eq!(seen("a mounted file"), ["b/compose.yaml"]);
    fs::write(folder.join("c/.env"), "A=1\n").expect("a file");
    assert_eq!(seen("a new env file"), ["b/compose.yaml", "c/compose.yaml"]);
    fs::write(folder.join("a/transship.toml"), "[rules]\nhost-network = \"warning\"\n").expect("a file");
    assert_eq!(seen("settings"), ["a/compose.yaml", "b/compose.yaml", "c/compose.yaml"]);
    let none = lint(&folder, &[".", "--changed-since", "no-such"]);
    assert_eq!(none.code, 2);
}
