//! Looks for tasks that are kept up when their work is done.

use crate::compose::project::items;
use crate::compose::shell::{Around, Joint, Step, program};
use crate::diag::slugs;
use crate::rule::process;
use crate::rule::subject;
use crate::rule::{Ctx, Sink};

/// Commands that prepare the script, and do no work.
const QUIET: [&str; 13] =
    ["echo", "printf", "true", ":", "set", "trap", "export", "cd", "sleep", "wait", "exec", "umask", "date"];
/// Words in a command that leaves a program running behind it.
const STARTERS: [&str; 12] = [
    "start",
    "restart",
    "service",
    "nohup",
    "daemon",
    "--daemon",
    "-D",
    "supervisord",
    "systemctl",
    "crond",
    "cron",
    "sshd",
];
/// As many seconds as nobody waits for.
const YEAR: u64 = 31_536_000;

pub(crate) fn check(ctx: &Ctx<'_>, sink: &mut Sink) {
    for subject in subject::main(ctx).filter(|subject| subject.service.is_some()) {
        let is_server = items(&subject.workload.ports).next().is_some()
            || items(&subject.workload.expose).next().is_some();
        if is_server {
            continue;
        }
        let Some(text) = process::shell(&process::line(&subject)) else { continue };
        let Some(held) = held(&text.script.steps) else { continue };
        let message = format!(
            "`{}` does its work and is then kept up by {held}; as a server it does the work again at every restart",
            subject.name
        );
        let finding =
            subject.finding(slugs::DISGUISED_ONE_SHOT, text.spot.word.span, &text.spot.key, message);
        sink.report(finding.tip("let it end, and say `restart: \"no\"`, so that it becomes a Job"));
    }
}

/// What keeps a script up that has done its work.
fn held(steps: &[Step]) -> Option<&'static str> {
    let is_wait = |step: &Step| step.name() == "wait";
    let end = steps.iter().rposition(|step| !is_wait(step))? + 1;
    let looped = steps[..end].iter().rev().take_while(|step| !step.around.is_empty()).count();
    let (work, how) = if looped > 0 {
        let (work, rest) = steps[..end].split_at(end - looped);
        (work, is_idle(rest).then_some("an endless loop")?)
    } else {
        let (last, work) = steps[..end].split_last()?;
        (work, hold(last).filter(|_| last.joint != Joint::Or)?)
    };
    let works = |step: &Step| !step.words.is_empty() && !QUIET.contains(&step.name());
    (work.iter().any(works) && !work.iter().any(leaves_running)).then_some(how)
}

/// Whether a command leaves something running, so that the container is a server.
fn leaves_running(step: &Step) -> bool {
    let named = |word: &str| {
        let stem = program(word).trim_end_matches(".sh");
        let mut parts = stem.split(['-', '_', '.']);
        stem == "run" || stem.ends_with("ctl") || parts.any(|part| STARTERS.contains(&part))
    };
    let told = |word: &str| STARTERS.contains(&word) || word.starts_with("/etc/init.d/");
    // The program itself, or what a shell or `tini --` is given.
    let words = step.texts();
    let mut programs = words.iter().filter(|word| !word.starts_with('-')).take(2);
    step.background || programs.any(|word| named(word)) || words.iter().any(|word| told(word))
}

/// What keeps a container up: `tail -f /dev/null`, `sleep infinity`.
fn hold(step: &Step) -> Option<&'static str> {
    let mut words = step.texts().into_iter().skip_while(|word| *word == "exec");
    match program(words.next()?) {
        "tail" => {
            let words: Vec<&str> = words.collect();
            let follows = words.iter().any(|word| matches!(*word, "-f" | "-F" | "--follow" | "-fn0"));
            (follows && words.last() == Some(&"/dev/null")).then_some("`tail -f /dev/null`")
        }
        "sleep" => {
            let time = words.next()?;
            let is_long =
                matches!(time, "infinity" | "inf") || time.parse().is_ok_and(|time: u64| time >= YEAR);
            is_long.then_some("`sleep infinity`")
        }
        _ => None,
    }
}

/// Whether a loop never ends and does nothing.
fn is_idle(steps: &[Step]) -> bool {
    let Some((first, body)) = steps.split_first() else { return false };
    let idle = |step: &Step| step.around == [Around::Loop] && QUIET.contains(&step.name());
    is_endless(first) && !body.is_empty() && body.iter().all(|step| idle(step) || hold(step).is_some())
}

/// Whether a loop with this condition never ends.
fn is_endless(condition: &Step) -> bool {
    let holds = match condition.texts().as_slice() {
        ["true" | ":" | "1"] => !condition.negated,
        ["false"] => condition.negated,
        _ => return false,
    };
    match condition.around.as_slice() {
        [Around::While] => holds,
        [Around::Until] => !holds,
        _ => false,
    }
}
