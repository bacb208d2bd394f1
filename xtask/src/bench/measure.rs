//! Times a process from its start to its end, and asks how much memory it took.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What many runs of a process took.
pub(super) struct Measure {
    /// The median time.
    pub(super) median: Duration,
    /// The shortest time, which is the least disturbed one.
    pub(super) fastest: Duration,
    /// The peak of its resident memory in bytes, from a run of its own.
    pub(super) peak: Option<u64>,
    /// How many runs.
    pub(super) runs: usize,
}

impl Measure {
    /// The median of these times; nothing is known of memory.
    pub(super) fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self {
            fastest: times.first().copied().unwrap_or_default(),
            median: times.get(times.len() / 2).copied().unwrap_or_default(),
            peak: None,
            runs: times.len(),
        }
    }
}

/// Runs the commands in turn, so many times each: what disturbs the machine disturbs all of them alike.
pub(super) fn in_turn(commands: &[&dyn Fn() -> Command], runs: usize) -> Result<Vec<Measure>, String> {
    let mut times = vec![Vec::new(); commands.len()];
    for round in 0..=runs {
        for (command, times) in commands.iter().zip(&mut times) {
            let time = once(&mut command())?;
            // The first round warms the caches.
            if round > 0 {
                times.push(time);
            }
        }
    }
    let measures = times.into_iter().zip(commands);
    Ok(measures.map(|(times, command)| Measure { peak: peak(&command()), ..Measure::of(times) }).collect())
}

/// The time of one run; what it prints is thrown away, and an exit code that speaks of findings is no failure.
pub(super) fn once(command: &mut Command) -> Result<Duration, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let status = command.status().map_err(|error| format!("`{name}` cannot be started: {error}"))?;
    let time = start.elapsed();
    if status.code().is_some() { Ok(time) } else { Err(format!("`{name}` ended with {status}")) }
}

/// The peak memory as GNU time measures it; nothing where that program is missing.
fn peak(command: &Command) -> Option<u64> {
    let mut timed = Command::new("/usr/bin/time");
    timed.args(["-f", "peak %M"]).arg(command.get_program()).args(command.get_args());
    let output = timed.stdin(Stdio::null()).stdout(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let kilobytes: u64 =
        text.lines().rev().find_map(|line| line.strip_prefix("peak "))?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_one_in_the_middle() {
        let times = [9, 1, 5].map(Duration::from_millis).to_vec();
        let measure = Measure::of(times);
        assert_eq!(measure.median, Duration::from_millis(5));
        assert_eq!(measure.fastest, Duration::from_millis(1));
    }

    #[test]
    fn a_program_that_cannot_start_is_an_error() {
        let error = once(&mut Command::new("/no/such/program")).expect_err("there is no such program");
        assert!(error.starts_with("`/no/such/program` cannot be started: "), "{error}");
    }
}
