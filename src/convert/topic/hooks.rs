//! Commands and containers around the life of a service.

pub mod before;

use crate::compose::codec::{Field, List};
use crate::compose::hook::{Hook, PreStart};
use crate::compose::project::entries;
use crate::convert::argument;
use crate::convert::draft::Draft;
use crate::convert::pass::Pass;
use crate::convert::secret::{self, Around};
use crate::convert::topic::command::{self, Word};
use crate::convert::veil::{Form, Reference, Veiled, quoted};
use crate::diag::slugs;
use crate::source::Text;
use crate::source::span::Spanned;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `pre_start`
    pub pre_start: &'p Field<List<PreStart>>,
    /// `post_start`
    pub post_start: &'p Field<List<Hook>>,
    /// `pre_stop`
    pub pre_stop: &'p Field<List<Hook>>,
}

/// A hook on its way.
struct Step {
    words: Vec<Veiled>,
    variables: Vec<(Text, Veiled)>,
    directory: Option<Text>,
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, draft: &mut Draft<'p>, keys: &Keys<'p>) {
    let Keys { pre_start, post_start, pre_stop } = keys;
    before::convert(pass, draft, pre_start);
    let message = "`post_start` runs beside the program and not after its start, and when it fails the container is started again";
    handler(pass, draft, post_start, "postStart", message);
    let message = "`pre_stop` runs within the grace period, and not when the program ends by itself";
    handler(pass, draft, pre_stop, "preStop", message);
}

/// The one handler that stands for a list of hooks.
fn handler<'p>(
    pass: &mut Pass<'p>,
    draft: &mut Draft<'p>,
    hooks: &'p Field<List<Hook>>,
    field: &'static str,
    message: &str,
) {
    let Some(hooks) = hooks else { return };
    let name = draft.name.clone();
    let around = Around::main(draft.member, &name);
    let mut steps = Vec::new();
    for hook in &hooks.value {
        steps.extend(step(pass, draft, &around, hook));
    }
    let finding = pass.finding_at_key(hooks, slugs::LIFECYCLE_HOOK, message);
    let why = pass.approximated(hooks, finding);
    if steps.is_empty() {
        return;
    }
    let values = steps.iter().flat_map(|step| {
        step.words.iter().chain(step.variables.iter().map(|(_, value)| value)).flat_map(Veiled::references)
    });
    let references: Vec<Reference> = values.cloned().collect();
    for reference in &references {
        secret::provide(pass, &draft.member, &mut draft.container, reference, hooks.key, &why);
    }
    // The kubelet does not expand what a handler runs: nothing is escaped here.
    let list = draft.container.map("lifecycle").map(field).map("exec").list("command");
    if let [Step { words, variables, directory: None }] = steps.as_slice()
        && variables.is_empty()
        && let Some(words) = words.iter().map(Veiled::text).collect::<Option<Vec<_>>>()
    {
        for word in words {
            list.push_value(word, &why);
        }
        return;
    }
    for word in ["sh", "-c", script(&steps).as_str()] {
        list.push_value(word, &why);
    }
}

fn step<'p>(
    pass: &mut Pass<'p>,
    draft: &Draft<'p>,
    around: &Around<'p, '_>,
    hook: &'p Spanned<Hook>,
) -> Option<Step> {
    let Hook { command, environment, privileged, user, working_dir, extensions: _ } = &hook.value;
    if let Some(privileged) = privileged.as_ref().filter(|privileged| privileged.value) {
        let message =
            "the hook asks for all rights on the host, and Kubernetes runs it with those of the container";
        let finding = pass
            .finding_at_key(privileged, slugs::PRIVILEGED_HOOK, message)
            .tip("move the work to `pre_start`");
        pass.refused(privileged, finding);
    }
    let own = draft.member.container.user.as_ref().map_or("", |user| user.value.as_str());
    if let Some(user) = user.as_ref().filter(|user| !user.value.is_empty() && user.value != own) {
        let message =
            format!("the hook runs as `{}`, and Kubernetes runs it as the user of the container", user.value);
        let finding = pass.finding(user, slugs::PRIVILEGED_HOOK, message).tip("move the work to `pre_start`");
        pass.refused(user, finding);
    }
    let mut variables = Vec::new();
    for (name, value) in entries(environment) {
        let Some(text) = &value.value else {
            let message = format!("`{name}` has no value, and the hook has that of the container");
            let finding = pass.finding_at_key(value, slugs::HOST_ENV_PASSTHROUGH, message);
            pass.dropped(value, finding);
            continue;
        };
        let veiled = match secret::form(pass, Some(name), &text.0, value.origin) {
            Form::Plain => Veiled::plain(&text.0),
            Form::Parts(chunks) => secret::pieces(pass, around, &chunks),
            Form::Whole => {
                let mut veiled = Veiled::default();
                veiled.refer(argument::reference(pass, around, name, &text.0));
                veiled
            }
        };
        variables.push((name.clone(), veiled));
    }
    let words = command::words(pass, around, command.as_deref()?, false)?;
    let words: Vec<Veiled> = words.into_iter().map(|Word { text, why: _ }| text).collect();
    let directory = working_dir.as_ref().map(|directory| directory.value.clone());
    let directory = directory.filter(|directory| !directory.is_empty());
    (!words.is_empty()).then_some(Step { words, variables, directory })
}

/// A script that runs the hooks one after the other, each with its own variables and folder, until one fails.
fn script(steps: &[Step]) -> String {
    let mut lines = vec!["set -e".to_owned()];
    for step in steps {
        let mut parts = Vec::new();
        parts.extend(step.directory.as_ref().map(|directory| format!("cd {}", quoted(directory))));
        let mut run = Vec::new();
        for (name, value) in &step.variables {
            // What is no name for a shell is one for `env`.
            if is_identifier(name) {
                parts.push(format!("export {name}={}", value.shell_word()));
            } else {
                let mut assignment = Veiled::plain(&format!("{name}="));
                assignment.append(value);
                run.push(assignment.shell_word());
            }
        }
        if !run.is_empty() {
            run.insert(0, "env".into());
        }
        run.extend(step.words.iter().map(Veiled::shell_word));
        parts.push(format!("exec {}", run.join(" ")));
        let line = parts.join("; ");
        lines.push(if steps.len() == 1 { line } else { format!("({line})") });
    }
    lines.join("\n")
}

fn is_identifier(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    name.bytes().next().is_some_and(letter) && name.bytes().all(|byte| letter(byte) || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hooks_run_one_after_the_other_each_with_its_own_surroundings() {
        let words = |words: &[&str]| words.iter().map(|word| Veiled::plain(word)).collect::<Vec<_>>();
        let first = Step {
            words: words(&["touch", "/a b"]),
            variables: vec![("A".into(), Veiled::plain("it's")), ("b.c".into(), Veiled::plain("1"))],
            directory: Some("/srv".into()),
        };
        let second = Step { words: words(&["echo", "$$"]), variables: Vec::new(), directory: None };
        assert_eq!(
            script(&[first, second]),
            "set -e\n(cd /srv; export A='it'\\''s'; exec env b.c=1 touch '/a b')\n(exec echo '$$')"
        );
    }
}
