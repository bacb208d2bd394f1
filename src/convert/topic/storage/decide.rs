//! What a path of the host is, in the order in which the first answer counts.

use std::path::Path;

use super::mounts;
use crate::compose::mount::MountKind;
use crate::convert::draft::Seat;
use crate::convert::member::Member;
use crate::convert::pass::Pass;
use crate::convert::survey::Survey;
use crate::convert::survey::file_set::{Found, HeldFile};
use crate::convert::survey::volumes::{Mounted, Source};

/// What a path of the host is.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision<'s> {
    /// The socket of a container engine.
    Socket,
    /// The time zone of the host.
    Timezone,
    /// A path of the machine, which is no part of the project.
    Host,
    /// Code that the image has too.
    Code,
    /// Files that an object can hold; of one file, or of a folder.
    Held(&'s [HeldFile]),
    /// More than an object can hold; in words, how.
    TooLarge(&'s str),
    /// An empty place for data.
    Data,
    /// Nothing, where a file has to be.
    Missing,
    /// Something that cannot be read; in words, why.
    Unreadable(&'s str),
}

/// Sockets of container engines.
const SOCKETS: [&str; 5] = ["docker.sock", "containerd.sock", "crio.sock", "podman.sock", "docker_engine"];

/// Folders in which the code of an image is kept, where nothing is known of the image.
const CODE: [&str; 9] =
    ["/app", "/usr/src", "/src", "/code", "/workspace", "/srv", "/opt/app", "/var/www", "/usr/local/app"];

/// Ends of the names of programs' sources.
const SOURCES: [&str; 14] =
    ["py", "js", "mjs", "cjs", "ts", "tsx", "jsx", "go", "rb", "php", "rs", "java", "cs", "vue"];

/// Decides what the source of a bind is.
#[must_use]
pub fn decide<'s, 'p>(
    pass: &Pass<'p>,
    survey: &'s Survey<'p>,
    member: &Member<'p>,
    mounted: &Mounted<'p>,
) -> Decision<'s> {
    let path = mounted.mount.value.source.as_ref().map_or("", |source| source.value.as_str());
    let target = mounts::path(mounted);
    if SOCKETS.iter().any(|socket| path.ends_with(socket)) {
        return Decision::Socket;
    }
    let zone = path.starts_with("/usr/share/zoneinfo");
    if matches!(path, "/etc/localtime" | "/etc/timezone")
        || zone && matches!(target.as_str(), "/etc/localtime" | "/etc/timezone")
    {
        return Decision::Timezone;
    }
    let Some(Source { found: Some(found), .. }) = survey.volumes.source(path) else { return Decision::Host };
    if is_code(pass, member, path, &target, found) {
        return Decision::Code;
    }
    match found {
        Found::File(file) => Decision::Held(std::slice::from_ref(file)),
        Found::Folder(files) => Decision::Held(files),
        Found::TooLarge(words) => Decision::TooLarge(words),
        Found::Unreadable(words) => Decision::Unreadable(words),
        Found::Special => Decision::Host,
        Found::Empty if mounted.read_only => Decision::Missing,
        Found::Empty => Decision::Data,
        Found::Missing => {
            let writable = !mounted.read_only && creates(mounted);
            if writable && !is_file_like(path) && !is_file_like(&target) {
                Decision::Data
            } else {
                Decision::Missing
            }
        }
    }
}

/// Whether Docker makes the source when it is missing.
#[must_use]
pub fn creates(mounted: &Mounted<'_>) -> bool {
    let options = mounted.mount.value.bind.as_ref();
    options.is_some_and(|bind| bind.value.create_host_path.as_ref().is_none_or(|creates| creates.value.0))
}

/// Whether a path of the host lies in the project.
#[must_use]
pub fn is_inside(pass: &Pass<'_>, path: &str) -> bool {
    Path::new(path).starts_with(&pass.input.project.directory)
}

/// Whether the name looks like that of a file: it ends as files do.
#[must_use]
pub fn is_file_like(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    if [".env", ".htpasswd", "Caddyfile", "Corefile", "Dockerfile", "Makefile", "crontab"].contains(&name) {
        return true;
    }
    let Some((stem, extension)) = name.rsplit_once('.') else { return false };
    let letters = extension.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let starts = extension.starts_with(|letter: char| letter.is_ascii_alphabetic());
    !stem.is_empty() && letters && starts && extension.len() > 1 && extension.len() <= 10
}

/// Whether the volume at a path only keeps a part of the image from being hidden by code that is bound over it.
#[must_use]
pub fn is_mask<'p>(pass: &Pass<'p>, seat: &Seat<'_, 'p>, path: &str) -> bool {
    if path.ends_with("/node_modules") {
        return true;
    }
    let survey = &pass.survey;
    let hides = |mounted: &&Mounted<'p>| {
        mounted.kind() == MountKind::Bind
            && mounts::is_within(path, &mounts::path(mounted))
            && matches!(decide(pass, survey, &seat.member, mounted), Decision::Code)
    };
    survey.volumes.mounts(seat.member.name).iter().any(|mounted| hides(&mounted))
}

/// Whether what is bound is the code of the image, which is built from the same folder.
fn is_code(pass: &Pass<'_>, member: &Member<'_>, path: &str, target: &str, found: &Found) -> bool {
    let Some(build) = &member.workload.build else { return false };
    let Some(context) = &build.value.context else { return false };
    if !mounts::is_within(path, &context.value) {
        return false;
    }
    let folder = match found {
        Found::Folder(_) | Found::TooLarge(_) | Found::Unreadable(_) => true,
        Found::File(file) => {
            if !file.path.rsplit_once('.').is_some_and(|(_, end)| SOURCES.contains(&end)) {
                return false;
            }
            false
        }
        Found::Missing | Found::Empty | Found::Special => return false,
    };
    let content = &pass.input.facts.of_service(member.name).content;
    if !content.items.is_empty() {
        return content
            .values()
            .any(|copied| mounts::is_within(target, copied) || folder && mounts::is_within(copied, target));
    }
    folder && path == context.value.as_str() || CODE.iter().any(|code| mounts::is_within(target, code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_by_their_endings() {
        for name in ["./prometheus.yml", "a/nginx.conf", ".env", "x/Caddyfile", "init.sql"] {
            assert!(is_file_like(name), "{name}");
        }
        for name in ["./data", "conf.d", ".data", "data-1.2", "/var/lib/x", "grafana/provisioning"] {
            assert!(!is_file_like(name), "{name}");
        }
    }
}
