//! The projects of a folder: which files are Compose files, and which of them are overlays of another.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rayon::prelude::{IntoParallelIterator, ParallelIterator};
use walkdir::{DirEntry, WalkDir};

use super::error::Error;
use crate::resolve::Input;
use crate::resolve::discover::{DEFAULT_NAMES, OVERRIDE_NAMES, Target};
use crate::source::Text;
use crate::source::files::Files;
use crate::source::origin::{OriginId, Origins};
use crate::source::reader::{Kind, Reader};
use crate::tree::{Entry, Map, Node, Value};
use crate::yaml;

/// Folders that hold the work of others, or what was built.
const SKIPPED: [&str; 3] = ["node_modules", "vendor", "target"];
/// What a service has that stands by itself.
const SUBSTANCE: [&str; 4] = ["image", "build", "provider", "extends"];
/// The keys of a service that name what a file has to declare, and where it does.
const USES: [(&str, &str); 4] =
    [("depends_on", "services"), ("networks", "networks"), ("secrets", "secrets"), ("configs", "configs")];

/// The projects in a folder and below it, in the order of their paths; what is excluded is not looked into. The folder
/// comes with the name that the user gave it.
///
/// # Errors
/// When a folder cannot be looked into.
pub fn projects(
    (folder, written): (&Path, &Path),
    reader: &dyn Reader,
    is_excluded: &dyn Fn(&Path) -> bool,
) -> Result<Vec<Target>, Error> {
    let mut files = BTreeSet::new();
    for entry in
        WalkDir::new(folder).into_iter().filter_entry(|entry| is_open(entry) && !is_excluded(entry.path()))
    {
        let entry = entry.map_err(|error| unread(&error, folder, written))?;
        let name = entry.file_name().to_str();
        if name.is_some_and(is_compose_name) && reader.kind(entry.path()) == Kind::File {
            files.insert(entry.into_path());
        }
    }
    // Overlays are told from others by what they hold, so that many files are read here.
    let target = |path| {
        let input = Input { path, text: None };
        (!comes_along(&input, reader)).then(|| on_its_base(input, reader))
    };
    Ok(Vec::from_iter(files).into_par_iter().filter_map(target).collect::<Vec<Target>>())
}

/// That a folder cannot be looked into, under the name that the user knows.
fn unread(error: &walkdir::Error, folder: &Path, written: &Path) -> Error {
    let words = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
    match error.path().and_then(|path| path.strip_prefix(folder).ok()) {
        Some(below) => Error::Walk(format!("`{}`: {words}", written.join(below).display())),
        None => Error::Walk(words),
    }
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
    let is_overlay = |bytes: Vec<u8>| {
        let top = top(&bytes)?;
        Some(lacks_substance(&top) || leans_on(&top, || self::top(&reader.read(&base).ok()?)))
    };
    if is_override || bytes.ok().and_then(is_overlay).unwrap_or(false) {
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

/// What a text holds at its top.
fn top(bytes: &[u8]) -> Option<Map> {
    let text = std::str::from_utf8(bytes).ok()?.trim_start_matches('\u{feff}');
    let file = Files::default().add("", "");
    let mut parsed = yaml::parse(file, text, &mut Origins::default(), OriginId::default());
    match parsed.documents.drain(..).next()?.root?.value {
        Value::Map(map) => Some(map),
        _ => None,
    }
}

/// Whether a Compose file cannot stand by itself: a service lacks what it would run.
fn lacks_substance(top: &Map) -> bool {
    let services: Vec<&Node> = entries(top.get("services")).map(|entry| &entry.node).collect();
    let stands =
        |service: &Node| service.as_map().is_some_and(|map| SUBSTANCE.iter().any(|key| map.contains(key)));
    !services.iter().all(|service| stands(service)) || (services.is_empty() && !top.contains("include"))
}

/// Whether a service uses what the file does not declare, and its base does; most files declare what they use, and the
/// base is not read for them.
fn leans_on(top: &Map, base: impl FnOnce() -> Option<Map>) -> bool {
    let declared = |map: &Map, section: &str| -> BTreeSet<Text> {
        entries(map.get(section)).map(|entry| entry.key.clone()).collect()
    };
    let lacking = USES.iter().map(|(key, section)| {
        let own = declared(top, section);
        let services = entries(top.get("services")).filter_map(|service| service.node.as_map());
        let used = services.filter_map(|service| service.get(key)).flat_map(names);
        let lacking = used.filter(|name| *name != "default" && !own.contains(*name));
        (section, lacking.collect::<Vec<&str>>())
    });
    let lacking: Vec<_> = lacking.filter(|(_, names)| !names.is_empty()).collect();
    !lacking.is_empty()
        && base().is_some_and(|base| {
            lacking.iter().any(|(section, names)| {
                let theirs = declared(&base, section);
                names.iter().any(|name| theirs.contains(*name))
            })
        })
}

/// The names in a list, in the keys of a mapping, or in the `source` of each item.
fn names(node: &Node) -> Vec<&str> {
    let keys = entries(Some(node)).map(|entry| entry.key.as_str());
    let items = node.as_list().unwrap_or_default().iter();
    let sources = items.filter_map(|item| item.as_str().or_else(|| item.as_map()?.get("source")?.as_str()));
    keys.chain(sources).collect()
}

fn entries(node: Option<&Node>) -> impl Iterator<Item = &Entry> {
    node.and_then(Node::as_map).into_iter().flat_map(|map| &map.entries)
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
    fn a_file_that_uses_what_only_its_base_declares_is_read_on_it() {
        let one = |rest: &str| format!("services: {{trace: {{image: jaeger, {rest}}}}}");
        let (waits, joins, own, nobody) = (
            one("depends_on: [web]"),
            one("networks: {back: {}}"),
            one("networks: [default], secrets: [{source: other}]") + "\nsecrets: {other: {file: x}}",
            one("depends_on: [nobody]"),
        );
        let disk = memory(&[
            ("compose.yaml", "{services: {web: {image: nginx}}, networks: {back: {}, default: {}}}"),
            ("compose.waits.yaml", &waits),
            ("compose.joins.yaml", &joins),
            ("compose.own.yaml", &own),
            ("compose.nobody.yaml", &nobody),
        ]);
        assert_eq!(target(&disk, "compose.waits.yaml"), ["compose.yaml", "compose.waits.yaml"]);
        assert_eq!(target(&disk, "compose.joins.yaml"), ["compose.yaml", "compose.joins.yaml"]);
        for alone in ["compose.own.yaml", "compose.nobody.yaml"] {
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
