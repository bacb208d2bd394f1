//! Whether what looks like a secret is written in the files, or comes from somewhere else.

use std::ops::Range;

use super::{Ctx, place};
use crate::diag::sensitive::{is_switch, passwords};
use crate::source::Text;
use crate::source::origin::{self, Hop, Variable};
use crate::source::span::Spanned;

/// How a secret stands in the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// As it is.
    Literal,
    /// As the default of a variable.
    Default(Text),
}

/// How the bytes `range` of a value, which became `text`, stand in the files; nothing when they do not: a variable
/// without a default gives them, or the environment.
#[must_use]
pub fn written<T>(ctx: &Ctx<'_>, value: &Spanned<T>, text: &str, range: &Range<usize>) -> Option<Written> {
    let origin = ctx.project.origins.get(value.origin);
    if origin.hops.iter().any(|hop| matches!(hop, Hop::Inherited(_))) {
        return None;
    }
    if origin.template.is_none() {
        return is_value(text.get(range.clone())?).then_some(Written::Literal);
    }
    let pieces = place::pieces(ctx, value, text)?;
    let touched = pieces.iter().filter(|piece| touches(&piece.range, range));
    let mut variables = touched.filter_map(|piece| Some((piece, piece.variable?)));
    let Some((piece, variable)) = variables.next() else {
        return is_value(text.get(range.clone())?).then_some(Written::Literal);
    };
    // Made of several, it is put together from what others give.
    if variables.next().is_some() || !covers(&piece.range, range) && !covers(range, &piece.range) {
        return None;
    }
    let is_whole = covers(&piece.range, range);
    default(variable, is_whole && piece.range != *range)
}

/// The default of a variable, when it is a secret; `within` says that the secret is a part of it.
fn default(variable: &Variable, within: bool) -> Option<Written> {
    let text = origin::text(variable.default()?);
    let holds = if within { !passwords(&text).is_empty() } else { is_value(&text) };
    holds.then(|| Written::Default(variable.name.clone()))
}

fn touches(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start < other.end && other.start < one.end || one.is_empty() && covers(other, one)
}

fn covers(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start <= other.start && other.end <= one.end
}

/// Whether a text is a value and not a switch, a path to it, a mark of its place, or the words of another language for it.
#[must_use]
pub fn is_value(text: &str) -> bool {
    const FOLDERS: [&str; 11] = [
        "/run/",
        "/var/",
        "/etc/",
        "/opt/",
        "/tmp/",
        "/usr/",
        "/secrets/",
        "/certs/",
        "/app/",
        "/vault/",
        "./",
    ];
    const LANGUAGES: [&str; 11] =
        ["$", "\\$", "`", "{{", "<%", "%(", "urn:", "arn:", "vault:", "file:", "op://"];
    const ENDINGS: [&str; 6] = [".crt", ".db", ".jks", ".key", ".p12", ".pem"];
    // A line of JSON goes on behind the value.
    let text = text.trim().trim_end_matches(',');
    let is_flag = is_switch(text) || matches!(text, "" | "0" | "1" | "none" | "None" | "NONE");
    let starts = |marks: &[&str]| marks.iter().any(|mark| text.starts_with(mark));
    let is_file = !text.contains(char::is_whitespace) && ENDINGS.iter().any(|ending| text.ends_with(ending));
    !(is_flag || is_file || is_placeholder(text) || starts(&FOLDERS) || starts(&LANGUAGES))
}

/// Whether a text only marks the place of a value. What could be meant as a password, as `changeme`, is none: it works.
fn is_placeholder(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let bare = text.trim_matches(['"', '\'']);
    let is_marked = bare.starts_with('<') && bare.ends_with('>');
    let is_blacked = text.len() > 2 && lower.bytes().all(|byte| matches!(byte, b'x' | b'*' | b'.' | b'-'));
    is_marked
        || is_blacked
        || matches!(lower.as_str(), "invalid" | "dummy")
        || lower.contains("placeholder")
        || lower.contains("place_holder")
}
