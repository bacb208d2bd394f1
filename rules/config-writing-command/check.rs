//! Looks for shells that write files where nothing is mounted.

use std::collections::BTreeSet;

use crate::compose::shell::{Step, Word, program};
use crate::diag::slugs;
use crate::rule::mounts::{self, Mounted};
use crate::rule::process::{self, ShellText};
use crate::rule::subject::{self, Subject};
use crate::rule::{Ctx, Sink};

/// Folders that are no files, or that the kernel writes.
const SYSTEM: [&str; 3] = ["/dev", "/proc", "/sys"];
/// Folders for what may be lost; `writable-root-fs` asks for memory there.
const SCRATCH: [&str; 4] = ["/tmp", "/var/tmp", "/run", "/var/log"];
/// Ends of the names of what a program is set up with.
const SETTINGS: [&str; 13] =
    ["conf", "cfg", "cnf", "ini", "json", "yaml", "yml", "toml", "xml", "env", "properties", "config", "hcl"];

pub(crate) fn check(ctx: &Ctx<'_>, sink: &mut Sink) {
    for subject in subject::all(ctx) {
        let Some(mounts) = mounts::of(&subject) else { continue };
        let mut said: BTreeSet<String> = BTreeSet::new();
        for line in process::lines(&subject) {
            let Some(text) = process::shell(&line) else { continue };
            for (file, is_edited) in text.script.steps.iter().flat_map(written) {
                let Some(path) = path(&subject, &mounts, file) else { continue };
                let is_free = is_declared(&subject, &mounts, &path) || !is_edited && is_scratch(&path);
                if !is_free && said.insert(path.clone()) {
                    report(ctx, sink, &subject, &text, file, &path);
                }
            }
        }
    }
}

fn report(
    ctx: &Ctx<'_>,
    sink: &mut Sink,
    subject: &Subject<'_>,
    text: &ShellText<'_>,
    file: &Word,
    path: &str,
) {
    let message = format!(
        "`{}` writes `{path}`, where nothing is mounted: a read-only root refuses it, and nothing declares the file",
        text.shell
    );
    let span = text.place(ctx, file.range.clone());
    let finding = subject.finding(slugs::CONFIG_WRITING_COMMAND, span, &text.spot.key, message);
    sink.report(finding.tip("mount the finished file from `configs`, or a volume where the command writes"));
}

/// The files that a command writes, and whether it edits what the image has.
fn written(step: &Step) -> Vec<(&Word, bool)> {
    let mut files: Vec<(&Word, bool)> =
        step.written.iter().chain(&step.errors).map(|file| (file, false)).collect();
    let Some((called, arguments)) = step.call().split_first() else { return files };
    let plain = || arguments.iter().filter(|word| !word.text.starts_with('-'));
    match program(&called.text) {
        "tee" => files.extend(plain().map(|file| (file, false))),
        "sed" if arguments.iter().any(|word| is_in_place(&word.text)) => {
            let is_script =
                |word: &Word| matches!(word.text.as_str(), "-e" | "-f" | "--expression" | "--file");
            let scripts = arguments.iter().filter(|word| is_script(word)).count();
            files.extend(plain().skip(scripts.max(1)).map(|file| (file, true)));
        }
        _ => {}
    }
    files
}

/// Whether an option of `sed` has it write into the file.
fn is_in_place(option: &str) -> bool {
    let is_short =
        |rest: &str| rest.split('.').next().is_some_and(|letters| letters.contains('i') && letters.len() < 6);
    option.starts_with("--in-place")
        || !option.starts_with("--") && option.strip_prefix('-').is_some_and(is_short)
}

/// The path of a file, as far as it is known: a relative one starts where the container does.
fn path(subject: &Subject<'_>, mounts: &[Mounted], file: &Word) -> Option<String> {
    if file.is_open || file.text.contains(['*', '?', '~', '{']) {
        return None;
    }
    if file.text.starts_with('/') {
        return Some(mounts::clean(&file.text));
    }
    let own = subject.container.working_dir.as_ref().map(|folder| &folder.value);
    match own.or(subject.facts.working_dir.value()) {
        Some(folder) => Some(mounts::clean(&format!("{folder}/{}", file.text))),
        // Wherever it starts, nothing is mounted there.
        None if mounts.is_empty() => Some(file.text.clone()),
        None => None,
    }
}

/// Whether something is mounted at a path, or above it; volumes of the image count.
fn is_declared(subject: &Subject<'_>, mounts: &[Mounted], path: &str) -> bool {
    let mut of_image = subject.facts.volumes.values().map(|volume| mounts::clean(volume));
    mounts.iter().any(|mount| mounts::is_below(path, &mount.path))
        || of_image.any(|volume| mounts::is_below(path, &volume))
        || SYSTEM.iter().any(|folder| mounts::is_below(path, folder))
}

/// Whether a path is for what may be lost, and its name is not that of settings.
fn is_scratch(path: &str) -> bool {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    let is_log = matches!(ending, "log" | "pid" | "lock");
    is_log || SCRATCH.iter().any(|folder| mounts::is_below(path, folder)) && !SETTINGS.contains(&ending)
}
