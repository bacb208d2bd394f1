//! Asks cyclonus which connections a set of NetworkPolicies allows: a second opinion on the connectivity matrix.

use std::process::Command;

use serde_json::{Value, json};

use super::{pipe, toolchain};

/// A cluster and the questions about it.
pub(crate) struct Cluster {
    /// NetworkPolicy objects, each with its namespace.
    pub(crate) policies: Vec<Value>,
    /// Labels of namespaces by name; `kubernetes.io/metadata.name` is added to each.
    pub(crate) namespaces: Value,
    /// What talks: `{name, namespace, labels, ip, ports: {"80/TCP": "http"}}`; without a namespace it is outside.
    pub(crate) pods: Vec<Value>,
    /// Who asks for whom.
    pub(crate) queries: Vec<Query>,
}

/// May the pod `from` open a connection to the pod `to`?
pub(crate) struct Query {
    /// The name of the pod that connects.
    pub(crate) from: String,
    /// The name of the pod that listens.
    pub(crate) to: String,
    /// Where it listens.
    pub(crate) port: u16,
    /// `TCP`, `UDP` or `SCTP`.
    pub(crate) protocol: &'static str,
}

/// For each cluster, in order, whether each query is allowed.
pub(crate) fn allowed(clusters: &[Cluster]) -> Result<Vec<Vec<bool>>, String> {
    let ids: Vec<String> = (0..clusters.len()).map(|number| number.to_string()).collect();
    let lines = ids.iter().zip(clusters).map(|(id, cluster)| line(id, cluster));
    let said = pipe::ask(&mut Command::new(toolchain::ours("matcher")?), lines)?;
    let answers = pipe::in_order(&ids, said)?;
    answers.iter().zip(clusters).map(|(answer, cluster)| results(answer, cluster)).collect()
}

fn line(id: &str, cluster: &Cluster) -> String {
    let queries: Vec<Value> = cluster
        .queries
        .iter()
        .map(|query| json!({"from": query.from, "to": query.to, "port": query.port, "protocol": query.protocol}))
        .collect();
    json!({"id": id, "policies": cluster.policies, "namespaces": cluster.namespaces, "pods": cluster.pods,
        "queries": queries})
    .to_string()
}

fn results(answer: &Value, cluster: &Cluster) -> Result<Vec<bool>, String> {
    if let Some(reason) = answer["error"].as_str() {
        return Err(format!("cluster {}: {reason}", answer["id"]));
    }
    let results: Vec<bool> =
        answer["results"].as_array().into_iter().flatten().map(|result| result["allowed"] == true).collect();
    if results.len() == cluster.queries.len() {
        Ok(results)
    } else {
        Err(format!("{} answers to {} queries", results.len(), cluster.queries.len()))
    }
}

/// The lane: a small cluster whose matrix is known.
pub(crate) fn prove() -> Result<(), String> {
    let policy = |name: &str, spec: Value| {
        json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": {"name": name, "namespace": "shop"}, "spec": spec})
    };
    let pod = |name: &str, namespace: &str, ip: &str| json!({"name": name, "namespace": namespace, "labels": {"app": name}, "ip": ip, "ports": {"80/TCP": "http"}});
    let query =
        |from: &str, to: &str, port: u16| Query { from: from.into(), to: to.into(), port, protocol: "TCP" };
    let cluster = Cluster {
        policies: vec![
            policy("default-deny", json!({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]})),
            policy(
                "web",
                json!({"podSelector": {"matchLabels": {"app": "web"}}, "policyTypes": ["Ingress", "Egress"],
                "ingress": [{"from": [{"ipBlock": {"cidr": "203.0.113.0/24"}}], "ports": [{"port": "http"}]}],
                "egress": [{"to": [{"podSelector": {"matchLabels": {"app": "api"}}}], "ports": [{"port": 80}]}]}),
            ),
            policy(
                "api",
                json!({"podSelector": {"matchLabels": {"app": "api"}}, "policyTypes": ["Ingress"], "ingress": [
                {"from": [{"podSelector": {"matchLabels": {"app": "web"}}},
                {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}]}]}),
            ),
        ],
        namespaces: json!({}),
        pods: vec![
            pod("web", "shop", "10.0.0.1"),
            pod("api", "shop", "10.0.0.2"),
            pod("prometheus", "monitoring", "10.0.1.1"),
            json!({"name": "office", "ip": "203.0.113.7"}),
            json!({"name": "stranger", "ip": "198.51.100.7"}),
        ],
        queries: vec![
            query("web", "api", 80),
            query("web", "api", 81),
            query("api", "web", 80),
            query("prometheus", "api", 81),
            query("prometheus", "web", 80),
            query("office", "web", 80),
            query("office", "web", 81),
            query("stranger", "web", 80),
            query("web", "stranger", 443),
        ],
    };
    let expected = vec![true, false, false, true, false, true, false, false, false];
    let said = allowed(&[cluster])?;
    if said == [expected.clone()] {
        println!("matcher: {} passed, 0 failed", expected.len());
        Ok(())
    } else {
        Err(format!("matcher: {said:?} instead of {expected:?}"))
    }
}
