//! What changes in a text, line by line, and in several of them.

use serde_json::{Value, json};
use similar::TextDiff;

use super::json;

/// A file that is there, and what it would be.
pub struct Edited {
    /// Its name, as the user has it.
    pub name: String,
    /// What it holds; nothing when it is not there.
    pub old: Option<String>,
    /// What it would hold; nothing when it would go.
    pub new: Option<String>,
}

impl Edited {
    fn unified(&self) -> String {
        unified(&self.name, self.old.as_deref().unwrap_or_default(), self.new.as_deref().unwrap_or_default())
    }

    fn change(&self) -> &'static str {
        match (&self.old, &self.new) {
            (None, _) => "added",
            (Some(_), None) => "removed",
            (Some(_), Some(_)) => "changed",
        }
    }
}

/// The changes of files for a terminal, or for `git apply`.
#[must_use]
pub fn text(files: &[Edited]) -> String {
    files.iter().map(Edited::unified).collect()
}

/// The changes of files for a pull request.
#[must_use]
pub fn markdown(files: &[Edited]) -> String {
    if files.is_empty() {
        return "No file changes.\n".to_owned();
    }
    let one = |file: &Edited| {
        let change = file.unified();
        // A fence is longer than any in what it holds.
        let longest = change.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
        let fence = "`".repeat(3.max(longest + 1));
        format!("**{}** ({})\n\n{fence}diff\n{change}{fence}\n", file.name, file.change())
    };
    files.iter().map(one).collect::<Vec<_>>().join("\n")
}

/// The changes of files for machines.
#[must_use]
pub fn json(files: &[Edited]) -> String {
    let one =
        |file: &Edited| json!({"file": file.name, "change": file.change(), "difference": file.unified()});
    let document: Value = json!({"version": 1, "files": files.iter().map(one).collect::<Vec<_>>()});
    json::escaped(&format!("{document:#}\n"))
}

/// The change of one file as a unified diff; nothing when there is none.
#[must_use]
pub fn unified(name: &str, old: &str, new: &str) -> String {
    let (before, after) = (side("a", name, old), side("b", name, new));
    TextDiff::from_lines(old, new).unified_diff().context_radius(3).header(&before, &after).to_string()
}

/// How a side is named; one that does not exist is the empty device, as in `git diff`.
fn side(letter: &str, name: &str, text: &str) -> String {
    if text.is_empty() {
        return "/dev/null".to_owned();
    }
    format!("{letter}/{}", name.trim_start_matches('/'))
}
