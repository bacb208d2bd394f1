//! Which variables of the files hold secrets, and which services share one.

use std::collections::{BTreeMap, BTreeSet};

use super::Survey;
use crate::compose::codec::{Field, Map};
use crate::compose::command::Command;
use crate::compose::container::Container;
use crate::compose::leaf::Loose;
use crate::compose::project::{Project, entries, items};
use crate::convert::Input;
use crate::convert::member::Member;
use crate::convert::veil::{self, Form};
use crate::diag::sensitive::{holds_secret, is_sensitive, is_switch, passwords};
use crate::k8s::name;
use crate::source::Text;
use crate::source::origin::{Modifier, Origin, Part, PartKind, Variable};
use smol_str::format_smolstr;

/// What is known of secret variables.
#[derive(Debug, Default)]
pub struct Secrets {
    /// Variables that are secret because of where they stand, not because of their names.
    marked: BTreeSet<Text>,
    /// The values of each secret variable: which one it is, and who uses it.
    values: BTreeMap<Text, BTreeMap<Text, Uses>>,
    /// Names that Secrets have for another reason.
    taken: BTreeSet<Text>,
}

#[derive(Debug, Default)]
struct Uses {
    members: BTreeSet<Text>,
    /// The key of the Secret that several members share.
    shared: Option<(Text, Text)>,
}

impl Secrets {
    /// Looks at all members.
    #[must_use]
    pub fn of(input: &Input<'_>, survey: &Survey<'_>, members: &[Member<'_>]) -> Self {
        let project = input.project;
        let mut secrets = Self::default();
        for (name, _) in entries(&project.model.secrets) {
            secrets.taken.extend(name::object(name, name::LABEL_LENGTH).map(Text::from));
        }
        for member in members {
            secrets.taken.insert(own(&survey.object_name(member.name)));
            for environment in environments(member) {
                secrets.mark(project, environment);
            }
        }
        for member in members {
            for environment in environments(member) {
                secrets.environment(project, environment, member);
            }
            for command in commands(member) {
                secrets.command(project, command, member);
            }
            let test = member.workload.healthcheck.as_ref().and_then(|health| health.value.test.as_ref());
            for word in test.iter().flat_map(|test| &test.value.words) {
                secrets.value(None, &word.value, project.origins.get(word.origin), member);
            }
        }
        secrets.share();
        secrets
    }

    fn mark(&mut self, project: &Project, environment: &Field<Map<Option<Loose>>>) {
        for (name, value) in entries(environment) {
            let Some(Loose(text)) = &value.value else { continue };
            let origin = project.origins.get(value.origin);
            if origin.template.is_none() || is_switch(text) {
                continue;
            }
            let parts = veil::parts(text, origin);
            if let [(_, Some(variable))] = parts.as_slice()
                && is_sensitive(name)
            {
                self.marked.insert(variable.name.clone());
                continue;
            }
            let ranges = passwords(text);
            let mut at = 0;
            for (part, variable) in &parts {
                let end = at + part.len();
                if let Some(variable) = variable
                    && !part.is_empty()
                    && ranges.iter().any(|range| range.start <= at && end <= range.end)
                {
                    self.marked.insert(variable.name.clone());
                }
                at = end;
            }
        }
    }

    fn environment(
        &mut self,
        project: &Project,
        environment: &Field<Map<Option<Loose>>>,
        member: &Member<'_>,
    ) {
        for (name, value) in entries(environment) {
            let Some(Loose(text)) = &value.value else { continue };
            self.value(Some(name), text, project.origins.get(value.origin), member);
        }
    }

    fn command(&mut self, project: &Project, command: &Field<Command>, member: &Member<'_>) {
        let Some(command) = command else { return };
        if let Some(line) = &command.value.line {
            self.value(None, &line.text, project.origins.get(command.origin), member);
        } else {
            for word in &command.value.words {
                self.value(None, &word.value, project.origins.get(word.origin), member);
            }
        }
    }

    fn value(&mut self, name: Option<&Text>, text: &str, origin: &Origin, member: &Member<'_>) {
        let used = match veil::form(name, text, origin, &|variable| self.is_secret(variable)) {
            Form::Plain | Form::Whole => return,
            Form::Parts(chunks) => chunks,
        };
        for chunk in used {
            let Some(variable) = chunk.secret else { continue };
            let values = self.values.entry(variable.clone()).or_default();
            let uses = values.entry(chunk.text).or_default();
            uses.members.insert(member.name.clone());
        }
    }

    /// Whether the value of a variable, or what stands for it, is a secret.
    #[must_use]
    pub fn is_secret(&self, variable: &Variable) -> bool {
        let by_name = is_sensitive(&variable.name) || self.marked.contains(&variable.name);
        if by_name && !is_switch(&variable.result) || holds_secret(&variable.result) {
            return true;
        }
        match &variable.modifier {
            Modifier::None | Modifier::Required { .. } => false,
            Modifier::Default { word, .. } | Modifier::Alternative { word, .. } => {
                word.iter().any(|part| self.holds(part))
            }
        }
    }

    fn holds(&self, part: &Part) -> bool {
        match &part.kind {
            PartKind::Literal(_) => false,
            PartKind::Variable(variable) => self.is_secret(variable),
        }
    }

    /// Gives a Secret of its own to each value that several members use: their names do not depend on the order in
    /// which the members stand.
    fn share(&mut self) {
        for (variable, values) in &mut self.values {
            let mut shared: Vec<&mut Uses> =
                values.values_mut().filter(|uses| uses.members.len() > 1).collect();
            shared.sort_by(|left, right| left.members.cmp(&right.members));
            for (at, uses) in shared.into_iter().enumerate() {
                let key = if at == 0 { variable.clone() } else { format_smolstr!("{variable}_{}", at + 1) };
                let plain = name::object(&key, name::LABEL_LENGTH).unwrap_or_else(|| "shared".into());
                let is_free = !self.taken.contains(plain.as_str());
                let ending = |name: &str| name::with_ending(name, "variable", name::LABEL_LENGTH);
                let secret = if is_free { plain } else { ending(&plain) };
                uses.shared = Some((secret.into(), key));
            }
        }
    }

    /// The key of the Secret that holds the value of a variable for several members; nothing when one member uses it.
    #[must_use]
    pub fn shared(&self, variable: &str, value: &str) -> Option<(Text, Text)> {
        self.values.get(variable)?.get(value)?.shared.clone()
    }
}

/// The Secret of a member's own values.
#[must_use]
pub fn own(object: &str) -> Text {
    name::with_ending(object, "env", name::LABEL_LENGTH).into()
}

fn containers<'p>(member: &Member<'p>) -> impl Iterator<Item = &'p Container> {
    let before = member.service().into_iter().flat_map(|service| items(&service.pre_start));
    std::iter::once(member.container).chain(before.map(|hook| &hook.value.container))
}

fn hooks<'p>(member: &Member<'p>) -> impl Iterator<Item = &'p crate::compose::hook::Hook> {
    let lists = member.service().into_iter().flat_map(|service| [&service.post_start, &service.pre_stop]);
    lists.flat_map(items).map(|hook| &hook.value)
}

fn environments<'p>(member: &Member<'p>) -> impl Iterator<Item = &'p Field<Map<Option<Loose>>>> {
    containers(member)
        .map(|container| &container.environment)
        .chain(hooks(member).map(|hook| &hook.environment))
}

fn commands<'p>(member: &Member<'p>) -> impl Iterator<Item = &'p Field<Command>> {
    containers(member)
        .flat_map(|container| [&container.command, &container.entrypoint])
        .chain(hooks(member).map(|hook| &hook.command))
}
