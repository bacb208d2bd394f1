//! Probes and hooks.

use super::syntax::is_port_name;
use crate::verify::schema::cursor::Cursor;
use crate::verify::schema::problems::Problems;

/// Checks the probes and hooks of a container.
pub(super) fn check(problems: &mut Problems, container: &Cursor, is_init: bool) {
    let is_sidecar = container.text("restartPolicy") == "Always";
    for name in ["readinessProbe", "livenessProbe", "startupProbe"] {
        let Some(probe) = container.get(name) else { continue };
        if is_init && !is_sidecar {
            problems.at(&probe, "an init container that ends has no probes");
        }
        handler(problems, &probe, &["exec", "httpGet", "tcpSocket", "grpc"]);
        for field in
            ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"]
        {
            problems.between(&probe, field, 0, i64::MAX);
        }
        if name != "readinessProbe" && probe.number("successThreshold").is_some_and(|number| number > 1) {
            problems.below(&probe, "successThreshold", "must be 1");
        }
    }
    let Some(lifecycle) = container.get("lifecycle") else { return };
    for name in ["preStop", "postStart"] {
        if let Some(hook) = lifecycle.get(name) {
            handler(problems, &hook, &["exec", "httpGet", "tcpSocket", "sleep"]);
        }
    }
}

fn handler(problems: &mut Problems, place: &Cursor, kinds: &[&str]) {
    let names: Vec<String> = kinds.iter().map(|kind| format!("`{kind}`")).collect();
    problems.exactly_one(place, kinds, &names.join(", "));
    if let Some(exec) = place.get("exec") {
        problems.need(&exec, "command");
    }
    for kind in ["httpGet", "tcpSocket", "grpc"] {
        if let Some(target) = place.get(kind) {
            port(problems, &target, "port");
        }
    }
}

/// A port by number or by name.
pub(super) fn port(problems: &mut Problems, place: &Cursor, field: &str) {
    problems.between(place, field, 1, 65535);
    problems.shape(place, field, is_port_name, "a number or the name of a port");
}
