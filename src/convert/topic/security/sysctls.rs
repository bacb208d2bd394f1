//! System controls, and the one that Docker always sets.

use crate::compose::codec::{Field, Map};
use crate::compose::leaf::Loose;
use crate::compose::project::entries;
use crate::convert::draft::{Part, Seat};
use crate::convert::options::KubeMinor;
use crate::convert::pass::Pass;
use crate::convert::topic::user::{RunsAs, runs_as};
use crate::diag::slugs;
use crate::plan::field::{Field as Value, Fields};
use crate::plan::why::Why;
use crate::source::span::Spanned;

/// What every kubelet takes, and the minor version since which it does.
const SAFE: [(&str, u32); 12] = [
    ("kernel.shm_rmid_forced", 0),
    ("net.ipv4.ip_local_port_range", 0),
    ("net.ipv4.tcp_syncookies", 0),
    ("net.ipv4.ping_group_range", 0),
    ("net.ipv4.ip_unprivileged_port_start", 0),
    ("net.ipv4.ip_local_reserved_ports", 27),
    ("net.ipv4.tcp_keepalive_time", 29),
    ("net.ipv4.tcp_fin_timeout", 29),
    ("net.ipv4.tcp_keepalive_intvl", 29),
    ("net.ipv4.tcp_keepalive_probes", 29),
    ("net.ipv4.tcp_rmem", 32),
    ("net.ipv4.tcp_wmem", 32),
];

/// What a pod has of its own; all else is the node's.
const OF_A_POD: [&str; 5] = ["kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue.", "net."];

const PORT_START: &str = "net.ipv4.ip_unprivileged_port_start";
const WAY: &[&str] = &["securityContext", "sysctls"];

/// Converts `sysctls`.
pub fn convert<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, sysctls: &'p Field<Map<Loose>>) {
    for (name, value) in entries(sysctls) {
        sysctl(pass, seat, &name.replace('/', "."), value);
    }
    if seat.part == Part::Main && !entries(sysctls).any(|(name, _)| name.replace('/', ".") == PORT_START) {
        low_ports(pass, seat);
    }
}

fn sysctl<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, name: &str, value: &'p Spanned<Loose>) {
    let why = if is_safe(name, pass.options().kube_minor) && !is_of_node(seat, name) {
        pass.mapped(value)
    } else {
        let Some(why) = refuse(pass, seat, name, value) else { return };
        if is_of_node(seat, name) || !OF_A_POD.iter().any(|group| name.starts_with(group)) {
            return;
        }
        why
    };
    let item = item(name, &value.value.0, &why);
    seat.pod.agree_item(seat.part, WAY, item, &why);
}

fn refuse<'p>(
    pass: &mut Pass<'p>,
    seat: &Seat<'_, 'p>,
    name: &str,
    value: &'p Spanned<Loose>,
) -> Option<Why> {
    let service = seat.member.name;
    let message = if is_of_node(seat, name) {
        format!("`{service}` sets `{name}` in the namespace of its host; a pod may not")
    } else if OF_A_POD.iter().any(|group| name.starts_with(group)) {
        format!(
            "`{service}` sets `{name}`, which is not among the safe ones; a kubelet refuses the pod by default"
        )
    } else {
        format!("`{service}` sets `{name}`, which belongs to the node and not to a pod")
    };
    let finding = pass.finding_at_key(value, slugs::UNSAFE_SYSCTL, message);
    pass.refused(value, finding.tip("set it on the nodes, and remove it here"))
}

fn is_safe(name: &str, minor: KubeMinor) -> bool {
    SAFE.iter().any(|(safe, since)| *safe == name && minor.0 >= *since)
}

/// Whether the control is one of a namespace that the container shares with its node.
fn is_of_node(seat: &Seat<'_, '_>, name: &str) -> bool {
    let container = seat.member.container;
    let host = |mode: &Field<crate::source::Text>| mode.as_ref().is_some_and(|mode| mode.value == "host");
    if name.starts_with("net.") {
        return host(&container.network_mode) || seat.pod.spec.get("hostNetwork").is_some();
    }
    OF_A_POD.iter().any(|group| name.starts_with(group)) && host(&container.ipc)
}

fn item(name: &str, value: &str, why: &Why) -> Value {
    let mut item = Fields::default();
    item.put("name", name, why);
    item.put("value", value, why);
    Value::Map(item)
}

/// Docker lets everybody bind ports below 1024; a pod only where its runtime does or a control says so.
fn low_ports<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>) {
    let name = seat.member.name;
    let ports = pass.survey.ports.get(name);
    let Some(lowest) = ports.into_iter().flatten().map(|port| port.number).min() else { return };
    let root = match runs_as(pass, &seat.member, &seat.member.container.user, seat.facts) {
        // From restricted on, an image that starts as root does so as somebody else.
        RunsAs::Numbers { user: 0, .. } => seat.container.at(&["securityContext", "runAsUser"]).is_none(),
        RunsAs::Numbers { .. } | RunsAs::Name(_) | RunsAs::Unknown => false,
    };
    let root =
        root || seat.container.at(&["securityContext", "runAsUser"]).and_then(Value::as_int) == Some(0);
    if lowest >= 1024 || root || is_of_node(seat, PORT_START) {
        return;
    }
    let why = Why::Policy("Docker lets every user bind ports below 1024");
    seat.pod.agree_item(Part::Main, WAY, item(PORT_START, "0", &why), &why);
    if pass.is_written(name) {
        let message = format!("`{name}` may bind port {lowest} without being root, as in Docker");
        let finding = pass.finding_of(&seat.member, slugs::IMPLICIT_DEFAULT, message);
        pass.report(finding);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_control_is_safe_from_a_version_on() {
        let known = |name, minor| is_safe(name, KubeMinor(minor));
        assert!(known("net.ipv4.tcp_rmem", 32) && !known("net.ipv4.tcp_rmem", 31));
        assert!(known(PORT_START, 28) && !known("net.core.somaxconn", 34));
    }
}
