//! Files of the project in ConfigMaps and Secrets, and their mounts.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::decide::{Decision, decide, is_file_like};
use super::mounts;
use crate::compose::mount::MountKind;
use crate::compose::project::items;
use crate::convert::draft::{Pod, Seat};
use crate::convert::pass::Pass;
use crate::convert::secret;
use crate::convert::survey::file_set::{Found, HeldFile, is_sensitive};
use crate::convert::survey::volumes::{Mounted, own};
use crate::diag::{Posture, slugs};
use crate::k8s::kind::Kind;
use crate::k8s::{base64, data_key, name};
use crate::plan::SecretKey;
use crate::plan::field::Fields;
use crate::plan::why::Why;
use crate::source::Text;
use crate::source::digest::sha256;
use crate::source::span::Span;

/// The mode of a file that somebody may run, 0755.
const EXECUTABLE: i64 = 0o755;

const SUM: Why = Why::Policy("a change of the files replaces the pods, as Compose replaces containers");
const RUN: Why = Why::Policy("a file that can be run stays so");

/// Mounts files that stand for a path of the host.
pub fn mount<'p>(
    pass: &mut Pass<'p>,
    seat: &mut Seat<'_, 'p>,
    mounted: &Mounted<'p>,
    name: &Text,
    files: &[HeldFile],
    why: &Why,
) {
    let path = mounts::path(mounted);
    let source = source(name, files, why);
    let volume = mounts::volume(seat.pod, name, source, why);
    annotate(seat.pod, name, files);
    let read_only = mounted.mount.value.read_only.as_ref().filter(|_| mounted.read_only && !mounted.borrowed);
    let of_mode = read_only.map_or_else(|| why.clone(), |read_only| pass.why(&**read_only));
    let single = is_single(pass, mounted);
    let of_target = mounted.mount.value.target.as_ref().filter(|_| !mounted.borrowed);
    let here = of_target.map_or_else(|| why.clone(), |target| why.and(&pass.why(target)));
    // Nothing can be mounted below a folder that is read-only: each file is put there for itself.
    let split = !single && is_covered(seat, pass, &path);
    if single || split {
        for file in files {
            let place = if single { path.clone() } else { format!("{path}/{}", file.path) };
            let below = if is_listed(files) { &file.path } else { &file.key };
            if let Some(fields) = mounts::mount(seat.container, &volume, &place, &here) {
                fields.put("subPath", below.as_str(), why);
                fields.put("readOnly", true, &of_mode);
            }
        }
    } else if let Some(fields) = mounts::mount(seat.container, &volume, &path, &here) {
        fields.put("readOnly", true, &of_mode);
    }
}

/// An empty file for one that is missing; one that somebody will fill with a key is a secret already.
#[must_use]
pub fn placeholder(source: &str) -> HeldFile {
    let path = last(source).to_owned();
    let sensitive = is_sensitive(&path, &[]);
    HeldFile { key: data_key::of_path(&path), path, bytes: Vec::new(), executable: false, sensitive }
}

/// Writes the objects that hold the files of all binds.
pub fn objects(pass: &mut Pass<'_>) {
    let survey = Rc::clone(&pass.survey);
    let members = Rc::clone(&pass.members);
    let mut wanted: BTreeMap<&Text, (Vec<Text>, (Span, Why))> = BTreeMap::new();
    let mut empty: BTreeMap<&Text, HeldFile> = BTreeMap::new();
    for member in members.iter() {
        let hooks = member.service().into_iter().flat_map(|service| items(&service.pre_start));
        let of_hooks = hooks.flat_map(|hook| own(&hook.value.container.volumes));
        let mounts = survey.volumes.mounts(member.name).iter().copied().chain(of_hooks);
        for mounted in mounts.filter(|mounted| mounted.kind() == MountKind::Bind) {
            let Some(source) = &mounted.mount.value.source else { continue };
            let writes = !mounted.read_only && pass.at_least(Posture::Restricted);
            match decide(pass, &survey, member, &mounted) {
                Decision::Held(_) if !writes || pass.allows_at(slugs::WRITABLE_CONFIG_MOUNT, mounted.at) => {}
                Decision::Missing | Decision::Unreadable(_)
                    if pass.allows_at(slugs::MISSING_FILE, mounted.at)
                        && (is_file_like(&source.value) || is_file_like(&mounts::path(&mounted))) =>
                {
                    empty.insert(&source.value, placeholder(&source.value));
                }
                _ => continue,
            }
            let why = pass.why(mounted.at);
            let place = (mounted.at.span, why);
            let (owners, _) = wanted.entry(&source.value).or_insert_with(|| (Vec::new(), place));
            if owners.last() != Some(member.name) {
                owners.push(member.name.clone());
            }
        }
    }
    for (path, (owners, (place, why))) in wanted {
        let Some(source) = survey.volumes.source(path) else { continue };
        let files: &[HeldFile] = match (&source.found, empty.get(path)) {
            (_, Some(file)) => std::slice::from_ref(file),
            (Some(Found::File(file)), None) => std::slice::from_ref(file),
            (Some(Found::Folder(files)), None) => files,
            _ => continue,
        };
        let from = format!("the file `{{}}` of `{}`", last(path));
        write(pass, &source.name, &owners, files, (place, &why), &from);
    }
}

/// Writes the objects that hold some files: a ConfigMap, and a Secret for those that are secrets.
pub fn write(
    pass: &mut Pass<'_>,
    name: &Text,
    owners: &[Text],
    files: &[HeldFile],
    (place, why): (Span, &Why),
    from: &str,
) {
    let (secrets, plain): (Vec<&HeldFile>, Vec<&HeldFile>) = files.iter().partition(|file| file.sensitive);
    if !plain.is_empty() {
        let body = pass.object(Kind::ConfigMap, name.clone(), owners.to_vec());
        for file in plain {
            match text(&file.bytes) {
                Some(text) => body.map("data").put(Text::new(&file.key), text, why),
                None => body.map("binaryData").put(Text::new(&file.key), base64::encode(&file.bytes), why),
            }
        }
    }
    for file in secrets {
        let key = SecretKey {
            namespace: pass.namespace.clone(),
            secret: name.clone(),
            key: file.key.as_str().into(),
            from: from.replace("{}", &file.path).into(),
        };
        secret::want_key(pass, owners, key, &file.bytes, place, why);
    }
}

/// Notes what is in the files, so that a change of them replaces the pods. Of secrets nothing is noted: a short digest
/// would help to guess them.
pub fn annotate(pod: &mut Pod, name: &Text, files: &[HeldFile]) {
    let plain: Vec<&[u8]> =
        files.iter().filter(|file| !file.sensitive).map(|file| file.bytes.as_slice()).collect();
    if !plain.is_empty() {
        pod.annotations.put(annotation(name), digest(&plain.concat()), &SUM);
    }
}

/// The annotation of pods that says what is in the files of a ConfigMap.
#[must_use]
pub fn annotation(config_map: &str) -> String {
    let key = name::object(config_map, name::LABEL_LENGTH - "config-".len()).unwrap_or_default();
    format!("transship/config-{key}")
}

/// The value of that annotation: what a chart can work out as well, where somebody edits the files.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    sha256(bytes)[..8].to_owned()
}

/// The text of a file, when it is text that every reader of YAML gives back byte by byte.
#[must_use]
pub fn text(bytes: &[u8]) -> Option<&str> {
    let breaks = |letter: char| matches!(letter, '\u{feff}' | '\u{2028}' | '\u{2029}');
    let odd = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\t' | '\r');
    std::str::from_utf8(bytes).ok().filter(|text| !text.contains(|letter| odd(letter) || breaks(letter)))
}

/// The volume that holds some files.
fn source(name: &Text, files: &[HeldFile], why: &Why) -> Fields {
    let mut source = Fields::default();
    let secret = files.iter().filter(|file| file.sensitive).count();
    if secret == 0 || secret == files.len() {
        let (kind, key) = if secret == 0 { ("configMap", "name") } else { ("secret", "secretName") };
        let volume = source.map(kind);
        volume.put(key, name, why);
        if files.iter().all(|file| file.executable) {
            volume.put("defaultMode", EXECUTABLE, &RUN);
        }
        if is_listed(files) {
            listed(volume, files.iter(), why, !files.iter().all(|file| file.executable));
        }
        return source;
    }
    let sources = source.map("projected").list("sources");
    for (kind, sensitive) in [("configMap", false), ("secret", true)] {
        let part = sources.push_map().map(kind);
        part.put("name", name, why);
        listed(part, files.iter().filter(|file| file.sensitive == sensitive), why, true);
    }
    source
}

fn listed<'f>(volume: &mut Fields, files: impl Iterator<Item = &'f HeldFile>, why: &Why, modes: bool) {
    let items = volume.list("items");
    for file in files {
        let item = items.push_map();
        item.put("key", file.key.as_str(), why);
        item.put("path", file.path.as_str(), why);
        if modes && file.executable {
            item.put("mode", EXECUTABLE, &RUN);
        }
    }
}

/// Whether the volume has to say which key is which path.
fn is_listed(files: &[HeldFile]) -> bool {
    let some = files.iter().any(|file| file.executable);
    let mixed = files.iter().any(|file| file.sensitive) && files.iter().any(|file| !file.sensitive);
    mixed
        || files.iter().any(|file| file.path != file.key)
        || some && !files.iter().all(|file| file.executable)
}

/// Whether the source is a file and not a folder.
fn is_single(pass: &Pass<'_>, mounted: &Mounted<'_>) -> bool {
    let source = mounted.mount.value.source.as_ref().map_or("", |source| source.value.as_str());
    let found = pass.survey.volumes.source(source).and_then(|source| source.found.as_ref());
    !matches!(found, Some(Found::Folder(_)))
}

/// Whether the container mounts something below a path.
fn is_covered<'p>(seat: &Seat<'_, 'p>, pass: &Pass<'p>, path: &str) -> bool {
    let below = |other: &str| other != path && mounts::is_within(other, path);
    pass.survey.volumes.mounts(seat.member.name).iter().any(|mounted| below(&mounts::path(mounted)))
        || items(&seat.member.container.tmpfs)
            .any(|entry| below(&mounts::clean(entry.value.split(':').next().unwrap_or_default())))
        || crate::convert::topic::files::targets(&seat.member).iter().any(|target| below(target))
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_what_yaml_gives_back() {
        assert_eq!(text(b"a\r\n\tb"), Some("a\r\n\tb"));
        for bytes in [&b"\x1b"[..], b"\0", b"\xff", "\u{feff}x".as_bytes(), "\u{2028}".as_bytes()] {
            assert_eq!(text(bytes), None);
        }
    }
}
