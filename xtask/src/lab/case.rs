//! One case: a Compose project in a folder of its own, and what the lab should know about its images.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value, json};

use super::prepare::Tools;
use super::private::STATE;
use super::release;
use super::standing::matches;
use super::tool;
use super::world::compose;
use crate::oracles::acceptance;
use crate::place;

/// What the names of systems that lie beside the repository begin with.
pub(super) const BESIDE: &str = "project-of-";

/// The ports of the host that they publish on.
const FIRST_DOOR: usize = 41_000;
const DOORS: usize = 100;

/// A project that both worlds run.
pub(super) struct Case {
    /// The name of its folder, and of the project.
    pub(super) name: String,
    /// A copy that containers may write to.
    pub(super) folder: PathBuf,
    /// What Compose makes of it, or why it refuses it.
    pub(super) model: Result<Value, String>,
    /// `lab.json`: what its images are like, and what else to look at.
    pub(super) settings: Value,
}

/// The names of the cases that somebody wants.
pub(super) fn chosen(arguments: &[String]) -> Result<Vec<String>, String> {
    let folder = place::root().join("testdata/lab");
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut names: Vec<String> = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.join("compose.yaml").is_file() {
            names.extend(path.file_name().map(|name| name.to_string_lossy().into_owned()));
        }
    }
    names.sort();
    match arguments {
        [] => names.extend(release::names(false)),
        [word] if word == "--sample" => {
            names.retain(|name| read_settings(&folder.join(name))["sample"] == true);
            names.extend(release::names(true));
        }
        words => {
            names.extend(release::names(false));
            if let Some(word) = words.iter().find(|word| !names.contains(word)) {
                return Err(format!("`testdata/lab` has no case `{word}`"));
            }
            names.retain(|name| words.contains(name));
        }
    }
    if names.is_empty() { Err("`testdata/lab` has no such case".to_owned()) } else { Ok(names) }
}

fn read_settings(folder: &Path) -> Value {
    let text = std::fs::read_to_string(folder.join("lab.json")).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

impl Case {
    /// Copies the folder and asks Compose for the model.
    pub(super) fn open(name: &str, tools: &Tools) -> Result<Self, String> {
        let folder = Path::new(STATE).join("cases").join(name);
        tool::write(&folder.join(".opened"), "")?;
        let source = place::root().join("testdata/lab").join(name).join(".");
        tool::must("cp", &["-a", &source.display().to_string(), &folder.display().to_string()])?;
        std::fs::remove_file(folder.join(".opened")).map_err(|error| error.to_string())?;
        let settings = read_settings(&folder);
        let said = compose(tools, name, &folder, &["config", "--format", "json"], 30)?;
        let model = if said.well {
            serde_json::from_str(&said.out).map_err(|error| format!("{name}: {error}"))
        } else {
            Err(said.complaint().to_owned())
        };
        Ok(Self { name: name.to_owned(), folder, model, settings })
    }

    /// A system that lies beside the repository, as Compose resolves it, with stand-ins for all its images.
    pub(super) fn beside(name: &str, tools: &Tools) -> Result<Self, String> {
        let system = name.strip_prefix(BESIDE).unwrap_or(name);
        let project = acceptance::project(system, name)?;
        let choice = project.flags(&["-f", "--env-file", "--profile"]).map(String::as_str);
        let words: Vec<&str> = choice.chain(["config", "--format", "json"]).collect();
        let said = compose(tools, name, project.folder(), &words, 60)?;
        let mut model: Value =
            serde_json::from_str(&said.out).map_err(|_| format!("{name}: {}", said.complaint()))?;
        // Compose says where files are on this machine; a project says where they are seen from its folder.
        let first = project.files().first().map_or_else(PathBuf::new, PathBuf::from);
        let folder = project.folder().join(first.parent().unwrap_or(Path::new("")));
        relate(&mut model, project.folder(), &folder);
        let mut door =
            FIRST_DOOR + DOORS * release::SYSTEMS.iter().take_while(|known| **known != system).count();
        let excluded: Vec<&String> =
            project.flags(&["--exclude"]).filter(|word| !word.starts_with('-')).collect();
        let services = model["services"].as_object_mut().ok_or("a project has services")?;
        services.retain(|service, _| !excluded.contains(&service));
        for (service, model) in services {
            let Some(keys) = model.as_object_mut() else { continue };
            // Everything runs, nothing is built, no registry is asked, and a small machine has room for all of them.
            keys.remove("build");
            keys.insert("pull_policy".to_owned(), "missing".into());
            keys.remove("profiles");
            let named = keys.get("image").and_then(Value::as_str).filter(|image| image.contains(':'));
            // A case may have a stand-in of the same name that looks otherwise: a tag of its own keeps them apart.
            let image = match named {
                Some(image) if image.contains('@') => image.to_owned(),
                Some(image) => format!("{image}-{system}"),
                None => format!("lab/{system}-{service}:1"),
            };
            keys.insert("image".to_owned(), image.into());
            // Two systems may want one port of the host, and so may two copies of a service.
            let copies = model["deploy"]["replicas"].as_u64().unwrap_or(1);
            for port in model.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten() {
                door += 1;
                if copies == 1 {
                    port["published"] = door.to_string().into();
                } else if let Some(keys) = port.as_object_mut() {
                    keys.remove("published");
                }
            }
            model["deploy"]["resources"]["reservations"] = json!({"cpus": "0.01", "memory": "8M"});
        }
        let file = folder.join("compose.yaml");
        tool::write(&file, model.to_string())?;
        let mut convert = Command::new(&tools.transship);
        convert.args(["convert", "-p", name]).current_dir(&folder).env_clear();
        let images: Map<String, Value> = release::roles(&tool::said(&mut convert)?.out)?
            .into_iter()
            .filter_map(|(image, role)| {
                // The conversion's own helpers are no part of the system.
                let mut users =
                    services_of(&model).filter(|(_, model)| model["image"] == image.as_str()).peekable();
                users.peek()?;
                // What is known of the real image, the stand-in is like.
                let is_said = users.any(|(_, model)| model["user"].is_string());
                let config = if is_said { json!({}) } else { json!({"User": role.user}) };
                let about = json!({
                    "config": config, "listen": role.ports, "ends": role.ends, "programs": role.programs,
                });
                Some((image, about))
            })
            .collect();
        let settings = json!({"images": images});
        let said = compose(tools, name, &folder, &["config", "--format", "json"], 30)?;
        let model = serde_json::from_str(&said.out).map_err(|_| format!("{name}: {}", said.complaint()))?;
        Ok(Self { name: name.to_owned(), folder, model: Ok(model), settings })
    }

    /// The words of a list in `lab.json`.
    pub(super) fn words(&self, key: &str) -> Vec<String> {
        words(&self.settings[key])
    }

    /// Whether `lab.json` gives a reason why this field differs.
    pub(super) fn says(&self, field: &str) -> bool {
        let reasons = self.settings["because"].as_object().into_iter().flatten();
        reasons.into_iter().any(|(pattern, _)| matches(pattern, field))
    }

    /// The services of the model, by name.
    pub(super) fn services(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.model.as_ref().ok().into_iter().flat_map(services_of)
    }

    /// The images that the project names.
    pub(super) fn images(&self) -> BTreeSet<String> {
        let named = self.services().filter_map(|(_, service)| service["image"].as_str());
        named
            .map(str::to_owned)
            .chain(self.settings["images"].as_object().into_iter().flatten().map(|(name, _)| name.clone()))
            .collect()
    }

    /// The ports of a service as `80/tcp`: those that it publishes and those that it only names.
    pub(super) fn ports(service: &Value) -> BTreeSet<String> {
        let published = service["ports"].as_array().into_iter().flatten().filter_map(|port| {
            Some(format!("{}/{}", port["target"].as_u64()?, port["protocol"].as_str().unwrap_or("tcp")))
        });
        let named = words(&service["expose"])
            .into_iter()
            .map(|port| if port.contains('/') { port } else { format!("{port}/tcp") });
        published.chain(named).filter(|port| !port.contains('-')).collect()
    }

    /// The names by which peers may call a service.
    pub(super) fn names(name: &str, service: &Value) -> BTreeSet<String> {
        let mut names = BTreeSet::from([name.to_owned()]);
        for key in ["container_name", "hostname"] {
            names.extend(service[key].as_str().map(str::to_owned));
        }
        for network in service["networks"].as_object().into_iter().flatten() {
            names.extend(words(&network.1["aliases"]));
        }
        names
    }

    /// Where the project puts something into a service's file system.
    pub(super) fn mounts(service: &Value) -> BTreeSet<String> {
        let mut paths = BTreeSet::new();
        for volume in service["volumes"].as_array().into_iter().flatten() {
            paths.extend(volume["target"].as_str().map(str::to_owned));
        }
        for path in words(&service["tmpfs"]) {
            paths.insert(path.split(':').next().unwrap_or_default().to_owned());
        }
        for (key, folder) in [("configs", "/"), ("secrets", "/run/secrets/")] {
            for file in service[key].as_array().into_iter().flatten() {
                let target = file["target"].as_str().or(file["source"].as_str()).unwrap_or_default();
                let inside = !target.starts_with('/');
                paths.insert(if inside { format!("{folder}{target}") } else { target.to_owned() });
            }
        }
        paths
    }
}

/// The services of a model, by name.
fn services_of(model: &Value) -> impl Iterator<Item = (&String, &Value)> {
    model["services"].as_object().into_iter().flatten()
}

/// Every path below `root` as it is seen from `folder`, which lies there too.
fn relate(value: &mut Value, root: &Path, folder: &Path) {
    match value {
        Value::String(text) => {
            if let Ok(rest) = Path::new(text.as_str()).strip_prefix(root) {
                let own: Vec<_> = folder.strip_prefix(root).unwrap_or(folder).components().collect();
                let rest: Vec<_> = rest.components().collect();
                let shared = own.iter().zip(&rest).take_while(|(one, other)| one == other).count();
                let up = std::iter::repeat_n("..", own.len() - shared).map(PathBuf::from);
                let path: PathBuf = up
                    .chain(rest.into_iter().skip(shared).map(|part| PathBuf::from(part.as_os_str())))
                    .collect();
                *text = Path::new(".").join(path).display().to_string();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| relate(item, root, folder)),
        Value::Object(fields) => fields.values_mut().for_each(|field| relate(field, root, folder)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A list of words, or nothing.
pub(super) fn words(value: &Value) -> Vec<String> {
    let items = value.as_array().into_iter().flatten();
    items.filter_map(|word| word.as_str().map(str::to_owned)).collect()
}
