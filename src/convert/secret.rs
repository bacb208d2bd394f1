//! Secrets: which key holds what, who needs it, and how a container gets it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::draft::{Part, Seat};
use super::member::Member;
use super::numbered::{self, Names};
use super::options;
use super::pass::Pass;
use super::scatter;
use super::stores::{self, Asked, Places};
use super::survey::secrets::own;
use super::veil::{self, Chunk, Form, Reference, Veiled};
use crate::compose::codec::{Field, Map};
use crate::compose::leaf::Loose;
use crate::compose::project::entries;
use crate::diag::{Finding, slugs};
use crate::k8s::base64;
use crate::k8s::kind::Kind;
use crate::plan::field::{Field as FieldOf, Fields};
use crate::plan::ledger::Verdict;
use crate::plan::why::Why;
use crate::plan::{SecretKey, Supply};
use crate::source::Text;
use crate::source::origin::{Hop, Origin};
use crate::source::span::{Identity, Span, Spanned};
use smol_str::format_smolstr;

/// What a container's values stand among.
#[derive(Clone, Copy, Debug)]
pub struct Around<'p, 's> {
    /// The service or job.
    pub member: Member<'p>,
    /// The name of the container.
    pub container: &'s str,
    /// Which container of the pod it is.
    pub part: Part,
    /// Its environment.
    pub environment: &'p Field<Map<Option<Loose>>>,
}

/// Keys of Secrets that pods need, by Secret and key, and who needs which.
#[derive(Debug, Default)]
pub struct Wanted {
    keys: BTreeMap<(Text, Text), Key>,
    members: BTreeMap<Text, Vec<(Span, Text)>>,
    annotations: BTreeMap<Text, Fields>,
    /// Where a store keeps keys, as hints say.
    pub places: Places,
    /// The variables that were made up, by container; and the keys of Secrets. They are given out while the values are
    /// looked at, which changes nothing else.
    given: RefCell<BTreeMap<Text, Names>>,
    /// The first variable that was made up for each value of a container.
    made: RefCell<BTreeMap<(Text, Text), Reference>>,
}

impl Wanted {
    /// The name, or the name with a number, under which `owner` holds this value and no other.
    fn settle(&self, owner: &str, name: &Text, value: &Text) -> Text {
        self.given.borrow_mut().entry(owner.into()).or_default().settle(name, value)
    }

    /// A reference whose variable and key hold its value and no other.
    #[must_use]
    pub fn settled(&self, container: &str, reference: Reference) -> Reference {
        let Reference { variable, secret, key, value, from } = reference;
        let variable = self.settle(&format!("variable of {container}"), &variable, &value);
        let key = self.settle(&format!("key of {secret}"), &key, &value);
        let reference = Reference { variable, secret, key, value, from };
        let first = (container.into(), reference.value.clone());
        self.made.borrow_mut().entry(first).or_insert_with(|| reference.clone());
        reference
    }

    /// The variable that was made up for a value before.
    #[must_use]
    pub fn made(&self, container: &str, value: &str) -> Option<Reference> {
        self.made.borrow().get(&(container.into(), value.into())).cloned()
    }
}

#[derive(Debug)]
struct Key {
    value: Vec<u8>,
    owners: BTreeSet<Text>,
    why: Why,
}

impl<'p, 's> Around<'p, 's> {
    /// What the values of a seat's container stand among.
    #[must_use]
    pub fn of(seat: &Seat<'s, 'p>, environment: &'p Field<Map<Option<Loose>>>) -> Self {
        Self { member: seat.member, container: seat.name, part: seat.part, environment }
    }

    /// What the values of a member's own container stand among; `name` is that of its objects.
    #[must_use]
    pub fn main(member: Member<'p>, name: &'s str) -> Self {
        let environment = &member.container.environment;
        Self { member, container: name, part: Part::Main, environment }
    }
}

/// What a value is made of; `name` is that of the variable that holds it.
#[must_use]
pub fn form<'p>(
    pass: &Pass<'p>,
    name: Option<&'p Text>,
    value: &str,
    origin: crate::source::origin::OriginId,
) -> Form<'p> {
    let origin = pass.input.project.origins.get(origin);
    let secrets = &pass.survey.secrets;
    veil::form(name, value, origin, &|variable| secrets.is_secret(variable))
}

/// A word of a command whose secret variables come from Secrets; what is secret and written out still stands there.
#[must_use]
pub fn word<'p>(pass: &Pass<'p>, around: &Around<'p, '_>, word: &Spanned<Text>) -> Veiled {
    match form(pass, None, &word.value, word.origin) {
        Form::Parts(chunks) => pieces(pass, around, &chunks),
        Form::Plain | Form::Whole => Veiled::plain(&word.value),
    }
}

/// The parts of a value, where secret variables are keys of Secrets.
#[must_use]
pub fn pieces<'p>(pass: &Pass<'p>, around: &Around<'p, '_>, chunks: &[Chunk<'_>]) -> Veiled {
    let mut veiled = Veiled::default();
    for chunk in chunks {
        match chunk.secret {
            Some(variable) => veiled.refer(of_variable(pass, around, variable, &chunk.text)),
            None => veiled.push(&chunk.text),
        }
    }
    veiled
}

/// The key for the value of a variable of the files, and the variable of the container that holds it: one that is there
/// already with this value, or else a new one.
#[must_use]
pub fn of_variable<'p>(pass: &Pass<'p>, around: &Around<'p, '_>, variable: &Text, value: &Text) -> Reference {
    let reference = key_of_variable(pass, around, variable, value);
    let holds = |name: &'p Text, entry: &'p Spanned<Option<Loose>>| {
        let Some(Loose(text)) = &entry.value else { return false };
        text == value
            && matches!(form(pass, Some(name), text, entry.origin), Form::Parts(chunks)
                if matches!(chunks.as_slice(), [Chunk { secret: Some(known), .. }] if *known == variable))
    };
    let mut there = entries(around.environment).filter(|(name, entry)| holds(name, entry));
    let same =
        entries(around.environment).find(|(name, entry)| **name == reference.variable && holds(name, entry));
    if let Some((name, _)) = same.or_else(|| there.next()) {
        let key = pass.wanted.settle(&format!("key of {}", reference.secret), &reference.key, value);
        return Reference { variable: name.clone(), key, ..reference };
    }
    let variable = free(around, &reference.variable);
    pass.wanted.settled(around.container, Reference { variable, ..reference })
}

/// The key for the value of a variable of the files, named after it.
fn key_of_variable(pass: &Pass<'_>, around: &Around<'_, '_>, variable: &Text, value: &Text) -> Reference {
    let object = pass.survey.object_name(around.member.name);
    let from = format_smolstr!("the variable `{variable}`");
    let (secret, key) = pass.survey.secrets.shared(variable, value).unwrap_or_else(|| {
        let literal = |container: &Field<Map<Option<Loose>>>| {
            entries(container).any(|(name, entry)| name == variable && is_whole(pass, name, entry))
        };
        // The Secret of the service may hold another value under that name.
        let taken = literal(around.environment) || literal(&around.member.container.environment);
        let key = if taken { format_smolstr!("{variable}_VARIABLE") } else { variable.clone() };
        (own(&object), key)
    });
    Reference { variable: variable.clone(), secret, key: legal_key(&key), value: value.clone(), from }
}

fn is_whole(pass: &Pass<'_>, name: &Text, entry: &Spanned<Option<Loose>>) -> bool {
    let Some(Loose(text)) = &entry.value else { return false };
    let origin = pass.input.project.origins.get(entry.origin);
    let is_secret = |variable: &crate::source::origin::Variable| pass.survey.secrets.is_secret(variable);
    veil::form(Some(name), text, origin, &is_secret) == Form::Whole
}

/// A name that no variable of the container has.
#[must_use]
pub fn free(around: &Around<'_, '_>, name: &Text) -> Text {
    let taken = |name: &str| around.environment.as_ref().is_some_and(|map| map.value.contains(name));
    (1..).map(|number| numbered::name(name, number)).find(|name| !taken(name)).unwrap_or_default()
}

/// The key of the service's own Secret for a value that is secret as a whole.
#[must_use]
pub fn whole<'p>(
    pass: &Pass<'p>,
    around: &Around<'p, '_>,
    name: &Text,
    value: &Spanned<Option<Loose>>,
) -> Reference {
    let text = value.value.as_ref().map(|Loose(text)| text.clone()).unwrap_or_default();
    let origin = pass.input.project.origins.get(value.origin);
    let from = match place_of(origin) {
        Some(file) => format_smolstr!("`{name}` of the env file `{}`", pass.input.files.text(file)),
        None => format_smolstr!("the value of `{}`", pass.accounts.path(Identity::of(value))),
    };
    let key = legal_key(name);
    Reference { variable: name.clone(), secret: secret_of(pass, around, name, &text), key, value: text, from }
}

fn place_of(origin: &Origin) -> Option<Span> {
    origin.hops.iter().find_map(|hop| match hop {
        Hop::EnvFile(span) => Some(*span),
        _ => None,
    })
}

/// The Secret of the container's own values: that of the member, unless a container that runs before has another value.
#[must_use]
pub fn secret_of(pass: &Pass<'_>, around: &Around<'_, '_>, name: &str, value: &Text) -> Text {
    let main = around.member.container.environment.as_ref().and_then(|map| map.value.get(name));
    let same = main.is_none_or(|main| main.value.as_ref().is_none_or(|Loose(text)| text == value));
    let object = pass.survey.object_name(around.member.name);
    if around.part == Part::Main || same { own(&object) } else { own(around.container) }
}

/// A name as the key of a Secret.
#[must_use]
pub fn legal_key(name: &str) -> Text {
    let is_legal = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    let legal = !name.starts_with('.') && name.len() <= 253 && name.chars().all(is_legal);
    if legal && !name.is_empty() {
        return name.into();
    }
    let letters: String =
        name.chars().take(200).map(|letter| if is_legal(letter) { letter } else { '_' }).collect();
    let digest = crate::k8s::name::digest(name.as_bytes());
    format_smolstr!("{}-{digest}", letters.trim_start_matches('.'))
}

/// Enters that a value comes from Secrets, and returns the reason for the fields that say so.
pub fn concealed<T>(pass: &mut Pass<'_>, value: &Spanned<T>, references: &[Reference]) -> Why {
    let keys: Vec<(&Text, &Text)> =
        references.iter().map(|reference| (&reference.secret, &reference.key)).collect();
    concealed_in(pass, value, &keys)
}

/// As [`concealed`], of the keys of Secrets.
pub fn concealed_in<T>(pass: &mut Pass<'_>, value: &Spanned<T>, keys: &[(&Text, &Text)]) -> Why {
    if is_inline(pass) {
        return pass.mapped(value);
    }
    let keys: Vec<String> = keys.iter().map(|(secret, key)| format!("`{secret}/{key}`")).collect();
    let reason = format!("the value is taken from {}, which the output does not hold", keys.join(", "));
    let said = Some((slugs::UNPROVIDED_SECRET, reason.as_str()));
    pass.accounts.enter(Identity::of(value), Verdict::Approximated, said, false);
    pass.why(value)
}

/// Whether Secrets are written with their values.
#[must_use]
pub fn is_inline(pass: &Pass<'_>) -> bool {
    pass.options().secrets == options::Secrets::Inline
}

/// Who makes the Secrets.
#[must_use]
pub fn supply(secrets: options::Secrets) -> Supply {
    match secrets {
        options::Secrets::Reference | options::Secrets::Inline => Supply::Hand,
        options::Secrets::External | options::Secrets::Vault => Supply::Store,
        options::Secrets::Sealed => Supply::Sealed,
    }
}

/// Gives a container the variable that holds the value of a Secret's key, if it has it not yet.
pub fn provide(
    pass: &mut Pass<'_>,
    member: &Member<'_>,
    container: &mut Fields,
    reference: &Reference,
    place: Span,
    why: &Why,
) {
    want(pass, member, reference, place, why);
    let env = container.list("env");
    let known = env.find("name", &reference.variable).and_then(|item| item.get("name"));
    let why = &match known {
        Some(FieldOf::Leaf(known)) => known.why.and(why),
        _ => why.clone(),
    };
    if known.is_none() {
        env.push_map().put("name", &reference.variable, why);
    }
    let Some(item) = env.find_mut("name", &reference.variable) else { return };
    item.put("name", &reference.variable, why);
    let key = item.map("valueFrom").map("secretKeyRef");
    key.put("name", &reference.secret, why);
    key.put("key", &reference.key, why);
}

/// Notes that a member needs a key of a Secret for a value.
pub fn want(pass: &mut Pass<'_>, member: &Member<'_>, reference: &Reference, place: Span, why: &Why) {
    if !pass.is_written(member.name) {
        return;
    }
    let Reference { secret, key, value, from, variable: _ } = reference;
    let key = SecretKey {
        namespace: pass.namespace.clone(),
        secret: secret.clone(),
        key: key.clone(),
        from: from.clone(),
    };
    want_key(pass, std::slice::from_ref(member.name), key, value.as_bytes(), place, why);
}

/// Notes that members need a key of a Secret, and what it holds; one that nobody needs is made all the same.
pub fn want_key(pass: &mut Pass<'_>, members: &[Text], key: SecretKey, value: &[u8], place: Span, why: &Why) {
    let written: Vec<&Text> = members.iter().filter(|member| pass.is_written(member)).collect();
    if written.is_empty() && !members.is_empty() {
        return;
    }
    let pair = format_smolstr!("{}/{}", key.secret, key.key);
    let known = pass.wanted.keys.entry((key.secret.clone(), key.key.clone())).or_insert_with(|| {
        pass.secrets.push(key);
        Key { value: value.to_vec(), owners: BTreeSet::new(), why: why.clone() }
    });
    known.owners.extend(written.iter().copied().cloned());
    for member in written {
        let needs = pass.wanted.members.entry(member.clone()).or_default();
        if !needs.iter().any(|(_, known)| *known == pair) {
            needs.push((place, pair.clone()));
        }
    }
}

/// Has every key be in the namespaces with pods of those that need it.
fn at_home(pass: &mut Pass<'_>, keys: &BTreeMap<(Text, Text), Key>) {
    if pass.survey.homes.is_one() {
        return;
    }
    for key in std::mem::take(&mut pass.secrets) {
        let owners = keys.get(&(key.secret.clone(), key.key.clone())).map(|known| &known.owners);
        let homes: BTreeSet<Text> =
            owners.into_iter().flatten().flat_map(|owner| scatter::homes(pass, owner)).collect();
        if homes.is_empty() {
            pass.secrets.push(key);
            continue;
        }
        pass.secrets.extend(homes.into_iter().map(|namespace| SecretKey { namespace, ..key.clone() }));
    }
}

/// Has a Secret bear annotations, where it is written.
pub fn annotate(pass: &mut Pass<'_>, secret: Text, annotations: Fields) {
    if !annotations.is_empty() {
        pass.wanted.annotations.insert(secret, annotations);
    }
}

/// Says which keys are to be provided, or writes them, or what asks for them, where that is asked for.
pub fn finish(pass: &mut Pass<'_>) {
    let Wanted { keys, members, annotations, places, given: _, made: _ } = std::mem::take(&mut pass.wanted);
    at_home(pass, &keys);
    if is_inline(pass) {
        written(pass, keys, annotations);
        return;
    }
    if stores::are_asked(pass) {
        let mut secrets: BTreeMap<Text, Asked> = BTreeMap::new();
        for ((secret, key), Key { value: _, owners, why: _ }) in keys {
            let asked = secrets.entry(secret).or_default();
            asked.keys.push(key);
            asked.owners.extend(owners);
        }
        stores::write(pass, secrets, &places);
    }
    let store = stores::words(pass);
    let (until, tip) = match pass.options().secrets {
        options::Secrets::Reference | options::Secrets::Inline => (
            "somebody creates",
            "create the Secrets, or pass `--secrets inline` to write them with their values".to_owned(),
        ),
        options::Secrets::Sealed => (
            "somebody seals",
            "seal them with `kubeseal`: `secrets.yaml.example` has the commands".to_owned(),
        ),
        options::Secrets::External | options::Secrets::Vault => (
            "an operator finds",
            format!("put them into {store}: `secrets.yaml.example` says under which names"),
        ),
    };
    for (name, needs) in members {
        let [(place, _), ..] = needs.as_slice() else { continue };
        let Some(member) = pass.survey.member(&name) else { continue };
        let message = format!("`{name}` needs {}", wanted(&needs, until));
        let finding =
            Finding::new(slugs::UNPROVIDED_SECRET, *place, member.path(), message).tip(tip.as_str());
        pass.report(finding);
    }
}

/// Which keys are needed, and what follows. `secrets.yaml.example` lists also those that are too many for a line.
fn wanted(needs: &[(Span, Text)], until: &str) -> String {
    const SHOWN: usize = 4;
    let pairs = |needs: &[(Span, Text)]| {
        needs.iter().map(|(_, pair)| format!("`{pair}`")).collect::<Vec<String>>().join(", ")
    };
    let number = needs.len();
    let absent = "that the output does not hold";
    match needs {
        [(_, pair)] => {
            format!("a Secret key {absent}: `{pair}`; its pods wait until {until} it")
        }
        _ if number <= SHOWN => {
            format!("Secret keys {absent}: {}; its pods wait until {until} them", pairs(needs))
        }
        _ => {
            let first = pairs(&needs[..SHOWN - 1]);
            let more = number + 1 - SHOWN;
            format!(
                "{number} Secret keys {absent}: {first} and {more} more; its pods wait until {until} them"
            )
        }
    }
}

/// The Secrets with their values.
fn written(pass: &mut Pass<'_>, keys: BTreeMap<(Text, Text), Key>, mut annotations: BTreeMap<Text, Fields>) {
    let mut secrets: BTreeMap<Text, Vec<(Text, Key)>> = BTreeMap::new();
    for ((secret, key), value) in keys {
        secrets.entry(secret).or_default().push((key, value));
    }
    for (secret, keys) in secrets {
        let owners: BTreeSet<Text> = keys.iter().flat_map(|(_, key)| key.owners.iter().cloned()).collect();
        let annotations = annotations.remove(&secret);
        let body = pass.object(Kind::Secret, secret, owners.into_iter().collect());
        if let Some(annotations) = annotations {
            body.map("metadata").insert("annotations", FieldOf::Map(annotations));
        }
        body.put("type", "Opaque", &Why::Policy("a Secret of values has no type of its own"));
        for (name, key) in keys {
            body.map("data").put(name, base64::encode(&key.value), &key.why);
        }
    }
    pass.secrets.clear();
}
