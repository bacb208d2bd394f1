//! What the lab prints: a table for each case, and one summary.

use std::path::Path;

use super::compare::Outcome;
use super::tool::write;

/// Prints the outcomes, writes them to files, and fails on what nobody announced.
pub(super) fn print(outcomes: &[Outcome], releases: &[String], folder: &Path) -> Result<(), String> {
    for outcome in outcomes {
        let text = table(outcome);
        write(&folder.join(format!("{}.md", outcome.name)), &text)?;
        if !outcome.differences.is_empty() || !outcome.over_warned.is_empty() || outcome.not_run.is_some() {
            print!("\n{text}");
        }
    }
    let ran = outcomes.iter().filter(|outcome| outcome.not_run.is_none()).count();
    let sum = |count: fn(&Outcome) -> usize| outcomes.iter().map(count).sum::<usize>();
    let unannounced = sum(Outcome::unannounced);
    let broken = outcomes.iter().filter(|outcome| outcome.broken).count();
    println!(
        "\nThe node enforces no network policies: who may connect is judged by `cargo xtask oracles --only matrix`."
    );
    println!(
        "lab: {ran} of {} cases ran, {} containers, {} fields, {} announced differences, {unannounced} unannounced, {} announced and not seen",
        outcomes.len(),
        sum(|outcome| outcome.containers),
        sum(|outcome| outcome.fields),
        sum(|outcome| outcome.differences.len()) - unannounced,
        sum(|outcome| outcome.over_warned.len()),
    );
    if unannounced + broken + releases.len() == 0 {
        Ok(())
    } else if unannounced + broken == 0 {
        Err(format!("lab: {} failed", releases.join(", ")))
    } else {
        Err(format!(
            "lab: {unannounced} differences that nothing announces, {broken} projects that do not run"
        ))
    }
}

fn table(outcome: &Outcome) -> String {
    let mut text = format!("## {}\n\n{}\n", outcome.name, outcome.summary());
    if !outcome.differences.is_empty() {
        text += "\n| container | field | Docker | Kubernetes | announced by |\n|---|---|---|---|---|\n";
    }
    for difference in &outcome.differences {
        let rules: Vec<&str> = difference.announced.iter().map(String::as_str).collect();
        let by = if rules.is_empty() { "**nothing**".to_owned() } else { rules.join(", ") };
        text += &format!(
            "| {} | {} | {} | {} | {by} |\n",
            difference.service,
            difference.field,
            cell(&difference.docker),
            cell(&difference.kubernetes)
        );
    }
    for line in &outcome.said {
        text += &format!("said by {}\n", cell(line));
    }
    for line in &outcome.over_warned {
        text += &format!("announced, not seen: {line}\n");
    }
    text
}

/// A value that fits a table.
fn cell(value: &str) -> String {
    let one_line = value.replace('\n', " ⏎ ").replace('|', "\\|");
    let short: String = one_line.chars().take(160).collect();
    if short.len() < one_line.len() { format!("{short}…") } else { short }
}
