//! The kind of workload, how many pods, and when they are restarted.

pub mod restarts;

use crate::compose::codec::{Field, Map};
use crate::compose::deploy::RestartPolicy;
use crate::compose::leaf::Loose;
use crate::compose::project::items;
use crate::convert::draft::Draft;
use crate::convert::pass::Pass;
use crate::convert::survey::kinds::Doubt;
use crate::convert::topic::autoscale;
use crate::diag::{sensitive, slugs};
use crate::k8s::kind::Kind;
use crate::k8s::label;
use crate::plan::ledger::Verdict;
use crate::plan::why::Why;
use crate::source::Text;
use crate::source::span::{Identity, Spanned};

/// The keys of the topic.
pub struct Keys<'p> {
    /// `mode`
    pub mode: &'p Field<Text>,
    /// `replicas`
    pub replicas: &'p Field<i64>,
    /// `scale`
    pub scale: &'p Field<i64>,
    /// `endpoint_mode`
    pub endpoint_mode: &'p Field<Text>,
    /// `deploy_labels`
    pub deploy_labels: &'p Field<Map<Loose>>,
    /// `restart`
    pub restart: &'p Field<Text>,
    /// `restart_policy`
    pub restart_policy: &'p Field<RestartPolicy>,
}

/// The annotation that keeps the labels whose keys are not legal.
const OTHER_LABELS: &str = "transship.dev/deploy-labels";

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, draft: &mut Draft<'p>, keys: &Keys<'p>) {
    let Keys { mode, replicas, scale, endpoint_mode, deploy_labels, restart, restart_policy } = keys;
    if let Some(mode) = mode {
        self::mode(pass, draft, mode);
    }
    doubts(pass, draft);
    self::replicas(pass, draft, replicas, scale);
    if let Some(endpoint_mode) = endpoint_mode {
        endpoints(pass, draft, endpoint_mode);
    }
    if let Some(labels) = deploy_labels {
        self::labels(pass, draft, labels);
    }
    restarts::convert(pass, draft, restart, restart_policy);
}

fn mode<'p>(pass: &mut Pass<'p>, draft: &Draft<'p>, mode: &'p Spanned<Text>) {
    let kind = draft.kind.word();
    match mode.value.as_str() {
        "global-job" => {
            let message =
                "mode `global-job` runs a task once on each node, for which Kubernetes has no object";
            let finding = pass.finding(mode, slugs::UNMAPPABLE_KEY, message);
            pass.refused(
                mode,
                finding.tip("write `replicated-job`, or run the task as a DaemonSet of your own"),
            );
        }
        "global" | "replicated-job" => {
            let message =
                format!("mode `{}` makes a {kind} of it; Compose ignores the mode outside Swarm", mode.value);
            let finding = pass.finding(mode, slugs::AMBIGUOUS_WORKLOAD_KIND, message);
            pass.approximated(mode, finding.tip("say the kind with `x-transship: {kind: …}`"));
        }
        _ => {
            pass.mapped(mode);
        }
    }
}

/// Says what speaks for another kind; `deploy.mode` has said so itself.
fn doubts(pass: &mut Pass<'_>, draft: &Draft<'_>) {
    let member = draft.member;
    let tip = "say the kind with `x-transship: {kind: …}`";
    let finding = match (pass.survey.kinds[member.name].doubt, &member.container.hostname) {
        (Some(Doubt::Hostname), Some(hostname)) => {
            let message = "a volume of its own asks for a StatefulSet, which would replace this host name by that of the \
                           pod: it becomes a Deployment";
            pass.finding(&**hostname, slugs::AMBIGUOUS_WORKLOAD_KIND, message)
        }
        (Some(Doubt::Server), _) => {
            let message = format!(
                "others wait for the end of service `{}`, and yet it looks like a server: it becomes a Job",
                member.name
            );
            pass.finding_of(&member, slugs::AMBIGUOUS_WORKLOAD_KIND, message)
        }
        _ => return,
    };
    pass.report(finding.tip(tip));
}

fn replicas<'p>(pass: &mut Pass<'p>, draft: &mut Draft<'p>, replicas: &'p Field<i64>, scale: &'p Field<i64>) {
    let written = replicas.as_ref().or(scale.as_ref());
    let why = match (replicas, scale) {
        (Some(replicas), Some(scale)) => pass.mapped(&**replicas).and(&pass.mapped(&**scale)),
        (Some(one), None) | (None, Some(one)) => pass.mapped(&**one),
        (None, None) => Why::Policy("Compose starts one container"),
    };
    let number = written.map_or(1, |number| number.value).clamp(0, i64::from(i32::MAX));
    match draft.kind {
        // The autoscaler counts the pods; a number here would undo what it does with every change.
        Kind::Deployment | Kind::StatefulSet if autoscale::bounds(&draft.member).is_some() => {
            for written in [replicas, scale].into_iter().flatten() {
                let message =
                    format!("the autoscaler decides how many pods there are, instead of {}", written.value);
                let finding = pass.finding(written, slugs::APPROXIMATED_KEY, message);
                pass.approximated(written, finding);
            }
        }
        Kind::Deployment | Kind::StatefulSet => draft.workload.put("replicas", number, &why),
        Kind::Job if number > 1 => {
            draft.workload.put("completions", number, &why);
            draft.workload.put("parallelism", number, &why);
        }
        Kind::Job if number == 0 => draft.workload.put("suspend", true, &why),
        Kind::DaemonSet => {
            let Some(written) = written else { return };
            let message = "a DaemonSet runs one pod on each node, whatever the number says";
            let finding = pass.finding(&**written, slugs::AMBIGUOUS_WORKLOAD_KIND, message);
            pass.approximated(&**written, finding);
        }
        _ => {}
    }
}

fn endpoints<'p>(pass: &mut Pass<'p>, draft: &Draft<'p>, mode: &'p Spanned<Text>) {
    let published = items(&draft.member.workload.ports).any(|port| port.value.published.is_some());
    if mode.value == "dnsrr" && published {
        let message =
            "`dnsrr` gives clients the addresses of the containers; the published Service still balances";
        let finding = pass.finding(mode, slugs::APPROXIMATED_KEY, message);
        pass.approximated(mode, finding);
    } else {
        pass.mapped(mode);
    }
}

/// Labels of the service are annotations of the workload: their values would seldom be legal labels.
fn labels<'p>(pass: &mut Pass<'p>, draft: &mut Draft<'p>, labels: &'p Spanned<Map<Loose>>) {
    if labels.value.iter().next().is_none() {
        pass.consumed(labels);
        return;
    }
    let message = "labels under `deploy` become annotations of the workload; Compose applies them to nothing";
    let finding = pass.finding_at_key(labels, slugs::APPROXIMATED_KEY, message);
    pass.approximated(labels, finding);
    let mut others: Vec<String> = Vec::new();
    let mut reason: Option<Why> = None;
    for (key, value) in labels.value.iter() {
        if sensitive::is_sensitive(key) {
            let said = "a secret value is not written into an annotation";
            pass.accounts.enter(
                Identity::of(value),
                Verdict::Dropped,
                Some((slugs::APPROXIMATED_KEY, said)),
                false,
            );
        } else if label::is_key(key) {
            draft.annotations.put(key.clone(), &value.value.0, &pass.why(value));
        } else {
            let why = pass.why(value);
            reason = Some(reason.map_or(why.clone(), |known| known.and(&why)));
            others.push(format!("{}:{}", json(key), json(&value.value.0)));
        }
    }
    if let Some(why) = reason {
        draft.annotations.put(OTHER_LABELS, format!("{{{}}}", others.join(",")), &why);
    }
}

/// A text as JSON.
fn json(text: &str) -> String {
    let mut written = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => written.extend(['\\', letter]),
            letter if u32::from(letter) < 0x20 => written.push_str(&format!("\\u{:04x}", u32::from(letter))),
            letter => written.push(letter),
        }
    }
    written.push('"');
    written
}
