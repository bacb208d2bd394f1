//! A config or secret at its place in a container.

use super::Section;
use super::content::{Content, Declared, declared};
use crate::compose::file_object::FileReference;
use crate::convert::draft::Seat;
use crate::convert::pass::Pass;
use crate::convert::secret;
use crate::convert::topic::storage::{held, mounts, ownership};
use crate::diag::slugs;
use crate::plan::field::Fields;
use crate::plan::why::Why;
use crate::source::span::Spanned;

/// Read by owner and group.
const GROUP_READS: i64 = 0o440;

const READ_ONLY: Why = Why::Policy("configs and secrets are read-only");

/// The path of a config or secret in the container.
#[must_use]
pub fn target(section: Section, file: &FileReference) -> String {
    let source = file.source.as_ref().map_or("", |source| source.value.as_str());
    let target = file.target.as_ref().map_or(source, |target| target.value.as_str());
    let folder = match section {
        Section::Configs => "/",
        Section::Secrets => "/run/secrets/",
    };
    mounts::clean(&if target.starts_with('/') { target.to_owned() } else { format!("{folder}{target}") })
}

/// Mounts a config or secret.
pub fn mount<'p>(
    pass: &mut Pass<'p>,
    seat: &mut Seat<'_, 'p>,
    section: Section,
    file: &'p Spanned<FileReference>,
) {
    let FileReference { gid: _, mode: _, source, target: written, uid: _, extensions: _ } = &file.value;
    pass.consumed(file);
    let Some(source) = source else { return };
    let Some(declared) = declared(pass.input, section, &source.value) else { return };
    let mut why = pass.mapped(source);
    if let Some(written) = written {
        why = why.and(&pass.mapped(written));
    }
    let is_secret = declared.is_secret(pass, section);
    if is_secret {
        secret::concealed_in(pass, source, &[(&declared.object(), &declared.data_key())]);
    }
    let (kind, name) = if is_secret { ("secret", "secretName") } else { ("configMap", "name") };
    let object = declared.object();
    let mut volume = Fields::default();
    let held = volume.map(kind);
    held.put(name, &object, &why);
    if let Some((mode, of_mode)) = mode(pass, seat, file, &declared) {
        held.put("defaultMode", mode, &of_mode);
    }
    let name = mounts::volume(seat.pod, &object, volume, &why);
    let path = target(section, &file.value);
    if let Some(fields) = mounts::mount(seat.container, &name, &path, &why) {
        fields.put("subPath", declared.data_key(), &why);
        fields.put("readOnly", true, &READ_ONLY);
    } else {
        let message = format!("something else is mounted at `{path}` already; this file is left out");
        let finding = pass.finding(source, slugs::CONFLICTING_ENTRIES, message);
        pass.dropped(file, finding.tip("mount it elsewhere"));
    }
    if !is_secret && let Content::Bytes(content) = declared.content(pass) {
        held::annotate(seat.pod, &object, std::slice::from_ref(&content));
    }
}

/// The mode of the file, and what becomes of its owner.
fn mode<'p>(
    pass: &mut Pass<'p>,
    seat: &mut Seat<'_, 'p>,
    file: &'p Spanned<FileReference>,
    declared: &Declared<'p>,
) -> Option<(i64, Why)> {
    let FileReference { gid, mode, source: _, target: _, uid, extensions: _ } = &file.value;
    let ignored = declared.file.is_some();
    for owner in [uid, gid].into_iter().flatten() {
        let message = if ignored {
            "Compose ignores owner and group of what comes from a file; the file belongs to root here too"
        } else {
            "files of a pod belong to root and to its `fsGroup`; owner and group are lost"
        };
        let finding = pass.finding(owner, slugs::CONFIG_FILE_OWNER, message);
        pass.dropped(owner, finding.tip("remove it"));
    }
    let mode = mode.as_ref()?;
    let bits = mode.value.0 & 0o777;
    let read = bits & !0o222;
    let runner = ownership::runner(pass, seat).or_else(|| intended(pass, uid, gid));
    if let Some(runner) = runner.filter(|_| read & 0o044 == 0) {
        ownership::share(seat, &runner);
        let message = format!(
            "mode {bits:04o} lets only the owner read, which is root in a pod; the file gets 0440, and the group `fsGroup: {}`",
            runner.group
        );
        let finding = pass.finding(mode, slugs::CONFIG_FILE_OWNER, message);
        let why = pass.approximated(mode, finding);
        return Some((GROUP_READS | (read & 0o110), why));
    }
    if ignored && read & 0o004 == 0 {
        let message = format!(
            "Compose ignores the mode of what comes from a file, and the file keeps its own; here it gets {read:04o}, and others cannot read it"
        );
        let finding = pass.finding(mode, slugs::CONFIG_FILE_OWNER, message);
        let why = pass.approximated(mode, finding);
        return Some((read, why));
    }
    if bits & 0o222 != 0 {
        let message = format!("mode {bits:04o} lets somebody write; the file is read-only in a pod");
        let finding = pass.finding(mode, slugs::CONFIG_FILE_OWNER, message);
        let why = pass.approximated(mode, finding);
        return Some((read, why));
    }
    Some((read, pass.mapped(mode)))
}

/// Whom the file is meant for, by its owner, when nothing says whom the process runs as.
fn intended<'p>(
    pass: &Pass<'p>,
    uid: &'p crate::compose::codec::Field<crate::source::Text>,
    gid: &'p crate::compose::codec::Field<crate::source::Text>,
) -> Option<ownership::Runner> {
    let number = |text: &str| text.parse::<u32>().ok().filter(|number| *number != 0).map(i64::from);
    let uid = uid.as_ref()?;
    let user = number(&uid.value)?;
    let group = gid.as_ref().and_then(|gid| number(&gid.value));
    Some(ownership::Runner { group: group.unwrap_or(user), why: pass.why(&**uid) })
}
