//! Files of the image under a mount: Docker copies them into an empty volume, a cluster does not.

use std::rc::Rc;

use super::mounts;
use crate::compose::image_facts::{Facts, Known};
use crate::compose::mount::MountKind;
use crate::convert::draft::{Draft, Seat};
use crate::convert::hint;
use crate::convert::pass::Pass;
use crate::convert::survey::volumes::{Mounted, declaration};
use crate::diag::slugs;
use crate::k8s::name;
use crate::plan::field::{Field, Fields, Items};
use crate::plan::why::Why;
use crate::source::Text;

/// Where the volume is while it is filled.
const PLACE: &str = "/transship/volume";

/// Copies a folder into a volume in which nothing is but what file systems put there.
const SCRIPT: &str = "[ -d \"$1\" ] || exit 0\n[ -z \"$(ls -A \"$2\" | grep -vx lost+found)\" ] || exit 0\ncp -a \"$1/.\" \"$2/\"\n";

const COPY: Why = Why::Policy("an empty volume is filled from the image, as in Docker");

/// What is known of files of the image under a mount.
enum Content {
    /// There are none, or nobody knows of any.
    None,
    /// They are to be copied; why.
    Copy(Why),
    /// There are some, and the image has no shell that could copy them.
    NoShell,
}

/// Says that files of the image are copied, or cannot be.
pub fn note<'p>(pass: &mut Pass<'p>, seat: &Seat<'_, 'p>, mounted: &Mounted<'p>) {
    let path = mounts::path(mounted);
    let message = match content(pass, seat.facts, mounted) {
        Content::None => return,
        Content::Copy(_) => format!(
            "the image has files at `{path}`, and a claim starts empty; a container that runs before copies them, as Docker does"
        ),
        Content::NoShell => format!(
            "the image has files at `{path}` and no shell to copy them with; the pod finds an empty folder"
        ),
    };
    let finding = pass.finding(mounted.at, slugs::VOLUME_COPY_UP, message);
    let finding = finding.tip("say `x-transship: {seed: false}` at the volume, or mount it with `nocopy`");
    pass.approximated(mounted.at, finding);
}

/// The containers that fill empty volumes, before all others.
pub fn containers<'p>(pass: &mut Pass<'p>, drafts: &mut [Draft<'p>]) {
    let survey = Rc::clone(&pass.survey);
    for draft in drafts {
        let member = draft.member;
        let mut first = Items::default();
        for mounted in survey.volumes.mounts(member.name).iter().filter(|mounted| !mounted.borrowed) {
            if mounted.kind() != MountKind::Volume {
                continue;
            }
            let Content::Copy(why) = content(pass, pass.facts(member), mounted) else { continue };
            let path = mounts::path(mounted);
            let Some(volume) = volume_at(&draft.container, &path) else { continue };
            first.push(Field::Map(container(&draft.container, &volume, &path, &COPY.and(&why))));
        }
        draft.pod.init.prepend(first);
        // A copy out of another image runs under the same rules as the container beside it.
        let rules = draft.container.get("securityContext").cloned();
        for field in draft.pod.init.iter_mut() {
            let (Field::Map(fields), Some(rules)) = (field, &rules) else { continue };
            let fills =
                fields.get("name").and_then(Field::as_text).is_some_and(|name| name.starts_with("fill-"));
            if fills && fields.get("securityContext").is_none() {
                fields.insert("securityContext", rules.clone());
            }
        }
    }
}

/// A container that copies a folder of its image into a volume.
pub fn container(like: &Fields, volume: &Text, path: &str, why: &Why) -> Fields {
    let mut container = Fields::default();
    // A volume without a name of its own is called after its path already.
    let is_named_so = name::object(path, name::LABEL_LENGTH).is_some_and(|named| named == *volume);
    let whole = if is_named_so { volume.to_string() } else { format!("{volume}{path}") };
    let ending = name::object(&whole, 50).unwrap_or_default();
    container.put("name", format!("fill-{ending}"), why);
    for key in ["image", "imagePullPolicy", "resources", "securityContext"] {
        if let Some(field) = like.get(key) {
            container.insert(key, field.clone());
        }
    }
    let command = container.list("command");
    for word in ["sh", "-c", SCRIPT, "sh", path, PLACE] {
        command.push_value(crate::k8s::dollar::literal(word), why);
    }
    let mount = container.list("volumeMounts").push_map();
    mount.put("name", volume, why);
    mount.put("mountPath", PLACE, why);
    container
}

/// Whether an image is known to have no shell.
#[must_use]
pub fn lacks_shell(facts: &Facts) -> bool {
    let base = facts.base.as_ref().map_or("", |base| base.value.as_str());
    base == "scratch" || base.contains("distroless")
}

fn content<'p>(pass: &Pass<'p>, facts: &'p Facts, mounted: &Mounted<'p>) -> Content {
    let options = mounted.mount.value.volume.as_ref();
    let off = options.and_then(|options| options.value.nocopy.as_ref()).is_some_and(|nocopy| nocopy.value);
    let path = mounts::path(mounted);
    let source = mounted.mount.value.source.as_ref();
    let declared = source.and_then(|source| declaration(pass.input, &source.value));
    let hinted = declared.and_then(|declared| hint::find(&declared.extensions, "seed"));
    let why = match hinted {
        Some(hint) if hint.is_on() => pass.accounts.why(hint.identity),
        Some(_) => return Content::None,
        None if off => return Content::None,
        None => {
            let evident = |known: &&Known<Text>| {
                let copied = mounts::clean(&known.value);
                copied != "/" && (mounts::is_within(&copied, &path) || mounts::is_within(&path, &copied))
            };
            match facts.content.items.iter().find(evident) {
                Some(known) => pass.fact(&known.evidence),
                None => return Content::None,
            }
        }
    };
    if lacks_shell(facts) { Content::NoShell } else { Content::Copy(why) }
}

/// The volume that is mounted at a path.
fn volume_at(container: &Fields, path: &str) -> Option<Text> {
    let mounts = container.get("volumeMounts")?.as_list()?;
    let mount = mounts.find("mountPath", path)?;
    mount.get("name")?.as_text().map(Text::from)
}
