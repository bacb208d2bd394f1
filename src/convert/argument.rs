//! Secrets that stand in the words of a command without a variable: `--token=…`, `PASSWORD=…`, `mysql -p…`, the password
//! of an address.

use super::pass::Pass;
use super::secret::{self, Around};
use super::veil::{self, Form, Reference, Veiled};
use crate::compose::leaf::Loose;
use crate::compose::project::entries;
use crate::diag::sensitive::command::{Named, is_unnamed, of_words};
use crate::source::Text;
use smol_str::format_smolstr;
use std::iter::Peekable;

/// The words, in which secrets that are written out come from the service's Secret.
#[must_use]
pub fn veil<'p>(pass: &Pass<'p>, around: &Around<'p, '_>, words: Vec<Veiled>) -> Vec<Veiled> {
    if !words.iter().any(Veiled::may_hold_more) {
        return words;
    }
    // A word with letters that mean a secret elsewhere is not looked at.
    let marked: Vec<(String, Vec<Reference>)> =
        words.iter().map(|word| word.marked().unwrap_or_default()).collect();
    let texts: Vec<&str> = marked.iter().map(|(text, _)| text.as_str()).collect();
    let mut secrets = of_words(&texts).into_iter().peekable();
    if secrets.peek().is_none() {
        return words;
    }
    let mut veiled = Vec::with_capacity(words.len());
    for (number, word) in words.into_iter().enumerate() {
        let (text, known) = &marked[number];
        let mut own = secrets_of(&mut secrets, number).peekable();
        if own.peek().is_none() {
            veiled.push(word);
            continue;
        }
        let (mut new, mut at) = (Veiled::default(), 0);
        for Named { name, value, .. } in own {
            new.append(&Veiled::unmarked(&text[at..value.range.start], known));
            // What a variable gives is a secret already; the rest of it is one of its own.
            for part in text[value.range.clone()].split_inclusive(veil::is_mark) {
                let literal = part.trim_end_matches(veil::is_mark);
                if !literal.is_empty() {
                    new.refer(reference(pass, around, &name, literal));
                }
                new.append(&Veiled::unmarked(&part[literal.len()..], known));
            }
            at = value.range.end;
        }
        new.append(&Veiled::unmarked(&text[at..], known));
        veiled.push(new);
    }
    veiled
}

/// The next secrets, as long as they are of one word.
fn secrets_of(
    secrets: &mut Peekable<impl Iterator<Item = Named>>,
    word: usize,
) -> impl Iterator<Item = Named> {
    std::iter::from_fn(move || secrets.next_if(|named| named.value.word == word))
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
    // What has no name of its own is most likely what was said before: a server's password, which its test has to tell.
    if is_unnamed(name)
        && let Some(known) = pass.wanted.made(around.container, value)
    {
        return known;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_is_named_as_a_variable_is() {
        assert_eq!(variable("-dev-root-token-id"), "DEV_ROOT_TOKEN_ID");
    }
}
