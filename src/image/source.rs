//! The Dockerfiles of a project: each is read once.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::dockerfile::{self, Dockerfile, Problem};
use crate::source::files::Files;
use crate::source::reader::{Failure, Kind, Reader, relative};
use crate::source::span::{FileId, Span};

/// The most bytes that are read of a Dockerfile.
pub(super) const LIMIT: usize = 4 << 20;

/// A Dockerfile that was read, and where it stands.
pub(super) struct Text {
    pub(super) dockerfile: Result<Dockerfile, Problem>,
    places: Places,
}

/// How bytes of a Dockerfile become places.
enum Places {
    /// They are bytes of a file.
    File(FileId),
    /// They are bytes of a value in a Compose file.
    Inline {
        /// The value.
        whole: Span,
        /// Where each line starts: in the text, and in the file; without the latter the whole value is the place.
        lines: Vec<(usize, Option<u32>)>,
    },
}

impl Text {
    /// A Dockerfile that a Compose file holds.
    pub(super) fn inline(text: &str, whole: Span, files: &Files) -> Self {
        let mut lines = Vec::new();
        let source = files.text(whole);
        let mut cursor = Some(0);
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let words = line.trim();
            let found = cursor.and_then(|at| source[at..].find(words).map(|found| at + found));
            // Where one line is not found, as after a variable, the lines after it might be found too early.
            cursor = found.map(|found| found + words.len());
            let indent = line.len() - line.trim_start().len();
            let place = found.filter(|_| !words.is_empty());
            lines.push((
                start + indent,
                place.and_then(|at| u32::try_from(at).ok()).map(|at| whole.start + at),
            ));
            start += line.len();
        }
        Self { dockerfile: dockerfile::read(text), places: Places::Inline { whole, lines } }
    }

    /// The place of some bytes.
    pub(super) fn place(&self, range: Range<usize>) -> Span {
        match &self.places {
            Places::File(file) => Span::new(*file, range.start, range.end),
            Places::Inline { whole, lines } => {
                let at = |offset: usize| {
                    let line = lines.partition_point(|(start, _)| *start <= offset).checked_sub(1)?;
                    let (start, place) = lines[line];
                    place.map(|place| place as usize + (offset - start))
                };
                let end =
                    if range.is_empty() { at(range.start) } else { at(range.end - 1).map(|end| end + 1) };
                match (at(range.start), end) {
                    (Some(start), Some(end)) if start <= end && end <= whole.end as usize => {
                        Span::new(whole.file, start, end)
                    }
                    _ => *whole,
                }
            }
        }
    }
}

/// The Dockerfiles on disk.
pub(super) struct Shelf<'a> {
    reader: &'a dyn Reader,
    standpoint: &'a Path,
    texts: BTreeMap<PathBuf, Result<Arc<Text>, String>>,
}

impl<'a> Shelf<'a> {
    pub(super) fn new(reader: &'a dyn Reader, standpoint: &'a Path) -> Self {
        Self { reader, standpoint, texts: BTreeMap::new() }
    }

    /// The Dockerfile at a path.
    pub(super) fn text(&mut self, path: &Path, files: &mut Files) -> Result<Arc<Text>, String> {
        if let Some(known) = self.texts.get(path) {
            return known.clone();
        }
        let text = self.read(path, files);
        self.texts.insert(path.to_path_buf(), text.clone());
        text
    }

    fn read(&self, path: &Path, files: &mut Files) -> Result<Arc<Text>, String> {
        let name = printed(self.standpoint, path);
        let failed = |failure: &Failure| format!("the Dockerfile `{name}` cannot be read: {failure}");
        let mut bytes = self.reader.read(path);
        // The builder takes `dockerfile` where there is no `Dockerfile`.
        if matches!(bytes, Err(Failure::Missing)) && path.file_name().is_some_and(|name| name == "Dockerfile")
        {
            let small = path.with_file_name("dockerfile");
            if self.reader.kind(&small) == Kind::File {
                bytes = self.reader.read(&small);
            }
        }
        let bytes = bytes.map_err(|failure| failed(&failure))?;
        if bytes.len() > LIMIT {
            return Err(failed(&Failure::TooLarge(LIMIT as u64)));
        }
        let id = files.add(&name, String::from_utf8_lossy(&bytes));
        let dockerfile = dockerfile::read(&files.file(id).text);
        Ok(Arc::new(Text { dockerfile, places: Places::File(id) }))
    }
}

/// The name of a file in reports: as seen from where the user stands, unless that climbs out too far.
fn printed(standpoint: &Path, path: &Path) -> String {
    let seen = relative(standpoint, path);
    let climbs = seen.components().filter(|part| matches!(part, Component::ParentDir)).count();
    if climbs > 2 { path.display().to_string() } else { seen.display().to_string() }
}
