//! The image: its name, when it is pulled, and for which platform.

use std::collections::BTreeMap;

use crate::compose::codec::Field;
use crate::compose::image_reference::{DOCKER_HUB, ImageReference};
use crate::convert::draft::{Part, Seat};
use crate::convert::options::Options;
use crate::convert::pass::Pass;
use crate::diag::{Slug, slugs};
use crate::plan::why::Why;
use crate::source::Text;
use crate::source::span::Spanned;
use smol_str::format_smolstr;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `image`
    pub image: &'p Field<Text>,
    /// `pull_policy`
    pub pull_policy: &'p Field<Text>,
    /// `pull_refresh_after`
    pub pull_refresh_after: &'p Field<Text>,
    /// `platform`
    pub platform: &'p Field<Text>,
}

/// The name that nodes pull.
struct Name {
    text: Text,
    why: Why,
    /// Whether a flag gave it.
    given: bool,
}

const WITHOUT_POLICY: Why = Why::Policy(
    "an image is pulled when the node has it not, and always under a tag that moves, as the API server decides",
);

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, keys: &Keys<'p>) {
    let Keys { image, pull_policy, pull_refresh_after, platform } = keys;
    let image = image.as_deref().filter(|image| !image.value.is_empty());
    if let Some(name) = name(pass, seat, image) {
        seat.container.put("image", &name.text, &name.why);
        policy(pass, seat, &name, pull_policy);
    } else if let Some(policy) = pull_policy {
        pass.consumed(policy);
    }
    if let Some(age) = pull_refresh_after {
        let message =
            "`pull_refresh_after` has no counterpart: a node keeps an image until its space runs out";
        let finding = pass.finding_at_key(age, slugs::DROPPED_KEY, message);
        pass.dropped(age, finding);
    }
    if let Some(platform) = platform {
        nodes(pass, seat, platform);
    }
}

/// The name that nodes pull; nothing when there is none, which is said.
fn name<'p>(pass: &mut Pass<'p>, seat: &Seat<'_, 'p>, image: Option<&'p Spanned<Text>>) -> Option<Name> {
    let generated = format_smolstr!("{}-{}", project(pass), seat.member.name);
    let written = image.map_or(&generated, |image| &image.value).clone();
    if let Some(other) = mapped(pass.options(), &written, &generated) {
        let why = image.map_or(Why::Flag("--image-map"), |image| pass.mapped(image));
        return Some(Name { text: other, why, given: true });
    }
    let build = seat.member.workload.build.as_deref();
    // A container that runs before has the image of its service when it names none.
    let is_built = build.is_some()
        && match (image, seat.part) {
            (Some(image), Part::Main) => is_local(&image.value),
            (Some(image), Part::Before) => {
                is_local(&image.value)
                    && seat.member.container.image.as_ref().is_some_and(|main| main.value == image.value)
            }
            (None, Part::Main | Part::Before) => true,
        };
    if is_built && let Some(prefix) = &pass.options().registry {
        let text = format_smolstr!("{prefix}/{}{}", seat.member.name, version(&written));
        let why = image.map_or(Why::Flag("--registry"), |image| pass.mapped(image));
        return Some(Name { text, why, given: true });
    }
    match (image, build) {
        (Some(image), Some(_)) if is_built => {
            let message = format!(
                "`{}` is built here under the name `{}`, which no registry has: nodes would ask Docker Hub's own images for it",
                seat.member.name, image.value
            );
            let why = refuse(pass, image, message, &image.value)?;
            Some(Name { text: written, why, given: false })
        }
        (Some(image), _) => Some(Name { text: written, why: pass.mapped(image), given: false }),
        (None, Some(build)) => {
            let message =
                format!("`{}` is built here and names no image that nodes could pull", seat.member.name);
            let why = match &build.value.context {
                Some(context) => refuse(pass, context, message, &generated)?,
                None => refuse(pass, build, message, &generated)?,
            };
            Some(Name { text: generated, why, given: false })
        }
        // Who provides the service is another topic's business.
        (None, None) => None,
    }
}

fn refuse<T>(pass: &mut Pass<'_>, value: &Spanned<T>, message: String, name: &str) -> Option<Why> {
    let last = name.rsplit('/').next().unwrap_or(name);
    let tip = format!(
        "name an image that a registry has, or say which it is: `--image-map {name}=REGISTRY/{last}`"
    );
    let finding = pass.finding(value, slugs::UNPULLABLE_IMAGE, message).tip(tip);
    pass.refused(value, finding)
}

fn project(pass: &Pass<'_>) -> Text {
    pass.input.project.model.name.as_ref().map(|name| name.value.clone()).unwrap_or_default()
}

/// Whether the name is one word, as `app:1`: what is built under it stays on the machine.
fn is_local(image: &str) -> bool {
    match ImageReference::parse(image) {
        Some(reference) => {
            reference.registry == DOCKER_HUB
                && reference.repository.starts_with("library/")
                && !image.contains('/')
        }
        None => !image.contains('/'),
    }
}

/// The other name of an image, when the flags give one: for the whole name, for the name without tag and digest (which
/// then stay, unless the new name has its own), or for the name that Compose generates.
fn mapped(options: &Options, written: &str, generated: &str) -> Option<Text> {
    let map = &options.image_map;
    if map.is_empty() {
        return None;
    }
    if let Some(other) = map.get(written) {
        return Some(other.clone());
    }
    let end = version(written);
    let plain = written.strip_suffix(end.as_str()).unwrap_or(written);
    let known =
        map.get(plain).or_else(|| map.iter().find(|(old, _)| is_same(old, written)).map(|(_, new)| new));
    if let Some(other) = known {
        let own = !version(other).is_empty();
        return Some(if own { other.clone() } else { format_smolstr!("{other}{end}") });
    }
    map.get(generated).cloned()
}

/// Whether a name of the flag is that of an image as it is written, or as Compose generates it.
#[must_use]
pub fn is_meant(old: &Text, written: &str, generated: &str) -> bool {
    let image_map = BTreeMap::from([(old.clone(), Text::default())]);
    mapped(&Options { image_map, ..Options::default() }, written, generated).is_some()
}

/// Whether a name of the flag, in another spelling, is that of the image.
fn is_same(old: &str, written: &str) -> bool {
    let (Some(old), Some(written)) = (ImageReference::parse(old), ImageReference::parse(written)) else {
        return false;
    };
    let open = old.tag.is_none() && old.digest.is_none();
    (&old.registry, &old.repository) == (&written.registry, &written.repository)
        && (open || old.is_same(&written))
}

/// The tag and the digest of a name, with the signs before them; empty when there is neither.
fn version(image: &str) -> Text {
    let last = image.rfind('/').map_or(0, |slash| slash + 1);
    let start = image[last..].find([':', '@']).map_or(image.len(), |at| last + at);
    image[start..].into()
}

fn policy<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, name: &Name, policy: &'p Field<Text>) {
    let Some(policy) = policy.as_deref().filter(|policy| !policy.value.is_empty()) else {
        seat.container.put("imagePullPolicy", by_itself(&name.text), &WITHOUT_POLICY);
        return;
    };
    let (word, why) = match policy.value.as_str() {
        "always" => ("Always", pass.mapped(policy)),
        "missing" | "if_not_present" => ("IfNotPresent", pass.mapped(policy)),
        "never" if !name.given => {
            let message = format!("`{}` is never pulled, and nodes have only what they pull", name.text);
            let Some(why) = refuse(pass, policy, message, &name.text) else { return };
            ("IfNotPresent", why)
        }
        "build" if !name.given && is_local(&name.text) => {
            let message =
                format!("`{}` is always built where Compose runs, and nodes do not build", name.text);
            let Some(why) = refuse(pass, policy, message, &name.text) else { return };
            ("IfNotPresent", why)
        }
        "never" | "build" => {
            let message = "the image is not built or kept here: nodes pull it when they have it not";
            ("IfNotPresent", differs(pass, policy, slugs::APPROXIMATED_KEY, message))
        }
        _ => {
            let message = "a node has no clock for images: it asks the registry at each start of a container";
            ("Always", differs(pass, policy, slugs::APPROXIMATED_KEY, message))
        }
    };
    seat.container.put("imagePullPolicy", word, &why);
}

/// What the API server takes when nothing is written.
fn by_itself(image: &str) -> &'static str {
    let version = version(image);
    let moves = version.is_empty() || version == ":latest";
    if moves { "Always" } else { "IfNotPresent" }
}

fn differs(pass: &mut Pass<'_>, value: &Spanned<Text>, rule: Slug, message: impl Into<String>) -> Why {
    let finding = pass.finding(value, rule, message);
    pass.approximated(value, finding)
}

/// The nodes that a platform asks for.
fn nodes<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, platform: &'p Spanned<Text>) {
    let (system, processor) = parts(&platform.value);
    let message = format!(
        "`{}` runs only on nodes of the platform `{}`; a variant of the processor and emulation have no counterpart",
        seat.member.name, platform.value
    );
    let why = differs(pass, platform, slugs::PINNED_PLATFORM, message);
    let selector = seat.pod.spec.map("nodeSelector");
    selector.put("kubernetes.io/os", system, &why);
    if let Some(processor) = processor {
        selector.put("kubernetes.io/arch", processor, &why);
    }
}

/// The operating system and the processor of a platform, as nodes call them: `arm64` alone is a processor.
fn parts(platform: &str) -> (Text, Option<Text>) {
    const SYSTEMS: [&str; 5] = ["linux", "windows", "darwin", "freebsd", "wasi"];
    let lower = platform.to_ascii_lowercase();
    let mut words = lower.split('/');
    let first = words.next().unwrap_or_default();
    if SYSTEMS.contains(&first) {
        return (first.into(), words.next().map(processor));
    }
    ("linux".into(), Some(processor(first)))
}

fn processor(word: &str) -> Text {
    Text::new(match word {
        "x86_64" | "x86-64" => "amd64",
        "aarch64" => "arm64",
        "armhf" | "armel" => "arm",
        "i386" => "386",
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_keeps_the_tag_that_it_does_not_name() {
        let pairs = [("shop", "r.example/shop"), ("redis", "r.example/redis:9"), ("p-api", "r.example/api")];
        let image_map = pairs.iter().map(|(old, new)| (Text::new(old), Text::new(new))).collect();
        let options = Options { image_map, ..Options::default() };
        let other = |written: &str| mapped(&options, written, "p-api").unwrap_or_default();
        assert_eq!(other("shop:1.2"), "r.example/shop:1.2");
        assert_eq!(other("docker.io/library/redis:7"), "r.example/redis:9");
        assert_eq!(other("other"), "r.example/api");
        assert_eq!(version("host:5000/a/b"), "");
        assert_eq!(version("host:5000/b:1@sha256:0"), ":1@sha256:0");
    }

    #[test]
    fn platforms_are_named_as_nodes_name_them() {
        assert_eq!(parts("linux/arm64/v8"), ("linux".into(), Some("arm64".into())));
        assert_eq!(parts("aarch64"), ("linux".into(), Some("arm64".into())));
        assert_eq!(parts("windows"), ("windows".into(), None));
    }
}
