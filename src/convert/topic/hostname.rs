//! The host name.

use crate::compose::codec::Field;
use crate::convert::draft::{Part, Seat};
use crate::convert::pass::Pass;
use crate::diag::slugs;
use crate::k8s::kind::Kind;
use crate::k8s::name::is_label;
use crate::source::Text;
use crate::source::span::{Identity, Spanned};

/// The keys of the topic.
pub struct Keys<'p> {
    /// `hostname`
    pub hostname: &'p Field<Text>,
    /// `domainname`
    pub domainname: &'p Field<Text>,
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, keys: &Keys<'p>) {
    let Keys { hostname, domainname } = keys;
    if let Some(name) = hostname.as_ref().filter(|_| seat.part == Part::Main) {
        let kind = pass.survey.kinds.get(seat.member.name).map(|choice| choice.kind);
        let lower = name.value.to_ascii_lowercase();
        if !is_label(&lower) {
            let message = format!(
                "`{}` cannot be the host name of a pod (letters, digits and inner dashes, at most 63); the pod's own \
                 name stands there",
                name.value
            );
            pass.dropped(name, pass.finding(name, slugs::CUSTOM_HOSTNAME, message));
        } else if kind == Some(Kind::StatefulSet) && lower != format!("{}-0", seat.name) {
            let message = format!(
                "the pods of a StatefulSet bear their own names as host names, `{}-0` and so on, not `{}`",
                seat.name, name.value
            );
            let finding = pass.finding(name, slugs::CUSTOM_HOSTNAME, message);
            pass.dropped(name, finding);
        } else {
            let why = if keeps_callers(pass, seat, name) {
                pass.mapped(name)
            } else {
                let message = format!(
                    "the pod is called `{lower}` inside; nothing in these files calls it so, and no Service of that \
                     name is written"
                );
                let finding = pass.finding(name, slugs::CUSTOM_HOSTNAME, message);
                pass.approximated(name, finding.tip(format!("call it `{}`", seat.member.name)))
            };
            if kind != Some(Kind::StatefulSet) {
                seat.pod.spec.put("hostname", lower, &why);
            }
        }
    }
    if let Some(domain) = domainname {
        let message =
            format!("a pod has no field for a domain of its own; `{}` is part of no name", domain.value);
        pass.dropped(domain, pass.finding(domain, slugs::CUSTOM_HOSTNAME, message));
    }
}

/// Whether whoever calls the pod by its host name reaches it as in Docker: it is the name of the service, a Service is
/// written for it, or there is nobody who could.
fn keeps_callers(pass: &Pass<'_>, seat: &Seat<'_, '_>, name: &Spanned<Text>) -> bool {
    let (survey, own) = (&pass.survey, seat.member.name);
    name.value.eq_ignore_ascii_case(own)
        || survey.called.contains(&Identity::of(name))
        || !survey.reach.is_attached(own)
        || survey.members().all(|other| survey.pods.is_one(other.name, own))
}
