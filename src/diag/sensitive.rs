//! What must not be said: which names tell that their value is a secret, and where a line or a command holds one.

pub mod command;
mod flags;
pub mod settings;
mod token;

use std::ops::Range;

/// Words that make a name sensitive wherever they stand.
const WORDS: [&str; 18] = [
    "PASS",
    "PASSWD",
    "PASSWORD",
    "PWD",
    "PASSPHRASE",
    "SECRET",
    "SECRETS",
    "TOKEN",
    "TOKENS",
    "APIKEY",
    "CREDENTIAL",
    "CREDENTIALS",
    "DSN",
    "PASSWORDS",
    "REQUIREPASS",
    "PGPASSWORD",
    "REDISCLI",
    "SSHPASS",
];
/// `KEY` is a secret beside one of these.
const KEYS: [&str; 8] = ["API", "ACCESS", "PRIVATE", "SECRET", "SIGNING", "ENCRYPTION", "MASTER", "SERVICE"];
/// Last words that tell of something about a secret and not of the secret itself: where it is, what kind, how many, how
/// long, from whom.
const ABOUT: [&str; 59] = [
    "AGE",
    "ALGO",
    "ALGORITHM",
    "AUDIENCE",
    "CHARACTERS",
    "CLASS",
    "COUNT",
    "DAYS",
    "DIR",
    "DISABLED",
    "DOMAIN",
    "DOMAINS",
    "ENABLED",
    "ENDPOINT",
    "EXPIRATION",
    "EXPIRE",
    "EXPIRES",
    "EXPIRY",
    "FIELD",
    "FILE",
    "FORMAT",
    "HEADER",
    "HOST",
    "HOSTNAME",
    "HOURS",
    "ISSUER",
    "LANGUAGE",
    "LENGTH",
    "LIFETIME",
    "LIMIT",
    "MECHANISM",
    "METHOD",
    "MINS",
    "MINUTES",
    "MODE",
    "NAME",
    "PATH",
    "POLICY",
    "PORT",
    "PROTOCOL",
    "PROVIDER",
    "READYPORT",
    "REALM",
    "REQUIRED",
    "REQUIREMENTS",
    "ROOTCERTBUNDLE",
    "ROUNDS",
    "SCHEME",
    "SECONDS",
    "SERVERS",
    "SERVICE",
    "SIZE",
    "SOURCE",
    "TIMEOUT",
    "TTL",
    "TYPE",
    "URI",
    "URL",
    "USERNAME",
];
/// Words that make a name one of a time, wherever they stand: `TOKEN_EXPIRY_IN_MINUTES`.
const TIMES: [&str; 4] = ["EXPIRY", "EXPIRE", "EXPIRES", "EXPIRATION"];
/// Names of files with secrets that do not say so.
const FILES: [&str; 4] = [
    "GOOGLE_APPLICATION_CREDENTIALS",
    "KAFKA_SSL_KEYSTORE_CREDENTIALS",
    "KAFKA_SSL_KEY_CREDENTIALS",
    "KAFKA_SSL_TRUSTSTORE_CREDENTIALS",
];

/// In a line of more bytes than this, everything behind the first sensitive name is taken for a secret: to find where
/// each value ends would take as long as the line for each of them.
const LONG: usize = 64 * 1024;
/// So many bytes behind the start of a value are looked at for its end.
const NEAR: usize = 4096;

/// Whether a variable, label or argument of that name is taken for a secret.
#[must_use]
pub fn is_sensitive(name: &str) -> bool {
    if name.is_ascii() && !speaks(name) {
        return false;
    }
    let words = words(name);
    let has = |wanted: &str| words.iter().any(|word| word == wanted);
    let last = words.last().map_or("", String::as_str);
    let counts = last == "TOKENS" && (has("MAX") || has("MIN"));
    let about = ABOUT.contains(&last) || TIMES.iter().any(|word| has(word)) || counts;
    if about || FILES.contains(&name) || matches!(name, "PWD" | "OLDPWD") {
        return false;
    }
    WORDS.iter().any(|word| has(word)) || has("KEY") && KEYS.iter().any(|word| has(word))
}

/// Whether a name promises that its value is a secret. Fewer do than are hidden: what only speaks of secrets, or counts
/// tokens, need not be shown, but is nothing to complain of.
#[must_use]
pub fn promises_secret(name: &str) -> bool {
    let words = words(name);
    let last = words.last().map_or("", String::as_str);
    let before = words.iter().rev().nth(1).map_or("", String::as_str);
    // The key by which a service is known, and the object that holds a certificate, are names.
    let is_name = matches!((before, last), ("SERVICE", "KEY") | ("TLS", "SECRET"));
    is_sensitive(name) && !is_name && !matches!(last, "LIST" | "PREFIX" | "TOKENS" | "SECRETS" | "USERS")
}

/// Whether a word that makes a name sensitive begins somewhere in a name, however it goes on: what has none needs no
/// closer look.
fn speaks(name: &str) -> bool {
    const STARTS: [&[u8]; 8] =
        [b"PASS", b"PWD", b"SECRET", b"TOKEN", b"KEY", b"CREDENTIAL", b"DSN", b"REDISCLI"];
    let bytes = name.as_bytes();
    (0..bytes.len()).any(|at| {
        let first = bytes[at].to_ascii_uppercase();
        matches!(first, b'P' | b'S' | b'T' | b'K' | b'C' | b'D' | b'R')
            && STARTS.iter().any(|start| {
                bytes.get(at..at + start.len()).is_some_and(|part| part.eq_ignore_ascii_case(start))
            })
    })
}

/// Whether a value is a switch, and so no secret whatever its name says.
#[must_use]
pub fn is_switch(value: &str) -> bool {
    let words = ["true", "false", "yes", "no", "on", "off", "null", "0", "1"];
    value.len() <= 5 && words.iter().any(|word| value.eq_ignore_ascii_case(word))
}

/// Whether a text has the shape of a secret, whatever its name says: a key in PEM, the password of an address, a token of
/// a well-known issuer.
#[must_use]
pub fn holds_secret(text: &str) -> bool {
    let has = |byte| text.as_bytes().contains(&byte);
    has(b' ') && is_private_key(text) || has(b'@') && !passwords(text).is_empty() || token::is_in(text)
}

fn is_private_key(text: &str) -> bool {
    text.split("-----BEGIN ")
        .skip(1)
        .any(|rest| rest.split("-----").next().is_some_and(|kind| kind.ends_with("PRIVATE KEY")))
}

/// The bytes of the passwords in addresses, `scheme://user:password@host`; those that are variables of a shell are none.
#[must_use]
pub fn passwords(text: &str) -> Vec<Range<usize>> {
    let ends = |letter: char| letter.is_whitespace() || matches!(letter, '/' | '?' | '#' | '"' | '\'' | '`');
    let mut found = Vec::new();
    for (at, _) in text.match_indices("://") {
        let start = at + 3;
        let authority = text[start..].split(ends).next().unwrap_or_default();
        let Some((user, _)) = authority.rsplit_once('@') else { continue };
        let Some((name, password)) = user.split_once(':') else { continue };
        if !password.is_empty() && !password.starts_with('$') {
            let first = start + name.len() + 1;
            found.push(first..first + password.len());
        }
    }
    found
}

/// The words of a name in capitals: it is split at `_`, `-`, `.` and where a capital follows a small letter.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut small = false;
    for letter in name.chars() {
        let is_break = matches!(letter, '_' | '-' | '.');
        if is_break || small && letter.is_uppercase() {
            words.push(String::new());
        }
        small = letter.is_lowercase();
        if let Some(word) = words.last_mut().filter(|_| !is_break) {
            word.extend(letter.to_uppercase());
        }
    }
    words
}

/// Whether a line of a text may hold a secret, as [`secrets`] finds them; most texts speak of none.
#[must_use]
pub fn may_hold_secrets(text: &str) -> bool {
    !text.is_ascii() || speaks(text) || text.contains("://") || flags::may_have_flags(text)
}

/// The bytes of a line that hold a secret: the value of a sensitive name, the password of an address, and what a command
/// takes for one. Variables stay readable, their defaults do not.
#[must_use]
pub fn secrets(line: &str) -> Vec<Range<usize>> {
    look(line, false)
}

/// Whether a line holds a secret, as [`secrets`] finds them.
fn has_secret(line: &str) -> bool {
    !look(line, true).is_empty()
}

/// The secrets of a line: all, or those of the first place that has one.
fn look(line: &str, first: bool) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    if !may_hold_secrets(line) {
        return found;
    }
    let mut at = 0;
    while let Some(mark) = line[at..].find(['=', ':']).map(|next| at + next) {
        if first && !found.is_empty() {
            return found;
        }
        at = mark + 1;
        let password = line[mark..].starts_with("://").then(|| password(line, mark + 3)).flatten();
        if let Some(password) = password {
            literals(line, password, &mut found);
        } else if !line[at..].starts_with('?') && names_secret(line, mark) {
            if line.len() > LONG {
                found.push(at..line.len());
                break;
            }
            literals(line, value(line, mark), &mut found);
        }
    }
    for named in command::flags(line) {
        literals(line, named.value.range, &mut found);
    }
    found
}

/// The bytes of the name before a `=` or `:`, which may be quoted and stand in brackets.
fn name(line: &str, mark: usize) -> Range<usize> {
    let before = line[..mark].trim_end_matches(['"', '\'', '\\', ' ', '\t', ']']);
    let is_name = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.');
    before.trim_end_matches(is_name).len()..before.len()
}

/// Whether the name before a `=` or `:` is sensitive.
fn names_secret(line: &str, mark: usize) -> bool {
    let range = name(line, mark);
    let name = &line[range.clone()];
    // What follows a variable is no value of it; `secrets:` is a section of Compose, and what stands there are names.
    !line[..range.start].ends_with('$')
        && !name.eq_ignore_ascii_case("secrets")
        && is_sensitive(name)
        && !is_address(line, &range, mark)
}

/// Whether a name in quotes is that of a host, and a port all that follows: `"token-store:8200"`.
fn is_address(line: &str, name: &Range<usize>, mark: usize) -> bool {
    let port = line[mark..]
        .strip_prefix(':')
        .map(|rest| rest.trim_start_matches(|letter: char| letter.is_ascii_digit()));
    let quote = line[..name.start].chars().next_back().filter(|quote| matches!(quote, '"' | '\''));
    name.end == mark
        && quote.is_some_and(|quote| {
            port.is_some_and(|rest| rest.starts_with(quote) && !line[mark + 1..].starts_with(quote))
        })
}

/// The value behind a `=` or `:`: to the end of its quotes or of the command that gives it, and else to the end of the
/// line, of the entry or of the default that it stands in.
fn value(line: &str, mark: usize) -> Range<usize> {
    let start = line.len() - line[mark + 1..].trim_start_matches([' ', '\t', '-', '"', '\'', '\\']).len();
    if let Some(end) = end_of_quotes(line, start).or_else(|| end_of_command(line, start)) {
        return start..end;
    }
    let in_braces = line[..mark].rfind("${").is_some_and(|open| !line[open..mark].contains('}'));
    let in_flow = line[..mark].contains(['{', '[']) && !in_braces;
    // What ends it further behind is hidden with it: to look for that would take as long as the line for each value.
    let near = &line[start..line.floor_char_boundary(start.saturating_add(NEAR))];
    let closing: &[char] = if in_braces { &['}'] } else { &[',', '}', ']'] };
    let closed = if in_braces || in_flow { near.find(closing) } else { None };
    let comment = near[..closed.unwrap_or(near.len())].find(" #");
    let end = comment.or(closed).map_or(line.len(), |end| start + end);
    start..start + line[start..end].trim_end_matches([' ', '\t', '"', '\'']).len()
}

/// Where the quotes end that begin before a byte; nothing where none do, or something follows them closely.
fn end_of_quotes(line: &str, start: usize) -> Option<usize> {
    let quote = line[..start].chars().next_back().filter(|mark| matches!(mark, '"' | '\''))?;
    let is_escaped = line[..start - 1].ends_with('\\');
    let mut at = start;
    loop {
        let end = at + line[at..].find(quote)?;
        let next = line[end + 1..].chars().next();
        if quote == '\'' && next == Some('\'') {
            at = end + 2;
        } else if quote == '"' && !is_escaped && line[..end].ends_with('\\') {
            at = end + 1;
        } else {
            let ends = next.is_none_or(|next| !next.is_alphanumeric());
            return ends.then(|| start + line[start..end].trim_end_matches('\\').len());
        }
    }
}

/// Where a command ends whose output is the value, `$(…)`, and the word with it.
fn end_of_command(line: &str, start: usize) -> Option<usize> {
    let inner =
        line[start..].trim_start_matches('$').strip_prefix('(').filter(|_| line[start..].starts_with('$'))?;
    let end = line.len() - inner.len() + closed(inner)?;
    let rest = line[end..].find(|letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'' | ';'));
    Some(rest.map_or(line.len(), |rest| end + rest))
}

/// How many bytes there are to the end of a bracket that is open.
fn closed(text: &str) -> Option<usize> {
    let mut depth = 1_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at + 1);
        }
    }
    None
}

/// The password in `user:password@`, which begins at `start`.
fn password(line: &str, start: usize) -> Option<Range<usize>> {
    let end = start + line[start..].find(['@', '/', ' ', '"', '\''])?;
    let colon = start + line[start..end].find(':')?;
    line[end..].starts_with('@').then_some(colon + 1..end)
}

/// The parts of a range that are no variables; a switch is no secret.
fn literals(line: &str, range: Range<usize>, found: &mut Vec<Range<usize>>) {
    let text = &line[range.clone()];
    if matches!(text.to_ascii_lowercase().as_str(), "" | "true" | "false" | "yes" | "no" | "null") {
        return;
    }
    let mut at = range.start;
    while at < range.end {
        let rest = &line[at..range.end];
        let variable = match rest.strip_prefix("${") {
            Some(inner) => {
                let name = inner.len() - inner.trim_start_matches(is_of_name).len();
                let word = inner[name..].trim_start_matches([':', '-', '+']);
                // The message behind `?` is for reading; a default is a value.
                if word.starts_with('?') {
                    rest.find('}').map_or(rest.len(), |end| end + 1)
                } else {
                    rest.len() - word.len()
                }
            }
            // What a command puts out is not written here, and its own words are looked at by themselves.
            None if rest.starts_with("$(") => 2 + closed(&rest[2..]).unwrap_or(rest.len() - 2),
            None if rest.starts_with('$') => {
                1 + rest[1..].len() - rest[1..].trim_start_matches(is_of_name).len()
            }
            None if rest.starts_with('}') => 1,
            None => 0,
        };
        let end = if variable > 0 { at } else { at + rest.find(['$', '}']).unwrap_or(rest.len()) };
        if end > at {
            found.push(at..end);
        }
        at = end + variable;
    }
}

/// Whether a letter may stand in the name of a variable.
fn is_of_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line with stars for what is a secret.
    fn hidden(line: &str) -> String {
        let secrets = secrets(line);
        let shown = |(at, letter): (usize, char)| {
            if secrets.iter().any(|secret| secret.contains(&at)) { '*' } else { letter }
        };
        line.char_indices().map(shown).collect()
    }

    #[test]
    fn a_line_keeps_its_variables_and_hides_its_secrets() {
        for (line, shown) in [
            ("      DB_PASSWORD: hunter2 # old", "      DB_PASSWORD: ******* # old"),
            ("      - \"API_KEY=a b\"", "      - \"API_KEY=***\""),
            ("      DB_PASSWORD: ${DB_PASSWORD:?set it}", "      DB_PASSWORD: ${DB_PASSWORD:?set it}"),
            ("      X: ${DB_PASSWORD:-geheim}", "      X: ${DB_PASSWORD:-******}"),
            ("      URL: postgres://app:${PW}x@db:5432/a", "      URL: postgres://app:${PW}*@db:5432/a"),
            ("    environment: {TOKEN: abc, HOST: web}", "    environment: {TOKEN: ***, HOST: web}"),
            ("    secrets: [db_password]", "    secrets: [db_password]"),
            ("    image: nginx:1.27", "    image: nginx:1.27"),
            ("      ALLOW_EMPTY_PASSWORD: \"yes\"", "      ALLOW_EMPTY_PASSWORD: \"yes\""),
            ("export DB_PASSWORD='p a'", "export DB_PASSWORD='***'"),
            ("    DB_PASSWORD: 'it''s'", "    DB_PASSWORD: '*****'"),
            (r#"    DB_PASSWORD: "a\"b""#, r#"    DB_PASSWORD: "****""#),
            (r#"    {DB_PASSWORD: "a, b", C: d}"#, r#"    {DB_PASSWORD: "****", C: d}"#),
            ("ping --password=\"$$(cat /run/pw)\" -h a", "ping --password=\"$$(cat /run/pw)\" -h a"),
            ("TOKEN=$(curl http://a) && b", "TOKEN=$(curl http://a) && b"),
            ("ping --password=\"a b\" -h a", "ping --password=\"***\" -h a"),
            ("      - A=$DB_SECRET:a:b", "      - A=$DB_SECRET:a:b"),
            ("redis-cli -a ${PW:-geheim} ping", "redis-cli -a ${PW:-******} ping"),
            (r#"    X: "{\"db_password\":\"a b\"}""#, r#"    X: "{\"db_password\":\"***\"}""#),
            (r#"address = "token-store:8200""#, r#"address = "token-store:8200""#),
            ("rails['db_password'] = \"a b\"", "rails['db_password'] = \"***\""),
        ] {
            assert_eq!(hidden(line), shown);
        }
    }

    #[test]
    fn values_are_sensitive_by_their_shape() {
        let pem = "-----BEGIN RSA PRIVATE KEY-----\nMII";
        for value in [pem, "postgres://app:s3cret@db:5432/app", "token hvs.CAESIJ0123456789abcdefgh"] {
            assert!(holds_secret(value), "{value}");
        }
        let certificate = "-----BEGIN CERTIFICATE-----";
        for value in ["http://db:5432/a", "postgres://app:@db", "user@host", "http://u:$PW@db", certificate] {
            assert!(!holds_secret(value), "{value}");
        }
    }

    #[test]
    fn names_are_sensitive_by_their_words() {
        for name in ["POSTGRES_PASSWORD", "dbPassword", "API_KEY", "aws-secret-access-key", "SENTRY_DSN"] {
            assert!(is_sensitive(name), "{name}");
        }
        for name in ["PGPASSWORD", "REDISCLI_AUTH", "SSHPASS", "--requirepass"] {
            assert!(promises_secret(name), "{name}");
        }
        for name in ["CSRF_TOKENS", "KNOWN_SECRETS", "TOKEN_PREFIX"] {
            assert!(is_sensitive(name) && !promises_secret(name), "{name}");
        }
        for name in ["TOKEN_LIFETIME", "MAX_TOTAL_TOKENS", "KAFKA_SSL_KEY_CREDENTIALS", "SECRET_USERNAME"] {
            assert!(!is_sensitive(name), "{name}");
        }
        for name in ["TOKENS_READYPORT", "JWT_TOKEN_EXPIRY_IN_MINUTES", "EXPIRE_TOKENS_ON_RESTART"] {
            assert!(!is_sensitive(name), "{name}");
        }
        assert!(is_switch("0") && is_switch("No") && !is_switch("01"));
        assert!(promises_secret("API_TOKEN") && !promises_secret("PASSWORD_FILE"));
        for name in ["PASSWORD_FILE", "KEYBOARD", "CACHE_KEY", "PWD", "TOKEN_TTL", "COMPASS", "AUTH", ""] {
            assert!(!is_sensitive(name), "{name}");
        }
    }
}
