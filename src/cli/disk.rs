//! Files on disk: the only hand that touches them.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::error::Error;
use crate::source::reader::{Failure, Kind, Reader};

/// The most bytes that are read of one file.
pub const LIMIT: u64 = 32 << 20;

/// The most entries that are listed of one folder: whoever asks takes fewer.
const ENTRIES: usize = 4096;

/// Reads files as a project may: no devices, no endless files, nothing behind a link that leaves its folder.
#[derive(Debug)]
pub struct Disk {
    folder: PathBuf,
    named: Arc<BTreeSet<PathBuf>>,
    follow: bool,
    real_folder: OnceLock<Option<PathBuf>>,
}

impl Disk {
    /// A reader for the project in `folder`; the user has named the files of `named`, so they are always read, and
    /// `follow` permits links that leave the folder.
    #[must_use]
    pub fn new(folder: &Path, named: impl Into<Arc<BTreeSet<PathBuf>>>, follow: bool) -> Self {
        Self { folder: folder.to_path_buf(), named: named.into(), follow, real_folder: OnceLock::new() }
    }

    /// Whether the way to the path goes through a symbolic link out of the folder that it seems to be in.
    fn leaves(&self, path: &Path) -> bool {
        if self.follow || self.named.contains(path) {
            return false;
        }
        if path.strip_prefix(&self.folder).is_ok_and(|below| self.is_plain(below)) {
            return false;
        }
        let Ok(real) = fs::canonicalize(path) else { return false };
        if path.starts_with(&self.folder) {
            let folder = self.real_folder.get_or_init(|| fs::canonicalize(&self.folder).ok());
            return folder.as_ref().is_some_and(|folder| !real.starts_with(folder));
        }
        // A file outside the project is read because the Compose file names it: it must be in the folder it names.
        let shared = self.folder.ancestors().find(|ancestor| path.starts_with(ancestor));
        let shared = shared.and_then(|ancestor| fs::canonicalize(ancestor).ok());
        shared.is_some_and(|ancestor| !real.starts_with(ancestor))
    }
}

impl Disk {
    /// Whether no part of a path below the folder is a link or leads upwards, so that nothing on the way leaves it.
    fn is_plain(&self, below: &Path) -> bool {
        let mut way = self.folder.clone();
        below.components().all(|part| {
            way.push(part);
            let is_link = || fs::symlink_metadata(&way).map_or(true, |metadata| metadata.is_symlink());
            matches!(part, Component::Normal(_)) && !is_link()
        })
    }
}

impl Reader for Disk {
    fn kind(&self, path: &Path) -> Kind {
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_file() => Kind::File,
            Ok(metadata) if metadata.is_dir() => Kind::Folder,
            Ok(_) => Kind::Other,
            Err(error) if is_missing(&error) => Kind::Missing,
            // It is there, and cannot be looked at: reading it will say why.
            Err(_) => Kind::Other,
        }
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, Failure> {
        // Looking before opening: to open a pipe without a writer would wait for ever.
        let metadata = fs::metadata(path).map_err(|error| failure(&error))?;
        if !metadata.is_file() {
            return Err(Failure::NotAFile);
        }
        if self.leaves(path) {
            return Err(Failure::LeavesProject);
        }
        if metadata.len() > LIMIT {
            return Err(Failure::TooLarge(LIMIT));
        }
        let file = File::open(path).map_err(|error| failure(&error))?;
        bounded(file, metadata.len())
    }

    fn canonical(&self, path: &Path) -> Option<PathBuf> {
        fs::canonicalize(path).ok()
    }

    fn list(&self, folder: &Path) -> Result<Vec<PathBuf>, Failure> {
        if self.leaves(folder) {
            return Err(Failure::LeavesProject);
        }
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder).map_err(|error| failure(&error))?.take(ENTRIES) {
            paths.push(entry.map_err(|error| failure(&error))?.path());
        }
        paths.sort_unstable();
        Ok(paths)
    }

    fn is_executable(&self, path: &Path) -> bool {
        is_executable(path)
    }
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(_: &Path) -> bool {
    false
}

/// The bytes of standard input.
///
/// # Errors
/// When it cannot be read, or has more bytes than a file may have.
pub fn standard_input() -> Result<Vec<u8>, Error> {
    bounded(io::stdin().lock(), 0).map_err(|failure| Error::StandardInput(failure.to_string()))
}

/// Writes a file as a whole: a reader sees the old one or the new one, never a part.
///
/// # Errors
/// When the file cannot be written.
pub fn write(path: &Path, text: &str) -> Result<(), Error> {
    write_bytes(path, text.as_bytes())
}

/// Writes bytes as a whole; a file that was there keeps its rights.
///
/// # Errors
/// When the file cannot be written.
pub fn write_bytes(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let fail = |error: io::Error| Error::Output(format!("`{}`", path.display()), error.to_string());
    // The file behind a link is replaced, not the link; a terminal or a pipe cannot be replaced at all.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    if fs::metadata(&target).is_ok_and(|metadata| !metadata.is_file()) {
        let mut file = File::options().write(true).open(&target).map_err(fail)?;
        return file.write_all(bytes).map_err(fail);
    }
    let mut name = target.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.part", std::process::id()));
    let part = target.with_file_name(name);
    let keep = || match fs::metadata(&target) {
        Ok(metadata) => fs::set_permissions(&part, metadata.permissions()),
        Err(_) => Ok(()),
    };
    let written = fs::write(&part, bytes).and_then(|()| keep()).and_then(|()| fs::rename(&part, &target));
    written.map_err(|error| {
        // What is left of it helps nobody; that it cannot be removed either adds nothing to the message.
        drop(fs::remove_file(&part));
        fail(error)
    })
}

fn bounded(source: impl Read, size: u64) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    source.take(LIMIT + 1).read_to_end(&mut bytes).map_err(|error| failure(&error))?;
    if bytes.len() as u64 > LIMIT { Err(Failure::TooLarge(LIMIT)) } else { Ok(bytes) }
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// The system's error as what a reader says.
pub(super) fn failure(error: &io::Error) -> Failure {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Failure::Missing,
        ErrorKind::PermissionDenied => Failure::Refused("permission denied".into()),
        _ => Failure::Refused(error.to_string()),
    }
}
