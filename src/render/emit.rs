//! Objects as YAML that readers of YAML 1.1 and of YAML 1.2 read as the same strings.

use crate::k8s::order::rank;
use crate::plan::address;
use crate::plan::field::{Field, Fields, Items, Scalar};
use crate::plan::object::Object;
use crate::source::Text;

/// An object as a YAML document without separators.
#[must_use]
pub fn object(object: &Object) -> String {
    let mut text = String::with_capacity(1024);
    append(&mut text, object);
    // A project has many files, all of which are held until the last one is made.
    text.shrink_to_fit();
    text
}

/// Appends an object as a YAML document without separators.
pub fn append(text: &mut String, object: &Object) {
    begin(text, object);
    Writer::plain(text).fields(&object.body, 0, (false, ""));
}

/// An object as a template: a hand writes what is chosen.
#[must_use]
pub fn template(object: &Object, hand: &dyn Hand) -> String {
    let mut text = head(object);
    Writer { text: &mut text, order: Vec::new(), path: String::new(), hand: Some(hand) }.fields(
        &object.body,
        0,
        (false, ""),
    );
    text
}

/// The lines with which an object, or a patch of it, begins.
#[must_use]
pub fn head(object: &Object) -> String {
    let mut text = String::with_capacity(1024);
    begin(&mut text, object);
    text
}

fn begin(text: &mut String, object: &Object) {
    line(text, 0, "apiVersion");
    scalar(text, &Scalar::Text(Text::new_static(object.id.kind.api_version())), 0);
    line(text, 0, "kind");
    scalar(text, &Scalar::Text(Text::new_static(object.id.kind.word())), 0);
}

/// A text as it stands behind a key, on one line.
#[must_use]
pub fn word(value: &str) -> String {
    let mut text = String::new();
    if is_plain(value) {
        text.push_str(value);
    } else {
        quoted(&mut text, value);
    }
    text
}

/// Appends what stands behind a key, to the end of its last line.
pub fn field(text: &mut String, field: &Field, indent: usize) {
    Writer::plain(text).below(field, indent, ("", ""));
}

/// Appends an item of a list.
pub fn item(text: &mut String, field: &Field, indent: usize) {
    Writer::plain(text).item(field, indent, "", "");
}

/// Appends the dash of an item.
pub fn dash(text: &mut String, indent: usize) {
    spaces(text, indent);
    text.push('-');
}

/// What writes in place of what an object holds, or beside it.
pub trait Hand {
    /// What it writes at an address, where the key stands at an indentation; the field, when the object holds one.
    fn write(&self, path: &str, key: &str, indent: usize, field: Option<&Field>) -> Option<Written>;

    /// The fields that it writes in the mapping at an address, and that the object may not hold.
    fn further(&self, path: &str) -> &[Text];

    /// A text of the object as the template holds it.
    fn text(&self, text: String) -> String;
}

/// What a hand writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// What stands behind the key or the dash.
    Behind(String),
    /// Whole lines, in place of the field.
    Instead(String),
    /// Whole lines, behind the field as the object holds it.
    Then(String),
    /// Whole lines before and behind the field as the object holds it.
    Around(String, String),
}

/// What writes the body of an object.
struct Writer<'t, 'f> {
    text: &'t mut String,
    /// The fields of the mappings that are open, each with its rank.
    order: Vec<(usize, &'f str, Option<&'f Field>)>,
    /// The address of what is written; kept only for a hand.
    path: String,
    hand: Option<&'f dyn Hand>,
}

impl<'t, 'f> Writer<'t, 'f> {
    fn plain(text: &'t mut String) -> Self {
        Self { text, order: Vec::new(), path: String::new(), hand: None }
    }

    /// The fields of a mapping, in the order in which people write them; `inline` when the first one stands behind a
    /// dash, and beside it the key of what holds the mapping.
    fn fields(&mut self, mapping: &'f Fields, indent: usize, (mut inline, own): (bool, &str)) {
        let first = self.order.len();
        self.order.extend(mapping.iter().map(|(key, field)| (rank(key), key.as_str(), Some(field))));
        if let Some(hand) = self.hand {
            let further = hand.further(&self.path).iter().filter(|key| mapping.get(key).is_none());
            self.order.extend(further.map(|key| (rank(key), key.as_str(), None)));
        }
        self.order[first..].sort_by_key(|(rank, _, _)| *rank);
        for at in first..self.order.len() {
            let (_, key, field) = self.order[at];
            let margin = if std::mem::take(&mut inline) { 0 } else { indent };
            match self.hand {
                None => self.entry(key, field, (indent, margin), own),
                Some(hand) => self.by_hand(hand, key, field, (indent, margin), own),
            }
        }
        self.order.truncate(first);
    }

    /// A key and what stands behind it; the key stands behind `margin` blanks.
    fn entry(&mut self, key: &str, field: Option<&'f Field>, (indent, margin): (usize, usize), own: &str) {
        if let Some(field) = field {
            line(self.text, margin, key);
            self.below(field, indent, (own, key));
        }
    }

    /// A key and what stands behind it, as a hand has it.
    fn by_hand(
        &mut self,
        hand: &'f dyn Hand,
        key: &'f str,
        field: Option<&'f Field>,
        (indent, margin): (usize, usize),
        own: &str,
    ) {
        let length = self.path.len();
        address::push_key(&mut self.path, key);
        match hand.write(&self.path, key, indent, field) {
            Some(Written::Instead(lines)) => self.text.push_str(&lines),
            Some(Written::Behind(value)) => {
                line(self.text, margin, key);
                self.text.push_str(&format!(" {value}\n"));
            }
            Some(Written::Then(lines)) => {
                self.entry(key, field, (indent, margin), own);
                self.text.push_str(&lines);
            }
            Some(Written::Around(before, behind)) => {
                self.text.push_str(&before);
                self.entry(key, field, (indent, margin), own);
                self.text.push_str(&behind);
            }
            None => self.entry(key, field, (indent, margin), own),
        }
        self.path.truncate(length);
    }

    /// What stands behind a key; `own` is the key of what holds it.
    fn below(&mut self, field: &'f Field, indent: usize, (own, key): (&str, &str)) {
        match field {
            Field::Leaf(leaf) => self.scalar(&leaf.value, indent),
            Field::Map(mapping) if mapping.is_empty() => self.text.push_str(" {}\n"),
            Field::Map(mapping) => {
                self.text.push('\n');
                self.fields(mapping, indent + 2, (false, key));
            }
            Field::List(list) if list.is_empty() => self.text.push_str(" []\n"),
            Field::List(list) => {
                self.text.push('\n');
                self.items(list, indent, (own, key));
            }
        }
    }

    /// A value without parts.
    fn scalar(&mut self, value: &Scalar, indent: usize) {
        match self.hand {
            None => scalar(self.text, value, indent),
            Some(hand) => {
                let mut text = String::new();
                scalar(&mut text, value, indent);
                self.text.push_str(&hand.text(text));
            }
        }
    }

    /// The items of a list; their dashes stand under its key.
    fn items(&mut self, list: &'f Items, indent: usize, (own, key): (&str, &str)) {
        let Some(hand) = self.hand else {
            return list.iter().for_each(|item| self.item(item, indent, key, ""));
        };
        let mut names = address::Names::of(own, key);
        for (at, item) in list.iter().enumerate() {
            let length = self.path.len();
            let name = names.item(at, item);
            self.path.push_str(&format!("[{name}]"));
            match hand.write(&self.path, "", indent, Some(item)) {
                Some(Written::Behind(value)) => {
                    dash(self.text, indent);
                    self.text.push_str(&format!(" {value}\n"));
                }
                Some(Written::Instead(lines)) => self.text.push_str(&lines),
                Some(Written::Then(lines)) => {
                    self.item(item, indent, key, &format!("{key}[{name}]"));
                    self.text.push_str(&lines);
                }
                Some(Written::Around(before, behind)) => {
                    self.text.push_str(&before);
                    self.item(item, indent, key, &format!("{key}[{name}]"));
                    self.text.push_str(&behind);
                }
                None => self.item(item, indent, key, &format!("{key}[{name}]")),
            }
            self.path.truncate(length);
        }
    }

    /// An item of the list under `key`, which has the name `own`.
    fn item(&mut self, item: &'f Field, indent: usize, key: &str, own: &str) {
        dash(self.text, indent);
        match item {
            Field::Leaf(leaf) => self.scalar(&leaf.value, indent),
            Field::Map(mapping) if mapping.is_empty() => self.text.push_str(" {}\n"),
            Field::Map(mapping) => {
                self.text.push(' ');
                self.fields(mapping, indent + 2, (true, own));
            }
            Field::List(inner) if inner.is_empty() => self.text.push_str(" []\n"),
            Field::List(inner) => {
                self.text.push('\n');
                self.items(inner, indent + 2, (key, ""));
            }
        }
    }
}

/// Appends a key and its colon.
pub fn line(text: &mut String, indent: usize, key: &str) {
    spaces(text, indent);
    // What begins with a dollar sign is a word of a patch, which every reader takes as it stands.
    if is_plain(key.strip_prefix('$').unwrap_or(key)) {
        text.push_str(key);
    } else {
        quoted(text, key);
    }
    text.push(':');
}

fn spaces(text: &mut String, mut number: usize) {
    const SPACES: &str = "                                ";
    while number > SPACES.len() {
        text.push_str(SPACES);
        number -= SPACES.len();
    }
    text.push_str(&SPACES[..number]);
}

/// A value behind a key or a dash, and the end of its line.
fn scalar(text: &mut String, value: &Scalar, indent: usize) {
    text.push(' ');
    match value {
        Scalar::Text(value) if is_plain(value) => text.push_str(value),
        Scalar::Text(value) if is_block(value) => return block(text, value, indent + 2),
        Scalar::Text(value) => quoted(text, value),
        Scalar::Int(value) => text.push_str(&value.to_string()),
        Scalar::Number(value) => text.push_str(value),
        Scalar::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Scalar::EmptyMap => text.push_str("{}"),
        Scalar::EmptyList => text.push_str("[]"),
    }
    text.push('\n');
}

/// Words that some reader of YAML takes for something else than text.
const WORDS: &[&str] = &["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"];

/// Whether a letter can stand in a text as it is, by its number.
const LETTERS: [u8; 256] = {
    let mut letters = [FOREIGN; 256];
    let plain = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./@%+-=,()$~;^*?!&|<>'\"\\";
    let mut at = 0;
    while at < plain.len() {
        letters[plain[at] as usize] = 0;
        at += 1;
    }
    letters[b' ' as usize] = PARTING;
    letters[b':' as usize] = PARTING;
    letters
};

/// A letter that a text has only between quotes.
const FOREIGN: u8 = 1;

/// A letter that can stand there, but not before a space.
const PARTING: u8 = 2;

/// Units behind which digits are an amount, which no reader takes for a number.
const UNITS: &[&str] = &["Ki", "Mi", "Gi", "Ti", "Pi", "m"];

/// Whether the text is an amount such as `64Mi`.
fn is_amount(text: &str) -> bool {
    let unit = text.trim_start_matches(|letter: char| letter.is_ascii_digit());
    unit.len() < text.len() && UNITS.contains(&unit)
}

/// Whether every reader takes the text, as it stands, for that text.
fn is_plain(text: &str) -> bool {
    match text.as_bytes() {
        [b'0'..=b'9', ..] => is_amount(text),
        // A flag is no item of a list: what follows its dashes is a letter.
        [b'-', b'-', flag @ ..] | [b'-', flag @ ..] => {
            flag.first().is_some_and(u8::is_ascii_alphabetic) && is_plain_word(flag)
        }
        word => is_plain_word(word),
    }
}

/// Whether a text that begins with a letter is safe.
fn is_plain_word(text: &[u8]) -> bool {
    let [first, ..] = text else { return false };
    let kinds = text.iter().fold(0, |kinds, letter| kinds | LETTERS[usize::from(*letter)]);
    (first.is_ascii_alphabetic() || matches!(first, b'/' | b'_'))
        && kinds & FOREIGN == 0
        && (kinds & PARTING == 0 || !is_parted(text))
        // A number to readers of YAML 1.1: nothing that starts with a letter is one but words of the list above.
        && !(text.len() <= 5 && WORDS.iter().any(|word| text.eq_ignore_ascii_case(word.as_bytes())))
}

/// Whether a reader would end the text before its end, or cut it there.
fn is_parted(text: &[u8]) -> bool {
    text.last().is_some_and(|last| matches!(last, b' ' | b':'))
        || text.windows(2).any(|pair| matches!(pair, b": " | b"  "))
}

/// Whether a text is best read as lines.
fn is_block(text: &str) -> bool {
    let body = text.strip_suffix('\n').unwrap_or(text);
    let printable = |letter: char| match letter {
        '\n' | '\t' => true,
        '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}' => false,
        _ => !letter.is_control(),
    };
    body.contains('\n')
        && !body.ends_with('\n')
        && !body.starts_with([' ', '\t', '\n'])
        && text.chars().all(printable)
}

fn block(text: &mut String, value: &str, indent: usize) {
    text.push('|');
    let body = match value.strip_suffix('\n') {
        Some(body) => body,
        None => {
            text.push('-');
            value
        }
    };
    text.push('\n');
    for line in body.split('\n') {
        if !line.is_empty() {
            spaces(text, indent);
            text.push_str(line);
        }
        text.push('\n');
    }
}

fn quoted(text: &mut String, value: &str) {
    text.push('"');
    if value.bytes().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\')) {
        text.push_str(value);
        text.push('"');
        return;
    }
    for letter in value.chars() {
        match letter {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            '\r' => text.push_str("\\r"),
            '\u{85}' | '\u{a0}' | '\u{2028}' | '\u{2029}' | '\u{feff}' => {
                text.push_str(&format!("\\u{:04X}", letter as u32));
            }
            letter if letter.is_control() => text.push_str(&format!("\\u{:04X}", letter as u32)),
            letter => text.push(letter),
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::k8s::kind::Kind;
    use crate::plan::object::Id;
    use crate::plan::why::Why;

    const WHY: Why = Why::Policy("a test");

    fn with(put: impl FnOnce(&mut Fields)) -> String {
        let mut body = Fields::default();
        put(body.map("data"));
        let id = Id { kind: Kind::ConfigMap, namespace: Text::default(), name: "c".into() };
        let written = object(&Object { id, owners: Vec::new(), folder: None, body });
        written.strip_prefix("apiVersion: v1\nkind: ConfigMap\n").expect("the head").to_owned()
    }

    #[test]
    fn text_that_some_reader_takes_for_something_else_is_quoted() {
        let written = with(|data| {
            for text in [
                "plain", "a: b", "a:b", "yes", "No", "1e3", "0x1f", "~", "", "a #b", "a#b", "- a", "é", "a ",
                "*a",
            ] {
                data.list("a").push_value(text, &WHY);
            }
        });
        let lines: Vec<&str> =
            written.lines().skip(2).map(|line| line.trim_start().trim_start_matches("- ")).collect();
        let expected = [
            "plain", "\"a: b\"", "a:b", "\"yes\"", "\"No\"", "\"1e3\"", "\"0x1f\"", "\"~\"", "\"\"",
            "\"a #b\"", "\"a#b\"", "\"- a\"", "\"é\"", "\"a \"", "\"*a\"",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn lines_stand_as_lines() {
        let written = with(|data| {
            data.put("ended", "a\n\n  b\n", &WHY);
            data.put("open", "a\nb", &WHY);
            data.put("two-ends", "a\nb\n\n", &WHY);
            data.put("indented", " a\nb\n", &WHY);
        });
        let expected = "data:\n  ended: |\n    a\n\n      b\n  open: |-\n    a\n    b\n  two-ends: \"a\\nb\\n\\n\"\n  indented: \" a\\nb\\n\"\n";
        assert_eq!(written, expected);
    }

    #[test]
    fn fields_stand_in_the_order_of_people_and_empty_ones_say_so() {
        let written = with(|data| {
            let item = data.list("list").push_map();
            item.put("zone", 1, &WHY);
            item.put("name", "web", &WHY);
            item.put("empty", Scalar::EmptyMap, &WHY);
            data.put("none", Scalar::EmptyList, &WHY);
        });
        assert_eq!(written, "data:\n  list:\n  - name: web\n    zone: 1\n    empty: {}\n  none: []\n");
    }
}
