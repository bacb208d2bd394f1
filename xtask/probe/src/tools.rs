//! Stand-ins for the programs that healthchecks and scripts call.

use std::process::ExitCode;

use crate::net::ask_tcp;
use crate::resolver::resolve;

/// Plays the tool of that name; nothing when there is no such tool.
pub(crate) fn run(name: &str, arguments: &[String]) -> Option<ExitCode> {
    let well = match name {
        "pg_isready" => answers(option(arguments, "-h", "--host"), option(arguments, "-p", "--port"), 5432),
        "redis-cli" => redis(arguments),
        "mysqladmin" => answers(option(arguments, "-h", "--host"), option(arguments, "-P", "--port"), 3306),
        "nc" => connects(arguments),
        "curl" => return Some(curl(arguments)),
        "wget" => return Some(wget(arguments)),
        _ => return None,
    };
    Some(if well { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

/// The value behind `-h V`, `-hV`, `--host V` or `--host=V`.
fn option<'a>(arguments: &'a [String], short: &str, long: &str) -> Option<&'a str> {
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        if word == short || word == long {
            return words.next().map(String::as_str);
        }
        if let Some(value) = word.strip_prefix(long).and_then(|rest| rest.strip_prefix('=')) {
            return Some(value);
        }
        if let Some(value) = word.strip_prefix(short).filter(|value| !value.is_empty()) {
            return Some(value);
        }
    }
    None
}

fn answers(host: Option<&str>, port: Option<&str>, usual: u16) -> bool {
    let port = port.and_then(|port| port.parse().ok()).unwrap_or(usual);
    let host = host.filter(|host| !host.starts_with('/')).unwrap_or("127.0.0.1");
    resolve(host).first().is_some_and(|address| ask_tcp(*address, port, "who\n").is_ok())
}

/// `nc -z [-w SECONDS] HOST PORT`, as the busybox of its own image has it.
fn connects(arguments: &[String]) -> bool {
    let [.., host, port] = arguments else { return false };
    answers(Some(host), Some(port), 0)
}

fn redis(arguments: &[String]) -> bool {
    let well = answers(option(arguments, "-h", "--host"), option(arguments, "-p", "--port"), 6379);
    if well && arguments.iter().any(|word| word.eq_ignore_ascii_case("ping")) {
        println!("PONG");
    }
    well
}

/// `-f` makes a status of 400 and above a failure, as with the real one.
fn curl(arguments: &[String]) -> ExitCode {
    let Some(address) = arguments.iter().rev().find(|word| !word.starts_with('-')) else {
        return ExitCode::from(2);
    };
    let strict = arguments.iter().any(|word| {
        word == "--fail" || (word.starts_with('-') && !word.starts_with("--") && word.contains('f'))
    });
    match status(address) {
        None => ExitCode::from(7),
        Some(code) if strict && code >= 400 => ExitCode::from(22),
        Some(_) => ExitCode::SUCCESS,
    }
}

fn wget(arguments: &[String]) -> ExitCode {
    let Some(address) = arguments.iter().rev().find(|word| word.contains("://") || !word.starts_with('-'))
    else {
        return ExitCode::FAILURE;
    };
    match status(address) {
        None => ExitCode::from(4),
        Some(code) if code >= 400 => ExitCode::from(8),
        Some(_) => ExitCode::SUCCESS,
    }
}

/// The status that a server answers with.
fn status(address: &str) -> Option<u16> {
    let rest = address.strip_prefix("http://").unwrap_or(address);
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (host, port) = authority.rsplit_once(':').unwrap_or((authority, "80"));
    let place = resolve(host).first().copied()?;
    let request = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    let reply = ask_tcp(place, port.parse().ok()?, &request).ok()?;
    reply.split_whitespace().nth(1)?.parse().ok()
}
