//! The comments that allow rules, and what of their file each of them covers.

use std::collections::BTreeMap;

use super::context::Loader;
use crate::diag::suppression::{self, Misread, Suppression};
use crate::source::span::{FileId, Span};
use crate::yaml::outline::Part;
use crate::yaml::{self, Comment, Parsed, ProblemKind};

/// So many comments of a file are looked at; no file that people read has more.
const MOST: usize = 1000;

/// How much of a file a load takes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// All of it.
    Whole,
    /// The services that others extend.
    Part,
}

/// Notes the comments of a file that speak to us.
pub fn note(loader: &mut Loader<'_>, file: FileId, parsed: &Parsed, taken: Taken) {
    let known = loader.suppressions.get_mut(&file);
    if let Some(known) = known {
        for suppression in known {
            suppression.whole_file |= taken == Taken::Whole;
        }
        return;
    }
    let shared = loader.files.share(file);
    let text = &shared.text;
    let meant = |comment: &&Comment| suppression::is_meant(&text[comment.span.range()]);
    let comments: Vec<&Comment> = parsed.comments.iter().filter(meant).take(MOST + 1).collect();
    if comments.is_empty() {
        return;
    }
    let sound = !parsed.problems.iter().any(|problem| problem.kind == ProblemKind::Syntax);
    let whole_file = taken == Taken::Whole && sound;
    let mut cover = Cover { text, file, parts: yaml::outline(file, text), lines: BTreeMap::new() };
    let suppressions = comments
        .into_iter()
        .enumerate()
        .map(|(number, comment)| Suppression {
            span: comment.span,
            whole: cover.whole(comment),
            covers: cover.of(comment),
            whole_file,
            words: match number {
                ..MOST => suppression::read(&text[comment.span.range()], comment.span),
                _ => Err(too_many(comment.span)),
            },
        })
        .collect();
    loader.suppressions.insert(file, suppressions);
}

fn too_many(span: Span) -> Misread {
    let message = format!("the file has more than {MOST} comments that allow rules; the rest allows nothing");
    Misread { span, message, tip: "allow the rules in `transship.toml`".to_owned() }
}

/// Finds what comments cover.
struct Cover<'t> {
    text: &'t str,
    file: FileId,
    parts: Vec<Part>,
    /// What a comment at the part of that number covers, and the part behind it.
    lines: BTreeMap<usize, Span>,
}

impl Cover<'_> {
    /// What goes with the comment: the blanks before it, or all of its line.
    fn whole(&self, comment: &Comment) -> Span {
        let range = comment.span.range();
        let before = self.text[..range.start].trim_end_matches([' ', '\t']).len();
        if !comment.own_line {
            return Span::new(self.file, before, range.end);
        }
        let rest = &self.text[range.end..];
        let line_break = if rest.starts_with("\r\n") { 2 } else { usize::from(!rest.is_empty()) };
        Span::new(self.file, before, range.end + line_break)
    }

    /// What a comment covers: what begins on its line, or on the next line on which something begins; above the first
    /// key, the file.
    fn of(&mut self, comment: &Comment) -> Option<Span> {
        let start = comment.span.start;
        if comment.own_line {
            let next = self.first_from(start);
            return match next {
                0 if !self.parts.is_empty() => Some(Span::new(self.file, 0, self.text.len())),
                _ => self.line(next),
            };
        }
        let line = self.text[..start as usize].rfind(['\n', '\r']).map_or(0, |at| at + 1);
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        let first = self.first_from(line);
        if self.parts.get(first).is_some_and(|part| part.span.start < start) {
            return self.line(first);
        }
        // Nothing begins on the line: something ends there.
        let mut around = first.checked_sub(1)?;
        while self.parts[around].span.end <= line {
            around = self.parts[around].parent?;
        }
        Some(self.parts[around].span)
    }

    /// What begins on the line of a part, the first there.
    fn line(&mut self, first: usize) -> Option<Span> {
        if let Some(known) = self.lines.get(&first) {
            return Some(*known);
        }
        let mut span = self.parts.get(first)?.span;
        let rest = &self.text[span.range().start..];
        let line = span.start as usize + rest.find(['\n', '\r']).unwrap_or(rest.len());
        for part in self.parts[first..].iter().take_while(|part| (part.span.start as usize) < line) {
            span.end = span.end.max(part.span.end);
        }
        self.lines.insert(first, span);
        Some(span)
    }

    /// The first part that begins at a place or behind it.
    fn first_from(&self, place: u32) -> usize {
        self.parts.partition_point(|part| part.span.start < place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What each comment covers, in one line each.
    fn covered(text: &str) -> Vec<String> {
        let file = FileId(0);
        let parsed = yaml::parse(file, text, &mut Default::default(), Default::default());
        let mut cover = Cover { text, file, parts: yaml::outline(file, text), lines: BTreeMap::new() };
        let of = |comment: &Comment| {
            cover.of(comment).map_or("nothing".to_owned(), |span| text[span.range()].replace('\n', "⏎"))
        };
        parsed.comments.iter().map(of).collect()
    }

    #[test]
    fn a_comment_covers_what_begins_on_its_line_or_below_it() {
        let text = "a:\n  # 1\n  b: # 2\n    c: 1 # 3\n    - x\n";
        assert_eq!(covered(&text.replace("    - x\n", "")), ["b: # 2⏎    c: 1", "b: # 2⏎    c: 1", "c: 1"]);
        let list = "a: 1\nv:\n  # 1\n\n  # 2\n  - t: x # 3\n    s: y\n  - z # 4\n";
        assert_eq!(covered(list), ["t: x # 3⏎    s: y", "t: x # 3⏎    s: y", "t: x # 3⏎    s: y", "z"]);
    }

    #[test]
    fn a_comment_above_the_first_key_covers_the_file_and_one_at_the_end_nothing() {
        assert_eq!(
            covered("# 1\n---\n# 2\na: 1\n# 3\nb: 2\n# 4\n"),
            ["# 1⏎---⏎# 2⏎a: 1⏎# 3⏎b: 2⏎# 4⏎", "# 1⏎---⏎# 2⏎a: 1⏎# 3⏎b: 2⏎# 4⏎", "b: 2", "nothing"]
        );
    }

    #[test]
    fn in_brackets_a_comment_covers_what_stands_on_its_line() {
        let text = "a: 1\nb: [\n  x, y, # 1\n  z # 2\n] # 3\nc: {d: 1, e: 2} # 4\nf: |\n  # no\n  g\n";
        assert_eq!(covered(text), ["x, y", "z", "b: [⏎  x, y, # 1⏎  z # 2⏎]", "c: {d: 1, e: 2}"]);
    }
}
