//! The probe of the lab: it stands in for every program of a container, says what it sees, and serves what peers ask for.

mod net;
mod paths;
mod peers;
mod plan;
mod process;
mod resolver;
mod serve;
mod stop;
mod tools;

use std::process::ExitCode;

use plan::Plan;

fn main() -> ExitCode {
    let arguments: Vec<String> =
        std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    let name = arguments.first().map(|first| first.rsplit('/').next().unwrap_or(first)).unwrap_or_default();
    let rest = arguments.get(1..).unwrap_or_default();
    let plan = Plan::read();
    if plan.ends(&arguments) {
        return ExitCode::SUCCESS;
    }
    if let Some(outcome) = tools::run(name, rest) {
        return outcome;
    }
    match rest {
        [word] if word == "@peers" => {
            println!("@peers {}", peers::report(&plan));
            ExitCode::SUCCESS
        }
        [word] if word == "@hold" => stop::hold(),
        _ => main_process(&plan, &arguments),
    }
}

/// What the container was started for: a report, then a server until somebody stops it, or an end of its own.
fn main_process(plan: &Plan, arguments: &[String]) -> ExitCode {
    // Whoever stops the container while it reports is heard, too.
    let signals = stop::listen();
    let served = serve::start(&plan.listen);
    println!("@report {}", process::report(plan, arguments, served));
    match own_end(arguments) {
        Some((seconds, code)) => {
            std::thread::sleep(std::time::Duration::from_secs(seconds));
            ExitCode::from(code)
        }
        None => stop::wait(signals, plan.stubborn),
    }
}

/// `exit CODE [SECONDS]` among the arguments ends the program by itself.
fn own_end(arguments: &[String]) -> Option<(u64, u8)> {
    let place = arguments.iter().position(|word| word == "exit")?;
    let code = arguments.get(place + 1)?.parse().ok()?;
    let seconds = arguments.get(place + 2).and_then(|word| word.parse().ok()).unwrap_or(0);
    Some((seconds, code))
}
