//! Looks for a shell as first process that keeps its place: it does not hand the stop signal on.

use std::collections::BTreeSet;

use crate::compose::container::Container;
use crate::compose::image_facts::{Fact, Process};
use crate::compose::project::{entries, items};
use crate::compose::service::{Condition, Service};
use crate::compose::shell::{Step, program};
use crate::diag::slugs;
use crate::k8s::kind::Kind;
use crate::rule::process::{self, ShellText, Spot};
use crate::rule::subject::{self, Subject};
use crate::rule::{Ctx, Sink};
use crate::source::Text;

/// Programs that run another one and hand signals on.
const HEIRS: [&str; 5] = ["tini", "tini-static", "dumb-init", "catatonit", "init"];
/// Commands of a shell that deal with signals, or run what nobody sees here.
const UNSEEN: [&str; 4] = ["trap", ".", "source", "eval"];

pub(crate) fn check(ctx: &Ctx<'_>, sink: &mut Sink) {
    let mut finished: Option<BTreeSet<&Text>> = None;
    for subject in subject::main(ctx) {
        let Some(service) = subject.service else { continue };
        let line = process::line(&subject);
        let Some(text) = process::shell(&line).filter(|text| is_first(&subject, &line, text)) else {
            continue;
        };
        if !keeps(&text, &subject) || ends(ctx, &subject, service, &mut finished) {
            continue;
        }
        let Some(last) = text.script.commands().rev().find_map(|step| step.call().first()) else {
            continue;
        };
        let message = format!(
            "`{}` is the first process and does not `exec` what it runs: the stop signal ends at the shell, and the program is killed when its time is over",
            text.shell
        );
        let span = text.place(ctx, last.range.clone());
        let finding = subject.finding(slugs::STOP_SIGNAL, span, &text.spot.key, message);
        sink.report(finding.tip("write `exec` before the program that stays"));
    }
}

/// Whether the shell is the first process: nothing starts it that hands signals on.
fn is_first(subject: &Subject<'_>, line: &[Spot<'_>], text: &ShellText<'_>) -> bool {
    let Container { init, pid, .. } = subject.container;
    if text.first > 0 || init.as_ref().is_some_and(|init| init.value) || pid.is_some() {
        return false;
    }
    // What the project gives as `command` goes to the program of the image.
    if line.first().is_some_and(|spot| spot.key == "entrypoint") || subject.container.entrypoint.is_some() {
        return true;
    }
    match &subject.facts.entrypoint {
        Fact::Present(known) => match &known.value {
            Process::Exec(words) => words.first().is_some_and(|word| !HEIRS.contains(&program(word))),
            Process::Shell { .. } => false,
        },
        Fact::Absent(_) | Fact::Unknown => true,
    }
}

/// Whether the shell stays when the program runs.
fn keeps(text: &ShellText<'_>, subject: &Subject<'_>) -> bool {
    let commands: Vec<&Step> = text.script.commands().collect();
    let is_unseen = |word: &str| UNSEEN.contains(&word);
    let hands_over =
        |step: &&Step| step.is_exec() || step.call().first().is_some_and(|word| is_unseen(&word.text));
    if commands.iter().any(hands_over) {
        return false;
    }
    // What only prints has ended before anybody stops it.
    if let [only] = commands.as_slice()
        && only
            .call()
            .first()
            .is_some_and(|word| matches!(word.text.as_str(), "echo" | "printf" | "exit" | "true"))
    {
        return false;
    }
    // A single command gets the place of most shells; not that of dash, the `sh` of Debian.
    let image = subject.container.image.as_ref().map_or("", |image| image.value.as_str());
    let base = subject.facts.base.as_ref().map_or("", |base| base.value.as_str());
    let is_small = |name: &str| name.contains("alpine") || name.contains("busybox");
    let gives_way =
        matches!(text.shell.as_str(), "bash" | "zsh" | "ksh") || is_small(image) || is_small(base);
    text.script.is_compound() || commands.len() > 1 || !gives_way
}

/// Whether the service does its work and ends, so that nobody stops it.
fn ends<'c>(
    ctx: &Ctx<'c>,
    subject: &Subject<'c>,
    service: &Service,
    finished: &mut Option<BTreeSet<&'c Text>>,
) -> bool {
    let restart = service.restart.as_ref().map_or("", |restart| restart.value.as_str());
    let is_task = matches!(restart, "no") || restart.starts_with("on-failure");
    let serves =
        items(&subject.workload.ports).next().is_some() || items(&subject.workload.expose).next().is_some();
    is_task && !serves || finished.get_or_insert_with(|| tasks(ctx)).contains(subject.name)
}

/// The services whose end others wait for, and those that become a Job.
fn tasks<'c>(ctx: &Ctx<'c>) -> BTreeSet<&'c Text> {
    let jobs = ctx.plan.objects.iter().filter(|object| object.id.kind == Kind::Job);
    let mut tasks: BTreeSet<&Text> = jobs.flat_map(|object| &object.owners).collect();
    for subject in subject::main(ctx) {
        for (name, dependency) in entries(&subject.workload.depends_on) {
            let condition = dependency.value.condition.as_ref().map(|condition| condition.value);
            if condition == Some(Condition::Completed) {
                tasks.insert(name);
            }
        }
    }
    tasks
}
