//! What objects say of each other: every name that one of them uses must be that of another.

use std::collections::{BTreeMap, BTreeSet};

use super::Problem;
use super::view::{self, Pod};
use crate::k8s::kind::Kind;
use crate::plan::field::{Field, Fields};
use crate::plan::object::{Id, Object};

/// A ConfigMap that every namespace has, by the controllers of a cluster.
const ROOT_CERTIFICATE: &str = "kube-root-ca.crt";

/// What is there beside the objects, as far as somebody knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Elsewhere {
    /// Secret keys that the operator is told to make: namespace, Secret, key.
    pub provided: BTreeSet<(String, String, String)>,
    /// The names of claims, ConfigMaps and Secrets that the project says are there already.
    pub external: BTreeSet<(Kind, String)>,
}

/// A namespace and a name.
type Place<'o> = (&'o str, &'o str);

/// The objects by name, and the keys of those that hold files or values.
struct Index<'o> {
    ids: BTreeSet<&'o Id>,
    keys: BTreeMap<&'o Id, BTreeSet<&'o str>>,
    /// The Secrets that operators make, by namespace and name: their keys, where an object lists them.
    made: BTreeMap<Place<'o>, Option<BTreeSet<&'o str>>>,
    elsewhere: &'o Elsewhere,
}

impl Index<'_> {
    /// Whether somebody else has made an object.
    fn is_elsewhere(&self, id: &Id) -> bool {
        id.kind == Kind::ConfigMap && id.name == ROOT_CERTIFICATE
            || self.elsewhere.external.contains(&(id.kind, id.name.to_string()))
    }
}

/// The names that lead nowhere, and the selectors that take nothing; what is `elsewhere` is nothing when it is not known.
#[must_use]
pub fn check(objects: &[Object], elsewhere: Option<&Elsewhere>) -> Vec<Problem> {
    let nothing = Elsewhere::default();
    let index = Index {
        ids: objects.iter().map(|object| &object.id).collect(),
        keys: objects.iter().map(|object| (&object.id, keys(object))).collect(),
        made: objects.iter().filter_map(made).collect(),
        elsewhere: elsewhere.unwrap_or(&nothing),
    };
    let pods = view::pods(objects);
    let mut problems = Vec::new();
    for pod in &pods {
        of_pod(pod, &index, elsewhere.is_some(), &mut problems);
    }
    for object in objects {
        match object.id.kind {
            Kind::Service => service(object, &pods, &mut problems),
            Kind::NetworkPolicy | Kind::PodDisruptionBudget => {
                let key = if object.id.kind == Kind::NetworkPolicy { "podSelector" } else { "selector" };
                let selector = view::map(&object.body, &["spec", key]);
                if selector.is_some()
                    && !pods_of(object, &pods).any(|pod| view::selects(selector, &pod.labels))
                {
                    problems.push(Problem::new(object, format!("spec.{key}"), "it selects no pod"));
                }
            }
            Kind::RoleBinding => binding(object, &index, &mut problems),
            Kind::Ingress | Kind::HTTPRoute => route(object, objects, &mut problems),
            _ => {}
        }
    }
    problems
}

/// The Secret that an operator makes of an object, and its keys, where the object lists them.
fn made(object: &Object) -> Option<(Place<'_>, Option<BTreeSet<&str>>)> {
    let spec = view::map(&object.body, &["spec"])?;
    let text = |way: &[&str]| spec.at(way).and_then(Field::as_text);
    let (name, keys) = match object.id.kind {
        Kind::ExternalSecret => {
            let listed = spec.get("dataFrom").is_none() && spec.at(&["target", "template"]).is_none();
            let keys = view::maps(spec, "data").filter_map(|item| view::text(item, "secretKey")).collect();
            (text(&["target", "name"]).unwrap_or(&object.id.name), listed.then_some(keys))
        }
        Kind::VaultStaticSecret => (text(&["destination", "name"])?, None),
        _ => return None,
    };
    Some(((&object.id.namespace, name), keys))
}

/// The Services that a route leads to, and their ports.
fn route(object: &Object, objects: &[Object], problems: &mut Vec<Problem>) {
    let Some(spec) = view::map(&object.body, &["spec"]) else { return };
    let mut check = |name: Option<&str>, port: Option<&Field>, path: String| {
        let Some(name) = name else { return };
        let id = Id { kind: Kind::Service, namespace: object.id.namespace.clone(), name: name.into() };
        let Some(service) = objects.iter().find(|object| object.id == id) else {
            problems.push(Problem::new(object, path, format!("there is no Service `{name}`")));
            return;
        };
        let ports =
            view::map(&service.body, &["spec"]).into_iter().flat_map(|spec| view::maps(spec, "ports"));
        let is_it = |known: &Fields| match port {
            Some(port) => {
                ["port", "name"].iter().any(|key| known.get(key).is_some_and(|own| own.equals(port)))
            }
            None => true,
        };
        if port.is_some() && !ports.into_iter().any(is_it) {
            problems.push(Problem::new(object, path, format!("Service `{name}` has no such port")));
        }
    };
    let mut backend = |backend: Option<&Fields>, path: String| {
        let Some(service) = backend.and_then(|backend| view::map(backend, &["service"])) else { return };
        let port = service.at(&["port", "number"]).or_else(|| service.at(&["port", "name"]));
        check(view::text(service, "name"), port, path);
    };
    if object.id.kind == Kind::Ingress {
        backend(view::map(spec, &["defaultBackend"]), "spec.defaultBackend".to_owned());
        for (at, rule) in view::maps(spec, "rules").enumerate() {
            let Some(http) = view::map(rule, &["http"]) else { continue };
            for entry in view::maps(http, "paths") {
                let path = view::text(entry, "path").unwrap_or_default();
                let place = format!("spec.rules[{at}].http.paths[{path}].backend.service");
                backend(view::map(entry, &["backend"]), place);
            }
        }
        return;
    }
    for (at, rule) in view::maps(spec, "rules").enumerate() {
        for (number, to) in view::maps(rule, "backendRefs").enumerate() {
            // One of another kind or namespace is somebody else's.
            let own =
                to.get("namespace").is_none() && view::text(to, "kind").is_none_or(|kind| kind == "Service");
            if own {
                let path = format!("spec.rules[{at}].backendRefs[{number}]");
                check(view::text(to, "name"), to.get("port"), path);
            }
        }
    }
}

/// The keys of a ConfigMap or Secret.
fn keys(object: &Object) -> BTreeSet<&str> {
    let of = |key| {
        view::map(&object.body, &[key]).into_iter().flat_map(|map| map.iter().map(|(key, _)| key.as_str()))
    };
    of("data").chain(of("binaryData")).chain(of("stringData")).collect()
}

/// The pods in the namespace of an object.
fn pods_of<'p, 'o>(object: &'p Object, pods: &'p [Pod<'o>]) -> impl Iterator<Item = &'p Pod<'o>> {
    pods.iter().filter(|pod| pod.object.id.namespace == object.id.namespace)
}

fn service(object: &Object, pods: &[Pod<'_>], problems: &mut Vec<Problem>) {
    let Some(selector) = view::map(&object.body, &["spec", "selector"]).map(view::texts) else { return };
    let takes = |pod: &&Pod<'_>| selector.iter().all(|(key, value)| pod.labels.get(key) == Some(value));
    let taken: Vec<&Pod<'_>> = pods_of(object, pods).filter(takes).collect();
    if taken.is_empty() {
        problems.push(Problem::new(object, "spec.selector", "it selects no pod"));
        return;
    }
    for port in view::maps(view::map(&object.body, &["spec"]).unwrap_or(&object.body), "ports") {
        let Some(name) = port.get("targetPort").and_then(Field::as_text) else { continue };
        let named = |pod: &&Pod<'_>| {
            pod.containers().any(|(_, container)| {
                view::maps(container, "ports").any(|port| view::text(port, "name") == Some(name))
            })
        };
        if !taken.iter().any(named) {
            let message = format!("no container that it selects has a port named `{name}`");
            problems.push(Problem::new(object, "spec.ports", message));
        }
    }
}

fn binding(object: &Object, index: &Index<'_>, problems: &mut Vec<Problem>) {
    let Some(role) = view::map(&object.body, &["roleRef"]) else { return };
    if view::text(role, "kind") == Some("Role") {
        let name = view::text(role, "name").unwrap_or_default();
        exists(object, index, Kind::Role, name, "roleRef.name", problems);
    }
}

fn exists(
    object: &Object,
    index: &Index<'_>,
    kind: Kind,
    name: &str,
    path: &str,
    problems: &mut Vec<Problem>,
) {
    let id = Id { kind, namespace: object.id.namespace.clone(), name: name.into() };
    if !index.ids.contains(&id) && !index.is_elsewhere(&id) {
        problems.push(Problem::new(object, path, format!("there is no {} `{name}`", kind.word())));
    }
}

fn of_pod(pod: &Pod<'_>, index: &Index<'_>, known: bool, problems: &mut Vec<Problem>) {
    let object = pod.object;
    if let Some(account) = view::text(pod.spec, "serviceAccountName").filter(|name| *name != "default") {
        let path = format!("{}.spec.serviceAccountName", pod.at);
        exists(object, index, Kind::ServiceAccount, account, &path, problems);
    }
    let claims: BTreeSet<&str> = view::map(&object.body, &["spec"])
        .into_iter()
        .flat_map(|spec| view::maps(spec, "volumeClaimTemplates"))
        .filter_map(|claim| claim.at(&["metadata", "name"]).and_then(Field::as_text))
        .collect();
    let mut volumes: BTreeSet<&str> = claims;
    for volume in view::maps(pod.spec, "volumes") {
        let name = view::text(volume, "name").unwrap_or_default();
        volumes.insert(name);
        let path = format!("{}.spec.volumes[{name}]", pod.at);
        source(pod, volume, &path, index, known, problems);
        for part in view::map(volume, &["projected"]).into_iter().flat_map(|held| view::maps(held, "sources"))
        {
            source(pod, part, &format!("{path}.projected"), index, known, problems);
        }
    }
    for (list, container) in pod.containers() {
        for mount in view::maps(container, "volumeMounts") {
            let name = view::text(mount, "name").unwrap_or_default();
            if !volumes.contains(name) {
                let target = view::text(mount, "mountPath").unwrap_or_default();
                let path = pod.path(list, container, &format!(".volumeMounts[{target}].name"));
                problems.push(Problem::new(object, path, format!("the pod has no volume `{name}`")));
            }
        }
        for variable in view::maps(container, "env") {
            let name = view::text(variable, "name").unwrap_or_default();
            let path = pod.path(list, container, &format!(".env[{name}].valueFrom"));
            let from = view::map(variable, &["valueFrom"]);
            for (key, kind) in [("secretKeyRef", Kind::Secret), ("configMapKeyRef", Kind::ConfigMap)] {
                if let Some(wanted) = from.and_then(|from| view::map(from, &[key])) {
                    let (name, key) = (view::text(wanted, "name"), view::text(wanted, "key"));
                    held(pod, kind, name.unwrap_or_default(), key, &path, index, known, problems);
                }
            }
        }
        probes(pod, list, container, problems);
    }
}

/// Probes that name a port must name one that the container has.
fn probes(pod: &Pod<'_>, list: &str, container: &Fields, problems: &mut Vec<Problem>) {
    for probe in ["readinessProbe", "livenessProbe", "startupProbe"] {
        for handler in ["httpGet", "tcpSocket"] {
            let port = container.at(&[probe, handler, "port"]).and_then(Field::as_text);
            let named = |name: &str| {
                view::maps(container, "ports").any(|port| view::text(port, "name") == Some(name))
            };
            if let Some(name) = port.filter(|name| !named(name)) {
                let path = pod.path(list, container, &format!(".{probe}.{handler}.port"));
                problems.push(Problem::new(
                    pod.object,
                    path,
                    format!("the container has no port named `{name}`"),
                ));
            }
        }
    }
}

/// What a volume is made of.
fn source(
    pod: &Pod<'_>,
    volume: &Fields,
    path: &str,
    index: &Index<'_>,
    known: bool,
    problems: &mut Vec<Problem>,
) {
    if let Some(claim) = volume.at(&["persistentVolumeClaim", "claimName"]).and_then(Field::as_text) {
        let path = format!("{path}.persistentVolumeClaim.claimName");
        exists(pod.object, index, Kind::PersistentVolumeClaim, claim, &path, problems);
    }
    let names = [
        ("configMap", "name", Kind::ConfigMap),
        ("secret", "secretName", Kind::Secret),
        ("secret", "name", Kind::Secret),
    ];
    for (key, field, kind) in names {
        let Some(held_in) = view::map(volume, &[key]) else { continue };
        let Some(name) = view::text(held_in, field) else { continue };
        let mut items = view::maps(held_in, "items").peekable();
        if items.peek().is_none() {
            held(pod, kind, name, None, path, index, known, problems);
        }
        for item in items {
            held(pod, kind, name, view::text(item, "key"), path, index, known, problems);
        }
    }
}

/// A key of a ConfigMap or Secret.
#[expect(clippy::too_many_arguments, reason = "what is wanted, where, and who knows")]
fn held(
    pod: &Pod<'_>,
    kind: Kind,
    name: &str,
    key: Option<&str>,
    path: &str,
    index: &Index<'_>,
    known: bool,
    problems: &mut Vec<Problem>,
) {
    let id = Id { kind, namespace: pod.object.id.namespace.clone(), name: name.into() };
    match (index.keys.get(&id), key) {
        (Some(keys), Some(key)) if !keys.contains(key) => {
            let message = format!("{} `{name}` has no key `{key}`", kind.word());
            problems.push(Problem::new(pod.object, path, message));
        }
        (Some(_), _) => {}
        (None, _) if index.is_elsewhere(&id) => {}
        (None, key) if kind == Kind::Secret && index.made.contains_key(&(id.namespace.as_str(), name)) => {
            let made = &index.made[&(id.namespace.as_str(), name)];
            if let (Some(keys), Some(key)) = (made, key)
                && !keys.contains(key)
            {
                let message = format!("no key `{key}` of the Secret `{name}` is asked for");
                problems.push(Problem::new(pod.object, path, message));
            }
        }
        (None, key) if kind == Kind::Secret => {
            // Secrets are made by somebody else: which ones is known only beside the project.
            let wanted = |(namespace, secret, one): &&(String, String, String)| {
                *namespace == id.namespace && secret == name && key.is_none_or(|key| one == key)
            };
            if known && !index.elsewhere.provided.iter().any(|entry| wanted(&entry)) {
                let message = format!("nobody is told to create the Secret `{name}`");
                problems.push(Problem::new(pod.object, path, message));
            }
        }
        // Every namespace has this one: the certificate of the API server.
        (None, _) if kind == Kind::ConfigMap && name == "kube-root-ca.crt" => {}
        (None, _) => {
            problems.push(Problem::new(pod.object, path, format!("there is no {} `{name}`", kind.word())));
        }
    }
}
