//! Files as they are in a revision of a git repository: what `git` says, and nothing on disk.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use super::error::Error;
use crate::source::reader::{Failure, Kind, Reader, join};

/// A revision of the repository that a folder is in.
#[derive(Debug)]
pub struct Revision {
    /// The top of the repository.
    top: PathBuf,
    /// The name of the commit.
    commit: String,
    seen: Mutex<BTreeMap<PathBuf, Kind>>,
}

impl Revision {
    /// The revision of that name, of the repository that `folder` is in.
    ///
    /// # Errors
    /// When there is no repository, no such revision, or no `git`.
    pub fn open(folder: &Path, name: &str) -> Result<Self, Error> {
        let fail = |words: String| Error::Base(name.to_owned(), words);
        if name.starts_with('-') {
            return Err(fail("a revision does not begin with a dash".into()));
        }
        let line = |output: Vec<u8>| String::from_utf8_lossy(&output).trim_end().to_owned();
        let top = git(folder, &["rev-parse", "--show-toplevel"]).map(line).map_err(fail)?;
        let wanted = format!("{name}^{{commit}}");
        let commit = git(folder, &["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted])
            .map(line)
            .map_err(|words| {
                fail(if words.is_empty() { "there is no such revision".into() } else { words })
            })?;
        Ok(Self { top: top.into(), commit, seen: Mutex::default() })
    }

    /// The same revision for another reader.
    #[must_use]
    pub fn again(&self) -> Self {
        Self { top: self.top.clone(), commit: self.commit.clone(), seen: Mutex::default() }
    }

    /// The name of a path in the revision, when it lies in the repository.
    fn name(&self, path: &Path) -> Option<String> {
        let below = path.strip_prefix(&self.top).ok()?;
        Some(format!("{}:{}", self.commit, below.to_str()?))
    }
}

/// The files that differ between now and the point at which the present work left a revision: on disk, committed or not.
///
/// # Errors
/// When there is no repository, no such revision, or no `git`.
pub fn changed(folder: &Path, name: &str) -> Result<BTreeSet<PathBuf>, Error> {
    let fail = |words: String| Error::Revision(name.to_owned(), words);
    let Revision { commit, .. } = Revision::open(folder, name).map_err(|error| match error {
        Error::Base(_, words) => fail(words),
        other => other,
    })?;
    let line = |output: Vec<u8>| String::from_utf8_lossy(&output).trim_end().to_owned();
    // The top as it is seen from here: with links resolved, no path would be the same.
    let up = git(folder, &["rev-parse", "--show-cdup"]).map(line).map_err(fail)?;
    let top = join(folder, &up);
    // What has happened to the revision since is not this work.
    let fork = git(&top, &["merge-base", &commit, "HEAD"]).map(line).unwrap_or(commit);
    let differing = ["diff", "--name-only", "--no-renames", "-z", &fork, "--"];
    let unknown = ["ls-files", "--others", "--exclude-standard", "-z"];
    let mut files = BTreeSet::new();
    for arguments in [&differing[..], &unknown] {
        let listed = git(&top, arguments).map_err(fail)?;
        let names = listed.split(|byte| *byte == 0).filter(|name| !name.is_empty());
        files.extend(names.map(|name| top.join(String::from_utf8_lossy(name).as_ref())));
    }
    Ok(files)
}

impl Reader for Revision {
    fn kind(&self, path: &Path) -> Kind {
        let mut seen = self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(kind) = seen.get(path) {
            return *kind;
        }
        let found = self.name(path).and_then(|name| git(&self.top, &["cat-file", "-t", &name]).ok());
        let kind = match found.as_deref().map(<[u8]>::trim_ascii_end) {
            Some(b"blob") => Kind::File,
            Some(b"tree" | b"commit") => Kind::Folder,
            Some(_) => Kind::Other,
            None => Kind::Missing,
        };
        seen.insert(path.to_path_buf(), kind);
        kind
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, Failure> {
        match self.kind(path) {
            Kind::Missing => return Err(Failure::Missing),
            Kind::Folder | Kind::Other => return Err(Failure::NotAFile),
            Kind::File => {}
        }
        let name = self.name(path).ok_or(Failure::Missing)?;
        git(&self.top, &["cat-file", "blob", &name]).map_err(Failure::Refused)
    }

    fn list(&self, folder: &Path) -> Result<Vec<PathBuf>, Failure> {
        let name = self.name(folder).ok_or(Failure::Missing)?;
        let listed = git(&self.top, &["ls-tree", "-z", "--name-only", &name]).map_err(Failure::Refused)?;
        let names = listed.split(|byte| *byte == 0).filter(|name| !name.is_empty());
        let mut paths: Vec<PathBuf> =
            names.map(|name| folder.join(String::from_utf8_lossy(name).as_ref())).collect();
        paths.sort();
        Ok(paths)
    }

    fn is_executable(&self, path: &Path) -> bool {
        let Some(below) = path.strip_prefix(&self.top).ok().and_then(Path::to_str) else { return false };
        let listed = git(&self.top, &["ls-tree", &self.commit, "--", below]);
        listed.is_ok_and(|line| line.starts_with(b"100755"))
    }

    fn canonical(&self, path: &Path) -> Option<PathBuf> {
        (self.kind(path) != Kind::Missing).then(|| path.to_path_buf())
    }
}

/// What `git` prints, or its complaint.
fn git(folder: &Path, arguments: &[&str]) -> Result<Vec<u8>, String> {
    let ran = Command::new("git").arg("-C").arg(folder).args(arguments).output();
    match ran {
        Ok(output) if output.status.success() => Ok(output.stdout),
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).trim().replace('\n', "; ")),
        Err(error) => Err(format!("cannot run `git`: {error}")),
    }
}
