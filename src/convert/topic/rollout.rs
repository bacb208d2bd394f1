//! How an update is rolled out.

use crate::compose::codec::Field;
use crate::compose::deploy::UpdateConfig;
use crate::compose::mount::MountKind;
use crate::compose::project::items;
use crate::compose::units::Duration;
use crate::convert::draft::Draft;
use crate::convert::pass::Pass;
use crate::diag::slugs;
use crate::k8s::kind::Kind;
use crate::k8s::quantity;
use crate::plan::field::{Field as Value, Scalar};
use crate::plan::why::Why;
use crate::source::span::Spanned;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `update_config`
    pub update_config: &'p Field<UpdateConfig>,
    /// `rollback_config`
    pub rollback_config: &'p Field<UpdateConfig>,
}

/// What a Deployment waits for progress, unless it says otherwise; it must exceed the time that a pod has to be ready.
const PROGRESS: i64 = 600;

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, draft: &mut Draft<'p>, keys: &Keys<'p>) {
    let Keys { update_config, rollback_config } = keys;
    if let Some(config) = update_config {
        update(pass, draft, config);
    }
    if let Some(config) = rollback_config {
        let message = format!(
            "the pace at which `{}` is rolled back stays behind; Kubernetes goes back as it went forward",
            draft.member.name
        );
        let finding = pass.finding_at_key(config, slugs::ROLLOUT_POLICY, message);
        pass.dropped(config, finding);
    }
}

fn update<'p>(pass: &mut Pass<'p>, draft: &mut Draft<'p>, config: &'p Spanned<UpdateConfig>) {
    let UpdateConfig { delay, failure_action, max_failure_ratio, monitor, order, parallelism, extensions: _ } =
        &config.value;
    let name = draft.member.name;
    if matches!(draft.kind, Kind::Job | Kind::CronJob) {
        let message = format!("`{name}` is a task that ends; nothing is rolled out");
        let finding = pass.finding_at_key(config, slugs::ROLLOUT_POLICY, message);
        pass.dropped(config, finding);
        return;
    }
    let mut words: Vec<String> = Vec::new();
    let pace: Option<Why> =
        [order.as_ref().map(|order| pass.why(order)), parallelism.as_ref().map(|p| pass.why(p))]
            .into_iter()
            .flatten()
            .reduce(|left, right| left.and(&right));
    if let Some(why) = pace {
        let first = order.as_ref().is_some_and(|order| order.value == "start-first");
        let at_once = parallelism.as_ref().map_or(1, |parallelism| parallelism.value.0);
        words.push(strategy(pass, draft, first, at_once, &why));
    }
    let wait = [delay, monitor].into_iter().filter_map(|time| time.as_deref());
    if let Some(longest) = wait.max_by_key(|time| time.value.0) {
        let why = [delay, monitor].into_iter().filter_map(|time| time.as_deref());
        let why = why.map(|time| pass.why(time)).reduce(|left, right| left.and(&right));
        let why = why.unwrap_or_else(|| pass.why(longest));
        words.push(patience(draft, longest, &why));
    }
    let action = failure_action.as_ref().map_or("", |action| action.value.as_str());
    match action {
        "pause" if draft.kind == Kind::Deployment => {
            words.push("a failed update stalls by itself".to_owned())
        }
        "pause" => words.push("a failed update stops at its first pod".to_owned()),
        "rollback" => words.push("nothing is rolled back by itself".to_owned()),
        _ => {}
    }
    let message = format!("the update policy of `{name}` is that of Kubernetes: {}", words.join("; "));
    let mut finding = pass.finding_at_key(config, slugs::ROLLOUT_POLICY, message);
    if action == "rollback" {
        finding = finding
            .tip("have the deployment roll back: `helm upgrade --rollback-on-failure`, or the GitOps tool");
    }
    if !words.is_empty() {
        pass.approximated(config, finding);
    }
    lost(
        pass,
        draft,
        failure_action.as_deref().filter(|action| action.value == "continue"),
        "goes on after failures",
    );
    lost(pass, draft, max_failure_ratio.as_deref(), "bears a share of failures");
}

fn lost<'p, T>(pass: &mut Pass<'p>, draft: &Draft<'p>, value: Option<&'p Spanned<T>>, what: &str) {
    let Some(value) = value else { return };
    let message =
        format!("an update of `{}` {what}; on Kubernetes it stalls at the first", draft.member.name);
    let finding = pass.finding(value, slugs::ROLLOUT_POLICY, message);
    pass.dropped(value, finding);
}

/// Which pods go and come at once; in words.
fn strategy<'p>(
    pass: &Pass<'p>,
    draft: &mut Draft<'p>,
    start_first: bool,
    at_once: i64,
    why: &Why,
) -> String {
    let number = if at_once == 0 { Scalar::from("100%") } else { Scalar::Int(at_once) };
    let print = if at_once == 0 { "all".to_owned() } else { at_once.to_string() };
    let field = match draft.kind {
        Kind::Deployment => "strategy",
        Kind::DaemonSet => "updateStrategy",
        _ => return "the pods of a StatefulSet are replaced one by one".to_owned(),
    };
    if draft.kind == Kind::Deployment && is_recreated(draft) && has_volume_of_its_own(pass, draft) {
        return "the old pod ends before the new one starts, because both would want the same volume"
            .to_owned();
    }
    let mut rolling = crate::plan::field::Fields::default();
    let (surge, unavailable) = if start_first { (number, Scalar::Int(0)) } else { (Scalar::Int(0), number) };
    rolling.put("maxSurge", surge, why);
    rolling.put("maxUnavailable", unavailable, why);
    let strategy = draft.workload.map(field);
    strategy.put("type", "RollingUpdate", why);
    strategy.insert("rollingUpdate", Value::Map(rolling));
    if start_first {
        format!("{print} at once, new pods first")
    } else {
        format!("{print} at once, old pods first")
    }
}

fn is_recreated(draft: &Draft<'_>) -> bool {
    draft.workload.at(&["strategy", "type"]).and_then(Value::as_text) == Some("Recreate")
}

/// Whether a volume can be mounted by one pod of the service at a time: a claim of its own that it writes.
fn has_volume_of_its_own(pass: &Pass<'_>, draft: &Draft<'_>) -> bool {
    let claims = draft.pod.spec.get("volumes").and_then(Value::as_list);
    let claimed = claims.is_some_and(|volumes| {
        volumes.iter().filter_map(Value::as_map).any(|volume| volume.get("persistentVolumeClaim").is_some())
    });
    let shared = |source: &str| pass.survey.uses.volumes.get(source).is_some_and(|users| users.len() > 1);
    let mut named: Vec<&str> = Vec::new();
    for mount in items(&draft.member.container.volumes).map(|mount| &mount.value) {
        let is_volume = mount.kind.as_ref().is_some_and(|kind| kind.value == MountKind::Volume);
        named.extend(mount.source.as_ref().filter(|_| is_volume).map(|source| source.value.as_str()));
    }
    if named.is_empty() { claimed } else { !named.into_iter().all(shared) }
}

/// How long a pod has to be ready before the next one; in words.
fn patience<'p>(draft: &mut Draft<'p>, longest: &'p Spanned<Duration>, why: &Why) -> String {
    let longest_of_all = i64::from(i32::MAX) - PROGRESS;
    let seconds = quantity::seconds(longest.value.0).clamp(0, longest_of_all);
    if seconds > 0 {
        draft.workload.put("minReadySeconds", seconds, why);
    }
    if seconds >= PROGRESS && draft.kind == Kind::Deployment {
        draft.workload.put("progressDeadlineSeconds", seconds + PROGRESS, why);
    }
    format!("each pod is ready for {seconds} s before the next follows")
}
