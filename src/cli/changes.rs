//! Which projects a change touches: those for which a changed file was looked at.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::disk::Disk;
use crate::source::reader::{Failure, Kind, Reader};

/// What was looked at for a project.
#[derive(Debug, Default)]
pub struct Seen {
    /// Every path that was asked for, also where nothing is.
    asked: Mutex<BTreeSet<PathBuf>>,
    /// The folders of which all was asked for.
    listed: Mutex<BTreeSet<PathBuf>>,
}

/// Files on disk, with a note of what was looked at.
pub struct Watched<'s> {
    /// The files.
    pub disk: Disk,
    /// The notes.
    pub seen: &'s Seen,
}

impl Seen {
    /// Notes a path.
    pub fn note(&self, path: &Path) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_path_buf());
    }

    /// Whether one of the files was looked at, or would be found in a folder that was.
    #[must_use]
    pub fn holds_any(&self, files: &BTreeSet<PathBuf>) -> bool {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        let below = |file: &Path| file.ancestors().skip(1).any(|folder| listed.contains(folder));
        files.iter().any(|file| asked.contains(file) || below(file))
    }
}

impl Reader for Watched<'_> {
    fn kind(&self, path: &Path) -> Kind {
        self.seen.note(path);
        self.disk.kind(path)
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, Failure> {
        self.seen.note(path);
        self.disk.read(path)
    }

    fn canonical(&self, path: &Path) -> Option<PathBuf> {
        self.disk.canonical(path)
    }

    fn list(&self, folder: &Path) -> Result<Vec<PathBuf>, Failure> {
        let mut listed = self.seen.listed.lock().unwrap_or_else(PoisonError::into_inner);
        listed.insert(folder.to_path_buf());
        drop(listed);
        self.disk.list(folder)
    }

    fn is_executable(&self, path: &Path) -> bool {
        self.disk.is_executable(path)
    }
}
