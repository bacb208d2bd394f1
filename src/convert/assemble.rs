//! From drafts to objects, and from a pass to a plan.

use std::collections::BTreeSet;

use super::draft::{Draft, Pod};
use super::knobs;
use super::pass::Pass;
use super::works::Work;
use super::{Purpose, secret, standing, topology, wait};
use crate::diag::slugs;
use crate::k8s::kind::Kind;
use crate::k8s::name;
use crate::plan::address;
use crate::plan::field::{Field, Fields, Items};
use crate::plan::ledger::Verdict;
use crate::plan::object::Id;
use crate::plan::why::Why;
use crate::plan::{LeftOut, Plan};
use crate::source::Text;
use crate::source::span::Span;

/// The label that selects the pods of a workload.
pub const NAME_LABEL: &str = "app.kubernetes.io/name";

/// The label by which a cluster knows a namespace.
pub const NAMESPACE_LABEL: &str = "kubernetes.io/metadata.name";

/// Why a name is what it is.
pub const NAMED: Why = Why::Policy("objects are named after what they stand for");
const LABELS: Why = Why::Policy("objects bear the labels that Kubernetes recommends");
/// Why pods are selected as they are.
pub const SELECTOR: Why = Why::Policy("pods are selected by the name of their service");

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

/// Writes the objects of a workload; hands out the name of the last one.
pub fn workload<'p>(pass: &mut Pass<'p>, work: Work<'p>) -> Text {
    let Work { mut draft, asks, mates } = work;
    let (account, of_account) = standing::complete(pass, &mut draft);
    let many = standing::is_many(&draft);
    let Draft {
        member,
        name,
        kind,
        container,
        pod,
        workload,
        annotations,
        claims,
        tested: _,
        gates: _,
        triggers,
    } = draft;
    let mut owners = vec![member.name.clone()];
    owners.extend(mates);
    standing::beside(pass, &name, member.name, (&account, &of_account), many);
    if !asks.is_empty() {
        wait::rights(pass, &name, &account, member.name, &asks);
    }
    let mut named = Fields::default();
    if !container.is_empty() {
        named.put("name", &name, &NAMED);
        named.extend(container);
    }
    let mut spec = workload;
    let template = template(pass, &name, named, pod, kind);
    match kind {
        Kind::CronJob => return cron_jobs(pass, &name, &owners, &annotations, &spec, &template, triggers),
        Kind::Job => spec.insert("template", Field::Map(template)),
        _ => {
            spec.map("selector").map("matchLabels").put(NAME_LABEL, &name, &SELECTOR);
            spec.insert("template", Field::Map(template));
        }
    }
    if !claims.is_empty() {
        // They cannot be changed later, not even in their order.
        let mut sorted: Vec<Field> = claims.iter().cloned().collect();
        sorted.sort_by(|one, other| claim_name(one).cmp(&claim_name(other)));
        let mut claims = Items::default();
        sorted.into_iter().for_each(|claim| claims.push(claim));
        spec.insert("volumeClaimTemplates", Field::List(claims));
    }
    let title = if kind == Kind::Job { job_name(&name, &mut spec) } else { name };
    object(pass, kind, &title, &owners, &annotations, spec);
    title
}

/// A Job cannot be changed, so another content is another name.
fn job_name(name: &Text, spec: &mut Fields) -> Text {
    spec.prune();
    let mut content = String::new();
    address::each(spec, &mut |path, leaf| content.push_str(&format!("{path}={:?}\n", leaf.value)));
    name::with_ending(name, &name::digest(content.as_bytes()), name::LABEL_LENGTH).into()
}

fn object(
    pass: &mut Pass<'_>,
    kind: Kind,
    title: &Text,
    owners: &[Text],
    annotations: &Fields,
    mut spec: Fields,
) {
    spec.prune();
    // The name in the labels is that of the first; the others share its pod.
    let body = pass.object(kind, title.clone(), owners.iter().take(1).cloned().collect());
    if !annotations.is_empty() {
        body.map("metadata").insert("annotations", Field::Map(annotations.clone()));
    }
    body.insert("spec", Field::Map(spec));
    if let Some(object) = pass.objects.last_mut() {
        object.owners = owners.to_vec();
    }
}

/// A CronJob for each schedule.
fn cron_jobs(
    pass: &mut Pass<'_>,
    name: &Text,
    owners: &[Text],
    annotations: &Fields,
    job: &Fields,
    template: &Fields,
    triggers: Vec<Fields>,
) -> Text {
    // The controller appends eleven letters to the name of a CronJob.
    const LONGEST: usize = 52;
    let mut title: Text = name::object(name, LONGEST).unwrap_or_default().into();
    for (at, mut spec) in triggers.into_iter().enumerate() {
        if at > 0 {
            title = name::with_ending(name, &(at + 1).to_string(), LONGEST).into();
        }
        let inner = spec.map("jobTemplate").map("spec");
        inner.extend(job.clone());
        inner.insert("template", Field::Map(template.clone()));
        object(pass, Kind::CronJob, &title, owners, annotations, spec);
    }
    title
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
    if !container.is_empty() {
        containers.push(Field::Map(container));
    }
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
        let Some(member) = pass.survey.member(name) else { continue };
        let (path, span) = (member.path(), member.place.key);
        // Nobody asks what is wrong with what is left out on purpose.
        pass.findings.retain(|finding| !is_at(&finding.path, &path));
        left_out.retain(|entry| entry.service != *name);
        left_out.push(LeftOut { service: name.clone(), rule: None, path: path.into(), span });
    }
    left_out.sort_by(|left, right| left.service.cmp(&right.service));
    let gone: BTreeSet<&Text> = left_out.iter().map(|entry| &entry.service).collect();
    let mut objects = std::mem::take(&mut pass.objects);
    // What is of the whole project is there for somebody, or not at all.
    let someone = pass.members.iter().any(|member| !gone.contains(member.name));
    objects.retain(|object| match object.owners.as_slice() {
        [] => someone,
        owners => owners.iter().any(|owner| !gone.contains(owner)),
    });
    for object in &mut objects {
        object.body.prune();
    }
    objects.sort_by(|left, right| left.id.cmp(&right.id));
    let knobs::Choices { knobs, slots, titles, fixed } = match pass.input.purpose {
        Purpose::Lint | Purpose::Objects => knobs::Choices::default(),
        Purpose::Output => knobs::of(&pass, &objects),
    };
    pass.secrets.sort();
    pass.secrets.dedup();
    let topology = topology::of(&pass);
    let project = pass.input.project.model.name.as_ref().map(|name| name.value.clone()).unwrap_or_default();
    Plan {
        project,
        namespace: pass.namespace,
        objects,
        ledger: pass.accounts.into_rows(),
        findings: pass.findings,
        members: pass.members.iter().map(|member| (member.name.clone(), member.place.key)).collect(),
        knobs,
        slots,
        fixed,
        titles,
        left_out,
        connectivity: pass.connectivity,
        topology,
        supply: secret::supply(pass.input.options.secrets),
        secrets: pass.secrets,
        builds: pass.builds,
    }
}

/// Whether a path is another one, or lies below it.
fn is_at(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
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

fn claim_name(claim: &Field) -> Option<&str> {
    claim.as_map()?.at(&["metadata", "name"])?.as_text()
}
