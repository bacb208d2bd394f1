//! Manifests that somebody else wrote, or we before: a file, a folder with all below it, or standard input.

use std::fs;
use std::path::Path;

use walkdir::WalkDir;

use super::disk;
use super::error::Error;
use crate::source::reader::Failure;

/// The manifests at a path: the name of each file as the user would write it, and its text.
///
/// # Errors
/// When something cannot be read.
pub(super) fn texts(written: &Path, absolute: &Path) -> Result<Vec<(String, String)>, Error> {
    if written == Path::new("-") {
        let bytes = disk::standard_input()?;
        return Ok(vec![("-".to_owned(), String::from_utf8_lossy(&bytes).into_owned())]);
    }
    below(written, absolute)
}

/// The manifests of a file, or of a folder with all below it.
///
/// # Errors
/// When something cannot be read.
pub(super) fn below(written: &Path, absolute: &Path) -> Result<Vec<(String, String)>, Error> {
    // As the user would write it.
    let shown = |path: &Path| {
        let below = path.strip_prefix(absolute).unwrap_or(path);
        if below.as_os_str().is_empty() { written.to_path_buf() } else { written.join(below) }
    };
    let mut texts = Vec::new();
    for entry in WalkDir::new(absolute).sort_by_file_name() {
        let entry = entry.map_err(|error| {
            let failure = match error.io_error() {
                Some(system) => disk::failure(system),
                None => Failure::Refused(error.to_string()),
            };
            Error::Path(shown(error.path().unwrap_or(absolute)), failure)
        })?;
        let ending = entry.path().extension().and_then(|ending| ending.to_str());
        // A file that is named is read whatever it is called.
        let is_manifest = entry.depth() == 0 || matches!(ending, Some("yaml" | "yml"));
        if !entry.file_type().is_file() || !is_manifest {
            continue;
        }
        let name = shown(entry.path());
        let bytes =
            fs::read(entry.path()).map_err(|error| Error::Path(name.clone(), disk::failure(&error)))?;
        texts.push((name.to_string_lossy().into_owned(), String::from_utf8_lossy(&bytes).into_owned()));
    }
    Ok(texts)
}
