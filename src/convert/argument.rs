//! Secrets that stand in the words of a command without a variable: `--token=…`, `PASSWORD=…`, the password of an address.

use std::ops::Range;

use super::pass::Pass;
use super::secret::{self, Around};
use super::veil::{Form, Reference, Veiled};
use crate::compose::leaf::Loose;
use crate::compose::project::entries;
use crate::diag::sensitive::{is_sensitive, is_switch, passwords};
use crate::source::Text;
use smol_str::format_smolstr;

/// A word in which the values that speak of themselves come from the service's Secret.
#[must_use]
pub fn veil<'p>(pass: &Pass<'p>, around: &Around<'p, '_>, word: &str) -> Veiled {
    let mut veiled = Veiled::default();
    let mut at = 0;
    for (range, name) in literals(word) {
        veiled.push(&word[at..range.start]);
        veiled.refer(reference(pass, around, &name, &word[range.clone()]));
        at = range.end;
    }
    veiled.push(&word[at..]);
    veiled
}

/// The key for a literal secret: that of a variable of the container with the same value, or one named as the argument.
#[must_use]
pub fn reference<'p>(pass: &Pass<'p>, around: &Around<'p, '_>, name: &str, value: &str) -> Reference {
    for (variable, entry) in entries(around.environment) {
        let Some(Loose(text)) = &entry.value else { continue };
        if text == value && secret::form(pass, Some(variable), text, entry.origin) == Form::Whole {
            return secret::whole(pass, around, variable, entry);
        }
    }
    let variable = secret::free(around, &variable(name));
    let value = Text::new(value);
    let from = format_smolstr!("the command of `{}`, where it names `{name}`", around.member.name);
    let secret = secret::secret_of(pass, around, &variable, &value);
    let key = secret::legal_key(&variable);
    pass.wanted.settled(around.container, Reference { variable, secret, key, value, from })
}

/// The name of an argument as that of a variable.
fn variable(name: &str) -> Text {
    let letter =
        |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' };
    name.trim_start_matches('-').chars().map(letter).collect::<String>().into()
}

/// Whether the next word is the value of this one, and a secret: `--password geheim`.
#[must_use]
pub fn announces(word: &str) -> bool {
    let Some(name) = word.strip_prefix('-') else { return false };
    let name = name.trim_start_matches('-');
    let about = name.starts_with("no-") || name.ends_with("stdin");
    !about && !word.contains(['=', ' ']) && is_sensitive(name)
}

/// The bytes of a text that are secrets, and what names them.
fn literals(text: &str) -> Vec<(Range<usize>, String)> {
    let mut found: Vec<(Range<usize>, String)> =
        passwords(text).into_iter().map(|range| (range, "URL_PASSWORD".to_owned())).collect();
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.');
    for (at, _) in text.match_indices('=') {
        let before = &text[..at];
        let name = &before[before.trim_end_matches(is_name).len()..];
        let start = at + 1;
        let value = text[start..].split(ends).next().unwrap_or_default();
        let taken = found.iter().any(|(range, _)| range.start < start + value.len() && start < range.end);
        let is_literal =
            !value.is_empty() && !value.starts_with(['$', '`', '{', '%', '=']) && !is_switch(value);
        if is_literal && !taken && is_sensitive(name.trim_start_matches('-')) {
            found.push((start..start + value.len(), name.to_owned()));
        }
    }
    found.sort_by_key(|(range, _)| range.start);
    found
}

/// What ends the value of an argument.
fn ends(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '"' | '\'' | ';' | '&' | '|' | '<' | '>' | ')' | '`')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_that_speak_of_secrets_are_found() {
        let shown = |text: &str| {
            let found = literals(text);
            found.iter().map(|(range, name)| format!("{name} {}", &text[range.clone()])).collect::<Vec<_>>()
        };
        assert_eq!(shown("-dev-root-token-id=abc"), ["-dev-root-token-id abc"]);
        assert_eq!(shown("psql postgres://u:pw@h/d"), ["URL_PASSWORD pw"]);
        assert_eq!(shown("PGSSL=1 DB_PASSWORD=x psql; y"), ["DB_PASSWORD x"]);
        assert!(shown("--password=$PW --token-file=/x --no-password=true").is_empty());
        assert!(announces("--password") && !announces("--no-password") && !announces("--token-file"));
        assert_eq!(variable("-dev-root-token-id"), "DEV_ROOT_TOKEN_ID");
    }
}
