//! What must be there first.

pub mod reach;

use crate::compose::codec::{Field, Map};
use crate::compose::project::entries;
use crate::compose::service::{Condition, Dependency};
use crate::convert::draft::{Draft, Gate, Way};
use crate::convert::member::{Either, Member};
use crate::convert::pass::Pass;
use crate::convert::survey::dependents::{condition, is_patient, sole_dependent};
use crate::convert::topic::health;
use crate::diag::{Finding, Slug, slugs};
use crate::k8s::kind::Kind;
use crate::plan::ledger::Verdict;
use crate::source::Text;
use crate::source::origin::{Hop, OriginId};
use crate::source::span::{Identity, Spanned};

/// The keys of the topic.
pub struct Keys<'p> {
    /// `depends_on`
    pub depends_on: &'p Field<Map<Dependency>>,
}

/// What becomes of a dependency.
enum Decision {
    /// Nothing waits; why, in words.
    None(String),
    /// Nothing waits, and nothing would in Compose; why, in words.
    Same(String),
    /// A gate, and what it is, in words.
    Gate(Way, Slug, String),
    /// A gate that would never open; why, in words.
    Impossible(String),
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, draft: &mut Draft<'p>, keys: &Keys<'p>) {
    let Keys { depends_on } = keys;
    for (name, dependency) in entries(depends_on) {
        let decision = decide(pass, &draft.member, name, dependency);
        edge(pass, draft, name, dependency, decision);
    }
    if let Some(depends_on) = depends_on {
        pass.consumed(&**depends_on);
    }
}

fn edge<'p>(
    pass: &mut Pass<'p>,
    draft: &mut Draft<'p>,
    name: &Text,
    dependency: &'p Spanned<Dependency>,
    decision: Decision,
) {
    let Dependency { condition, restart, required, extensions: _ } = &dependency.value;
    let (rule, mut message, gate) = match decision {
        Decision::Impossible(message) => {
            let value = condition.as_ref();
            let finding = match value {
                Some(value) => pass.finding(&**value, slugs::IMPOSSIBLE_GATE, message),
                None => pass.finding(dependency, slugs::IMPOSSIBLE_GATE, message),
            };
            let finding = finding.tip("mend what the gate waits for, or say `x-transship: {wait: none}`");
            match value {
                Some(value) => pass.refused(&**value, finding),
                None => pass.refused(dependency, finding),
            };
            pass.mapped(dependency);
            return;
        }
        Decision::Same(reason) => {
            let said = Some((slugs::STARTUP_ORDER, reason.as_str()));
            let flags = [restart, required].into_iter().flatten().map(|flag| Identity::of(&**flag));
            let parts = condition.iter().map(|condition| Identity::of(&**condition)).chain(flags);
            for part in parts {
                pass.accounts.enter(part, Verdict::Dropped, said, false);
            }
            pass.mapped(dependency);
            return;
        }
        Decision::Gate(way, rule, message) => (rule, message, Some(way)),
        Decision::None(message) => (slugs::STARTUP_ORDER, message, None),
    };
    let restarts = restart.as_ref().filter(|restart| restart.value);
    if restarts.is_some() {
        message.push_str("; a restart of the one does not restart the other");
    }
    let finding = match condition {
        // Behind an alias, the condition may be that of many.
        Some(condition) if is_aliased(pass, condition.origin) => {
            let path = pass.accounts.path(Identity::of(&**condition));
            Finding::new(rule, dependency.key, path, &message)
        }
        Some(condition) => pass.finding(&**condition, rule, &message),
        None => pass.finding(dependency, rule, &message),
    };
    let why = match condition {
        Some(condition) => pass.approximated(&**condition, finding),
        None => pass.approximated(dependency, finding),
    };
    if let Some(restart) = restarts {
        let said = Some((slugs::STARTUP_ORDER, "a restart of the one does not restart the other"));
        pass.accounts.enter(Identity::of(&**restart), Verdict::Dropped, said, false);
    }
    if let Some(required) = required.as_ref().filter(|required| !required.value) {
        let said = Some((slugs::STARTUP_ORDER, message.as_str()));
        pass.accounts.enter(Identity::of(&**required), Verdict::Approximated, said, false);
    }
    pass.mapped(dependency);
    if let Some(way) = gate {
        draft.gates.push(Gate { on: name.clone(), way, why });
    }
}

/// Whether a value is written elsewhere, under an anchor.
fn is_aliased(pass: &Pass<'_>, origin: OriginId) -> bool {
    pass.input.project.origins.get(origin).hops.iter().any(|hop| matches!(hop, Hop::Alias(_)))
}

fn decide(pass: &Pass<'_>, member: &Member<'_>, name: &Text, dependency: &Spanned<Dependency>) -> Decision {
    let own = member.name;
    let none = |why: &str| Decision::None(format!("`{own}` does not wait for `{name}`: {why}"));
    let condition = condition(dependency);
    let Some(other) = pass.survey.member(name).copied() else {
        // One that is required has to be there, or the project is broken.
        let reason = format!("`{name}` is not part of the project, and Compose does not wait for it either");
        return Decision::Same(reason);
    };
    if !pass.is_written(name) {
        return none("it is left out");
    }
    if dependency.value.required.as_ref().is_some_and(|required| !required.value) {
        return none("it is not required, and Compose goes on without it");
    }
    if !is_patient(member) {
        return none("`wait: none` switches its gates off");
    }
    if other.service().is_some_and(|service| service.provider.is_some()) {
        return none("a provider starts it, outside the project");
    }
    if other.replicas() == 0 {
        return none("it has no replicas");
    }
    if let Either::Job(_) = other.kind {
        let message =
            format!("job `{name}` runs to its end in each pod of `{own}` first, as in `docker compose run`");
        return Decision::Gate(Way::Before, slugs::COMPLETION_DEPENDENCY, message);
    }
    match condition {
        Condition::Started if pass.survey.pods.is_one(own, name) => {
            none("they are one pod, whose containers start together")
        }
        Condition::Started => {
            none("Kubernetes starts pods in no order, and a name resolves before its pods run")
        }
        Condition::Healthy => healthy(pass, member, &other),
        Condition::Completed => completed(pass, member, &other),
    }
}

fn healthy(pass: &Pass<'_>, member: &Member<'_>, other: &Member<'_>) -> Decision {
    let (own, name) = (member.name, other.name);
    if !health::is_tested(pass, other) {
        return Decision::Impossible(format!(
            "`{own}` waits until `{name}` is healthy, but no healthcheck of `{name}` is known: it would wait for ever"
        ));
    }
    if pass.survey.pods.is_one(own, name) {
        let message = format!(
            "`{own}` and `{name}` are one pod, in which `{name}` starts first, at every start of the pod"
        );
        return Decision::Gate(Way::Beside, slugs::STARTUP_ORDER, message);
    }
    if !reach::share_network(pass, member, other) {
        return Decision::Impossible(format!(
            "`{own}` waits until `{name}` is healthy, but shares no network with it: it would wait for ever"
        ));
    }
    let way = reach::port(pass, other).map_or(Way::Name, Way::Port);
    let message = format!(
        "`{own}` waits in an init container until `{name}` is ready; it waits without end, where Compose gives up, \
         and again for every pod"
    );
    Decision::Gate(way, slugs::STARTUP_ORDER, message)
}

fn completed(pass: &Pass<'_>, member: &Member<'_>, other: &Member<'_>) -> Decision {
    let (own, name) = (member.name, other.name);
    let kind = pass.survey.kinds[name].kind;
    if kind != Kind::Job {
        return Decision::Impossible(format!(
            "`{own}` waits for the end of `{name}`, which becomes a {} and never ends: it would wait for ever",
            kind.word()
        ));
    }
    if pass.survey.pods.owner(own) == name && own != name {
        return Decision::Impossible(format!(
            "`{own}` waits for the end of `{name}`, whose pod it shares, and starts with it: it would wait for ever"
        ));
    }
    if pass.survey.pods.is_one(own, name) || sole_dependent(&pass.survey, other).is_some() {
        let message = format!(
            "`{name}` becomes an init container of `{own}`: it runs again before every start of the pod, until it succeeds"
        );
        return Decision::Gate(Way::Before, slugs::COMPLETION_DEPENDENCY, message);
    }
    if let Some(why) = reach::closed(pass, member) {
        return Decision::Impossible(format!(
            "`{own}` waits for the end of `{name}`, which the API server knows, but {why}: it would wait for ever"
        ));
    }
    let message = format!(
        "`{name}` becomes a Job, and `{own}` waits in an init container until the API says that it is complete; it \
         waits without end when the Job fails, where Compose gives up"
    );
    Decision::Gate(Way::Job, slugs::COMPLETION_DEPENDENCY, message)
}
