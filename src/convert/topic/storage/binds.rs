//! Binds: what a path of the host becomes.

use std::path::Path;
use std::rc::Rc;

use super::decide::{Decision, creates, decide, is_file_like};
use super::{held, mounts, named, ownership};
use crate::compose::codec::Field;
use crate::compose::mount::BindOptions;
use crate::convert::draft::Seat;
use crate::convert::pass::Pass;
use crate::convert::survey::volumes::Mounted;
use crate::diag::{Finding, Posture, slugs};
use crate::plan::field::{Fields, Scalar};
use crate::plan::why::Why;

const ENGINE: &str = "/var/run/docker.sock";

/// Mounts what stands for a path of the host.
pub fn bind<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, mounted: &Mounted<'p>) {
    let survey = Rc::clone(&pass.survey);
    let path = mounts::path(mounted);
    let source = mounted.mount.value.source.as_ref().map_or("", |source| source.value.as_str());
    match decide(pass, &survey, &seat.member, mounted) {
        Decision::Socket => {
            let message = "the socket of the container engine is mounted: whoever has it has the node, and a pod of another engine finds nothing there";
            let finding = pass.finding(mounted.at, slugs::RUNTIME_SOCKET, message);
            let finding = finding.tip("ask the API of the cluster instead");
            if let Some(why) = refuse(pass, mounted, finding) {
                host(pass, seat, mounted, Some("Socket"), &why);
            }
        }
        Decision::Timezone => {
            let message = format!(
                "the time zone of the host is mounted at `{path}`; a node has its own, and it is left out"
            );
            let finding = pass.finding(mounted.at, slugs::TIMEZONE_BIND, message);
            drop_mount(pass, mounted, finding.tip("set `TZ` in the environment"));
        }
        Decision::Host => {
            let message = format!(
                "`{}` is a path of the machine that runs Compose; the nodes of a cluster do not have it",
                written(pass, mounted).unwrap_or(source)
            );
            let finding = pass.finding(mounted.at, slugs::HOST_PATH_BIND, message);
            let finding = finding.tip(instead(source));
            if let Some(why) = refuse(pass, mounted, finding) {
                let kind = match (is_file_like(source), creates(mounted)) {
                    (true, _) => None,
                    (false, true) => Some("DirectoryOrCreate"),
                    (false, false) => Some("Directory"),
                };
                host(pass, seat, mounted, kind, &why);
            }
        }
        Decision::Code => {
            let message = format!(
                "code of the build is mounted over `{path}`; a pod runs the copy that is in the image"
            );
            let finding = pass.finding(mounted.at, slugs::SOURCE_CODE_BIND, message);
            if mounted.borrowed {
                pass.dev(mounted.at);
            } else {
                pass.dev(mounted.mount);
            }
            pass.report(finding.tip("use `develop.watch`, which needs no mount"));
        }
        Decision::Held(files) => {
            if let Some(why) = accepted(pass, mounted, files.iter().map(|file| file.bytes.len()).sum()) {
                let name =
                    survey.volumes.source(source).map(|source| source.name.clone()).unwrap_or_default();
                held::mount(pass, seat, mounted, &name, files, &why);
                options(pass, mounted, false);
            }
        }
        Decision::TooLarge(words) => {
            let message = format!(
                "`{}` holds {words}; one object holds at most 1 MiB and is made for few files",
                shown(pass, mounted)
            );
            let finding = pass.finding(mounted.at, slugs::OVERSIZED_CONFIG, message);
            let finding = finding.tip("put the files into the image, or into a volume that is filled before");
            if let Some(why) = refuse(pass, mounted, finding) {
                claim(pass, seat, mounted, &why);
            }
        }
        Decision::Data => data(pass, seat, mounted),
        Decision::Missing => {
            let docker =
                if creates(mounted) { "makes an empty folder in its place" } else { "refuses the mount" };
            let words = format!("is not there, where a file or files have to be; Docker {docker}");
            missing(pass, seat, mounted, &words);
        }
        Decision::Unreadable(words) => missing(pass, seat, mounted, &format!("cannot be read: {words}")),
    }
}

/// `use_api_socket`.
pub fn engine<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, socket: &'p Field<bool>) {
    let Some(socket) = socket else { return };
    if !socket.value {
        pass.consumed(socket);
        return;
    }
    let message = "the container gets the socket of the container engine: whoever has it has the node";
    let finding = pass.finding(socket, slugs::RUNTIME_SOCKET, message);
    if let Some(why) = pass.refused(socket, finding.tip("ask the API of the cluster instead")) {
        let mut source = Fields::default();
        source.map("hostPath").put("path", ENGINE, &why);
        source.map("hostPath").put("type", "Socket", &why);
        let name = mounts::volume(seat.pod, "docker-sock", source, &why);
        mounts::mount(seat.container, &name, ENGINE, &why);
    }
}

/// Refuses a mount; with the reason when the rule is allowed.
fn refuse<'p>(pass: &mut Pass<'p>, mounted: &Mounted<'p>, finding: Finding) -> Option<Why> {
    if mounted.borrowed { pass.refused(mounted.at, finding) } else { pass.refused(mounted.mount, finding) }
}

fn drop_mount<'p>(pass: &mut Pass<'p>, mounted: &Mounted<'p>, finding: Finding) {
    if mounted.borrowed {
        pass.dropped(mounted.at, finding);
    } else {
        pass.dropped(mounted.mount, finding);
    }
}

/// The source as a person knows it: seen from the project, or its last part when it lies elsewhere.
fn shown(pass: &Pass<'_>, mounted: &Mounted<'_>) -> String {
    let source = mounted.mount.value.source.as_ref().map_or("", |source| source.value.as_str());
    match Path::new(source).strip_prefix(&pass.input.project.directory) {
        Ok(below) if !below.as_os_str().is_empty() => format!("./{}", below.display()),
        _ => source.rsplit('/').next().unwrap_or(source).to_owned(),
    }
}

/// A path below the home of whoever runs Compose as it is written, because the home is another for everybody.
fn written<'p>(pass: &Pass<'p>, mounted: &Mounted<'p>) -> Option<&'p str> {
    let text = pass.input.files.text(mounted.mount.value.source.as_ref()?.span);
    text.starts_with("~/").then_some(text)
}

/// What to do instead of mounting a path of the host: what is not data is looked at to watch the machine.
fn instead(path: &str) -> &'static str {
    const SYSTEM: [&str; 9] =
        ["/boot", "/dev", "/etc", "/lib/modules", "/proc", "/run", "/sys", "/var/lib/docker", "/var/log"];
    if path == "/" || SYSTEM.iter().any(|folder| Path::new(path).starts_with(folder)) {
        "leave it to what the cluster runs on every node, or allow the rule"
    } else {
        "mount a named volume, or a file of the project"
    }
}

/// Says what becomes of files that are mounted; nothing when they may not be.
fn accepted<'p>(pass: &mut Pass<'p>, mounted: &Mounted<'p>, bytes: usize) -> Option<Why> {
    // Above that, the annotation of a client-side apply is too long.
    const CLIENT_SIDE: usize = 256 << 10;
    let name = shown(pass, mounted);
    if mounted.read_only {
        let message =
            format!("`{name}` is carried over as it is now; a change of the file needs a new conversion");
        let finding = pass.finding(mounted.at, slugs::CONFIG_FILE_BIND, message);
        let large = "apply it with `--server-side`: client-side apply takes at most 256 KiB";
        return Some(
            pass.approximated(mounted.at, if bytes > CLIENT_SIDE { finding.tip(large) } else { finding }),
        );
    }
    let message = format!(
        "`{name}` is carried over as it is now, and is read-only in the pod; a program that writes there fails"
    );
    let finding = pass.finding(mounted.at, slugs::WRITABLE_CONFIG_MOUNT, message);
    let finding = finding.tip("add `:ro`, or mount a named volume where the program writes");
    if pass.at_least(Posture::Restricted) {
        return refuse(pass, mounted, finding);
    }
    Some(pass.approximated(mounted.at, finding))
}

fn data<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, mounted: &Mounted<'p>) {
    let message = format!(
        "`{}` is empty or not there, and is read as a place for data: it becomes a claim, and data that the host has does not move",
        shown(pass, mounted)
    );
    let finding = pass.finding(mounted.at, slugs::DATA_DIRECTORY_BIND, message);
    let finding = finding.tip("mount a named volume");
    let why = if pass.at_least(Posture::Restricted) {
        refuse(pass, mounted, finding)
    } else {
        Some(pass.approximated(mounted.at, finding))
    };
    if let Some(why) = why {
        claim(pass, seat, mounted, &why);
    }
}

/// Mounts the claim that stands for a path of the host.
fn claim<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, mounted: &Mounted<'p>, why: &Why) {
    let source = mounted.mount.value.source.as_ref().map_or("", |source| source.value.as_str());
    let Some(claim) = pass.survey.volumes.source(source).map(|source| source.name.clone()) else { return };
    let name = mounts::volume(seat.pod, &claim, named::of_claim(&claim, why), why);
    named::put(pass, seat, mounted, &name, why);
    options(pass, mounted, false);
    super::data_directory::below(pass, seat, &mounts::path(mounted));
    ownership::of_claim(pass, seat, mounted);
}

fn missing<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, mounted: &Mounted<'p>, words: &str) {
    let message = format!("`{}` {words}", shown(pass, mounted));
    let finding = pass.finding(mounted.at, slugs::MISSING_FILE, message);
    let Some(why) = refuse(pass, mounted, finding.tip("add the file, or remove the mount")) else { return };
    let path = mounts::path(mounted);
    let source = mounted.mount.value.source.as_ref().map_or("", |source| source.value.as_str());
    let like_file = is_file_like(source) || is_file_like(&path);
    if like_file && let Some(known) = pass.survey.volumes.source(source).map(|source| source.name.clone()) {
        let empty = held::placeholder(source);
        held::mount(pass, seat, mounted, &known, std::slice::from_ref(&empty), &why);
        return;
    }
    let mut volume = Fields::default();
    volume.put("emptyDir", Scalar::EmptyMap, &why);
    let wanted = mounts::own_name(pass, seat, &path);
    let name = mounts::volume(seat.pod, &wanted, volume, &why);
    named::put(pass, seat, mounted, &name, &why);
}

/// Mounts the path itself.
fn host<'p>(
    pass: &mut Pass<'p>,
    seat: &mut Seat<'_, 'p>,
    mounted: &Mounted<'p>,
    kind: Option<&str>,
    why: &Why,
) {
    let Some(source) = &mounted.mount.value.source else { return };
    let mut volume = Fields::default();
    let host = volume.map("hostPath");
    host.put("path", &source.value, why);
    if let Some(kind) = kind {
        host.put("type", kind, why);
    }
    let path = mounts::path(mounted);
    let wanted = mounts::own_name(pass, seat, &path);
    let name = mounts::volume(seat.pod, &wanted, volume, why);
    named::put(pass, seat, mounted, &name, why);
    options(pass, mounted, true);
    let Some(fields) = seat.container.list("volumeMounts").find_mut("mountPath", &path) else { return };
    let Some(bind) = &mounted.mount.value.bind else { return };
    let propagation = match bind.value.propagation.as_ref().map(|word| word.value.as_str()) {
        Some("rslave" | "slave") => Some("HostToContainer"),
        Some("rshared" | "shared") => Some("Bidirectional"),
        Some("rprivate" | "private") => Some("None"),
        _ => None,
    };
    if let Some(word) = propagation {
        fields.put("mountPropagation", word, why);
    }
    let recursive = match bind.value.recursive.as_ref().map(|word| word.value.as_str()) {
        Some("readonly") => Some("Enabled"),
        Some("enabled") => Some("IfPossible"),
        Some("writable") => Some("Disabled"),
        _ => None,
    };
    // The API takes it only beside `readOnly`, and without propagation.
    if let Some(word) =
        recursive.filter(|_| mounted.read_only && propagation.is_none_or(|word| word == "None"))
    {
        fields.put("recursiveReadOnly", word, why);
    }
}

/// The options of a bind.
fn options<'p>(pass: &mut Pass<'p>, mounted: &Mounted<'p>, host: bool) {
    let Some(bind) = mounted.mount.value.bind.as_ref().filter(|_| !mounted.borrowed) else { return };
    let BindOptions { create_host_path: _, propagation, recursive, selinux, extensions: _ } = &bind.value;
    for word in [propagation, recursive].into_iter().flatten() {
        if host {
            let message =
                format!("`{}` is carried over as far as a mount of the host's path knows it", word.value);
            let finding = pass.finding(word, slugs::APPROXIMATED_KEY, message);
            pass.approximated(word, finding);
        } else {
            let message = format!(
                "`{}` is about mounts of the host below the path, of which a pod has none",
                word.value
            );
            let finding = pass.finding(word, slugs::DROPPED_KEY, message);
            pass.dropped(word, finding);
        }
    }
    if let Some(selinux) = selinux {
        let message = "the container runtime labels volumes by the pod, so that the choice between shared and private is lost";
        let finding = pass.finding(selinux, slugs::APPROXIMATED_KEY, message);
        pass.approximated(selinux, finding);
    }
}
