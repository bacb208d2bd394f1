//! What changes in a text, line by line.

use similar::TextDiff;

/// The change of one file as a unified diff; nothing when there is none.
#[must_use]
pub fn unified(name: &str, old: &str, new: &str) -> String {
    let (before, after) = (side("a", name, old), side("b", name, new));
    TextDiff::from_lines(old, new).unified_diff().context_radius(3).header(&before, &after).to_string()
}

/// How a side is named; one that does not exist is the empty device, as in `git diff`.
fn side(letter: &str, name: &str, text: &str) -> String {
    if text.is_empty() { "/dev/null".to_owned() } else { format!("{letter}/{name}") }
}
