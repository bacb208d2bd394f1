//! `explain`, `rules`, `completions`, `man`: what the tool says about itself.

use clap::CommandFactory;
use clap_complete::Shell;
use serde_json::{Value, json};

use super::Outcome;
use super::args::{Arguments, Listing};
use super::error::Error;
use super::output::Output;
use crate::diag::Posture;
use crate::lint;
use crate::lint::registry::RULES;
use crate::report::word;
use crate::rule::{Offer, RuleMeta};

/// Prints the text about a rule.
///
/// # Errors
/// When there is no such rule, or the output cannot be written.
pub fn explain(name: &str, output: &mut Output) -> Result<Outcome, Error> {
    let rule = lint::rule(name).ok_or_else(|| Error::Rule(name.to_owned(), lint::nearest(name)))?;
    let level = word(rule.level(Posture::Faithful));
    output.write(&format!("{name} ({level}): {}\n\n{}\n", rule.summary, rule.body().trim_end()))?;
    Ok(Outcome::Clean)
}

/// Prints the catalogue.
///
/// # Errors
/// When the output cannot be written.
pub fn rules(format: Listing, output: &mut Output) -> Result<Outcome, Error> {
    let text = match format {
        Listing::Text => table(),
        Listing::Json => {
            let rules: Vec<Value> = RULES.iter().map(object).collect();
            format!("{:#}\n", json!({ "version": 1, "rules": rules }))
        }
    };
    output.write(&text)?;
    Ok(Outcome::Clean)
}

/// Prints a completion script.
///
/// # Errors
/// When the output cannot be written.
pub fn completions(shell: Shell, output: &mut Output) -> Result<Outcome, Error> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "transship", &mut script);
    output.write(&String::from_utf8_lossy(&script))?;
    Ok(Outcome::Clean)
}

/// Prints the manual page of the whole, or of one command.
///
/// # Errors
/// When there is no such command, or the output cannot be written.
pub fn man(command: Option<&str>, output: &mut Output) -> Result<Outcome, Error> {
    let mut whole = Arguments::command();
    whole.build();
    let wanted = match command {
        None => whole,
        Some(name) => {
            let found = whole.find_subcommand(name).cloned();
            found.ok_or_else(|| Error::NoCommand(name.to_owned()))?
        }
    };
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(wanted).render(&mut page);
    rendered.expect("memory takes every page");
    output.write(&String::from_utf8_lossy(&page))?;
    Ok(Outcome::Clean)
}

fn table() -> String {
    let width = RULES.iter().map(|rule| rule.slug.0.len()).max().unwrap_or(0);
    let row = |rule: &RuleMeta| {
        format!("{:width$}  {:7}  {}\n", rule.slug.0, word(rule.level(Posture::Faithful)), rule.summary)
    };
    RULES.iter().map(row).collect()
}

fn object(rule: &RuleMeta) -> Value {
    let level = |posture| word(rule.level(posture));
    json!({
        "rule": rule.slug.0,
        "summary": rule.summary,
        "levels": {
            "faithful": level(Posture::Faithful),
            "restricted": level(Posture::Restricted),
            "production": level(Posture::Production),
        },
        "fix": match rule.fix {
            Offer::None => "none",
            Offer::Safe => "safe",
            Offer::Unsafe => "unsafe",
        },
        "since": rule.since,
    })
}
