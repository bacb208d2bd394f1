//! Who may write to fresh storage, and read files that few may read.

use super::mounts;
use crate::compose::image_facts::{Account, User};
use crate::convert::draft::Seat;
use crate::convert::pass::Pass;
use crate::convert::survey::volumes::Mounted;
use crate::diag::{Posture, slugs};
use crate::plan::field::{Field, Fields};
use crate::plan::why::Why;

/// Whom the process runs as, when it is known and not root.
#[derive(Clone, Debug, PartialEq)]
pub struct Runner {
    /// The group to give storage to.
    pub group: i64,
    /// How it is known.
    pub why: Why,
}

/// Whom the container runs as, when it is known and not root.
#[must_use]
pub fn runner(pass: &Pass<'_>, seat: &Seat<'_, '_>) -> Option<Runner> {
    let context = |fields: &Fields, key: &str| fields.at(&["securityContext", key]).cloned();
    let chosen = |key: &str| context(seat.container, key).or_else(|| context(&seat.pod.spec, key));
    if let Some(user) = chosen("runAsUser") {
        return runner_of(
            user.as_int()?,
            chosen("runAsGroup").and_then(|group| group.as_int()),
            &reason(&user),
        );
    }
    if let Some(account) = pass.options().user_map.get(seat.member.name) {
        return runner_of(account.user, account.group, &Why::Flag("--user-map"));
    }
    if let Some(user) = &seat.member.container.user {
        let (user_part, group) = user.value.split_once(':').unwrap_or((&user.value, ""));
        let number = |part: &str| part.parse::<u32>().ok().map(i64::from);
        let known = number(user_part)
            .or_else(|| seat.facts.accounts.get(user_part).map(|account| i64::from(account.value.uid)))?;
        let group =
            number(group).or_else(|| seat.facts.groups.get(group).map(|group| i64::from(group.value)));
        return runner_of(known, group, &pass.why(&**user));
    }
    let of_image = seat.facts.user.known();
    let settled = seat.facts.settles_as.as_ref().filter(|_| pass.at_least(Posture::Restricted));
    let known = of_image.or(settled)?;
    runner_of_image(&known.value, &pass.fact(&known.evidence))
}

/// Gives fresh storage to the group of a process that is not root.
pub fn of_claim<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, mounted: &Mounted<'p>) {
    if mounted.read_only {
        return;
    }
    let Some(runner) = runner(pass, seat) else { return };
    let path = mounts::path(mounted);
    if share(seat, &runner) {
        let message = format!(
            "the claim at `{path}` belongs to root, and the process does not run as root; `fsGroup: {}` opens it, where the storage class supports that",
            runner.group
        );
        let finding = pass.finding(mounted.at, slugs::VOLUME_OWNERSHIP, message);
        pass.report(finding);
    }
}

/// Lets the group into the volumes of the pod; whether that is new.
pub fn share(seat: &mut Seat<'_, '_>, runner: &Runner) -> bool {
    let context = seat.pod.spec.map("securityContext");
    if context.get("fsGroup").is_some() {
        return false;
    }
    context.put("fsGroup", runner.group, &runner.why);
    context.put("fsGroupChangePolicy", "OnRootMismatch", &runner.why);
    true
}

fn runner_of(user: i64, group: Option<i64>, why: &Why) -> Option<Runner> {
    (user != 0).then(|| Runner { group: group.unwrap_or(user), why: why.clone() })
}

fn runner_of_image(user: &User, why: &Why) -> Option<Runner> {
    match &user.user {
        Account::Number(0) | Account::Name(_, Some(0)) => None,
        Account::Number(_) | Account::Name(..) => {
            runner_of(i64::from(user.uid()?), user.gid().map(i64::from), why)
        }
    }
}

/// The reason of a value that stands in the pod already.
fn reason(field: &Field) -> Why {
    match field {
        Field::Leaf(leaf) => leaf.why.clone(),
        Field::Map(_) | Field::List(_) => Why::Policy("the group of the process owns its storage"),
    }
}
