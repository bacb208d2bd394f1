//! One container: image, environment, ports, resources, mounts.

use std::collections::BTreeSet;

use serde_json::Value;

use super::syntax::{self, LAST_ID, quantity};
use super::{probe, volume};
use crate::k8s::field_ref::is_pod_field;
use crate::k8s::name::{is_label, is_subdomain};
use crate::verify::schema::cursor::Cursor;
use crate::verify::schema::problems::Problems;

/// What stands around a container.
pub(super) struct Frame<'f> {
    /// Whether it stands before the others.
    pub(super) is_init: bool,
    /// The names of the volumes that it may mount.
    pub(super) volumes: &'f BTreeSet<String>,
}

/// Checks a container.
pub(super) fn check(problems: &mut Problems, each: &Cursor, frame: &Frame) {
    problems.need(each, "name");
    problems.shape(each, "name", is_label, "at most 63 small letters, digits and `-`");
    let image = each.text("image");
    if image.is_empty() {
        problems.need(each, "image");
    } else if image.trim() != image {
        problems.below(each, "image", "must not have white space at its ends");
    }
    environment(problems, each);
    ports(problems, each);
    probe::check(problems, each, frame.is_init);
    resources(problems, each);
    volume::mounts(problems, each, frame.volumes);
    security(problems, each);
    if !frame.is_init && each.has("restartPolicy") {
        let message = "needs the feature gate `ContainerRestartRules`, which is off: the server drops it";
        problems.below(each, "restartPolicy", message);
    } else {
        problems.one_of(each, "restartPolicy", &["Always"]);
    }
}

fn environment(problems: &mut Problems, each: &Cursor) {
    for variable in each.get("env").iter().flat_map(Cursor::items) {
        if variable.text("name").is_empty() {
            problems.need(&variable, "name");
        }
        problems.shape(
            &variable,
            "name",
            |name| name.is_empty() || syntax::is_variable(name),
            "printable without `=`",
        );
        let Some(source) = variable.get("valueFrom") else { continue };
        if !variable.text("value").is_empty() {
            problems.at(&source, "must be absent when there is a `value`");
        }
        let sources = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef"];
        problems.exactly_one(&source, &sources, "the sources of a value");
        for kind in ["configMapKeyRef", "secretKeyRef"] {
            if let Some(reference) = source.get(kind) {
                problems.shape(&reference, "key", syntax::is_config_key, "the key of a ConfigMap or Secret");
            }
        }
        if let Some(field) = source.get("fieldRef") {
            problems.shape(&field, "fieldPath", is_pod_field, "a field that the kubelet can give");
        }
    }
    for source in each.get("envFrom").iter().flat_map(Cursor::items) {
        problems.exactly_one(&source, &["configMapRef", "secretRef"], "`configMapRef` and `secretRef`");
        for kind in ["configMapRef", "secretRef"] {
            if let Some(reference) = source.get(kind) {
                problems.need(&reference, "name");
                problems.shape(
                    &reference,
                    "name",
                    |name| name.is_empty() || is_subdomain(name),
                    "the name of an object",
                );
            }
        }
    }
}

fn ports(problems: &mut Problems, each: &Cursor) {
    let mut names = BTreeSet::new();
    for port in each.get("ports").iter().flat_map(Cursor::items) {
        problems.between(&port, "containerPort", 1, 65535);
        problems.between(&port, "hostPort", 0, 65535);
        let name = port.text("name");
        if name.is_empty() {
            continue;
        }
        problems.shape(
            &port,
            "name",
            syntax::is_port_name,
            "at most 15 small letters, digits and single `-`, with a letter among them",
        );
        if !names.insert(name.to_owned()) {
            problems.below(&port, "name", "another port of the container has the same name");
        }
    }
}

fn resources(problems: &mut Problems, each: &Cursor) {
    let Some(resources) = each.get("resources") else { return };
    let (requests, limits) = (resources.get("requests"), resources.get("limits"));
    for (name, value) in requests.iter().chain(&limits).flat_map(Cursor::entries) {
        if !syntax::is_resource(name) {
            problems.at(
                &value,
                "unknown resource: one without a domain is `cpu`, `memory` or `ephemeral-storage`",
            );
        } else if quantity(value.value).is_some_and(|amount| amount < 0.0) {
            problems.at(&value, "must not be negative");
        }
    }
    for (name, request) in requests.iter().flat_map(Cursor::entries) {
        let limit = limits.as_ref().and_then(|limits| limits.value.get(name));
        let is_whole = name.contains('/') || name.starts_with("hugepages-");
        match (quantity(request.value), limit.and_then(quantity)) {
            // Amounts that are equal may differ in the last bit when they are written with different suffixes.
            (Some(asked), Some(most)) if asked > most * (1.0 + 1e-9) => {
                problems.at(&request, "must not be more than the limit");
            }
            (Some(_), None) if is_whole && syntax::is_resource(name) => {
                problems.at(&request, "needs a limit: this resource is never shared");
            }
            _ => {}
        }
    }
}

fn security(problems: &mut Problems, each: &Cursor) {
    let Some(context) = each.get("securityContext") else { return };
    problems.between(&context, "runAsUser", 0, LAST_ID);
    problems.between(&context, "runAsGroup", 0, LAST_ID);
    let adds = context.get("capabilities").and_then(|capabilities| capabilities.value.get("add").cloned());
    let is_admin =
        adds.as_ref().and_then(Value::as_array).into_iter().flatten().any(|name| name == "CAP_SYS_ADMIN");
    if context.value.get("allowPrivilegeEscalation") == Some(&Value::Bool(false))
        && (context.is_true("privileged") || is_admin)
    {
        problems.below(&context, "allowPrivilegeEscalation", "must not be false for a privileged container");
    }
    profile(problems, &context);
}

/// A profile from a file needs its file, and no other has one.
pub(super) fn profile(problems: &mut Problems, context: &Cursor) {
    for field in ["seccompProfile", "appArmorProfile"] {
        let Some(profile) = context.get(field) else { continue };
        let is_local = profile.text("type") == "Localhost";
        if is_local && profile.text("localhostProfile").is_empty() {
            problems.need(&profile, "localhostProfile");
        }
        if !is_local && profile.has("localhostProfile") {
            problems.below(&profile, "localhostProfile", "must be absent unless `type` is `Localhost`");
        }
    }
}
