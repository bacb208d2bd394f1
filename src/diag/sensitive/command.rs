//! Which parts of a command are secrets: of a line for a shell, or of words.

use super::flags::by_flags;
use super::{is_of_name, is_sensitive, is_switch, may_hold_secrets, passwords, promises_secret};
use std::collections::BTreeMap;
use std::ops::Range;

/// A part of one of several words; of a line, which is one, the number is nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The number of the word.
    pub word: usize,
    /// The bytes of it.
    pub range: Range<usize>,
}

/// A secret in a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The name of what it is: that of a variable, a flag, a header.
    pub name: String,
    /// Where that name stands, or the flag that means it.
    pub by: Place,
    /// The secret.
    pub value: Place,
}

impl Place {
    pub(super) fn new(word: usize, range: Range<usize>) -> Self {
        Self { word, range }
    }
}

impl Named {
    /// Whether it is the password of an address.
    #[must_use]
    pub fn is_of_address(&self) -> bool {
        self.by == self.value
    }

    /// Whether a name promises it, or a header that is there for nothing else.
    #[must_use]
    pub fn is_promised(&self) -> bool {
        promises_secret(self.name.trim_start_matches('-')) || is_header(&self.name)
    }

    /// A secret in a line with the name that stands there.
    fn of(text: &str, by: Range<usize>, value: Range<usize>) -> Self {
        Self { name: text[by.clone()].to_owned(), by: Place::new(0, by), value: Place::new(0, value) }
    }
}

/// What a password is called that no name is given.
pub(super) const PASSWORD: &str = "PASSWORD";
/// The same of one in an address.
const ADDRESS: &str = "URL_PASSWORD";
/// A header whose value is one, though its name does not say so.
pub(super) const HEADER: &str = "Authorization";

/// Whether a name is none that a command gives.
#[must_use]
pub fn is_unnamed(name: &str) -> bool {
    matches!(name, PASSWORD | ADDRESS)
}

/// The parts of a text that are secrets: `--token=…`, `--token …`, `PASSWORD=…`, `mysql -p…`, a header or a member of
/// JSON that is named so, the default in `${PASSWORD:-…}` of a shell, the password of an address.
#[must_use]
pub fn of_line(text: &str) -> Vec<Named> {
    if !may_hold_secrets(text) {
        return Vec::new();
    }
    let mut found = BTreeMap::new();
    let of_addresses = passwords(text).into_iter().map(|range| Named {
        name: ADDRESS.to_owned(),
        by: Place::new(0, range.clone()),
        value: Place::new(0, range),
    });
    let assigned = assigned(text).into_iter();
    for named in of_addresses.chain(assigned).chain(members(text)).chain(flags(text)).chain(defaults(text)) {
        add(&mut found, named, &[text]);
    }
    found.into_values().collect()
}

/// The parts of words that are secrets.
#[must_use]
pub fn of_words(words: &[&str]) -> Vec<Named> {
    if !words.iter().any(|word| may_hold_secrets(word)) {
        return Vec::new();
    }
    let mut found = BTreeMap::new();
    for named in behind_flags(words) {
        add(&mut found, named, words);
    }
    for (at, word) in words.iter().enumerate() {
        for mut named in of_line(word) {
            (named.by.word, named.value.word) = (at, at);
            add(&mut found, named, words);
        }
    }
    found.into_values().collect()
}

/// Whether a text names a secret that a command is given, also when a variable holds it.
#[must_use]
pub fn names_secret(text: &str) -> bool {
    may_hold_secrets(text) && !(flags(text).is_empty() && assigned(text).is_empty())
}

/// Adds what is written out, and not found yet; `found` is in the order of the places, of which none touches another.
fn add(found: &mut BTreeMap<(usize, usize), Named>, named: Named, words: &[&str]) {
    let Place { word, range } = &named.value;
    let before = found.range(..(*word, range.end)).next_back();
    let is_known =
        before.is_some_and(|(_, known)| known.value.word == *word && known.value.range.end > range.start);
    if !is_known && is_literal(&words[*word][range.clone()]) {
        found.insert((*word, range.start), named);
    }
}

/// The values of flags that are named like a secret, or by which a program takes one.
#[must_use]
pub fn flags(text: &str) -> Vec<Named> {
    let mut found = Vec::new();
    if !text.contains('-') && !text.contains("mc ") {
        return found;
    }
    for words in commands(text) {
        let texts: Vec<&str> = words.iter().map(|word| &text[word.clone()]).collect();
        let is_glued = |at: usize| {
            words.get(at + 1).is_some_and(|next: &Range<usize>| next.start == words[at].end + 1)
                && text[words[at].end..].starts_with(['"', '\''])
        };
        for Named { name, by, value } in by_flags(&texts, &is_glued) {
            let Place { word, range } = value;
            let own = words[word].start + range.start..words[word].end;
            let whole = if range.start == 0 { quoted(text, own.start) } else { None };
            let start = words[by.word].start;
            let by = Place::new(0, start + by.range.start..start + by.range.end);
            found.push(Named { name, by, value: Place::new(0, whole.unwrap_or(own)) });
        }
    }
    found
}

/// The words of each command of a text, whose quotes stand between words: a line of YAML may quote all of it.
fn commands(text: &str) -> Vec<Vec<Range<usize>>> {
    let mut commands = vec![Vec::new()];
    let mut start = 0;
    let end_word = |start: usize, end: usize, is_command: bool, commands: &mut Vec<Vec<Range<usize>>>| {
        let word = text[start..end].trim_end_matches([',', ']', '\\']);
        let end = start + word.len();
        let start = end - word.trim_start_matches('[').len();
        if let Some(last) = commands.last_mut().filter(|_| start < end) {
            last.push(start..end);
        }
        if is_command && commands.last().is_some_and(|last| !last.is_empty()) {
            commands.push(Vec::new());
        }
    };
    for (at, letter) in text.char_indices() {
        let is_line = letter == '\n' && !text[..at].ends_with('\\');
        let is_command = is_line || matches!(letter, ';' | '&' | '|' | '(' | ')' | '`');
        if is_command || letter.is_whitespace() || matches!(letter, '"' | '\'') {
            end_word(start, at, is_command, &mut commands);
            start = at + letter.len_utf8();
        }
    }
    end_word(start, text.len(), false, &mut commands);
    commands
}

/// What follows flags for secrets among words, also when it is a variable.
#[must_use]
pub fn behind_flags(words: &[&str]) -> Vec<Named> {
    by_flags(words, &|_| false)
}

/// The values behind `=`: `--token=…`, `PASSWORD=…`.
fn assigned(text: &str) -> Vec<Named> {
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.');
    let mut found = Vec::new();
    // Where the word ends that was looked at last: words in words share their end, which is looked for once.
    let mut word_end = 0;
    for (at, _) in text.match_indices('=') {
        let before = &text[..at];
        let name = &before[before.trim_end_matches(is_name).len()..];
        if is_sensitive(name.trim_start_matches('-')) {
            let value = open_quotes(text, at + 1).unwrap_or_else(|| {
                if word_end <= at {
                    word_end = at + 1 + text[at + 1..].find(ends).unwrap_or(text.len() - at - 1);
                }
                at + 1..word_end
            });
            found.push(Named::of(text, at - name.len()..at, value));
        }
    }
    found
}

/// The values of headers and of members of JSON: `'X-Api-Key: …'`, `{"password": "…"}`.
fn members(text: &str) -> Vec<Named> {
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    let mut found = Vec::new();
    for (at, _) in text.match_indices(':') {
        let before = &text[..at];
        let member = before.strip_suffix('"').map(|before| before.strip_suffix('\\').unwrap_or(before));
        let name_end = member.unwrap_or(before).len();
        let start = before[..name_end].trim_end_matches(is_name).len();
        let name = &before[start..name_end];
        let quote = before[..start].chars().next_back();
        if quote.is_some_and(|quote| !matches!(quote, '"' | '\'')) {
            continue;
        }
        let rest = &text[at + 1..];
        let first = at + 1 + rest.len() - rest.trim_start_matches(' ').len();
        if member.is_some() && is_sensitive(name) {
            let opened = text[first..].strip_prefix('\\').unwrap_or(&text[first..]);
            if opened.starts_with('"') {
                let value = quoted(text, text.len() - opened.len() + 1);
                found.extend(value.map(|value| Named::of(text, start..name_end, value)));
            }
        } else if member.is_none() && (name.contains('-') && is_sensitive(name) || is_header(name)) {
            let end = quote.and_then(|quote| text[first..].find(quote)).map_or(text.len(), |end| first + end);
            let bearer = text[first..end].split_once(' ').filter(|_| is_header(name));
            let first = bearer.map_or(first, |(scheme, _)| first + scheme.len() + 1);
            found.push(Named::of(text, start..name_end, first..end));
        }
    }
    found
}

fn is_header(name: &str) -> bool {
    name.eq_ignore_ascii_case(HEADER)
}

/// What stands in the quotes that open at a byte.
fn open_quotes(text: &str, start: usize) -> Option<Range<usize>> {
    let open = text[start..].strip_prefix('\\').unwrap_or(&text[start..]);
    open.starts_with(['"', '\'']).then(|| quoted(text, text.len() - open.len() + 1)).flatten()
}

/// From a byte behind a quote to its end; nothing without a quote before it or behind it.
fn quoted(text: &str, start: usize) -> Option<Range<usize>> {
    let quote = text[..start].chars().next_back().filter(|mark| matches!(mark, '"' | '\''))?;
    let end = start + text[start..].find(quote)?;
    Some(start..start + text[start..end].trim_end_matches('\\').len())
}

/// Whether a value is written out: no variable, no command, no switch.
fn is_literal(value: &str) -> bool {
    !value.is_empty() && !value.starts_with(['$', '`', '{', '%', '=']) && !is_switch(value)
}

/// The defaults that a shell gives to variables with sensitive names, and the names: `${PASSWORD:-…}`, `${PASSWORD:=…}`.
fn defaults(text: &str) -> Vec<Named> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("${") {
        let inner = &text[at + 2..];
        let name = &inner[..inner.find(|letter| !is_of_name(letter)).unwrap_or(inner.len())];
        let behind = &inner[name.len()..];
        let word = behind.strip_prefix(':').unwrap_or(behind);
        if !word.starts_with(['-', '=']) || !is_sensitive(name) {
            continue;
        }
        let Some(end) = word.find('}') else { break };
        let quoted = &word[1..end];
        let value = quoted.trim_matches(['"', '\'']);
        if !value.is_empty() && !value.contains(['$', '`', '{']) && !is_switch(value) {
            let opened = quoted.len() - quoted.trim_start_matches(['"', '\'']).len();
            let start = at + 2 + inner.len() - word.len() + 1 + opened;
            found.push(Named::of(text, at + 2..at + 2 + name.len(), start..start + value.len()));
        }
    }
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
            let found = of_line(text);
            found
                .iter()
                .map(|named| format!("{} {}", named.name, &text[named.value.range.clone()]))
                .collect::<Vec<_>>()
        };
        assert_eq!(shown("-dev-root-token-id=abc"), ["-dev-root-token-id abc"]);
        assert_eq!(shown("psql postgres://u:pw@h/d"), ["URL_PASSWORD pw"]);
        assert_eq!(shown("PGSSL=1 DB_PASSWORD=x psql; y"), ["DB_PASSWORD x"]);
        assert_eq!(
            shown("login ${DB_PASSWORD:-geheim} ${API_KEY=\"k-1\"}"),
            ["DB_PASSWORD geheim", "API_KEY k-1"]
        );
        assert_eq!(shown("x ${TOKEN:=abc}"), ["TOKEN abc"]);
        assert!(
            shown("${TOKEN:-$OTHER} ${TOKEN:-} ${TOKEN:?set it} ${TOKEN} ${HOST:-web} ${TOKEN:-a").is_empty()
        );
        assert!(shown("--password=$PW --token-file=/x --no-password=true").is_empty());
        assert_eq!(shown("a --password x"), ["--password x"]);
        assert!(shown("a --no-password x --token-file /x --password-stdin x").is_empty());
    }

    #[test]
    fn words_behind_flags_are_found_in_lines() {
        let shown = |text: &str| {
            let found = of_line(text);
            found.iter().map(|named| text[named.value.range.clone()].to_owned()).collect::<Vec<_>>()
        };
        for (text, secret) in [
            ("mysqladmin ping --password=geheim -h localhost", "geheim"),
            ("mysqladmin ping --password=\"ge heim\" -h localhost", "ge heim"),
            ("mysqladmin ping -h x -uroot -pgeheim || exit 1", "geheim"),
            ("mysqladmin ping -p\"ge heim\" -h x", "ge heim"),
            ("/usr/bin/redis-cli -p 6379 -a geheim ping | grep PONG", "geheim"),
            ("redis-server --requirepass 'ge heim' --port 1", "ge heim"),
            ("/opt/mssql-tools/bin/sqlcmd -S localhost -U sa -P \"Ge heim1\" -Q 'SELECT 1'", "Ge heim1"),
            ("curl -sf -u admin:geheim http://a", "geheim"),
            ("curl --user admin:geheim http://a", "geheim"),
            ("mongosh -u root -pgeheim --eval x", "geheim"),
            ("sleep 1; mc alias set local http://m:9000 root geheim; mc ls", "geheim"),
            ("curl -sfu admin:geheim http://a", "geheim"),
            ("curl \\\n  --user admin:geheim \\\n http://a", "geheim"),
            ("mc admin user add local name geheim", "geheim"),
            ("curl -H 'authorization: Basic geheim' http://a", "geheim"),
            ("mc config host add local http://m:9000 root geheim && mc ls", "geheim"),
            ("curl -H \"X-Api-Key: geheim\" http://a", "geheim"),
            ("curl -H 'Authorization: Bearer geheim' http://a", "geheim"),
            ("curl -d '{\"user\": \"a\", \"password\": \"geheim\"}' http://a", "geheim"),
            ("      test: [CMD, mysqladmin, ping, -pgeheim]", "geheim"),
            ("      test: [\"CMD\", \"redis-cli\", \"-a\", \"geheim\"]", "geheim"),
        ] {
            assert_eq!(shown(text), [secret], "{text}");
        }
        for text in [
            "mysqladmin ping -p -h x",
            "mysqladmin ping -p\"$PW\" -p$PW --password=\"$(cat /run/secrets/pw)\"",
            "mysql -uroot; grep -pattern x",
            "redis-cli -p 6379 -a $PW ping",
            "curl -u $USER:$PW http://a; curl -u admin: http://a",
            "curl -H \"Authorization: Bearer $TOKEN\" -H 'Accept: text/html'",
            "pg_isready -p 5432 -U app",
            "mc alias set local http://m:9000 $USER $PASSWORD",
            "mc alias set local http://m:9000 && mc ls a b c",
            "mc anonymous set download local/a local/b local/c local/d",
            "curl -sf http://admin:8080; tar -cfu a:b",
            "TOKEN=$(curl -s http://a) && login --token-stdin",
        ] {
            assert!(shown(text).is_empty(), "{text}: {:?}", shown(text));
        }
    }

    #[test]
    fn words_behind_flags_are_found_in_lists() {
        let shown = |words: &[&str]| {
            let found = of_words(words);
            let text = |named: &Named| words[named.value.word][named.value.range.clone()].to_owned();
            found.iter().map(text).collect::<Vec<_>>()
        };
        assert_eq!(shown(&["mysqladmin", "ping", "-pge heim"]), ["ge heim"]);
        assert_eq!(shown(&["redis-server", "--requirepass", "a", "--port", "1"]), ["a"]);
        assert_eq!(shown(&["redis-cli", "-a", "x y", "ping"]), ["x y"]);
        assert_eq!(shown(&["sh", "-c", "redis-cli -a xy ping"]), ["xy"]);
        assert_eq!(shown(&["curl", "-H", "X-Api-Key: a b"]), ["a b"]);
        assert_eq!(shown(&["--password", "a=b TOKEN=c"]), ["a=b TOKEN=c"]);
        assert!(shown(&["redis-cli", "-a", "$PW", "--password", "--x", "-u", "a:b"]).is_empty());
    }
}
