//! The hooks of this repository, run by pre-commit in a repository of a user.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::{packages, toolchain};
use crate::place;

const GOOD: &str =
    "services:\n  web:\n    image: nginxinc/nginx-unprivileged:1.27.5\n    expose: [\"8080\"]\n";
const BAD: &str = "    network_mode: host\n";

/// The lane: commits that must pass and commits that must be stopped.
pub(crate) fn run() -> Result<(), String> {
    let Some(programs) = packages::python("pre-commit")? else {
        println!("did not run: pre-commit (there is no Python)");
        return Ok(());
    };
    let user = User::new(programs.join("pre-commit"))?;
    let commits = [
        Commit { file: "README.md", text: "hello\n".into(), stopped: None, told: "no files to check" },
        Commit { file: "compose.yaml", text: GOOD.into(), stopped: None, told: "Deployment/web" },
        Commit {
            file: "compose.yaml",
            text: format!("{GOOD}{BAD}"),
            stopped: Some("host-network"),
            told: "compose.yaml:5",
        },
        Commit { file: "notes.yaml", text: BAD.into(), stopped: None, told: "no files to check" },
        Commit {
            file: "sub/docker-compose.prod.yml",
            text: format!("{GOOD}{BAD}"),
            stopped: Some("host-network"),
            told: "sub/docker-compose.prod.yml:5",
        },
        Commit {
            file: "compose.yaml",
            text: GOOD.replace("8080", "9090"),
            stopped: None,
            told: "Service/web",
        },
    ];
    for commit in &commits {
        user.commits(commit)?;
    }
    println!("pre-commit: {} passed, 0 failed", commits.len());
    Ok(())
}

/// A change of a file, and what becomes of it.
struct Commit {
    file: &'static str,
    text: String,
    /// The rule that stops it.
    stopped: Option<&'static str>,
    /// What the hooks say.
    told: &'static str,
}

/// Somebody with a repository that has the hooks.
struct User {
    folder: PathBuf,
    pre_commit: PathBuf,
}

impl User {
    fn new(pre_commit: PathBuf) -> Result<Self, String> {
        let folder = toolchain::folder().join("pre-commit-user");
        let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
        if folder.exists() {
            std::fs::remove_dir_all(&folder).map_err(failed)?;
        }
        std::fs::create_dir_all(folder.join("sub")).map_err(failed)?;
        let user = Self { folder, pre_commit };
        let root = place::root();
        let revision = user.git(&root, &["rev-parse", "HEAD"])?;
        println!(
            "pre-commit installs the hooks of {} as users get them: minutes, the first time",
            revision.trim()
        );
        let hooks = "[{id: transship-lint}, {id: transship-diff}]";
        let config =
            format!("repos:\n- repo: {}\n  rev: {}\n  hooks: {hooks}\n", root.display(), revision.trim());
        std::fs::write(user.folder.join(".pre-commit-config.yaml"), config)
            .map_err(|error| error.to_string())?;
        user.git(&user.folder, &["init", "--quiet"])?;
        user.git(&user.folder, &["add", "."])?;
        user.git(&user.folder, &["commit", "--quiet", "--message", "begin"])?;
        place::run(user.environment(Command::new(&user.pre_commit).args(["install", "--install-hooks"])))?;
        Ok(user)
    }

    /// The variables of a user: nothing of this machine's settings, and everything that is made stays in the target folder.
    fn environment<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .env("PRE_COMMIT_HOME", toolchain::folder().join("pre-commit-home"))
            .env("CARGO_TARGET_DIR", place::target().join("oracles/pre-commit-target"))
            // The lane judges hooks, not speed: a quick build will do.
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_NAME", "user")
            .env("GIT_AUTHOR_EMAIL", "user@example.org")
            .env("GIT_COMMITTER_NAME", "user")
            .env("GIT_COMMITTER_EMAIL", "user@example.org")
    }

    fn git(&self, folder: &Path, arguments: &[&str]) -> Result<String, String> {
        let ran = self.try_git(folder, arguments)?;
        let words = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if ran.status.success() {
            Ok(words(&ran.stdout))
        } else {
            Err(format!("`git {}`: {}", arguments.join(" "), words(&ran.stderr)))
        }
    }

    fn try_git(&self, folder: &Path, arguments: &[&str]) -> Result<Output, String> {
        let mut git = Command::new("git");
        self.environment(&mut git).current_dir(folder).args(arguments);
        git.output().map_err(|error| format!("`git`: {error}"))
    }

    /// Makes the change, commits it, and holds what happens against what has to happen.
    fn commits(&self, commit: &Commit) -> Result<(), String> {
        let path = self.folder.join(commit.file);
        std::fs::write(&path, &commit.text).map_err(|error| format!("{}: {error}", path.display()))?;
        self.git(&self.folder, &["add", "."])?;
        let ran = self.try_git(&self.folder, &["commit", "--message", commit.file])?;
        let said =
            format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        let right = ran.status.success() == commit.stopped.is_none()
            && said.contains(commit.told)
            && commit.stopped.is_none_or(|rule| said.contains(rule));
        if !right {
            return Err(format!("pre-commit, {}: expected {:?}\n{said}", commit.file, commit.stopped));
        }
        match commit.stopped {
            Some(rule) => {
                println!("{}: stopped by {rule}", commit.file);
                self.git(&self.folder, &["reset", "--quiet", "--hard"])?;
            }
            None => println!("{}: passes", commit.file),
        }
        Ok(())
    }
}
