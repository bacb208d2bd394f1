//! From drafts to objects, and from a pass to a plan.

use std::collections::BTreeSet;

use super::draft::{Draft, Pod};
use super::knobs;
use super::pass::Pass;
use crate::diag::slugs;
use crate::k8s::kind::Kind;
use crate::plan::field::{Field, Fields, Items};
use crate::plan::ledger::Verdict;
use crate::plan::object::Id;
use crate::plan::why::Why;
use crate::plan::{LeftOut, Plan};
use crate::source::Text;
use crate::source::span::Span;

/// The label that selects the pods of a workload.
pub const NAME_LABEL: &str = "app.kubernetes.io/name";

const NAMED: Why = Why::Policy("objects are named after what they stand for");
const LABELS: Why = Why::Policy("objects bear the labels that Kubernetes recommends");
const SELECTOR: Why = Why::Policy("pods are selected by the name of their service");

/// The metadata that every object has.
pub fn metadata(body: &mut Fields, id: &Id, namespace: &Why, project: &Text, owner: Option<&Text>) {
    let metadata = body.map("metadata");
    // A name is a key of the file, or made from one; a namespace's is that of the project.
    metadata.put("name", &id.name, if id.kind == Kind::Namespace { namespace } else { &NAMED });
    if !id.namespace.is_empty() {
        metadata.put("namespace", &id.namespace, namespace);
    }
    labels(metadata.map("labels"), project, owner);
}

fn labels(labels: &mut Fields, project: &Text, owner: Option<&Text>) {
    if let Some(owner) = owner {
        labels.put(NAME_LABEL, owner, &LABELS);
    }
    labels.put("app.kubernetes.io/part-of", project, &LABELS);
    labels.put("app.kubernetes.io/managed-by", "transship", &LABELS);
}

/// The workloads of the drafts.
pub fn workloads<'p>(pass: &mut Pass<'p>, drafts: Vec<Draft<'p>>) {
    for draft in drafts {
        if pass.is_written(draft.member.name) {
            workload(pass, draft);
        }
    }
}

fn workload<'p>(pass: &mut Pass<'p>, draft: Draft<'p>) {
    let Draft { member, name, kind, mut container, pod, workload, annotations, claims } = draft;
    let mut named = Fields::default();
    named.put("name", &name, &NAMED);
    named.extend(std::mem::take(&mut container));
    let template = template(pass, &name, named, pod, kind);
    let body = pass.object(kind, name.clone(), vec![member.name.clone()]);
    if !annotations.is_empty() {
        body.map("metadata").insert("annotations", Field::Map(annotations));
    }
    let spec = body.map("spec");
    spec.extend(workload);
    match kind {
        Kind::CronJob => {
            let job = spec.map("jobTemplate").map("spec");
            job.insert("template", Field::Map(template));
        }
        Kind::Job => spec.insert("template", Field::Map(template)),
        _ => {
            spec.map("selector").map("matchLabels").put(NAME_LABEL, &name, &SELECTOR);
            spec.insert("template", Field::Map(template));
        }
    }
    if !claims.is_empty() {
        spec.insert("volumeClaimTemplates", Field::List(claims));
    }
}

fn template(pass: &Pass<'_>, name: &Text, container: Fields, pod: Pod, kind: Kind) -> Fields {
    let Pod { labels: further, annotations, spec, init, beside } = pod;
    let mut template = Fields::default();
    let metadata = template.map("metadata");
    labels(metadata.map("labels"), &pass.namespace, Some(name));
    metadata.map("labels").extend(further);
    if !annotations.is_empty() {
        metadata.insert("annotations", Field::Map(annotations));
    }
    let inner = template.map("spec");
    inner.extend(spec);
    if matches!(kind, Kind::Job | Kind::CronJob) && inner.get("restartPolicy").is_none() {
        inner.put("restartPolicy", "Never", &Why::Policy("a job is not started again by itself"));
    }
    if !init.is_empty() {
        inner.insert("initContainers", Field::List(init));
    }
    let mut containers = Items::default();
    containers.push(Field::Map(container));
    containers.append(beside);
    inner.insert("containers", Field::List(containers));
    template
}

/// The plan of a pass: what nobody has accounted for is said, what belongs to nobody is left out.
#[must_use]
pub fn plan(mut pass: Pass<'_>) -> Plan {
    close(&mut pass);
    let mut left_out: Vec<LeftOut> = pass.refusals().values().cloned().collect();
    for name in &pass.input.options.exclude {
        if pass.survey.member(name).is_some() && !left_out.iter().any(|entry| entry.service == *name) {
            let member = pass.survey.member(name).expect("it was just found");
            let path = member.path().into();
            left_out.push(LeftOut { service: name.clone(), rule: None, path, span: member.place.key });
        }
    }
    left_out.sort_by(|left, right| left.service.cmp(&right.service));
    let gone: BTreeSet<&Text> = left_out.iter().map(|entry| &entry.service).collect();
    let mut objects = std::mem::take(&mut pass.objects);
    objects
        .retain(|object| object.owners.is_empty() || object.owners.iter().any(|owner| !gone.contains(owner)));
    for object in &mut objects {
        object.body.prune();
    }
    objects.sort_by(|left, right| left.id.cmp(&right.id));
    let knobs = knobs::of(&pass, &objects);
    pass.secrets.sort();
    pass.secrets.dedup();
    let project = pass.input.project.model.name.as_ref().map(|name| name.value.clone()).unwrap_or_default();
    Plan {
        project,
        namespace: pass.namespace,
        objects,
        ledger: pass.accounts.into_rows(),
        findings: pass.findings,
        members: pass.members.iter().map(|member| (member.name.clone(), member.place.key)).collect(),
        knobs,
        left_out,
        connectivity: pass.connectivity,
        secrets: pass.secrets,
        builds: pass.builds,
    }
}

/// Accounts for what no topic has taken: extension keys of others are dropped, anything else is a gap of ours, and said.
fn close(pass: &mut Pass<'_>) {
    pass.accounts.close_hollow();
    let mut open: Vec<(usize, bool, Span, Text)> = Vec::new();
    for (at, row) in pass.accounts.rows().iter().enumerate().filter(|(_, row)| row.verdict.is_none()) {
        let extension = row.path.split(['.', '[', '"']).any(|key| key.starts_with("x-"));
        open.push((at, extension, row.place.span, row.path.clone()));
    }
    for (at, extension, span, path) in open {
        if extension {
            pass.accounts.close(
                at,
                Verdict::Dropped,
                slugs::UNUSED_DECLARATION,
                "transship does not know the extension key",
            );
        } else {
            let message = format!("`{path}` is not converted, and nothing says what becomes of it");
            pass.accounts.close(at, Verdict::Dropped, slugs::COVERAGE_GAP, &message);
            pass.report(crate::diag::Finding::new(slugs::COVERAGE_GAP, span, path.as_str(), message));
        }
    }
}
