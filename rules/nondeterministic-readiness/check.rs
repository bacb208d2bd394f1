//! Looks for tests that cannot fail with the service, and for programs that start after a fixed time.

use crate::compose::health::Test;
use crate::compose::shell::{self, Joint, Step, program};
use crate::diag::slugs;
use crate::rule::process;
use crate::rule::subject::{self, Subject};
use crate::rule::{Ctx, Sink};

/// Why a command says nothing of the service.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Blind {
    /// It never fails.
    Succeeds,
    /// It sees processes.
    Processes,
    /// It waits.
    Sleeps,
    /// It prints a version.
    Version,
}

/// Programs that pass on what they read.
const FILTERS: [&str; 11] =
    ["grep", "egrep", "fgrep", "awk", "sed", "head", "tail", "wc", "cut", "sort", "tr"];
/// Programs whose subcommand `version` asks a server.
const ASKING: [&str; 6] = ["docker", "podman", "kubectl", "mysqladmin", "nodetool", "supervisorctl"];
/// Commands that prepare the script itself.
const QUIET: [&str; 9] = ["echo", "printf", "true", ":", "exit", "wait", "set", "trap", "sleep"];

pub(crate) fn check(ctx: &Ctx<'_>, sink: &mut Sink) {
    for subject in subject::main(ctx).filter(|subject| subject.service.is_some()) {
        if ctx.plan.topology.is_lasting(subject.name) {
            test(&subject, sink);
        }
        start(&subject, sink);
    }
}

fn test(subject: &Subject<'_>, sink: &mut Sink) {
    let Some(health) = &subject.workload.healthcheck else { return };
    let is_off = health.value.disable.as_ref().is_some_and(|disable| disable.value);
    let Some(test) = health.value.test.as_ref().filter(|_| !is_off) else { return };
    let Some(blind) = of_test(&test.value) else { return };
    let name = subject.name;
    let message = match blind {
        Blind::Succeeds => {
            format!("the test of `{name}` never fails; the pod counts as ready whatever its program does")
        }
        Blind::Processes => {
            format!("the test of `{name}` sees that a process runs, not that it answers; alive is not ready")
        }
        Blind::Sleeps => format!(
            "the test of `{name}` waits and then succeeds; the pod counts as ready whatever its program does"
        ),
        Blind::Version => format!(
            "the test of `{name}` prints a version, which works without the service; alive is not ready"
        ),
    };
    let rule = slugs::NONDETERMINISTIC_READINESS;
    let finding = subject.finding(rule, test.span, "healthcheck.test", message);
    sink.report(finding.tip("test what callers use, as `curl -f http://localhost:8080/health` does"));
}

/// Why a test says nothing of the service; nothing when it may.
fn of_test(test: &Test) -> Option<Blind> {
    let (first, rest) = test.words.split_first()?;
    let words: Vec<&str> = rest.iter().map(|word| word.value.as_str()).collect();
    match (first.value.as_str(), shell::called(&words)) {
        ("CMD-SHELL", _) => of_script(words.first()?),
        ("CMD", Some(called)) => of_script(words[called.text]),
        ("CMD", None) => of_words(&words),
        _ => None,
    }
}

fn of_script(script: &str) -> Option<Blind> {
    let steps = shell::read(script).steps;
    if steps.iter().any(|step| !step.around.is_empty()) {
        return None;
    }
    let lists: Vec<&[Step]> = steps.chunk_by(|_, next| next.joint != Joint::Next).collect();
    let (last, before) = lists.split_last()?;
    let gives_up = |list: &&[Step]| of_list(list).is_none() && list.iter().any(|step| is_end(step, false));
    if before.iter().any(gives_up) {
        return None;
    }
    of_list(last)
}

/// Why commands that are joined by `&&` and `||` say nothing.
fn of_list(list: &[Step]) -> Option<Blind> {
    let pipes: Vec<&[Step]> = list.chunk_by(|_, next| next.joint == Joint::Pipe).collect();
    let mut told: Option<Blind> = of_pipe(pipes.first()?);
    for pipe in &pipes[1..] {
        let next = of_pipe(pipe);
        told = match (pipe[0].joint, told, next) {
            (Joint::Or, told, _) if is_end(&pipe[0], false) => told,
            (Joint::Or, _, Some(Blind::Succeeds)) => Some(Blind::Succeeds),
            (Joint::Or, told, next) => told.or(next),
            // The one that says more of itself names the reason.
            (_, Some(one), Some(Blind::Succeeds)) => Some(one),
            (_, Some(_), Some(other)) => Some(other),
            (..) => None,
        };
    }
    told
}

/// Whether a command ends the script, well or badly.
fn is_end(step: &Step, well: bool) -> bool {
    match step.texts().as_slice() {
        ["exit", "0"] | ["true" | ":"] => well,
        ["exit", ..] | ["false"] => !well,
        _ => false,
    }
}

fn of_pipe(pipe: &[Step]) -> Option<Blind> {
    let (first, rest) = pipe.split_first()?;
    if rest.last().is_some_and(|last| of_step(last) == Some(Blind::Succeeds)) {
        return Some(Blind::Succeeds);
    }
    let is_filter = |step: &Step| FILTERS.contains(&step.name());
    of_step(first).filter(|_| rest.iter().all(is_filter))
}

fn of_step(step: &Step) -> Option<Blind> {
    // `echo > /dev/tcp/localhost/80` opens a connection.
    if step.negated || !step.written.is_empty() {
        return None;
    }
    let words = step.texts();
    match shell::called(&words).filter(|called| called.first == 0) {
        Some(called) => of_script(words[called.text]),
        None if is_end(step, true) => Some(Blind::Succeeds),
        None => of_words(&words),
    }
}

fn of_words(words: &[&str]) -> Option<Blind> {
    let (first, arguments) = words.split_first()?;
    match (program(first), arguments) {
        ("true" | ":", _) | ("echo" | "printf", _) => Some(Blind::Succeeds),
        ("ps" | "pgrep" | "pidof", _) | ("kill" | "killall", ["-0", ..]) => Some(Blind::Processes),
        ("sleep", _) => Some(Blind::Sleeps),
        (_, ["--version" | "-version" | "-V" | "-v"]) => Some(Blind::Version),
        (program, ["version"]) if !ASKING.contains(&program) => Some(Blind::Version),
        _ => None,
    }
}

/// `sleep 10 && program`: the time stands for the wait for somebody else.
fn start(subject: &Subject<'_>, sink: &mut Sink) {
    let Some(text) = process::shell(&process::line(subject)) else { return };
    let steps = &text.script.steps;
    let Some((at, seconds)) = steps.iter().enumerate().find_map(|(at, step)| Some((at, pause(step)?))) else {
        return;
    };
    // With a program in the background, the pause is no longer before the start.
    let rest = &steps[at + 1..];
    let list = rest.iter().take_while(|step| step.joint != Joint::Next);
    if steps[..at].iter().chain(list).any(|step| step.background) || !rest.iter().any(works) {
        return;
    }
    let message = format!(
        "`{}` starts its program after `sleep {seconds}`; what it waits for may take longer, and each start is a race",
        subject.name
    );
    let finding =
        subject.finding(slugs::NONDETERMINISTIC_READINESS, text.spot.word.span, &text.spot.key, message);
    sink.report(finding.tip("wait for the peer itself: `depends_on` with `condition: service_healthy`"));
}

/// Whether a command does the work for which the script is there.
fn works(step: &Step) -> bool {
    step.joint != Joint::Or && step.around.is_empty() && !QUIET.contains(&step.name())
}

/// The time for which a command of the script itself waits, before it goes on.
fn pause(step: &Step) -> Option<&str> {
    let [first, time] = step.words.as_slice() else { return None };
    let is_time = time.text.starts_with(|letter: char| letter.is_ascii_digit());
    let goes_on = step.around.is_empty() && !step.background && step.joint != Joint::Or;
    (program(&first.text) == "sleep" && is_time && goes_on).then_some(&time.text)
}
