//! The accounts that a RUN makes, where their numbers are written out.

use super::dockerfile::instruction::Form;
use super::user::number;
use crate::compose::image_facts::{AccountNumbers, Evidence, Facts, Known};
use crate::source::Text;

/// Options of the four programs that take a value, by their letter and by their name.
const VALUED: &str = "ugGdscbefkKphZo";
const VALUED_NAMES: [&str; 14] = [
    "uid",
    "gid",
    "groups",
    "home",
    "home-dir",
    "shell",
    "comment",
    "gecos",
    "ingroup",
    "base-dir",
    "expiredate",
    "inactive",
    "password",
    "skel",
];

/// Words of a shell that make it uncertain whether a command runs at all, or with which words.
const CONDITIONS: [&str; 8] = ["if", "case", "for", "while", "until", "function", "eval", "||"];

/// Programs that change what is known.
const CHANGES: [&str; 6] = ["usermod", "groupmod", "userdel", "groupdel", "deluser", "delgroup"];

/// Takes in the accounts that a RUN makes.
pub(super) fn learn(facts: &mut Facts, form: &Form, documents: &[String], evidence: &Evidence) {
    let commands = match form {
        Form::Exec(words) => {
            // `["/bin/sh", "-c", "…"]` is a line too.
            match words.as_slice() {
                [shell, option, line] if shell.ends_with("sh") && option.ends_with('c') => commands(line),
                _ => vec![words.iter().map(Text::to_string).collect()],
            }
        }
        Form::Shell(line) if documents.is_empty() => commands(line),
        Form::Shell(_) => documents.iter().flat_map(|document| commands(document)).collect(),
    };
    let is = |word: &String, list: &[&str]| {
        let name = word.rsplit('/').next().unwrap_or(word);
        list.contains(&name)
    };
    if commands.iter().flatten().any(|word| is(word, &CHANGES)) {
        facts.accounts.clear();
        facts.groups.clear();
        return;
    }
    let certain = !commands.iter().flatten().any(|word| CONDITIONS.contains(&word.as_str()));
    for command in &commands {
        let Some(at) =
            command.iter().position(|word| is(word, &["useradd", "adduser", "groupadd", "addgroup"]))
        else {
            continue;
        };
        let program = command[at].rsplit('/').next().unwrap_or_default();
        if let Some(made) = made(&command[at + 1..]) {
            // Behind another word than an assignment, as in `sudo useradd`, it still makes the account.
            take(facts, program.starts_with("group") || program == "addgroup", made, certain, evidence);
        }
    }
}

/// What one command makes.
#[derive(Debug, Default, PartialEq)]
struct Made {
    names: Vec<String>,
    id: Option<u32>,
    /// The group: `useradd -g`, `adduser -G` or `--ingroup`.
    groups: Vec<String>,
}

fn made(words: &[String]) -> Option<Made> {
    let mut made = Made::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let Some(option) = word.strip_prefix('-').filter(|option| !option.is_empty()) else {
            made.names.push(word.clone());
            continue;
        };
        let (name, value) = match option.strip_prefix('-') {
            Some(long) => match long.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None if VALUED_NAMES.contains(&long) => (long, words.next().cloned()),
                None => (long, None),
            },
            None => match option.find(|letter| VALUED.contains(letter)) {
                // `o` takes no value: it permits a number that is taken.
                Some(at) if option.as_bytes()[at] == b'o' && at + 1 == option.len() => continue,
                Some(at) if at + 1 < option.len() => (&option[at..=at], Some(option[at + 1..].to_owned())),
                Some(at) => (&option[at..=at], words.next().cloned()),
                None => continue,
            },
        };
        match (name, value) {
            ("u" | "uid", Some(value)) => made.id = Some(number(&value)?),
            ("g" | "gid" | "G" | "ingroup", Some(value)) => made.groups.push(format!("{name}={value}")),
            _ => {}
        }
    }
    Some(made)
}

fn take(facts: &mut Facts, is_group: bool, made: Made, certain: bool, evidence: &Evidence) {
    let Some(name) = made.names.first().filter(|name| is_name(name)) else { return };
    let name = Text::new(name);
    let group = |key: &str| {
        let mut values = made.groups.iter().filter_map(|group| group.split_once('='));
        values.find(|(name, _)| *name == key).map(|(_, value)| value.to_owned())
    };
    let number_of = |facts: &Facts, group: &str| {
        number(group).or_else(|| facts.groups.get(group).map(|known| known.value))
    };
    if is_group {
        // `addgroup USER GROUP` puts a user into a group.
        if made.names.len() == 1 {
            let id = group("g").or_else(|| group("gid")).and_then(|value| number(&value));
            match id.filter(|_| certain) {
                Some(value) => {
                    facts.groups.insert(name, Known { value, evidence: evidence.clone() });
                }
                None => {
                    facts.groups.remove(&name);
                }
            }
        }
        return;
    }
    // `adduser USER GROUP` puts a user into a group.
    if made.names.len() > 1 {
        return;
    }
    let Some(uid) = made.id.filter(|_| certain) else {
        facts.accounts.remove(&name);
        return;
    };
    // `-G` and `-g` mean different things to different programs, so a group counts where it can be only one.
    let wanted = group("ingroup").or_else(|| group("gid")).or_else(|| group("g")).or_else(|| group("G"));
    let gid = wanted.as_deref().and_then(|group| number_of(facts, group));
    let value = AccountNumbers { uid, gid };
    facts.accounts.insert(name, Known { value, evidence: evidence.clone() });
}

fn is_name(name: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    name.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_')
        && name.bytes().all(is_letter)
}

/// The commands of a line, each as its words; `||` is a word of its own.
fn commands(line: &str) -> Vec<Vec<String>> {
    let mut commands = vec![Vec::new()];
    let mut word = String::new();
    let mut quote = None;
    let mut letters = line.chars().peekable();
    let end = |commands: &mut Vec<Vec<String>>, word: &mut String| {
        if !word.is_empty()
            && let Some(command) = commands.last_mut()
        {
            command.push(std::mem::take(word));
        }
    };
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (Some(_), _) => word.push(letter),
            (None, '\'' | '"') => quote = Some(letter),
            (None, '\\') => word.extend(letters.next().filter(|letter| *letter != '\n')),
            (None, ' ' | '\t' | '\r') => end(&mut commands, &mut word),
            (None, ';' | '&' | '|' | '\n' | '(' | ')') => {
                end(&mut commands, &mut word);
                if letter == '|' && letters.next_if_eq(&'|').is_some() {
                    commands.push(vec!["||".to_owned()]);
                }
                commands.push(Vec::new());
            }
            (None, _) => word.push(letter),
        }
    }
    end(&mut commands, &mut word);
    commands.retain(|command| !command.is_empty());
    commands
}
