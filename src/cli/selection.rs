//! From flags to a selection of project files; the only reader of the process environment.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::Project;
use super::disk::{self, Disk};
use super::error::Error;
use crate::resolve::Input;
use crate::resolve::discover::{Selection, Target, is_project_name};
use crate::source::Text;
use crate::source::reader::{Failure, Kind, Reader, clean};

/// What the flags say about every project of a run.
#[derive(Debug)]
pub struct Ground {
    /// The selection but for its target.
    pub selection: Selection,
    /// The files that the user has named.
    pub named: Arc<BTreeSet<PathBuf>>,
    /// Whether links may leave the project folder.
    pub follow: bool,
}

impl Ground {
    /// Looks at the flags, and at the process as far as they permit it.
    ///
    /// # Errors
    /// When a file that is named cannot be one, or the current folder is gone.
    pub fn new(flags: &Project) -> Result<Self, Error> {
        let standpoint = std::env::current_dir().map_err(|error| Error::NoFolder(error.to_string()))?;
        let absolute = |path: &PathBuf| clean(&standpoint.join(path));
        let given = given(flags);
        let name =
            given.get("COMPOSE_PROJECT_NAME").filter(|name| !name.is_empty() && !is_project_name(name));
        if let (Some(name), None) = (name, &flags.project_name) {
            return Err(Error::ProjectName(name.to_string()));
        }
        let env_files: Vec<PathBuf> = flags.env_files.iter().map(absolute).collect();
        let ground = Self {
            named: Arc::new(env_files.iter().cloned().collect()),
            follow: flags.follow,
            selection: Selection {
                target: Target::Here,
                on_top: Vec::new(),
                directory: flags.project_directory.as_ref().map(absolute),
                env_files,
                given,
                profiles: flags.profiles.clone(),
                name: flags.project_name.clone(),
                standpoint,
            },
        };
        let reader = ground.reader(&ground.selection.standpoint);
        for (path, written) in ground.selection.env_files.iter().zip(&flags.env_files) {
            be_file(&reader, path, written)?;
        }
        if let (Some(folder), Some(written)) = (&ground.selection.directory, &flags.project_directory) {
            match reader.kind(folder) {
                Kind::Folder => {}
                Kind::Missing => return Err(Error::Path(written.clone(), Failure::Missing)),
                Kind::File | Kind::Other => {
                    return Err(Error::Path(written.clone(), Failure::Refused("it is not a folder".into())));
                }
            }
        }
        Ok(ground)
    }

    /// The absolute path of one that the user wrote.
    #[must_use]
    pub fn absolute(&self, path: &Path) -> PathBuf {
        clean(&self.selection.standpoint.join(path))
    }

    /// A reader of files for a project in `folder`.
    #[must_use]
    pub fn reader(&self, folder: &Path) -> Disk {
        Disk::new(folder, Arc::clone(&self.named), self.follow)
    }

    /// The selection with a target.
    #[must_use]
    pub fn at(&self, target: Target) -> Selection {
        Selection { target, ..self.selection.clone() }
    }

    /// The files of `-f`, standard input read.
    ///
    /// # Errors
    /// When one of them cannot be read at all.
    pub fn files(&mut self, written: &[PathBuf], stdin: &mut StandardInput) -> Result<Target, Error> {
        let inputs: Result<Vec<Input>, Error> = written.iter().map(|path| self.file(path, stdin)).collect();
        Ok(Target::Files(inputs?))
    }

    /// A file that the user has named; `-` is standard input, which stands for `--stdin-filename`.
    ///
    /// # Errors
    /// When it cannot be a file.
    pub fn file(&mut self, written: &Path, stdin: &mut StandardInput) -> Result<Input, Error> {
        if written == Path::new("-") {
            let path = stdin.name.as_ref().map_or_else(|| PathBuf::from("-"), |name| self.absolute(name));
            return Ok(Input { path, text: Some(stdin.read()?) });
        }
        let path = self.absolute(written);
        be_file(&self.reader(&self.selection.standpoint), &path, written)?;
        Arc::make_mut(&mut self.named).insert(path.clone());
        Ok(Input { path, text: None })
    }
}

/// Standard input, which can be read once.
#[derive(Debug, Default)]
pub struct StandardInput {
    name: Option<PathBuf>,
    read: bool,
}

impl StandardInput {
    /// Standard input that stands for a path.
    #[must_use]
    pub fn named(name: Option<PathBuf>) -> Self {
        Self { name, read: false }
    }

    /// Whether the name that it stands for was of use.
    ///
    /// # Errors
    /// When it was not.
    pub fn used(&self) -> Result<(), Error> {
        if self.name.is_some() && !self.read { Err(Error::UnusedName) } else { Ok(()) }
    }

    fn read(&mut self) -> Result<Vec<u8>, Error> {
        if std::mem::replace(&mut self.read, true) {
            return Err(Error::StandardInputTwice);
        }
        disk::standard_input()
    }
}

fn be_file(reader: &Disk, path: &Path, written: &Path) -> Result<(), Error> {
    let failure = match reader.kind(path) {
        Kind::File => return Ok(()),
        Kind::Missing => Failure::Missing,
        // Something that cannot be looked at says why when it is read.
        Kind::Folder | Kind::Other => reader.read(path).err().unwrap_or(Failure::NotAFile),
    };
    Err(Error::Path(written.to_path_buf(), failure))
}

/// The variables of `-e`, and those of the process that `--host-env` lets in; `-e` wins.
fn given(flags: &Project) -> BTreeMap<Text, Text> {
    let mut given = BTreeMap::new();
    if let Some(names) = &flags.host_env {
        let all = names.iter().all(String::is_empty);
        let host = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        given.extend(
            host.filter(|(name, _)| all || names.contains(name))
                .map(|(name, value)| (Text::new(name), Text::new(value))),
        );
    }
    given.extend(flags.variables.iter().map(|(name, value)| (Text::new(name), Text::new(value))));
    given
}
