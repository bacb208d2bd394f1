//! What a workload has without being asked: how it is updated, whom it runs as, and what keeps it up.

use super::assemble::{NAME_LABEL, SELECTOR};
use super::draft::Draft;
use super::hint::Hint;
use super::pass::Pass;
use super::topic::autoscale;
use crate::diag::Posture;
use crate::k8s::kind::Kind;
use crate::plan::field::Field;
use crate::plan::why::Why;
use crate::source::Text;

const RECREATE: Why =
    Why::Policy("Compose stops the old container before it starts the new one, and the volume is one");
const STOP_FIRST: Why = Why::Policy("Compose stops the old container before it starts the new one");
const START_FIRST: Why = Why::Policy("in production, the new pod is ready before the old one stops");
const ACCOUNT: Why = Why::Policy("each workload has an account of its own, without a token");
const GOVERNED: Why = Why::Policy("the pods of a StatefulSet have their names under its Service");
const TOGETHER: Why = Why::Policy("Compose starts all containers of a service together");
const BUDGET: Why = Why::Policy("in production, one pod at a time may be taken away");
const SPREAD: Why = Why::Policy("in production, pods are spread over the nodes");

/// Adds what a workload has without being asked, to its specification and its pod; hands out its account.
pub fn complete<'p>(pass: &mut Pass<'p>, draft: &mut Draft<'p>) -> (Text, Why) {
    match draft.kind {
        Kind::Deployment if draft.workload.get("strategy").is_none() => strategy(pass, draft),
        Kind::StatefulSet => {
            draft.workload.put("serviceName", &draft.name, &GOVERNED);
            if draft.workload.get("podManagementPolicy").is_none() {
                draft.workload.put("podManagementPolicy", "Parallel", &TOGETHER);
            }
        }
        _ => {}
    }
    let wished = Hint::of(&draft.member, "service-account").and_then(|hint| Some((hint.text()?, hint)));
    let (account, why) = match &wished {
        Some((account, hint)) => (account.clone(), hint.mapped(pass)),
        None => (draft.name.clone(), ACCOUNT),
    };
    draft.pod.spec.put("serviceAccountName", &account, &why);
    if pass.at_least(Posture::Production) && is_many(draft) {
        spread(draft);
    }
    (account, why)
}

/// Writes the objects that stand beside a workload.
pub fn beside(pass: &mut Pass<'_>, draft_name: &Text, owner: &Text, account: (&Text, &Why), many: bool) {
    self::account(pass, account.0, owner, account.1);
    if pass.at_least(Posture::Production) && many {
        let body = pass.object(Kind::PodDisruptionBudget, draft_name.clone(), vec![owner.clone()]);
        let spec = body.map("spec");
        spec.put("maxUnavailable", 1, &BUDGET);
        spec.map("selector").map("matchLabels").put(NAME_LABEL, draft_name, &SELECTOR);
    }
}

/// Writes the account of a workload; several may share one, and `default` is there anyway.
fn account(pass: &mut Pass<'_>, name: &Text, owner: &Text, why: &Why) {
    if let Some(shared) = pass.standing.get(name) {
        pass.objects[*shared].owners.push(owner.clone());
        return;
    }
    if name != "default" {
        pass.standing.insert(name.clone(), pass.objects.len());
        let owners = vec![owner.clone()];
        // One that the author has named may be that of others, too.
        let body = match why {
            Why::Policy(_) => pass.object(Kind::ServiceAccount, name.clone(), owners),
            _ => pass.common_object(Kind::ServiceAccount, name.clone(), owners),
        };
        body.put("automountServiceAccountToken", false, why);
    }
}

/// Whether several pods run at once, or an autoscaler sees to it.
#[must_use]
pub fn is_many(draft: &Draft<'_>) -> bool {
    let scaled = autoscale::bounds(&draft.member).is_some_and(|(least, _)| least > 1);
    matches!(draft.kind, Kind::Deployment | Kind::StatefulSet) && (draft.member.replicas() > 1 || scaled)
}

fn strategy(pass: &Pass<'_>, draft: &mut Draft<'_>) {
    let kept = |volume: &Field| {
        let passing = ["emptyDir", "configMap", "secret", "projected", "downwardAPI", "image"];
        volume.as_map().is_some_and(|fields| !passing.iter().any(|source| fields.get(source).is_some()))
    };
    let volumes = draft.pod.spec.get("volumes").and_then(Field::as_list);
    let keeps = volumes.is_some_and(|volumes| volumes.iter().any(kept));
    let single = draft.member.replicas() <= 1;
    let strategy = draft.workload.map("strategy");
    if keeps && single {
        strategy.put("type", "Recreate", &RECREATE);
        return;
    }
    let (surge, unavailable, why) =
        if pass.at_least(Posture::Production) { (1, 0, &START_FIRST) } else { (0, 1, &STOP_FIRST) };
    strategy.put("type", "RollingUpdate", why);
    let rolling = strategy.map("rollingUpdate");
    rolling.put("maxSurge", surge, why);
    rolling.put("maxUnavailable", unavailable, why);
}

fn spread(draft: &mut Draft<'_>) {
    const NODE: &str = "kubernetes.io/hostname";
    let name = draft.name.clone();
    let constraints = draft.pod.spec.list("topologySpreadConstraints");
    if constraints.find("topologyKey", NODE).is_some() {
        return;
    }
    let constraint = constraints.push_map();
    constraint.put("maxSkew", 1, &SPREAD);
    constraint.put("topologyKey", NODE, &SPREAD);
    constraint.put("whenUnsatisfiable", "ScheduleAnyway", &SPREAD);
    constraint.map("labelSelector").map("matchLabels").put(NAME_LABEL, name, &SPREAD);
}
