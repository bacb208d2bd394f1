//! What Kustomize changes by itself: names of images and numbers of replicas.

use std::collections::{BTreeMap, BTreeSet};

use crate::k8s::image::split;
use crate::k8s::kind::Kind;
use crate::plan::field::{Field, Fields, Leaf, Scalar};
use crate::plan::object::{Id, Object};

/// An entry of `images`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// The name that it is for.
    pub name: String,
    /// Another name.
    pub new_name: Option<String>,
    /// Another tag.
    pub new_tag: Option<String>,
    /// Another digest.
    pub digest: Option<String>,
}

/// An entry of `replicas`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replicas {
    /// The name of the workload.
    pub name: String,
    /// How many.
    pub count: i64,
}

impl Image {
    /// The entry that makes one image of the other, when there is one.
    fn between(old: &str, new: &str) -> Option<Self> {
        let ((name, tag, digest), (new_name, new_tag, new_digest)) = (split(old), split(new));
        let moved = (tag, digest) != (new_tag, new_digest);
        if moved && new_tag.is_empty() && new_digest.is_empty() {
            return None;
        }
        let given = |text: &str| (moved && !text.is_empty()).then(|| text.to_owned());
        Some(Self {
            name: name.to_owned(),
            new_name: (name != new_name).then(|| new_name.to_owned()),
            new_tag: given(new_tag),
            digest: given(new_digest),
        })
    }
}

/// Takes out of the new objects the images for which entries of `images` can stand, which the old objects are given
/// back, and names these entries.
pub(super) fn images(old: &[Object], new: &mut [Object]) -> Vec<Image> {
    let before: BTreeMap<&Id, &Object> = old.iter().map(|object| (&object.id, object)).collect();
    let mut uses: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
    for object in new.iter() {
        let mut earlier = BTreeMap::new();
        if let Some(old) = before.get(&object.id) {
            each(&old.body, "", &mut |place, image| {
                earlier.insert(place, image);
            });
        }
        each(&object.body, "", &mut |place, image| {
            let was = earlier.get(&place).unwrap_or(&image).clone();
            uses.entry(split(&was).0.to_owned()).or_default().insert((was, image));
        });
    }
    let mut entries: Vec<Image> = Vec::new();
    for (name, pairs) in &uses {
        let Some((old, new)) = pairs.iter().find(|(old, new)| old != new) else { continue };
        let Some(entry) = Image::between(old, new) else { continue };
        // All images of that name are changed, whoever runs them.
        let all = pairs.iter().all(|(old, new)| applied(&entry, old) == *new);
        let chained = entry.new_name.as_ref().is_some_and(|new| uses.contains_key(new));
        if all && !chained && entry.name == *name {
            entries.push(entry);
        }
    }
    for object in new.iter_mut() {
        let Some(old) = before.get(&object.id) else {
            continue;
        };
        let mut earlier = BTreeMap::new();
        each(&old.body, "", &mut |place, image| {
            earlier.insert(place, image);
        });
        restore(&mut object.body, "", &mut |place, leaf| {
            let Some(was) = earlier.get(&place) else { return };
            if entries.iter().any(|entry| entry.name == split(was).0) {
                leaf.value = Scalar::from(was.as_str());
            }
        });
    }
    entries
}

/// What Kustomize makes of an image.
fn applied(entry: &Image, image: &str) -> String {
    let (name, tag, digest) = split(image);
    let name = entry.new_name.as_deref().unwrap_or(name);
    let (tag, digest) = match (&entry.new_tag, &entry.digest) {
        (None, None) => (tag, digest),
        (tag, digest) => (tag.as_deref().unwrap_or(""), digest.as_deref().unwrap_or("")),
    };
    let tag = if tag.is_empty() { String::new() } else { format!(":{tag}") };
    let digest = if digest.is_empty() { String::new() } else { format!("@{digest}") };
    format!("{name}{tag}{digest}")
}

/// Shows every image of a body, with its place.
fn each(body: &Fields, place: &str, look: &mut impl FnMut(String, String)) {
    for (key, field) in body.iter() {
        match field {
            Field::Leaf(Leaf { value: Scalar::Text(text), .. }) if is_image(place, key) => {
                look(format!("{place}.{key}"), text.to_string());
            }
            Field::Leaf(_) => {}
            Field::Map(fields) => each(fields, &format!("{place}.{key}"), look),
            Field::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    if let Some(fields) = item.as_map() {
                        each(fields, &inside(place, key, at, fields), look);
                    }
                }
            }
        }
    }
}

/// Shows the same values as `each`, to be changed.
fn restore(body: &mut Fields, place: &str, change: &mut impl FnMut(String, &mut Leaf)) {
    for (key, field) in body.iter_mut() {
        match field {
            Field::Leaf(leaf) if is_image(place, key) => change(format!("{place}.{key}"), leaf),
            Field::Leaf(_) => {}
            Field::Map(fields) => restore(fields, &format!("{place}.{key}"), change),
            Field::List(items) => {
                for (at, item) in items.iter_mut().enumerate() {
                    if let Field::Map(fields) = item {
                        let place = inside(place, key, at, fields);
                        restore(fields, &place, change);
                    }
                }
            }
        }
    }
}

/// The place of an item: containers and volumes are known by their names.
fn inside(place: &str, key: &str, at: usize, fields: &Fields) -> String {
    match fields.get("name").and_then(Field::as_text) {
        Some(name) => format!("{place}.{key}[{name}]"),
        None => format!("{place}.{key}[{at}]"),
    }
}

/// Whether Kustomize takes a field for an image: that of a container, or the reference of a volume that is one.
fn is_image(place: &str, key: &str) -> bool {
    let last = place.rsplit_once('.').map_or(place, |(_, last)| last);
    let container = last.starts_with("containers[") || last.starts_with("initContainers[");
    (container && key == "image") || (last == "image" && key == "reference")
}

/// Takes out of the new objects the numbers of replicas for which entries of `replicas` can stand, and names these.
pub(super) fn replicas(old: &[Object], new: &mut [Object]) -> Vec<Replicas> {
    let scaled = |kind| matches!(kind, Kind::Deployment | Kind::StatefulSet);
    let before: BTreeMap<&Id, &Object> = old.iter().map(|object| (&object.id, object)).collect();
    let count = |object: &Object| object.body.at(&["spec", "replicas"]).and_then(Field::as_int);
    let named: Vec<_> =
        new.iter().filter(|object| scaled(object.id.kind)).map(|o| o.id.name.clone()).collect();
    let mut entries = Vec::new();
    for object in new.iter_mut().filter(|object| scaled(object.id.kind)) {
        let was = before.get(&object.id).copied().and_then(count);
        let (Some(was), Some(is)) = (was, count(object)) else { continue };
        // An entry is for all workloads of the name, whatever their namespace.
        let alone = named.iter().filter(|name| **name == object.id.name).count() == 1;
        if was == is || !alone {
            continue;
        }
        entries.push(Replicas { name: object.id.name.to_string(), count: is });
        if let Some(Field::Leaf(leaf)) = object.body.map("spec").get_mut("replicas") {
            leaf.value = Scalar::Int(was);
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::why::Why;

    const WHY: Why = Why::Policy("a test");

    fn object(name: &str, image: &str) -> Object {
        let mut body = Fields::default();
        body.map("spec").put("replicas", 1, &WHY);
        let container = body.map("spec").list("containers").push_map();
        container.put("name", "main", &WHY);
        container.put("image", image, &WHY);
        let id = Id { kind: Kind::Deployment, namespace: "shop".into(), name: name.into() };
        Object { id, owners: Vec::new(), folder: None, body }
    }

    fn entry(name: &str, new_name: Option<&str>, tag: Option<&str>, digest: Option<&str>) -> Image {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Image { name: name.to_owned(), new_name: owned(new_name), new_tag: owned(tag), digest: owned(digest) }
    }

    #[test]
    fn names_tags_and_digests_are_entries() {
        for (old, new, expected) in [
            ("minio/minio:1", "minio/minio:2", Some(entry("minio/minio", None, Some("2"), None))),
            ("reg:5000/a", "reg:5000/b:1", Some(entry("reg:5000/a", Some("reg:5000/b"), Some("1"), None))),
            ("a:1", "b:1", Some(entry("a", Some("b"), None, None))),
            ("a:1", "a@sha256:0", Some(entry("a", None, None, Some("sha256:0")))),
            ("a:1", "a", None),
        ] {
            assert_eq!(Image::between(old, new), expected, "{old} {new}");
            if let Some(entry) = expected {
                assert_eq!(applied(&entry, old), new);
            }
        }
    }

    #[test]
    fn an_entry_that_would_change_somebody_elses_image_is_none() {
        let old = [object("a", "nginx:1"), object("b", "nginx:1"), object("c", "redis:1")];
        let mut new = [object("a", "nginx:2"), object("b", "nginx:1"), object("c", "redis:2")];
        assert_eq!(images(&old, &mut new), [entry("redis", None, Some("2"), None)]);
        assert_eq!(new[2], old[2], "an entry stands for it");
        assert_ne!(new[0], old[0], "a patch has to say it");
    }
}
