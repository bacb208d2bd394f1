//! Two workloads in one pod: what the second brings into the pod of the first.

use std::collections::BTreeMap;

use super::draft::{Draft, Pod};
use crate::k8s::name;
use crate::plan::field::{Field, Fields, Items, Scalar};
use crate::plan::why::Why;
use crate::source::Text;

/// Fields of a pod that the workload around it decides.
const OF_WORKLOAD: [&str; 4] =
    ["restartPolicy", "serviceAccountName", "automountServiceAccountToken", "enableServiceLinks"];

/// The first setting that two pods have differently, when one pod cannot have both.
#[must_use]
pub fn conflict(into: &Pod, other: &Pod) -> Option<String> {
    for (key, field) in other.spec.iter() {
        let Some(own) = into.spec.get(key) else { continue };
        match (key.as_str(), own, field) {
            (
                "volumes" | "imagePullSecrets" | "terminationGracePeriodSeconds" | "shareProcessNamespace",
                ..,
            ) => {}
            (key, ..) if OF_WORKLOAD.contains(&key) => {}
            ("securityContext", Field::Map(own), Field::Map(fields)) => {
                let differs =
                    |(key, field): &(&Text, &Field)| own.get(key).is_some_and(|own| !same(own, field));
                if let Some((key, _)) = fields.iter().find(differs) {
                    return Some(format!("securityContext.{key}"));
                }
            }
            _ if same(own, field) => {}
            (key, ..) => return Some(key.to_owned()),
        }
    }
    None
}

/// Takes the pod of another over, but for its containers; where both have a setting, the own one stays.
pub fn absorb(into: &mut Pod, other: &mut Draft<'_>) {
    volumes(into, other);
    let Pod { labels: _, annotations, spec, init: _, beside: _ } = &mut other.pod;
    for (key, field) in annotations.iter() {
        if into.annotations.get(key).is_none() {
            into.annotations.insert(key.clone(), field.clone());
        }
    }
    for (key, field) in std::mem::take(spec).iter() {
        let own = into.spec.get(key);
        match (key.as_str(), own, field) {
            ("volumes", ..) => {}
            (key, ..) if OF_WORKLOAD.contains(&key) => {}
            ("terminationGracePeriodSeconds", Some(own), field) if own.as_int() < field.as_int() => {
                into.spec.insert(key.clone(), field.clone());
            }
            ("imagePullSecrets", Some(Field::List(own)), Field::List(items)) => {
                let known: Vec<&str> = own.iter().filter_map(title).collect();
                let more: Vec<Field> = items
                    .iter()
                    .filter(|item| title(item).is_none_or(|title| !known.contains(&title)))
                    .cloned()
                    .collect();
                more.into_iter().for_each(|item| into.spec.list("imagePullSecrets").push(item));
            }
            ("securityContext", Some(Field::Map(own)), Field::Map(fields)) => {
                let more: Vec<_> = fields.iter().filter(|(key, _)| own.get(key).is_none()).collect();
                for (key, field) in more {
                    into.spec.map("securityContext").insert(key.clone(), field.clone());
                }
            }
            ("shareProcessNamespace", ..) => into.spec.insert(key.clone(), field.clone()),
            (_, None, _) => into.spec.insert(key.clone(), field.clone()),
            _ => {}
        }
    }
    // The API refuses both; the host's process 1 reaps as well.
    if into.spec.get("hostPID").is_some() {
        into.spec.remove("shareProcessNamespace");
    }
    // The network of the host is not the pod's to set, and the kubelet refuses such a pod.
    if into.spec.get("hostNetwork").is_some() {
        let Some(Field::List(all)) = into.spec.map("securityContext").remove("sysctls") else { return };
        let mut kept = Items::default();
        let of_network = |item: &&Field| title(item).is_some_and(|title| title.starts_with("net."));
        all.iter().filter(|item| !of_network(item)).for_each(|item| kept.push(item.clone()));
        if !kept.is_empty() {
            into.spec.map("securityContext").insert("sysctls", Field::List(kept));
        }
    }
}

/// Drops the ports of a container that others of its pod have: the pod has one network, and lists each of its ports once.
pub fn ports(known: &mut [&mut Fields], container: &mut Fields) {
    let Some(Field::List(own)) = container.remove("ports") else { return };
    let mut kept = Items::default();
    for port in own.iter() {
        let key = |port: &Field| {
            let fields = port.as_map()?;
            Some((fields.get("containerPort")?.as_int()?, fields.get("protocol")?.as_text()?.to_owned()))
        };
        let lists = known.iter_mut().filter_map(|other| match other.get_mut("ports") {
            Some(Field::List(ports)) => Some(ports),
            _ => None,
        });
        let listed = lists.flat_map(Items::iter_mut).find(|other| key(other) == key(port));
        match listed {
            Some(listed) => because(listed, port),
            None => kept.push(port.clone()),
        }
    }
    if !kept.is_empty() {
        container.insert("ports", Field::List(kept));
    }
}

/// Adds the reasons of one port to those of another.
fn because(listed: &mut Field, port: &Field) {
    let (Field::Map(listed), Field::Map(port)) = (listed, port) else { return };
    for key in ["containerPort", "protocol"] {
        if let (Some(known), Some(Field::Leaf(leaf))) = (listed.get_mut(key), port.get(key)) {
            known.because(&leaf.why);
        }
    }
}

/// Takes the volumes over: two that are one volume become one, others get another name.
fn volumes(into: &mut Pod, other: &mut Draft<'_>) {
    let Some(Field::List(more)) = other.pod.spec.remove("volumes") else { return };
    let mut renamed: BTreeMap<Text, Text> = BTreeMap::new();
    for volume in more.iter() {
        let Field::Map(fields) = volume else { continue };
        let own = into.spec.list("volumes");
        let title: Text = fields.get("name").and_then(Field::as_text).unwrap_or_default().into();
        match own.find("name", &title) {
            None => own.push(volume.clone()),
            // Two folders in memory or on the node's disk are two, even when they are described alike.
            Some(known) if fields.get("emptyDir").is_none() && same(&Field::Map(known.clone()), volume) => {}
            Some(_) => {
                let wanted = name::object(&format!("{}-{title}", other.name), name::LABEL_LENGTH);
                let fresh: Text = wanted.unwrap_or_else(|| title.to_string()).into();
                let mut fields = fields.clone();
                let why = why_of(fields.get("name"));
                fields.put("name", &fresh, &why);
                own.push(Field::Map(fields));
                renamed.insert(title, fresh);
            }
        }
    }
    if renamed.is_empty() {
        return;
    }
    rename(&mut other.container, &renamed);
    for items in [&mut other.pod.init, &mut other.pod.beside] {
        for item in items.iter_mut() {
            if let Field::Map(container) = item {
                rename(container, &renamed);
            }
        }
    }
}

fn rename(container: &mut Fields, renamed: &BTreeMap<Text, Text>) {
    for key in ["volumeMounts", "volumeDevices"] {
        let Some(Field::List(mut mounts)) = container.remove(key) else { continue };
        for mount in mounts.iter_mut() {
            let Field::Map(mount) = mount else { continue };
            let fresh = mount.get("name").and_then(Field::as_text).and_then(|title| renamed.get(title));
            if let Some(fresh) = fresh.cloned() {
                let why = why_of(mount.get("name"));
                mount.put("name", fresh, &why);
            }
        }
        container.insert(key, Field::List(mounts));
    }
}

fn title(item: &Field) -> Option<&str> {
    item.as_map()?.get("name")?.as_text()
}

fn why_of(field: Option<&Field>) -> Why {
    match field {
        Some(Field::Leaf(leaf)) => leaf.why.clone(),
        _ => Why::Policy("the parts of a pod have names of their own"),
    }
}

/// Adds containers that are not there yet: two members that wait for the same wait once. Another one of the same name
/// gets a name of its own.
pub fn add(items: &mut Items, more: Items) {
    for item in more.iter() {
        let mut item = item.clone();
        let mut number = 2;
        let wanted: Text = title(&item).unwrap_or_default().into();
        loop {
            let Some(known) = title(&item).and_then(|title| items.find("name", title)) else {
                items.push(item);
                break;
            };
            let mut known = known.clone();
            // The numbered name is the only difference that is ours.
            let why = why_of(known.get("name"));
            known.put("name", &wanted, &why);
            let Field::Map(fields) = &mut item else { break };
            fields.put("name", &wanted, &why);
            if same(&Field::Map(known), &Field::Map(fields.clone())) {
                break;
            }
            fields.put("name", name::with_ending(&wanted, &number.to_string(), name::LABEL_LENGTH), &why);
            number += 1;
        }
    }
}

/// Whether two fields have the same values, whatever their reasons.
#[must_use]
pub fn same(left: &Field, right: &Field) -> bool {
    match (left, right) {
        (Field::Leaf(left), Field::Leaf(right)) => left.value == right.value,
        (Field::Map(left), Field::Map(right)) => {
            let both = left.iter().all(|(key, field)| right.get(key).is_some_and(|other| same(field, other)));
            both && left.iter().count() == right.iter().count()
        }
        (Field::List(left), Field::List(right)) => {
            left.len() == right.len() && left.iter().zip(right.iter()).all(|(left, right)| same(left, right))
        }
        (Field::Leaf(leaf), Field::Map(fields)) | (Field::Map(fields), Field::Leaf(leaf)) => {
            leaf.value == Scalar::EmptyMap && fields.is_empty()
        }
        _ => false,
    }
}
