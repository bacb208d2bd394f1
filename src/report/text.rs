//! Findings for people: what, where, why, and what to do, with the lines of the source.

use std::collections::BTreeSet;

use codespan_reporting::diagnostic::{Diagnostic, Severity};
use codespan_reporting::term::{Config, emit_to_write_style};

use super::excerpt::Known;
use super::{Style, count, excerpt, paint::Canvas, safe, tally};
use crate::diag::{Finding, Level, Safety};
use crate::source::files::Files;
use crate::source::span::FileId;
use crate::source::task;

/// More findings than these are shown by two threads, each half of them.
const MANY: usize = 1024;

/// The findings with their excerpts, and a summary.
///
/// # Panics
/// Never: the excerpts hold every line that a label names.
#[must_use]
pub fn render(findings: &[Finding], files: &Files, style: Style) -> String {
    let mut text = places(findings, files, style);
    text.push_str(&summary(findings, files));
    text
}

/// The findings with their excerpts; one without a name of a rule has none in its head.
///
/// # Panics
/// Never: the excerpts hold every line that a label names.
#[must_use]
pub fn places(findings: &[Finding], files: &Files, style: Style) -> String {
    if findings.len() > MANY {
        let (first, second) = findings.split_at(findings.len() / 2);
        let (mut text, rest) = task::both(|| places(first, files, style), || places(second, files, style));
        text.push_str(&rest);
        return text;
    }
    let mut canvas = Canvas::new(style.color);
    let config = Config::default();
    let mut known = Known::default();
    for finding in findings {
        let (excerpts, labels) = excerpt::cut(finding, files, &mut known);
        let mut diagnostic = Diagnostic::new(severity(finding.level))
            .with_message(safe::visible(&finding.message))
            .with_labels(labels);
        diagnostic.code = Some(finding.slug.0.to_owned()).filter(|slug| !slug.is_empty());
        diagnostic.notes.extend(finding.tip.as_deref().map(|tip| safe::visible(tip).into_owned()));
        let allowed = finding.allowed.as_deref().map(safe::visible);
        diagnostic.notes.extend(allowed.map(|reason| format!("allowed: {reason}")));
        let unseen = finding.labels.len().saturating_sub(excerpt::PLACES);
        if unseen > 0 {
            diagnostic
                .notes
                .push(format!("and {}: `--format json` lists them all", count(unseen, "more place")));
        }
        emit_to_write_style(&mut canvas, &config, &excerpts, &diagnostic)
            .expect("the excerpts hold every line that a label names");
    }
    canvas.into_text()
}

fn severity(level: Level) -> Severity {
    match level {
        Level::Error => Severity::Error,
        Level::Warning => Severity::Warning,
        Level::Note => Severity::Note,
    }
}

/// How many of each level, in how many files, and what is to be done with them; then the next step.
fn summary(findings: &[Finding], files: &Files) -> String {
    let counted = findings.iter().filter(|finding| finding.allowed.is_none());
    let allowed = findings.len() - counted.clone().count();
    let allowed = if allowed > 0 { format!("; {allowed} allowed") } else { String::new() };
    let Some(worst) = counted.clone().rev().max_by_key(|finding| finding.level) else {
        return format!("nothing to report in {}{allowed}\n", count(files.iter().count(), "file"));
    };
    let places: BTreeSet<FileId> = counted.clone().map(|finding| finding.primary.span.file).collect();
    let is_safe = |finding: &&Finding| finding.fixes.iter().any(|fix| fix.safety == Safety::Safe);
    let fixable = match counted.clone().filter(is_safe).count() {
        0 => String::new(),
        number => format!("; {number} can be fixed with `--fix`"),
    };
    format!(
        "{} in {}{fixable}{allowed}\n`transship explain {}` tells more\n",
        tally(counted),
        count(places.len(), "file"),
        worst.slug.0
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::slugs::{OBSOLETE_KEY, UNKNOWN_KEY};
    use crate::source::span::Span;

    fn printed(text: &str, finding: impl Fn(FileId) -> Finding) -> String {
        let mut files = Files::default();
        let file = files.add("compose.yaml", text);
        render(&[finding(file)], &files, Style::default())
    }

    #[test]
    fn several_places_are_shown_with_what_lies_between_them() {
        let text = "a: 1\nb: 2\nc: 3\nd: 4\ne: 5\nf: 6\ng: 7\n";
        let shown = printed(text, |file| {
            Finding::new(UNKNOWN_KEY, Span::new(file, 10, 11), "c", "`c` is unknown")
                .at("here")
                .also(Span::new(file, 0, 4), "")
                .also(Span::new(file, 30, 31), "and here")
                .tip("write `cc`")
        });
        let expected = "\
error[unknown-key]: `c` is unknown
  ┌─ compose.yaml:3:1
  │
1 │ a: 1
  │ ----
2 │ b: 2
3 │ c: 3
  │ ^ here
  ·
7 │ g: 7
  │ - and here
  │
  = write `cc`

1 error in 1 file
`transship explain unknown-key` tells more
";
        assert_eq!(shown, expected);
    }

    #[test]
    fn the_summary_counts_levels_and_apart_what_is_allowed_or_can_be_fixed() {
        let mut files = Files::default();
        let file = files.add("compose.yaml", "a: 1\n");
        files.add(".env", "");
        let finding = |level| Finding { level, ..Finding::new(UNKNOWN_KEY, Span::new(file, 0, 1), "a", "x") };
        let (error, note) = (finding(Level::Error), finding(Level::Note));
        let fixable = finding(Level::Note).fix(Safety::Safe, "remove it", Vec::new());
        let asked = finding(Level::Note).fix(Safety::Unsafe, "write it", Vec::new());
        let allowed = Finding { allowed: Some("it is old".into()), ..finding(Level::Error) };
        let tells = "`transship explain unknown-key` tells more";
        for (findings, said) in [
            (vec![error, note.clone()], format!("1 error, 1 note in 1 file\n{tells}\n")),
            (
                vec![note, asked, fixable, allowed.clone()],
                format!("3 notes in 1 file; 1 can be fixed with `--fix`; 1 allowed\n{tells}\n"),
            ),
            (vec![allowed], "nothing to report in 2 files; 1 allowed\n".into()),
            (Vec::new(), "nothing to report in 2 files\n".into()),
        ] {
            assert_eq!(summary(&findings, &files), said);
        }
    }

    #[test]
    fn the_end_of_a_file_a_tab_and_a_block_have_a_place_to_show() {
        let text = "a:\t|\n  x\n  y\n";
        let shown = printed(text, |file| {
            let end = Span::new(file, text.len(), text.len());
            Finding::new(UNKNOWN_KEY, end, "", "the file ends too early")
                .at("after this")
                .also(Span::new(file, 3, 12), "a block")
        });
        let expected = "\
error[unknown-key]: the file ends too early
  ┌─ compose.yaml:4:1
  │
1 │ a:  |
  │     - a block
  ·
4 │
  │ ^ after this

1 error in 1 file
`transship explain unknown-key` tells more
";
        assert_eq!(shown, expected);
    }

    #[test]
    fn of_very_many_places_the_first_are_shown_and_the_rest_is_counted() {
        let text = "a: 1\n".repeat(30);
        let shown = printed(&text, |file| {
            (1..30).fold(Finding::new(UNKNOWN_KEY, Span::new(file, 0, 1), "a", "many"), |finding, line| {
                finding.also(Span::new(file, line * 5, line * 5 + 1), "")
            })
        });
        let tail = "\
21 │ a: 1
   │ -
   │
   = and 9 more places: `--format json` lists them all
";
        assert!(shown.contains(tail), "{shown}");
    }

    #[test]
    fn a_wide_line_is_cut_around_its_label_and_keeps_its_column() {
        let text = format!("{}key{}", "ä".repeat(500), "ö".repeat(500));
        let shown = printed(&text, |file| Finding::new(UNKNOWN_KEY, Span::new(file, 1000, 1003), "", "wide"));
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(lines[1], "  ┌─ compose.yaml:1:501");
        assert_eq!(lines[3], format!("1 │ …{}key{}…", "ä".repeat(61), "ö".repeat(135)));
        assert_eq!(lines[4], format!("  │ {}^^^", " ".repeat(62)));
    }

    #[test]
    fn colours_are_escape_sequences_around_the_same_text() {
        let mut files = Files::default();
        let file = files.add("compose.yaml", "version: 3\n");
        let finding = Finding::new(OBSOLETE_KEY, Span::new(file, 0, 7), "version", "`version` is obsolete");
        let plain = render(std::slice::from_ref(&finding), &files, Style::default());
        let colored = render(&[finding], &files, Style { color: true });
        assert!(
            colored.starts_with("\x1b[0;1;31merror[obsolete-key]\x1b[0;1m: `version` is obsolete\x1b[0m\n")
        );
        let mut stripped = String::new();
        for (number, piece) in colored.split("\x1b[").enumerate() {
            stripped.push_str(if number == 0 {
                piece
            } else {
                piece.split_once('m').map_or("", |(_, rest)| rest)
            });
        }
        assert_eq!(stripped, plain);
    }
}
