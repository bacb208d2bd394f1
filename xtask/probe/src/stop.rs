//! The end: which signal asked for it, and when.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use serde_json::json;
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH};
use signal_hook::iterator::Signals;

/// The signals that a project may stop a program by.
const ASKED: [(i32, &str); 7] = [
    (SIGTERM, "SIGTERM"),
    (SIGINT, "SIGINT"),
    (SIGQUIT, "SIGQUIT"),
    (SIGHUP, "SIGHUP"),
    (SIGUSR1, "SIGUSR1"),
    (SIGUSR2, "SIGUSR2"),
    (SIGWINCH, "SIGWINCH"),
];

/// From now on these signals are heard instead of followed.
pub(crate) fn listen() -> Option<Signals> {
    Signals::new(ASKED.map(|(number, _)| number)).ok()
}

/// Waits for a request to stop and says which it was; a stubborn program says how long it goes on.
pub(crate) fn wait(signals: Option<Signals>, stubborn: bool) -> ExitCode {
    let Some(mut signals) = signals else { return ExitCode::FAILURE };
    let number = signals.forever().next().unwrap_or(0);
    let name = ASKED.iter().find(|(known, _)| *known == number).map_or("another", |(_, name)| name);
    println!("@end {}", json!({ "signal": name }));
    let asked = Instant::now();
    if !stubborn {
        return ExitCode::SUCCESS;
    }
    loop {
        std::thread::sleep(Duration::from_millis(250));
        println!("@alive {}", json!(asked.elapsed().as_millis()));
    }
}

/// The holder of a pod's namespaces: it waits, and nothing else.
pub(crate) fn hold() -> ExitCode {
    if let Some(mut signals) = listen() {
        signals.forever().next();
    }
    ExitCode::SUCCESS
}
