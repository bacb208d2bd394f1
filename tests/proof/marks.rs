//! Nothing secret is said: each secret of a project is a mark first, and no mark comes out anywhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::{IntoParallelIterator, ParallelIterator};
use transship::diag::sensitive;
use transship::k8s::kind::Kind;
use transship::render::{emit, manifests, secrets_example};
use transship::report::{self, Format, Style, account};
use transship::tree::{Node, Value};

use super::folder::copy;
use super::held::{Converted, Held};
use super::tool::Ran;
use super::tree;

/// What every mark begins with.
const MARK: &str = "zqmark";

/// Gives out marks.
struct Marks(usize);

impl Marks {
    fn next(&mut self) -> String {
        self.0 += 1;
        format!("{MARK}{:05}z", self.0)
    }

    /// The text with a mark for each secret that a line of it shows.
    fn lines(&mut self, text: &str) -> String {
        let mut out = String::new();
        for line in text.split_inclusive('\n') {
            let mut at = 0;
            for secret in sensitive::secrets(line.trim_end_matches(['\n', '\r'])) {
                // A service may be named `secret`, and its image has a tag; before the name of a user stands no password.
                let before = &line[..secret.start];
                let user = before.rsplit_once("://${").is_some_and(|(_, rest)| !rest.contains('}'));
                let sign = !line[secret.clone()].contains(char::is_alphanumeric);
                // A path behind `passwd:` is a mount and what follows its options, digits behind `secret-store:` a port.
                let held = &line[secret.clone()];
                let digits = held.bytes().take_while(u8::is_ascii_digit).count();
                let port = (2..=5).contains(&digits)
                    && !held[digits..].starts_with(|letter: char| letter.is_alphanumeric());
                let sign = sign || port || held.starts_with('/') || matches!(held, "ro" | "rw" | "z" | "Z");
                if secret.start < at || sign || user || line.trim_start().starts_with("image:") {
                    continue;
                }
                out.push_str(&line[at..secret.start]);
                // Close to a variable without braces it would be a part of its name.
                let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
                if before.trim_end_matches(is_of_name).ends_with('$') {
                    out.push('-');
                }
                out.push_str(&self.next());
                at = secret.end;
            }
            out.push_str(&line[at..]);
        }
        out
    }

    /// The text with a mark for each value behind `NAME=` that `is_secret` takes.
    fn env_file(&mut self, text: &str, is_secret: &dyn Fn(&str) -> bool) -> String {
        let mut out = String::new();
        for line in text.split_inclusive('\n') {
            match line.split_once('=') {
                Some((name, value))
                    if !name.trim_start().starts_with('#')
                        && !value.trim().is_empty()
                        && is_secret(name.trim()) =>
                {
                    out.push_str(&format!("{name}={}\n", self.next()));
                }
                _ => out.push_str(line),
            }
        }
        out
    }

    /// A value with a mark for each of its parts that is no variable.
    fn value(&mut self, text: &str) -> String {
        if !text.contains('$') {
            return self.next();
        }
        // Defaults of variables are values as well; `lines` knows how to find them.
        let line = self.lines(&format!("PASSWORD={text}"));
        line.strip_prefix("PASSWORD=").unwrap_or(text).to_owned()
    }

    /// A tree with a mark for each secret.
    fn tree(&mut self, node: &mut Node, name: &str, variables: &mut BTreeSet<String>) {
        match &mut node.value {
            Value::String(text) => {
                let whole = sensitive::is_sensitive(name) && !sensitive::is_switch(text) && !text.is_empty();
                if whole {
                    names_of(text, variables);
                    *text = self.value(text).into();
                } else if let Some((key, value)) = text.split_once('=')
                    && !key.contains(char::is_whitespace)
                    && sensitive::is_sensitive(key.trim_start_matches('-'))
                    && !sensitive::is_switch(value)
                    && !value.is_empty()
                {
                    names_of(value, variables);
                    *text = format!("{key}={}", self.value(value)).into();
                } else {
                    for password in sensitive::passwords(text).into_iter().rev() {
                        // The default of the variable that holds the user's name is no password.
                        let user = text[..password.start]
                            .rsplit_once("${")
                            .is_some_and(|(_, rest)| !rest.contains('}'));
                        if user {
                            continue;
                        }
                        names_of(&text[password.clone()], variables);
                        let mark = self.value(&text[password.clone()]);
                        let mut marked = text.to_string();
                        marked.replace_range(password, &mark);
                        *text = marked.into();
                    }
                }
            }
            Value::List(items) => {
                let mut before = String::new();
                for item in items {
                    let own = item.as_str().unwrap_or_default().to_owned();
                    // `--password`, and its value as the next word.
                    let flag =
                        before.strip_prefix("--").filter(|flag| !flag.contains('=')).unwrap_or_default();
                    self.tree(item, if own.starts_with('-') { "" } else { flag }, variables);
                    before = own;
                }
            }
            Value::Map(map) => {
                for entry in &mut map.entries {
                    let section = matches!(entry.key.as_str(), "secrets" | "secret");
                    let name = if section { String::new() } else { entry.key.to_string() };
                    self.tree(&mut entry.node, &name, variables);
                }
            }
            _ => {}
        }
    }
}

/// The variables that a text uses.
fn names_of(text: &str, names: &mut BTreeSet<String>) {
    for (at, _) in text.match_indices('$') {
        let rest = text[at + 1..].trim_start_matches('{');
        let end =
            rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(rest.len());
        names.insert(rest[..end].to_owned());
    }
}

/// The paths that the tree names where `is_wanted` says so, given the keys that lead there.
fn paths(
    node: &Node,
    keys: &mut Vec<String>,
    is_wanted: &dyn Fn(&[String]) -> bool,
    found: &mut Vec<String>,
) {
    match &node.value {
        Value::String(text) if is_wanted(keys) => found.push(text.to_string()),
        Value::List(items) => items.iter().for_each(|item| paths(item, keys, is_wanted, found)),
        Value::Map(map) => {
            for entry in &map.entries {
                keys.push(entry.key.to_string());
                paths(&entry.node, keys, is_wanted, found);
                keys.pop();
            }
        }
        _ => {}
    }
}

/// The project with a mark for each secret: in the text as it stands, or in its tree.
fn marked(held: &Held, by_tree: bool) -> Option<(Held, usize)> {
    let text = held.text()?;
    let folder = held.file.parent()?.to_path_buf();
    let mut marks = Marks(0);
    let mut root = tree::read(&text)?;
    let plain = root.clone();
    let mut variables = BTreeSet::new();
    marks.tree(&mut root, "", &mut variables);
    let mut out = if by_tree {
        held.with(&held.file, tree::write(&root, &text))
    } else {
        marks = Marks(0);
        let text = marks.lines(&text);
        held.with(&held.file, text)
    };
    // The other files: `.env`, env files, files of secrets.
    let mut change = |path: PathBuf, how: &mut dyn FnMut(&str, &mut Marks) -> String| {
        if let Some(text) = out.bytes(&path).and_then(|bytes| String::from_utf8(bytes).ok()) {
            out = out.with(&path, how(&text, &mut marks));
        }
    };
    let mut found = Vec::new();
    let is_secret = |name: &str| sensitive::is_sensitive(name) || variables.contains(name);
    let is_env = |keys: &[String]| keys.iter().any(|key| key == "env_file");
    paths(&plain, &mut Vec::new(), &is_env, &mut found);
    for path in found.iter().filter(|path| !path.ends_with("/.env") && *path != ".env") {
        change(folder.join(path), &mut |text, marks| marks.env_file(text, &is_secret));
    }
    change(folder.join(".env"), &mut |text, marks| marks.env_file(text, &is_secret));
    let mut found = Vec::new();
    let is_file =
        |keys: &[String]| matches!(keys, [section, _, key] if section == "secrets" && key == "file");
    paths(&plain, &mut Vec::new(), &is_file, &mut found);
    for path in &found {
        change(transship::source::reader::join(&folder, path), &mut |_, marks| marks.next());
    }
    Some((out, marks.0))
}

/// Everything that the tool says of a project, in whatever form, with a name for each text.
fn said(converted: &Converted) -> Vec<(String, String)> {
    let Converted { resolved, plan, findings, .. } = converted;
    let mut said = vec![("the report".to_owned(), converted.report())];
    for (name, format) in [("text", Format::Text), ("concise", Format::Concise), ("JSON", Format::Json)] {
        let text = report::render(format, findings, &resolved.files, Style::default());
        said.push((format!("the findings as {name}"), text));
    }
    said.extend(secrets_example::text(plan, false).map(|text| ("the example of secrets".to_owned(), text)));
    let view = account::View { plan, project: &resolved.project, files: &resolved.files };
    for row in plan.ledger.iter().filter(|row| row.path.len() < 200).take(400) {
        let text = account::key(&view, &row.path).unwrap_or_default();
        said.push((format!("what explains `{}`", row.path), text));
    }
    // Secrets are written with their values where somebody asks for it.
    for object in plan.objects.iter().filter(|object| object.id.kind != Kind::Secret) {
        let address = object.id.address(&plan.namespace);
        let text = account::object(&view, &address, "").unwrap_or_default();
        said.push((format!("what explains {address}"), text));
        said.push((address, emit::object(object)));
    }
    said.extend(manifests::files(plan).into_keys().map(|path| (format!("the name {path}"), path.clone())));
    said
}

/// The lines that hold a mark.
fn leaks(name: &str, said: Vec<(String, String)>) -> Vec<String> {
    let mut leaks = Vec::new();
    for (what, text) in said.into_iter().filter(|(_, text)| text.contains(MARK)) {
        let line = text.lines().find(|line| line.contains(MARK)).unwrap_or_default();
        leaks.push(format!("{name}: {what}: {}", line.trim()));
    }
    leaks
}

/// How many secrets were marked, and where marks came out.
fn look(held: &Held) -> (usize, Vec<String>) {
    let (mut count, mut wrong) = (0, Vec::new());
    for by_tree in [false, true] {
        let Some((held, marks)) = marked(held, by_tree) else { continue };
        let Some(converted) = held.convert() else { continue };
        count += marks;
        let inline = held.flags.iter().any(|flag| flag == "inline");
        if !inline && converted.plan.objects.iter().any(|object| object.id.kind == Kind::Secret) {
            wrong.push(format!("{}: a Secret is written that nobody asked for", held.name));
        }
        wrong.extend(leaks(&held.name, said(&converted)));
        if !inline && let Some(converted) = held.flagged(&["--secrets", "inline"]).convert() {
            wrong.extend(leaks(&format!("{} (inline)", held.name), said(&converted)));
        }
    }
    (count, wrong)
}

fn hold(projects: Vec<Held>) {
    let all = projects.len();
    let (count, wrong) = projects
        .into_par_iter()
        .map(|held| look(&held))
        .reduce(|| (0, Vec::new()), |one, two| (one.0 + two.0, [one.1, two.1].concat()));
    println!("{count} secrets of {all} projects were marked");
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn no_secret_of_a_golden_case_is_said() {
    hold(Held::golden());
}

#[test]
fn no_secret_of_the_corpus_is_said() {
    hold(Held::corpus());
}

/// The same through the command line: both streams, the folder with all its files, and what `diff` says of secrets that
/// change from one mark to another.
#[test]
fn no_secret_comes_out_of_a_command() {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("marks");
    drop(fs::remove_dir_all(&scratch));
    let (mut wrong, mut count) = (Vec::new(), 0);
    for held in Held::golden() {
        let Some((marked, marks)) = marked(&held, false) else { continue };
        if marks == 0 || marked.convert().is_none() || held.flags.iter().any(|flag| flag == "inline") {
            continue;
        }
        count += marks;
        let case = held.file.parent().expect("a folder");
        let (old, new) = (scratch.join(&held.name).join("old"), scratch.join(&held.name).join("new"));
        copy(case, &old);
        copy(case, &new);
        for (path, text) in &marked.texts {
            let below = path.strip_prefix(case).expect("it is below");
            fs::write(new.join(below), text).expect("a file");
            let other = String::from_utf8_lossy(text).replace(MARK, &format!("{MARK}9"));
            fs::write(old.join(below), other).expect("a file");
        }
        let flags: Vec<&str> = marked.flags.iter().map(String::as_str).collect();
        let runs: [&[&str]; 7] = [
            &["convert", "-p", "shop", "-o", "out", "--report", "report.json"],
            &["convert", "-p", "shop"],
            &["lint"],
            &["diff", "-p", "shop", "--base", "../old"],
            &["diff", "-p", "shop", "--base", "../old", "--format", "json"],
            &["diff", "-p", "shop", "--base", "../old", "--format", "markdown"],
            &["diff", "-p", "shop", "--against", "out"],
        ];
        for words in runs {
            // Where nothing converts there is no folder to compare with.
            if words.contains(&"--against") && !new.join("out").is_dir() {
                continue;
            }
            let own = if words[0] == "lint" { &[] } else { flags.as_slice() };
            let arguments: Vec<&str> = words.iter().chain(own).copied().collect();
            let ran = Ran::of(&new, &arguments, &[], None);
            let name = format!("{}: {}", held.name, words.join(" "));
            assert!(ran.code < 2, "{name}: {}", ran.stderr);
            wrong.extend(leaks(&name, vec![("stdout".into(), ran.stdout), ("stderr".into(), ran.stderr)]));
        }
        let mut files = vec![new.join("report.json")];
        let mut folders = vec![new.join("out")];
        folders.retain(|folder| folder.is_dir());
        while let Some(folder) = folders.pop() {
            for path in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
                if path.is_dir() { folders.push(path) } else { files.push(path) }
            }
        }
        for file in files {
            let text = fs::read_to_string(&file).expect("a text");
            wrong.extend(leaks(&held.name, vec![(file.display().to_string(), text)]));
        }
    }
    println!("{count} secrets were marked");
    assert!(count > 0 && wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}
