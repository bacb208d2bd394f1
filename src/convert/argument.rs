//! Secrets that stand in the words of a command without a variable: `--token=…`, `PASSWORD=…`, the password of an address.

use super::pass::Pass;
use super::secret::{self, Around};
use super::veil::{Form, Reference, Veiled};
use crate::compose::leaf::Loose;
use crate::compose::project::entries;
use crate::diag::sensitive::arguments;
use crate::source::Text;
use smol_str::format_smolstr;

/// A word in which the values that speak of themselves come from the service's Secret.
#[must_use]
pub fn veil<'p>(pass: &Pass<'p>, around: &Around<'p, '_>, word: &str) -> Veiled {
    let mut veiled = Veiled::default();
    let mut at = 0;
    for (range, name) in arguments(word) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_is_named_as_a_variable_is() {
        assert_eq!(variable("-dev-root-token-id"), "DEV_ROOT_TOKEN_ID");
    }
}
