//! Looks for tasks that are kept up when their work is done.

use crate::compose::codec::Field;
use crate::compose::command::Command;
use crate::compose::project::items;
use crate::compose::shell::{self, Around, Joint, Step};
use crate::diag::slugs;
use crate::rule::subject::{self, Subject};
use crate::rule::{Ctx, Sink};
use crate::source::Text;
use crate::source::span::Spanned;

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
        let Some((key, script)) = script(&subject) else { continue };
        let Some(held) = held(&shell::steps(&script.value)) else { continue };
        let message = format!(
            "`{}` does its work and is then kept up by {held}; as a server it does the work again at every restart",
            subject.name
        );
        let finding = subject.finding(slugs::DISGUISED_ONE_SHOT, script.span, key, message);
        sink.report(finding.tip("let it end, and say `restart: \"no\"`, so that it becomes a Job"));
    }
}

/// The script of a container, and the key that holds it.
fn script<'c>(subject: &Subject<'c>) -> Option<(&'static str, &'c Spanned<Text>)> {
    let words = |command: &'c Field<Command>| command.iter().flat_map(|command| command.value.words.iter());
    let (entrypoint, command) = (&subject.container.entrypoint, &subject.container.command);
    let all: Vec<&Spanned<Text>> = words(entrypoint).chain(words(command)).collect();
    let script = shell::script(&all)?;
    let is_own = words(entrypoint).any(|word| std::ptr::eq(word, script));
    Some((if is_own { "entrypoint" } else { "command" }, script))
}

/// What keeps a script up that has done its work.
fn held(steps: &[Step]) -> Option<&'static str> {
    let is_wait = |step: &Step| step.words.first().is_some_and(|word| word == "wait");
    let end = steps.iter().rposition(|step| !is_wait(step))? + 1;
    let looped = steps[..end].iter().rev().take_while(|step| !step.around.is_empty()).count();
    let (work, how) = if looped > 0 {
        let (work, rest) = steps[..end].split_at(end - looped);
        (work, is_idle(rest).then_some("an endless loop")?)
    } else {
        let (last, work) = steps[..end].split_last()?;
        (work, hold(last).filter(|_| last.joint != Joint::Or)?)
    };
    let works = |step: &Step| !step.words.first().is_none_or(|word| QUIET.contains(&name(word)));
    (work.iter().any(works) && !work.iter().any(leaves_running)).then_some(how)
}

/// Whether a command leaves something running, so that the container is a server.
fn leaves_running(step: &Step) -> bool {
    let named = |word: &String| {
        let stem = name(word).trim_end_matches(".sh");
        let mut parts = stem.split(['-', '_', '.']);
        stem == "run" || stem.ends_with("ctl") || parts.any(|part| STARTERS.contains(&part))
    };
    let told = |word: &String| STARTERS.contains(&word.as_str()) || word.starts_with("/etc/init.d/");
    // The program itself, or what a shell or `tini --` is given.
    let mut programs = step.words.iter().filter(|word| !word.starts_with('-')).take(2);
    step.background || programs.any(named) || step.words.iter().any(told)
}

/// What keeps a container up: `tail -f /dev/null`, `sleep infinity`.
fn hold(step: &Step) -> Option<&'static str> {
    let mut words = step.words.iter().map(String::as_str).skip_while(|word| *word == "exec");
    match name(words.next()?) {
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
    let endless = first.around == [Around::Until]
        && matches!(first.words.as_slice(), [word] if word == "true" || word == ":" || word == "1");
    let idle = |step: &Step| {
        step.around == [Around::Loop] && step.words.first().is_some_and(|word| QUIET.contains(&name(word)))
    };
    endless && !body.is_empty() && body.iter().all(|step| idle(step) || hold(step).is_some())
}

fn name(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}
