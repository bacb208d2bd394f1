//! When a container is started again: `restart`, or `deploy.restart_policy` in its place.

use crate::compose::codec::Field;
use crate::compose::deploy::RestartPolicy;
use crate::convert::draft::Draft;
use crate::convert::pass::Pass;
use crate::convert::survey::kinds;
use crate::diag::slugs;
use crate::k8s::kind::Kind;
use crate::plan::ledger::Verdict;
use crate::plan::why::Why;
use crate::source::Text;
use crate::source::span::{Identity, Spanned};

/// As many failures as the field can hold.
const WITHOUT_END: i64 = 2_147_483_647;

/// Converts `restart` and `deploy.restart_policy`.
pub fn convert<'p>(
    pass: &mut Pass<'p>,
    draft: &mut Draft<'p>,
    restart: &'p Field<Text>,
    policy: &'p Field<RestartPolicy>,
) {
    let word = draft.member.service().and_then(kinds::restart).map(|(word, _)| word);
    let (why, attempts) = match (policy, restart) {
        (Some(policy), restart) => {
            if let Some(restart) = restart {
                // The policy takes its place, as in Compose.
                pass.consumed(&**restart);
            }
            self::policy(pass, draft, policy, word.as_deref().unwrap_or("always"))
        }
        (None, Some(restart)) => (Some(self::restart(pass, draft, restart)), None),
        (None, None) => (None, None),
    };
    match draft.kind {
        Kind::Job => job(pass, draft, word.as_deref(), why, attempts),
        _ => {
            if let Some(why) = why {
                draft.pod.spec.put("restartPolicy", "Always", &why);
            }
        }
    }
}

fn ends(word: &str) -> bool {
    word == "no" || word.starts_with("on-failure")
}

fn restart<'p>(pass: &mut Pass<'p>, draft: &Draft<'p>, restart: &'p Spanned<Text>) -> Why {
    let kind = draft.kind.word();
    let message = match (draft.kind, ends(&restart.value)) {
        (Kind::Job, true) => return pass.mapped(restart),
        (Kind::Job, false) => format!(
            "`restart: {}` starts the container again when it has ended; a Job starts it again only when it failed",
            restart.value
        ),
        (_, false) => return pass.mapped(restart),
        (_, true) => format!(
            "service `{}` is a server, and a {kind} starts its containers again whatever `restart: {}` says",
            draft.member.name, restart.value
        ),
    };
    let finding = pass.finding(restart, slugs::RESTART_MISMATCH, message);
    pass.approximated(restart, finding.tip("say `x-transship: {kind: job}` when it is to end"))
}

/// The reason of a restart policy, and how often it tries again.
fn policy<'p>(
    pass: &mut Pass<'p>,
    draft: &Draft<'p>,
    policy: &'p Spanned<RestartPolicy>,
    word: &str,
) -> (Option<Why>, Option<(i64, Why)>) {
    let RestartPolicy { condition, delay, max_attempts, window, extensions: _ } = &policy.value;
    let kind = draft.kind.word();
    let is_job = draft.kind == Kind::Job;
    let mut lost: Vec<String> = Vec::new();
    let mut dropped: Vec<Identity> = Vec::new();
    if condition.is_none() {
        lost.push("without `condition` it is taken for `any`".to_owned());
    } else if is_job != ends(word) {
        lost.push(match is_job {
            true => "a Job starts a container again only when it failed".to_owned(),
            false => format!("a {kind} starts its containers again whatever the condition says"),
        });
    }
    let attempts = max_attempts.as_ref().filter(|_| is_job).map(|attempts| {
        let why = pass.mapped(&**attempts);
        (attempts.value.0.min(WITHOUT_END), why)
    });
    if let (Some(value), None) = (max_attempts, &attempts) {
        lost.push(format!("a {kind} tries again without end"));
        dropped.push(Identity::of(&**value));
    }
    let pauses = [delay, window].into_iter().flatten().map(|value| Identity::of(&**value));
    let before = dropped.len();
    dropped.extend(pauses);
    if dropped.len() > before {
        lost.push("the pauses between restarts are the kubelet's, 10 seconds to 5 minutes".to_owned());
    }
    if lost.is_empty() {
        let why = condition.as_ref().map(|condition| pass.mapped(&**condition));
        pass.mapped(policy);
        return (why, attempts);
    }
    let message = format!("the restart policy is not kept whole: {}", lost.join("; "));
    for identity in &dropped {
        pass.accounts.enter(*identity, Verdict::Dropped, Some((slugs::RESTART_MISMATCH, &message)), false);
    }
    let finding = pass.finding_at_key(policy, slugs::RESTART_MISMATCH, &message);
    let kept = condition.as_ref().filter(|_| is_job == ends(word));
    let why = match (condition, kept) {
        (_, Some(condition)) => {
            pass.report(finding);
            pass.mapped(&**condition)
        }
        (Some(condition), None) => pass.approximated(&**condition, finding),
        (None, None) => {
            pass.report(finding);
            pass.why(policy)
        }
    };
    // What is still open is the block itself, when nothing is in it.
    let open = pass.why(policy);
    if policy_is_empty(&policy.value) {
        pass.accounts.enter(
            Identity::of(policy),
            Verdict::Approximated,
            Some((slugs::RESTART_MISMATCH, &message)),
            false,
        );
        return (Some(open), attempts);
    }
    (Some(why), attempts)
}

fn policy_is_empty(policy: &RestartPolicy) -> bool {
    let RestartPolicy { condition, delay, max_attempts, window, extensions } = policy;
    condition.is_none()
        && delay.is_none()
        && max_attempts.is_none()
        && window.is_none()
        && extensions.is_empty()
}

/// How often a Job tries again.
fn job<'p>(
    pass: &Pass<'p>,
    draft: &mut Draft<'p>,
    word: Option<&str>,
    why: Option<Why>,
    attempts: Option<(i64, Why)>,
) {
    let why = why.unwrap_or_else(|| pass.survey.kinds[draft.member.name].why.clone());
    let (policy, limit) = match word {
        None | Some("no") => ("Never", 0),
        Some(word) => {
            let number =
                word.strip_prefix("on-failure:").and_then(|number| number.trim().parse::<i64>().ok());
            ("OnFailure", number.unwrap_or(WITHOUT_END).clamp(0, WITHOUT_END))
        }
    };
    let (limit, limit_why) = match attempts.filter(|_| policy == "OnFailure") {
        Some((number, why)) => (number, why),
        None => (limit, why.clone()),
    };
    draft.workload.put("backoffLimit", limit, &limit_why);
    draft.pod.spec.put("restartPolicy", policy, &why);
}
