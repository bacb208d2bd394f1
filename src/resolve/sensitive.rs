//! Which names of variables tell that their value is a secret.

/// Words that make a name sensitive wherever they stand.
const WORDS: [&str; 14] = [
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
];
/// `KEY` is a secret beside one of these.
const KEYS: [&str; 8] = ["API", "ACCESS", "PRIVATE", "SECRET", "SIGNING", "ENCRYPTION", "MASTER", "SERVICE"];
/// Last words that tell of something about a secret and not of the secret itself.
const ABOUT: [&str; 9] = ["FILE", "PATH", "DIR", "ENABLED", "LENGTH", "EXPIRY", "TTL", "HEADER", "URL"];

/// Whether a variable, label or argument of that name is taken for a secret.
#[must_use]
pub fn is_sensitive(name: &str) -> bool {
    let words = words(name);
    let has = |wanted: &str| words.iter().any(|word| word == wanted);
    if words.last().is_some_and(|last| ABOUT.contains(&last.as_str())) || matches!(name, "PWD" | "OLDPWD") {
        return false;
    }
    WORDS.iter().any(|word| has(word)) || has("KEY") && KEYS.iter().any(|word| has(word))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sensitive_by_their_words() {
        for name in ["POSTGRES_PASSWORD", "dbPassword", "API_KEY", "aws-secret-access-key", "SENTRY_DSN"] {
            assert!(is_sensitive(name), "{name}");
        }
        for name in ["PASSWORD_FILE", "KEYBOARD", "CACHE_KEY", "PWD", "TOKEN_TTL", "COMPASS", "AUTH", ""] {
            assert!(!is_sensitive(name), "{name}");
        }
    }
}
