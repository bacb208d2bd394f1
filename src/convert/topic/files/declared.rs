//! The objects of configs and secrets.

use std::collections::{BTreeMap, BTreeSet};

use super::Section;
use super::content::{Content, Declared};
use crate::compose::codec::{Field, Map};
use crate::compose::file_object::{Config, Secret};
use crate::compose::leaf::Loose;
use crate::convert::hint;
use crate::convert::pass::Pass;
use crate::convert::secret;
use crate::convert::stores;
use crate::convert::survey::file_set::HeldFile;
use crate::convert::topic::storage::{claims, held};
use crate::diag::slugs;
use crate::k8s::kind::Kind;
use crate::plan::SecretKey;
use crate::plan::field::{Field as Value, Fields};
use crate::plan::why::Why;
use crate::source::Text;
use crate::source::span::Spanned;

/// What is done with a declaration, whichever of the two it is.
struct Entry<'p, T> {
    section: Section,
    value: &'p Spanned<T>,
    declared: Declared<'p>,
    owners: Vec<Text>,
    labels: &'p Field<Map<Loose>>,
}

/// What becomes of the configs.
pub fn configs<'p>(pass: &mut Pass<'p>, configs: &'p Field<Map<Config>>) {
    if let Some(configs) = configs {
        pass.consumed(configs);
    }
    let mut seen = BTreeMap::new();
    for (key, value) in configs.iter().flat_map(|configs| configs.value.iter()) {
        let Config { content, environment, external, file, labels, name: _, template_driver, extensions: _ } =
            &value.value;
        let owners = pass.survey.uses.configs.get(key).cloned().unwrap_or_default();
        let declared = Declared::of_config(key, &value.value);
        let entry = Entry { section: Section::Configs, value, declared, owners, labels };
        if !is_used(pass, &entry, key, &mut seen) {
            continue;
        }
        for source in [content, file, environment].into_iter().flatten() {
            pass.mapped(source);
        }
        unknown_to_compose(pass, template_driver, "templates of Swarm are not filled in");
        if let Some(external) = external.as_ref().filter(|external| external.value) {
            self::external(pass, &entry, external);
        } else {
            write(pass, &entry);
        }
    }
}

/// What becomes of the secrets.
pub fn secrets<'p>(pass: &mut Pass<'p>, secrets: &'p Field<Map<Secret>>) {
    if let Some(secrets) = secrets {
        pass.consumed(secrets);
    }
    let mut seen = BTreeMap::new();
    for (key, value) in secrets.iter().flat_map(|secrets| secrets.value.iter()) {
        let Secret {
            driver,
            driver_opts,
            environment,
            external,
            file,
            labels,
            name: _,
            template_driver,
            extensions: _,
        } = &value.value;
        let owners = pass.survey.uses.secrets.get(key).cloned().unwrap_or_default();
        let declared = Declared::of_secret(key, &value.value);
        let entry = Entry { section: Section::Secrets, value, declared, owners, labels };
        if !is_used(pass, &entry, key, &mut seen) {
            continue;
        }
        unknown_to_compose(pass, template_driver, "templates of Swarm are not filled in");
        unknown_to_compose(pass, driver, "a store of Docker keeps the secret; a cluster does not reach it");
        if let Some(options) = driver_opts {
            let message = "a store of Docker keeps the secret; a cluster does not know its options";
            let finding = pass.finding(options, slugs::UNMAPPABLE_KEY, message);
            pass.refused(options, finding.tip("use `file` or `environment`"));
        }
        stores::place(pass, &entry.declared);
        if let Some(external) = external.as_ref().filter(|external| external.value) {
            if stores::are_asked(pass) {
                asked(pass, &entry, external);
            } else {
                self::external(pass, &entry, external);
            }
            continue;
        }
        for source in [file, environment].into_iter().flatten() {
            secret::concealed_in(pass, source, &[(&entry.declared.object(), &entry.declared.data_key())]);
        }
        if secret::is_inline(pass) {
            write(pass, &entry);
        } else {
            // The values stay where they are: nobody looks at them.
            want(pass, &entry, &[]);
            unlabelled(pass, &entry);
        }
    }
}

/// Whether anybody uses the declaration and its object can have its name.
fn is_used<'p, T>(
    pass: &mut Pass<'p>,
    entry: &Entry<'p, T>,
    key: &'p Text,
    seen: &mut BTreeMap<Text, Holder<'p>>,
) -> bool {
    let word = match entry.section {
        Section::Configs => "config",
        Section::Secrets => "secret",
    };
    if entry.owners.is_empty() && !pass.options().keep_unused {
        let message = format!("no service mounts {word} `{key}`; Compose does not make it either");
        let finding = pass.finding_at_key(entry.value, slugs::UNUSED_DECLARATION, message);
        let finding = pass.removable(finding, entry.value);
        pass.dropped(entry.value, finding.tip("remove it, or write it with `--keep-unused`"));
        return false;
    }
    pass.consumed(entry.value);
    let object = entry.declared.object();
    let asked = entry.declared.is_named_by_hint();
    let data_key = entry.declared.data_key();
    let Some(holder) = seen.get_mut(&object) else {
        seen.insert(object, Holder { first: key, asked, keys: BTreeSet::from([data_key]) });
        return true;
    };
    let other = holder.first;
    // Entries that name one object share it, as long as each has a key of its own.
    let shared = holder.asked && asked && !holder.keys.contains(&data_key);
    if entry.declared.external || shared {
        holder.keys.insert(data_key);
        return true;
    }
    let message = format!("{word}s `{other}` and `{key}` would both become object `{object}`");
    let finding = pass.finding_at_key(entry.value, slugs::ILLEGAL_NAME, message);
    let tip = match holder.asked && asked {
        true => format!("give each a key of its own: `{}: {{object: {object}, key: KEY}}`", hint::KEY),
        false => "rename one of them".to_owned(),
    };
    pass.impossible(entry.value, finding.tip(tip));
    false
}

/// Whose an object is.
struct Holder<'p> {
    /// The first entry that becomes it.
    first: &'p Text,
    /// Whether a hint of that entry names it.
    asked: bool,
    /// Its keys.
    keys: BTreeSet<Text>,
}

/// A key that Compose itself refuses to act on.
fn unknown_to_compose<'p>(pass: &mut Pass<'p>, value: &'p Field<Text>, message: &str) {
    if let Some(value) = value {
        let finding = pass.finding(value, slugs::UNMAPPABLE_KEY, message);
        pass.refused(value, finding.tip("remove it: Compose refuses it too"));
    }
}

fn external<'p, T>(pass: &mut Pass<'p>, entry: &Entry<'p, T>, external: &'p Spanned<bool>) {
    let (object, key) = (entry.declared.object(), entry.declared.data_key());
    let kind = match entry.section {
        Section::Configs => Kind::ConfigMap,
        Section::Secrets => Kind::Secret,
    };
    let message = format!(
        "{} `{object}` with key `{key}` has to be there already; pods that mount it wait for it",
        kind.word()
    );
    let finding = pass.finding(external, slugs::EXTERNAL_RESOURCE, message);
    let tip = "name the object and its key: `x-transship: {object: NAME, key: KEY}`";
    pass.approximated(external, finding.tip(tip));
    if let Some(name) = entry.declared.name {
        pass.mapped(name);
    }
    unlabelled(pass, entry);
}

/// A secret of somebody else that an operator finds in a store, like all others.
fn asked<'p>(pass: &mut Pass<'p>, entry: &Entry<'p, Secret>, external: &'p Spanned<bool>) {
    let (secret, key) = (entry.declared.object(), entry.declared.data_key());
    let why = secret::concealed_in(pass, external, &[(&secret, &key)]);
    if let Some(name) = entry.declared.name {
        pass.mapped(name);
    }
    let from = format!("the external secret `{}`", entry.declared.key).into();
    let key = SecretKey { namespace: pass.namespace.clone(), secret, key, from };
    secret::want_key(pass, &entry.owners, key, &[], external.span, &why);
    unlabelled(pass, entry);
}

/// Labels of what has no object of ours.
fn unlabelled<T>(pass: &mut Pass<'_>, entry: &Entry<'_, T>) {
    if let Some(labels) = entry.labels {
        let message = "the object is made by somebody else, and the labels are left out";
        let finding = pass.finding(labels, slugs::DROPPED_KEY, message);
        pass.dropped(labels, finding);
    }
}

/// The object with the content, or what is missing for it.
fn write<'p, T>(pass: &mut Pass<'p>, entry: &Entry<'p, T>) {
    let declared = &entry.declared;
    let content = declared.content(pass);
    let Some(at) = declared.content.or(declared.file).or(declared.environment) else { return };
    let (finding, allowed) = match content {
        Content::Bytes(file) => return object(pass, entry, file, &pass.why(at)),
        Content::External | Content::Nothing => return,
        Content::Unreadable(words) => {
            let message = format!("`{}` cannot be read: {words}", declared.key);
            let finding = pass.finding(at, slugs::MISSING_FILE, message);
            (finding.tip("add the file"), true)
        }
        Content::TooLarge(words) => {
            let message = format!("`{}` holds {words}; one object holds at most 1 MiB", declared.key);
            let finding = pass.finding(at, slugs::OVERSIZED_CONFIG, message);
            (finding.tip("put the file into the image, or into a volume that is filled before"), false)
        }
        Content::Unset(variable) => {
            let what = match entry.section {
                Section::Configs => "config",
                Section::Secrets => "secret",
            };
            // In the words of the load, so that it is said once.
            let message =
                format!("`{variable}` has no value, and the {what} `{}` is made of it", declared.key);
            let finding = pass.finding(at, slugs::MISSING_REQUIRED_VARIABLE, message);
            (finding.tip(format!("put it into `.env`, or pass `-e {variable}=…`")), true)
        }
    };
    if let Some(why) = pass.refused(at, finding)
        && allowed
    {
        let key = declared.data_key().to_string();
        let sensitive = entry.section == Section::Secrets;
        let empty = HeldFile { path: key.clone(), key, bytes: Vec::new(), executable: false, sensitive };
        object(pass, entry, empty, &why);
    }
}

fn object<'p, T>(pass: &mut Pass<'p>, entry: &Entry<'p, T>, mut file: HeldFile, why: &Why) {
    let name = entry.declared.object();
    file.sensitive |= entry.section == Section::Secrets;
    if file.sensitive {
        want(pass, entry, &file.bytes);
        if secret::is_inline(pass) {
            let annotations = annotations(pass, entry);
            secret::annotate(pass, name, annotations);
        } else {
            unlabelled(pass, entry);
        }
        return;
    }
    held::write(pass, &name, &entry.owners, std::slice::from_ref(&file), (entry.value.key, why), "");
    let annotations = annotations(pass, entry);
    if let Some(object) = pass.objects.last_mut().filter(|_| !annotations.is_empty()) {
        object.body.map("metadata").insert("annotations", Value::Map(annotations));
    }
    if entry.declared.is_named_by_hint() {
        join(pass);
    }
}

/// Moves the content of the last object into an earlier one of the same name, which two entries share.
fn join(pass: &mut Pass<'_>) {
    let Some(mut last) = pass.objects.pop() else { return };
    let Some(first) = pass.objects.iter_mut().find(|object| object.id == last.id) else {
        pass.objects.push(last);
        return;
    };
    for part in ["data", "binaryData", "stringData"] {
        if let Some(Value::Map(content)) = last.body.remove(part) {
            first.body.map(part).extend(content);
        }
    }
    if first.owners != last.owners {
        first.folder = None;
        let more: Vec<Text> = last.owners.into_iter().filter(|owner| !first.owners.contains(owner)).collect();
        first.owners.extend(more);
    }
}

fn annotations<'p, T>(pass: &mut Pass<'p>, entry: &Entry<'p, T>) -> Fields {
    let mut annotations = Fields::default();
    if let Some(name) = entry.declared.name
        && !pass.input.project.origins.get(name.origin).is_implicit()
    {
        let message = format!(
            "the object is called `{}`; the name that it has in Docker becomes an annotation",
            entry.declared.object()
        );
        let finding = pass.finding(name, slugs::APPROXIMATED_KEY, message);
        let why = pass.approximated(name, finding);
        annotations.put("transship/name", &name.value, &why);
    }
    claims::labels(pass, entry.labels, &mut annotations);
    annotations
}

/// Notes the key that pods need.
fn want<T>(pass: &mut Pass<'_>, entry: &Entry<'_, T>, value: &[u8]) {
    let declared = &entry.declared;
    let from = match (declared.file, declared.environment) {
        (Some(file), _) => format!("the file `{}`", file.value.rsplit('/').next().unwrap_or_default()),
        (None, Some(variable)) => format!("the variable `{}`", variable.value),
        (None, None) => format!("the content of config `{}`", declared.key),
    };
    let key = SecretKey {
        namespace: pass.namespace.clone(),
        secret: declared.object(),
        key: declared.data_key(),
        from: from.into(),
    };
    let Some(at) = declared.content.or(declared.file).or(declared.environment) else { return };
    let why = pass.why(at);
    secret::want_key(pass, &entry.owners, key, value, at.span, &why);
}
