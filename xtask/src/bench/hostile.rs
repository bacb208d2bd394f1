//! Inputs that nobody writes by hand, each of which once took too long or too much memory.

use std::fmt::Write;
use std::time::Duration;

use super::measure::Measure;

/// What any input may take.
const TIME: Duration = Duration::from_secs(1);
const MEMORY: u64 = 200_000_000;

/// The inputs and what they are made of.
pub(super) fn inputs() -> Vec<(&'static str, String)> {
    vec![
        (
            "150,000 bad services on one line",
            flow(150_000, |number| format!("s{number}: {{bad{number}: 1}}")),
        ),
        ("150,000 numbers for services on one line", flow(150_000, |number| format!("s{number}: {number}"))),
        ("100,000 secrets on one line", flow(100_000, |number| format!("s{number}: {{password: {number}}}"))),
        ("40 variables, each of 4 long lines of passwords that are asked for", passwords()),
        ("20,000 services, each on the one before", chain(|number| number.checked_sub(1))),
        (
            "20,000 services, each on the one behind",
            chain(|number| Some(number + 1).filter(|next| *next < 20_000)),
        ),
        ("300,000 documents", "---\nservices: {a: {image: b}}\n".repeat(300_000)),
        (
            "5,000 documents with a service each",
            lines("", 5_000, |number| format!("---\nservices: {{s{number}: {{image: b}}}}")),
        ),
        ("1,000,000 lines of `---`", "---\n".repeat(1_000_000)),
        ("200,000 volumes", lines("volumes:\n", 200_000, |number| format!("  v{number}:"))),
        ("200,000 mounts of volumes that are not there", {
            lines("services:\n  a:\n    image: b\n    volumes:\n", 200_000, |number| {
                format!("      - v{number}:/data{number}")
            })
        }),
        ("300,000 items of `$A`", {
            lines("services:\n  a:\n    image: b\n    command:\n", 300_000, |_| "      - $A".to_owned())
        }),
        ("100,000 services on a network that is not there", {
            lines("services:\n", 100_000, |number| format!("  s{number}: {{image: a, networks: [x]}}"))
        }),
    ]
}

/// What an input took too much of.
pub(super) fn breach(name: &str, measure: &Measure) -> Option<String> {
    let memory = measure.peak.unwrap_or_default();
    (measure.fastest > TIME || memory > MEMORY).then(|| {
        let megabytes = memory as f64 / 1e6;
        format!(
            "{name}: {:.2} s and {megabytes:.0} MB; 1 s and 200 MB are allowed",
            measure.fastest.as_secs_f64()
        )
    })
}

fn flow(count: usize, entry: impl Fn(usize) -> String) -> String {
    let entries: Vec<String> = (0..count).map(entry).collect();
    format!("services: {{{}}}\n", entries.join(", "))
}

fn lines(head: &str, count: usize, line: impl Fn(usize) -> String) -> String {
    let mut text = head.to_owned();
    for number in 0..count {
        writeln!(text, "{}", line(number)).expect("a string takes all text");
    }
    text
}

fn passwords() -> String {
    let lines = format!("        {{{}\n", "password=$${X}, ".repeat(4_000)).repeat(4);
    let head = "services:\n  a:\n    image: b\n    environment:\n";
    self::lines(head, 40, |number| format!("      V{number}: |\n{}", lines.trim_end()))
}

fn chain(base: impl Fn(usize) -> Option<usize>) -> String {
    lines("services:\n", 20_000, |number| {
        let extends = base(number).map(|base| format!("\n    extends: {{service: s{base}}}"));
        format!("  s{number}:\n    image: a{}", extends.unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_longer_than_a_second_or_more_than_200_megabytes_is_told() {
        let measure = |milliseconds, peak| Measure {
            peak: Some(peak),
            ..Measure::of(vec![Duration::from_millis(milliseconds)])
        };
        assert_eq!(breach("x", &measure(999, 1)), None);
        assert_eq!(
            breach("x", &measure(1500, 250_000_000)).as_deref(),
            Some("x: 1.50 s and 250 MB; 1 s and 200 MB are allowed")
        );
    }
}
