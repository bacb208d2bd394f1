//! Drafts become workloads: finished tasks go into the pods that wait for them, members that share a pod come together,
//! and every gate gets its container.

use std::collections::{BTreeMap, BTreeSet};

use super::assemble;
use super::draft::{Draft, Gate, Way};
use super::member::Either;
use super::merge;
use super::pass::Pass;
use super::survey::pods::shares;
use super::survey::reach::Mode;
use super::topic::health;
use super::wait::{self, Ask};
use crate::compose::project::entries;
use crate::diag::slugs;
use crate::k8s::kind::Kind;
use crate::plan::field::{Field, Fields, Items};
use crate::plan::why::Why;
use crate::source::Text;

/// A workload whose pod is complete.
pub struct Work<'p> {
    /// What the topics have put together.
    pub draft: Draft<'p>,
    /// The Jobs that it asks the API for.
    pub asks: Vec<Ask>,
    /// The members that share its pod.
    pub mates: Vec<Text>,
}

/// As many containers can run before a pod; more would not fit into an object.
const MOST: usize = 256;

/// What is done, while all workloads are put together.
struct Hall<'p> {
    drafts: BTreeMap<Text, Draft<'p>>,
    /// Tasks that run in the pods of those that wait for them.
    tasks: BTreeMap<Text, Work<'p>>,
    /// Members whose pod another one owns, by owner.
    mates: BTreeMap<Text, Vec<Work<'p>>>,
    /// The names of the Jobs.
    jobs: BTreeMap<Text, Text>,
}

/// Puts the workloads together and writes their objects.
pub fn build<'p>(pass: &mut Pass<'p>, drafts: Vec<Draft<'p>>) {
    let order = order(pass, &drafts);
    // What is left out takes no task along, but what keeps it from being written is said again in every pass.
    let before: BTreeSet<Text> = drafts
        .iter()
        .filter(|draft| pass.is_written(draft.member.name))
        .flat_map(|draft| &draft.gates)
        .filter(|gate| gate.way == Way::Before)
        .map(|gate| gate.on.clone())
        .collect();
    let drafts = drafts.into_iter().map(|draft| (draft.member.name.clone(), draft)).collect();
    let mut hall = Hall { drafts, tasks: BTreeMap::new(), mates: BTreeMap::new(), jobs: BTreeMap::new() };
    for name in order {
        let Some(draft) = hall.drafts.remove(&name) else { continue };
        let mut work = Work { draft, asks: Vec::new(), mates: Vec::new() };
        gates(pass, &mut hall, &mut work);
        let owner = Text::new(pass.survey.pods.owner(&name));
        match work.draft.member.kind {
            // A job has its own CronJob as well.
            Either::Job(_) => {
                let copy = Work { draft: work.draft.clone(), asks: work.asks.clone(), mates: Vec::new() };
                hall.tasks.insert(name, copy);
                write(pass, &mut hall, work);
            }
            Either::Service(_) if before.contains(&name) => {
                hall.tasks.insert(name, work);
            }
            _ if owner != name => hall.mates.entry(owner).or_default().push(work),
            _ => {
                if pass.is_written(&name) {
                    share(pass, &mut hall, &mut work);
                }
                write(pass, &mut hall, work);
            }
        }
    }
    // Whoever owns the pod is left out, so there is no pod.
    for mate in std::mem::take(&mut hall.mates).into_values().flatten() {
        orphan(pass, &mate.draft);
    }
}

/// The members in an order in which each comes after what its pod is made from.
fn order(pass: &Pass<'_>, drafts: &[Draft<'_>]) -> Vec<Text> {
    let known: BTreeMap<&Text, &Draft<'_>> = drafts.iter().map(|draft| (draft.member.name, draft)).collect();
    let (mut order, mut seen) = (Vec::new(), BTreeSet::new());
    for draft in drafts {
        let mut open: Vec<(Text, bool)> = vec![(draft.member.name.clone(), false)];
        while let Some((name, done)) = open.pop() {
            if done {
                order.push(name);
                continue;
            }
            let Some(draft) = known.get(&name).filter(|_| seen.insert(name.clone())) else { continue };
            open.push((name.clone(), true));
            let first = draft.gates.iter().filter(|gate| matches!(gate.way, Way::Before | Way::Job));
            open.extend(first.map(|gate| (gate.on.clone(), false)));
            open.extend(pass.survey.pods.mates(&name).iter().map(|mate| (mate.clone(), false)));
        }
    }
    order
}

/// Writes the containers of the gates before all others.
fn gates<'p>(pass: &mut Pass<'p>, hall: &mut Hall<'p>, work: &mut Work<'p>) {
    let mut first = Items::default();
    if work.draft.gates.len() > MOST {
        crowded(pass, &work.draft, work.draft.gates.len());
        return;
    }
    for gate in work.draft.gates.clone() {
        match gate.way {
            Way::Port(_) | Way::Name => {
                let container = wait::service(pass, &gate);
                single(&mut first, container);
            }
            Way::Job => ask(pass, hall, work, &gate, &mut first),
            Way::Before => task(pass, hall, work, &gate, &mut first),
            // The pod is put together first.
            Way::Beside => {}
        }
    }
    if first.len() > MOST {
        crowded(pass, &work.draft, first.len());
        return;
    }
    merge::add(&mut first, std::mem::take(&mut work.draft.pod.init));
    work.draft.pod.init = first;
}

fn single(items: &mut Items, container: Option<Fields>) {
    let mut one = Items::default();
    if let Some(container) = container {
        one.push(Field::Map(container));
    }
    merge::add(items, one);
}

fn ask<'p>(pass: &Pass<'p>, hall: &Hall<'p>, work: &mut Work<'p>, gate: &Gate, first: &mut Items) {
    let Some(job) = hall.jobs.get(&gate.on) else { return };
    single(first, wait::job(pass, gate, job));
    wait::token(&mut work.draft.pod);
    let namespace = pass.home_of(&gate.on);
    work.asks.push(Ask { job: job.clone(), namespace, why: gate.why.clone() });
}

/// A finished task as a container that runs before.
fn task<'p>(pass: &mut Pass<'p>, hall: &mut Hall<'p>, work: &mut Work<'p>, gate: &Gate, first: &mut Items) {
    let is_job = pass.survey.member(&gate.on).is_some_and(|member| matches!(member.kind, Either::Job(_)));
    if !is_job && !pass.is_written(work.draft.member.name) {
        return;
    }
    let taken = if is_job {
        hall.tasks.get(&gate.on).map(|task| Work {
            draft: task.draft.clone(),
            asks: task.asks.clone(),
            mates: Vec::new(),
        })
    } else {
        hall.tasks.remove(&gate.on)
    };
    let Some(mut task) = taken else { return };
    if let Some(key) = merge::conflict(&work.draft.pod, &task.draft.pod) {
        if !is_job {
            // It cannot run in this pod, so it runs in its own, and the pod waits for it.
            write(pass, hall, task);
            ask(pass, hall, work, gate, first);
            return;
        }
        let message = format!(
            "`{}` and `{}` want different values of `{key}`, and run in one pod",
            work.draft.member.name, gate.on
        );
        if !conflicting(pass, &work.draft, &gate.on, message) {
            return;
        }
    }
    merge::absorb(&mut work.draft.pod, &mut task.draft);
    merge::add(first, std::mem::take(&mut task.draft.pod.init));
    let mut container = named(&task.draft);
    // What runs to its end is asked for nothing, and does nothing at its stop.
    for key in ["readinessProbe", "livenessProbe", "startupProbe", "lifecycle"] {
        container.remove(key);
    }
    container.put("name", &task.draft.name, &gate.why);
    single(first, Some(container));
    work.asks.append(&mut task.asks);
}

/// Refuses a dependency of one on another; whether the user allows it.
fn conflicting(pass: &mut Pass<'_>, draft: &Draft<'_>, on: &Text, message: String) -> bool {
    let found = entries(&draft.member.workload.depends_on).find(|(name, _)| *name == on);
    let Some((_, dependency)) = found else { return true };
    let finding = pass.finding_at_key(dependency, slugs::POD_MERGE_CONFLICT, message);
    pass.refused(dependency, finding.tip("align the settings")).is_some()
}

fn crowded(pass: &mut Pass<'_>, draft: &Draft<'_>, number: usize) {
    let Some(depends_on) = &draft.member.workload.depends_on else { return };
    let message = format!(
        "{number} containers would run before `{}`, more than {MOST} do not fit into a pod",
        draft.member.name
    );
    let finding = pass.finding_at_key(&**depends_on, slugs::IMPOSSIBLE_GATE, message);
    pass.refused(&**depends_on, finding.tip("depend on fewer, or say `x-transship: {wait: none}`"));
}

/// Brings the members that share a pod together.
fn share<'p>(pass: &mut Pass<'p>, hall: &mut Hall<'p>, work: &mut Work<'p>) {
    let mut mates = hall.mates.remove(work.draft.member.name).unwrap_or_default();
    // The order of the file says nothing here, and a pod that changes with it starts anew.
    mates.sort_by(|one, other| one.draft.member.name.cmp(other.draft.member.name));
    let mut sides: BTreeMap<Text, Why> = BTreeMap::new();
    for gate in mates.iter().flat_map(|mate| &mate.draft.gates).chain(&work.draft.gates) {
        if gate.way == Way::Beside {
            sides.entry(gate.on.clone()).or_insert_with(|| gate.why.clone());
        }
    }
    let mut beside: Vec<(Text, Items)> = Vec::new();
    for mut mate in mates {
        if !fits(pass, work, &mate.draft) || !pass.is_written(mate.draft.member.name) {
            continue;
        }
        merge::absorb(&mut work.draft.pod, &mut mate.draft);
        merge::add(&mut work.draft.pod.init, std::mem::take(&mut mate.draft.pod.init));
        work.draft.claims.append(std::mem::take(&mut mate.draft.claims));
        work.asks.append(&mut mate.asks);
        if let Some(why) = sides.get(mate.draft.member.name) {
            health::startup(&mut mate.draft, why);
        }
        let mut known: Vec<&mut Fields> = vec![&mut work.draft.container];
        for field in beside.iter_mut().flat_map(|(_, containers)| containers.iter_mut()) {
            if let Field::Map(container) = field {
                known.push(container);
            }
        }
        merge::ports(&mut known, &mut mate.draft.container);
        let mut containers = Items::default();
        containers.push(Field::Map(named(&mate.draft)));
        containers.append(std::mem::take(&mut mate.draft.pod.beside));
        beside.push((mate.draft.member.name.clone(), containers));
        work.mates.push(mate.draft.member.name.clone());
    }
    if let Some(why) = sides.get(work.draft.member.name).cloned() {
        health::startup(&mut work.draft, &why);
        let mut own = named(&work.draft);
        own.put("restartPolicy", "Always", &why);
        work.draft.pod.init.push(Field::Map(own));
        work.draft.container = Fields::default();
    }
    for (name, mut containers) in beside {
        let Some(why) = sides.get(&name) else {
            work.draft.pod.beside.append(containers);
            continue;
        };
        for container in containers.iter_mut() {
            if let Field::Map(container) = container {
                container.put("restartPolicy", "Always", why);
            }
        }
        work.draft.pod.init.append(containers);
    }
}

/// Whether a member can share the pod; what keeps it from that is said.
fn fits(pass: &mut Pass<'_>, work: &Work<'_>, mate: &Draft<'_>) -> bool {
    let (owner, own) = (work.draft.member, mate.member);
    let mut problem = None;
    if owner.replicas() != own.replicas() {
        let (many, few) = (own.replicas(), owner.replicas());
        problem = Some(format!(
            "`{}` has {many} replicas, and `{}`, whose pod it shares, has {few}",
            own.name, owner.name
        ));
    } else if (work.draft.kind == Kind::Job) != (mate.kind == Kind::Job) {
        problem = Some(format!(
            "one of `{}` and `{}` ends and the other does not, and both share a pod",
            own.name, owner.name
        ));
    } else if let Some(key) = merge::conflict(&work.draft.pod, &mate.pod) {
        problem = Some(format!(
            "`{}` and `{}` want different values of `{key}`, and share a pod",
            own.name, owner.name
        ));
    } else if shares(&own).any(|(_, name)| pass.survey.pods.owner(&name) != owner.name) {
        problem = Some(format!("`{}` shares the pods of two services, and has only one", own.name));
    } else if !is_at_home(pass, owner.name, own.name) {
        problem = Some(format!(
            "hints have `{}` and `{}` live in two namespaces, and both share a pod",
            own.name, owner.name
        ));
    } else if !is_on_same_networks(pass, owner.name, own.name) {
        problem = Some(format!(
            "`{}` is on other networks than `{}`, whose pod it shares, and a pod has one network",
            own.name, owner.name
        ));
    }
    let (Some(message), Some((value, _))) = (problem, shares(&own).next()) else { return true };
    let finding = pass.finding(value, slugs::POD_MERGE_CONFLICT, message);
    pass.refused(value, finding.tip("align the settings of both")).is_some()
}

/// Whether a member that shares a pod names no other namespace than that of the pod.
fn is_at_home(pass: &Pass<'_>, owner: &Text, mate: &Text) -> bool {
    let homes = &pass.survey.homes;
    homes.own(mate).is_none_or(|own| homes.get(owner).is_some_and(|home| home.namespace == own.namespace))
}

/// Whether a member that shares a pod reaches what its owner reaches: one that takes its network does, one that takes
/// only its processes may not.
fn is_on_same_networks(pass: &Pass<'_>, owner: &Text, mate: &Text) -> bool {
    let stands = &pass.survey.reach.stands;
    let (Some(owner), Some(mate)) = (stands.get(owner), stands.get(mate)) else { return true };
    matches!(mate.mode, Mode::Shared(_))
        || mate.mode == owner.mode && mate.networks == owner.networks && mate.open == owner.open
}

fn orphan(pass: &mut Pass<'_>, draft: &Draft<'_>) {
    let Some((value, name)) = shares(&draft.member).next() else { return };
    let message = format!("`{}` shares the pod of `{name}`, which is left out", draft.member.name);
    let finding = pass.finding(value, slugs::POD_MERGE_CONFLICT, message);
    pass.impossible(value, finding.tip("mend the other service, or take the key out"));
}

/// The container of a member, under its name.
fn named(draft: &Draft<'_>) -> Fields {
    let mut named = Fields::default();
    named.put("name", &draft.name, &assemble::NAMED);
    named.extend(draft.container.clone());
    named
}

fn write<'p>(pass: &mut Pass<'p>, hall: &mut Hall<'p>, work: Work<'p>) {
    let member = work.draft.member.name.clone();
    if !pass.is_written(&member) {
        return;
    }
    let (mates, kind) = (work.mates.clone(), work.draft.kind);
    let name = assemble::workload(pass, work);
    if kind == Kind::Job {
        for mate in mates {
            hall.jobs.insert(mate, name.clone());
        }
        hall.jobs.insert(member, name);
    }
}
