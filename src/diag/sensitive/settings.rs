//! Texts of settings: lines that give names values.

use std::ops::Range;

use super::{
    LONG, command, is_private_key, may_hold_secrets, name, names_secret, promises_secret, secrets, value,
};

/// The names and values of a line of settings whose names are sensitive: `password = …`, `password: …`.
#[must_use]
pub fn assignments(line: &str) -> Vec<(Range<usize>, Range<usize>)> {
    if line.len() > LONG {
        return Vec::new();
    }
    let marks = line.match_indices(['=', ':']).map(|(mark, _)| mark);
    let named = marks.filter(|mark| names_secret(line, *mark));
    named.map(|mark| (name(line, mark), value(line, mark))).filter(|(_, value)| !value.is_empty()).collect()
}

/// The names and values of secrets within one line that is a value itself, as a connection, options or JSON give them:
/// `Server=db;Password=…`, `-Dstore.password=…`, `--requirepass …`, `{"password": "…"}`. Prose gives none.
#[must_use]
pub fn inline(line: &str) -> Vec<(Range<usize>, Range<usize>)> {
    if !may_hold_secrets(line) || line.len() > LONG {
        return Vec::new();
    }
    let is_given = |(by, value): &(Range<usize>, Range<usize>)| {
        let (between, text) = (&line[by.end..value.start], &line[value.clone()]);
        let is_member = between.starts_with(['"', '\'']) && between.ends_with(['"', '\'']);
        let is_assigned = matches!(between, "=" | "=\"" | "='" | "=\\\"");
        // A place that a program fills begins with a mark.
        (is_assigned || is_member)
            && text.starts_with(char::is_alphanumeric)
            && promises_secret(&line[by.clone()])
    };
    let mut found: Vec<_> = assignments(line).into_iter().filter(is_given).collect();
    let flags =
        command::flags(line).into_iter().filter(|flag| flag.name.starts_with("--") && flag.is_promised());
    found.extend(
        flags
            .map(|flag| (flag.by.range, flag.value.range))
            .filter(|(_, value)| line[value.clone()].starts_with(char::is_alphanumeric)),
    );
    found.sort_by_key(|(by, _)| by.start);
    found.dedup_by_key(|(_, value)| value.start);
    found
}

/// Whether the value of a variable holds a secret within it: several lines are settings.
#[must_use]
pub fn value_holds_secret(text: &str) -> bool {
    if text.trim_end().contains('\n') { hold_secret(text) } else { !inline(text).is_empty() }
}

/// Whether a text of settings holds a secret: a private key, or a value with the name of one.
#[must_use]
pub fn hold_secret(text: &str) -> bool {
    // Other formats than Compose's have blanks before the sign: `password = x`.
    let tight = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        words.join(" ").replace(" =", "=").replace(" :", ":")
    };
    let is_secret = |line: &str| !is_comment(line) && !secrets(&tight(line)).is_empty();
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
        let of = |line: &str| {
            inline(line).into_iter().map(|(_, value)| line[value].to_owned()).collect::<Vec<_>>()
        };
        for line in [
            "Server=db;User Id=sa;Password=s3cret",
            r#"x.PlainLoginModule required username="x" password="s3cret";"#,
            "-Xmx1g -Djavax.net.ssl.keyStorePassword=s3cret",
            r#"{"spring.datasource.password": "s3cret", "a": "b"}"#,
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
