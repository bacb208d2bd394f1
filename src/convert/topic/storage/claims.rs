//! Claims: what stands for the volumes that the project declares, and for folders of the host that hold data.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::decide::{Decision, decide, is_inside};
use super::{named, servers, sharing};
use crate::compose::codec::{Field, Map};
use crate::compose::leaf::Loose;
use crate::compose::mount::MountKind;
use crate::compose::project::items;
use crate::compose::units::Bytes;
use crate::compose::volume::Volume;
use crate::convert::backing::{self, Backing};
use crate::convert::draft::Draft;
use crate::convert::hint::{self, Hint};
use crate::convert::member::Member;
use crate::convert::pass::Pass;
use crate::convert::survey::volumes::{Usage, declaration, is_per_replica, own};
use crate::convert::topic::backup;
use crate::diag::{Posture, slugs};
use crate::k8s::kind::Kind;
use crate::k8s::{label, quantity};
use crate::plan::field::{Field as Value, Fields};
use crate::plan::why::Why;
use crate::source::Text;
use crate::source::span::Spanned;

/// The size of a claim of which nobody says how large it is to be.
const SIZE: &str = "1Gi";

const ACCESS: Why = Why::Policy("a volume of Compose is on one host");
const INVENTED: Why = Why::Policy("a claim needs a size, and Compose has none");

/// Whether each pod of the member gets a claim of its own for the volume.
#[must_use]
pub fn is_template(pass: &Pass<'_>, member: &Member<'_>, volume: &str) -> bool {
    let exclusive = || {
        let usage = pass.survey.volumes.usage(volume);
        usage.is_some_and(|usage| usage.users.len() == 1 && usage.is_exclusive())
    };
    let claim = declaration(pass.input, volume)
        .is_some_and(|declared| matches!(backing::of(declared, volume, pass.options()), Backing::Claim));
    claim && named::has_templates(pass, member.name) && (is_per_replica(member) || exclusive())
}

/// What becomes of the volumes that the project declares.
pub fn named<'p>(pass: &mut Pass<'p>, drafts: &mut [Draft<'p>], volumes: &'p Field<Map<Volume>>) {
    let at: BTreeMap<&Text, usize> =
        drafts.iter().enumerate().map(|(at, draft)| (draft.member.name, at)).collect();
    let mut seen: BTreeMap<Text, Text> = BTreeMap::new();
    for (key, volume) in volumes.iter().flat_map(|volumes| volumes.value.iter()) {
        let usage = pass.survey.volumes.usage(key).cloned().unwrap_or_default();
        if usage.users.is_empty() && !pass.options().keep_unused {
            let message = format!("no service mounts volume `{key}`; Compose does not make it either");
            let finding = pass.finding_at_key(volume, slugs::UNUSED_DECLARATION, message);
            let finding = pass.removable(finding, volume);
            pass.dropped(volume, finding.tip("remove it, or write it with `--keep-unused`"));
            continue;
        }
        keys(pass, volume);
        let name = named::object_name(key);
        if let Some(other) = seen.insert(name.clone(), key.clone()) {
            let message = format!("volumes `{other}` and `{key}` would both become claim `{name}`");
            let finding = pass.finding_at_key(volume, slugs::ILLEGAL_NAME, message);
            pass.impossible(volume, finding.tip("rename one of them"));
            continue;
        }
        match backing::of(&volume.value, key, pass.options()) {
            Backing::Claim => {
                options(pass, volume);
                claim(pass, drafts, &at, (key, volume), &usage);
            }
            Backing::External(external) => {
                let claim = named::claim_name(pass, key);
                let message =
                    format!("claim `{claim}` has to be there already; pods that mount it wait for it");
                let finding = pass.finding(external, slugs::EXTERNAL_RESOURCE, message);
                pass.approximated(external, finding.tip("create the claim, and move the data into it"));
                if let Some(name) = &volume.value.name {
                    pass.mapped(name);
                }
            }
            Backing::Server(export) => servers::volume(pass, (key, volume), &usage, &export),
            Backing::Memory(_) => memory(pass, key, volume, &usage),
            Backing::Bind(device) => bind(pass, (key, volume), device, &usage),
            Backing::Driver(driver) => {
                let message = format!(
                    "volume driver `{}` is a plugin of Docker; a cluster has storage classes instead",
                    driver.value
                );
                let finding = pass.finding(driver, slugs::UNSUPPORTED_VOLUME, message);
                let tip = format!(
                    "name the class that stands for it: `--storage-class-map {}=CLASS`",
                    driver.value
                );
                if pass.refused(driver, finding.tip(tip)).is_some() {
                    claim(pass, drafts, &at, (key, volume), &usage);
                }
            }
            Backing::Option(option, value) => {
                let message = format!("option `{option}` of volume `{key}` has no counterpart in a claim");
                let finding = pass.finding(value, slugs::UNSUPPORTED_VOLUME, message);
                let tip = format!("name a class that does the same: `--storage-class-map {key}=CLASS`");
                if pass.refused(value, finding.tip(tip)).is_some() {
                    claim(pass, drafts, &at, (key, volume), &usage);
                }
            }
        }
    }
    retention(pass, drafts, &at, volumes);
}

/// What becomes of folders of the host that hold data.
pub fn bound(pass: &mut Pass<'_>) {
    let survey = Rc::clone(&pass.survey);
    let members = Rc::clone(&pass.members);
    let mut wanted: BTreeMap<&Text, (Vec<Text>, Why)> = BTreeMap::new();
    for member in members.iter() {
        let hooks = member.service().into_iter().flat_map(|service| items(&service.pre_start));
        let of_hooks = hooks.flat_map(|hook| own(&hook.value.container.volumes));
        let mounts = survey.volumes.mounts(member.name).iter().copied().chain(of_hooks);
        for mounted in mounts.filter(|mounted| mounted.kind() == MountKind::Bind) {
            let Some(source) = &mounted.mount.value.source else { continue };
            let rule = match decide(pass, &survey, member, &mounted) {
                Decision::Data if !pass.at_least(Posture::Restricted) => None,
                Decision::Data => Some(slugs::DATA_DIRECTORY_BIND),
                Decision::TooLarge(_) => Some(slugs::OVERSIZED_CONFIG),
                _ => continue,
            };
            if rule.is_some_and(|rule| !pass.allows_at(rule, mounted.at)) {
                continue;
            }
            let why = pass.why(mounted.at);
            let (owners, _) = wanted.entry(&source.value).or_insert_with(|| (Vec::new(), why));
            if owners.last() != Some(member.name) {
                owners.push(member.name.clone());
            }
        }
    }
    for (path, (owners, why)) in wanted {
        let Some(source) = survey.volumes.source(path) else { continue };
        let rwx = sharing::is_many(pass, None) && !source.usage.is_exclusive();
        plain(pass, &source.name, owners, &why, rwx);
    }
}

/// A claim of the default class and size.
pub fn plain(pass: &mut Pass<'_>, name: &Text, owners: Vec<Text>, why: &Why, many: bool) {
    let passed_over = backup::passes_over(pass, None);
    let body = pass.object(Kind::PersistentVolumeClaim, name.clone(), owners);
    if passed_over {
        backup::pass_over(body.map("metadata"));
    }
    let spec = body.map("spec");
    let access = if many { "ReadWriteMany" } else { "ReadWriteOnce" };
    spec.list("accessModes").push_value(access, &ACCESS.and(why));
    spec.map("resources").map("requests").put("storage", SIZE, &INVENTED);
}

/// The claim of a volume: one for all, or a template of the workload.
fn claim<'p>(
    pass: &mut Pass<'p>,
    drafts: &mut [Draft<'p>],
    at: &BTreeMap<&Text, usize>,
    (key, volume): (&'p Text, &'p Spanned<Volume>),
    usage: &Usage,
) {
    let shared = !usage.among(|member| pass.is_written(member)).is_exclusive();
    let owner = owner(pass, drafts, at, key, usage);
    let many = shared && owner.is_none() && sharing::is_many(pass, Some(&volume.value));
    let spec = spec(pass, key, volume, many);
    let annotations = annotations(pass, key, volume);
    let name = named::object_name(key);
    let passed_over = backup::passes_over(pass, Some(&volume.value));
    let Some(owner) = owner else {
        let body = pass.object(Kind::PersistentVolumeClaim, name, usage.members());
        if passed_over {
            backup::pass_over(body.map("metadata"));
        }
        if !annotations.is_empty() {
            body.map("metadata").insert("annotations", Value::Map(annotations));
        }
        body.insert("spec", Value::Map(spec));
        return;
    };
    let why = pass.why(volume);
    let draft = &mut drafts[owner];
    let template = draft.claims.push_map();
    let metadata = template.map("metadata");
    metadata.put("name", name, &why);
    if passed_over {
        backup::pass_over(metadata);
    }
    metadata.insert("annotations", Value::Map(annotations));
    template.insert("spec", Value::Map(spec));
}

/// The draft of the workload that makes the claim of a volume for each of its pods, when one does.
fn owner<'p>(
    pass: &Pass<'p>,
    drafts: &[Draft<'p>],
    at: &BTreeMap<&Text, usize>,
    volume: &str,
    usage: &Usage,
) -> Option<usize> {
    let owner = usage.users.first().and_then(|user| at.get(&user.member).copied());
    owner.filter(|owner| is_template(pass, &drafts[*owner].member, volume))
}

/// What becomes of a workload's own claims when it is deleted: one policy is for all of them, so one that is to be kept
/// keeps all.
fn retention<'p>(
    pass: &mut Pass<'p>,
    drafts: &mut [Draft<'p>],
    at: &BTreeMap<&Text, usize>,
    volumes: &'p Field<Map<Volume>>,
) {
    let mut hints: BTreeMap<usize, Vec<(&'p Text, Hint<'p>)>> = BTreeMap::new();
    for (key, volume) in volumes.iter().flat_map(|volumes| volumes.value.iter()) {
        if let Some(hint) = hint::find(&volume.value.extensions, "retain")
            && let Some(usage) = pass.survey.volumes.usage(key)
            && let Some(owner) = owner(pass, drafts, at, key, usage)
        {
            hints.entry(owner).or_default().push((key, hint));
        }
    }
    for (owner, hints) in hints {
        let keeper = hints.iter().find(|(_, hint)| hint.is_on());
        let Some((decider, decisive)) = keeper.or(hints.first()) else { continue };
        let policy = drafts[owner].workload.map("persistentVolumeClaimRetentionPolicy");
        let why = pass.accounts.why(decisive.identity);
        policy.put("whenDeleted", if keeper.is_some() { "Retain" } else { "Delete" }, &why);
        policy.put("whenScaled", "Retain", &why);
        for (key, hint) in &hints {
            if hint.is_on() == keeper.is_some() {
                hint.mapped(pass);
                continue;
            }
            let message = format!(
                "the claim of `{key}` is kept when its workload is deleted, as that of `{decider}` is: one policy is for all \
                 claims of a workload"
            );
            let finding = pass.finding_in(hint.identity, hint.span, slugs::APPROXIMATED_KEY, message);
            let tip = format!("delete the claim by hand, or write `retain: true` at `{key}` too");
            pass.approximated_of(hint.identity, finding.tip(tip));
        }
    }
}

fn spec<'p>(pass: &mut Pass<'p>, key: &Text, volume: &'p Spanned<Volume>, many: bool) -> Fields {
    let mut spec = Fields::default();
    let mode = if many { "ReadWriteMany" } else { "ReadWriteOnce" };
    let chosen =
        hint::find(&volume.value.extensions, "access").or_else(|| pass.project_hint("shared-volumes"));
    let why = chosen.filter(|_| many).map_or(ACCESS, |hint| hint.mapped(pass));
    spec.list("accessModes").push_value(mode, &why);
    let driver = volume.value.driver.as_ref().map(|driver| driver.value.as_str());
    let map = &pass.options().storage_class_map;
    if let Some(class) = hint::find(&volume.value.extensions, "class") {
        if let Some(text) = class.text() {
            spec.put("storageClassName", text, &class.mapped(pass));
        }
    } else if let Some(class) = map.get(key).or_else(|| map.get(driver.unwrap_or("local"))) {
        spec.put("storageClassName", class, &Why::Flag("--storage-class-map"));
    }
    let (size, why) = size(pass, key, volume);
    spec.map("resources").map("requests").put("storage", size, &why);
    spec
}

/// The size of a claim, and why; one that is invented is said.
pub fn size<'p>(pass: &mut Pass<'p>, key: &Text, volume: &'p Spanned<Volume>) -> (String, Why) {
    if let Some(hint) = hint::find(&volume.value.extensions, "size")
        && let Some(size) = hint.text().and_then(|text| amount(&text))
    {
        return (size, hint.mapped(pass));
    }
    let option = volume.value.driver_opts.as_ref().and_then(|options| options.value.get("size"));
    if let Some(option) = option
        && let Some(size) = amount(&option.value.0)
    {
        return (size, pass.mapped(option));
    }
    let message = format!("volume `{key}` has no size; its claim asks for {SIZE}, which is a guess");
    let finding = pass.finding_at_key(volume, slugs::INVENTED_VOLUME_SIZE, message);
    pass.report(finding.tip("write `x-transship: {size: 10Gi}` below the volume"));
    (SIZE.to_owned(), INVENTED)
}

/// An amount as an API server takes it, whether it is written as there or as in Compose.
fn amount(text: &str) -> Option<String> {
    const UNITS: [&str; 11] = ["Ki", "Mi", "Gi", "Ti", "Pi", "k", "M", "G", "T", "P", ""];
    let digits = text.len() - text.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
    if digits > 0 && digits < 16 && UNITS.contains(&&text[digits..]) && !text.starts_with('0') {
        return Some(text.to_owned());
    }
    Bytes::parse(text).ok().filter(|size| size.0 > 0).map(|size| quantity::bytes(size.0))
}

/// The keys of a volume that mean the same whatever stands behind it.
fn keys<'p>(pass: &mut Pass<'p>, volume: &'p Spanned<Volume>) {
    let Volume { driver, driver_opts, external, labels: _, name: _, extensions: _ } = &volume.value;
    pass.consumed(volume);
    if let Some(driver) = driver {
        pass.mapped(driver);
    }
    if let Some(external) = external.as_ref().filter(|external| external.value) {
        pass.mapped(external);
    }
    for (_, option) in driver_opts.iter().flat_map(|options| options.value.iter()) {
        pass.mapped(option);
    }
}

/// Options of a driver for which a class stands.
fn options<'p>(pass: &mut Pass<'p>, volume: &'p Spanned<Volume>) {
    let options = volume.value.driver_opts.iter().flat_map(|options| options.value.iter());
    for (key, option) in options.filter(|(key, _)| *key != "size") {
        let message = format!("option `{key}` is of the volume driver; the storage class has its own");
        let finding = pass.finding(option, slugs::DROPPED_KEY, message);
        pass.dropped(option, finding);
    }
}

/// The name that a volume has in Docker, and its labels.
pub fn annotations<'p>(pass: &mut Pass<'p>, key: &Text, volume: &'p Spanned<Volume>) -> Fields {
    let Volume { driver: _, driver_opts: _, external: _, labels, name, extensions: _ } = &volume.value;
    let mut annotations = Fields::default();
    if let Some(name) = name
        && !pass.input.project.origins.get(name.origin).is_implicit()
    {
        let message = format!(
            "the claim is called `{key}`; the name that the volume has in Docker becomes an annotation"
        );
        let finding = pass.finding(name, slugs::APPROXIMATED_KEY, message);
        let why = pass.approximated(name, finding);
        annotations.put("transship/name", &name.value, &why);
    }
    self::labels(pass, labels, &mut annotations);
    annotations
}

/// Labels of a declaration as annotations.
pub fn labels<'p>(pass: &mut Pass<'p>, labels: &'p Field<Map<Loose>>, annotations: &mut Fields) {
    for (key, value) in labels.iter().flat_map(|labels| labels.value.iter()) {
        if label::is_key(key) {
            let message = format!("label `{key}` becomes an annotation; nothing finds the object by it");
            let finding = pass.finding(value, slugs::APPROXIMATED_KEY, message);
            let why = pass.approximated(value, finding);
            annotations.put(key.clone(), &value.value.0, &why);
        } else {
            let message = format!("label `{key}` cannot be the key of an annotation, and is left out");
            let finding = pass.finding(value, slugs::DROPPED_KEY, message);
            pass.dropped(value, finding);
        }
    }
}

/// A volume in memory: each pod has its own.
fn memory<'p>(pass: &mut Pass<'p>, key: &Text, volume: &'p Spanned<Volume>, usage: &Usage) {
    annotations(pass, key, volume);
    let Some(options) = &volume.value.driver_opts else { return };
    if usage.is_exclusive() {
        let message = format!(
            "volume `{key}` becomes storage in memory of its pod, which counts against the memory limit"
        );
        let finding = pass.finding(options, slugs::TMPFS_MOUNT, message);
        pass.approximated(options, finding);
    } else {
        let message = format!("volume `{key}` is memory that several containers share; pods share none");
        let finding = pass.finding(options, slugs::DISGUISED_HOST_VOLUME, message);
        pass.refused(options, finding.tip("declare a plain volume"));
    }
}

/// A volume that is a folder of the host.
fn bind<'p>(
    pass: &mut Pass<'p>,
    (key, volume): (&'p Text, &'p Spanned<Volume>),
    device: &'p Spanned<Loose>,
    usage: &Usage,
) {
    let annotations = annotations(pass, key, volume);
    if !is_inside(pass, &device.value.0) {
        let message = format!(
            "volume `{key}` is a folder of the machine that runs Compose; the nodes of a cluster do not have it"
        );
        let finding = pass.finding(device, slugs::DISGUISED_HOST_VOLUME, message);
        pass.refused(device, finding.tip("remove the options, so that it is a plain volume"));
        return;
    }
    let message = format!(
        "volume `{key}` is a folder of the project; it becomes a claim, and data that the host has does not move"
    );
    let finding = pass.finding(device, slugs::DATA_DIRECTORY_BIND, message);
    let finding = finding.tip("remove the options, so that it is a plain volume");
    if pass.at_least(Posture::Restricted) {
        if pass.refused(device, finding).is_none() {
            return;
        }
    } else {
        pass.approximated(device, finding);
    }
    let many = !usage.is_exclusive() && sharing::is_many(pass, Some(&volume.value));
    let spec = spec(pass, key, volume, many);
    let body = pass.object(Kind::PersistentVolumeClaim, named::object_name(key), usage.members());
    if !annotations.is_empty() {
        body.map("metadata").insert("annotations", Value::Map(annotations));
    }
    body.insert("spec", Value::Map(spec));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_taken_as_kubernetes_and_as_compose_write_them() {
        let written = ["10Gi", "10g", "512m", "100G", "", "0", "much"].map(amount);
        let wanted = [Some("10Gi"), Some("10Gi"), Some("512Mi"), Some("100G"), None, None, None];
        assert_eq!(written.each_ref().map(Option::as_deref), wanted);
    }
}
