//! Fingerprints: a finding keeps its own while its line moves, so that a service knows what is new.

use std::collections::BTreeMap;

use super::excerpt::{self, Known};
use crate::diag::Finding;
use crate::source::digest::sha256;
use crate::source::files::Files;

/// How many hexadecimal digits of the digest are taken: 128 bits.
const DIGITS: usize = 32;

/// Gives out fingerprints, no two of them alike.
#[derive(Default)]
pub struct Fingerprints {
    known: Known,
    given: BTreeMap<String, usize>,
}

impl Fingerprints {
    /// The fingerprint of the next finding: made of its rule, its path in the project, its file, and the text of its
    /// place without secrets. The second of two that would be alike gets a number.
    pub fn next(&mut self, finding: &Finding, files: &Files) -> String {
        let span = finding.primary.span;
        let text = excerpt::without_secrets(span, files, &mut self.known);
        let parts = [finding.slug.0, &finding.path, &files.file(span.file).name, &text];
        let mut digest = sha256(parts.join("\0").as_bytes());
        digest.truncate(DIGITS);
        let given = self.given.entry(digest.clone()).or_default();
        *given += 1;
        if *given == 1 { digest } else { format!("{digest}-{given}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::slugs::{OBSOLETE_KEY, UNKNOWN_KEY};
    use crate::source::span::Span;

    /// The fingerprints of findings at the first places of some words.
    fn of(text: &str, words: &[&str]) -> Vec<String> {
        let mut files = Files::default();
        let file = files.add("compose.yaml", text);
        let mut fingerprints = Fingerprints::default();
        let finding = |word: &&str| {
            let start = text.find(*word).expect("the word is there");
            Finding::new(UNKNOWN_KEY, Span::new(file, start, start + word.len()), "a.b", "x")
        };
        words.iter().map(|word| fingerprints.next(&finding(word), &files)).collect()
    }

    #[test]
    fn a_finding_that_moves_keeps_its_fingerprint_and_twins_have_their_own() {
        let before = of("one: 1\ntwo: 2\n", &["one", "two", "one"]);
        assert_eq!(before, of("# a line more\none: 1\n\n  two: 2\n", &["one", "two", "one"]));
        assert_eq!(before[0].len(), DIGITS);
        assert_eq!(before[2], format!("{}-2", before[0]));
        assert_ne!(before[0], before[1]);
    }

    #[test]
    fn a_secret_leaves_no_trace() {
        let with = |secret: &str| of(&format!("DB_PASSWORD: {secret}\n"), &[&format!("PASSWORD: {secret}")]);
        assert_eq!(with("hunter2"), with("correct horse"));
    }

    #[test]
    fn the_rule_counts() {
        let mut files = Files::default();
        let span = Span::new(files.add("a", "x: 1"), 0, 1);
        let mut fingerprints = Fingerprints::default();
        let left = fingerprints.next(&Finding::new(UNKNOWN_KEY, span, "", "x"), &files);
        let right = fingerprints.next(&Finding::new(OBSOLETE_KEY, span, "", "x"), &files);
        assert_ne!(left, right);
    }
}
