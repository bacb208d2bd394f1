//! Volumes that several pods mount: on one node, or on a class that many nodes can write to.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::decide::{Decision, decide};
use crate::compose::mount::MountKind;
use crate::compose::volume::Volume;
use crate::convert::backing::{self, Backing};
use crate::convert::draft::{Draft, Seat};
use crate::convert::hint;
use crate::convert::pass::Pass;
use crate::convert::survey::volumes::{Mounted, Usage, declaration, is_global, is_per_replica};
use crate::diag::{Posture, slugs};
use crate::plan::why::Why;
use crate::source::Text;

/// The label of pods that share a volume; its value is the first volume that holds them together.
const LABEL: &str = "transship/shared-volume";

/// Whether a shared volume is to be one that pods of many nodes can write to.
#[must_use]
pub fn is_many(pass: &Pass<'_>, volume: Option<&Volume>) -> bool {
    let own = volume.and_then(|volume| hint::find(&volume.extensions, "access"));
    let chosen = own.or_else(|| pass.project_hint("shared-volumes"));
    chosen.is_some_and(|hint| hint.says("rwx"))
}

/// So many of those who share a volume are named.
const NAMED: usize = 3;

/// Says that a volume is shared; whether it may be.
pub fn is_shareable<'p>(
    pass: &mut Pass<'p>,
    seat: &Seat<'_, 'p>,
    mounted: &Mounted<'p>,
    backing: &Backing<'p>,
) -> bool {
    let Some(source) = &mounted.mount.value.source else { return true };
    let Some(usage) = pass.survey.volumes.usage(&source.value) else { return true };
    let usage = usage.among(|member| pass.is_written(member));
    let alone = usage.is_exclusive() || !usage.is_written() || is_per_replica(&seat.member);
    let claim =
        matches!(backing, Backing::Claim | Backing::Driver(_) | Backing::Option(..) | Backing::Bind(_));
    if alone || !claim {
        return true;
    }
    let members: BTreeSet<&str> = usage.users.iter().map(|user| user.member.as_str()).collect();
    let more = members.len().saturating_sub(NAMED);
    let mut named: Vec<String> = members.iter().take(NAMED).map(|member| format!("`{member}`")).collect();
    named.extend((more > 0).then(|| format!("{more} more")));
    let with = match named.split_last() {
        Some((last, others @ [_, ..])) => format!("{} and {last}", others.join(", ")),
        _ => format!("all {} replicas of `{}`", usage.pods(), seat.member.name),
    };
    let name = &source.value;
    let declared = declaration(pass.input, name);
    if is_many(pass, declared) {
        let message = format!(
            "volume `{name}` is shared by {with}; its claim needs a class that many nodes can write to"
        );
        let finding = pass.finding(mounted.at, slugs::SHARED_WRITABLE_VOLUME, message);
        pass.approximated(mounted.at, finding);
        return true;
    }
    let message = format!("volume `{name}` is shared by {with}; one claim binds all of them to one node");
    let finding = pass.finding(mounted.at, slugs::SHARED_WRITABLE_VOLUME, message);
    let finding = finding.tip("say `x-transship: {access: rwx}` at the volume when a class can do that");
    if pass.at_least(Posture::Production) {
        return pass.refused(mounted.at, finding).is_some();
    }
    pass.approximated(mounted.at, finding);
    true
}

/// Binds pods that share a claim to one node: those of each group of volumes that hang together.
pub fn keep_together<'p>(pass: &mut Pass<'p>, drafts: &mut [Draft<'p>]) {
    let survey = Rc::clone(&pass.survey);
    let mut groups = Groups::default();
    let mut reasons: BTreeMap<Text, Why> = BTreeMap::new();
    for draft in drafts.iter().filter(|draft| pass.is_written(draft.member.name)) {
        for mounted in survey.volumes.mounts(draft.member.name) {
            let Some(source) = &mounted.mount.value.source else { continue };
            let member = &draft.member;
            let usage = match mounted.kind() {
                MountKind::Volume if is_bound_to_node(pass, &source.value) && !is_per_replica(member) => {
                    survey.volumes.usage(&source.value)
                }
                MountKind::Bind if !is_many(pass, None) => match decide(pass, &survey, member, mounted) {
                    Decision::Data | Decision::TooLarge(_) => {
                        survey.volumes.source(&source.value).map(|source| &source.usage)
                    }
                    _ => None,
                },
                _ => None,
            };
            let usage = usage.map(|usage: &Usage| usage.among(|member| pass.is_written(member)));
            // A pod on each node cannot be on one node.
            if usage.is_some_and(|usage| !usage.is_exclusive()) && !is_global(member) {
                groups.join(&source.value, member.name);
                let why = pass.why(mounted.at);
                let known = reasons.get(member.name).map_or_else(|| why.clone(), |known| known.and(&why));
                reasons.insert(member.name.clone(), known);
            }
        }
    }
    for draft in drafts {
        let (Some(group), Some(why)) = (groups.of(draft.member.name), reasons.get(draft.member.name)) else {
            continue;
        };
        let of_path = survey.volumes.source(&group).map(|source| source.name.clone());
        let value = of_path.unwrap_or_else(|| super::named::object_name(&group));
        draft.pod.labels.put(LABEL, &value, why);
        let affinity = draft.pod.spec.map("affinity").map("podAffinity");
        let term = affinity.list("requiredDuringSchedulingIgnoredDuringExecution").push_map();
        term.map("labelSelector").map("matchLabels").put(LABEL, &value, why);
        term.put("topologyKey", "kubernetes.io/hostname", why);
    }
}

/// Whether the volume is one claim that is mounted on one node at a time.
fn is_bound_to_node(pass: &Pass<'_>, source: &Text) -> bool {
    let Some(declared) = declaration(pass.input, source) else { return false };
    let backing = backing::of(declared, source, pass.options());
    let claim =
        matches!(backing, Backing::Claim | Backing::Driver(_) | Backing::Option(..) | Backing::Bind(_));
    claim && !is_many(pass, Some(declared))
}

/// Members that hang together by volumes. A pod that asks for two groups at once could wait for ever: the first pod of
/// each may be on another node. So there is one group for all that hangs together.
#[derive(Default)]
struct Groups {
    /// The volume that stands for a volume's group, step by step.
    above: BTreeMap<Text, Text>,
    /// A volume of each member.
    members: BTreeMap<Text, Text>,
}

impl Groups {
    fn root(&self, volume: &Text) -> Text {
        let mut at = volume;
        while let Some(above) = self.above.get(at) {
            at = above;
        }
        at.clone()
    }

    fn join(&mut self, volume: &Text, member: &Text) {
        let here = self.root(volume);
        let Some(other) = self.members.get(member) else {
            self.members.insert(member.clone(), here);
            return;
        };
        let there = self.root(other);
        if here < there {
            self.above.insert(there, here);
        } else if there < here {
            self.above.insert(here, there);
        }
    }

    fn of(&self, member: &Text) -> Option<Text> {
        self.members.get(member).map(|volume| self.root(volume))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_that_hang_together_are_one_group() {
        let mut groups = Groups::default();
        for (volume, member) in
            [("b", "one"), ("b", "two"), ("c", "three"), ("a", "three"), ("b", "three"), ("z", "four")]
        {
            groups.join(&volume.into(), &member.into());
        }
        let group = |member: &str| groups.of(&member.into()).map(|group| group.to_string());
        assert_eq!(
            [group("one"), group("two"), group("three")],
            [Some("a".into()), Some("a".into()), Some("a".into())]
        );
        assert_eq!([group("four"), group("five")], [Some("z".to_owned()), None]);
    }
}
