//! Certificates of routes: in which Secret one stands, and who issues it.

use super::hosts;
use crate::convert::member::Member;
use crate::convert::options::{Expose, Issuer};
use crate::convert::pass::Pass;
use crate::convert::routes::decide::Routed;
use crate::convert::routes::said::Tls;
use crate::k8s::kind::Kind;
use crate::k8s::name;
use crate::plan::why::Why;
use crate::source::Text;

const OWN_SECRET: Why = Why::Policy("a certificate stands in a Secret of its own");

/// A certificate: the Secret that holds it, and who issues it.
pub struct Certificate {
    /// The Secret.
    pub secret: (Text, Why),
    /// The issuer.
    pub issuer: Option<(Issuer, Why)>,
    /// Whether somebody has named the Secret.
    pub named: bool,
}

/// The certificate of a service's hosts, when there is one.
pub fn of(pass: &mut Pass<'_>, member: &Member<'_>, routed: &Routed<'_>) -> Option<Certificate> {
    let off = matches!(routed.said.tls, Some((Tls::Off, _)));
    let of_label = routed.way == Expose::Ingress && routed.rules.iter().any(|rule| rule.tls.is_some());
    if !routed.is_secure(pass) && (off || !of_label) {
        return None;
    }
    let routing = &pass.options().routing;
    let issuer = match (&routing.cert_issuer, &routed.said.issuer) {
        (Some(issuer), _) => Some((issuer.clone(), Why::Flag("--cert-issuer"))),
        (None, Some((issuer, hint))) => Some((issuer.clone(), hint.mapped(pass))),
        (None, None) => None,
    };
    let hinted = match &routed.said.tls {
        Some((Tls::Secret(secret), hint)) => Some((secret.clone(), hint.mapped(pass))),
        Some((Tls::On | Tls::Off, _)) | None => None,
    };
    let flagged = routing.tls_secret.clone().map(|secret| (secret, Why::Flag("--tls-secret")));
    let named = flagged.or(hinted);
    let is_named = named.is_some();
    let secret = named.unwrap_or_else(|| {
        let object = pass.survey.object_name(member.name);
        let why = match &routed.said.tls {
            Some((Tls::On, hint)) => hint.mapped(pass),
            _ => of_labels(pass, routed).unwrap_or(OWN_SECRET),
        };
        (name::with_ending(&object, "tls", name::LABEL_LENGTH).into(), why)
    });
    Some(Certificate { secret, issuer, named: is_named })
}

/// The labels that ask for a certificate, as one reason.
fn of_labels(pass: &Pass<'_>, routed: &Routed<'_>) -> Option<Why> {
    let labels = routed.rules.iter().filter_map(|rule| rule.tls).map(|label| pass.accounts.why(label));
    labels.reduce(|all, why| all.and(&why))
}

/// The certificate that a listener of the Gateway can name, when somebody issues one.
pub fn issued<'p>(pass: &mut Pass<'p>, member: &Member<'p>, routed: &Routed<'p>) {
    let hosts = hosts(routed.rules.iter());
    let Some(Certificate { secret, issuer: Some((issuer, why)), .. }) = of(pass, member, routed) else {
        return;
    };
    if hosts.is_empty() {
        return;
    }
    let object = pass.survey.object_name(member.name);
    let spec = pass.object(Kind::Certificate, object, vec![member.name.clone()]).map("spec");
    spec.put("secretName", secret.0, &secret.1);
    for (host, why) in hosts {
        spec.list("dnsNames").push_value(host, &why);
    }
    let reference = spec.map("issuerRef");
    reference.put("group", "cert-manager.io", &why);
    reference.put("kind", if issuer.cluster { "ClusterIssuer" } else { "Issuer" }, &why);
    reference.put("name", issuer.name, &why);
}
