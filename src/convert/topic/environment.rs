//! Environment variables, and the values that nobody may see.

use std::collections::{BTreeMap, BTreeSet};

use crate::compose::codec::{Field, List, Map};
use crate::compose::container::EnvFile;
use crate::compose::leaf::Loose;
use crate::compose::project::entries;
use crate::convert::draft::Seat;
use crate::convert::hint::{self, Hint};
use crate::convert::pass::Pass;
use crate::convert::secret::{self, Around};
use crate::convert::veil::{Form, Reference, Veiled};
use crate::diag::slugs;
use crate::k8s::field_ref::is_pod_field;
use crate::plan::ledger::Verdict;
use crate::source::Text;
use crate::source::origin::Hop;
use crate::source::span::{Identity, Spanned};

/// The keys of the topic.
pub struct Keys<'p> {
    /// `environment`
    pub environment: &'p Field<Map<Option<Loose>>>,
    /// `env_file`
    pub env_file: &'p Field<List<EnvFile>>,
}

/// A variable that has a value.
struct Variable<'p> {
    name: &'p Text,
    value: &'p Spanned<Option<Loose>>,
    written: Written,
}

/// What is written for it.
enum Written {
    /// A value, of which parts may come from Secrets.
    Value(Veiled),
    /// The value of a Secret's key.
    Key(Reference),
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, keys: &Keys<'p>) {
    let Keys { environment, env_file } = keys;
    let raw = pass.hint(&seat.member, "expand").map(|hint| hint.words()).unwrap_or_default();
    let fields = field_env(pass, seat);
    let around = Around::of(seat, environment);
    let mut variables = Vec::new();
    for (name, value) in entries(environment) {
        if fields.contains(name) {
            // The hint says where the value comes from instead.
            pass.consumed(value);
        } else if is_legal(pass, name, value) && has_value(pass, name, value) {
            variables.push(Variable { name, value, written: written(pass, &around, name, value) });
        }
    }
    for at in order(&variables, &raw) {
        emit(pass, seat, &around, &variables[at], &raw);
    }
    if let Some(files) = env_file {
        for file in &files.value {
            named(pass, &around, file);
        }
        pass.consumed(files);
    }
}

/// Whether the API server takes the name; when it does not, that is said.
fn is_legal(pass: &mut Pass<'_>, name: &Text, value: &Spanned<Option<Loose>>) -> bool {
    let minor = pass.options().kube_minor.0;
    if crate::k8s::name::is_variable(name, minor) {
        return true;
    }
    let needs = if minor < 32 {
        "letters, digits, `_`, `-` and `.`, not a digit first"
    } else {
        "printable ASCII other than `=`"
    };
    let message =
        format!("the variable `{}` has a name that Kubernetes 1.{minor} does not take", name.escape_debug());
    let finding = pass.finding_at_key(value, slugs::ILLEGAL_NAME, message).tip(format!("rename it: {needs}"));
    pass.impossible(value, finding);
    false
}

/// Whether the variable has a value; one without is said, and stays away.
fn has_value(pass: &mut Pass<'_>, name: &Text, value: &Spanned<Option<Loose>>) -> bool {
    if value.value.is_some() {
        return true;
    }
    let message = format!(
        "`{name}` has no value here and takes that of the shell that runs Compose; a pod has no such shell, so it is left unset, and one that the image sets stays"
    );
    let finding = pass
        .finding_at_key(value, slugs::HOST_ENV_PASSTHROUGH, message)
        .tip(format!("{}, or pass `-e {name}=…`", explicit(name)));
    pass.dropped(value, finding);
    false
}

fn written<'p>(
    pass: &Pass<'p>,
    around: &Around<'p, '_>,
    name: &'p Text,
    value: &'p Spanned<Option<Loose>>,
) -> Written {
    let text = value.value.as_ref().map(|Loose(text)| text.as_str()).unwrap_or_default();
    match secret::form(pass, Some(name), text, value.origin) {
        Form::Plain => Written::Value(Veiled::plain(text)),
        Form::Whole => Written::Key(secret::whole(pass, around, name, value)),
        Form::Parts(chunks) => {
            let veiled = secret::pieces(pass, around, &chunks);
            // A value that is that of one variable needs no other one beside it.
            let only = veiled.references().next().filter(|_| chunks.len() == 1).cloned();
            match only {
                Some(reference) => Written::Key(Reference { variable: name.clone(), ..reference }),
                None => Written::Value(veiled),
            }
        }
    }
}

/// The variables in an order in which each stands behind those that its value names, and else in that of the file.
fn order(variables: &[Variable<'_>], raw: &[Text]) -> Vec<usize> {
    let places: BTreeMap<&str, usize> =
        variables.iter().enumerate().map(|(at, variable)| (variable.name.as_str(), at)).collect();
    let needs = |at: usize| -> Vec<usize> {
        let Written::Value(veiled) = &variables[at].written else { return Vec::new() };
        let of_secrets = veiled.references().map(|reference| reference.variable.as_str());
        let text = if raw.is_empty() { String::new() } else { veiled.expanded(raw) };
        let wanted = raw.iter().filter(|name| text.contains(&format!("$({name})"))).map(Text::as_str);
        of_secrets.chain(wanted).filter_map(|name| places.get(name).copied()).collect()
    };
    let mut order = Vec::with_capacity(variables.len());
    let mut seen: BTreeSet<usize> = BTreeSet::new();
    for start in 0..variables.len() {
        // A stack of its own: values may name each other in a long chain, or in a circle.
        let mut stack = vec![(start, false)];
        while let Some((at, ready)) = stack.pop() {
            if ready {
                order.push(at);
            } else if seen.insert(at) {
                stack.push((at, true));
                stack.extend(needs(at).into_iter().rev().map(|need| (need, false)));
            }
        }
    }
    order
}

fn emit<'p>(
    pass: &mut Pass<'p>,
    seat: &mut Seat<'_, 'p>,
    around: &Around<'p, '_>,
    variable: &Variable<'p>,
    raw: &[Text],
) {
    let Variable { name, value, written } = variable;
    match written {
        Written::Key(reference) => {
            let why = secret::concealed(pass, value, std::slice::from_ref(reference));
            secret::provide(pass, &around.member, seat.container, reference, value.key, &why);
        }
        Written::Value(veiled) => {
            let references: Vec<Reference> = veiled.references().cloned().collect();
            let why = if references.is_empty() {
                readable(pass, name, value)
            } else {
                secret::concealed(pass, value, &references)
            };
            for reference in &references {
                secret::provide(pass, &around.member, seat.container, reference, value.key, &why);
            }
            let item = seat.container.list("env").push_map();
            item.put("name", *name, &why);
            item.put("value", veiled.expanded(raw), &why);
        }
    }
}

/// How a variable is given a value that nobody forgets; a name with other letters cannot stand in braces.
fn explicit(name: &str) -> String {
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    if name.starts_with(|letter: char| letter.is_ascii_digit()) || !name.chars().all(is_letter) {
        return format!("give `{name}` a value of its own");
    }
    format!("say that it is needed: `{name}: ${{{name}:?}}`")
}

/// Enters a value that anybody may read.
fn readable(pass: &mut Pass<'_>, name: &Text, value: &Spanned<Option<Loose>>) -> crate::plan::why::Why {
    let origin = pass.input.project.origins.get(value.origin);
    let inherited = origin.hops.iter().find_map(|hop| match hop {
        Hop::Inherited(place) => Some(*place),
        _ => None,
    });
    let Some(place) = inherited else { return pass.mapped(value) };
    let whose = match place {
        Some(_) => "that of the env file of the project, or of the shell that runs Compose",
        None => "that of the shell that runs Compose",
    };
    let message =
        format!("`{name}` has no value here and takes {whose}; the output holds the one that it has now");
    let finding = pass.finding_at_key(value, slugs::HOST_ENV_PASSTHROUGH, message).tip(explicit(name));
    pass.approximated(value, finding)
}

/// What becomes of the name of an env file: its variables are accounted for each by itself.
fn named<'p>(pass: &mut Pass<'p>, around: &Around<'p, '_>, file: &Spanned<EnvFile>) {
    let Some(path) = &file.value.path else { return };
    let origins = &pass.input.project.origins;
    let from_here = |value: &Spanned<Option<Loose>>| {
        let hops = &origins.get(value.origin).hops;
        hops.iter().any(|hop| matches!(hop, Hop::EnvFile(span) if *span == file.span))
    };
    let names_some = entries(around.environment).any(|(_, value)| from_here(value));
    if secret::is_inline(pass) || !names_some {
        pass.consumed(path);
        return;
    }
    let object = pass.survey.object_name(around.member.name);
    let secret = crate::convert::survey::secrets::own(&object);
    let reason =
        format!("its variables are keys of the Secret `{secret}`, whose values the output does not hold");
    let said = Some((slugs::UNPROVIDED_SECRET, reason.as_str()));
    pass.accounts.enter(Identity::of(&**path), Verdict::Approximated, said, false);
}

/// Variables that take fields of the pod, as the hint `field-env` says; they stand before all others.
fn field_env<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>) -> BTreeSet<Text> {
    let mut names = BTreeSet::new();
    let hint: Option<Hint<'p>> = pass.hint(&seat.member, "field-env");
    let Some(map) = hint.and_then(|hint| hint.map()) else { return names };
    for entry in &map.entries {
        let field = entry.node.value.scalar_text().unwrap_or_default();
        if !is_pod_field(&field) || !crate::k8s::name::is_variable(&entry.key, pass.options().kube_minor.0) {
            let message = format!(
                "`{}` under `field-env` is no field of a pod that a variable can take; it is not set",
                entry.key
            );
            hint::unusable(pass, entry, message, "name a field as `metadata.name` or `status.podIP`");
            continue;
        }
        let why = hint::mapped(pass, entry);
        let item = seat.container.list("env").push_map();
        item.put("name", &entry.key, &why);
        item.map("valueFrom").map("fieldRef").put("fieldPath", field, &why);
        names.insert(entry.key.clone());
    }
    names
}
