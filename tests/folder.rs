//! An output folder: what is ours in it follows the project, and what is somebody else's stays as it is.
#![expect(clippy::disallowed_methods, reason = "a test makes folders and starts the tool")]

#[path = "support/tool.rs"]
mod tool;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tool::Ran;

const ONE: &str = "services:\n  web:\n    image: nginx:1.27.5\n";
const TWO: &str = "services:\n  web:\n    image: nginx:1.27.5\n  api:\n    image: httpd:2.4.63\n";

/// A project in a folder of its own.
struct Project(PathBuf);

impl Project {
    fn new(name: &str, text: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("folder").join(name);
        drop(fs::remove_dir_all(&folder));
        fs::create_dir_all(&folder).expect("the folder can be made");
        let project = Self(folder);
        project.write("compose.yaml", text);
        project
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.join(name), text).expect("the file can be written");
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn convert(&self, flags: &[&str]) -> Ran {
        let arguments: Vec<&str> =
            ["convert", "-p", "shop", "-o", "k8s"].iter().chain(flags).copied().collect();
        Ran::of(&self.0, &arguments, &[], None)
    }

    /// Everything in the output folder.
    fn tree(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        let mut folders = vec![self.0.join("k8s")];
        while let Some(folder) = folders.pop() {
            let Ok(entries) = fs::read_dir(&folder) else { continue };
            for path in entries.map(|entry| entry.expect("an entry").path()) {
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name =
                        path.strip_prefix(&self.0).expect("it is below").to_string_lossy().into_owned();
                    files.insert(name, fs::read(&path).expect("it can be read"));
                }
            }
        }
        files
    }
}

#[test]
fn a_folder_is_the_same_from_wherever_it_is_written() {
    let project = Project::new(
        "elsewhere",
        "services:\n  web:\n    build: {dockerfile_inline: \"FROM nginx:1.27.5\"}\n    image: example.com/web:${TAG:-1}\n    env_file: .env\n    environment: {LEVEL: \"${LEVEL:-info}\"}\n",
    );
    project.write(".env", "TAG=2\n");
    let from = |folder: &Path, path: &str, form: &str, more: &[&str]| {
        let out = project.0.join(form);
        let out = out.to_str().expect("a path");
        let words = [&["convert", path, "-p", "shop", "--to", form, "-o", out], more].concat();
        Ran::of(folder, &words, &[], None)
    };
    for form in ["manifests", "kustomize", "helm"] {
        let ran = from(&project.0, ".", form, &[]);
        assert_eq!(ran.code, 0, "{form}: {ran:?}");
        let above = project.0.parent().expect("a folder above");
        let ran = from(above, "elsewhere", form, &["--check"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{form}: {ran:?}");
    }
    assert!(
        project.read("helm/values.yaml").contains("# compose.yaml:4\n"),
        "{}",
        project.read("helm/values.yaml")
    );
}

#[test]
fn a_second_run_changes_nothing_and_check_agrees() {
    let project = Project::new("again", TWO);
    assert_eq!(project.convert(&["--check"]).code, 1);
    assert!(project.tree().is_empty(), "`--check` writes nothing");
    assert_eq!(project.convert(&[]).code, 0);
    let first = project.tree();
    assert!(first.contains_key("k8s/web/deployment.yaml") && first.contains_key("k8s/.transship.lock"));
    assert!(!first.keys().any(|name| name.contains(".part")), "nothing of the way is left");
    assert_eq!(project.convert(&[]).code, 0);
    assert_eq!(project.tree(), first);
    let check = project.convert(&["--check"]);
    assert_eq!((check.code, check.stdout.as_str()), (0, ""));
}

#[test]
fn files_that_are_no_longer_needed_go_with_their_folders() {
    let project = Project::new("stale", TWO);
    project.convert(&[]);
    project.write("compose.yaml", ONE);
    let check = project.convert(&["--check"]);
    assert_eq!(check.code, 1);
    assert!(check.stdout.contains("k8s/api/deployment.yaml is no longer needed\n"), "{}", check.stdout);
    project.convert(&[]);
    assert!(!project.0.join("k8s/api").exists());
    assert!(project.tree().contains_key("k8s/web/deployment.yaml"));
}

#[test]
fn a_tree_is_checked_compared_and_cleared_as_a_whole() {
    let project = Project::new("tree", TWO);
    project.write("prod.yaml", "services:\n  web:\n    stop_grace_period: 20s\n");
    let flags = ["--to", "kustomize", "--overlay", "prod=prod.yaml"];
    let with = |more: &[&'static str]| flags.iter().chain(more).copied().collect::<Vec<_>>();
    assert_eq!(project.convert(&flags).code, 0);
    let patch = "k8s/overlays/prod/patches/web/deployment.yaml";
    assert!(project.tree().contains_key(patch));
    let against = |project: &Project| {
        let words = ["diff", "-p", "shop", "--against", "k8s"].into_iter().chain(flags).collect::<Vec<_>>();
        Ran::of(&project.0, &words, &[], None)
    };
    assert_eq!(project.convert(&with(&["--check"])).code, 0);
    assert_eq!(against(&project).code, 0);
    project.write("prod.yaml", "services:\n  web:\n    stop_grace_period: 30s\n");
    let check = project.convert(&with(&["--check"]));
    assert_eq!((check.code, check.stdout), (1, format!("{patch} is out of date\n")));
    let drift = against(&project);
    let said = format!("{patch} is not what would be written\n");
    assert_eq!((drift.code, drift.stdout.as_str(), drift.stderr), (1, "", said));
    project.write("compose.yaml", &TWO.replace("1.27.5", "1.28.0"));
    let drift = against(&project);
    assert!(drift.stdout.starts_with("Deployment/web\n"), "{}", drift.stdout);
    assert_eq!(project.convert(&["--to", "kustomize"]).code, 0);
    assert!(!project.0.join("k8s/overlays").exists(), "nothing is left of an overlay that nobody asks for");
    assert!(project.0.join("k8s/base").exists());
}

#[test]
fn what_was_changed_by_hand_stays_until_force() {
    let project = Project::new("edited", ONE);
    project.convert(&[]);
    let edited = project.read("k8s/web/deployment.yaml") + "# mine\n";
    project.write("k8s/web/deployment.yaml", &edited);
    project.write("compose.yaml", &ONE.replace("1.27.5", "1.28.0"));
    let ran = project.convert(&[]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("k8s/web/deployment.yaml   it was changed by hand"), "{}", ran.stderr);
    assert_eq!(project.read("k8s/web/deployment.yaml"), edited);
    assert_eq!(project.convert(&["--force"]).code, 0);
    assert!(project.read("k8s/web/deployment.yaml").contains("nginx:1.28.0"));
}

#[test]
fn files_of_others_are_never_touched() {
    let project = Project::new("others", ONE);
    fs::create_dir_all(project.0.join("k8s/web")).expect("the folder can be made");
    project.write("k8s/web/notes.txt", "keep\n");
    project.write("k8s/web/deployment.yaml", "mine: true\n");
    let ran = project.convert(&[]);
    assert_eq!(ran.code, 1);
    assert_eq!(project.read("k8s/web/notes.txt"), "keep\n");
    assert_eq!(project.read("k8s/web/deployment.yaml"), "mine: true\n");
}

#[test]
fn what_holds_data_outlives_the_release_of_a_chart() {
    let shared = "volumes:\n  files: {driver_opts: {type: nfs, o: addr=10.0.0.9, device: \":/srv\"}}\n";
    let project = Project::new("outlives", &format!("{ONE}    volumes: [\"files:/srv\"]\n{shared}"));
    project.convert(&["--to", "helm"]);
    for (path, text) in project.tree() {
        let text = String::from_utf8_lossy(&text).into_owned();
        let holds_data = text.contains("kind: PersistentVolume") && path.contains("templates");
        assert_eq!(text.contains("helm.sh/resource-policy: keep"), holds_data, "{path}");
    }
}

#[test]
fn a_diff_shows_the_change_and_writes_nothing() {
    let project = Project::new("diff", ONE);
    project.convert(&[]);
    let before = project.tree();
    project.write("compose.yaml", &ONE.replace("1.27.5", "1.28.0"));
    let ran = project.convert(&["--diff"]);
    assert!(
        ran.stdout.contains("-        image: nginx:1.27.5\n+        image: nginx:1.28.0\n"),
        "{}",
        ran.stdout
    );
    assert_eq!(project.tree(), before);
}

#[test]
fn a_killed_run_leaves_only_files_that_the_next_one_knows() {
    let project = Project::new("killed", ONE);
    project.convert(&[]);
    // As a run leaves it that ends between the record and the last file: both digests count as ours.
    let record = project.read("k8s/.transship.lock");
    project.write("compose.yaml", &ONE.replace("1.27.5", "1.28.0"));
    project.convert(&[]);
    let name = "\"web/deployment.yaml\": ";
    let digest = |text: &str| {
        let start = text.find(name).expect("it is recorded") + name.len();
        text[start..].split([',', '\n']).next().expect("a digest").to_owned()
    };
    let (old, new) = (digest(&record), digest(&project.read("k8s/.transship.lock")));
    project.write("k8s/.transship.lock", &record.replace(&old, &format!("[{old}, {new}]")));
    fs::create_dir_all(project.0.join("k8s/.transship.part/web")).expect("the folder can be made");
    project.write("k8s/.transship.part/web/deployment.yaml", "half");
    project.write("compose.yaml", &ONE.replace("1.27.5", "1.29.0"));
    assert_eq!(project.convert(&[]).code, 0);
    assert!(project.read("k8s/web/deployment.yaml").contains("nginx:1.29.0"));
    assert!(!project.0.join("k8s/.transship.part").exists());
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error_with_its_place() {
    let project = Project::new("refused", ONE);
    project.write("k8s", "a file\n");
    let ran = project.convert(&[]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("error: cannot write to `k8s"), "{}", ran.stderr);
    assert_eq!(project.read("k8s"), "a file\n");
    let project = Project::new("record", ONE);
    fs::create_dir_all(project.0.join("k8s")).expect("the folder can be made");
    project.write("k8s/.transship.lock", "{");
    let ran = project.convert(&[]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("is not a record that transship has written"), "{}", ran.stderr);
}

#[test]
fn a_record_does_not_lead_out_of_the_folder() {
    let project = Project::new("outside", ONE);
    fs::create_dir_all(project.0.join("k8s")).expect("the folder can be made");
    project.write("victim.txt", "abc");
    let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    project.write(
        "k8s/.transship.lock",
        &format!("{{\"version\":1,\"files\":{{\"../victim.txt\":\"{digest}\"}}}}"),
    );
    project.convert(&[]);
    assert_eq!(project.read("victim.txt"), "abc");
}
