//! Objects go to the namespaces in which they are needed, where hints have members live in several.
//!
//! Everything is made as if there were one namespace; here objects move to the members that they exist for, what several
//! namespaces need is there in each, and names and policies reach over.

pub mod names;
pub mod peers;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::assemble;
use super::hint;
use super::pass::Pass;
use super::survey::homes::HINT;
use super::topic::policy::bearers;
use crate::diag::slugs;
use crate::k8s::kind::Kind;
use crate::k8s::name;
use crate::plan::field::Fields;
use crate::plan::object::{Id, Object};
use crate::plan::why::Why;
use crate::source::Text;

/// Namespaces that every cluster has.
const STANDING: [&str; 4] = ["default", "kube-system", "kube-public", "kube-node-lease"];

/// Gives every object its namespace.
pub fn apply(pass: &mut Pass<'_>) {
    illegal(pass);
    if pass.survey.homes.is_one() {
        return;
    }
    let mut placed = Vec::new();
    for object in std::mem::take(&mut pass.objects) {
        let spaces = spaces(pass, &object);
        torn(pass, &object);
        if spaces.is_empty() {
            placed.push(object);
            continue;
        }
        for (namespace, owners) in spaces {
            let mut copy = object.clone();
            if !copy.owners.is_empty() {
                copy.owners.clone_from(&owners);
            }
            if namespace != pass.namespace {
                copy.move_to(&namespace, &why(pass, &owners, &namespace));
            }
            placed.push(copy);
        }
    }
    peers::widen(pass, &mut placed);
    names::reach(pass, &mut placed);
    namespaces(pass, &mut placed);
    pass.objects = placed;
}

/// Takes the hints in, and says which of them name no namespace.
fn illegal(pass: &mut Pass<'_>) {
    for member in pass.members.clone().iter() {
        let Some(hint) = pass.hint(member, HINT) else { continue };
        let Some(text) = hint.text() else { continue };
        if name::is_label(&text) {
            if pass.survey.homes.own(member.name).is_some() {
                hint.mapped(pass);
            }
            continue;
        }
        let message =
            format!("`{text}` is no name of a namespace, so `{}` lives in that of the project", member.name);
        let tip = "write small letters, digits and inner dashes, at most 63";
        hint::unusable_of(pass, hint.identity, hint.span, message, tip);
    }
}

/// Why something is in a namespace: the hints of those that it is for, or the name of the project.
fn why(pass: &Pass<'_>, owners: &[Text], namespace: &Text) -> Why {
    let homes = owners.iter().filter_map(|owner| pass.survey.homes.get(owner));
    let hints = homes.filter(|home| home.namespace == *namespace).map(|home| pass.accounts.why(home.hint));
    hints.reduce(|all, why| all.and(&why)).unwrap_or_else(|| pass.home_why(namespace))
}

/// The namespaces that need an object, each with the owners that live there; none when it stays where it is.
fn spaces(pass: &Pass<'_>, object: &Object) -> BTreeMap<Text, Vec<Text>> {
    let mut spaces: BTreeMap<Text, Vec<Text>> = BTreeMap::new();
    if !object.id.kind.has_namespace() || object.id.namespace != pass.namespace {
        return spaces;
    }
    if object.owners.is_empty() {
        let members = pass.members.iter().filter(|member| pass.is_written(member.name));
        return members.map(|member| (pass.home_of(member.name), Vec::new())).collect();
    }
    for owner in object.owners.iter().filter(|owner| pass.is_written(owner)) {
        let homes: BTreeSet<Text> =
            if follows(object.id.kind) { homes(pass, owner) } else { BTreeSet::from([pass.home_of(owner)]) };
        for home in homes {
            spaces.entry(home).or_default().push(owner.clone());
        }
    }
    spaces
}

/// The namespaces of the pods in which the containers of a member run.
#[must_use]
pub fn homes(pass: &Pass<'_>, member: &Text) -> BTreeSet<Text> {
    bearers(pass, member).iter().map(|bearer| pass.home_of(bearer)).collect()
}

/// Whether pods need the object beside them.
fn follows(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::ConfigMap
            | Kind::Secret
            | Kind::SecretStore
            | Kind::ExternalSecret
            | Kind::VaultConnection
            | Kind::VaultAuth
            | Kind::VaultStaticSecret
            | Kind::PersistentVolumeClaim
    )
}

/// Refuses a claim that pods of several namespaces mount. Said in every pass, also of those that are left out for it.
fn torn(pass: &mut Pass<'_>, object: &Object) {
    if object.id.kind != Kind::PersistentVolumeClaim {
        return;
    }
    let survey = Rc::clone(&pass.survey);
    // In the order of their names: that of the files says nothing here.
    let users: BTreeSet<&Text> =
        object.owners.iter().filter(|owner| !pass.options().exclude.contains(*owner)).collect();
    let users = Vec::from_iter(users);
    let Some((first, others)) = users.split_first() else { return };
    let (home, name) = (pass.home_of(first), &object.id.name);
    for user in others.iter().filter(|user| !survey.homes.is_shared(first, user)) {
        // One of two namespaces is not that of the project.
        let Some(named) = survey.homes.get(user).or_else(|| survey.homes.get(first)) else { continue };
        let message = format!(
            "`{first}` lives in `{home}` and `{user}` in `{}`, and both mount volume `{name}`: a claim is in one \
             namespace alone",
            pass.home_of(user)
        );
        let finding = pass.finding_in(named.hint, named.span, slugs::UNSUPPORTED_VOLUME, message);
        pass.refused_of(named.hint, finding.tip("have both live in one namespace"));
    }
}

/// Writes the namespaces, and leaves that of the project out when nobody lives there.
fn namespaces(pass: &Pass<'_>, placed: &mut Vec<Object>) {
    let is_there = |object: &Object| {
        object.owners.is_empty() || object.owners.iter().any(|owner| pass.is_written(owner))
    };
    let lived =
        |namespace: &str| placed.iter().any(|object| object.id.namespace == namespace && is_there(object));
    let unused = !lived(&pass.namespace);
    let mut wanted: BTreeMap<Text, Vec<Text>> = BTreeMap::new();
    for member in pass.members.iter() {
        let Some(home) = pass.survey.homes.get(member.name) else { continue };
        if lived(&home.namespace) && !STANDING.contains(&home.namespace.as_str()) {
            wanted.entry(home.namespace.clone()).or_default().push(member.name.clone());
        }
    }
    if unused {
        placed.retain(|object| object.id.kind != Kind::Namespace);
    }
    for (namespace, owners) in wanted {
        let why = why(pass, &owners, &namespace);
        let id = Id { kind: Kind::Namespace, namespace: Text::default(), name: namespace };
        let mut body = Fields::default();
        assemble::metadata(&mut body, &id, &why, &pass.namespace, None);
        placed.push(Object { id, owners, folder: None, body });
    }
}
