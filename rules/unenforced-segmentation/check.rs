//! Looks for services that share no network.

use std::collections::BTreeMap;

use crate::diag::{Finding, slugs};
use crate::rule::{Ctx, Sink};
use crate::source::Text;

/// The sets of networks that are compared with each other, at most.
const SETS: usize = 300;

pub(crate) fn check(ctx: &Ctx<'_>, sink: &mut Sink) {
    let Some(networks) = &ctx.project.model.networks else { return };
    // Services on the same networks are one case.
    let mut sets: BTreeMap<&[Text], &Text> = BTreeMap::new();
    for (name, standing) in &ctx.plan.topology.standings {
        if standing.attached {
            sets.entry(&standing.networks).or_insert(name);
        }
    }
    let sets: Vec<(&[Text], &Text)> = sets.into_iter().take(SETS).collect();
    let apart = |one: &[Text], other: &[Text]| !one.iter().any(|word| other.binary_search(word).is_ok());
    let pair = sets.iter().enumerate().find_map(|(at, (networks, name))| {
        let other = sets[at + 1..].iter().find(|(others, _)| apart(networks, others))?;
        Some((*name, other.1))
    });
    let Some((one, other)) = pair else { return };
    let (one, other) = if one <= other { (one, other) } else { (other, one) };
    let message = format!(
        "`{one}` and `{other}` share no network; the wall between them is now a NetworkPolicy, which only some clusters enforce"
    );
    let finding = Finding::new(slugs::UNENFORCED_SEGMENTATION, networks.key, "networks", message);
    sink.report(finding.tip("ask for a network plugin that enforces policies, such as Calico or Cilium"));
}
