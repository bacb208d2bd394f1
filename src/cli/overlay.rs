//! The disk as it would be: some files hold other texts, and what is looked at can be noted.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::changes::Seen;
use super::disk::Disk;
use crate::source::reader::{Failure, Kind, Reader};

/// New contents of files.
pub type Texts = BTreeMap<PathBuf, Vec<u8>>;

/// The disk with some files as they would be.
pub struct Overlay<'o> {
    /// What lies below.
    pub disk: Disk,
    /// The files that are different.
    pub texts: &'o Texts,
    /// Takes down what is looked at.
    pub seen: Option<&'o Seen>,
}

impl Reader for Overlay<'_> {
    fn kind(&self, path: &Path) -> Kind {
        self.seen.inspect(|seen| seen.note(path));
        self.disk.kind(path)
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, Failure> {
        self.seen.inspect(|seen| seen.note(path));
        // The disk says first whether the file may be read at all.
        let read = self.disk.read(path)?;
        Ok(self.texts.get(path).cloned().unwrap_or(read))
    }

    fn canonical(&self, path: &Path) -> Option<PathBuf> {
        self.disk.canonical(path)
    }

    fn list(&self, folder: &Path) -> Result<Vec<PathBuf>, Failure> {
        self.seen.inspect(|seen| seen.note_listed(folder));
        self.disk.list(folder)
    }

    fn is_executable(&self, path: &Path) -> bool {
        self.disk.is_executable(path)
    }
}
