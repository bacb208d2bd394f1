//! Well-known images: what their makers say of them, from a file of data.

use std::sync::{Arc, OnceLock};

use super::layers::PATH;
use super::{merge, ports, user};
use crate::compose::image_facts::{
    AccountNumbers, Below, CatalogueEntry, DataDirectory, Evidence, Fact, Facts, ImageHealthcheck, ImageTest,
    ImageVariable, Known, Listing, Process,
};
use crate::compose::image_reference::ImageReference;
use crate::source::Text;

/// The entries, the more special ones of an image before the others.
const DATA: &str = include_str!("catalogue.json");

/// Where its parts stand. A conversion of a few services would else spend a tenth of its time on looking for them.
static INDEX: Index<{ COUNTS.0 }, { COUNTS.1 }> = Index::of(DATA.as_bytes());
const COUNTS: (usize, usize) = Index::<0, 0>::of(DATA.as_bytes()).found;

/// Most runs ask for a few images: an entry is read when somebody asks for it.
static READ: [OnceLock<Box<Entry>>; COUNTS.0] = [const { OnceLock::new() }; COUNTS.0];

/// What the catalogue says of an image; nothing when it does not have it.
pub(super) fn of(reference: &ImageReference) -> Option<Facts> {
    let name = reference.familiar();
    let mut matching = entries(&name).filter(|entry| entry.tags.fits(reference.pulled_tag()));
    let mut facts = matching.next()?.facts.clone();
    // A fold would hand them from name to name.
    for entry in matching {
        facts = merge::merge(facts, &entry.facts);
    }
    Some(facts)
}

/// The entries of an image, as it is usually written.
fn entries(image: &str) -> impl Iterator<Item = &'static Entry> {
    // Most names differ in how long they are, which is asked without a look at their bytes.
    let is_it =
        move |name: &&Name| name.end - name.start == image.len() && &DATA[name.start..name.end] == image;
    INDEX.names.iter().filter(is_it).map(|name| {
        &**READ[name.entry].get_or_init(|| {
            let (start, end) = INDEX.entries[name.entry];
            Box::new(entry(&Row::of(&DATA[start..end])))
        })
    })
}

/// Entries and their names, as many as there is room for.
struct Index<const E: usize, const N: usize> {
    /// First byte and end of each entry.
    entries: [(usize, usize); E],
    names: [Name; N],
    /// How many entries and names there are.
    found: (usize, usize),
}

/// The name of an image.
#[derive(Clone, Copy)]
struct Name {
    /// Its first byte.
    start: usize,
    /// The byte behind it.
    end: usize,
    /// The number of the entry that it heads.
    entry: usize,
}

impl<const E: usize, const N: usize> Index<E, N> {
    /// Finds them when this is compiled, by how the file is laid out: braces of entries are the first on their lines,
    /// and the first list of an entry is that of its images.
    const fn of(data: &[u8]) -> Self {
        let mut index =
            Self { entries: [(0, 0); E], names: [Name { start: 0, end: 0, entry: 0 }; N], found: (0, 0) };
        let (mut line, mut start, mut opened) = (0, 0, None);
        let (mut is_new, mut in_names) = (false, false);
        let mut at = 0;
        while at < data.len() {
            match (data[at], opened) {
                (b'\n', _) => line = at + 1,
                (b'{', _) if at == line + 2 => (start, is_new) = (at, true),
                (b'}', _) if at == line + 2 => {
                    if index.found.0 < E {
                        index.entries[index.found.0] = (start, at + 1);
                    }
                    index.found.0 += 1;
                }
                (b'[', _) if is_new => in_names = true,
                (b']', _) => (is_new, in_names) = (false, false),
                (b'"', None) if in_names => opened = Some(at + 1),
                (b'"', Some(first)) => {
                    if index.found.1 < N {
                        index.names[index.found.1] = Name { start: first, end: at, entry: index.found.0 };
                    }
                    index.found.1 += 1;
                    opened = None;
                }
                _ => {}
            }
            at += 1;
        }
        index
    }
}

#[derive(Debug)]
struct Entry {
    tags: Tags,
    facts: Facts,
}

/// Which tags an entry is of.
#[derive(Debug, Default)]
struct Tags {
    /// A word that the tag has.
    has: Option<&'static str>,
    /// A word that it has not.
    lacks: Option<&'static str>,
    /// The first version.
    from: Option<Version>,
    /// The first version that is not meant any more.
    below: Option<Version>,
}

impl Tags {
    /// Whether the tag is one of these; what a digest alone names is not known.
    fn fits(&self, tag: Option<&str>) -> bool {
        let Some(tag) = tag else {
            return self.has.is_none() && self.lacks.is_none() && self.from.is_none() && self.below.is_none();
        };
        let version = Version::of(tag);
        self.has.is_none_or(|word| tag.contains(word))
            && self.lacks.is_none_or(|word| !tag.contains(word))
            && self.from.is_none_or(|from| version >= from)
            && self.below.is_none_or(|below| version < below)
    }

    fn pattern(&self, images: &[&str]) -> String {
        let mut pattern = images.join(", ");
        let rules = [
            self.has.map(|word| format!("with `{word}` in the tag")),
            self.lacks.map(|word| format!("without `{word}` in the tag")),
            self.from.map(|Version(major, minor)| format!("from version {major}.{minor} on")),
            self.below.map(|Version(major, minor)| format!("before version {major}.{minor}")),
        ];
        for rule in rules.into_iter().flatten() {
            pattern.push(' ');
            pattern.push_str(&rule);
        }
        pattern
    }
}

/// A major and a minor version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Version(u64, u64);

impl Version {
    /// The version at the beginning of a tag; `latest`, `alpine` and `17` mean the newest one that they can.
    fn of(tag: &str) -> Self {
        let mut numbers = tag.strip_prefix('v').unwrap_or(tag).split('.').map(|part| {
            let digits = part.bytes().take_while(u8::is_ascii_digit).count();
            part[..digits].parse().unwrap_or(u64::MAX)
        });
        Self(numbers.next().unwrap_or(u64::MAX), numbers.next().unwrap_or(u64::MAX))
    }

    /// The version of a rule, whose minor part is 0 unless it is written.
    fn bound(text: &str) -> Self {
        let (major, minor) = text.split_once('.').unwrap_or((text, "0"));
        let number = |text: &str| text.parse().expect("a version of the catalogue is of numbers");
        Self(number(major), number(minor))
    }
}

fn entry(row: &Row) -> Entry {
    let tags = Tags {
        has: row.within("tags", "has"),
        lacks: row.within("tags", "lacks"),
        from: row.within("tags", "from").map(Version::bound),
        below: row.within("tags", "below").map(Version::bound),
    };
    let evidence = Evidence::Catalogue(Arc::new(CatalogueEntry {
        pattern: Text::from(tags.pattern(&row.texts("images").collect::<Vec<_>>())),
        source: Text::new_static(row.text("source").expect("an entry of the catalogue has a source")),
        date: Text::new_static(row.text("date").expect("an entry of the catalogue has a date")),
    }));
    Entry { tags, facts: facts(row, &evidence) }
}

fn facts(row: &Row, evidence: &Evidence) -> Facts {
    let mut facts = Facts::default();
    let texts = |key: &'static str| row.texts(key).map(|text| known(Text::new_static(text), evidence));
    for (name, numbers) in row.pairs("accounts") {
        let number = |text| user::number(text).expect("an account of the catalogue is of numbers");
        let (uid, gid) = match numbers.split_once(':') {
            Some((uid, gid)) => (number(uid), Some(number(gid))),
            None => (number(numbers), None),
        };
        if let Some(gid) = gid {
            facts.groups.insert(Text::new_static(name), known(gid, evidence));
        }
        facts.accounts.insert(Text::new_static(name), known(AccountNumbers { uid, gid }, evidence));
    }
    facts.user = fact(row.text("user"), evidence, |text| user::read(text, &facts));
    facts.settles_as = row.text("settles_as").map(|text| known(user::read(text, &facts), evidence));
    let port = |text| ports::read(text).expect("a port of the catalogue is one");
    facts.ports.items = row.texts("ports").map(|text| known(port(text), evidence)).collect();
    facts.volumes.items = texts("volumes").collect();
    facts.content.items = texts("content").collect();
    facts.writable = texts("writable").collect();
    facts.notes = texts("notes").collect();
    facts.stop_signal = fact(row.text("stop_signal"), evidence, Text::new_static);
    facts.working_dir = fact(row.text("working_dir"), evidence, Text::new_static);
    facts.single_writer = row.text("single_writer").map(|text| known(Text::new_static(text), evidence));
    facts.shell = fact(row.text("shell"), evidence, |shell| vec![Text::new_static(shell)]);
    facts.entrypoint = words(row, "entrypoint", evidence);
    facts.command = words(row, "command", evidence);
    let probe: Vec<Text> = row.texts("probe").map(Text::new_static).collect();
    facts.probe = (!probe.is_empty()).then(|| known(probe, evidence));
    if let Some(test) = row.text("healthcheck") {
        facts.healthcheck = fact(Some(test), evidence, |line| ImageHealthcheck {
            test: ImageTest::Shell(Text::new_static(line)),
            interval: None,
            timeout: None,
            start_period: None,
            start_interval: None,
            retries: None,
        });
    }
    for path in row.texts("data") {
        let below = row.within("below", "variable").zip(row.within("below", "value"));
        let below = below.map(|(variable, value)| Below {
            variable: Text::new_static(variable),
            value: Text::new_static(value),
        });
        facts.data.push(known(DataDirectory { path: Text::new_static(path), below }, evidence));
    }
    if row.get("bare").is_some() {
        bare(&mut facts, evidence);
    }
    facts
}

/// The base image of an operating system: its configuration has a command and PATH, and nothing else.
fn bare(facts: &mut Facts, evidence: &Evidence) {
    let path = ImageVariable { name: Text::new_static("PATH"), value: Some(Text::new_static(PATH)) };
    facts.environment = Listing { items: vec![known(path, evidence)], complete: true };
    facts.ports.complete = true;
    facts.volumes.complete = true;
    facts.shell = Fact::Absent(evidence.clone());
    facts.healthcheck = Fact::Absent(evidence.clone());
    facts.stop_signal = Fact::Absent(evidence.clone());
    facts.working_dir = Fact::Absent(evidence.clone());
}

fn known<T>(value: T, evidence: &Evidence) -> Known<T> {
    Known { value, evidence: evidence.clone() }
}

/// A text that is empty says that the image has none.
fn fact<T>(text: Option<&'static str>, evidence: &Evidence, read: impl FnOnce(&'static str) -> T) -> Fact<T> {
    match text {
        None => Fact::Unknown,
        Some("") => Fact::Absent(evidence.clone()),
        Some(text) => Fact::Present(known(read(text), evidence)),
    }
}

/// A list that is empty says that the image has none.
fn words(row: &Row, key: &str, evidence: &Evidence) -> Fact<Process> {
    if row.get(key).is_none() {
        return Fact::Unknown;
    }
    let words: Vec<Text> = row.texts(key).map(Text::new_static).collect();
    if words.is_empty() {
        return Fact::Absent(evidence.clone());
    }
    Fact::Present(known(Process::Exec(words), evidence))
}

/// The lines of an entry: a key and its value each. No text of the file has a backslash, so that what stands between
/// quotes is what it says.
struct Row(Vec<(&'static str, &'static str)>);

impl Row {
    fn of(text: &'static str) -> Self {
        Self(
            text.lines().filter_map(|line| line.trim_start().strip_prefix('"')?.split_once("\": ")).collect(),
        )
    }

    fn get(&self, key: &str) -> Option<&'static str> {
        self.0.iter().find(|(known, _)| *known == key).map(|(_, value)| *value)
    }

    fn texts(&self, key: &str) -> impl Iterator<Item = &'static str> + use<> {
        self.get(key).into_iter().flat_map(|value| value.split('"').skip(1).step_by(2))
    }

    fn text(&self, key: &str) -> Option<&'static str> {
        self.texts(key).next()
    }

    fn pairs(&self, key: &str) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
        let mut texts = self.texts(key);
        std::iter::from_fn(move || Some((texts.next()?, texts.next()?)))
    }

    /// What a key says of one name.
    fn within(&self, key: &str, name: &str) -> Option<&'static str> {
        self.pairs(key).find(|(known, _)| *known == name).map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value};

    use super::*;

    fn facts(image: &str) -> Facts {
        of(&ImageReference::parse(image).expect("a name")).unwrap_or_default()
    }

    fn settles_as(image: &str) -> Option<(Option<u32>, Option<u32>)> {
        facts(image).settles_as.map(|known| (known.value.uid(), known.value.gid()))
    }

    /// What stands between quotes in a value, in order.
    fn texts(value: &Value) -> Vec<&str> {
        match value {
            Value::String(text) => vec![text],
            Value::Array(items) => items.iter().flat_map(texts).collect(),
            Value::Object(fields) => {
                fields.iter().flat_map(|(key, value)| [vec![key.as_str()], texts(value)].concat()).collect()
            }
            _ => Vec::new(),
        }
    }

    #[test]
    fn the_layout_of_the_file_shows_all_that_it_says() {
        let whole: Vec<Map<String, Value>> = serde_json::from_str(DATA).expect("the catalogue is JSON");
        assert_eq!(INDEX.entries.len(), whole.len());
        for (value, (start, end)) in whole.iter().zip(INDEX.entries) {
            let row = Row::of(&DATA[start..end]);
            let keys: Vec<&str> = row.0.iter().map(|(key, _)| *key).collect();
            assert_eq!(keys, value.keys().collect::<Vec<_>>());
            for (key, value) in value {
                assert_eq!(row.texts(key).collect::<Vec<_>>(), texts(value), "`{key}`");
            }
        }
    }

    #[test]
    fn every_entry_can_be_read_and_is_found_by_its_names() {
        let whole: Vec<Value> = serde_json::from_str(DATA).expect("the catalogue is JSON");
        let names =
            |value: &Value| texts(&value["images"]).into_iter().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(INDEX.names.len(), whole.iter().map(|value| names(value).len()).sum::<usize>());
        for image in whole.iter().flat_map(names) {
            let reference = ImageReference::parse(&image).expect("the catalogue names images");
            assert_eq!(reference.familiar(), image, "a name is written as people write it");
            let of_it = whole.iter().filter(|value| names(value).contains(&image)).count();
            assert_eq!(entries(&image).count(), of_it, "{image}");
            for entry in entries(&image) {
                assert_ne!(entry.facts, Facts::default(), "{image}");
            }
        }
    }

    #[test]
    fn variants_of_an_image_differ_by_their_tags() {
        assert_eq!(settles_as("postgres:17"), Some((Some(999), Some(999))));
        assert_eq!(settles_as("docker.io/library/postgres:17-alpine3.20"), Some((Some(70), Some(70))));
        // What a digest alone names is not known.
        let digest = format!("postgres@sha256:{}", "0".repeat(64));
        assert_eq!(settles_as(&digest), None);
        assert_eq!(facts(&digest).ports.values().map(|ports| ports.first).collect::<Vec<_>>(), [5432]);
    }

    #[test]
    fn versions_of_an_image_differ_too() {
        let data = |image| facts(image).data.first().map(|known| known.value.path.to_string());
        assert_eq!(data("postgres:17.2").as_deref(), Some("/var/lib/postgresql/data"));
        assert_eq!(data("postgres:18-alpine").as_deref(), Some("/var/lib/postgresql"));
        assert_eq!(data("postgres").as_deref(), Some("/var/lib/postgresql"));
        assert!(facts("grafana/tempo:2.4.1").user.is_unknown());
        assert_eq!(facts("grafana/tempo:2.10.0").user.value().and_then(|user| user.uid()), Some(10001));
    }

    #[test]
    fn a_user_that_is_a_name_has_its_number() {
        let user = facts("prom/prometheus:v2.50.0").user.value().cloned().expect("a user");
        assert_eq!((user.uid(), user.gid()), (Some(65534), Some(65534)));
        assert_eq!(facts("grafana/grafana").user.value().and_then(|user| user.gid()), Some(0));
        assert!(matches!(facts("nginx").user, Fact::Absent(_)));
        assert!(facts("debian:12").environment.complete && !facts("nginx").environment.complete);
    }
}
