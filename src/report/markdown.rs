//! A comment on a pull request: what was found, by file, and what to do.

use std::fmt::Write;

use super::{by_file, count, page, safe, tally, word};
use crate::diag::{Finding, Level};
use crate::source::files::Files;

/// More findings of a file than this are folded away: the comment stays short, and each is one click away.
const OPEN: usize = 20;

/// The findings as Markdown.
///
/// # Panics
/// Never: writing into a string does not fail.
#[must_use]
pub fn render(findings: &[Finding], files: &Files) -> String {
    let groups = by_file(findings);
    if groups.is_empty() {
        return format!("**transship**: nothing to report in {}\n", count(files.iter().count(), "file"));
    }
    let mut out = format!("**transship**: {} in {}\n", numbers(findings.iter()), count(groups.len(), "file"));
    for (file, findings) in groups {
        let name = code(&files.file(file).name);
        write!(out, "\n#### {name}: {}\n", numbers(findings.iter().copied()))
            .expect("a string takes every text");
        let allowed = |finding: &&&Finding| finding.allowed.is_some();
        let of = |level: Level| {
            let here = findings.iter().filter(|finding| !allowed(finding) && finding.level == level);
            here.copied().collect::<Vec<&Finding>>()
        };
        section(&mut out, &of(Level::Error), "errors", true, files);
        let warnings = of(Level::Warning);
        section(&mut out, &warnings, "warnings", warnings.len() <= OPEN, files);
        section(&mut out, &of(Level::Note), "notes", false, files);
        let allowed: Vec<&Finding> = findings.iter().filter(allowed).copied().collect();
        section(&mut out, &allowed, "allowed", false, files);
        tips(&mut out, &findings, files);
    }
    out
}

/// How many of each level, and how many are allowed.
fn numbers<'a>(findings: impl Iterator<Item = &'a Finding> + Clone) -> String {
    let allowed = findings.clone().filter(|finding| finding.allowed.is_some()).count();
    let counted = tally(findings);
    match (counted.as_str(), allowed) {
        (_, 0) => counted,
        ("", _) => format!("{allowed} allowed"),
        _ => format!("{counted}, {allowed} allowed"),
    }
}

/// Findings of one kind, a line each.
fn section(out: &mut String, findings: &[&Finding], noun: &str, is_open: bool, files: &Files) {
    if findings.is_empty() {
        return;
    }
    out.push('\n');
    if !is_open {
        let (number, noun) = match findings.len() {
            1 => (1, noun.strip_suffix('s').unwrap_or(noun)),
            number => (number, noun),
        };
        write!(out, "<details><summary>{number} {noun}</summary>\n\n").expect("a string takes every text");
    }
    for finding in findings {
        line(out, finding, files);
    }
    if !is_open {
        out.push_str("\n</details>\n");
    }
}

fn line(out: &mut String, finding: &Finding, files: &Files) {
    let at = files.start(finding.primary.span);
    let allowed = finding.allowed.as_deref().map(|reason| format!(" (allowed: {})", prose(reason)));
    writeln!(
        out,
        "- **{}** [{}]({}) at {}:{}: {}{}",
        word(finding.level),
        finding.slug.0,
        page(finding),
        at.line,
        at.column,
        prose(&finding.message),
        allowed.unwrap_or_default(),
    )
    .expect("a string takes every text");
}

/// What to do about the findings of a file: each step once, with the lines that it is for.
fn tips(out: &mut String, findings: &[&Finding], files: &Files) {
    let mut tips: Vec<(&str, Vec<String>)> = Vec::new();
    let mut at = std::collections::BTreeMap::new();
    for finding in findings.iter().filter(|finding| finding.allowed.is_none()) {
        let Some(tip) = finding.tip.as_deref() else { continue };
        let index = *at.entry(tip).or_insert_with(|| {
            tips.push((tip, Vec::new()));
            tips.len() - 1
        });
        tips[index].1.push(files.start(finding.primary.span).line.to_string());
    }
    if tips.is_empty() {
        return;
    }
    out.push_str("\n<details><summary>What to do</summary>\n\n");
    for (tip, lines) in tips {
        let noun = if lines.len() == 1 { "line" } else { "lines" };
        writeln!(out, "- {noun} {}: {}", lines.join(", "), prose(tip)).expect("a string takes every text");
    }
    out.push_str("\n</details>\n");
}

/// A message as Markdown: what stands in backticks is code, the rest is text and nothing else.
fn prose(text: &str) -> String {
    let pieces: Vec<&str> = text.split('`').collect();
    // A value of the user may hold a backtick: then nobody can say what is code.
    let is_paired = pieces.len() % 2 == 1;
    let last = pieces.len() - 1;
    let mut out = String::new();
    for (number, piece) in pieces.into_iter().enumerate() {
        if is_paired && number % 2 == 1 {
            out.push_str(&code(piece));
        } else {
            plain(&mut out, piece);
            if !is_paired && number < last {
                out.push_str("\\`");
            }
        }
    }
    out
}

/// Text in which no character has a meaning for Markdown, and none names a person or an issue.
fn plain(out: &mut String, text: &str) {
    for character in safe::visible(text).chars() {
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // A character reference is no mention and no address, where an escaped character still is one.
            '@' => out.push_str("&#64;"),
            '#' => out.push_str("&#35;"),
            '\\' | '*' | '_' | '[' | ']' | '|' | '~' | '!' | '$' => {
                out.push('\\');
                out.push(character);
            }
            harmless => out.push(harmless),
        }
    }
}

/// A value as code, whatever it holds.
fn code(text: &str) -> String {
    let text = safe::visible(text);
    if text.trim().is_empty() {
        return format!("\"{text}\"");
    }
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_message_becomes_markup() {
        for (message, shown) in [
            ("`a` is *b*", "`a` is \\*b\\*"),
            ("<script>x</script> & @team #12", "&lt;script&gt;x&lt;/script&gt; &amp; &#64;team &#35;12"),
            ("`<b>` and [x](y)", "`<b>` and \\[x\\](y)"),
            ("`a`b` <i>", "\\`a\\`b\\` &lt;i&gt;"),
            ("`` is empty", "\"\" is empty"),
            ("`a\nb`", "`a␊b`"),
        ] {
            assert_eq!(prose(message), shown);
        }
        assert_eq!(code("a`b"), "``a`b``");
    }
}
