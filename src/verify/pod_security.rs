//! The Pod Security Standards: what admission says to a pod, level by level, as of Kubernetes 1.34.

use super::Problem;
use super::view::{self, Pod};
use crate::plan::field::{Field, Fields, Scalar};
use crate::plan::object::Object;

/// A level of the standards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing that is known to lead out of the pod.
    Baseline,
    /// The present practice of hardening.
    Restricted,
}

/// Capabilities that "baseline" lets a container add.
const ADDABLE: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// System controls that are of the pod alone.
pub const SAFE_SYSCTLS: [&str; 12] = [
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
];

/// Volumes that "restricted" permits.
const VOLUMES: [&str; 8] = [
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

/// SELinux types that "baseline" permits.
const SELINUX: [&str; 5] = ["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"];

/// What admission at a level would refuse.
#[must_use]
pub fn check(objects: &[Object], level: Level) -> Vec<Problem> {
    let mut problems = Vec::new();
    for pod in view::pods(objects) {
        let mut judge = Judge { pod: &pod, problems: &mut problems };
        judge.baseline();
        if level == Level::Restricted {
            judge.restricted();
        }
    }
    problems
}

/// Looks at one pod.
struct Judge<'j, 'o> {
    pod: &'j Pod<'o>,
    problems: &'j mut Vec<Problem>,
}

impl<'o> Judge<'_, 'o> {
    fn of_pod(&mut self, rest: &str, message: &str) {
        let path = format!("{}.spec.{rest}", self.pod.at);
        self.problems.push(Problem::new(self.pod.object, path, message));
    }

    fn of_container(&mut self, list: &str, container: &Fields, rest: &str, message: impl Into<String>) {
        let path = self.pod.path(list, container, rest);
        self.problems.push(Problem::new(self.pod.object, path, message));
    }

    fn containers(&self) -> Vec<(&'static str, &'o Fields)> {
        self.pod.containers().collect()
    }

    fn baseline(&mut self) {
        let spec = self.pod.spec;
        for key in ["hostNetwork", "hostPID", "hostIPC"] {
            if is_true(spec.get(key)) {
                self.of_pod(key, "a namespace of the node is shared, which \"baseline\" forbids");
            }
        }
        for volume in view::maps(spec, "volumes").filter(|volume| volume.get("hostPath").is_some()) {
            let name = view::text(volume, "name").unwrap_or_default();
            self.of_pod(
                &format!("volumes[{name}].hostPath"),
                "a path of the node is mounted, which \"baseline\" forbids",
            );
        }
        let context = view::map(spec, &["securityContext"]);
        for control in context.into_iter().flat_map(|context| view::maps(context, "sysctls")) {
            let name = view::text(control, "name").unwrap_or_default();
            if !SAFE_SYSCTLS.contains(&name) {
                self.of_pod(
                    &format!("securityContext.sysctls[{name}]"),
                    "the system control is not among those that \"baseline\" permits",
                );
            }
        }
        if let Some(context) = context {
            for (rest, message) in profiles(context) {
                self.of_pod(&format!("securityContext.{rest}"), message);
            }
        }
        for (list, container) in self.containers() {
            self.baseline_container(list, container);
        }
    }

    fn baseline_container(&mut self, list: &str, container: &'o Fields) {
        for port in view::maps(container, "ports").filter(|port| port.get("hostPort").is_some()) {
            let number = port.get("containerPort").and_then(Field::as_int).unwrap_or_default();
            let rest = format!(".ports[{number}].hostPort");
            self.of_container(
                list,
                container,
                &rest,
                "a port of the node is taken, which \"baseline\" forbids",
            );
        }
        let handlers = [
            ["readinessProbe", "httpGet"],
            ["readinessProbe", "tcpSocket"],
            ["livenessProbe", "httpGet"],
            ["livenessProbe", "tcpSocket"],
            ["startupProbe", "httpGet"],
            ["startupProbe", "tcpSocket"],
        ];
        for [probe, handler] in handlers {
            if container.at(&[probe, handler, "host"]).is_some() {
                let rest = format!(".{probe}.{handler}.host");
                self.of_container(list, container, &rest, "a probe names a host, which \"baseline\" forbids");
            }
        }
        let Some(context) = view::map(container, &["securityContext"]) else { return };
        if is_true(context.get("privileged")) {
            let message = "the container is privileged, which \"baseline\" forbids";
            self.of_container(list, container, ".securityContext.privileged", message);
        }
        for added in capabilities(context, "add") {
            if !ADDABLE.contains(&added) {
                let message = format!("`{added}` is not among the capabilities that \"baseline\" permits");
                self.of_container(list, container, ".securityContext.capabilities.add", message);
            }
        }
        if view::text(context, "procMount").is_some_and(|mount| mount != "Default") {
            let message = "`/proc` is unmasked, which \"baseline\" forbids";
            self.of_container(list, container, ".securityContext.procMount", message);
        }
        for (rest, message) in profiles(context) {
            self.of_container(list, container, &format!(".securityContext.{rest}"), message);
        }
    }

    fn restricted(&mut self) {
        let spec = self.pod.spec;
        for volume in view::maps(spec, "volumes") {
            let foreign = |(key, _): &(&crate::source::Text, &Field)| {
                *key != "name" && !VOLUMES.contains(&key.as_str())
            };
            if let Some((key, _)) = volume.iter().find(foreign).filter(|(key, _)| *key != "hostPath") {
                let name = view::text(volume, "name").unwrap_or_default();
                self.of_pod(
                    &format!("volumes[{name}].{key}"),
                    "\"restricted\" does not permit volumes of this kind",
                );
            }
        }
        let pod_context = view::map(spec, &["securityContext"]);
        for (list, container) in self.containers() {
            let context = view::map(container, &["securityContext"]);
            let own = |key: &str| context.and_then(|context| context.get(key));
            let either = |key: &str| own(key).or_else(|| pod_context.and_then(|context| context.get(key)));
            if !is_false(own("allowPrivilegeEscalation")) {
                let message = "\"restricted\" asks for `allowPrivilegeEscalation: false`";
                self.of_container(list, container, ".securityContext.allowPrivilegeEscalation", message);
            }
            if !is_true(either("runAsNonRoot")) {
                let message = "\"restricted\" asks for `runAsNonRoot: true`";
                self.of_container(list, container, ".securityContext.runAsNonRoot", message);
            }
            if either("runAsUser").and_then(Field::as_int) == Some(0) {
                let message = "the container runs as root, which \"restricted\" forbids";
                self.of_container(list, container, ".securityContext.runAsUser", message);
            }
            let profile = either("seccompProfile")
                .and_then(Field::as_map)
                .and_then(|profile| view::text(profile, "type"));
            if !matches!(profile, Some("RuntimeDefault" | "Localhost")) {
                let message = "\"restricted\" asks for the seccomp profile `RuntimeDefault` or `Localhost`";
                self.of_container(list, container, ".securityContext.seccompProfile", message);
            }
            let drops =
                context.is_some_and(|context| capabilities(context, "drop").any(|dropped| dropped == "ALL"));
            if !drops {
                let message = "\"restricted\" asks for all capabilities to be dropped";
                self.of_container(list, container, ".securityContext.capabilities.drop", message);
            }
            for added in context.into_iter().flat_map(|context| capabilities(context, "add")) {
                if added != "NET_BIND_SERVICE" && ADDABLE.contains(&added) {
                    let message = format!("\"restricted\" does not permit the capability `{added}`");
                    self.of_container(list, container, ".securityContext.capabilities.add", message);
                }
            }
        }
    }
}

fn capabilities<'o>(context: &'o Fields, key: &'static str) -> impl Iterator<Item = &'o str> {
    let held = view::map(context, &["capabilities"]);
    held.into_iter().flat_map(move |held| view::list(held, key)).filter_map(Field::as_text)
}

/// Profiles of a security context that "baseline" forbids.
fn profiles(context: &Fields) -> Vec<(&'static str, &'static str)> {
    let mut found = Vec::new();
    let kind = |key: &str| view::map(context, &[key]).and_then(|profile| view::text(profile, "type"));
    if kind("seccompProfile") == Some("Unconfined") {
        found.push(("seccompProfile.type", "seccomp is unconfined, which \"baseline\" forbids"));
    }
    if kind("appArmorProfile") == Some("Unconfined") {
        found.push(("appArmorProfile.type", "AppArmor is unconfined, which \"baseline\" forbids"));
    }
    if let Some(options) = view::map(context, &["seLinuxOptions"]) {
        if !SELINUX.contains(&view::text(options, "type").unwrap_or_default()) {
            found.push((
                "seLinuxOptions.type",
                "the SELinux type is not among those that \"baseline\" permits",
            ));
        }
        if ["user", "role"].iter().any(|key| view::text(options, key).is_some_and(|text| !text.is_empty())) {
            found.push(("seLinuxOptions", "an SELinux user or role is set, which \"baseline\" forbids"));
        }
    }
    if view::map(context, &["windowsOptions"]).is_some_and(|options| is_true(options.get("hostProcess"))) {
        found.push((
            "windowsOptions.hostProcess",
            "a process of the host is asked for, which \"baseline\" forbids",
        ));
    }
    found
}

fn is_true(field: Option<&Field>) -> bool {
    matches!(field, Some(Field::Leaf(leaf)) if leaf.value == Scalar::Bool(true))
}

fn is_false(field: Option<&Field>) -> bool {
    matches!(field, Some(Field::Leaf(leaf)) if leaf.value == Scalar::Bool(false))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read;
    use crate::source::files::Files;

    fn problems(spec: &str, level: Level) -> Vec<String> {
        let mut files = Files::default();
        let text = format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: a, namespace: n}}\nspec: {{template: {{spec: {spec}}}}}\n"
        );
        let id = files.add("m.yaml", text);
        let objects: Vec<Object> =
            read::file(&files, id, "n").objects.into_iter().map(|held| held.object).collect();
        check(&objects, level).into_iter().map(|problem| problem.path).collect()
    }

    #[test]
    fn what_baseline_forbids_is_named_field_by_field() {
        let spec = "{hostNetwork: true, volumes: [{name: v, hostPath: {path: /}}], \
            securityContext: {sysctls: [{name: vm.x, value: '1'}], seccompProfile: {type: Unconfined}}, \
            containers: [{name: c, ports: [{containerPort: 1, hostPort: 1}], \
            securityContext: {privileged: true, capabilities: {add: [SYS_ADMIN, CHOWN]}}}]}";
        let expected = [
            "spec.template.spec.hostNetwork",
            "spec.template.spec.volumes[v].hostPath",
            "spec.template.spec.securityContext.sysctls[vm.x]",
            "spec.template.spec.securityContext.seccompProfile.type",
            "spec.template.spec.containers[c].ports[1].hostPort",
            "spec.template.spec.containers[c].securityContext.privileged",
            "spec.template.spec.containers[c].securityContext.capabilities.add",
        ];
        assert_eq!(problems(spec, Level::Baseline), expected);
    }

    #[test]
    fn a_pod_that_says_nothing_passes_baseline_and_misses_four_points_of_restricted() {
        assert_eq!(problems("{containers: [{name: c}]}", Level::Baseline), Vec::<String>::new());
        assert_eq!(problems("{containers: [{name: c}]}", Level::Restricted).len(), 4);
        let hardened = "{securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}, containers: [{name: c, \
            securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}]}";
        assert_eq!(problems(hardened, Level::Restricted), Vec::<String>::new());
    }
}
