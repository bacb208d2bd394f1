//! The healthcheck as a probe.

pub mod request;
pub mod timing;
pub mod write;

use crate::compose::codec::Field;
use crate::compose::health::{Healthcheck, Test};
use crate::compose::image_facts::{Facts, ImageTest};
use crate::compose::shell;
use crate::convert::argument;
use crate::convert::draft::Draft;
use crate::convert::hint::Hint;
use crate::convert::member::{Either, Member};
use crate::convert::pass::Pass;
use crate::convert::secret::{self, Around};
use crate::convert::survey::ports::Evidence;
use crate::convert::veil::{Reference, Veiled, quoted, shell_line};
use crate::diag::slugs;
use crate::plan::ledger::Verdict;
use crate::plan::why::Why;
use crate::source::Text;
use crate::source::span::{Identity, Spanned};
use request::{Handler, Request};
use std::collections::BTreeSet;
use timing::Timing;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `healthcheck`
    pub healthcheck: &'p Field<Healthcheck>,
}

const AS_PROBE: &str = "the healthcheck becomes a readiness probe: Docker marks a failing container only, Kubernetes \
                        sends it no more requests";

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, draft: &mut Draft<'p>, keys: &Keys<'p>) {
    let Keys { healthcheck } = keys;
    let facts = pass.facts(draft.member);
    if let (Either::Job(_), Some(health)) = (draft.member.kind, healthcheck) {
        let message =
            format!("job `{}` has a healthcheck, and nothing asks a job for its health", draft.member.name);
        let finding = pass.finding_at_key(health, slugs::APPROXIMATED_KEY, message);
        pass.dropped(health, finding);
        return;
    }
    if let Some(health) = healthcheck {
        written(pass, draft, facts, health);
    } else if let (Either::Service(_), Some(known)) = (draft.member.kind, facts.healthcheck.known()) {
        let why = pass.fact(&known.evidence);
        let message = format!(
            "service `{}` has the healthcheck of its image, which Kubernetes ignores: it is written as a readiness probe",
            draft.member.name
        );
        let finding = pass.finding_of(&draft.member, slugs::IMAGE_HEALTHCHECK, message);
        pass.report(finding.tip("write the test in `healthcheck`, so that it does not depend on the image"));
        let request = of_image(pass, &draft.member, facts, &known.value.test);
        let timing = Timing::of(pass, facts, None);
        probes(pass, draft, &request, &timing, &why);
    }
    hints(pass, draft);
}

/// Whether it is known how a member tells its health: from its own test, or from that of its image.
#[must_use]
pub fn is_tested(pass: &Pass<'_>, member: &Member<'_>) -> bool {
    let of_image = || pass.input.facts.of_service(member.name).healthcheck.known().is_some();
    match &member.workload.healthcheck {
        None => of_image(),
        Some(health) if is_off(&health.value) => false,
        Some(health) => match &health.value.test {
            Some(test) if !test.value.words.is_empty() => true,
            _ => of_image(),
        },
    }
}

fn is_off(health: &Healthcheck) -> bool {
    let none = |test: &Test| test.words.first().is_some_and(|word| word.value == "NONE");
    health.disable.as_ref().is_some_and(|disable| disable.value)
        || health.test.as_ref().is_some_and(|test| none(&test.value))
}

fn written<'p>(
    pass: &mut Pass<'p>,
    draft: &mut Draft<'p>,
    facts: &'p Facts,
    health: &'p Spanned<Healthcheck>,
) {
    let Healthcheck {
        disable,
        interval: _,
        retries: _,
        start_interval,
        start_period,
        test,
        timeout: _,
        extensions: _,
    } = &health.value;
    if is_off(&health.value) {
        pass.mapped(health);
        return;
    }
    if let Some(disable) = disable {
        pass.mapped(disable);
    }
    let timing = Timing::of(pass, facts, Some(health));
    let own = test.as_ref().filter(|test| !test.value.words.is_empty());
    let (request, why) = match (own, facts.healthcheck.known()) {
        (Some(test), _) => {
            let Some((request, references)) = of_test(pass, draft, test) else {
                let message = "the test names no command: no probe is written";
                pass.dropped(health, pass.finding(&**test, slugs::HEALTHCHECK_AS_PROBE, message));
                return;
            };
            let message = format!("{AS_PROBE}; {}", how(&request.handler, &references));
            let finding = pass.finding(&**test, slugs::HEALTHCHECK_AS_PROBE, message);
            let why = pass.approximated(&**test, finding);
            for reference in &references {
                secret::provide(pass, &draft.member, &mut draft.container, reference, test.key, &why);
            }
            (request, why)
        }
        (None, Some(known)) => {
            let message =
                "the test is that of the image, which Kubernetes ignores: it is written as a readiness probe";
            let finding = pass.finding_at_key(health, slugs::IMAGE_HEALTHCHECK, message);
            let why = match test {
                Some(test) => pass.approximated(&**test, finding),
                None => {
                    pass.report(finding);
                    pass.fact(&known.evidence)
                }
            };
            (of_image(pass, &draft.member, facts, &known.value.test), why)
        }
        (None, None) => {
            let message = "the test is that of the image, of which none is known: no probe is written";
            let finding = pass.finding_at_key(health, slugs::IMAGE_HEALTHCHECK, message);
            let tip = "write the test in `healthcheck`, or give the image's metadata with `--image-metadata`";
            pass.dropped(health, finding.tip(tip));
            return;
        }
    };
    for value in [start_period, start_interval].into_iter().flatten() {
        let said = Some((slugs::HEALTHCHECK_AS_PROBE, "a readiness probe needs no time of grace"));
        pass.accounts.enter(Identity::of(&**value), Verdict::Approximated, said, false);
    }
    probes(pass, draft, &request, &timing, &why);
    pass.mapped(health);
}

/// What asks for the health, for the finding that says so.
fn how(handler: &Handler, secrets: &[Reference]) -> String {
    let names: BTreeSet<&Text> = secrets.iter().map(|secret| &secret.variable).collect();
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match handler {
        Handler::Exec(_) if names.is_empty() => {
            "the command needs its programs in the image, as in Docker".into()
        }
        Handler::Exec(_) => format!(
            "the command needs its programs in the image, and a shell, which puts in what the container has as {}",
            names.join(", ")
        ),
        Handler::Http { .. } => "the kubelet makes the same HTTP request itself".into(),
        Handler::Tcp(_) => "the kubelet opens the same connection itself".into(),
        Handler::Grpc(..) => "the kubelet asks the same gRPC service itself".into(),
    }
}

/// Writes the readiness probe and, where it is asked for, the liveness probe.
fn probes<'p>(pass: &mut Pass<'p>, draft: &mut Draft<'p>, request: &Request, timing: &Timing, why: &Why) {
    let timing = timing.within(request.limit);
    write::handler(draft.container.map("readinessProbe"), &request.handler, why);
    timing.write(draft.container.map("readinessProbe"), &timing.retries.clone());
    draft.tested = Some((request.clone(), timing.clone(), why.clone()));
    let Some(asked) = liveness(pass, &draft.member) else { return };
    write::handler(draft.container.map("livenessProbe"), &request.handler, &why.and(&asked));
    timing.write(draft.container.map("livenessProbe"), &timing.retries.clone());
    if timing.start_period.0 > 0 {
        startup(draft, &asked);
    }
}

/// The probe that bears failures as long as the container starts.
pub fn startup(draft: &mut Draft<'_>, why: &Why) {
    let Some((request, timing, own)) = draft.tested.clone() else { return };
    let probe = draft.container.map("startupProbe");
    write::handler(probe, &request.handler, &own.and(why));
    timing.write_start(probe);
}

/// Who asks for restarts of unhealthy containers: the hint, or a label for autoheal.
fn liveness<'p>(pass: &mut Pass<'p>, member: &Member<'p>) -> Option<Why> {
    if let Some(hint) = pass.hint(member, "liveness").filter(Hint::is_on) {
        return Some(hint.mapped(pass));
    }
    let label =
        crate::compose::project::entries(&member.container.labels).find(|(key, _)| *key == "autoheal")?.1;
    (label.value.0 == "true").then(|| pass.why(label))
}

/// The probes that hints describe as mappings.
fn hints<'p>(pass: &mut Pass<'p>, draft: &mut Draft<'p>) {
    for (name, field) in [("readiness", "readinessProbe"), ("liveness", "livenessProbe")] {
        let Some(hint) = pass.hint(&draft.member, name) else { continue };
        let Some(map) = hint.map() else { continue };
        let why = hint.mapped(pass);
        let known =
            pass.survey.ports.get(draft.member.name).and_then(|ports| ports.first()).map(|port| port.number);
        write::hinted(draft.container.map(field), map, known, &why);
    }
}

/// What the test asks, and the keys of Secrets that its command needs; none when there is no command.
fn of_test(pass: &Pass<'_>, draft: &Draft<'_>, test: &Spanned<Test>) -> Option<(Request, Vec<Reference>)> {
    let (first, rest) = test.value.words.split_first().filter(|(_, rest)| !rest.is_empty())?;
    let shell = first.value == "CMD-SHELL";
    let around = Around::main(draft.member, &draft.name);
    let given: Vec<Veiled> = rest.iter().map(|word| secret::word(pass, &around, word)).collect();
    let known: Vec<Reference> = given.iter().flat_map(Veiled::references).cloned().collect();
    let veiled = argument::veil(pass, &around, given);
    let references: Vec<Reference> = veiled.iter().flat_map(Veiled::references).cloned().collect();
    let exec = |words: Vec<Text>| Request { handler: Handler::Exec(words), limit: None };
    if !references.is_empty() {
        let is_plain = |secret: &Reference| known.contains(secret) || quoted(&secret.value) == *secret.value;
        let readable = match veiled.as_slice() {
            [line] if shell && references.iter().all(is_plain) => line.in_shell(),
            _ => None,
        };
        // The kubelet puts no secret into a command of a probe: a shell has to. Where the line is its text, another reads
        // it when the secrets are in.
        let line = readable.unwrap_or_else(|| {
            let before = ["/bin/sh", "-c"].iter().filter(|_| shell).map(|word| Veiled::plain(word));
            shell_line(&before.chain(veiled).collect::<Vec<_>>())
        });
        return Some((exec(shell_words(line.into())), references));
    }
    let texts: Vec<Text> = rest.iter().map(|word| word.value.clone()).collect();
    let own = draft.member.name;
    let request = match (first.value.as_str(), texts.as_slice()) {
        ("CMD-SHELL", [line]) => request::of_line(line, own),
        ("CMD", words) => match line_of_shell(words) {
            Some(line) => request::of_line(line, own),
            None => request::of_words(words, own),
        },
        _ => None,
    };
    if let Some(request) = request.filter(|request| listens(pass, &draft.member, &request.handler)) {
        return Some((request, references));
    }
    // What stands behind the line are the words that the shell calls `$0` and so on.
    let words = match texts.split_first() {
        Some((line, further)) if shell => {
            shell_words(line.clone()).into_iter().chain(further.iter().cloned()).collect()
        }
        _ => texts,
    };
    Some((exec(words), references))
}

/// The text that the words have a shell run, when they say no more than that.
fn line_of_shell(words: &[Text]) -> Option<&Text> {
    let texts: Vec<&str> = words.iter().map(Text::as_str).collect();
    let called = shell::called(&texts).filter(|called| called.first == 0)?;
    words.last().filter(|_| called.text + 1 == words.len())
}

fn shell_words(line: Text) -> Vec<Text> {
    vec!["/bin/sh".into(), "-c".into(), line]
}

fn of_image(pass: &Pass<'_>, member: &Member<'_>, facts: &Facts, test: &ImageTest) -> Request {
    let (request, words) = match test {
        ImageTest::Exec(words) => (request::of_words(words, member.name), words.clone()),
        ImageTest::Shell(line) => {
            let default = || vec!["/bin/sh".into(), "-c".into()];
            let mut words = facts.shell.value().cloned().unwrap_or_else(default);
            words.push(line.clone());
            (request::of_line(line, member.name), words)
        }
    };
    let request = request.filter(|request| listens(pass, member, &request.handler));
    request.unwrap_or(Request { handler: Handler::Exec(words), limit: None })
}

/// Whether it is known that the port is open on the address of the pod, and not on the loopback alone.
fn listens(pass: &Pass<'_>, member: &Member<'_>, handler: &Handler) -> bool {
    let port = match handler {
        Handler::Http { port, .. } | Handler::Tcp(port) | Handler::Grpc(port, _) => *port,
        Handler::Exec(_) => return true,
    };
    let owner = pass.survey.pods.owner(member.name);
    let ports = [member.name, owner].into_iter().filter_map(|name| pass.survey.ports.get(name)).flatten();
    ports
        .filter(|known| known.number == port && known.protocol == "TCP")
        .any(|known| known.reached || matches!(known.evidence, Evidence::Declared(_)))
}
