//! `lint --fix` on every file of the dev corpus: what it may change, and what has to stay, by the word of Compose.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::batch::{self, Answer};
use super::{jobs, toolchain};
use crate::place;

/// What is said, in a form that does not move with the lines: rule, file, path and message.
type Said = BTreeSet<[String; 4]>;

/// Fixes a copy of the corpus and holds it against the original.
pub(crate) fn run(sample: Option<usize>) -> Result<(), String> {
    let Some(corpus) = place::corpus()? else {
        println!("did not run: the fixes (../shared/corpus/dev.tar.xz is missing)");
        return Ok(());
    };
    let compose = toolchain::compose()?;
    let transship = place::transship()?;
    let copy = place::target().join("fixes");
    if copy.exists() {
        std::fs::remove_dir_all(&copy).map_err(|error| format!("{}: {error}", copy.display()))?;
    }
    place::run(Command::new("cp").arg("-r").arg(&corpus).arg(&copy))?;
    let files = jobs::corpus_files(&copy, sample)?;
    let asked: Vec<super::Job> = jobs::corpus(&copy, sample)?;
    let before = texts(&copy, &files)?;
    let models = batch::ask(&|| Command::new(&compose), &asked)?;
    let (said, edits) = lint(&transship, &copy, &files, &[])?;
    lint(&transship, &copy, &files, &["--fix"])?;
    let after = texts(&copy, &files)?;
    let fixed = batch::ask(&|| Command::new(&compose), &asked)?;
    let (says, _) = lint(&transship, &copy, &files, &["--fix"])?;
    let again = texts(&copy, &files)?;

    let mut wrong = Vec::new();
    for (job, model) in &models {
        if !same(model, &fixed[job]) {
            wrong.push(format!("{job}: Compose reads another project"));
        }
    }
    let mut changed = 0;
    for (file, old) in &before {
        let new = &after[file];
        changed += usize::from(old != new);
        if let Some(comment) = lost_comment(old, new) {
            wrong.push(format!("{file}: the comment `{comment}` is lost"));
        }
        if !follows(old, new, 0, edits.get(file).map_or(&[], Vec::as_slice)) {
            wrong.push(format!("{file}: something else than the fixes has changed"));
        }
        if again[file] != *new {
            wrong.push(format!("{file}: a second run changes it once more"));
        }
    }
    wrong.extend(says.difference(&said).map(|new| format!("said only after the fix: {}", new.join(" "))));
    println!("fixes: {} files, {changed} changed, {} wrong", before.len(), wrong.len());
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

fn texts(folder: &Path, files: &[String]) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let read = |file: &String| {
        let bytes = std::fs::read(folder.join(file)).map_err(|error| format!("{file}: {error}"))?;
        Ok((file.clone(), bytes))
    };
    files.iter().map(read).collect()
}

/// An edit of a file: offset, length, text.
type Edits = BTreeMap<String, Vec<(usize, usize, String)>>;

/// What `lint` says of the files, and the safe fixes that it offers, each file a project as a hook would name it.
fn lint(transship: &Path, folder: &Path, files: &[String], flags: &[&str]) -> Result<(Said, Edits), String> {
    let mut said = Said::new();
    let mut edits = Edits::new();
    for part in files.chunks(200) {
        let mut command = Command::new(transship);
        command.arg("lint").args(flags).args(["--format", "json"]).args(part).current_dir(folder);
        let output = command
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("transship cannot be started: {error}"))?;
        if !matches!(output.status.code(), Some(0 | 1)) {
            let words = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(format!("`transship lint {}` ends with {}: {words}", flags.join(" "), output.status));
        }
        let report: Value =
            serde_json::from_slice(&output.stdout).map_err(|error| format!("no JSON: {error}"))?;
        for finding in report["findings"].as_array().ok_or("the report has no findings")? {
            let word = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
            said.insert([word("rule"), word("file"), word("path"), word("message")]);
            for fix in finding["fixes"].as_array().into_iter().flatten().filter(|fix| fix["safety"] == "safe")
            {
                for edit in fix["edits"].as_array().into_iter().flatten() {
                    let number =
                        |key: &str| edit[key].as_u64().and_then(|number| usize::try_from(number).ok());
                    let text = edit["text"].as_str().ok_or("an edit has no text")?;
                    let place = number("offset").zip(number("length")).ok_or("an edit has no place")?;
                    let file = edit["file"].as_str().ok_or("an edit has no file")?;
                    edits.entry(file.to_owned()).or_default().push((place.0, place.1, text.to_owned()));
                }
            }
        }
    }
    for edits in edits.values_mut() {
        edits.sort();
        edits.dedup();
    }
    Ok((said, edits))
}

/// Whether Compose says the same, but for keys of the top level that only hold anchors.
fn same(before: &Answer, after: &Answer) -> bool {
    match (before, after) {
        (Answer::Model(before), Answer::Model(after)) => {
            let bare = |model: &Value| {
                let mut model = model.clone();
                if let Some(map) = model.as_object_mut() {
                    map.retain(|key, _| !key.starts_with("x-") || key == "x-transship");
                }
                model
            };
            bare(before) == bare(after)
        }
        // A complaint may name a line, which moves.
        (Answer::Refused(_), Answer::Refused(_)) => true,
        _ => false,
    }
}

/// A comment of the old text that the new one has not, as far as lines alone can tell what a comment is.
fn lost_comment(old: &[u8], new: &[u8]) -> Option<String> {
    let comments = |text: &[u8]| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for line in String::from_utf8_lossy(text).lines() {
            let start = if line.trim_start().starts_with('#') { line.find('#') } else { line.find(" #") };
            if let Some(at) = start {
                *counts.entry(line[at..].trim().to_owned()).or_default() += 1;
            }
        }
        counts
    };
    let new = comments(new);
    comments(old)
        .into_iter()
        .find(|(text, count)| new.get(text).copied().unwrap_or(0) < *count)
        .map(|(text, _)| text)
}

/// Whether a text is another one with some of the edits made, and nothing else changed; offsets are those of the old
/// text, of which `done` bytes are passed.
fn follows(old: &[u8], new: &[u8], done: usize, edits: &[(usize, usize, String)]) -> bool {
    let Some(((at, length, text), rest)) = edits.split_first() else { return old == new };
    // An edit that lies in one that was made cannot be made any more.
    let Some(gap) = at.checked_sub(done) else { return follows(old, new, done, rest) };
    if old.get(..gap).is_none_or(|held| new.get(..gap) != Some(held)) {
        return false;
    }
    let (old, new) = (&old[gap..], &new[gap..]);
    let made = old.get(*length..).zip(new.strip_prefix(text.as_bytes()));
    made.is_some_and(|(old, new)| follows(old, new, at + length, rest)) || follows(old, new, *at, rest)
}

#[cfg(test)]
mod tests {
    use super::{follows, lost_comment};

    #[test]
    fn a_change_that_no_edit_explains_is_seen() {
        let edits = [(0, 4, String::new()), (6, 1, "X".to_owned())];
        assert!(follows(b"old\nab\ncd", b"abXcd", 0, &edits[..]));
        assert!(follows(b"old\nab\ncd", b"old\nab\ncd", 0, &edits[..]));
        assert!(!follows(b"old\nab\ncd", b"ab\nce", 0, &edits[..]));
        assert_eq!(lost_comment(b"a: 1 # one\n", b"a: 1\n").as_deref(), Some("# one"));
        assert_eq!(lost_comment(b"a: 1 # one\n", b"# one\n"), None);
    }
}
