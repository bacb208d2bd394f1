//! Who can talk to whom as Docker would run the project.

use std::collections::{BTreeMap, BTreeSet};

use super::connectivity::Matrix;
use crate::compose::container::Container;
use crate::compose::network::Network;
use crate::compose::project::{Project, entries};
use crate::k8s::name;

/// What counts of one service or job.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seat {
    /// The networks on which it meets others.
    pub meets: BTreeSet<String>,
    /// Whether it reaches the outside.
    pub egress: bool,
}

/// The services and jobs of a project, by the names of their objects; those on the network of their host are left out.
#[must_use]
pub fn seats(project: &Project) -> BTreeMap<String, Seat> {
    let model = &project.model;
    let networks: BTreeMap<&str, &Network> =
        entries(&model.networks).map(|(name, network)| (name.as_str(), &network.value)).collect();
    let services = entries(&model.services).map(|(name, service)| (name, &service.value.container));
    let jobs = entries(&model.jobs).map(|(name, job)| (name, &job.value.container));
    services
        .chain(jobs)
        .filter_map(|(name, container)| Some((object_name(name), seat(container, &networks)?)))
        .collect()
}

fn object_name(member: &str) -> String {
    name::object(member, name::LABEL_LENGTH).unwrap_or_default()
}

fn seat(container: &Container, networks: &BTreeMap<&str, &Network>) -> Option<Seat> {
    match container.network_mode.as_ref().map(|mode| mode.value.as_str()) {
        Some("none") => return Some(Seat::default()),
        // One that joins another's network is that other one.
        Some(mode) if mode == "host" || mode.starts_with("service:") || mode.starts_with("container:") => {
            return None;
        }
        // The default bridge lets out, and nobody is found by name on it.
        Some("bridge") => return Some(Seat { meets: BTreeSet::new(), egress: true }),
        Some(_) | None => {}
    }
    let mut seat = Seat::default();
    for (name, _) in entries(&container.networks) {
        let network = networks.get(name.as_str()).copied();
        let option = |key: &str| {
            let options = network.and_then(|network| network.driver_opts.as_ref())?;
            options.value.get(key).map(|value| value.value.0.to_ascii_lowercase())
        };
        let off = |key: &str| option(key).is_some_and(|value| matches!(value.as_str(), "false" | "0" | "f"));
        if !off("com.docker.network.bridge.enable_icc") {
            seat.meets.insert(name.to_string());
        }
        let internal =
            network.and_then(|network| network.internal.as_ref()).is_some_and(|internal| internal.value);
        let denied = network.is_some_and(denies);
        seat.egress |= !internal && !off("com.docker.network.bridge.enable_ip_masquerade") && !denied;
    }
    Some(seat)
}

/// Whether a hint closes a network.
fn denies(network: &Network) -> bool {
    let hints = network.extensions.iter().find(|entry| entry.key == "x-transship");
    let egress = hints.and_then(|entry| entry.node.as_map()?.get("egress")?.as_str());
    egress == Some("deny")
}

/// The matrix between some of them.
#[must_use]
pub fn matrix(seats: &BTreeMap<String, Seat>, names: &BTreeSet<String>) -> Matrix {
    let mut matrix = Matrix::default();
    let chosen = || seats.iter().filter(|(name, _)| names.contains(*name));
    for (from, own) in chosen() {
        for (to, other) in chosen().filter(|(to, _)| *to != from) {
            if !own.meets.is_disjoint(&other.meets) {
                matrix.pairs.insert((from.clone(), to.clone()));
            }
        }
        if own.egress {
            matrix.egress.insert(from.clone());
        }
    }
    matrix
}
