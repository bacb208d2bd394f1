//! What is named after its content: Jobs, and the digests that have pods follow their files.

use std::collections::BTreeMap;

use super::Desk;
use crate::convert::topic::storage::held;
use crate::k8s::kind::Kind;
use crate::plan::address;
use crate::plan::field::{Field, Scalar};
use crate::plan::knob::{Fill, Part};
use crate::plan::object::{Id, Object};
use crate::source::Text;

/// Finds where the name of something stands that is another one when something else is chosen.
pub fn find(desk: &mut Desk<'_, '_>, objects: &[Object]) {
    let jobs: Vec<&Text> =
        objects.iter().filter(|object| object.id.kind == Kind::Job).map(|object| &object.id.name).collect();
    let digests: BTreeMap<String, (&Id, String)> = objects.iter().filter_map(digest).collect();
    if jobs.is_empty() && digests.is_empty() {
        return;
    }
    for object in objects {
        if object.id.kind == Kind::Job {
            desk.fill(object, "metadata.name", Fill::Text(vec![Part::Job(object.id.name.clone())]));
        }
        address::each(&object.body, &mut |path, leaf| {
            let Scalar::Text(text) = &leaf.value else { return };
            let key = path.rsplit_once("annotations[\"").and_then(|(_, key)| key.strip_suffix("\"]"));
            if let Some((id, digest)) = key.and_then(|key| digests.get(key))
                && digest == text.as_str()
            {
                desk.fill(object, path, Fill::Digest((*id).clone()));
            }
            if object.id.kind == Kind::Role && jobs.contains(&text) {
                desk.fill(object, path, Fill::Text(vec![Part::Job(text.clone())]));
            } else if path.contains("initContainers[")
                && path.contains("].command[")
                && let Some(parts) = address_of_job(desk.pass.namespace.as_str(), text, &jobs)
            {
                desk.fill(object, path, Fill::Text(parts));
            }
        });
    }
}

/// The digest of the texts of a ConfigMap, and the annotation that bears it; nothing when it holds more than texts.
fn digest(object: &Object) -> Option<(String, (&Id, String))> {
    if object.id.kind != Kind::ConfigMap || object.body.get("binaryData").is_some() {
        return None;
    }
    let texts = object.body.get("data")?.as_map()?.iter().map(|(_, field)| Field::as_text(field));
    let texts: Option<Vec<&str>> = texts.collect();
    Some((held::annotation(&object.id.name), (&object.id, held::digest(texts?.concat().as_bytes()))))
}

/// The text of a gate that asks the API for the end of a Job: the name of the Job is not its own, nor is the namespace
/// when it is that of the project.
fn address_of_job(project: &str, text: &str, jobs: &[&Text]) -> Option<Vec<Part>> {
    let (before, rest) = text.split_once("/namespaces/")?;
    let (namespace, rest) = rest.split_once("/jobs/")?;
    let end = rest.find(' ').unwrap_or(rest.len());
    let job = jobs.iter().find(|job| job.as_str() == &rest[..end])?;
    let space = if namespace == project { Part::Namespace } else { Part::Literal };
    Some(vec![
        Part::Literal(format!("{before}/namespaces/").into()),
        space(namespace.into()),
        Part::Literal("/jobs/".into()),
        Part::Job((*job).clone()),
        Part::Literal(rest[end..].into()),
    ])
}
