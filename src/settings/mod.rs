//! Text to settings: what `transship.toml` says, checked against the table of its keys, with the place of everything.

pub mod glob;
pub mod keys;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::source::nearest::nearest;
use crate::source::span::{FileId, Span};
use keys::{Key, Shape, TOP};

/// A table; only keys that it may have, with values of their shapes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    entries: Vec<Entry>,
}

/// A key and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key.
    pub name: String,
    /// The key's place.
    pub key: Span,
    /// The value.
    pub value: Value,
    /// The value's place.
    pub span: Span,
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text.
    Text(String),
    /// A switch.
    Flag(bool),
    /// Texts and their places.
    Texts(Vec<(String, Span)>),
    /// A table.
    Table(Table),
    /// Tables and their places.
    Tables(Vec<(Table, Span)>),
}

/// What is wrong with the text.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// The place.
    pub span: Span,
    /// The fact.
    pub message: String,
    /// The next step.
    pub tip: String,
}

/// Reads the text of a `transship.toml`; `rules` are the names of all rules.
#[must_use]
pub fn read(file: FileId, text: &str, rules: &[&'static str]) -> (Table, Vec<Problem>) {
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut reader = Reader { file, rules, problems: Vec::new() };
    for error in errors {
        let range = error.span().unwrap_or(0..0);
        let message = error.message().lines().next().unwrap_or("the text breaks off").to_owned();
        reader.refuse(range, message, "see https://toml.io for how a value is written".to_owned());
    }
    // What was recovered of a broken text would only bring more errors.
    if !reader.problems.is_empty() {
        return (Table::default(), reader.problems);
    }
    let table = reader.table(document.get_ref(), document.span(), TOP);
    reader.problems.sort_by_key(|problem| problem.span);
    (table, reader.problems)
}

impl Table {
    /// The entries, in the order of the file.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry of a key.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == name)
    }

    /// The text of a key and its place.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<(&str, Span)> {
        self.get(name).and_then(|entry| match &entry.value {
            Value::Text(text) => Some((text.as_str(), entry.span)),
            _ => None,
        })
    }

    /// Whether a switch is on.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        self.get(name).is_some_and(|entry| entry.value == Value::Flag(true))
    }

    /// The texts of a key and their places; none when it is not there.
    pub fn texts(&self, name: &str) -> impl Iterator<Item = (&str, Span)> {
        let texts = self.get(name).and_then(|entry| match &entry.value {
            Value::Texts(texts) => Some(texts.as_slice()),
            _ => None,
        });
        texts.unwrap_or_default().iter().map(|(text, span)| (text.as_str(), *span))
    }

    /// The table of a key.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&Self> {
        self.get(name).and_then(|entry| match &entry.value {
            Value::Table(table) => Some(table),
            _ => None,
        })
    }

    /// The tables of a key and their places; none when it is not there.
    #[must_use]
    pub fn tables(&self, name: &str) -> &[(Self, Span)] {
        let tables = self.get(name).and_then(|entry| match &entry.value {
            Value::Tables(tables) => Some(tables.as_slice()),
            _ => None,
        });
        tables.unwrap_or_default()
    }
}

/// Checks values against their shapes.
struct Reader<'r> {
    file: FileId,
    rules: &'r [&'static str],
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn refuse(&mut self, range: std::ops::Range<usize>, message: String, tip: String) {
        self.problems.push(Problem { span: Span::new(self.file, range.start, range.end), message, tip });
    }

    fn span<T>(&self, value: &Spanned<T>) -> Span {
        Span::new(self.file, value.span().start, value.span().end)
    }

    fn table(&mut self, table: &DeTable<'_>, place: std::ops::Range<usize>, keys: &[Key]) -> Table {
        let mut entries = Vec::new();
        for (name, value) in table.iter() {
            let Some(key) = keys.iter().find(|key| key.name == name.get_ref().as_ref()) else {
                let known = keys.iter().map(|key| key.name);
                self.unknown("key", name.get_ref(), name.span(), known.collect());
                continue;
            };
            if let Some(checked) = self.value(key.name, value, key.shape) {
                let (key, span) = (self.span(name), self.span(value));
                entries.push(Entry { name: name.get_ref().to_string(), key, value: checked, span });
            }
        }
        for key in keys.iter().filter(|key| key.required && !table.contains_key(key.name)) {
            let message = format!("`{}` is missing", key.name);
            self.refuse(place.clone(), message, format!("add it: {}", key.says));
        }
        entries.sort_by_key(|entry| entry.key);
        Table { entries }
    }

    fn value(&mut self, name: &str, value: &Spanned<DeValue<'_>>, shape: Shape) -> Option<Value> {
        let held = value.get_ref();
        let fits = match shape {
            Shape::Word(words) => return self.word(held.as_str(), value.span(), name, words),
            Shape::Rule => return self.rule(held.as_str()?, value.span()),
            Shape::Text => held.as_str().map(|text| Value::Text(text.to_owned())),
            Shape::Flag => held.as_bool().map(Value::Flag),
            Shape::Texts => held.as_array().and_then(|items| {
                let text = |item: &Spanned<DeValue<'_>>| {
                    Some((item.get_ref().as_str()?.to_owned(), self.span(item)))
                };
                items.iter().map(text).collect::<Option<Vec<_>>>().map(Value::Texts)
            }),
            Shape::Pairs => held.as_table().and_then(|table| self.pairs(table)).map(Value::Table),
            Shape::Rules(words) => held.as_table().map(|table| Value::Table(self.levels(table, words))),
            Shape::Table(keys) => {
                held.as_table().map(|table| Value::Table(self.table(table, value.span(), keys)))
            }
            Shape::Tables(keys) => held.as_array().and_then(|items| self.tables(items, keys)),
        };
        if fits.is_none() {
            let message = format!("`{name}` takes no {}", held.type_str());
            self.refuse(value.span(), message, format!("write {}", wanted(shape)));
        }
        fits
    }

    fn tables(&mut self, items: &[Spanned<DeValue<'_>>], keys: &[Key]) -> Option<Value> {
        let mut tables = Vec::new();
        for item in items {
            let place = self.span(item);
            tables.push((self.table(item.get_ref().as_table()?, item.span(), keys), place));
        }
        Some(Value::Tables(tables))
    }

    fn pairs(&self, table: &DeTable<'_>) -> Option<Table> {
        let mut entries = Vec::new();
        for (name, value) in table.iter() {
            let (key, span) = (self.span(name), self.span(value));
            let text = match value.get_ref() {
                DeValue::String(text) => text.to_string(),
                DeValue::Integer(number) => number.as_str().to_owned(),
                _ => return None,
            };
            entries.push(Entry { name: name.get_ref().to_string(), key, value: Value::Text(text), span });
        }
        entries.sort_by_key(|entry| entry.key);
        Some(Table { entries })
    }

    fn levels(&mut self, table: &DeTable<'_>, words: &[&'static str]) -> Table {
        let mut entries = Vec::new();
        for (name, value) in table.iter() {
            let known = self.rule(name.get_ref(), name.span()).is_some();
            let level = self.word(value.get_ref().as_str(), value.span(), name.get_ref(), words);
            if let Some(level) = level.filter(|_| known) {
                let (key, span) = (self.span(name), self.span(value));
                entries.push(Entry { name: name.get_ref().to_string(), key, value: level, span });
            }
        }
        entries.sort_by_key(|entry| entry.key);
        Table { entries }
    }

    fn rule(&mut self, name: &str, range: std::ops::Range<usize>) -> Option<Value> {
        if self.rules.contains(&name) {
            return Some(Value::Text(name.to_owned()));
        }
        self.unknown("rule", name, range, self.rules.to_vec());
        None
    }

    fn word(
        &mut self,
        word: Option<&str>,
        range: std::ops::Range<usize>,
        name: &str,
        words: &[&'static str],
    ) -> Option<Value> {
        let known = word.filter(|word| words.contains(word));
        if known.is_none() {
            let message =
                word.map_or(format!("`{name}` is no text"), |word| format!("`{name}` cannot be `{word}`"));
            self.refuse(range, message, format!("write \"{}\"", words.join("\", \"")));
        }
        known.map(|word| Value::Text(word.to_owned()))
    }

    fn unknown(&mut self, what: &str, name: &str, range: std::ops::Range<usize>, known: Vec<&'static str>) {
        let tip = match nearest(name, known.iter().copied()) {
            Some(near) => format!("write `{near}`"),
            None if what == "rule" => "`transship rules` lists all rules".to_owned(),
            None => format!("write one of `{}`", known.join("`, `")),
        };
        self.refuse(range, format!("there is no {what} `{name}`"), tip);
    }
}

/// What would be right for a shape.
fn wanted(shape: Shape) -> &'static str {
    match shape {
        Shape::Word(_) | Shape::Text | Shape::Rule => "text in quotes",
        Shape::Flag => "`true` or `false`",
        Shape::Texts => "a list of texts: [\"a\", \"b\"]",
        Shape::Pairs => "a table of texts: {a = \"b\"}",
        Shape::Rules(_) => "a table of rules: {host-network = \"warning\"}",
        Shape::Table(_) => "a table",
        Shape::Tables(_) => "a table under two brackets: [[…]]",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        let (_, problems) = read(FileId(0), text, &["host-network", "named-user"]);
        let shown = |problem: &Problem| {
            format!("{}: {}; {}", &text[problem.span.range()], problem.message, problem.tip)
        };
        problems.iter().map(shown).collect()
    }

    #[test]
    fn what_is_known_is_read_with_its_place() {
        let text = "posture = \"restricted\"\nexclude = [\"a\"]\n[rules]\nhost-network = \"off\"\n[convert.user-map]\nweb = 1000\n";
        let (table, problems) = read(FileId(0), text, &["host-network"]);
        assert_eq!(problems, []);
        let (posture, place) = table.text("posture").expect("a posture");
        assert_eq!((posture, &text[place.range()]), ("restricted", "\"restricted\""));
        assert_eq!(table.texts("exclude").map(|(text, _)| text).collect::<Vec<_>>(), ["a"]);
        let users = table.table("convert").and_then(|convert| convert.table("user-map"));
        assert_eq!(users.and_then(|users| users.text("web")).map(|(text, _)| text), Some("1000"));
    }

    #[test]
    fn what_is_unknown_comes_with_what_is_near() {
        let text = "postur = 1\nexclude = 2\nposture = \"x\"\n[rules]\nhost-netwrk = \"off\"\nnamed-user = \"loud\"\n[[allow]]\nreason = \"r\"\n";
        let said = [
            "postur: there is no key `postur`; write `posture`",
            "2: `exclude` takes no integer; write a list of texts: [\"a\", \"b\"]",
            "\"x\": `posture` cannot be `x`; write \"faithful\", \"restricted\", \"production\"",
            "host-netwrk: there is no rule `host-netwrk`; write `host-network`",
            "\"loud\": `named-user` cannot be `loud`; write \"error\", \"warning\", \"note\", \"off\"",
            "[[allow]]: `rule` is missing; add it: the rule",
        ];
        assert_eq!(problems(text), said);
    }

    #[test]
    fn broken_text_is_said_once_where_it_breaks() {
        let said = ": string values must be quoted, expected literal string; see https://toml.io for how a value is written";
        assert_eq!(problems("posture = \n"), [said]);
    }
}
