//! Namespaces of the kernel, the init process and the runtime.

use crate::compose::codec::Field;
use crate::compose::container::CredentialSpec;
use crate::convert::draft::Seat;
use crate::convert::pass::Pass;
use crate::diag::slugs;
use crate::k8s::name;
use crate::plan::why::Why;
use crate::source::Text;
use crate::source::span::Spanned;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `pid`
    pub pid: &'p Field<Text>,
    /// `ipc`
    pub ipc: &'p Field<Text>,
    /// `uts`
    pub uts: &'p Field<Text>,
    /// `cgroup`
    pub cgroup: &'p Field<Text>,
    /// `cgroup_parent`
    pub cgroup_parent: &'p Field<Text>,
    /// `init`
    pub init: &'p Field<bool>,
    /// `runtime`
    pub runtime: &'p Field<Text>,
    /// `isolation`
    pub isolation: &'p Field<Text>,
    /// `credential_spec`
    pub credential_spec: &'p Field<CredentialSpec>,
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, keys: &Keys<'p>) {
    let Keys { pid, ipc, uts, cgroup, cgroup_parent, init, runtime, isolation, credential_spec } = keys;
    let shared = [
        (pid, "process", Some("hostPID")),
        (ipc, "IPC", Some("hostIPC")),
        (uts, "UTS", None),
        (cgroup, "cgroup", None),
    ];
    for (mode, word, field) in shared {
        if let Some(mode) = mode {
            namespace(pass, seat, mode, word, field);
        }
    }
    if let Some(parent) = cgroup_parent {
        let message =
            format!("the parent cgroup of `{}` stays behind; the kubelet chooses it", seat.member.name);
        let finding = pass.finding(parent, slugs::UNMAPPABLE_RESOURCE, message);
        pass.dropped(parent, finding);
    }
    if let Some(init) = init {
        init_process(pass, seat, init);
    }
    if let Some(runtime) = runtime {
        self::runtime(pass, seat, runtime);
    }
    if let Some(isolation) = isolation {
        let message = format!("`isolation` of `{}` acts on Windows only, and stays behind", seat.member.name);
        let finding = pass.finding(isolation, slugs::DROPPED_KEY, message);
        pass.dropped(isolation, finding);
    }
    if let Some(spec) = credential_spec {
        let message = format!(
            "`{}` takes the identity of a Windows service account; its pod could not have it here",
            seat.member.name
        );
        let finding = pass.finding_at_key(spec, slugs::UNMAPPABLE_KEY, message);
        pass.refused(spec, finding.tip("set `gmsaCredentialSpecName` of the pod by hand"));
    }
}

/// A namespace that is shared: with another service, with a foreign container, or with the host.
fn namespace<'p>(
    pass: &mut Pass<'p>,
    seat: &mut Seat<'_, 'p>,
    mode: &'p Spanned<Text>,
    word: &str,
    field: Option<&'static str>,
) {
    let name = seat.member.name;
    let written = mode.value.as_str();
    if let Some(peer) = written.strip_prefix("service:") {
        let message = format!(
            "`{name}` shares the {word} namespace of `{peer}`; both become one pod, which restarts and scales as one"
        );
        let finding = pass.finding(mode, slugs::SHARED_NAMESPACE, message);
        pass.approximated(mode, finding);
    } else if let Some(container) = written.strip_prefix("container:") {
        let message = format!(
            "`{name}` shares the {word} namespace of the container `{container}`, which is no part of the project; \
             a pod cannot refer to it"
        );
        let finding = pass.finding(mode, slugs::FOREIGN_CONTAINER, message);
        pass.refused(mode, finding.tip("bring the container into the project, and write `service:NAME`"));
    } else if written == "host" {
        let message = match field {
            Some(field) => format!(
                "`{name}` shares the {word} namespace of its host; Pod Security refuses `{field}` from `baseline` on"
            ),
            None => format!("`{name}` shares the {word} namespace of its host; a pod has no field for that"),
        };
        let finding = pass.finding(mode, slugs::HOST_NAMESPACE, message).tip("remove the key");
        let Some(why) = pass.refused(mode, finding) else { return };
        if let Some(field) = field {
            let way: &'static [&'static str] = if field == "hostPID" { &["hostPID"] } else { &["hostIPC"] };
            seat.pod.agree(seat.part, way, true, &why);
        }
    } else {
        // `private`, `shareable`, `none` and the empty word: a pod has namespaces of its own.
        pass.mapped(mode);
    }
}

/// With a shared process namespace the sandbox is process 1 and reaps, and the program is not process 1: as with
/// Docker's init.
fn init_process<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, init: &'p Spanned<bool>) {
    if !init.value {
        pass.mapped(init);
        return;
    }
    let message = format!(
        "`{}` has an init process; its pod shares one process namespace, in which zombies are reaped, but signals \
         reach the program directly and containers see each other's processes",
        seat.member.name
    );
    let finding = pass.finding(init, slugs::INIT_PROCESS, message);
    let why = pass.approximated(init, finding);
    // The API refuses both; the host's process 1 reaps as well.
    if seat.pod.spec.get("hostPID").is_none() {
        seat.pod.agree(seat.part, &["shareProcessNamespace"], true, &why);
    }
}

fn runtime<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, runtime: &'p Spanned<Text>) {
    let written = runtime.value.as_str();
    if matches!(written, "" | "runc" | "io.containerd.runc.v2") {
        pass.mapped(runtime);
        return;
    }
    let (class, hinted) = match pass.given("runtime-classes", written, name::is_subdomain) {
        Some((class, why)) => (class, Some(why)),
        None => (class_of(written), None),
    };
    let message = format!(
        "`{}` runs under the runtime `{written}`; its pod waits until the RuntimeClass `{class}` is there",
        seat.member.name
    );
    let finding = pass
        .finding(runtime, slugs::EXTERNAL_RESOURCE, message)
        .tip("create the RuntimeClass, or name another one under `x-transship: {runtime-classes: …}`");
    let why: Why = pass.approximated(runtime, finding);
    let why = hinted.map_or(why.clone(), |hinted| why.and(&hinted));
    seat.pod.agree(seat.part, &["runtimeClassName"], class, &why);
}

/// The class that a runtime would have: its name, made legal.
fn class_of(runtime: &str) -> Text {
    let lower = runtime.to_ascii_lowercase();
    if name::is_subdomain(&lower) {
        return lower.into();
    }
    name::object(runtime, name::LABEL_LENGTH).map_or_else(|| "unnamed".into(), Text::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_named_like_its_runtime() {
        let names = ["nvidia", "io.containerd.wasmedge.v1", "Kata_FC"].map(class_of);
        assert_eq!(names, ["nvidia", "io.containerd.wasmedge.v1", "kata-fc"]);
    }
}
