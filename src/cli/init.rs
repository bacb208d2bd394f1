//! `init`: a `transship.toml` to begin with, and what runs transship on a change.

use std::path::{Path, PathBuf};

use super::args::Init;
use super::error::Error;
use super::output::Output;
use super::settings::NAME;
use super::{Outcome, disk};

/// A file that `init` can write.
struct Snippet {
    path: &'static str,
    text: &'static str,
}

const SETTINGS: Snippet = Snippet { path: NAME, text: include_str!("init/transship.toml") };
const PRE_COMMIT: Snippet =
    Snippet { path: ".pre-commit-config.yaml", text: include_str!("init/pre-commit.yaml") };
const GITHUB: Snippet =
    Snippet { path: ".github/workflows/transship.yaml", text: include_str!("init/github.yaml") };
const GITLAB: Snippet = Snippet { path: ".gitlab-ci.yml", text: include_str!("init/gitlab.yaml") };

/// Runs the command.
///
/// # Errors
/// When there is a `transship.toml` already, or a file cannot be written.
pub fn run(arguments: &Init, output: &mut Output) -> Result<Outcome, Error> {
    let Init { folder, force, pre_commit, github, gitlab } = arguments;
    let folder = folder.as_deref().unwrap_or(Path::new("."));
    let settings = folder.join(SETTINGS.path);
    let asked = [(*pre_commit, PRE_COMMIT), (*github, GITHUB), (*gitlab, GITLAB)];
    let asked: Vec<Snippet> =
        asked.into_iter().filter(|(asked, _)| *asked).map(|(_, snippet)| snippet).collect();
    if !is_there(&settings) || *force {
        write(&settings, &SETTINGS, output)?;
    } else if asked.is_empty() {
        return Err(Error::Present(shown(&settings)));
    }
    for snippet in asked {
        let path = folder.join(snippet.path);
        if is_there(&path) {
            let shown = shown(&path);
            output.remark(&format!("{} is there already; add this to it:\n", shown.display()));
            output.write(snippet.text)?;
        } else {
            write(&path, &snippet, output)?;
        }
    }
    Ok(Outcome::Clean)
}

fn write(path: &Path, snippet: &Snippet, output: &mut Output) -> Result<(), Error> {
    let above = path.parent().filter(|above| !above.as_os_str().is_empty());
    if let Some(above) = above {
        let fail = |error: std::io::Error| Error::Output(format!("`{}`", above.display()), error.to_string());
        std::fs::create_dir_all(above).map_err(fail)?;
    }
    disk::write(path, snippet.text)?;
    output.remark(&format!("wrote {}\n", shown(path).display()));
    Ok(())
}

/// Whether something is there, be it a link that leads nowhere.
fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// A path without the dot that stands for here.
fn shown(path: &Path) -> PathBuf {
    path.strip_prefix(".").unwrap_or(path).to_path_buf()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::registry::RULES;
    use crate::settings;
    use crate::source::span::FileId;

    #[test]
    fn what_is_commented_out_is_right_when_it_is_not() {
        let open = |line: &str| {
            let rest = line.strip_prefix("# ").unwrap_or(line);
            let is_code =
                rest.starts_with('[') || rest.split_once(" = ").is_some_and(|(key, _)| !key.contains(' '));
            if is_code { rest.to_owned() } else { line.to_owned() }
        };
        let text: Vec<String> = SETTINGS.text.lines().map(open).collect();
        let rules: Vec<&'static str> = RULES.iter().map(|rule| rule.slug.0).collect();
        let (table, problems) = settings::read(FileId(0), &text.join("\n"), &rules);
        assert_eq!(problems, []);
        assert_eq!(table.entries().len(), settings::keys::TOP.len());
    }
}
