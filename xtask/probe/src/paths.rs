//! What lies at a path: kind, mode, owner, bytes, and what kind of storage holds it.

use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// How far a listing goes down, and how many entries it takes.
const DEPTH: usize = 4;
const ENTRIES: usize = 200;

/// All that can be said of a path and of what lies below it.
pub(crate) fn describe(path: &str) -> Value {
    let path = Path::new(path);
    let mut about = one(path);
    if about["kind"] == "missing" {
        return Value::Object(about);
    }
    about.insert("writable".to_owned(), json!(writable(path)));
    about.extend(storage(path));
    if path.is_dir() && !path.starts_with("/dev") {
        let mut below = Map::new();
        list(path, path, 0, &mut below);
        about.insert("below".to_owned(), Value::Object(below));
    }
    Value::Object(about)
}

fn one(path: &Path) -> Map<String, Value> {
    let metadata = match std::fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) => {
            let kind = if error.kind() == ErrorKind::PermissionDenied { "forbidden" } else { "missing" };
            return Map::from_iter([("kind".to_owned(), json!(kind))]);
        }
    };
    // A reader does not care whether a file is a link to one.
    let metadata = std::fs::metadata(path).unwrap_or(metadata);
    let kind = match metadata.file_type() {
        kind if kind.is_dir() => "folder",
        kind if kind.is_file() => "file",
        kind if kind.is_symlink() => "dangling",
        _ => "special",
    };
    let mut about = Map::from_iter([
        ("kind".to_owned(), json!(kind)),
        ("mode".to_owned(), json!(format!("{:04o}", metadata.mode() & 0o7777))),
        ("uid".to_owned(), json!(metadata.uid())),
        ("gid".to_owned(), json!(metadata.gid())),
    ]);
    if kind == "file" {
        about.insert("size".to_owned(), json!(metadata.len()));
        about.insert("digest".to_owned(), json!(digest(path)));
    }
    about
}

fn digest(path: &Path) -> String {
    match std::fs::read(path) {
        Ok(bytes) => Sha256::digest(bytes)[..6].iter().map(|byte| format!("{byte:02x}")).collect(),
        Err(error) => format!("unreadable: {:?}", error.kind()),
    }
}

fn list(top: &Path, folder: &Path, depth: usize, into: &mut Map<String, Value>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let name = path.strip_prefix(top).unwrap_or(&path).display().to_string();
        // The kubelet's own bookkeeping of a mounted object, which programs do not look at.
        if name.starts_with("..") || into.len() >= ENTRIES {
            continue;
        }
        into.insert(name, Value::Object(one(&path)));
        if depth < DEPTH && path.is_dir() {
            list(top, &path, depth + 1, into);
        }
    }
}

/// Whether this process can change what lies here: a folder takes a file, a file opens for writing.
pub(crate) fn writable(path: &Path) -> bool {
    if path.is_dir() {
        let trial = path.join(format!(".probe-{}", std::process::id()));
        let made = std::fs::write(&trial, "").is_ok();
        // What cannot be removed was not ours to begin with.
        let _ = std::fs::remove_file(&trial);
        return made;
    }
    std::fs::OpenOptions::new().append(true).open(path).is_ok()
}

/// The mount that holds the path: its kind, its options, and its size where it has one.
fn storage(path: &Path) -> Map<String, Value> {
    let table = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let mut best: (usize, Map<String, Value>) = (0, Map::new());
    for line in table.lines() {
        let Some((left, right)) = line.split_once(" - ") else { continue };
        let left: Vec<&str> = left.split(' ').collect();
        let right: Vec<&str> = right.split(' ').collect();
        let (Some(place), Some(options)) = (left.get(4), left.get(5)) else { continue };
        if !path.starts_with(place) || place.len() < best.0 {
            continue;
        }
        let size =
            right.get(2).and_then(|words| words.split(',').find_map(|word| word.strip_prefix("size=")));
        let flags: Vec<&str> =
            options.split(',').filter(|word| ["ro", "noexec", "nosuid", "nodev"].contains(word)).collect();
        let own = Path::new(place) == path;
        let about = Map::from_iter([
            ("mounted".to_owned(), json!(own)),
            ("storage".to_owned(), json!(right.first())),
            ("flags".to_owned(), json!(flags)),
            ("capacity".to_owned(), json!(size)),
        ]);
        best = (place.len(), about);
    }
    best.1
}
