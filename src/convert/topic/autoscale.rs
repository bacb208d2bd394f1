//! As many pods as the load asks for, where the author says so.

use crate::compose::mount::MountKind;
use crate::compose::project::items;
use crate::convert::backing::{self, Backing};
use crate::convert::draft::Draft;
use crate::convert::hint::{self, Hint};
use crate::convert::member::Member;
use crate::convert::pass::Pass;
use crate::convert::survey::volumes::declaration;
use crate::convert::topic::storage::sharing;
use crate::diag::slugs;
use crate::k8s::kind::Kind;
use crate::plan::field::{Field, Fields, Items};
use crate::plan::why::Why;
use crate::tree::Entry;

const SCALES: Why = Why::Policy("an autoscaler names the workload whose pods it counts");
const SHARE: Why = Why::Policy("the target of an autoscaler is a share of what the pods reserve");

/// How few and how many pods there may be, as the hint says; nothing when it says nothing usable.
#[must_use]
pub fn bounds(member: &Member<'_>) -> Option<(i64, i64)> {
    let hint = Hint::of(member, "autoscale")?;
    let number = |key: &str| hint.under(key)?.text()?.parse::<i64>().ok();
    let least = match hint.under("min") {
        Some(_) => number("min")?,
        None => member.replicas().max(1),
    };
    let most = number("max")?;
    (1 <= least && least <= most && most <= i64::from(i32::MAX)).then_some((least, most))
}

/// Writes the autoscaler of a service whose container and number of pods are settled.
pub fn convert<'p>(pass: &mut Pass<'p>, draft: &Draft<'p>) {
    let Some(hint) = Hint::of(&draft.member, "autoscale") else { return };
    let Some(map) = hint.map() else { return };
    let Some((least, most)) = bounds(&draft.member) else {
        let message = "`autoscale` needs `max`, and `min` at most as large, from 1 on".to_owned();
        for entry in &map.entries {
            hint::unusable(pass, entry, message.clone(), "write `autoscale: {min: 2, max: 6, cpu: 60}`");
        }
        return;
    };
    if !matches!(draft.kind, Kind::Deployment | Kind::StatefulSet) {
        let message = format!("nothing scales a {}", draft.kind.word());
        for entry in &map.entries {
            hint::unusable(pass, entry, message.clone(), "remove the hint");
        }
        return;
    }
    if let Some(volume) = own_volume(pass, draft) {
        let message = format!("the pods of `{}` would all write volume `{volume}`", draft.member.name);
        let finding = pass.finding_in(hint.identity, hint.key, slugs::REPLICATED_VOLUME, message);
        let tip =
            "say `x-transship: {access: rwx}` on the volume when many pods may write to it, or scale by hand";
        if pass.refused_of(hint.identity, finding.tip(tip)).is_none() {
            return;
        }
    }
    let mut metrics = Items::default();
    for name in ["cpu", "memory"] {
        if let Some(metric) = map.entry(name).and_then(|entry| metric(pass, draft, name, entry)) {
            metrics.push(metric);
        }
    }
    let why = |pass: &mut Pass<'p>, key: &str| match hint.under(key) {
        Some(part) => part.mapped(pass),
        None => Why::Policy("an autoscaler keeps at least as many pods as Compose starts"),
    };
    let (of_least, of_most) = (why(pass, "min"), why(pass, "max"));
    if !pass.is_written(draft.member.name) {
        return;
    }
    let body =
        pass.object(Kind::HorizontalPodAutoscaler, draft.name.clone(), vec![draft.member.name.clone()]);
    let spec = body.map("spec");
    let target = spec.map("scaleTargetRef");
    target.put("apiVersion", draft.kind.api_version(), &SCALES);
    target.put("kind", draft.kind.word(), &SCALES);
    target.put("name", &draft.name, &SCALES);
    spec.put("minReplicas", least, &of_least);
    spec.put("maxReplicas", most, &of_most);
    if !metrics.is_empty() {
        spec.insert("metrics", Field::List(metrics));
    }
}

/// A measure that pods are counted by; nothing where the pods reserve nothing that it could be a share of.
fn metric(pass: &mut Pass<'_>, draft: &Draft<'_>, name: &str, entry: &Entry) -> Option<Field> {
    let percent = entry.node.value.scalar_text().and_then(|text| text.parse::<i64>().ok());
    let Some(percent) = percent.filter(|percent| *percent > 0) else {
        let message = format!("`{name}` under `autoscale` is a percentage, a whole number from 1 on");
        hint::unusable(pass, entry, message, "write `cpu: 60` or `memory: 75`");
        return None;
    };
    let resources = draft.container.get("resources").and_then(Field::as_map);
    let reserves = |of: &str| resources.and_then(|resources| resources.at(&[of, name])).is_some();
    if !reserves("requests") && !reserves("limits") {
        let message = format!(
            "`autoscale` counts `{name}` as a share of what `{}` reserves, and it reserves none",
            draft.member.name
        );
        hint::unusable(pass, entry, message, "write `deploy.resources.reservations`");
        return None;
    }
    let why = hint::mapped(pass, entry);
    let mut metric = Fields::default();
    metric.put("type", "Resource", &SHARE);
    let resource = metric.map("resource");
    resource.put("name", name, &SHARE);
    let target = resource.map("target");
    target.put("type", "Utilization", &SHARE);
    target.put("averageUtilization", percent, &why);
    Some(Field::Map(metric))
}

/// A volume that one pod at a time may write to, and that the pods of the member write.
fn own_volume(pass: &Pass<'_>, draft: &Draft<'_>) -> Option<String> {
    let per_replica = Hint::of(&draft.member, "storage").is_some_and(|hint| hint.says("per-replica"));
    if per_replica {
        return None;
    }
    let is_volume = |kind: &MountKind| *kind == MountKind::Volume;
    items(&draft.member.container.volumes)
        .filter(|mount| mount.value.kind.as_ref().is_some_and(|kind| is_volume(&kind.value)))
        .filter(|mount| !mount.value.read_only.as_ref().is_some_and(|read_only| read_only.value))
        .filter_map(|mount| mount.value.source.as_ref())
        .find(|source| {
            let declared = declaration(pass.input, &source.value);
            let claimed = declared.is_none_or(|declared| {
                let backing = backing::of(declared, &source.value, pass.options());
                matches!(backing, Backing::Claim | Backing::Driver(_))
            });
            claimed && !sharing::is_many(pass, declared)
        })
        .map(|source| source.value.to_string())
}
