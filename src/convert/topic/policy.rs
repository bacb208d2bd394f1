//! Network policies: who may talk to whom, and who reaches the outside.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::format_smolstr;

use super::connectivity::{self, Edges, is_present, present};
use super::network::APART_LABEL;
use super::ports::evidence;
use super::published::{is_needed, ways_in};
use crate::compose::project::entries;
use crate::convert::assemble::{NAME_LABEL, NAMESPACE_LABEL};
use crate::convert::draft::Draft;
use crate::convert::hint::Hint;
use crate::convert::member::Either;
use crate::convert::options::NetworkPolicies;
use crate::convert::pass::Pass;
use crate::convert::routes::decide;
use crate::convert::survey::dependents::sole_dependent;
use crate::convert::survey::reach::{Mode, Net, label_key};
use crate::diag::{sensitive, slugs};
use crate::k8s::kind::Kind;
use crate::k8s::{label, name};
use crate::plan::field::{Field, Fields, Scalar};
use crate::plan::why::Why;
use crate::source::Text;
use crate::source::origin::Hop;

/// The label that says whether a pod reaches the outside.
pub const EGRESS_LABEL: &str = "transship/egress";

const PEERS: Why = Why::Policy("the members of a network reach each other, and nobody else reaches them");
const SILENT: Why = Why::Policy("the members of the network do not reach each other");
const CLOSED: Why = Why::Policy("a pod whose networks do not lead outside reaches its peers alone");
const OPEN: Why = Why::Policy("a pod one of whose networks leads outside reaches the outside");
const DNS: Why = Why::Policy("a pod that reaches its peers alone still has to resolve their names");
const ALONE: Why = Why::Policy("a pod without a network of the project is reached by nobody");
const PUBLISHED: Why = Why::Policy("a published port is reached from everywhere");
const PROVED: Why = Why::Policy("only what is proved to be needed is let through");

/// Whether policies are written.
#[must_use]
pub fn are_written(pass: &Pass<'_>) -> bool {
    pass.options().network_policy != NetworkPolicies::None
}

/// Writes the labels, the policies, and who can reach whom.
pub fn convert<'p>(pass: &mut Pass<'p>, drafts: &mut [Draft<'p>]) {
    labels(pass, drafts);
    let strict = pass.options().network_policy == NetworkPolicies::Strict;
    let edges = strict.then(|| connectivity::edges(pass));
    if are_written(pass) {
        policies(pass, edges.as_ref());
    }
    if let Some(edges) = &edges {
        connectivity::severed(pass, edges);
    }
    connectivity::enter(pass, edges.as_ref());
}

/// Whether each pod reaches the outside.
fn labels<'p>(pass: &mut Pass<'p>, drafts: &mut [Draft<'p>]) {
    let survey = std::rc::Rc::clone(&pass.survey);
    let networks = pass.input.project.model.networks.as_ref();
    for draft in drafts {
        let Some(stand) = survey.reach.stands.get(draft.member.name) else { continue };
        if stand.mode != Mode::Attached && stand.mode != Mode::Bridge {
            continue;
        }
        let keys = stand.networks.iter().filter_map(|word| survey.reach.networks.get(word)?.key.as_ref());
        let declared = keys.filter_map(|key| networks?.value.get(key));
        let internal = declared.filter_map(|network| network.value.internal.as_ref());
        let says =
            internal.filter(|internal| internal.value && !stand.open).map(|internal| pass.why(internal));
        let why = match stand.hint {
            Some(hint) => pass.accounts.why(hint),
            None if stand.open => OPEN,
            None => says.reduce(|all, why| all.and(&why)).unwrap_or(CLOSED),
        };
        draft.pod.labels.put(EGRESS_LABEL, if stand.open { "open" } else { "closed" }, &why);
    }
}

fn policies(pass: &mut Pass<'_>, edges: Option<&Edges>) {
    let survey = std::rc::Rc::clone(&pass.survey);
    let mut names: BTreeSet<String> = BTreeSet::new();
    for (word, net) in &survey.reach.networks {
        let members = present(pass, net);
        if members.is_empty() {
            continue;
        }
        let name = network_name(word, &mut names);
        if edges.is_none() {
            network(pass, word, net, &name, &members);
        }
        let closed = |member: &Text| survey.reach.stands.get(member).is_some_and(|stand| !stand.open);
        let closed: Vec<Text> = members.iter().filter(|member| closed(member)).cloned().collect();
        if net.peers && !closed.is_empty() {
            closed_network(pass, word, net, &name, closed);
        }
    }
    if let Some(edges) = edges {
        deny_all(pass);
        proved(pass, edges);
    }
    published(pass);
    apart(pass);
    closed_pods(pass);
    holes(pass);
}

/// The name of a network's policy; two networks keep two names.
fn network_name(word: &str, names: &mut BTreeSet<String>) -> String {
    let wanted = name::object(&format!("net-{word}"), 50).expect("`net` is left of it");
    let digest = name::digest(word.as_bytes());
    let name = if names.contains(&wanted) { format!("{wanted}-{digest}") } else { wanted };
    names.insert(name.clone());
    name
}

/// The policy of some services.
pub fn policy<'f>(
    pass: &'f mut Pass<'_>,
    name: &str,
    owners: Vec<Text>,
    types: &[&str],
    why: &Why,
) -> &'f mut Fields {
    specified(pass.object(Kind::NetworkPolicy, name, owners), types, why)
}

/// The policy of a network, whoever is on it.
fn common<'f>(
    pass: &'f mut Pass<'_>,
    name: &str,
    members: Vec<Text>,
    types: &[&str],
    why: &Why,
) -> &'f mut Fields {
    specified(pass.common_object(Kind::NetworkPolicy, name, members), types, why)
}

/// What stands in a policy: whom it selects, and for which directions.
fn specified<'f>(body: &'f mut Fields, types: &[&str], why: &Why) -> &'f mut Fields {
    let spec = body.map("spec");
    // Whom a policy selects stands first.
    spec.map("podSelector");
    for kind in types {
        spec.list("policyTypes").push_value(*kind, why);
    }
    spec
}

/// Has a selector want labels.
pub fn matching(fields: &mut Fields, labels: &[(&str, &str)], why: &Why) {
    for (key, value) in labels {
        fields.map("matchLabels").put(Text::new(key), *value, why);
    }
}

/// The pods that bear a network's label, of this namespace or, of an external network, of every one.
fn peers(list: &mut crate::plan::field::Items, label: &str, external: bool, why: &Why) {
    let pods = list.push_map();
    matching(pods.map("podSelector"), &[(label, "member")], why);
    if external {
        pods.put("namespaceSelector", Scalar::EmptyMap, why);
        matching(list.push_map().map("namespaceSelector"), &[(label, "member")], why);
    }
}

fn network(pass: &mut Pass<'_>, word: &str, net: &Net, name: &str, members: &[Text]) {
    let label = label_key(word);
    let why = if net.peers { PEERS } else { SILENT };
    let annotations = annotations(pass, net);
    let spec = common(pass, name, members.to_vec(), &["Ingress"], &why);
    matching(spec.map("podSelector"), &[(&label, "member")], &why);
    if net.peers {
        peers(spec.list("ingress").push_map().list("from"), &label, net.external, &why);
    } else {
        spec.put("ingress", Scalar::EmptyList, &why);
    }
    if !annotations.is_empty() {
        let object = pass.objects.last_mut().expect("the policy was just added");
        object.body.map("metadata").map("annotations").extend(annotations);
    }
}

/// What a network says of itself beside who is on it.
fn annotations(pass: &Pass<'_>, net: &Net) -> Fields {
    let mut written = Fields::default();
    let networks = pass.input.project.model.networks.as_ref();
    let network = net.key.as_ref().and_then(|key| networks?.value.get(key));
    let Some(network) = network else { return written };
    if let Some(name) = &network.value.name {
        let hops = &pass.input.project.origins.get(name.origin).hops;
        if net.external || !hops.iter().any(|hop| matches!(hop, Hop::Default(_))) {
            written.put("transship/network-name", &name.value, &pass.why(name));
        }
    }
    for (key, value) in entries(&network.value.labels) {
        if sensitive::is_sensitive(key) {
            continue;
        }
        let legal = if label::is_key(key) {
            key.clone()
        } else {
            let word = name::object(key, name::LABEL_LENGTH - "label.".len()).unwrap_or_default();
            format_smolstr!("transship/label.{word}")
        };
        written.put(legal, &value.value.0, &pass.why(value));
    }
    written
}

/// What pods that do not reach the outside reach over one network.
fn closed_network(pass: &mut Pass<'_>, word: &str, net: &Net, name: &str, closed: Vec<Text>) {
    let label = label_key(word);
    let spec = common(pass, &format!("{name}-egress"), closed, &["Egress"], &CLOSED);
    matching(spec.map("podSelector"), &[(&label, "member"), (EGRESS_LABEL, "closed")], &CLOSED);
    peers(spec.list("egress").push_map().list("to"), &label, net.external, &CLOSED);
}

/// Pods that do not reach the outside are allowed to ask for names.
fn closed_pods(pass: &mut Pass<'_>) {
    let closed: Vec<Text> = pass
        .survey
        .reach
        .stands
        .iter()
        .filter(|(member, stand)| is_present(pass, member) && !stand.open)
        .map(|(member, _)| member.clone())
        .collect();
    if closed.is_empty() {
        return;
    }
    let local = pass.project_hint("node-local-dns").filter(Hint::is_on).map(|hint| hint.mapped(pass));
    let spec = common(pass, "closed-dns", closed, &["Egress"], &DNS);
    matching(spec.map("podSelector"), &[(EGRESS_LABEL, "closed")], &DNS);
    let rule = spec.list("egress").push_map();
    let to = rule.list("to").push_map();
    matching(to.map("namespaceSelector"), &[(NAMESPACE_LABEL, "kube-system")], &DNS);
    matching(to.map("podSelector"), &[("k8s-app", "kube-dns")], &DNS);
    if let Some(why) = local {
        rule.list("to").push_map().map("ipBlock").put("cidr", "169.254.20.10/32", &why);
    }
    for protocol in ["UDP", "TCP"] {
        let port = rule.list("ports").push_map();
        port.put("protocol", protocol, &DNS);
        port.put("port", 53, &DNS);
    }
}

/// Pods that are on no network of the project.
fn apart(pass: &mut Pass<'_>) {
    let stands = pass.survey.reach.stands.iter();
    let of = |wanted: &[Mode]| -> Vec<Text> {
        let mine =
            stands.clone().filter(|(name, stand)| wanted.contains(&stand.mode) && pass.is_written(name));
        mine.map(|(name, _)| name.clone()).collect()
    };
    let (none, bridge) = (of(&[Mode::None]), of(&[Mode::Bridge, Mode::Foreign]));
    for (word, owners, types) in
        [("none", none, &["Ingress", "Egress"][..]), ("bridge", bridge, &["Ingress"][..])]
    {
        if owners.is_empty() {
            continue;
        }
        let spec = common(pass, &format!("network-{word}"), owners, types, &ALONE);
        matching(spec.map("podSelector"), &[(APART_LABEL, word)], &ALONE);
        for kind in types {
            spec.put(kind.to_ascii_lowercase(), Scalar::EmptyList, &ALONE);
        }
    }
}

/// Published ports are reached from everywhere.
fn published(pass: &mut Pass<'_>) {
    let members = std::rc::Rc::clone(&pass.members);
    for member in members.iter() {
        let host = pass.survey.reach.stands.get(member.name).is_some_and(|stand| stand.mode == Mode::Host);
        if host || !pass.is_written(member.name) || !is_needed(pass, member) {
            continue;
        }
        let routed = decide::routed(pass, member).map(|routed| routed.targets()).unwrap_or_default();
        let from = pass.options().routing.namespace.clone();
        let mut ports: Vec<(u16, &'static str, Why)> = Vec::new();
        for way in ways_in(pass, *member) {
            let known = way.named.known;
            if !ports
                .iter()
                .any(|(number, protocol, _)| (*number, *protocol) == (known.number, known.protocol))
            {
                // Policies see the port of the pod, whatever it is published as.
                let entry = way.named.opening.and_then(|opening| opening.port.value.target.as_ref());
                let why = entry.map_or_else(|| evidence(pass, known), |target| pass.why(target));
                ports.push((known.number, known.protocol, why));
            }
        }
        let object = pass.survey.object_name(member.name);
        let pod = pass.survey.pod_name(member.name);
        let name = super::services::published_name(&object);
        let spec = policy(pass, &name, vec![member.name.clone()], &["Ingress"], &PUBLISHED);
        matching(spec.map("podSelector"), &[(NAME_LABEL, &pod)], &PUBLISHED);
        // What requests are led to is reached from where they come from, the rest from everywhere.
        let is_led = |(number, protocol, _): &(u16, &'static str, Why)| {
            from.is_some() && *protocol == "TCP" && routed.contains(number)
        };
        let (led, open): (Vec<_>, Vec<_>) = ports.into_iter().partition(is_led);
        for (ports, from) in [(open, None), (led, from)] {
            if ports.is_empty() {
                continue;
            }
            let rule = spec.list("ingress").push_map();
            if let Some(namespace) = from {
                let space = rule.list("from").push_map().map("namespaceSelector");
                matching(space, &[(NAMESPACE_LABEL, &namespace)], &Why::Flag("--ingress-namespace"));
            }
            for (number, protocol, why) in ports {
                let port = rule.list("ports").push_map();
                port.put("protocol", protocol, &why);
                port.put("port", i64::from(number), &why);
            }
        }
    }
}

/// Nobody reaches anybody, but for what other policies let through.
fn deny_all(pass: &mut Pass<'_>) {
    let flag = Why::Flag("--network-policy");
    let spec = policy(pass, "deny-all", Vec::new(), &["Ingress"], &flag);
    spec.put("podSelector", Scalar::EmptyMap, &flag);
    spec.put("ingress", Scalar::EmptyList, &flag);
}

/// What is proved to be needed, one policy for each service that is called.
fn proved(pass: &mut Pass<'_>, edges: &Edges) {
    let survey = std::rc::Rc::clone(&pass.survey);
    for (to, callers) in edges {
        // A task that runs in the pod of another has no pod to be called in.
        if !bearers(pass, to).contains(to) {
            continue;
        }
        let object = survey.object_name(to);
        let known = survey.ports_of(to);
        let listed = !known.is_empty() && !survey.wide.contains(to);
        let ports: Vec<_> = known
            .iter()
            .filter(|_| listed)
            .map(|port| (port.number, port.protocol, evidence(pass, port)))
            .collect();
        let mut pods: BTreeMap<Text, Why> = BTreeMap::new();
        for (from, why) in callers {
            for bearer in bearers(pass, from) {
                pods.entry(bearer).and_modify(|all| *all = all.and(why)).or_insert_with(|| why.clone());
            }
        }
        let name = name::with_ending(&object, "peers", name::LABEL_LENGTH);
        let spec = policy(pass, &name, vec![to.clone()], &["Ingress"], &PROVED);
        matching(spec.map("podSelector"), &[(NAME_LABEL, &survey.pod_name(to))], &PROVED);
        let rule = spec.list("ingress").push_map();
        for (from, why) in &pods {
            let caller = rule.list("from").push_map();
            matching(caller.map("podSelector"), &[(NAME_LABEL, &survey.pod_name(from))], why);
        }
        for (number, protocol, why) in ports {
            let port = rule.list("ports").push_map();
            port.put("protocol", protocol, &why);
            port.put("port", i64::from(number), &why);
        }
    }
}

/// The members in whose pods the containers of a member run: its own, and those that a finished task runs in first.
#[must_use]
pub fn bearers(pass: &Pass<'_>, name: &Text) -> BTreeSet<Text> {
    let survey = &pass.survey;
    let (mut bearers, mut open) = (BTreeSet::new(), vec![name.clone()]);
    while let Some(name) = open.pop() {
        let Some(member) = survey.member(&name).filter(|_| !bearers.contains(&name)) else { continue };
        let is_job = survey.kinds.get(&name).is_some_and(|choice| choice.kind == Kind::Job);
        match member.kind {
            Either::Job(_) => {
                let waiting = survey.dependents.on(&name).iter().filter(|dependent| dependent.waits);
                open.extend(
                    waiting.map(|dependent| dependent.name.clone()).filter(|name| is_present(pass, name)),
                );
            }
            Either::Service(_) => {
                let host = sole_dependent(survey, member).filter(|host| is_job && pass.is_written(host));
                if let Some(host) = host {
                    open.push(host);
                    continue;
                }
            }
        }
        bearers.insert(name);
    }
    bearers
}

/// Ways outside that an author opens for a pod that has none: `egress: {allow: [{cidr, port}]}`.
fn holes(pass: &mut Pass<'_>) {
    let members = std::rc::Rc::clone(&pass.members);
    for member in members.iter() {
        if !is_present(pass, member.name) {
            continue;
        }
        let Some(hint) = pass.hint(member, "egress") else { continue };
        let Some(items) = hint.under("allow").and_then(|allow| allow.list()) else { continue };
        let mut rules: Vec<Fields> = Vec::new();
        for item in items {
            let why = pass.accounts.why(crate::source::span::Identity::of(item));
            let text = |key: &str| item.as_map().and_then(|map| map.entry(key)?.node.value.scalar_text());
            let mut rule = Fields::default();
            if let Some(cidr) = text("cidr") {
                rule.list("to").push_map().map("ipBlock").put("cidr", cidr, &why);
            } else if let Some(host) = text("host") {
                let message = format!(
                    "a NetworkPolicy knows no host names; `{host}` stands for every address on its port"
                );
                let path = format!("{}.x-transship.egress", member.path());
                pass.report(crate::diag::Finding::new(slugs::NETWORK_OPTION, item.span, path, message));
            } else {
                continue;
            }
            if let Some(port) = text("port").and_then(|port| port.parse::<u16>().ok()) {
                let entry = rule.list("ports").push_map();
                entry.put("protocol", "TCP", &why);
                entry.put("port", i64::from(port), &why);
            }
            if !rule.is_empty() {
                rules.push(rule);
            }
        }
        if rules.is_empty() {
            continue;
        }
        let object = pass.survey.object_name(member.name);
        let pod = pass.survey.pod_name(member.name);
        let why = hint.mapped(pass);
        let name = name::with_ending(&object, "egress", name::LABEL_LENGTH);
        let spec = policy(pass, &name, vec![member.name.clone()], &["Egress"], &why);
        matching(spec.map("podSelector"), &[(NAME_LABEL, &pod)], &why);
        for rule in rules {
            spec.list("egress").push(Field::Map(rule));
        }
    }
}
