//! What `--image-metadata` hands in: images as `docker image inspect` or an OCI image configuration describes them.

use serde_json::{Map, Value};

use super::{merge, ports, user};
use crate::compose::image_facts::{
    Evidence, Fact, Facts, ImageHealthcheck, ImageTest, ImageVariable, Known, Listing, Process,
};
use crate::compose::image_reference::ImageReference;
use crate::compose::units::Duration;
use crate::source::Text;

/// What the file may hold, for whoever gave us another one.
const VALID: &str = "valid is what `docker image inspect` prints, or an object whose keys are image names and whose values are OCI image configurations";

/// The images of one file.
#[derive(Clone, Debug, PartialEq)]
pub struct Metadata {
    images: Vec<Described>,
}

/// One image.
#[derive(Clone, Debug, PartialEq)]
struct Described {
    names: Vec<ImageReference>,
    facts: Facts,
}

impl Metadata {
    /// Reads a file; `name` is what reports call it.
    ///
    /// The file holds what `docker image inspect` prints (a list, or one of its objects), or an object whose keys are
    /// image names and whose values are OCI image configurations (`{"postgres:17": {"architecture": …, "config": {…}}}`).
    /// A list `signatures` beside the configuration records who signed the image.
    ///
    /// # Errors
    /// What is wrong with it, and what would be valid.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, String> {
        let value: Value = serde_json::from_slice(bytes)
            .map_err(|error| format!("`{name}` is no JSON: {error}; {VALID}"))?;
        let wrong = |reason: String| format!("`{name}`: {reason}; {VALID}");
        let images = match &value {
            Value::Array(items) => {
                let read = |(index, item)| inspected(name, &format!("[{index}]"), item);
                items.iter().enumerate().map(read).collect::<Result<Vec<_>, _>>().map_err(wrong)?
            }
            Value::Object(fields) if fields.contains_key("Config") => {
                vec![inspected(name, "", &value).map_err(wrong)?]
            }
            Value::Object(fields) if fields.get("config").is_some_and(Value::is_object) => {
                return Err(wrong("the image configuration does not say of which image it is".to_owned()));
            }
            Value::Object(fields) => {
                let read = |(image, item): (&String, &Value)| named(name, image, item);
                fields.iter().map(read).collect::<Result<Vec<_>, _>>().map_err(wrong)?
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                return Err(wrong("it is neither a list nor an object".to_owned()));
            }
        };
        Ok(Self { images })
    }

    /// What is known of an image; entries of several architectures are one.
    pub(super) fn of(&self, reference: &ImageReference) -> Option<Facts> {
        let mut entries = self.images.iter().filter(|image| image.is_named(reference));
        let mut facts = entries.next()?.facts.clone();
        for other in entries {
            merge::extend(&mut facts.architectures.items, &other.facts.architectures.items);
        }
        Some(facts)
    }
}

impl Described {
    fn is_named(&self, reference: &ImageReference) -> bool {
        self.names.iter().any(|name| name.is_same(reference))
    }
}

/// An object of `docker image inspect`.
fn inspected(file: &str, path: &str, value: &Value) -> Result<Described, String> {
    let object = Object { path: path.to_owned(), fields: fields(path, value)? };
    let mut names = object.texts("RepoTags")?;
    names.extend(object.texts("RepoDigests")?);
    let image = names.first().cloned().or(object.text("Id")?).unwrap_or_default();
    let names = names.iter().filter_map(|name| ImageReference::parse(name)).collect();
    let config = object.child("Config")?.ok_or_else(|| format!("`{path}` has no `Config`"))?;
    let evidence = evidence(file, &image);
    let mut facts = facts(&config, object.text("Architecture")?, &evidence)?;
    facts.signatures = signatures(&object, &evidence)?;
    Ok(Described { names, facts })
}

/// An entry of a map from names to configurations.
fn named(file: &str, name: &str, value: &Value) -> Result<Described, String> {
    let reference = ImageReference::parse(name).ok_or_else(|| format!("`{name}` is no name of an image"))?;
    let object = Object { path: name.to_owned(), fields: fields(name, value)? };
    let config = match object.child("config")? {
        Some(config) => Some(config),
        None => object.child("Config")?,
    };
    let config = config.ok_or_else(|| format!("`{name}` has no `config`"))?;
    let architecture = match object.text("architecture")? {
        Some(architecture) => Some(architecture),
        None => object.text("Architecture")?,
    };
    let evidence = evidence(file, name);
    let mut facts = facts(&config, architecture, &evidence)?;
    facts.signatures = signatures(&object, &evidence)?;
    Ok(Described { names: vec![reference], facts })
}

/// The signatures: a list beside the configuration, or what the engine found when it pulled the image.
fn signatures(object: &Object<'_>, evidence: &Evidence) -> Result<Fact<usize>, String> {
    let of_engine = object.child("Identity")?;
    let lists = [object.count("Signatures")?, object.count("signatures")?];
    let found = of_engine.as_ref().map(|identity| identity.count("Signature")).transpose()?.flatten();
    Ok(match lists.into_iter().flatten().next().or(found) {
        Some(count) => fact(Some(count).filter(|count| *count > 0), evidence),
        None => Fact::Unknown,
    })
}

fn evidence(file: &str, image: &str) -> Evidence {
    Evidence::Metadata { file: Text::new(file), image: Text::new(image) }
}

fn facts(config: &Object<'_>, architecture: Option<String>, evidence: &Evidence) -> Result<Facts, String> {
    let known = |value: Text| Known { value, evidence: evidence.clone() };
    let mut facts = Facts {
        user: fact(config.filled("User")?.map(|text| user::read(&text, &Facts::default())), evidence),
        entrypoint: process(config, "Entrypoint", evidence)?,
        command: process(config, "Cmd", evidence)?,
        shell: fact(filled(config.texts("Shell")?), evidence),
        healthcheck: healthcheck(config, evidence)?,
        stop_signal: fact(config.filled("StopSignal")?.map(Text::from), evidence),
        working_dir: fact(config.filled("WorkingDir")?.map(Text::from), evidence),
        triggers: config.texts("OnBuild")?.iter().map(|text| known(Text::new(text))).collect(),
        ..Facts::default()
    };
    facts.architectures.items = architecture.iter().map(|name| known(Text::new(name))).collect();
    facts.volumes = listing(config.keys("Volumes")?.into_iter().map(Text::from), evidence);
    let ports = config.keys("ExposedPorts")?;
    let ports: Result<Vec<_>, String> = ports.iter().map(|port| ports::read(port)).collect();
    facts.ports = listing(ports?, evidence);
    let variable = |text: &String| {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        ImageVariable { name: Text::new(name), value: Some(Text::new(value)) }
    };
    facts.environment = listing(config.texts("Env")?.iter().map(variable), evidence);
    Ok(facts)
}

fn process(config: &Object<'_>, key: &str, evidence: &Evidence) -> Result<Fact<Process>, String> {
    Ok(fact(filled(config.texts(key)?).map(Process::Exec), evidence))
}

fn healthcheck(config: &Object<'_>, evidence: &Evidence) -> Result<Fact<ImageHealthcheck>, String> {
    let Some(object) = config.child("Healthcheck")? else { return Ok(Fact::Absent(evidence.clone())) };
    let words = object.texts("Test")?;
    let test = match words.split_first() {
        Some((kind, [line])) if kind == "CMD-SHELL" => ImageTest::Shell(Text::new(line)),
        Some((kind, words)) if kind == "CMD" && !words.is_empty() => {
            ImageTest::Exec(words.iter().map(Text::new).collect())
        }
        None => return Ok(Fact::Absent(evidence.clone())),
        Some((kind, _)) if kind == "NONE" => return Ok(Fact::Absent(evidence.clone())),
        Some(_) => return Err(format!("`{}.Test` is no test of a healthcheck", object.path)),
    };
    let time = |key: &str| Ok::<_, String>(object.number(key)?.filter(|time| *time > 0).map(Duration));
    let health = ImageHealthcheck {
        test,
        interval: time("Interval")?,
        timeout: time("Timeout")?,
        start_period: time("StartPeriod")?,
        start_interval: time("StartInterval")?,
        retries: object
            .number("Retries")?
            .and_then(|count| u32::try_from(count).ok())
            .filter(|count| *count > 0),
    };
    Ok(fact(Some(health), evidence))
}

fn fact<T>(value: Option<T>, evidence: &Evidence) -> Fact<T> {
    match value {
        Some(value) => Fact::Present(Known { value, evidence: evidence.clone() }),
        None => Fact::Absent(evidence.clone()),
    }
}

/// All that an image has of a kind: its configuration leaves nothing out.
fn listing<T>(values: impl IntoIterator<Item = T>, evidence: &Evidence) -> Listing<T> {
    let known = |value| Known { value, evidence: evidence.clone() };
    Listing { items: values.into_iter().map(known).collect(), complete: true }
}

fn filled(words: Vec<String>) -> Option<Vec<Text>> {
    (!words.is_empty()).then(|| words.into_iter().map(Text::from).collect())
}

/// An object of the file and its path.
struct Object<'v> {
    path: String,
    fields: &'v Map<String, Value>,
}

fn fields<'v>(path: &str, value: &'v Value) -> Result<&'v Map<String, Value>, String> {
    value.as_object().ok_or_else(|| format!("`{path}` is no object"))
}

impl<'v> Object<'v> {
    /// The value of a key; null is no value.
    fn get(&self, key: &str) -> Option<&'v Value> {
        self.fields.get(key).filter(|value| !value.is_null())
    }

    fn wrong(&self, key: &str, wanted: &str) -> String {
        format!("`{}` is no {wanted}", self.below(key))
    }

    /// The path of a key.
    fn below(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn child(&self, key: &str) -> Result<Option<Self>, String> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let fields = value.as_object().ok_or_else(|| self.wrong(key, "object"))?;
        Ok(Some(Object { path: self.below(key), fields }))
    }

    fn text(&self, key: &str) -> Result<Option<String>, String> {
        let text = |value: &Value| value.as_str().map(str::to_owned).ok_or_else(|| self.wrong(key, "string"));
        self.get(key).map(text).transpose()
    }

    /// A string that is not empty.
    fn filled(&self, key: &str) -> Result<Option<String>, String> {
        Ok(self.text(key)?.filter(|text| !text.is_empty()))
    }

    fn number(&self, key: &str) -> Result<Option<i64>, String> {
        let number = |value: &Value| value.as_i64().ok_or_else(|| self.wrong(key, "whole number"));
        self.get(key).map(number).transpose()
    }

    fn texts(&self, key: &str) -> Result<Vec<String>, String> {
        let wrong = || self.wrong(key, "list of strings");
        let Some(value) = self.get(key) else { return Ok(Vec::new()) };
        let text = |item: &Value| item.as_str().map(str::to_owned).ok_or_else(wrong);
        value.as_array().ok_or_else(wrong)?.iter().map(text).collect()
    }

    /// How long a list is.
    fn count(&self, key: &str) -> Result<Option<usize>, String> {
        let length = |value: &Value| value.as_array().map(Vec::len).ok_or_else(|| self.wrong(key, "list"));
        self.get(key).map(length).transpose()
    }

    fn keys(&self, key: &str) -> Result<Vec<String>, String> {
        let Some(value) = self.get(key) else { return Ok(Vec::new()) };
        let fields = value.as_object().ok_or_else(|| self.wrong(key, "object"))?;
        Ok(fields.keys().cloned().collect())
    }
}
