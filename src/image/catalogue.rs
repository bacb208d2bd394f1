//! Well-known images: what their makers say of them, from a file of data.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, OnceLock};

use serde_json::{Map, Value};

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

/// What the catalogue says of an image; nothing when it does not have it.
pub(super) fn of(reference: &ImageReference) -> Option<Facts> {
    let name = reference.familiar();
    let mut matching = CATALOGUE.entries(&name).filter(|entry| entry.tags.fits(reference.pulled_tag()));
    let first = matching.next()?.facts.clone();
    Some(matching.fold(first, |facts, entry| merge::merge(facts, &entry.facts)))
}

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(Catalogue::read);

/// All entries. Most runs ask for a few images: an entry is read when somebody asks for it.
struct Catalogue {
    entries: Vec<(&'static str, OnceLock<Box<Entry>>)>,
    images: BTreeMap<&'static str, Vec<usize>>,
}

impl Catalogue {
    /// Finds the entries by how the file is laid out: braces on lines of their own, the names of images on the first line.
    fn read() -> Self {
        let mut catalogue = Self { entries: Vec::new(), images: BTreeMap::new() };
        for text in DATA.split("\n  {\n").skip(1).filter_map(|text| text.split("\n  }").next()) {
            let names = text.lines().next().unwrap_or_default().split('"').skip(3).step_by(2);
            for name in names {
                catalogue.images.entry(name).or_default().push(catalogue.entries.len());
            }
            catalogue.entries.push((text, OnceLock::new()));
        }
        catalogue
    }

    /// The entries of an image, as it is usually written.
    fn entries(&self, image: &str) -> impl Iterator<Item = &Entry> + use<'_> {
        let numbers = self.images.get(image).into_iter().flatten();
        numbers.filter_map(|number| self.entries.get(*number)).map(|(text, entry)| {
            &**entry.get_or_init(|| {
                let value: Value =
                    serde_json::from_str(&format!("{{{text}}}")).expect("an entry of the catalogue is JSON");
                let row = Row(value.as_object().expect("an entry of the catalogue is an object"));
                Box::new(self::entry(&row, &row.texts("images")))
            })
        })
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
    has: Option<String>,
    /// A word that it has not.
    lacks: Option<String>,
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
        self.has.as_deref().is_none_or(|word| tag.contains(word))
            && self.lacks.as_deref().is_none_or(|word| !tag.contains(word))
            && self.from.is_none_or(|from| version >= from)
            && self.below.is_none_or(|below| version < below)
    }

    fn pattern(&self, images: &[String]) -> String {
        let mut pattern = images.join(", ");
        let rules = [
            self.has.as_ref().map(|word| format!("with `{word}` in the tag")),
            self.lacks.as_ref().map(|word| format!("without `{word}` in the tag")),
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

fn entry(row: &Row<'_>, images: &[String]) -> Entry {
    let tags = row.child("tags").map(|tags| Tags {
        has: tags.text("has"),
        lacks: tags.text("lacks"),
        from: tags.text("from").map(|text| Version::bound(&text)),
        below: tags.text("below").map(|text| Version::bound(&text)),
    });
    let tags = tags.unwrap_or_default();
    let evidence = Evidence::Catalogue(Arc::new(CatalogueEntry {
        pattern: Text::from(tags.pattern(images)),
        source: Text::from(row.text("source").expect("an entry of the catalogue has a source")),
        date: Text::from(row.text("date").expect("an entry of the catalogue has a date")),
    }));
    Entry { tags, facts: facts(row, &evidence) }
}

fn facts(row: &Row<'_>, evidence: &Evidence) -> Facts {
    let mut facts = Facts::default();
    let texts = |key: &str| row.texts(key).into_iter().map(|text| known(Text::from(text), evidence));
    for (name, numbers) in row.pairs("accounts") {
        let number = |text| user::number(text).expect("an account of the catalogue is of numbers");
        let (uid, gid) = match numbers.split_once(':') {
            Some((uid, gid)) => (number(uid), Some(number(gid))),
            None => (number(&numbers), None),
        };
        if let Some(gid) = gid {
            facts.groups.insert(Text::new(&name), known(gid, evidence));
        }
        facts.accounts.insert(Text::new(&name), known(AccountNumbers { uid, gid }, evidence));
    }
    facts.user = fact(row.text("user"), evidence, |text| user::read(&text, &facts));
    facts.settles_as = row.text("settles_as").map(|text| known(user::read(&text, &facts), evidence));
    let port = |text: String| ports::read(&text).expect("a port of the catalogue is one");
    facts.ports.items = row.texts("ports").into_iter().map(|text| known(port(text), evidence)).collect();
    facts.volumes.items = texts("volumes").collect();
    facts.content.items = texts("content").collect();
    facts.writable = texts("writable").collect();
    facts.notes = texts("notes").collect();
    facts.stop_signal = fact(row.text("stop_signal"), evidence, Text::from);
    facts.working_dir = fact(row.text("working_dir"), evidence, Text::from);
    facts.single_writer = row.text("single_writer").map(|text| known(Text::from(text), evidence));
    facts.shell = fact(row.text("shell"), evidence, |shell| vec![Text::from(shell)]);
    facts.entrypoint = words(row, "entrypoint", evidence);
    facts.command = words(row, "command", evidence);
    let probe = row.texts("probe");
    facts.probe = (!probe.is_empty()).then(|| known(probe.into_iter().map(Text::from).collect(), evidence));
    if let Some(test) = row.text("healthcheck") {
        facts.healthcheck = fact(Some(test), evidence, |line| ImageHealthcheck {
            test: ImageTest::Shell(Text::from(line)),
            interval: None,
            timeout: None,
            start_period: None,
            start_interval: None,
            retries: None,
        });
    }
    for path in row.texts("data") {
        let below = row.child("below").map(|below| Below {
            variable: Text::from(below.text("variable").expect("`below` has a variable")),
            value: Text::from(below.text("value").expect("`below` has a value")),
        });
        facts.data.push(known(DataDirectory { path: Text::from(path), below }, evidence));
    }
    if row.0.contains_key("bare") {
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
fn fact<T>(text: Option<String>, evidence: &Evidence, read: impl FnOnce(String) -> T) -> Fact<T> {
    match text {
        None => Fact::Unknown,
        Some(text) if text.is_empty() => Fact::Absent(evidence.clone()),
        Some(text) => Fact::Present(known(read(text), evidence)),
    }
}

/// A list that is empty says that the image has none.
fn words(row: &Row<'_>, key: &str, evidence: &Evidence) -> Fact<Process> {
    if !row.0.contains_key(key) {
        return Fact::Unknown;
    }
    let words: Vec<Text> = row.texts(key).into_iter().map(Text::from).collect();
    if words.is_empty() {
        return Fact::Absent(evidence.clone());
    }
    Fact::Present(known(Process::Exec(words), evidence))
}

/// An object of the file; what it holds was looked at when it was written.
struct Row<'v>(&'v Map<String, Value>);

impl Row<'_> {
    fn text(&self, key: &str) -> Option<String> {
        self.0.get(key).map(|value| value.as_str().expect("a text of the catalogue is a string").to_owned())
    }

    fn child(&self, key: &str) -> Option<Row<'_>> {
        self.0.get(key).map(|value| Row(value.as_object().expect("a part of the catalogue is an object")))
    }

    fn texts(&self, key: &str) -> Vec<String> {
        let items = self.0.get(key).map(|value| value.as_array().expect("a list of the catalogue is one"));
        let text = |item: &Value| item.as_str().expect("an item of the catalogue is a string").to_owned();
        items.into_iter().flatten().map(text).collect()
    }

    fn pairs(&self, key: &str) -> Vec<(String, String)> {
        let fields = self.child(key).map(|row| row.0.clone()).unwrap_or_default();
        let text = |value: Value| value.as_str().expect("a value of the catalogue is a string").to_owned();
        fields.into_iter().map(|(key, value)| (key, text(value))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(image: &str) -> Facts {
        of(&ImageReference::parse(image).expect("a name")).unwrap_or_default()
    }

    fn settles_as(image: &str) -> Option<(Option<u32>, Option<u32>)> {
        facts(image).settles_as.map(|known| (known.value.uid(), known.value.gid()))
    }

    #[test]
    fn every_entry_can_be_read_and_says_where_it_is_from() {
        let whole: Vec<Value> = serde_json::from_str(DATA).expect("the catalogue is JSON");
        assert_eq!(CATALOGUE.entries.len(), whole.len(), "the layout shows every entry");
        for value in &whole {
            for image in Row(value.as_object().expect("an object")).texts("images") {
                let reference = ImageReference::parse(&image).expect("the catalogue names images");
                assert_eq!(reference.familiar(), image, "a name is written as people write it");
                let of_it = |value: &&Value| {
                    value["images"].as_array().is_some_and(|names| names.contains(&image.as_str().into()))
                };
                assert_eq!(CATALOGUE.entries(&image).count(), whole.iter().filter(of_it).count(), "{image}");
                for entry in CATALOGUE.entries(&image) {
                    assert_ne!(entry.facts, Facts::default(), "{image}");
                }
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
