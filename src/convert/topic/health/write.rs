//! A probe as fields.

use super::request::Handler;
use crate::compose::units::Duration;
use crate::k8s::{dollar, quantity};
use crate::plan::field::{Field, Fields, Items};
use crate::plan::why::Why;
use crate::tree::{Map, Node, Value};

/// Writes what is asked.
pub fn handler(probe: &mut Fields, handler: &Handler, why: &Why) {
    match handler {
        Handler::Exec(words) => {
            let mut command = Items::default();
            for word in words {
                command.push_value(dollar::literal(word), why);
            }
            probe.map("exec").insert("command", Field::List(command));
        }
        Handler::Http { path, port, host, secure } => {
            let request = probe.map("httpGet");
            request.put("path", path, why);
            request.put("port", i64::from(*port), why);
            if *secure {
                request.put("scheme", "HTTPS", why);
            }
            let header = request.list("httpHeaders").push_map();
            header.put("name", "Host", why);
            header.put("value", host, why);
        }
        Handler::Tcp(port) => probe.map("tcpSocket").put("port", i64::from(*port), why),
        Handler::Grpc(port, service) => {
            let request = probe.map("grpc");
            request.put("port", i64::from(*port), why);
            if let Some(service) = service {
                request.put("service", service, why);
            }
        }
    }
}

/// Writes a probe that a hint describes: `path`, `port`, `initial-delay`, `interval`, `timeout`, `retries`.
pub fn hinted(probe: &mut Fields, hint: &Map, known: Option<u16>, why: &Why) {
    let text = |key: &str| hint.entry(key).and_then(|entry| entry.node.value.scalar_text());
    let port = text("port").and_then(|port| port.parse::<u16>().ok()).or(known).filter(|port| *port != 0);
    let path = text("path").filter(|path| path.starts_with('/'));
    if let Some(port) = port.filter(|_| path.is_some() || hint.entry("port").is_some()) {
        for old in ["exec", "httpGet", "tcpSocket", "grpc"] {
            probe.remove(old);
        }
        let request = match path {
            Some(path) => {
                let request = probe.map("httpGet");
                request.put("path", path, why);
                request
            }
            None => probe.map("tcpSocket"),
        };
        request.put("port", i64::from(port), why);
    }
    let numbers = [
        ("initial-delay", "initialDelaySeconds"),
        ("interval", "periodSeconds"),
        ("timeout", "timeoutSeconds"),
        ("retries", "failureThreshold"),
    ];
    for (key, field) in numbers {
        if let Some(number) = hint.entry(key).and_then(|entry| number(&entry.node)) {
            probe.put(field, number, why);
        }
    }
    // A probe that asks nothing is none.
    if !["exec", "httpGet", "tcpSocket", "grpc"].iter().any(|handler| probe.get(handler).is_some()) {
        *probe = Fields::default();
    }
}

/// A number of seconds, of failures, or a duration.
fn number(node: &Node) -> Option<i64> {
    let number = match &node.value {
        Value::Int(number) => *number,
        _ => {
            let text = node.value.scalar_text()?;
            text.parse().ok().or_else(|| Duration::parse(&text).ok().map(|time| quantity::seconds(time.0)))?
        }
    };
    Some(number.clamp(1, i64::from(i32::MAX)))
}
