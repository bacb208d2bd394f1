//! Ingresses.

use std::collections::BTreeSet;

use super::certificate::{self, Certificate};
use super::{PUBLISHED, hosts, taken_in};
use crate::convert::member::Member;
use crate::convert::options::Issuer;
use crate::convert::pass::Pass;
use crate::convert::routes::PathKind;
use crate::convert::routes::decide::{Routed, Rule};
use crate::convert::topic::services::published_name;
use crate::diag::slugs;
use crate::k8s::kind::Kind;
use crate::plan::field::Fields;
use crate::plan::why::Why;

/// Writes the Ingress of a service.
pub fn write<'p>(pass: &mut Pass<'p>, member: &Member<'p>, routed: &Routed<'p>) {
    let object = pass.survey.object_name(member.name);
    let mut spec = Fields::default();
    let mut annotations = Fields::default();
    let class = match (&pass.options().routing.ingress_class, &routed.said.class) {
        (Some(class), _) => Some((class.clone(), Why::Flag("--ingress-class"))),
        (None, Some((class, hint))) => Some((class.clone(), hint.mapped(pass))),
        (None, None) => None,
    };
    if let Some((class, why)) = class {
        spec.put("ingressClassName", class, &why);
    }
    if let Some(Certificate { secret, issuer, named }) = certificate::of(pass, member, routed) {
        // Flags and hints speak of all hosts, labels of those of their router.
        let all = routed.is_secure(pass);
        let entry = spec.list("tls").push_map();
        for (host, why) in hosts(routed.rules.iter().filter(|rule| all || rule.tls.is_some())) {
            entry.list("hosts").push_value(host, &why);
        }
        entry.put("secretName", &secret.0, &secret.1);
        if let Some((Issuer { cluster, name }, why)) = &issuer {
            let kind = if *cluster { "cert-manager.io/cluster-issuer" } else { "cert-manager.io/issuer" };
            annotations.put(kind, name, why);
        } else if !named {
            let message = format!(
                "Secret `{}` has to be there already: Ingress `{object}` takes its certificate from it",
                secret.0
            );
            let finding = pass.finding_of(member, slugs::EXTERNAL_RESOURCE, message);
            pass.report(
                finding.tip("have it issued with `--cert-issuer NAME`, or name it with `--tls-secret NAME`"),
            );
        }
    }
    let mut written: BTreeSet<usize> = BTreeSet::new();
    for (at, rule) in routed.rules.iter().enumerate() {
        if written.contains(&at) {
            continue;
        }
        let host = rule.host.as_ref().map(|(host, _)| host);
        let same = |(_, other): &(usize, &Rule)| other.host.as_ref().map(|(host, _)| host) == host;
        let alike: Vec<(usize, &Rule)> = routed.rules.iter().enumerate().filter(same).collect();
        written.extend(alike.iter().map(|(at, _)| *at));
        let entry = spec.list("rules").push_map();
        if let Some((host, why)) = &rule.host {
            entry.put("host", host, why);
        }
        for (_, rule) in alike {
            let path = entry.map("http").list("paths").push_map();
            path.put("path", &rule.path.0, &rule.path.1);
            let kind = if rule.kind.0 == PathKind::Exact { "Exact" } else { "Prefix" };
            path.put("pathType", kind, &rule.kind.1);
            let service = path.map("backend").map("service");
            service.put("name", published_name(&object), &PUBLISHED);
            service.map("port").put("number", i64::from(rule.port.0), &rule.port.1);
        }
    }
    taken_in(pass, member, routed);
    let body = pass.object(Kind::Ingress, object, vec![member.name.clone()]);
    if !annotations.is_empty() {
        body.map("metadata").map("annotations").extend(annotations);
    }
    body.map("spec").extend(spec);
}
