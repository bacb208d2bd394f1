//! The projects of a folder: which files are Compose files, and which of them are overlays of another.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::error::Error;
use crate::resolve::Input;
use crate::resolve::discover::{DEFAULT_NAMES, OVERRIDE_NAMES, Target};
use crate::source::files::Files;
use crate::source::origin::{OriginId, Origins};
use crate::source::reader::{Kind, Reader};
use crate::tree::{Map, Node};
use crate::yaml;

/// Folders that hold the work of others, or what was built.
const SKIPPED: [&str; 3] = ["node_modules", "vendor", "target"];
/// What a service has that stands by itself.
const SUBSTANCE: [&str; 4] = ["image", "build", "provider", "extends"];

/// The projects in a folder and below it, in the order of their paths; what is excluded is not looked into.
///
/// # Errors
/// When a folder cannot be looked into.
pub fn projects(
    folder: &Path,
    reader: &dyn Reader,
    is_excluded: &dyn Fn(&Path) -> bool,
) -> Result<Vec<Target>, Error> {
    let mut files = BTreeSet::new();
    for entry in
        WalkDir::new(folder).into_iter().filter_entry(|entry| is_open(entry) && !is_excluded(entry.path()))
    {
        let entry = entry.map_err(|error| Error::Walk(error.to_string()))?;
        let name = entry.file_name().to_str();
        if name.is_some_and(is_compose_name) && reader.kind(entry.path()) == Kind::File {
            files.insert(entry.into_path());
        }
    }
    let targets = files.into_iter().map(|path| Input { path, text: None });
    Ok(targets.filter(|input| !comes_along(input, reader)).map(|input| on_its_base(input, reader)).collect())
}

/// The file as a project; an overlay is read on top of its base.
#[must_use]
pub fn on_its_base(input: Input, reader: &dyn Reader) -> Target {
    let Some(base) = base(&input.path, reader) else { return Target::File(input) };
    let bytes = match &input.text {
        Some(bytes) => Ok(bytes.clone()),
        None => reader.read(&input.path),
    };
    let is_override = file_name(&input.path).is_some_and(|name| OVERRIDE_NAMES.contains(&name));
    if is_override || bytes.is_ok_and(|bytes| is_overlay(&bytes)) {
        Target::Files(vec![Input { path: base, text: None }, input])
    } else {
        Target::File(input)
    }
}

/// Whether the walk goes into the folder; the folder that the user has named is always open.
fn is_open(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_str().unwrap_or("");
    entry.depth() == 0 || !entry.file_type().is_dir() || !(name.starts_with('.') || SKIPPED.contains(&name))
}

/// Whether a file of that name is taken for a Compose file.
fn is_compose_name(name: &str) -> bool {
    let stem = name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml"));
    stem.is_some_and(|stem| {
        stem.starts_with("compose")
            || stem.starts_with("docker-compose")
            || stem.ends_with(".compose")
            || stem.ends_with("-compose")
    })
}

/// Whether it is the override file that the default file beside it takes along anyway.
fn comes_along(input: &Input, reader: &dyn Reader) -> bool {
    let (Some(folder), Some(name)) = (input.path.parent(), file_name(&input.path)) else { return false };
    let first = |names: &[&'static str]| {
        names.iter().copied().find(|name| reader.kind(&folder.join(name)) == Kind::File)
    };
    first(&OVERRIDE_NAMES) == Some(name) && first(&DEFAULT_NAMES).is_some()
}

/// The file of which this one would be an overlay: its name without a part before or after `compose`.
fn base(path: &Path, reader: &dyn Reader) -> Option<PathBuf> {
    let folder = path.parent()?;
    let name = file_name(path).filter(|name| !DEFAULT_NAMES.contains(name))?;
    let stem = name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml"))?;
    let cuts = stem.char_indices().rev().filter(|(_, cut)| matches!(cut, '.' | '-' | '_')).map(|(at, _)| at);
    let heads = cuts.map(|at| &stem[..at]);
    let tails = ["docker-compose", "compose"]
        .into_iter()
        .filter(|tail| stem.len() > tail.len() && stem.ends_with(tail));
    let mut stems = heads.chain(tails).filter(|shorter| is_compose_name(&format!("{shorter}.yaml")));
    stems.find_map(|stem| {
        let names = [format!("{stem}.yaml"), format!("{stem}.yml")];
        names.iter().map(|name| folder.join(name)).find(|path| reader.kind(path) == Kind::File)
    })
}

/// Whether a text is a Compose file that cannot stand by itself: a service lacks what it would run.
fn is_overlay(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let text = text.trim_start_matches('\u{feff}');
    let file = Files::default().add("", "");
    let parsed = yaml::parse(file, text, &mut Origins::default(), OriginId::default());
    let Some(top) = parsed.documents.first().and_then(|document| document.root.as_ref()?.as_map()) else {
        return false;
    };
    let services: Vec<&Node> = entries(top.get("services"))
        .map(|map| map.entries.iter().map(|entry| &entry.node).collect())
        .unwrap_or_default();
    let stands = |service: &Node| {
        entries(Some(service)).is_some_and(|map| SUBSTANCE.iter().any(|key| map.contains(key)))
    };
    !services.iter().all(|service| stands(service)) || (services.is_empty() && !top.contains("include"))
}

fn entries(node: Option<&Node>) -> Option<&Map> {
    node.and_then(Node::as_map)
}

fn file_name(path: &Path) -> Option<&str> {
    path.file_name().and_then(|name| name.to_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::reader::Memory;

    fn memory(files: &[(&str, &str)]) -> Memory {
        Memory(
            files.iter().map(|(name, text)| (Path::new("/p").join(name), text.as_bytes().to_vec())).collect(),
        )
    }

    fn target(reader: &Memory, name: &str) -> Vec<String> {
        let inputs = match on_its_base(Input { path: Path::new("/p").join(name), text: None }, reader) {
            Target::File(input) => vec![input],
            Target::Files(inputs) => inputs,
            Target::Here | Target::Folder(_) => Vec::new(),
        };
        inputs.iter().filter_map(|input| file_name(&input.path).map(str::to_owned)).collect()
    }

    #[test]
    fn a_file_whose_services_lack_what_they_run_is_read_on_its_base() {
        let part = "services: {web: {ports: [\"80:80\"]}}";
        let whole = "services: {web: {image: nginx}}";
        let disk = memory(&[
            ("docker-compose.yml", whole),
            ("docker-compose.prod.yml", part),
            ("docker-compose-dev.yaml", part),
            ("docker-compose.mock.yml", whole),
            ("ci.docker-compose.yml", part),
            ("compose.alone.yaml", part),
            ("docker-compose.networks.yml", "networks: {default: {internal: true}}"),
            ("docker-compose.all.yml", "include: [docker-compose.yml]"),
        ]);
        assert_eq!(
            target(&disk, "docker-compose.prod.yml"),
            ["docker-compose.yml", "docker-compose.prod.yml"]
        );
        assert_eq!(
            target(&disk, "docker-compose-dev.yaml"),
            ["docker-compose.yml", "docker-compose-dev.yaml"]
        );
        assert_eq!(target(&disk, "ci.docker-compose.yml"), ["docker-compose.yml", "ci.docker-compose.yml"]);
        assert_eq!(
            target(&disk, "docker-compose.networks.yml"),
            ["docker-compose.yml", "docker-compose.networks.yml"]
        );
        for alone in
            ["docker-compose.yml", "docker-compose.mock.yml", "compose.alone.yaml", "docker-compose.all.yml"]
        {
            assert_eq!(target(&disk, alone), [alone]);
        }
    }

    #[test]
    fn the_names_of_compose_files_are_recognised() {
        let names = [
            "compose.yaml",
            "docker-compose.prod.yml",
            "dev.compose.yaml",
            "shop-compose.yml",
            "composer.yml",
        ];
        assert!(names.into_iter().all(is_compose_name));
        let others = ["compose.json", "values.yaml", "mydocker.yml", "compose"];
        assert!(!others.into_iter().any(is_compose_name));
    }
}
