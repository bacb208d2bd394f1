//! Which projects a change touches: those for which a changed file was looked at.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// What was looked at for a project.
#[derive(Debug, Default)]
pub struct Seen {
    /// Every path that was asked for, also where nothing is.
    asked: Mutex<BTreeSet<PathBuf>>,
    /// The folders of which all was asked for.
    listed: Mutex<BTreeSet<PathBuf>>,
}

impl Seen {
    /// Notes a path.
    pub fn note(&self, path: &Path) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_path_buf());
    }

    /// Notes a folder of which all was asked for.
    pub fn note_listed(&self, folder: &Path) {
        self.listed.lock().unwrap_or_else(PoisonError::into_inner).insert(folder.to_path_buf());
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
