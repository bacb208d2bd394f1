//! Which names are known here, and who answers behind them.

use serde_json::{Map, Value, json};

use crate::net::{ask_tcp, ask_udp};
use crate::plan::Plan;
use crate::resolver::resolve;

/// Names and connections, all asked at once: a silent peer takes its time.
pub(crate) fn report(plan: &Plan) -> Value {
    let names = gather(&plan.names, |name| json!(!resolve(name).is_empty()));
    let targets = gather(&plan.targets, |target| json!(connect(target)));
    json!({ "names": names, "targets": targets, "outside": plan.outside.as_deref().map(connect) })
}

fn gather(items: &[String], about: fn(&str) -> Value) -> Map<String, Value> {
    std::thread::scope(|scope| {
        let asked: Vec<_> = items.iter().map(|item| (item, scope.spawn(move || about(item)))).collect();
        asked
            .into_iter()
            .map(|(item, answer)| (item.clone(), answer.join().unwrap_or_else(|_| json!("the probe died"))))
            .collect()
    })
}

/// Who answers at `name:port/protocol`, or why nobody does.
fn connect(target: &str) -> String {
    let (place, protocol) = target.rsplit_once('/').unwrap_or((target, "tcp"));
    let Some((name, port)) = place.rsplit_once(':') else { return "no port".to_owned() };
    let Ok(port) = port.parse() else { return "no port".to_owned() };
    let address = name.parse().ok().or_else(|| resolve(name).first().copied());
    let Some(address) = address else { return "unknown name".to_owned() };
    let answered = if protocol == "udp" {
        ask_udp(address, port, b"who\n").map(|reply| String::from_utf8_lossy(&reply).into_owned())
    } else {
        ask_tcp(address, port, "who\n")
    };
    match answered {
        Ok(reply) => reply.trim().to_owned(),
        Err(_) => "nobody".to_owned(),
    }
}
