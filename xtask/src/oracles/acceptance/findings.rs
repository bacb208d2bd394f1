//! Findings of a lint, and what a document expects of them.

use std::process::Output;

use serde_json::Value;

use super::Lane;

/// What one lint says.
pub(super) struct Findings(Vec<Value>);

/// A rule, and a word of its place: the start of the path, or a text that the message or a label has.
pub(super) type Expected<'a> = (&'a str, &'a str);

impl Findings {
    /// Lints, and reads what is printed; `code` is how it has to end.
    pub(super) fn of(lane: &mut Lane, line: &str, code: i32, words: &[&str]) -> Result<Self, String> {
        let mut all = vec!["lint", "--format", "json"];
        all.extend(words);
        let output: Output = lane.transship(&all)?;
        lane.equals(
            &format!("{line}: lint ends"),
            &format!("{:?}", output.status.code()),
            &format!("{:?}", Some(code)),
        );
        let report: Value =
            serde_json::from_slice(&output.stdout).map_err(|error| format!("{line}: {error}"))?;
        Ok(Self(report["findings"].as_array().cloned().unwrap_or_default()))
    }

    fn at<'a>(&'a self, level: &'a str) -> impl Iterator<Item = &'a Value> {
        self.0.iter().filter(move |finding| finding["level"] == level)
    }

    /// The errors are exactly these: each names one finding, and none is left.
    pub(super) fn errors(&self, lane: &mut Lane, line: &str, expected: &[Expected<'_>]) {
        let mut found: Vec<&Value> = self.at("error").collect();
        let mut missing = Vec::new();
        for one in expected {
            match found.iter().position(|finding| fits(finding, *one)) {
                Some(place) => drop(found.remove(place)),
                None => missing.push(format!("missing {} {}", one.0, one.1)),
            }
        }
        missing.extend(found.iter().map(|finding| format!("more {}", named(finding))));
        lane.holds(&format!("{line}: errors"), missing.join("; "));
    }

    /// Findings of this level are there, among others.
    pub(super) fn has(&self, lane: &mut Lane, line: &str, level: &str, expected: &[Expected<'_>]) {
        for one in expected {
            let there = self.at(level).any(|finding| fits(finding, *one));
            lane.holds(
                &format!("{line}: {level} {} {}", one.0, one.1),
                if there { "" } else { "it is not there" },
            );
        }
    }

    /// How often a rule speaks, counting labels of what it says of several services at once.
    pub(super) fn count(&self, lane: &mut Lane, line: &str, rule: &str, expected: usize) {
        let of_rule = self.0.iter().filter(|finding| finding["rule"] == rule);
        let number: usize =
            of_rule.map(|finding| finding["labels"].as_array().map_or(0, Vec::len).max(1)).sum();
        lane.equals(&format!("{line}: {rule}"), &number.to_string(), &expected.to_string());
    }

    /// These rules are silent.
    pub(super) fn none(&self, lane: &mut Lane, line: &str, rules: &[&str]) {
        for rule in rules {
            let found = self.0.iter().find(|finding| finding["rule"] == *rule).map(named);
            lane.holds(&format!("{line}: no {rule}"), found.unwrap_or_default());
        }
    }

    /// What this lint says and another one did not, as rules.
    pub(super) fn beyond(&self, before: &Self) -> Vec<String> {
        let known: Vec<String> = before.0.iter().map(named).collect();
        let added = self.0.iter().filter(|finding| !known.contains(&named(finding)));
        added.filter_map(|finding| finding["rule"].as_str().map(str::to_owned)).collect()
    }
}

fn fits(finding: &Value, (rule, place): Expected<'_>) -> bool {
    let says = |value: &Value| value.as_str().is_some_and(|text| text.contains(place));
    let labels = finding["labels"].as_array().into_iter().flatten();
    finding["rule"] == rule
        && (says(&finding["path"])
            || says(&finding["message"])
            || labels.into_iter().any(|label| says(&label["message"])))
}

fn named(finding: &Value) -> String {
    let word = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    format!("{} {} {}", word("level"), word("rule"), word("path"))
}
