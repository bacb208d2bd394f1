//! Objects as a set: read from YAML, without what a form may add, and compared.

use std::collections::BTreeMap;

use serde_json::Value;

/// What tells objects apart.
type Id = (String, String, String);

/// Objects by kind, namespace and name.
#[derive(Debug, Default)]
pub(crate) struct Objects(BTreeMap<Id, Value>);

impl Objects {
    /// Reads a text of several documents.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let mut objects = BTreeMap::new();
        for document in yaml_serde::Deserializer::from_str(text) {
            let object: Value =
                serde::Deserialize::deserialize(document).map_err(|error| format!("no YAML: {error}"))?;
            if object.is_null() {
                continue;
            }
            let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let metadata = &object["metadata"];
            let id = (word(&object["kind"]), word(&metadata["namespace"]), word(&metadata["name"]));
            if let Some(twin) = objects.insert(id, object) {
                return Err(format!("{} {} is there twice", twin["kind"], twin["metadata"]["name"]));
            }
        }
        Ok(Self(objects))
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Kind, name and body of each.
    pub(crate) fn each(&self) -> impl Iterator<Item = (&str, &str, &Value)> {
        self.0.iter().map(|((kind, _, name), object)| (kind.as_str(), name.as_str(), object))
    }

    /// The namespace that is the project's own: the one of its name, or the first.
    pub(crate) fn namespace(&self, project: &str) -> Option<&str> {
        let all =
            || self.0.keys().filter(|(kind, _, _)| kind == "Namespace").map(|(_, _, name)| name.as_str());
        all().find(|name| *name == project).or_else(|| all().next())
    }

    /// The objects without what a chart leaves to its release: the Namespace that it is in, the namespace of what is in
    /// that, and the labels that say what manages it.
    pub(crate) fn without_release(self, home: &str) -> Result<Self, String> {
        let mut objects = BTreeMap::new();
        for ((kind, namespace, name), mut object) in self.0 {
            if kind == "Namespace" && name == home {
                continue;
            }
            let is_away = !namespace.is_empty() && namespace != home;
            if let Some(metadata) =
                object.get_mut("metadata").and_then(Value::as_object_mut).filter(|_| !is_away)
            {
                metadata.remove("namespace");
            }
            forget_manager(&mut object);
            forget_policy(&mut object);
            let place = if is_away { namespace } else { String::new() };
            if objects.insert((kind.clone(), place, name.clone()), object).is_some() {
                return Err(format!("{kind} {name} is there twice"));
            }
        }
        Ok(Self(objects))
    }

    /// The objects with their lists in one order, where the API finds the items by a key and the order means nothing.
    pub(crate) fn settled(mut self) -> Self {
        self.0.values_mut().for_each(settle);
        self
    }

    /// The first few things that differ, in words.
    pub(crate) fn differences(&self, other: &Self) -> Vec<String> {
        let mut words = Vec::new();
        let name = |(kind, namespace, name): &Id| format!("{kind}/{namespace}/{name}");
        for (id, object) in &self.0 {
            match other.0.get(id) {
                Some(twin) => {
                    if let Some(place) = difference(object, twin, "") {
                        words.push(format!("{} differs at {place}", name(id)));
                    }
                }
                None => words.push(format!("{} is missing", name(id))),
            }
        }
        let added = other.0.keys().filter(|id| !self.0.contains_key(*id));
        words.extend(added.map(|id| format!("{} is in no plain manifest", name(id))));
        words
    }
}

/// Labels that name the tool that brings objects to a cluster: nobody selects by them.
const MANAGER: [&str; 3] = ["app.kubernetes.io/managed-by", "app.kubernetes.io/instance", "helm.sh/chart"];

fn forget_manager(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if let Some(labels) = fields.get_mut("labels").and_then(Value::as_object_mut) {
                labels.retain(|label, _| !MANAGER.contains(&label.as_str()));
            }
            fields.values_mut().for_each(forget_manager);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_manager),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A claim that outlives its release says so in the chart only.
fn forget_policy(object: &mut Value) {
    let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) else { return };
    let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) else { return };
    annotations.remove("helm.sh/resource-policy");
    if annotations.is_empty() {
        metadata.remove("annotations");
    }
}

/// Lists whose items the API finds by a key; of variables those that nobody refers to.
const KEYED: [&str; 6] =
    ["env", "imagePullSecrets", "ports", "topologySpreadConstraints", "volumeMounts", "volumes"];

/// What such items are found by.
const NAMES: [&str; 6] = ["name", "mountPath", "containerPort", "port", "protocol", "topologyKey"];

fn settle(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                settle(value);
                let Value::Array(items) = value else { continue };
                if KEYED.contains(&key.as_str()) {
                    // Variables that refer to others, and those others, keep their order.
                    let texts: Vec<String> =
                        items.iter().filter_map(|item| item["value"].as_str().map(str::to_owned)).collect();
                    let is_bound = |item: &Value| {
                        let named = item["name"].as_str().map(|name| format!("$({name})"));
                        let is_named =
                            named.is_some_and(|named| texts.iter().any(|text| text.contains(&named)));
                        is_named || item["value"].as_str().is_some_and(|text| text.contains("$("))
                    };
                    let (bound, mut free): (Vec<Value>, Vec<Value>) =
                        std::mem::take(items).into_iter().partition(|item| key == "env" && is_bound(item));
                    free.sort_by_key(|item| NAMES.map(|name| item[name].to_string()));
                    *items = bound.into_iter().chain(free).collect();
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(settle),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The first place at which two values differ, and how.
fn difference(ours: &Value, theirs: &Value, path: &str) -> Option<String> {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            let absent = theirs.keys().find(|key| !ours.contains_key(*key));
            let inner = ours.iter().find_map(|(key, value)| {
                let path = format!("{path}.{key}");
                match theirs.get(key) {
                    Some(other) => difference(value, other, &path),
                    None => Some(format!("{path}: {} / absent", shortened(value))),
                }
            });
            inner.or_else(|| absent.map(|key| format!("{path}.{key}: absent / {}", shortened(&theirs[key]))))
        }
        (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => {
            let mut pairs = ours.iter().zip(theirs).enumerate();
            pairs.find_map(|(at, (ours, theirs))| difference(ours, theirs, &format!("{path}[{at}]")))
        }
        _ if ours == theirs => None,
        _ => Some(format!("{path}: {} / {}", shortened(ours), shortened(theirs))),
    }
}

fn shortened(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(200) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = "kind: Namespace\nmetadata: {name: shop}\n---\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {ports: [80]}\n";

    #[test]
    fn what_a_release_decides_does_not_count() {
        let chart =
            "kind: Service\nmetadata: {name: web, labels: {helm.sh/chart: shop-1}}\nspec: {ports: [80]}\n";
        let plain =
            Objects::read(PLAIN).and_then(|objects| objects.without_release("shop")).expect("it is YAML");
        let chart =
            Objects::read(chart).and_then(|objects| objects.without_release("shop")).expect("it is YAML");
        assert_eq!(
            plain.differences(&chart),
            ["Service//web differs at .metadata.labels: absent / {}"],
            "an empty mapping is not nothing"
        );
    }

    #[test]
    fn everything_else_counts() {
        let plain = Objects::read(PLAIN).expect("it is YAML");
        let built = PLAIN.replace("80", "81").replace("kind: Namespace", "kind: Role");
        let built = Objects::read(&built).expect("it is YAML");
        assert_eq!(
            plain.differences(&built),
            [
                "Namespace//shop is missing",
                "Service/shop/web differs at .spec.ports[0]: 80 / 81",
                "Role//shop is in no plain manifest"
            ]
        );
    }
}
