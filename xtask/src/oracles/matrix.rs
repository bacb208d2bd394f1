//! Holds who can reach whom, as the report has it, against what the written network policies let through.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::{Value, json};

use super::matcher::{Cluster, Query, allowed};
use super::projects::{self, Project, Way};
use super::{pipe, toolchain};

/// A port that nobody declares: reached over a network, and never because it is published.
const ODD: u16 = 9;
/// The most pods of a project that are looked at; more are too many pairs.
const PODS: usize = 40;
/// Something outside of the cluster, and a pod of somebody else.
const OUTSIDE: &str = "(outside)";
const STRANGER: &str = "(stranger)";

/// The lane, for the policies that isolate and those that are strict.
pub(crate) fn run(sample: Option<usize>) -> Result<(), String> {
    let projects = projects::all(sample)?;
    let isolate = policies(&projects, "isolate")?;
    let strict = policies(&projects, "strict")?;
    let mut wrong = isolate.wrong + strict.wrong;
    for ((project, isolate), strict) in projects.iter().zip(&isolate.said).zip(&strict.said) {
        for (from, to) in strict.pairs().iter().filter(|(from, to)| !isolate.connects(from, to)) {
            wrong += 1;
            println!("{}: strict lets {from} reach {to}, and isolate does not", project.id);
        }
    }
    if wrong == 0 { Ok(()) } else { Err(format!("matrix: {wrong} differences")) }
}

/// What the report says of a project.
struct Said(Value);

impl Said {
    fn words(&self, key: &str) -> BTreeSet<&str> {
        self.0[key].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
    }

    fn pairs(&self) -> BTreeSet<(&str, &str)> {
        let list = self.0["pairs"].as_array().into_iter().flatten();
        list.filter_map(|pair| Some((pair[0].as_str()?, pair[1].as_str()?))).collect()
    }

    fn groups(&self) -> Vec<BTreeSet<&str>> {
        let list = self.0["groups"].as_array().into_iter().flatten();
        list.map(|group| group.as_array().into_iter().flatten().filter_map(Value::as_str).collect()).collect()
    }

    fn connects(&self, from: &str, to: &str) -> bool {
        let grouped = |group: &BTreeSet<&str>| group.contains(from) && group.contains(to);
        self.pairs().contains(&(from, to)) || self.groups().iter().any(grouped)
    }

    fn published(&self) -> Vec<(&str, u64)> {
        let list = self.0["published"].as_array().into_iter().flatten();
        list.filter_map(|entry| Some((entry[0].as_str()?, entry[1].as_u64()?))).collect()
    }
}

/// What the lane found for one kind of policies.
struct Found {
    said: Vec<Said>,
    wrong: usize,
}

/// A pod, and those who live in it: what the report says of one of them holds for the pod.
struct Seat<'s> {
    pod: &'s Value,
    members: Vec<&'s str>,
}

impl Seat<'_> {
    fn address(&self) -> &str {
        self.pod["name"].as_str().unwrap_or_default()
    }

    fn name(&self) -> String {
        self.members.join(" and ")
    }
}

/// A question, and the answer that the report gives; the first of its queries that is let through answers it.
struct Question {
    words: String,
    expected: bool,
    queries: std::ops::Range<usize>,
}

fn policies(projects: &[Project], kind: &'static str) -> Result<Found, String> {
    let runs = projects::each(projects, Way::Policies(kind), |_, converted| {
        let homes = homes(&converted.report["ledger"]);
        (converted.manifests, Said(converted.report["connectivity"].clone()), homes)
    })?;
    let ids: Vec<String> = (0..runs.len()).map(|number| number.to_string()).collect();
    let lines = ids.iter().zip(&runs).map(|(id, (text, _, _))| json!({"id": id, "text": text}).to_string());
    let answers = pipe::in_order(&ids, pipe::ask(&mut Command::new(toolchain::ours("matcher")?), lines)?)?;
    let mut asked = Vec::new();
    let mut clusters = Vec::new();
    for ((answer, (_, said, homes)), project) in answers.iter().zip(&runs).zip(projects) {
        let objects = answer["objects"].as_array().map_or(&[][..], Vec::as_slice);
        let (cluster, questions) = questions(objects, said, homes, kind == "strict");
        clusters.push(cluster);
        asked.push((project, questions));
    }
    let (mut compared, mut wrong) = (0, 0);
    for ((project, questions), answers) in asked.iter().zip(allowed(&clusters)?) {
        compared += questions.len();
        for question in questions {
            let found = answers[question.queries.clone()].contains(&true);
            if found != question.expected {
                wrong += 1;
                let verb = if found { "let through" } else { "keep apart" };
                println!(
                    "{}, {kind}: the policies {verb} {}, and the report does not",
                    project.id, question.words
                );
            }
        }
    }
    let busy = asked.iter().filter(|(_, questions)| !questions.is_empty()).count();
    println!("matrix, {kind}: {busy} projects, {compared} pairs compared, {wrong} differences");
    if compared == 0 {
        return Err(format!("matrix, {kind}: nothing was compared"));
    }
    Ok(Found { said: runs.into_iter().map(|(_, said, _)| said).collect(), wrong })
}

/// The workload that each service lives in, as the ledger says where its image went.
fn homes(ledger: &Value) -> BTreeMap<String, String> {
    let mut homes = BTreeMap::new();
    for row in ledger.as_array().into_iter().flatten() {
        let path = row["path"].as_str().unwrap_or_default();
        let rest = path.strip_prefix("services").or_else(|| path.strip_prefix("x-jobs"));
        let Some(service) = rest.and_then(service_of) else { continue };
        let targets = row["targets"].as_array().into_iter().flatten().filter_map(Value::as_str);
        for target in targets {
            if let Some((address, field)) = target.split_once(' ')
                && field.ends_with(".image")
            {
                homes.entry(service.clone()).or_insert_with(|| address.to_owned());
            }
        }
    }
    homes
}

/// The service of what stands behind `services` in a path.
pub(crate) fn service_of(rest: &str) -> Option<String> {
    match rest.strip_prefix("[\"") {
        Some(quoted) => Some(quoted.split_once("\"]")?.0.to_owned()),
        None => Some(rest.strip_prefix('.')?.split(['.', '[']).next()?.to_owned()),
    }
}

/// The pods of the workloads, by address; those on the network of a node are under no policy.
fn pods(objects: &[Value]) -> BTreeMap<String, Value> {
    let mut pods = BTreeMap::new();
    for object in objects {
        let template = match object["kind"].as_str() {
            Some("Deployment" | "StatefulSet" | "DaemonSet" | "Job") => &object["spec"]["template"],
            Some("CronJob") => &object["spec"]["jobTemplate"]["spec"]["template"],
            _ => continue,
        };
        if template["spec"]["hostNetwork"] == true {
            continue;
        }
        let text = |key: &str| object["metadata"][key].as_str().unwrap_or_default();
        let address = format!("{}/{}", object["kind"].as_str().unwrap_or_default(), text("name"));
        let number = pods.len();
        let pod = json!({"name": address, "namespace": text("namespace"), "labels": template["metadata"]["labels"],
            "ip": format!("10.0.{}.{}", number / 250, number % 250 + 1)});
        pods.insert(address, pod);
    }
    pods
}

/// The ports of a pod's Services: the Service's own number, the pod's number and the protocol.
fn doors(objects: &[Value], pod: &Value) -> Vec<(u64, u16, &'static str)> {
    let mut doors = Vec::new();
    for service in objects.iter().filter(|object| object["kind"] == "Service") {
        let Some(selector) = service["spec"]["selector"].as_object() else { continue };
        if !selector.iter().all(|(key, value)| pod["labels"][key] == *value) {
            continue;
        }
        for port in service["spec"]["ports"].as_array().into_iter().flatten() {
            let protocol = match port["protocol"].as_str() {
                Some("UDP") => "UDP",
                Some("SCTP") => "SCTP",
                _ => "TCP",
            };
            let own = port["port"].as_u64().unwrap_or_default();
            let target = port["targetPort"].as_u64().unwrap_or(own);
            doors.extend(u16::try_from(target).ok().map(|target| (own, target, protocol)));
        }
    }
    doors
}

fn questions(
    objects: &[Value],
    said: &Said,
    homes: &BTreeMap<String, String>,
    strict: bool,
) -> (Cluster, Vec<Question>) {
    let pods = pods(objects);
    let mut seats: Vec<Seat<'_>> = Vec::new();
    for (service, home) in homes {
        match (seats.iter_mut().find(|seat| seat.address() == home), pods.get(home)) {
            (Some(seat), _) => seat.members.push(service),
            (None, Some(pod)) => seats.push(Seat { pod, members: vec![service] }),
            (None, None) => {}
        }
    }
    seats.truncate(PODS);
    let namespace = seats.first().map_or("", |seat| seat.pod["namespace"].as_str().unwrap_or_default());
    let mut cluster = Cluster {
        policies: objects.iter().filter(|object| object["kind"] == "NetworkPolicy").cloned().collect(),
        namespaces: json!({}),
        pods: pods.values().cloned().collect(),
        queries: Vec::new(),
    };
    cluster.pods.push(json!({"name": OUTSIDE, "ip": "203.0.113.7"}));
    // Where one namespace alone sends requests, that is where the stranger lives.
    let entrance = entrance(objects);
    let elsewhere = entrance.clone().unwrap_or_else(|| format!("not-{namespace}"));
    cluster.pods.push(json!({"name": STRANGER, "namespace": elsewhere, "labels": {}, "ip": "10.9.0.1"}));
    let mut asked = Asked { queries: Vec::new(), questions: Vec::new() };
    for callee in &seats {
        inward(&mut asked, objects, said, &seats, callee, strict);
        let open = said.words("egress");
        let open = callee.members.iter().any(|member| open.contains(member));
        asked.ask(
            callee.address(),
            OUTSIDE,
            &[(443, "TCP")],
            open,
            format!("{} to {OUTSIDE}", callee.name()),
        );
    }
    cluster.queries = asked.queries;
    (cluster, asked.questions)
}

/// The namespace from which alone routed requests come, as the policies of published ports say.
fn entrance(objects: &[Value]) -> Option<String> {
    let policies = objects.iter().filter(|object| object["kind"] == "NetworkPolicy");
    let published = policies.filter(|policy| {
        policy["metadata"]["name"].as_str().is_some_and(|name| name.ends_with("-published"))
    });
    let rules = published.flat_map(|policy| policy["spec"]["ingress"].as_array().into_iter().flatten());
    let mut peers = rules.flat_map(|rule| rule["from"].as_array().into_iter().flatten());
    peers.find_map(|peer| {
        let labels = &peer["namespaceSelector"]["matchLabels"];
        labels["kubernetes.io/metadata.name"].as_str().map(str::to_owned)
    })
}

/// The questions of one project.
struct Asked {
    queries: Vec<Query>,
    questions: Vec<Question>,
}

impl Asked {
    fn ask(&mut self, from: &str, to: &str, ports: &[Port], expected: bool, words: String) {
        let start = self.queries.len();
        let query = |(port, protocol): &Port| Query {
            from: from.to_owned(),
            to: to.to_owned(),
            port: *port,
            protocol,
        };
        self.queries.extend(ports.iter().map(query));
        self.questions.push(Question { words, expected, queries: start..self.queries.len() });
    }
}

/// A number and its protocol.
type Port = (u16, &'static str);

/// Who reaches one pod: the others, what is outside, and what is not of the project.
fn inward(
    asked: &mut Asked,
    objects: &[Value],
    said: &Said,
    seats: &[Seat<'_>],
    callee: &Seat<'_>,
    strict: bool,
) {
    let (address, to) = (callee.address(), callee.name());
    let all = said.published();
    let own = all.iter().filter(|(service, _)| callee.members.contains(service));
    let published: Vec<u64> = own.map(|(_, port)| *port).collect();
    let doors = doors(objects, callee.pod);
    let port = |door: &(u64, u16, &'static str)| (door.1, door.2);
    let outer: Vec<Port> = doors.iter().filter(|door| published.contains(&door.0)).map(port).collect();
    let all: Vec<Port> = doors.iter().map(port).chain([(ODD, "TCP")]).collect();
    let inner: Vec<Port> = all.iter().filter(|port| !outer.contains(port)).copied().collect();
    for caller in seats.iter().filter(|caller| caller.address() != address) {
        let expected =
            caller.members.iter().any(|from| callee.members.iter().any(|to| said.connects(from, to)));
        let (caller, from) = (caller.address(), caller.name());
        match (expected, strict) {
            (false, _) => asked.ask(caller, address, &inner, false, format!("{from} to {to}")),
            // What is proved is proved for known ports; a network opens all of them.
            (true, true) => asked.ask(caller, address, &all, true, format!("{from} to {to}")),
            (true, false) => {
                for port in &inner {
                    let words = format!("{from} to {to} at {}/{}", port.0, port.1);
                    asked.ask(caller, address, &[*port], true, words);
                }
            }
        }
    }
    for from in [OUTSIDE, STRANGER] {
        asked.ask(from, address, &inner, false, format!("{from} to {to}"));
        // What is outside comes in by whoever lives at the entrance.
        let direct = from == STRANGER || entrance(objects).is_none();
        for number in published.iter().filter(|_| direct) {
            let ways: Vec<Port> = doors.iter().filter(|door| door.0 == *number).map(port).collect();
            asked.ask(from, address, &ways, true, format!("{from} to {to} at its published {number}"));
        }
    }
}
