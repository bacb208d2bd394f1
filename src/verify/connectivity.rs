//! Who can talk to whom, computed twice: from the project as Docker would run it, and from the policies as a cluster
//! would enforce them.

use std::collections::{BTreeMap, BTreeSet};

use super::Problem;
use super::view::{self, Pod};
use crate::k8s::kind::Kind;
use crate::plan::field::{Field, Fields};
use crate::plan::object::Object;

/// Where a packet comes from or goes to.
#[derive(Clone, Copy, Debug)]
pub enum End<'e, 'o> {
    /// A pod.
    Pod(&'e Pod<'o>),
    /// An address outside the cluster.
    Outside,
}

/// A packet.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'e, 'o> {
    /// Where it comes from.
    pub from: End<'e, 'o>,
    /// Where it goes.
    pub to: End<'e, 'o>,
    /// The port of the container that it goes to.
    pub port: i64,
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: &'e str,
}

/// An address that no cluster has.
const OUTSIDE: [u8; 4] = [203, 0, 113, 1];

/// The network policies among objects.
#[derive(Debug)]
pub struct Policies<'o> {
    policies: Vec<&'o Object>,
    namespaces: BTreeMap<&'o str, BTreeMap<&'o str, &'o str>>,
}

impl<'o> Policies<'o> {
    /// The policies among these objects.
    #[must_use]
    pub fn of(objects: &'o [Object]) -> Self {
        let policies = objects.iter().filter(|object| object.id.kind == Kind::NetworkPolicy).collect();
        let labels = |object: &'o Object| {
            let mut labels =
                view::map(&object.body, &["metadata", "labels"]).map(view::texts).unwrap_or_default();
            // The API server sets this one.
            labels.insert("kubernetes.io/metadata.name", object.id.name.as_str());
            (object.id.name.as_str(), labels)
        };
        let namespaces =
            objects.iter().filter(|object| object.id.kind == Kind::Namespace).map(labels).collect();
        Self { policies, namespaces }
    }

    /// Whether a cluster that enforces the policies lets the packet through.
    #[must_use]
    pub fn allow(&self, packet: &Packet<'_, 'o>) -> bool {
        self.side(packet, "Egress", "egress", packet.from, packet.to)
            && self.side(packet, "Ingress", "ingress", packet.to, packet.from)
    }

    /// Whether the policies of one end let the packet through: all do when none selects the end.
    fn side(
        &self,
        packet: &Packet<'_, 'o>,
        kind: &str,
        key: &str,
        own: End<'_, 'o>,
        peer: End<'_, 'o>,
    ) -> bool {
        let End::Pod(pod) = own else { return true };
        // Pods on the network of their node are outside of all policies.
        if pod.spec.get("hostNetwork").is_some() {
            return true;
        }
        let mut selected = false;
        for policy in self.policies.iter().filter(|policy| policy.id.namespace == pod.object.id.namespace) {
            let Some(spec) = view::map(&policy.body, &["spec"]) else { continue };
            if !has_type(spec, kind, key) || !view::selects(view::map(spec, &["podSelector"]), &pod.labels) {
                continue;
            }
            selected = true;
            if view::list(spec, key).any(|rule| self.rule(rule, kind, packet, &policy.id.namespace, peer)) {
                return true;
            }
        }
        !selected
    }

    fn rule(
        &self,
        rule: &Field,
        kind: &str,
        packet: &Packet<'_, 'o>,
        namespace: &str,
        peer: End<'_, 'o>,
    ) -> bool {
        // A rule in which nothing stands lets everything through.
        let Some(rule) = rule.as_map() else { return true };
        let peers = if kind == "Egress" { "to" } else { "from" };
        let mut ends = view::maps(rule, peers).peekable();
        let mut ports = view::maps(rule, "ports").peekable();
        (ends.peek().is_none() || ends.any(|end| self.end(end, namespace, peer)))
            && (ports.peek().is_none() || ports.any(|port| takes(port, packet)))
    }

    fn end(&self, end: &Fields, namespace: &str, peer: End<'_, 'o>) -> bool {
        if let Some(block) = view::map(end, &["ipBlock"]) {
            // Addresses of pods are not known before they run; a block that is meant for them is none of ours.
            let inside = |cidr: &str| contains(cidr, OUTSIDE);
            return matches!(peer, End::Outside)
                && view::text(block, "cidr").is_some_and(inside)
                && !view::list(block, "except").filter_map(Field::as_text).any(inside);
        }
        let End::Pod(pod) = peer else { return false };
        let space = match end.get("namespaceSelector") {
            None => pod.object.id.namespace == namespace,
            Some(selector) => {
                let name = pod.object.id.namespace.as_str();
                let known = self.namespaces.get(name).cloned();
                let labels = known.unwrap_or_else(|| BTreeMap::from([("kubernetes.io/metadata.name", name)]));
                view::selects(selector.as_map(), &labels)
            }
        };
        space && view::selects(view::map(end, &["podSelector"]), &pod.labels)
    }
}

/// Whether a policy speaks of a direction; without a list of types, ingress always and egress where rules stand.
fn has_type(spec: &Fields, kind: &str, key: &str) -> bool {
    let mut types = view::list(spec, "policyTypes").filter_map(Field::as_text).peekable();
    if types.peek().is_none() {
        kind == "Ingress" || spec.get(key).is_some()
    } else {
        types.any(|word| word == kind)
    }
}

fn takes(port: &Fields, packet: &Packet<'_, '_>) -> bool {
    let protocol = view::text(port, "protocol").unwrap_or("TCP");
    let number = |key: &str| port.get(key).and_then(Field::as_int);
    let fits = match (number("port"), number("endPort")) {
        (Some(first), Some(last)) => (first..=last).contains(&packet.port),
        (Some(only), None) => only == packet.port,
        (None, _) => match view::text(port, "port") {
            Some(name) => named(name, packet),
            None => true,
        },
    };
    protocol == packet.protocol && fits
}

/// Whether the packet goes to the port of that name.
fn named(name: &str, packet: &Packet<'_, '_>) -> bool {
    let End::Pod(pod) = packet.to else { return false };
    pod.containers().any(|(_, container)| {
        view::maps(container, "ports").any(|port| {
            view::text(port, "name") == Some(name)
                && port.get("containerPort").and_then(Field::as_int) == Some(packet.port)
        })
    })
}

/// Whether a block of addresses contains one.
fn contains(cidr: &str, address: [u8; 4]) -> bool {
    let Some((base, length)) = cidr.split_once('/') else { return false };
    let bytes: Vec<u8> = base.split('.').filter_map(|part| part.parse().ok()).collect();
    let (Ok(base), Ok(length)) = (<[u8; 4]>::try_from(bytes), length.parse::<u32>()) else { return false };
    let mask = u32::MAX.checked_shl(32_u32.saturating_sub(length)).unwrap_or(0);
    u32::from_be_bytes(base) & mask == u32::from_be_bytes(address) & mask
}

/// What may be reached, by service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matrix {
    /// From whom, to whom.
    pub pairs: BTreeSet<(String, String)>,
    /// Who reaches the outside.
    pub egress: BTreeSet<String>,
    /// Who is reached from outside, and on which port of its container.
    pub ingress: BTreeSet<(String, i64)>,
}

/// A port that no service is likely to have: what reaches it reaches every port.
const ANY_PORT: i64 = 64_999;

/// The label that says for which service a pod is there.
const NAME_LABEL: &str = "app.kubernetes.io/name";

/// The service or job of a pod.
fn service(pod: &Pod<'_>) -> String {
    pod.labels.get(NAME_LABEL).map_or_else(|| pod.object.id.name.to_string(), |name| (*name).to_owned())
}

/// Pods that stand for all: of those that are alike to every policy, and that `alike` takes for one, two are kept.
#[must_use]
pub fn representatives<K: Ord>(objects: &[Object], alike: impl Fn(&str) -> K) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for policy in objects.iter().filter(|object| object.id.kind == Kind::NetworkPolicy) {
        selectors(&policy.body, &mut keys);
    }
    let mut classes = BTreeMap::new();
    let mut kept = BTreeSet::new();
    for pod in view::pods(objects) {
        let name = service(&pod);
        let labels: BTreeMap<&str, &str> = pod
            .labels
            .iter()
            .filter(|(key, _)| keys.contains(*key))
            .map(|(key, value)| (*key, *value))
            .collect();
        let class =
            (pod.object.id.namespace.clone(), labels, pod.spec.get("hostNetwork").is_some(), alike(&name));
        let seen: &mut usize = classes.entry(class).or_default();
        *seen += 1;
        if *seen <= 2 {
            kept.insert(name);
        }
    }
    kept
}

/// The keys of labels that the selectors below some fields look at.
fn selectors<'o>(fields: &'o Fields, keys: &mut BTreeSet<&'o str>) {
    for (key, field) in fields.iter() {
        match field {
            Field::Map(map) if key == "podSelector" => view::looked_at(map, keys),
            Field::Map(map) => selectors(map, keys),
            Field::List(items) => {
                items.iter().filter_map(Field::as_map).for_each(|item| selectors(item, keys))
            }
            Field::Leaf(_) => {}
        }
    }
}

/// What the policies let through between the pods of some services, by the names of the services.
#[must_use]
pub fn enforced(objects: &[Object], names: &BTreeSet<String>) -> Matrix {
    let policies = Policies::of(objects);
    let mut pods = view::pods(objects);
    pods.retain(|pod| names.contains(&service(pod)));
    let mut matrix = Matrix::default();
    let name = service;
    for from in &pods {
        for to in pods.iter().filter(|to| service(to) != service(from)) {
            let packet = Packet { from: End::Pod(from), to: End::Pod(to), port: ANY_PORT, protocol: "TCP" };
            if policies.allow(&packet) {
                matrix.pairs.insert((name(from), name(to)));
            }
        }
        let out = Packet { from: End::Pod(from), to: End::Outside, port: 443, protocol: "TCP" };
        if policies.allow(&out) {
            matrix.egress.insert(name(from));
        }
        let ports = from.containers().flat_map(|(_, container)| view::maps(container, "ports"));
        for port in ports {
            let (Some(number), protocol) = (
                port.get("containerPort").and_then(Field::as_int),
                view::text(port, "protocol").unwrap_or("TCP"),
            ) else {
                continue;
            };
            let packet = Packet { from: End::Outside, to: End::Pod(from), port: number, protocol };
            if policies.allow(&packet) {
                matrix.ingress.insert((name(from), number));
            }
        }
    }
    matrix
}

/// Where two matrices differ; the objects are those of the second.
#[must_use]
pub fn compare(docker: &Matrix, cluster: &Matrix, objects: &[Object]) -> Vec<Problem> {
    let pods = view::pods(objects);
    let of = |name: &str| pods.iter().find(|pod| service(pod) == name).map(|pod| pod.object);
    let mut problems = Vec::new();
    let mut say = |name: &str, message: String| {
        if let Some(object) = of(name) {
            problems.push(Problem::new(object, "spec", message));
        }
    };
    for (from, to) in docker.pairs.difference(&cluster.pairs) {
        say(to, format!("`{from}` reaches `{to}` in Compose, and no policy lets it through"));
    }
    for (from, to) in cluster.pairs.difference(&docker.pairs) {
        say(to, format!("the policies let `{from}` through to `{to}`, which it cannot reach in Compose"));
    }
    for name in docker.egress.difference(&cluster.egress) {
        say(name, format!("`{name}` reaches the outside in Compose, and no policy lets it through"));
    }
    for name in cluster.egress.difference(&docker.egress) {
        say(name, format!("the policies let `{name}` out, which Compose does not"));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read;
    use crate::source::files::Files;

    const PODS: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: a, namespace: n}
spec: {template: {metadata: {labels: {app: a, net: x}}, spec: {containers: [{name: a, ports: [{name: http, containerPort: 80}]}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: b, namespace: n}
spec: {template: {metadata: {labels: {app: b, net: x}}, spec: {containers: [{name: b}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: c, namespace: n}
spec: {template: {metadata: {labels: {app: c}}, spec: {containers: [{name: c}]}}}
";

    fn matrix(policies: &str) -> Matrix {
        let mut files = Files::default();
        let id = files.add("m.yaml", format!("{PODS}---{policies}"));
        let objects: Vec<Object> =
            read::file(&files, id, "n").objects.into_iter().map(|held| held.object).collect();
        let names = representatives(&objects, str::to_owned);
        enforced(&objects, &names)
    }

    fn pairs(matrix: &Matrix) -> String {
        matrix.pairs.iter().map(|(from, to)| format!("{from}{to}")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn without_policies_everything_is_open() {
        let open = matrix("");
        assert_eq!(pairs(&open), "ab ac ba bc ca cb");
        assert_eq!(open.egress.len(), 3);
        assert_eq!(open.ingress, BTreeSet::from([("a".to_owned(), 80)]));
    }

    #[test]
    fn members_of_a_network_reach_each_other_and_nobody_else_reaches_them() {
        let closed = matrix(
            "
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: x, namespace: n}
spec: {podSelector: {matchLabels: {net: x}}, ingress: [{from: [{podSelector: {matchLabels: {net: x}}}]}]}
",
        );
        assert_eq!(pairs(&closed), "ab ac ba bc");
        assert_eq!(closed.egress.len(), 3);
        assert!(closed.ingress.is_empty());
    }

    #[test]
    fn egress_is_closed_for_whom_a_policy_says_so_and_ports_open_by_name() {
        let closed = matrix(
            "
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: e, namespace: n}
spec: {podSelector: {matchLabels: {app: b}}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: i, namespace: n}
spec: {podSelector: {matchLabels: {app: a}}, ingress: [{ports: [{port: http}]}]}
",
        );
        assert_eq!(pairs(&closed), "ab ac cb");
        assert_eq!(closed.egress, BTreeSet::from(["a".to_owned(), "c".to_owned()]));
        assert_eq!(closed.ingress, BTreeSet::from([("a".to_owned(), 80)]));
    }
}
