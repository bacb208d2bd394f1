//! What a scalar is: its type by its letters and its tag, as go-yaml resolves it for Compose.

use super::timestamp;
use crate::source::Text;
use crate::tree::Value;

/// The tag of a node, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    /// None, or `!`, which go-yaml takes for none.
    None,
    /// `!!str`
    Str,
    /// `!!int`
    Int,
    /// `!!float`
    Float,
    /// `!!bool`
    Bool,
    /// `!!null`
    Null,
    /// `!!timestamp`
    Timestamp,
    /// `!!binary`
    Binary,
    /// `!!merge`
    Merge,
    /// `!reset`
    Reset,
    /// `!override`
    Override,
    /// Any other: a scalar under it is a string.
    Other,
}

impl Tag {
    /// The tag of that full name.
    pub(super) fn of(name: &str) -> Self {
        match name {
            "!" => return Self::None,
            "!reset" => return Self::Reset,
            "!override" => return Self::Override,
            _ => {}
        }
        match name.strip_prefix("tag:yaml.org,2002:").or_else(|| name.strip_prefix("!!")) {
            Some("str") => Self::Str,
            Some("int") => Self::Int,
            Some("float") => Self::Float,
            Some("bool") => Self::Bool,
            Some("null") => Self::Null,
            Some("timestamp") => Self::Timestamp,
            Some("binary") => Self::Binary,
            Some("merge") => Self::Merge,
            _ => Self::Other,
        }
    }

    /// What the tag asks for, in words.
    fn wish(self) -> &'static str {
        match self {
            Self::Int => "an integer, which the tag `!!int` asks for",
            Self::Float => "a number, which the tag `!!float` asks for",
            Self::Bool => "a boolean (`true` or `false`), which the tag `!!bool` asks for",
            Self::Null => "null, which the tag `!!null` asks for",
            Self::Timestamp => "a date or a time, which the tag `!!timestamp` asks for",
            Self::Binary => "base64, which the tag `!!binary` asks for",
            Self::None | Self::Str | Self::Merge | Self::Reset | Self::Override | Self::Other => "a string",
        }
    }
}

/// The value of a scalar; when it is not what its tag asks for, the message that says so.
pub(super) fn resolve(text: &str, tag: Tag, plain: bool) -> Result<Value, String> {
    let value = match tag {
        Tag::None if !plain => return Ok(Value::String(Text::new(text))),
        Tag::None => return Ok(implied(text, true)),
        Tag::Str | Tag::Merge | Tag::Reset | Tag::Override | Tag::Other => {
            return Ok(Value::String(Text::new(text)));
        }
        Tag::Binary => base64(text).map(|bytes| Value::String(Text::new(String::from_utf8_lossy(&bytes)))),
        Tag::Int | Tag::Float | Tag::Bool | Tag::Null | Tag::Timestamp => {
            fitting(tag, implied(text, tag == Tag::Timestamp))
        }
    };
    value.ok_or_else(|| format!("the value is not {}", tag.wish()))
}

fn fitting(tag: Tag, value: Value) -> Option<Value> {
    match (tag, value) {
        // `!!float 3` is 3.0, but go-yaml refuses a number above i64 under it.
        #[expect(clippy::cast_precision_loss, reason = "go-yaml converts so")]
        (Tag::Float, Value::Int(value)) => Some(Value::Float(value as f64)),
        (Tag::Int, value @ (Value::Int(_) | Value::Big(_)))
        | (Tag::Float, value @ Value::Float(_))
        | (Tag::Bool, value @ Value::Bool(_))
        | (Tag::Null, value @ Value::Null)
        | (Tag::Timestamp, value @ Value::Timestamp(_)) => Some(value),
        _ => None,
    }
}

/// The value that plain text stands for.
fn implied(text: &str, dates: bool) -> Value {
    let string = || Value::String(Text::new(text));
    match text.as_bytes().first() {
        None => Value::Null,
        Some(b't' | b'T' | b'f' | b'F' | b'n' | b'N' | b'~') => word(text).unwrap_or_else(string),
        Some(b'.') => word(text).or_else(|| fraction(text)).unwrap_or_else(string),
        Some(b'+' | b'-' | b'0'..=b'9') => number(text, dates).unwrap_or_else(string),
        Some(_) => string(),
    }
}

/// The words that go-yaml knows; `yes`, `on` and their like are strings.
fn word(text: &str) -> Option<Value> {
    Some(match text {
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        "~" | "null" | "Null" | "NULL" => Value::Null,
        ".nan" | ".NaN" | ".NAN" => Value::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Value::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Value::Float(f64::NEG_INFINITY),
        "-0" | "-0.0" => Value::Float(-0.0),
        _ => return None,
    })
}

fn number(text: &str, dates: bool) -> Option<Value> {
    if let Some(value) = word(text) {
        return Some(value);
    }
    if dates && let Some(date) = timestamp::parse(text) {
        return Some(Value::Timestamp(date));
    }
    let joined;
    let plain = if text.contains('_') {
        joined = text.replace('_', "");
        joined.as_str()
    } else {
        text
    };
    integer(plain).or_else(|| decimal(plain).then(|| float(plain)).flatten().map(Value::Float))
}

/// A whole number as Go's `ParseInt` with base 0 reads it: a leading zero is octal.
fn integer(text: &str) -> Option<Value> {
    let (negative, signed, digits) = match text.as_bytes().first()? {
        b'-' => (true, true, &text[1..]),
        b'+' => (false, true, &text[1..]),
        _ => (false, false, text),
    };
    let (base, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', _, ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', _, ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', _, ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    if !digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, base).ok()?;
    if negative {
        return 0_i64.checked_sub_unsigned(magnitude).map(Value::Int);
    }
    match i64::try_from(magnitude) {
        Ok(value) => Some(Value::Int(value)),
        Err(_) => (!signed).then_some(Value::Big(magnitude)),
    }
}

/// A number that starts with its dot, as Go's `ParseFloat` reads it: `_` only between digits.
fn fraction(text: &str) -> Option<Value> {
    let digit = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    if text.bytes().enumerate().any(|(at, byte)| byte == b'_' && !(digit(at - 1) && digit(at + 1))) {
        return None;
    }
    let plain = text.replace('_', "");
    decimal(&plain).then(|| float(&plain)).flatten().map(Value::Float)
}

/// Whether the text is `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`.
fn decimal(text: &str) -> bool {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let whole = digits(text);
    let mut rest = &text[whole..];
    if let Some(fraction) = rest.strip_prefix('.') {
        let count = digits(fraction);
        if whole + count == 0 {
            return false;
        }
        rest = &fraction[count..];
    } else if whole == 0 {
        return false;
    }
    match rest.strip_prefix(['e', 'E']) {
        None => rest.is_empty(),
        Some(power) => {
            let power = power.strip_prefix(['-', '+']).unwrap_or(power);
            !power.is_empty() && digits(power) == power.len()
        }
    }
}

/// The number of decimal digits; Go refuses what is too large for a float.
fn float(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|value| value.is_finite())
}

/// Go's standard base64: padded, line breaks passed over.
fn base64(text: &str) -> Option<Vec<u8>> {
    let letters: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r')).collect();
    if !letters.len().is_multiple_of(4) {
        return None;
    }
    let mut bytes = Vec::with_capacity(letters.len() / 4 * 3);
    let last = letters.len() / 4;
    for (index, group) in letters.chunks(4).enumerate() {
        let padding = match group {
            [_, _, b'=', b'='] => 2,
            [_, _, _, b'='] => 1,
            _ => 0,
        };
        if padding > 0 && index + 1 != last {
            return None;
        }
        let mut bits = 0_u32;
        for letter in &group[..4 - padding] {
            bits = bits << 6 | sextet(*letter)?;
        }
        bits <<= 6 * padding;
        bytes.extend_from_slice(&bits.to_be_bytes()[1..4 - padding]);
    }
    Some(bytes)
}

fn sextet(letter: u8) -> Option<u32> {
    Some(u32::from(match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::go_float;

    fn plain(text: &str) -> String {
        show(resolve(text, Tag::None, true))
    }

    fn tagged(tag: &str, text: &str) -> String {
        show(resolve(text, Tag::of(&format!("tag:yaml.org,2002:{tag}")), true))
    }

    fn show(value: Result<Value, String>) -> String {
        match value {
            Ok(Value::Float(value)) => format!("number {}", go_float(value)),
            Ok(value) => format!("{} {}", value.kind(), value.scalar_text().unwrap_or_default()),
            Err(message) => message,
        }
    }

    #[test]
    fn only_the_words_of_yaml_1_2_are_booleans_and_null() {
        assert_eq!(["true", "TRUE", "False"].map(plain), ["boolean true", "boolean true", "boolean false"]);
        assert_eq!(
            ["yes", "on", "y", "tRUE"].map(plain),
            ["string yes", "string on", "string y", "string tRUE"]
        );
        assert_eq!(["", "~", "Null", "nULL"].map(plain), ["null ", "null ", "null ", "string nULL"]);
    }

    #[test]
    fn integers_have_prefixes_underscores_and_octal_zeros() {
        assert_eq!(
            ["1_000", "0x1F", "0b11", "0o17"].map(plain),
            ["integer 1000", "integer 31", "integer 3", "integer 15"]
        );
        assert_eq!(
            ["0644", "-010", "+5", "00"].map(plain),
            ["integer 420", "integer -8", "integer 5", "integer 0"]
        );
        assert_eq!(
            ["0x", "0_x1f", "22:22", "1,0"].map(plain),
            ["string 0x", "integer 31", "string 22:22", "string 1,0"]
        );
        let edges = ["-9223372036854775808", "9223372036854775808", "18446744073709551616"].map(plain);
        let texts =
            ["integer -9223372036854775808", "integer 9223372036854775808", "number 1.8446744073709552e+19"];
        assert_eq!(edges, texts);
        assert_eq!(
            resolve("9223372036854775808", Tag::None, true),
            Ok(Value::Big(9_223_372_036_854_775_808))
        );
    }

    #[test]
    fn what_is_no_octal_number_is_a_decimal_fraction() {
        assert_eq!(
            ["08", "09.5", "1e3", ".5"].map(plain),
            ["number 8", "number 9.5", "number 1000", "number 0.5"]
        );
        assert_eq!(
            ["1.", "-0", "-.inf", ".NaN"].map(plain),
            ["number 1", "number -0", "number -Inf", "number NaN"]
        );
        assert_eq!(
            ["1.2.3", ".", "1e", "1e999"].map(plain),
            ["string 1.2.3", "string .", "string 1e", "string 1e999"]
        );
    }

    #[test]
    fn quotes_make_strings_and_tags_undo_it() {
        assert_eq!(show(resolve("12", Tag::None, false)), "string 12");
        assert_eq!(show(resolve("12", Tag::Int, false)), "integer 12");
        assert_eq!(show(resolve("", Tag::Null, false)), "null ");
    }

    #[test]
    fn a_tag_sets_the_type_or_says_what_it_asks_for() {
        assert_eq!([tagged("str", "1"), tagged("float", "3")], ["string 1", "number 3"]);
        assert_eq!([tagged("binary", "aGk="), tagged("merge", "x")], ["string hi", "string x"]);
        assert_eq!(tagged("int", "1.5"), "the value is not an integer, which the tag `!!int` asks for");
        assert_eq!(tagged("int", "-0"), "the value is not an integer, which the tag `!!int` asks for");
        assert_eq!(
            tagged("float", "9223372036854775808"),
            "the value is not a number, which the tag `!!float` asks for"
        );
        assert_eq!(
            tagged("bool", "yes"),
            "the value is not a boolean (`true` or `false`), which the tag `!!bool` asks for"
        );
        assert_eq!(tagged("null", "x"), "the value is not null, which the tag `!!null` asks for");
        assert_eq!(tagged("binary", "a"), "the value is not base64, which the tag `!!binary` asks for");
        assert_eq!(
            tagged("timestamp", "1"),
            "the value is not a date or a time, which the tag `!!timestamp` asks for"
        );
        assert_eq!(
            [tagged("map", "1"), show(resolve("1", Tag::of("!custom"), true))],
            ["string 1", "string 1"]
        );
        assert_eq!(show(resolve("12", Tag::of("!"), true)), "integer 12");
    }
}
