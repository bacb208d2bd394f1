//! The hand that is lent to a stage which must look at files: on disk, or a map in tests.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

/// Looks at files; paths are absolute and clean (no `.` or `..`).
pub trait Reader: Sync {
    /// What is at the path, links followed.
    fn kind(&self, path: &Path) -> Kind;
    /// The bytes of a file.
    ///
    /// # Errors
    /// When it cannot be read.
    fn read(&self, path: &Path) -> Result<Vec<u8>, Failure>;
    /// The path with its symbolic links resolved, when it exists.
    fn canonical(&self, path: &Path) -> Option<PathBuf>;
    /// What is in a folder, in the order of the names; of a folder with very many entries not all.
    ///
    /// # Errors
    /// When it cannot be read.
    fn list(&self, folder: &Path) -> Result<Vec<PathBuf>, Failure>;
    /// Whether somebody may run the file.
    fn is_executable(&self, path: &Path) -> bool;
}

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A socket, a device, a pipe.
    Other,
    /// Nothing.
    Missing,
}

/// Why a file could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Nothing is there.
    Missing,
    /// It is no regular file.
    NotAFile,
    /// It has more bytes than this, which is the most that is read of one file.
    TooLarge(u64),
    /// It lies behind a symbolic link that leaves the project.
    LeavesProject,
    /// The system refuses; its own words.
    Refused(String),
}

impl std::fmt::Display for Failure {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => write!(out, "there is no such file"),
            Self::NotAFile => write!(out, "it is not a regular file"),
            Self::TooLarge(limit) => {
                write!(out, "it is larger than {} MiB, the most that is read of a file", limit >> 20)
            }
            Self::LeavesProject => {
                write!(out, "it lies behind a symbolic link that leaves the project (`--follow` permits it)")
            }
            Self::Refused(words) => write!(out, "{words}"),
        }
    }
}

/// Files in memory, for tests and standard input.
#[derive(Debug, Default, Clone)]
pub struct Memory(pub BTreeMap<PathBuf, Vec<u8>>);

impl Reader for Memory {
    fn kind(&self, path: &Path) -> Kind {
        if self.0.contains_key(path) {
            Kind::File
        } else if self.0.keys().any(|file| file.starts_with(path)) {
            Kind::Folder
        } else {
            Kind::Missing
        }
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, Failure> {
        match self.kind(path) {
            Kind::File => Ok(self.0[path].clone()),
            Kind::Missing => Err(Failure::Missing),
            Kind::Folder | Kind::Other => Err(Failure::NotAFile),
        }
    }

    fn canonical(&self, path: &Path) -> Option<PathBuf> {
        (self.kind(path) != Kind::Missing).then(|| path.to_path_buf())
    }

    fn list(&self, folder: &Path) -> Result<Vec<PathBuf>, Failure> {
        if self.kind(folder) != Kind::Folder {
            return Err(Failure::Missing);
        }
        let below = self.0.keys().filter_map(|file| file.strip_prefix(folder).ok());
        let names = below.filter_map(|path| path.components().next());
        let mut paths: Vec<PathBuf> = names.map(|name| folder.join(name)).collect();
        paths.dedup();
        Ok(paths)
    }

    fn is_executable(&self, _: &Path) -> bool {
        false
    }
}

/// The path without `.` and `..`, by its letters alone, as Go's `filepath.Clean` has it.
#[must_use]
pub fn clean(path: &Path) -> PathBuf {
    let mut cleaned = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => match cleaned.components().next_back() {
                Some(Component::Normal(_)) => {
                    cleaned.pop();
                }
                Some(Component::RootDir | Component::Prefix(_)) => {}
                Some(Component::ParentDir | Component::CurDir) | None => cleaned.push(".."),
            },
            Component::Normal(_) | Component::RootDir | Component::Prefix(_) => cleaned.push(component),
        }
    }
    if cleaned.as_os_str().is_empty() { PathBuf::from(".") } else { cleaned }
}

/// `path`, cleaned, as seen from `base` when it is relative.
#[must_use]
pub fn join(base: &Path, path: &str) -> PathBuf {
    clean(&base.join(path))
}

/// The path from folder `base` to `path`; both are clean and absolute.
#[must_use]
pub fn relative(base: &Path, path: &Path) -> PathBuf {
    let shared = base.components().zip(path.components()).take_while(|(left, right)| left == right).count();
    let mut way: PathBuf = base.components().skip(shared).map(|_| Component::ParentDir).collect();
    way.extend(path.components().skip(shared));
    if way.as_os_str().is_empty() { PathBuf::from(".") } else { way }
}

/// A file as a folder sees it, wherever the run stands that printed its name; `-` is standard input.
#[must_use]
pub fn seen_from(folder: &Path, standpoint: &Path, printed: &str) -> String {
    if printed == "-" {
        return printed.to_owned();
    }
    relative(&clean(folder), &join(standpoint, printed)).to_string_lossy().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_in_memory_lists_what_is_right_below_it() {
        let files = ["/p/a/x", "/p/a/y", "/p/b", "/q"].map(|path| (PathBuf::from(path), Vec::new()));
        let memory = Memory(files.into());
        assert_eq!(memory.list(Path::new("/p")), Ok(vec!["/p/a".into(), "/p/b".into()]));
        assert_eq!(memory.list(Path::new("/q")), Err(Failure::Missing));
    }

    #[test]
    fn paths_are_cleaned_and_related_by_their_letters() {
        assert_eq!(join(Path::new("/a/b"), "../c/./d"), Path::new("/a/c/d"));
        assert_eq!(join(Path::new("/"), "../x"), Path::new("/x"));
        assert_eq!(relative(Path::new("/a/b"), Path::new("/a/c/d")), Path::new("../c/d"));
        assert_eq!(relative(Path::new("/a"), Path::new("/a")), Path::new("."));
        assert_eq!(seen_from(Path::new("/a/b"), Path::new("/a/c"), "../b/x.yaml"), "x.yaml");
        assert_eq!(seen_from(Path::new("/a/b"), Path::new("/a/c"), "-"), "-");
    }
}
