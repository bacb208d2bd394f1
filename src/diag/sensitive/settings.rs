//! Texts of settings: lines that give names values.

use std::ops::Range;

use super::{
    LONG, command, has_secret, is_private_key, may_hold_secrets, name, names_secret, promises_secret, value,
};

/// A name, and the value that it is given.
pub type Given = (Range<usize>, Range<usize>);

/// The names and values of a line of settings whose names are sensitive: `password = …`, `password: …`.
pub fn assignments(line: &str) -> Box<dyn Iterator<Item = Given> + '_> {
    Box::new(assigned(line, |_| true).filter(|(_, value)| !value.is_empty()))
}

/// The names and values of secrets within one line that is a value itself, as a connection, options or JSON give them:
/// `Server=db;Password=…`, `-Dstore.password=…`, `--requirepass …`, `{"password": "…"}`. Prose gives none.
pub fn inline(line: &str) -> Box<dyn Iterator<Item = Given> + '_> {
    if !may_hold_secrets(line) {
        return Box::new(std::iter::empty());
    }
    // A place that a program fills begins with a mark.
    let begins = |at: usize| line[at..].starts_with(char::is_alphanumeric);
    let is_given = move |mark: usize| {
        let quotes = ['"', '\''];
        let (before, behind) = (&line[..mark], line[mark + 1..].trim_start_matches('\\'));
        let is_member = || before.ends_with(quotes) && behind.trim_start().starts_with(quotes);
        line[mark..].starts_with('=') && begins(line.len() - behind.trim_start_matches(quotes).len())
            || is_member()
    };
    let given = assigned(line, is_given);
    let flags = std::iter::once_with(|| command::flags(line)).flatten();
    let flags = flags.filter(|flag| flag.name.starts_with("--") && flag.is_promised());
    let all = given.chain(flags.map(|flag| (flag.by.range, flag.value.range)));
    Box::new(all.filter(move |(by, value)| begins(value.start) && promises_secret(&line[by.clone()])))
}

/// What stands around each `=` and `:` that a sensitive name is before, of those that count.
fn assigned<'l>(line: &'l str, counts: impl Fn(usize) -> bool + 'l) -> impl Iterator<Item = Given> + 'l {
    let marks = line.match_indices(['=', ':']).map(|(mark, _)| mark).filter(|_| line.len() <= LONG);
    let named = marks.filter(move |mark| counts(*mark) && names_secret(line, *mark));
    named.map(|mark| (name(line, mark), value(line, mark)))
}

/// Whether the value of a variable holds a secret within it: several lines are settings.
#[must_use]
pub fn value_holds_secret(text: &str) -> bool {
    if text.trim_end().contains('\n') { hold_secret(text) } else { inline(text).next().is_some() }
}

/// Whether a text of settings holds a secret: a private key, or a value with the name of one.
#[must_use]
pub fn hold_secret(text: &str) -> bool {
    // Other formats than Compose's have blanks before the sign: `password = x`.
    let tight = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        words.join(" ").replace(" =", "=").replace(" :", ":")
    };
    let is_secret = |line: &str| !is_comment(line) && has_secret(&tight(line));
    is_private_key(text) || may_hold_secrets(text) && text.lines().any(is_secret)
}

/// Whether a line of settings says nothing.
#[must_use]
pub fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with(['#', ';', '!']) || line.starts_with("//")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_gives_names_to_secrets_within_it() {
        let of = |line: &str| inline(line).map(|(_, value)| line[value].to_owned()).collect::<Vec<_>>();
        for line in [
            "Server=db;User Id=sa;Password=s3cret",
            r#"x.PlainLoginModule required username="x" password="s3cret";"#,
            "-Xmx1g -Djavax.net.ssl.keyStorePassword=s3cret",
            r#"{"spring.datasource.password": "s3cret", "a": "b"}"#,
            r#"{"password":"s3cret"}"#,
            r#"{\"password\":\"s3cret\"}"#,
            "--db-password=s3cret --x=y",
            "--requirepass s3cret --save 60",
            "jdbc:mysql://db/x?user=a&password=s3cret",
        ] {
            let found = of(line);
            assert!(found.len() == 1 && found[0].starts_with("s3cret"), "{line}: {found:?}");
        }
        for line in [
            "Enter the password: now",
            "token={token}&x=1",
            "Server=db;Password=;Database=x",
            "password=${PW}",
            "--password-file=/run/secrets/x",
            "max_tokens=17",
            r#"{"password":"","a":"b"}"#,
            "--password= --x",
        ] {
            assert_eq!(of(line), Vec::<String>::new(), "{line}");
        }
    }

    #[test]
    fn settings_hold_a_secret_in_a_line_that_is_no_comment() {
        assert!(hold_secret("a = 1\nrails['smtp_password'] = \"x\"\n"));
        assert!(!hold_secret("a = 1\n# password = x\npassword = ${PW}\n"));
    }
}
