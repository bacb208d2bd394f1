//! Objects seen as an API server sees them: pods with their labels, and selectors over those.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::field::{Field, Fields, Items};
use crate::plan::object::Object;

/// A pod that a workload makes.
#[derive(Clone, Debug)]
pub struct Pod<'o> {
    /// The workload.
    pub object: &'o Object,
    /// Its labels.
    pub labels: BTreeMap<&'o str, &'o str>,
    /// Its specification.
    pub spec: &'o Fields,
    /// Where the template of the pod stands in the workload.
    pub at: &'static str,
}

/// The pods of all workloads.
#[must_use]
pub fn pods(objects: &[Object]) -> Vec<Pod<'_>> {
    objects.iter().filter_map(pod).collect()
}

fn pod(object: &Object) -> Option<Pod<'_>> {
    let (template, at) = object.template()?;
    let labels = template.at(&["metadata", "labels"]).and_then(Field::as_map).map(texts).unwrap_or_default();
    Some(Pod { object, labels, spec: template.get("spec")?.as_map()?, at })
}

impl<'o> Pod<'o> {
    /// Its containers, those that run before included, with the list that each stands in.
    pub fn containers(&self) -> impl Iterator<Item = (&'static str, &'o Fields)> {
        let of = |key: &'static str| {
            list(self.spec, key).filter_map(Field::as_map).map(move |container| (key, container))
        };
        of("initContainers").chain(of("containers"))
    }

    /// Where a field of a container stands in the workload.
    #[must_use]
    pub fn path(&self, list: &str, container: &Fields, rest: &str) -> String {
        format!("{}.spec.{list}[{}]{rest}", self.at, text(container, "name").unwrap_or_default())
    }
}

/// The items of a list; none when there is no such list.
pub fn list<'o>(fields: &'o Fields, key: &str) -> impl Iterator<Item = &'o Field> + use<'o> {
    fields.get(key).and_then(Field::as_list).into_iter().flat_map(Items::iter)
}

/// The items of a list that are mappings.
pub fn maps<'o>(fields: &'o Fields, key: &str) -> impl Iterator<Item = &'o Fields> + use<'o> {
    list(fields, key).filter_map(Field::as_map)
}

/// The text of a field.
#[must_use]
pub fn text<'o>(fields: &'o Fields, key: &str) -> Option<&'o str> {
    fields.get(key)?.as_text()
}

/// The mapping under some keys.
#[must_use]
pub fn map<'o>(fields: &'o Fields, keys: &[&str]) -> Option<&'o Fields> {
    fields.at(keys)?.as_map()
}

/// A mapping of texts.
#[must_use]
pub fn texts(fields: &Fields) -> BTreeMap<&str, &str> {
    fields.iter().filter_map(|(key, field)| Some((key.as_str(), field.as_text()?))).collect()
}

/// Whether a label selector takes these labels; one in which nothing stands takes all.
#[must_use]
pub fn selects(selector: Option<&Fields>, labels: &BTreeMap<&str, &str>) -> bool {
    let Some(selector) = selector else { return true };
    let pairs = map(selector, &["matchLabels"]).map(texts).unwrap_or_default();
    pairs.iter().all(|(key, value)| labels.get(key) == Some(value))
        && maps(selector, "matchExpressions").all(|expression| holds(expression, labels))
}

fn holds(expression: &Fields, labels: &BTreeMap<&str, &str>) -> bool {
    let value = text(expression, "key").and_then(|key| labels.get(key));
    let mut values = list(expression, "values").filter_map(Field::as_text);
    match text(expression, "operator") {
        Some("In") => value.is_some_and(|value| values.any(|wanted| wanted == *value)),
        Some("NotIn") => value.is_none_or(|value| values.all(|wanted| wanted != *value)),
        Some("Exists") => value.is_some(),
        Some("DoesNotExist") => value.is_none(),
        _ => false,
    }
}

/// The keys of labels that a selector looks at.
pub fn looked_at<'o>(selector: &'o Fields, keys: &mut BTreeSet<&'o str>) {
    keys.extend(map(selector, &["matchLabels"]).map(texts).unwrap_or_default().into_keys());
    keys.extend(maps(selector, "matchExpressions").filter_map(|expression| text(expression, "key")));
}
