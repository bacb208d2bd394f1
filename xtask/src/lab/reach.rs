//! Who may reach whom, as the report of the conversion says: the node enforces no policies, so a connection that they cut
//! is judged by the report, and the report against the policies by a lane of its own.

use std::collections::BTreeSet;

use serde_json::Value;

use super::case::{Case, words};

/// The connections that the policies let through.
pub(super) struct Reach {
    pairs: BTreeSet<(String, String)>,
    groups: Vec<Vec<String>>,
    egress: BTreeSet<String>,
}

impl Reach {
    /// Reads them from the report.
    pub(super) fn of(report: &Value) -> Self {
        let about = &report["connectivity"];
        let pairs = about["pairs"].as_array().into_iter().flatten().filter_map(|pair| {
            let [from, to] = words(pair).try_into().ok()?;
            Some((from, to))
        });
        let groups = about["groups"].as_array().into_iter().flatten();
        Self {
            pairs: pairs.collect(),
            groups: groups.map(words).collect(),
            egress: words(&about["egress"]).into_iter().collect(),
        }
    }

    /// Whether the field is about a peer that this service cannot reach in a cluster that enforces policies. The name of
    /// such a peer is known all the same: one namespace has one set of names.
    pub(super) fn cuts(&self, case: &Case, service: &str, field: &str) -> bool {
        if field == "outside" {
            return !self.egress.contains(service);
        }
        let rest = field.strip_prefix("names[").or_else(|| field.strip_prefix("targets["));
        let Some(name) = rest.and_then(|rest| rest.split([']', ':']).next()) else { return false };
        let peers: Vec<&String> = case
            .services()
            .filter(|(peer, model)| Case::names(peer, model).contains(name))
            .map(|(peer, _)| peer)
            .collect();
        !peers.is_empty() && peers.iter().all(|peer| *peer != service && !self.lets(service, peer))
    }

    fn lets(&self, from: &str, to: &str) -> bool {
        let member = |group: &Vec<String>, name: &str| group.iter().any(|known| known == name);
        self.pairs.contains(&(from.to_owned(), to.to_owned()))
            || self.groups.iter().any(|group| member(group, from) && member(group, to))
    }
}
