//! Conversions: one ordinary project in a race with Docker Compose, and how time grows with services.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::measure::{Measure, in_turn};
use super::{Options, Table, docker_compose, generate, write};
use crate::place;

/// What the conversion of the large file may take: time, and memory in sizes of the file.
const TIME: Duration = Duration::from_secs(2);
const SIZES: u64 = 40;

/// How many times faster an ordinary project is converted than Docker Compose loads it.
const FASTER: f64 = 10.0;

/// How many times longer a service of the largest file may take than one of the next smaller file.
const BENT: f64 = 2.0;

/// Adds the rows of all conversions; what takes too much comes back in words.
pub(super) fn run(
    table: &mut Table,
    options: &Options,
    transship: &Path,
    scratch: &Path,
) -> Result<Vec<String>, String> {
    let mut breaches = race(table, options, transship)?;
    let numbers: &[usize] = if options.full { &[10, 100, 1_000, 10_000] } else { &[10_000] };
    let mut fastest: Vec<f64> = Vec::new();
    for &number in numbers {
        let text = generate::of(number);
        let path = scratch.join(format!("services-{number}/compose.yaml"));
        write(&path, &text)?;
        let runs = if number < 1_000 { options.runs } else { options.few() };
        for measure in in_turn(&[&|| convert(transship, &path)], runs)? {
            fastest.push(measure.fastest.as_secs_f64() / number as f64);
            let each = measure.median.as_secs_f64() * 1e6 / number as f64;
            if number == 10_000 {
                breaches.extend(breach(&measure, text.len() as u64));
            }
            let size = text.len() as f64 / 1e6;
            table.add(&format!("convert of {number} services, {size:.2} MB ({each:.0} µs each)"), measure);
        }
    }
    if let [.., smaller, largest] = fastest.as_slice()
        && largest > &(smaller * BENT)
    {
        let (smaller, largest) = (smaller * 1e6, largest * 1e6);
        breaches
            .push(format!("a service among 10,000 takes {largest:.0} µs, and {smaller:.0} µs among 1,000"));
    }
    Ok(breaches)
}

/// The example of the guide: converted here, and only loaded there.
fn race(table: &mut Table, options: &Options, transship: &Path) -> Result<Vec<String>, String> {
    let example = place::example();
    let ours = || convert(transship, &example);
    let Some(judge) = docker_compose(options)? else {
        println!("did not run: the race of a conversion with docker compose (build it with --full)");
        for measure in in_turn(&[&ours], options.runs)? {
            table.add("convert of the example", measure);
        }
        return Ok(Vec::new());
    };
    let theirs = || load(&judge, &example);
    let measures = in_turn(&[&ours, &theirs], options.runs)?;
    let [ours, theirs] = measures.try_into().map_err(|_| "two commands have two measures")?;
    let times = theirs.median.as_secs_f64() / ours.median.as_secs_f64();
    let least = theirs.fastest.as_secs_f64() / ours.fastest.as_secs_f64();
    table.add("convert of the example", ours);
    table.add(&format!("`docker compose config` of the example ({times:.1} times ours)"), theirs);
    let slow = (times.max(least) < FASTER).then(|| {
        format!(
            "the example is converted {times:.1} times faster than docker compose loads it; {FASTER} are due"
        )
    });
    Ok(slow.into_iter().collect())
}

fn convert(transship: &Path, file: &Path) -> Command {
    let mut command = Command::new(transship);
    command.args(["convert", "-p", "bench", "-f"]).arg(file);
    command
}

fn load(judge: &Path, file: &Path) -> Command {
    let mut command = Command::new(judge);
    command.args(["-p", "bench", "-f"]).arg(file).arg("config");
    command
}

/// What the conversion of the large file took too much of.
fn breach(measure: &Measure, size: u64) -> Option<String> {
    let memory = measure.peak.unwrap_or_default();
    (measure.fastest > TIME || memory > SIZES * size).then(|| {
        let (seconds, megabytes) = (measure.fastest.as_secs_f64(), memory as f64 / 1e6);
        format!("convert of 10,000 services: {seconds:.2} s and {megabytes:.0} MB; 2 s and {SIZES} times its size are allowed")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_two_seconds_or_forty_sizes_is_told() {
        let measure = |milliseconds, peak| Measure {
            peak: Some(peak),
            ..Measure::of(vec![Duration::from_millis(milliseconds)])
        };
        assert_eq!(breach(&measure(1999, 400), 10), None);
        assert!(breach(&measure(2001, 400), 10).is_some_and(|words| words.contains("2.00 s")));
        assert!(breach(&measure(1, 401), 10).is_some());
    }
}
