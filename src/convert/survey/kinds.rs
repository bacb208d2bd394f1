//! Which kind of workload a member becomes.

use super::Survey;
use crate::convert::Input;
use crate::convert::accounts::Accounts;
use crate::convert::member::{Either, Member};
use crate::k8s::kind::Kind;
use crate::plan::why::Why;

/// The kind of a workload, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// The kind.
    pub kind: Kind,
    /// Why.
    pub why: Why,
}

/// Chooses the kind.
#[must_use]
pub fn choose(_input: &Input<'_>, _survey: &Survey<'_>, _accounts: &Accounts, member: &Member<'_>) -> Choice {
    match member.kind {
        Either::Job(_) => Choice { kind: Kind::CronJob, why: Why::Policy("an entry of `jobs` is a CronJob") },
        Either::Service(_) => {
            Choice { kind: Kind::Deployment, why: Why::Policy("a service without state is a Deployment") }
        }
    }
}
