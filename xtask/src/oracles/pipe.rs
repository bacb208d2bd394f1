//! Speaks with a program in lines: everything goes in while everything comes out.

use std::io::{BufRead, BufReader, BufWriter, Write};
use std::process::{Command, Stdio};

use serde_json::Value;

/// Gives the lines to the program and returns what it answers, each line as JSON; a program that fails is an error.
pub(crate) fn ask(
    command: &mut Command,
    lines: impl Iterator<Item = String> + Send,
) -> Result<Vec<Value>, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("`{name}` cannot be started: {error}"))?;
    let mut input = BufWriter::new(child.stdin.take().expect("standard input is a pipe"));
    let output = BufReader::new(child.stdout.take().expect("standard output is a pipe"));
    let said: Result<Vec<Value>, String> = std::thread::scope(|scope| {
        scope.spawn(move || {
            for line in lines {
                // A program that died reads no more; its status says so below.
                if writeln!(input, "{line}").is_err() {
                    break;
                }
            }
        });
        let parse = |line: &str| {
            serde_json::from_str(line).map_err(|error| format!("`{name}` answers no JSON ({error}): {line}"))
        };
        output.lines().map(|line| parse(&line.map_err(|error| format!("`{name}`: {error}"))?)).collect()
    });
    let status = child.wait().map_err(|error| format!("`{name}`: {error}"))?;
    if status.success() { said } else { Err(format!("`{name}` failed: {status}")) }
}

/// The answers by their `id`, in the order in which the ids were asked; each must be there once.
pub(crate) fn in_order(ids: &[String], said: Vec<Value>) -> Result<Vec<Value>, String> {
    let mut by_id: std::collections::BTreeMap<String, Value> = said
        .into_iter()
        .map(|answer| (answer["id"].as_str().unwrap_or_default().to_owned(), answer))
        .collect();
    ids.iter().map(|id| by_id.remove(id).ok_or_else(|| format!("no answer for {id}"))).collect()
}
