//! One project, from its selection to what came out of the load.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::disk::Disk;
use crate::compose::project::Project;
use crate::resolve::discover::{self, Selection, Target};
use crate::resolve::{Resolved, resolve};
use crate::source::reader::{Reader, join};

/// Loads a project; nothing when the search found no Compose file.
#[must_use]
pub fn load(selection: &Selection, named: &Arc<BTreeSet<PathBuf>>, follow: bool) -> Option<Resolved> {
    load_by(selection, &|folder| Disk::new(folder, Arc::clone(named), follow))
}

/// Loads a project through readers that are made for its folders.
#[must_use]
pub fn load_by<R: Reader>(selection: &Selection, reader: &dyn Fn(&Path) -> R) -> Option<Resolved> {
    let scout = reader(&folder(selection));
    let plan = discover::plan(selection, &scout);
    let mut resolved = if !plan.inputs.is_empty() {
        let reader = reader(&plan.directory);
        resolve(plan.request(&selection.standpoint, &reader))
    } else if !plan.findings.is_empty() {
        // The env file names files that are not there: that is what is to be said, and there is nothing to load.
        let files = plan.files.clone();
        Resolved {
            files,
            standpoint: selection.standpoint.clone(),
            project: Project::default(),
            findings: Vec::new(),
            suppressions: Vec::new(),
            refused: true,
            stops: BTreeSet::new(),
            broken: true,
        }
    } else {
        return None;
    };
    resolved.findings.extend(plan.passed_over(&selection.standpoint, &resolved.files));
    // Compose refuses a project whose env files it cannot read.
    resolved.refused |= !plan.findings.is_empty();
    resolved.broken |= !plan.findings.is_empty();
    resolved.findings.extend(plan.findings);
    resolved.findings.extend(plan.warnings);
    Some(resolved)
}

/// The first Compose file of a project.
#[must_use]
pub fn first_file(target: &Target, resolved: &Resolved, standpoint: &Path) -> PathBuf {
    match target {
        Target::File(input) => return input.path.clone(),
        Target::Files(inputs) => {
            if let Some(input) = inputs.first() {
                return input.path.clone();
            }
        }
        Target::Here | Target::Folder(_) => {}
    }
    // What was read first may be the env file.
    let mut names = resolved.files.iter().map(|(_, file)| file.name.as_str());
    let name = names.find(|name| name.ends_with(".yaml") || name.ends_with(".yml"));
    join(standpoint, name.unwrap_or_default())
}

/// The folder in which the search for files begins.
fn folder(selection: &Selection) -> PathBuf {
    if let Some(directory) = &selection.directory {
        return directory.clone();
    }
    let parent = |path: &Path| path.parent().map(Path::to_path_buf);
    let found = match &selection.target {
        Target::Here => None,
        Target::Folder(folder) => Some(folder.clone()),
        Target::File(input) => parent(&input.path),
        Target::Files(inputs) => inputs.iter().find_map(|input| parent(&input.path)),
    };
    found.filter(|folder| folder.is_absolute()).unwrap_or_else(|| selection.standpoint.clone())
}
