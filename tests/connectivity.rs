//! Who can reach whom: the policies that a conversion writes, judged as a cluster judges them, allow what the networks
//! of the project allow and nothing else.
#![expect(clippy::disallowed_methods, reason = "a test reads its cases and starts the tool")]

#[path = "support/tool.rs"]
mod tool;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;
use tool::Ran;

/// What a cluster would make of the objects.
struct Cluster {
    /// The labels of the pods of each workload, and whether they stand in the network of the node.
    pods: BTreeMap<String, BTreeMap<String, String>>,
    /// The policies.
    policies: Vec<Value>,
    /// The published Services: the name that selects, and number and target of each port.
    published: Vec<(String, u64, u64, String)>,
}

fn converted(project: &str, flags: &[&str]) -> (Cluster, Value) {
    let name =
        format!("connectivity-{:x}-{}", project.len() * 31 + flags.len(), project.matches('\n').count());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).expect("the scratch folder can be made");
    fs::write(folder.join("compose.yaml"), project).expect("the project can be written");
    let arguments: Vec<&str> = ["convert", "--report", "report.json"].iter().chain(flags).copied().collect();
    let ran = Ran::of(&folder, &arguments, &[], None);
    assert!(ran.code <= 1, "the project is converted: {}", ran.stderr);
    let report = fs::read_to_string(folder.join("report.json")).expect("there is a report");
    let report: Value = serde_json::from_str(&report).expect("the report is JSON");
    (Cluster::of(&ran.stdout), report["connectivity"].clone())
}

impl Cluster {
    fn of(manifests: &str) -> Self {
        let mut cluster = Self { pods: BTreeMap::new(), policies: Vec::new(), published: Vec::new() };
        for document in manifests.split("---\n") {
            let object: Value = yaml_serde::from_str(document).expect("the output is YAML");
            match object["kind"].as_str() {
                Some("Deployment") => {
                    let labels = &object["spec"]["template"]["metadata"]["labels"];
                    cluster.pods.insert(text(&object["metadata"]["name"]), map(labels));
                }
                Some("NetworkPolicy") => cluster.policies.push(object["spec"].clone()),
                Some("Service") if text(&object["metadata"]["name"]).ends_with("-published") => {
                    for port in list(&object["spec"]["ports"]) {
                        let number = |key: &str| port[key].as_u64().expect("a number");
                        cluster.published.push((
                            text(&object["spec"]["selector"]["app.kubernetes.io/name"]),
                            number("port"),
                            number("targetPort"),
                            text(&port["protocol"]),
                        ));
                    }
                }
                _ => {}
            }
        }
        cluster
    }

    /// The policies of one direction that select a pod.
    fn of_pod(&self, labels: &BTreeMap<String, String>, direction: &str) -> Vec<&Value> {
        let concerns = |policy: &&Value| {
            let types: Vec<String> = list(&policy["policyTypes"]).iter().map(text).collect();
            types.contains(&direction.to_owned()) && matches(&policy["podSelector"], labels)
        };
        self.policies.iter().filter(concerns).collect()
    }

    /// Whether a pod, or somebody outside, is let through to another, on a port or on some port.
    fn allows(
        &self,
        own: &BTreeMap<String, String>,
        other: Option<&BTreeMap<String, String>>,
        direction: &str,
        port: Option<(u64, &str)>,
    ) -> bool {
        let (rules, side) = if direction == "Ingress" { ("ingress", "from") } else { ("egress", "to") };
        let policies = self.of_pod(own, direction);
        policies.is_empty()
            || policies.iter().flat_map(|policy| list(&policy[rules])).any(|rule| {
                let peers = list(&rule[side]);
                let peer = peers.is_empty()
                    || other.is_some_and(|labels| peers.iter().any(|peer| is_peer(peer, labels)));
                let ports = list(&rule["ports"]);
                let on_port = ports.is_empty()
                    || port.is_none_or(|(number, protocol)| {
                        ports
                            .iter()
                            .any(|one| one["port"].as_u64() == Some(number) && one["protocol"] == protocol)
                    });
                // A rule with ports alone lets published ports through, which is told by `published`.
                let published = peers.is_empty() && port.is_none();
                peer && on_port && !published
            })
    }

    fn pairs(&self) -> BTreeSet<(String, String)> {
        let mut pairs = BTreeSet::new();
        for (from, from_labels) in &self.pods {
            for (to, to_labels) in self.pods.iter().filter(|(to, _)| *to != from) {
                let out = self.allows(from_labels, Some(to_labels), "Egress", None);
                if out && self.allows(to_labels, Some(from_labels), "Ingress", None) {
                    pairs.insert((from.clone(), to.clone()));
                }
            }
        }
        pairs
    }

    fn egress(&self) -> BTreeSet<String> {
        let open =
            self.pods.iter().filter(|(_, labels)| self.allows(labels, None, "Egress", Some((443, "TCP"))));
        open.map(|(name, _)| name.clone()).collect()
    }

    fn published(&self) -> BTreeSet<(String, u64)> {
        let reached = self.published.iter().filter(|(name, _, target, protocol)| {
            self.allows(&self.pods[name], None, "Ingress", Some((*target, protocol)))
        });
        reached.map(|(name, number, _, _)| (name.clone(), *number)).collect()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

fn map(value: &Value) -> BTreeMap<String, String> {
    let entries = value.as_object().into_iter().flatten();
    entries.map(|(key, value)| (key.clone(), text(value))).collect()
}

fn matches(selector: &Value, labels: &BTreeMap<String, String>) -> bool {
    map(&selector["matchLabels"]).iter().all(|(key, value)| labels.get(key) == Some(value))
}

/// Whether a peer of a rule stands for a pod of the project's own namespace.
fn is_peer(peer: &Value, labels: &BTreeMap<String, String>) -> bool {
    let own =
        peer["namespaceSelector"].is_null() || map(&peer["namespaceSelector"]["matchLabels"]).is_empty();
    !peer["podSelector"].is_null() && own && matches(&peer["podSelector"], labels)
}

/// Holds what the policies allow against what the report says, and returns the pairs.
fn held(project: &str, flags: &[&str]) -> Vec<String> {
    let (cluster, report) = converted(project, flags);
    let said = |key: &str| -> BTreeSet<(String, String)> {
        let pairs = list(&report[key]);
        pairs.iter().map(|pair| (text(&pair[0]), text(&pair[1]))).collect()
    };
    assert_eq!(cluster.pairs(), said("pairs"), "pairs of\n{project}");
    let egress: BTreeSet<String> = list(&report["egress"]).iter().map(text).collect();
    assert_eq!(cluster.egress(), egress, "ways outside of\n{project}");
    let published = list(&report["published"]);
    let published = published.iter().map(|way| (text(&way[0]), way[1].as_u64().expect("a number"))).collect();
    assert_eq!(cluster.published(), published, "ways in of\n{project}");
    cluster.pairs().iter().map(|(from, to)| format!("{from}>{to}")).collect()
}

const TWO_NETWORKS: &str = "services:
  a: {image: a:1, networks: [one, two], ports: ['8080:80', '127.0.0.1:1:1']}
  b: {image: b:1, networks: [one]}
  c: {image: c:1, networks: [two], ports: ['9090:90']}
  d: {image: d:1, networks: [two], expose: [7000]}
  alone: {image: x:1, network_mode: none}
networks: {one: , two: {internal: true}}
";

#[test]
fn services_that_share_a_network_reach_each_other_and_no_others() {
    assert_eq!(held(TWO_NETWORKS, &[]), ["a>b", "a>c", "a>d", "b>a", "c>a", "c>d", "d>a", "d>c"]);
}

#[test]
fn a_network_without_talk_among_members_allows_none() {
    let project = "services:
  a: {image: a:1, networks: [mute, loud]}
  b: {image: b:1, networks: [mute]}
  c: {image: c:1, networks: [loud], ports: ['80:80/udp']}
networks:
  mute: {driver_opts: {com.docker.network.bridge.enable_icc: 'false', com.docker.network.bridge.enable_ip_masquerade: 'false'}}
  loud: {external: true, name: corp_net}
";
    assert_eq!(held(project, &[]), ["a>c", "c>a"]);
}

#[test]
fn strict_policies_allow_a_part_of_what_the_networks_do() {
    let project = "services:
  web: {image: web:1, environment: {API_URL: 'http://api:80', DB_HOST: db}, ports: ['80:80'], depends_on: [queue]}
  api: {image: api:1, environment: {DB_URL: 'postgres://db/x'}}
  db: {image: db:1}
  queue: {image: queue:1}
  far: {image: far:1, networks: [inner], environment: {API_URL: 'http://api'}}
networks: {inner: {internal: true}}
";
    let strict = held(project, &["--network-policy", "strict"]);
    assert_eq!(strict, ["api>db", "web>api", "web>db", "web>queue"]);
}

#[test]
fn a_network_of_many_is_one_group() {
    let mut project = "services:\n".to_owned();
    for number in 0..301 {
        project.push_str(&format!("  s{number}: {{image: 'a:1'}}\n"));
    }
    let (_, report) = converted(&project, &[]);
    assert_eq!(report["pairs"].as_array().map(Vec::len), Some(0));
    assert_eq!(report["groups"][0].as_array().map(Vec::len), Some(301));
}
