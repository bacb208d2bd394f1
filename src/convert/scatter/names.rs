//! Names of Services in other namespaces: a short name holds in its own namespace, so each that is called from elsewhere
//! has an alias there.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::format_smolstr;

use crate::compose::project::entries;
use crate::compose::service::Condition;
use crate::convert::assemble;
use crate::convert::pass::Pass;
use crate::convert::survey::dependents::condition;
use crate::convert::topic::policy::bearers;
use crate::diag::slugs;
use crate::k8s::kind::Kind;
use crate::plan::field::Fields;
use crate::plan::object::{Id, Object};
use crate::plan::why::Why;
use crate::source::Text;
use crate::source::span::Identity;

/// The domain of a cluster, unless somebody has chosen another.
const DOMAIN: &str = "svc.cluster.local";

/// Who calls a name from a namespace, and why.
type Callers = BTreeMap<(Text, Text), (BTreeSet<Text>, Why)>;

/// Adds the aliases.
pub fn reach(pass: &mut Pass<'_>, placed: &mut Vec<Object>) {
    let services: BTreeMap<Text, BTreeSet<Text>> = placed
        .iter()
        .filter(|object| object.id.kind == Kind::Service)
        .fold(BTreeMap::new(), |mut all, object| {
            all.entry(object.id.name.clone()).or_default().insert(object.id.namespace.clone());
            all
        });
    let callers = callers(pass);
    for ((namespace, name), (owners, why)) in &callers {
        let Some(spaces) = services.get(name).filter(|spaces| !spaces.contains(namespace)) else { continue };
        let Some(home) = spaces.first() else { continue };
        let id = Id { kind: Kind::Service, namespace: namespace.clone(), name: name.clone() };
        let mut body = Fields::default();
        assemble::metadata(&mut body, &id, &pass.home_why(namespace), &pass.namespace, None);
        let spec = body.map("spec");
        spec.put("type", "ExternalName", why);
        spec.put("externalName", format_smolstr!("{name}.{home}.{DOMAIN}"), why);
        let owners = owners.iter().cloned().collect();
        placed.push(Object { id, owners, folder: None, body });
    }
    unheard(pass, &callers);
}

/// Which names are called from which namespaces: by values, by gates, and where one depends on another.
fn callers(pass: &Pass<'_>) -> Callers {
    let survey = &pass.survey;
    let mut callers = Callers::new();
    let mut add = |from: &Text, name: Text, why: Why| {
        for bearer in bearers(pass, from).iter().filter(|bearer| pass.is_written(bearer)) {
            let (owners, reasons) = callers
                .entry((pass.home_of(bearer), name.clone()))
                .or_insert_with(|| (BTreeSet::new(), why.clone()));
            owners.insert(from.clone());
            *reasons = reasons.and(&why);
        }
    };
    for reference in survey.references.iter().filter(|reference| pass.is_written(&reference.to)) {
        add(&reference.from, reference.name.to_ascii_lowercase().into(), pass.accounts.why(reference.value));
    }
    for member in pass.members.iter() {
        for (to, dependency) in entries(&member.workload.depends_on).filter(|(to, _)| pass.is_written(to)) {
            let why = pass.accounts.why(Identity::of(dependency));
            match condition(dependency) {
                Condition::Completed => continue,
                Condition::Healthy => add(member.name, survey.gate_host(to), why.clone()),
                Condition::Started => {}
            }
            add(member.name, survey.object_name(survey.pods.owner(to)), why);
        }
    }
    let all = pass.project_hint("aliases").filter(|hint| hint.says("all"));
    if let Some(all) = all {
        for (from, to) in &pass.connectivity.pairs {
            add(from, survey.object_name(to), pass.accounts.why(all.identity));
        }
    }
    callers
}

/// Says whose names do not resolve where Docker would resolve them: nothing shows that they are called from there.
fn unheard(pass: &mut Pass<'_>, callers: &Callers) {
    let survey = std::rc::Rc::clone(&pass.survey);
    let mut deaf: BTreeMap<&Text, BTreeSet<Text>> = BTreeMap::new();
    for (from, to) in &pass.connectivity.pairs {
        let home = pass.home_of(from);
        if home != pass.home_of(to) && !callers.contains_key(&(home.clone(), survey.object_name(to))) {
            deaf.entry(to).or_default().insert(home);
        }
    }
    let mut said = Vec::new();
    for (to, spaces) in deaf {
        let Some(member) = survey.member(to) else { continue };
        let spaces: Vec<String> = spaces.iter().map(|space| format!("`{space}`")).collect();
        let message = format!(
            "nothing shows that `{to}` is called from namespace {}, so its name does not resolve there",
            spaces.join(", ")
        );
        let finding = pass.finding_of(member, slugs::IMPLICIT_DEFAULT, message);
        said.push(
            finding.tip("say `x-transship: {aliases: all}` at top level to have every name everywhere"),
        );
    }
    said.into_iter().for_each(|finding| pass.report(finding));
}
