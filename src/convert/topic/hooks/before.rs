//! Containers that run to their end before the service starts.

use crate::compose::codec::{Codec, Field, Leaf, List, Walker};
use crate::compose::container::Container;
use crate::compose::hook::PreStart;
use crate::convert::draft::{Draft, Part, Pod, Seat};
use crate::convert::pass::Pass;
use crate::convert::service;
use crate::diag::slugs;
use crate::k8s::name;
use crate::plan::field::{Field as PlanField, Fields, Items};
use crate::plan::ledger::Verdict;
use crate::plan::why::Why;
use crate::source::span::{Identity, Spanned};
use crate::tree::Entry;

const NAMED: Why = Why::Policy("a container that runs before is named after its service and its place");

/// Converts the hooks.
pub fn convert<'p>(pass: &mut Pass<'p>, draft: &mut Draft<'p>, hooks: &'p Field<List<PreStart>>) {
    let Some(hooks) = hooks else { return };
    let replicas = draft.member.replicas();
    for (at, hook) in hooks.value.iter().enumerate() {
        let PreStart { container: keys, per_replica, extensions: _ } = &hook.value;
        let once = !per_replica.as_ref().is_some_and(|each| each.value);
        if let Some(per_replica) = per_replica {
            often(pass, per_replica);
        }
        said(pass, hook, once && replicas > 1);
        compare(pass, draft, keys);
        container(pass, draft, keys, at);
    }
}

/// Once for each pod is what an init container does; once for the service it is only as long as there is one pod.
fn often(pass: &mut Pass<'_>, per_replica: &Spanned<bool>) {
    if per_replica.value {
        pass.mapped(per_replica);
        return;
    }
    let said = Some((slugs::LIFECYCLE_HOOK, "an init container runs once for each pod"));
    pass.accounts.enter(Identity::of(per_replica), Verdict::Approximated, said, false);
}

/// Says how often the hook runs: once for each pod, whatever Compose does.
fn said<'p>(pass: &mut Pass<'p>, hook: &'p Spanned<PreStart>, refuses: bool) {
    let PreStart { container, per_replica, extensions: _ } = &hook.value;
    let message = "`pre_start` runs again for each new pod; Compose runs it when the service has no container yet, and stops when it fails";
    if refuses {
        let message = "`pre_start` runs once for all replicas, and a pod cannot wait for what runs once";
        let tip = "say `per_replica: true` when each replica may run it, or make it a service of its own that others wait for";
        let refused = match per_replica {
            Some(value) => {
                let finding = pass.finding(value, slugs::IMPOSSIBLE_GATE, message).tip(tip);
                pass.refused(value, finding)
            }
            None => {
                let finding = pass.finding(hook, slugs::IMPOSSIBLE_GATE, message).tip(tip);
                pass.refused(hook, finding)
            }
        };
        if refused.is_none() {
            return;
        }
    }
    match (&container.command, &container.image) {
        (Some(command), _) => {
            let finding = pass.finding(command, slugs::LIFECYCLE_HOOK, message);
            pass.approximated(command, finding);
        }
        (None, Some(image)) => {
            let finding = pass.finding(image, slugs::LIFECYCLE_HOOK, message);
            pass.approximated(image, finding);
        }
        (None, None) => {
            let finding = pass.finding(hook, slugs::LIFECYCLE_HOOK, message);
            pass.report(finding);
        }
    }
}

fn container<'p>(pass: &mut Pass<'p>, draft: &mut Draft<'p>, keys: &'p Container, at: usize) {
    let own = name::with_ending(&draft.name, &format!("pre-start-{}", at + 1), name::LABEL_LENGTH);
    let mut fields = Fields::default();
    fields.put("name", own.as_str(), &NAMED);
    // What the topics say of the pod is the service's to say: this one is looked through for more.
    let mut pod = draft.pod.clone();
    let facts = pass.input.facts.of_pre_start(draft.member.name, at);
    let mut seat = Seat {
        member: draft.member,
        facts,
        name: &own,
        container: &mut fields,
        pod: &mut pod,
        part: Part::Before,
    };
    service::container(pass, &mut seat, keys, &None, &None);
    mounts(draft, &mut fields);
    take_over(&mut draft.pod, pod);
    draft.pod.init.push(PlanField::Map(fields));
}

/// The mounts of the service are there too, where the hook mounts nothing else.
fn mounts(draft: &Draft<'_>, fields: &mut Fields) {
    let Some(shared) = draft.container.get("volumeMounts").and_then(PlanField::as_list) else { return };
    let list = fields.list("volumeMounts");
    let mut missing = Items::default();
    for mount in shared.iter() {
        let path = mount.as_map().and_then(|mount| mount.get("mountPath")).and_then(PlanField::as_text);
        if path.is_some_and(|path| list.find("mountPath", path).is_none()) {
            missing.push(mount.clone());
        }
    }
    list.append(missing);
}

/// Volumes that only the hook has come along, and fields that the service does not set.
fn take_over(pod: &mut Pod, other: Pod) {
    let Pod { labels: _, annotations: _, spec, init: _, beside: _ } = other;
    for (key, field) in spec.iter() {
        if key == "volumes" || pod.spec.get(key).is_none() {
            pod.spec.insert(key.clone(), field.clone());
        }
    }
}

/// A pod has one network, one name and one set of namespaces: the hook must have those of its service.
fn compare(pass: &mut Pass<'_>, draft: &Draft<'_>, keys: &Container) {
    let main = draft.member.container;
    macro_rules! keys {
        ($($key:ident)+) => {$(
            of_the_pod(pass, draft, stringify!($key), &main.$key, &keys.$key);
        )+};
    }
    keys! {
        cgroup dns dns_opt dns_search domainname extra_hosts group_add hostname init ipc isolation mac_address
        network_mode networks pid platform runtime stop_grace_period sysctls userns_mode uts
    }
}

/// Compares what the hook says of the pod with what the service says. When another value is allowed, the service's stands.
fn of_the_pod<T: Codec>(
    pass: &mut Pass<'_>,
    draft: &Draft<'_>,
    key: &str,
    of_service: &Field<T>,
    of_hook: &Field<T>,
) {
    let Some(value) = of_hook else { return };
    let written = of_service.as_ref().map(|value| Letters::of(&value.value));
    let own = Letters::of(&value.value);
    // Nothing at all, as an empty list, is no wish.
    if written.as_ref().map_or(own.0 == "[]" || own.0 == "{}", |written| *written == own) {
        pass.mapped(&**value);
        return;
    }
    let message = format!(
        "`{key}` of `pre_start` is not that of `{}`, and both run in one pod, which has one",
        draft.member.name
    );
    let finding = pass.finding(&**value, slugs::POD_MERGE_CONFLICT, message);
    pass.refused(
        &**value,
        finding.tip("give the hook what the service has, or make it a service of its own that ends"),
    );
}

/// A value as letters, without places: what is equal is written alike.
#[derive(Default, PartialEq, Eq)]
struct Letters(String);

impl Letters {
    fn of<T: Codec>(value: &T) -> Self {
        let mut letters = Self::default();
        value.walk(&mut letters);
        letters
    }
}

impl Walker for Letters {
    fn open_struct(&mut self, name: &'static str) {
        self.0.push_str(name);
        self.0.push('{');
    }

    fn open_map(&mut self) {
        self.0.push('{');
    }

    fn open_list(&mut self) {
        self.0.push('[');
    }

    fn close(&mut self) {
        self.0.push('}');
    }

    fn key(&mut self, key: &str) {
        self.0.push_str(&format!("{key:?}:"));
    }

    fn place(&mut self, _: &Spanned<()>, _: Identity) {}

    fn leaf(&mut self, leaf: Leaf<'_>) {
        self.0.push_str(&format!("{leaf:?},"));
    }

    fn extension(&mut self, entry: &Entry) {
        self.0.push_str(&format!("{:?};", entry.key));
    }
}
