//! An output folder: written as a whole, with a record of what is ours in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::error::Error;
use crate::report::changes::Edited;
use crate::source::digest::sha256;

/// The record in the folder.
pub const RECORD: &str = ".transship.lock";
/// Where files wait until all of them are written.
const STAGE: &str = ".transship.part";

/// What a folder holds, and what it is to hold.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// The digests of the files that are ours, as the record has them; two while a run is under way.
    recorded: BTreeMap<String, BTreeSet<String>>,
}

/// What is to be done with one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is not there yet.
    Add,
    /// It is ours, and changes.
    Change,
    /// It is as it has to be.
    Keep,
    /// It is ours, and no longer needed.
    Remove,
    /// Somebody has changed it by hand, or it was never ours: it stays as it is.
    Foreign,
}

impl Folder {
    /// Looks at a folder; it need not be there.
    ///
    /// # Errors
    /// When its record cannot be read.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let record = path.join(RECORD);
        let text = match fs::read_to_string(&record) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(error) => return Err(failed(&record, &error)),
        };
        let recorded = if text.is_empty() { Some(BTreeMap::new()) } else { read_record(&text) };
        match recorded {
            Some(recorded) => Ok(Self { path: path.to_path_buf(), recorded }),
            None => Err(Error::Record(record)),
        }
    }

    /// What is to be done, file by file; `force` takes back what was changed by hand.
    #[must_use]
    pub fn steps(&self, files: &BTreeMap<String, String>, force: bool) -> BTreeMap<String, Step> {
        let names: BTreeSet<&String> = files.keys().chain(self.recorded.keys()).collect();
        let step = |name: &String| {
            let there = self.digest(name);
            let ours = |digest: &String| self.recorded.get(name).is_some_and(|known| known.contains(digest));
            match (files.get(name), there) {
                (Some(_), None) => Some(Step::Add),
                (Some(text), Some(digest)) if digest == sha256(text.as_bytes()) => Some(Step::Keep),
                (Some(_), Some(digest)) if ours(&digest) || force => Some(Step::Change),
                (None, Some(digest)) if ours(&digest) || force => Some(Step::Remove),
                (Some(_) | None, Some(_)) => Some(Step::Foreign),
                (None, None) => None,
            }
        };
        names.into_iter().filter_map(|name| Some((name.clone(), step(name)?))).collect()
    }

    /// What the steps would do to the files, which the user knows as files of a folder of that name.
    #[must_use]
    pub fn edited(
        &self,
        steps: &BTreeMap<String, Step>,
        files: &BTreeMap<String, String>,
        name: &Path,
    ) -> Vec<Edited> {
        let one = |file: &String| Edited {
            name: name.join(file).display().to_string(),
            old: self.text(file),
            new: files.get(file).cloned(),
        };
        steps.iter().filter(|(_, step)| **step != Step::Keep).map(|(file, _)| one(file)).collect()
    }

    /// The text of a file that is there.
    fn text(&self, name: &str) -> Option<String> {
        fs::read(self.path.join(name)).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The digest of a file; what is no regular file has none that anybody knows.
    fn digest(&self, name: &str) -> Option<String> {
        let path = self.path.join(name);
        let metadata = fs::symlink_metadata(&path).ok()?;
        let bytes = if metadata.is_file() { fs::read(&path).ok() } else { None };
        Some(bytes.map_or_else(String::new, |bytes| sha256(&bytes)))
    }

    /// Does what the steps say: everything is written beside its place first, and moved when all of it is there.
    ///
    /// # Errors
    /// When the disk refuses; what was there is then still there, and a later run goes on from it.
    pub fn write(
        &self,
        files: &BTreeMap<String, String>,
        steps: &BTreeMap<String, Step>,
    ) -> Result<(), Error> {
        let stage = self.path.join(STAGE);
        let cleared = match fs::remove_dir_all(&stage) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(failed(&stage, &error)),
            Err(_) | Ok(()) => Ok(()),
        };
        let written = cleared.and_then(|()| self.staged(files, steps, &stage));
        // When the disk is full, what was staged must not stay; that it cannot go either adds nothing to the message.
        drop(fs::remove_dir_all(&stage));
        if written.is_err() {
            drop(fs::remove_dir(&self.path));
        }
        written
    }

    fn staged(
        &self,
        files: &BTreeMap<String, String>,
        steps: &BTreeMap<String, Step>,
        stage: &Path,
    ) -> Result<(), Error> {
        let new = |step: &Step| matches!(step, Step::Add | Step::Change);
        for (name, text) in files.iter().filter(|(name, _)| steps.get(*name).is_some_and(new)) {
            put(&stage.join(name), text)?;
        }
        let kept: BTreeMap<&str, String> = files
            .iter()
            .filter(|(name, _)| steps.get(*name) != Some(&Step::Foreign))
            .map(|(name, text)| (name.as_str(), sha256(text.as_bytes())))
            .collect();
        // Until all is moved, the old digests count too: a run that is killed leaves only files that the next one knows.
        let names: BTreeSet<&str> =
            self.recorded.keys().map(String::as_str).chain(kept.keys().copied()).collect();
        self.record(
            stage,
            names.into_iter().map(|name| {
                let old = self.recorded.get(name).into_iter().flatten();
                (name, old.chain(kept.get(name)).map(String::as_str).collect())
            }),
        )?;
        for (name, step) in steps {
            let place = self.path.join(name);
            match step {
                Step::Add | Step::Change => {
                    make(place.parent().unwrap_or(&self.path))?;
                    fs::rename(stage.join(name), &place).map_err(|error| failed(&place, &error))?;
                }
                Step::Remove => {
                    fs::remove_file(&place).map_err(|error| failed(&place, &error))?;
                    // A folder in which something is left stays, and so do those above it.
                    for above in place.ancestors().skip(1).take_while(|above| *above != self.path) {
                        if fs::remove_dir(above).is_err() {
                            break;
                        }
                    }
                }
                Step::Keep | Step::Foreign => {}
            }
        }
        self.record(stage, kept.iter().map(|(name, digest)| (*name, BTreeSet::from([digest.as_str()]))))
    }

    /// Writes the record: each file, in order, with its digests.
    fn record<'a>(
        &self,
        stage: &Path,
        files: impl Iterator<Item = (&'a str, BTreeSet<&'a str>)>,
    ) -> Result<(), Error> {
        let mut text = String::from("{\n  \"version\": 1,\n  \"files\": {");
        let mut end = "}";
        let mut before = "\n";
        for (name, digests) in files {
            let mut all = digests.iter();
            let digests = match (all.next(), all.next()) {
                (Some(only), None) => json!(only),
                _ => json!(digests),
            };
            text.push_str(before);
            text.push_str(&format!("    {}: {digests}", json!(name)));
            (before, end) = (",\n", "\n  }");
        }
        text.push_str(end);
        text.push_str("\n}\n");
        let staged = stage.join(RECORD);
        put(&staged, &text)?;
        let place = self.path.join(RECORD);
        fs::rename(&staged, &place).map_err(|error| failed(&place, &error))
    }
}

fn read_record(text: &str) -> Option<BTreeMap<String, BTreeSet<String>>> {
    let document: Value = serde_json::from_str(text).ok()?;
    let files = document.get("files")?.as_object()?;
    let mut recorded = BTreeMap::new();
    for (name, digests) in files {
        let texts = match digests {
            Value::String(digest) => vec![digest.clone()],
            Value::Array(digests) => {
                digests.iter().filter_map(|digest| Some(digest.as_str()?.to_owned())).collect()
            }
            _ => return None,
        };
        // A record that somebody has written must not lead out of the folder.
        let inside = !Path::new(name).is_absolute() && !name.split(['/', '\\']).any(|part| part == "..");
        if inside {
            recorded.insert(name.clone(), texts.into_iter().collect());
        }
    }
    Some(recorded)
}

fn put(path: &Path, text: &str) -> Result<(), Error> {
    make(path.parent().unwrap_or(path))?;
    fs::write(path, text).map_err(|error| failed(path, &error))
}

fn make(folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(|error| failed(folder, &error))
}

fn failed(path: &Path, error: &io::Error) -> Error {
    Error::Output(format!("`{}`", path.display()), error.to_string())
}
