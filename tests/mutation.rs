//! Broken files: whatever the bytes, the YAML reader gives an answer, in time, and every place lies in the text.
//!
//! `TRANSSHIP_MUTATIONS` says how many inputs to try, `TRANSSHIP_CORPUS` names a folder of further files to start from.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a test that times what it tries and says what it did"
)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use transship::source::origin::{OriginId, Origins};
use transship::source::span::{FileId, Span};
use transship::tree::{Node, Value};
use transship::yaml::{Parsed, inner, parse};

/// What is put into files: the letters that mean something to YAML.
const PIECES: &[&str] = &[
    "\n",
    "\r\n",
    " ",
    "  ",
    "\t",
    "- ",
    ": ",
    ":",
    "\"",
    "'",
    "|",
    ">",
    "|+\n",
    ">-\n",
    "|2\n",
    "#",
    " # c",
    "&a ",
    "*a",
    "<<: *a",
    "<<: [*a, *a]",
    "!reset ",
    "!override ",
    "!!str ",
    "!!int ",
    "!!binary ",
    "!",
    "{",
    "}",
    "[",
    "]",
    ",",
    "? ",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "0",
    "1_0",
    "0x",
    "-",
    ".",
    "~",
    "null",
    "2024-01-02",
    "\\",
    "\\u00e4",
    "\0",
    "\u{7}",
    "é",
    "\u{85}",
    "\u{2028}",
    "\u{FEFF}",
    "😀",
    "@",
    "`",
    "a: b\n",
    "&a [*a]",
    "a: &a {b: *a}\n",
];

/// Pseudo-random numbers, the same each time (xorshift64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or(0) % limit.max(1)
    }

    /// A place in a text, between two characters.
    fn place(&mut self, text: &str) -> usize {
        let at = self.below(text.len() + 1);
        text.floor_char_boundary(at)
    }
}

#[allow(clippy::disallowed_methods, reason = "a test run by hand takes its size from the environment")]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Every file under a folder that is text, and each case of the YAML test suite.
#[allow(clippy::disallowed_methods, reason = "a test reads its data from disk")]
fn collect(folder: &Path, seeds: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        if path.is_dir() {
            collect(&path, seeds);
        } else if matches!(extension, "yaml" | "yml") {
            seeds.extend(std::fs::read_to_string(&path));
        } else if extension == "jsonl" {
            let lines = std::fs::read_to_string(&path).unwrap_or_default();
            let cases = lines.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
            seeds.extend(cases.filter_map(|case| Some(case["yaml"].as_str()?.to_owned())));
        }
    }
}

/// A seed, or a stretch of a long one, with up to four changes.
fn mutate(seeds: &[String], dice: &mut Dice) -> String {
    let seed = &seeds[dice.below(seeds.len())];
    let mut text = seed.clone();
    if text.len() > 4_000 {
        let start = dice.place(&text);
        let end = text.floor_char_boundary(start + dice.below(4_000));
        text = text[start..end.max(start)].to_owned();
    }
    for _ in 0..=dice.below(4) {
        let at = dice.place(&text);
        let end = text.floor_char_boundary((at + dice.below(12)).min(text.len())).max(at);
        match dice.below(5) {
            0 | 1 => text.insert_str(at, PIECES[dice.below(PIECES.len())]),
            2 => text.replace_range(at..end, ""),
            3 => text.replace_range(at..end, PIECES[dice.below(PIECES.len())]),
            _ => {
                let other = &seeds[dice.below(seeds.len())];
                let from = dice.place(other);
                let to = other.floor_char_boundary((from + dice.below(60)).min(other.len())).max(from);
                text.insert_str(at, &other[from..to]);
            }
        }
    }
    text
}

fn timed(text: &str) -> (Parsed, Duration) {
    let start = Instant::now();
    let parsed = parse(FileId(0), text, &mut Origins::default(), OriginId(0));
    (parsed, start.elapsed())
}

fn check_span(text: &str, span: Span) {
    assert!(text.get(span.range()).is_some(), "{span:?} is no range of {text:?}");
}

fn check_node(text: &str, node: &Node) {
    check_span(text, node.span);
    match &node.value {
        Value::List(items) => items.iter().for_each(|item| check_node(text, item)),
        Value::Map(map) => {
            for (at, entry) in map.entries.iter().enumerate() {
                check_span(text, entry.key_span);
                let twice =
                    map.entries.len() < 50 && map.entries[..at].iter().any(|other| other.key == entry.key);
                assert!(!twice, "the key {:?} is there twice in {text:?}", entry.key);
                check_node(text, &entry.node);
            }
        }
        Value::String(value) => check_string(text, node.span, value),
        Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Big(_)
        | Value::Float(_)
        | Value::Timestamp(_) => {}
    }
}

/// A plain scalar on one line reads as its value, and the parts of any scalar lie in it, in order.
fn check_string(text: &str, span: Span, value: &str) {
    let token = &text[span.range()];
    if !token.is_empty() && !token.starts_with(['"', '\'', '|', '>']) && !token.contains(['\n', '\r']) {
        // Control characters, which are reported, are read as question marks.
        let readable = |letter: char| matches!(letter, '\t' | ' '..='\u{FFFD}' | '\u{10000}'..);
        let read = token.split(|letter| !readable(letter)).collect::<Vec<_>>();
        // `!!binary` makes other bytes of a text.
        let same = token == value || read.len() > 1 || text.contains("binary");
        assert!(same, "{token:?} is read as {value:?} in {text:?}");
    }
    let mut last = span.start;
    for at in (0..=value.len().min(200)).filter(|at| value.is_char_boundary(*at)) {
        let place = inner(text, span, at..value.len());
        check_span(text, place);
        let within = last <= place.start && place.start <= place.end && place.end <= span.end;
        assert!(within, "the part from {at} on of {token:?} is at {place:?}, outside {span:?}");
        last = place.start;
    }
}

fn check(text: &str, parsed: &Parsed) {
    for document in &parsed.documents {
        document.root.iter().for_each(|root| check_node(text, root));
        document.marks.iter().for_each(|mark| check_span(text, mark.span));
    }
    for problem in &parsed.problems {
        check_span(text, problem.span);
        problem.also.iter().for_each(|(span, _)| check_span(text, *span));
        assert!(!problem.message.is_empty() && !problem.message.contains('\n'), "{problem:?}");
    }
    for comment in &parsed.comments {
        check_span(text, comment.span);
        assert!(text[comment.span.range()].starts_with('#'), "{comment:?} in {text:?}");
    }
    for (sign, tokens) in [('&', &parsed.anchors), ('*', &parsed.aliases), ('!', &parsed.tags)] {
        for (_, span) in tokens {
            assert!(
                text.get(span.range()).is_some_and(|token| token.starts_with(sign)),
                "{span:?} in {text:?}"
            );
        }
    }
}

#[test]
fn mutated_files_are_read_without_panic_in_time_and_with_places_in_the_text() {
    let count = setting("TRANSSHIP_MUTATIONS").and_then(|count| count.parse().ok()).unwrap_or(3_000);
    let mut seeds = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata"), &mut seeds);
    setting("TRANSSHIP_CORPUS").iter().for_each(|folder| collect(Path::new(folder), &mut seeds));
    assert!(seeds.len() >= 400, "the test suite is among the seeds");
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let mut slowest = (Duration::ZERO, String::new());
    let (mut sound, mut bytes) = (0, 0);
    for _ in 0..count {
        let text = mutate(&seeds, &mut dice);
        let (parsed, mut taken) = timed(&text);
        // The machine may have been busy with something else: what counts is the best of a few tries.
        for _ in 0..5 {
            if taken > Duration::from_millis(5) {
                taken = taken.min(timed(&text).1);
            }
        }
        check(&text, &parsed);
        sound += usize::from(parsed.problems.is_empty());
        bytes += text.len();
        if taken > slowest.0 {
            slowest = (taken, text);
        }
    }
    println!("{count} inputs, {bytes} bytes, {sound} without a problem; the slowest took {:?}", slowest.0);
    // What takes long in an unoptimised build says nothing.
    let limit = Duration::from_millis(if cfg!(debug_assertions) { 5_000 } else { 100 });
    assert!(slowest.0 < limit, "{:?} for {:?}", slowest.0, slowest.1);
}
