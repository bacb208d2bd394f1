//! The flags by which programs take passwords: those that are named like one, and those that nobody would guess.

use super::command::{HEADER, Named, PASSWORD, Place};
use super::is_sensitive;

/// How a program takes a password whose flag does not say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// In the word of the flag: `-pgeheim`.
    Attached,
    /// As the next word, or in that of the flag: `-a geheim`.
    Next,
    /// The same, behind the name of a user: `-u name:geheim`, also as `-sfu name:geheim`.
    Pair,
    /// So many words behind the flag, which follows a word: `alias set NAME ADDRESS USER PASSWORD`.
    Behind(&'static str, usize),
}

/// Programs, a flag, and how it takes a password.
const HABITS: [(&[&str], &str, Shape); 12] = [
    (&["mysql", "mysqladmin", "mysqlcheck", "mysqldump", "mysqlimport"], "-p", Shape::Attached),
    (&["mariadb", "mariadb-admin", "mariadb-check", "mariadb-dump"], "-p", Shape::Attached),
    (&["redis-cli", "valkey-cli", "keydb-cli"], "-a", Shape::Next),
    (&["mongo", "mongosh", "mongodump", "mongoexport", "mongoimport", "mongorestore"], "-p", Shape::Next),
    (&["cqlsh", "sshpass"], "-p", Shape::Next),
    (&["sqlcmd", "mosquitto_pub", "mosquitto_sub"], "-P", Shape::Next),
    (&["ldapadd", "ldapdelete", "ldapmodify", "ldapsearch", "ldapwhoami"], "-w", Shape::Next),
    (&["curl"], "-u", Shape::Pair),
    (&["curl"], "--user", Shape::Pair),
    (&["mc"], "set", Shape::Behind("alias", 4)),
    (&["mc"], "add", Shape::Behind("host", 4)),
    (&["mc"], "add", Shape::Behind("user", 3)),
];

/// Whether a text may have a flag by which a program takes a password, or a header.
pub(super) fn may_have_flags(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_flag = |at: usize| {
        bytes[at] == b'-'
            && bytes.get(at + 1).is_some_and(u8::is_ascii_alphabetic)
            && !bytes[..at].last().is_some_and(u8::is_ascii_alphanumeric)
    };
    (0..bytes.len()).any(is_flag) || text.contains("mc ") || text.contains(&HEADER[1..])
}

/// The passwords among the words of a command. `is_glued` says that nothing but a quote is between a word and the next.
pub(super) fn by_flags(words: &[&str], is_glued: &dyn Fn(usize) -> bool) -> Vec<Named> {
    let mut found = Vec::new();
    if !words.iter().any(|word| word.starts_with('-') || matches!(*word, "set" | "add")) {
        return found;
    }
    let mut habits: Vec<(usize, &str, Shape)> = Vec::new();
    let whole = |at: usize| Place::new(at, 0..words[at].len());
    for (at, word) in words.iter().enumerate() {
        let next = || Some(at + 1).filter(|next| words.get(*next).is_some_and(|next| !next.starts_with('-')));
        if announces(word)
            && let Some(next) = next()
        {
            found.push(Named { name: (*word).to_owned(), by: whole(at), value: whole(next) });
        }
        for (program, flag, shape) in &habits {
            let is_short = flag.starts_with('-') && !flag.starts_with("--");
            let is_last = *shape == Shape::Pair && is_short && is_last_of(word, flag);
            let rest = if is_last { Some("") } else { word.strip_prefix(flag) };
            let Some(rest) = rest.filter(|rest| rest.is_empty() || is_short) else { continue };
            let (value, by) = match shape {
                Shape::Attached if rest.is_empty() => (Some(at + 1).filter(|_| is_glued(at)), at),
                Shape::Next | Shape::Pair if rest.is_empty() => (next(), at),
                Shape::Attached | Shape::Next | Shape::Pair => (Some(at), at),
                Shape::Behind(before, count) => {
                    let is_here = at > 0 && words[at - 1] == *before && at + count < words.len();
                    (is_here.then_some(at + count), *program)
                }
            };
            let Some(value) = value else { continue };
            let mut start = if value == at { flag.len() } else { 0 };
            if *shape == Shape::Pair {
                let Some(colon) = words[value][start..].find(':') else { continue };
                start += colon + 1;
            }
            let mut by = whole(by);
            by.range.end = if by.word == value { flag.len() } else { by.range.end };
            let value = Place::new(value, start..words[value].len());
            found.push(Named { name: PASSWORD.to_owned(), by, value });
        }
        let program = word.rsplit('/').next().unwrap_or_default();
        // Most words are no program of the table, which is long.
        if !program.starts_with(['c', 'k', 'l', 'm', 'r', 's', 'v']) {
            continue;
        }
        let own = HABITS.iter().filter(|(programs, ..)| programs.contains(&program));
        let mut own = own.map(|(_, flag, shape)| (at, *flag, *shape)).peekable();
        if own.peek().is_some() {
            habits = own.collect();
        }
    }
    found
}

/// Whether a word is several short flags, of which this is the last: `-sfu`.
fn is_last_of(word: &str, flag: &str) -> bool {
    let letters = word.strip_prefix('-').unwrap_or_default();
    word.len() > flag.len()
        && letters.ends_with(&flag[1..])
        && letters.bytes().all(|letter| letter.is_ascii_alphabetic())
}

/// Whether a word names a secret that the next one is: `--password geheim`.
fn announces(word: &str) -> bool {
    let Some(name) = word.strip_prefix('-') else { return false };
    let name = name.trim_start_matches('-');
    let about = name.starts_with("no-") || name.ends_with("stdin");
    !about && !word.contains(['=', ' ']) && is_sensitive(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::sensitive::command::of_line;

    #[test]
    fn every_program_of_the_table_is_looked_for() {
        for (program, flag, shape) in HABITS
            .iter()
            .flat_map(|(programs, flag, shape)| programs.iter().map(move |program| (program, flag, shape)))
        {
            let line = match shape {
                Shape::Attached => format!("{program} {flag}geheim"),
                Shape::Next => format!("/usr/bin/{program} {flag} geheim"),
                Shape::Pair => format!("{program} {flag} name:geheim"),
                Shape::Behind(before, count) => {
                    format!("{program} {before} {flag} {} geheim", "a ".repeat(count - 1))
                }
            };
            let found = of_line(&line);
            assert!(
                matches!(found.as_slice(), [named] if line[named.value.range.clone()] == *"geheim"),
                "{line}"
            );
        }
    }
}
