//! Manifests that somebody else wrote, or we before: a file, a folder with all below it, or standard input.

use std::fs;
use std::path::Path;

use walkdir::WalkDir;

use super::disk;
use super::error::Error;

/// The manifests at a path: the name of each file as the user would write it, and its text.
///
/// # Errors
/// When something cannot be read.
pub(super) fn texts(written: &Path, absolute: &Path) -> Result<Vec<(String, String)>, Error> {
    if written == Path::new("-") {
        let bytes = disk::standard_input()?;
        return Ok(vec![("-".to_owned(), String::from_utf8_lossy(&bytes).into_owned())]);
    }
    let mut texts = Vec::new();
    for entry in WalkDir::new(absolute).sort_by_file_name() {
        let entry = entry.map_err(|error| Error::Walk(error.to_string()))?;
        let ending = entry.path().extension().and_then(|ending| ending.to_str());
        // A file that is named is read whatever it is called.
        let is_manifest = entry.depth() == 0 || matches!(ending, Some("yaml" | "yml"));
        if !entry.file_type().is_file() || !is_manifest {
            continue;
        }
        let bytes = fs::read(entry.path())
            .map_err(|error| Error::Walk(format!("`{}`: {error}", entry.path().display())))?;
        let below = entry.path().strip_prefix(absolute).unwrap_or(entry.path());
        let name = if below.as_os_str().is_empty() { written.to_path_buf() } else { written.join(below) };
        texts.push((name.to_string_lossy().into_owned(), String::from_utf8_lossy(&bytes).into_owned()));
    }
    Ok(texts)
}
