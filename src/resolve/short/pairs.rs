//! `KEY=value`, `source:target:permissions` and `host=address`: entries that are pairs in a string.

use std::ops::Range;

use super::{Piece, piece};
use crate::source::Text;

/// A device in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// The device of the host.
    pub source: Piece,
    /// Its path in the container; nothing when it is that of the host.
    pub target: Option<Piece>,
    /// What the container may do with it; nothing for `rwm`.
    pub permissions: Option<Piece>,
}

/// A name and its addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// The name.
    pub name: Piece,
    /// The addresses, without brackets.
    pub addresses: Vec<Piece>,
}

/// Reads an entry of `devices`.
///
/// # Errors
/// What would be valid.
pub fn device(text: &str) -> Result<Device, String> {
    let mut pieces = split(text, 0..text.len(), ':').into_iter();
    let (source, target, permissions) = (pieces.next(), pieces.next(), pieces.next());
    if pieces.next().is_some() {
        return Err(format!(
            "`{text}` has too many colons; write `source:target:permissions` or the long syntax"
        ));
    }
    let source = source.unwrap_or_else(|| piece(text, 0..0));
    // An empty target is that of the host, empty permissions stay empty.
    Ok(Device { source, target: target.filter(|(target, _)| !target.is_empty()), permissions })
}

/// Reads `KEY` or `KEY=value`.
#[must_use]
pub fn key_value(text: &str) -> (Piece, Option<Piece>) {
    match text.find('=') {
        Some(at) => (piece(text, 0..at), Some(piece(text, at + 1..text.len()))),
        None => (piece(text, 0..text.len()), None),
    }
}

/// Whether Compose refuses the name of a variable for the blank at its end. It looks at the last byte alone, so the
/// letter `à`, whose last byte is 0xA0, is refused too.
#[must_use]
pub fn ends_in_blank(key: &str) -> bool {
    matches!(key.as_bytes().last(), Some(b'\t'..=b'\r' | b' ' | 0x85 | 0xA0))
}

/// Reads an entry of `extra_hosts` in a list: `host=address` or `host:address`, several addresses by commas.
///
/// # Errors
/// What would be valid.
pub fn host(text: &str) -> Result<Host, String> {
    let Some(at) = text.find('=').or_else(|| text.find(':')) else {
        return Err(format!("`{text}` has no address; write `host=address`"));
    };
    let name = piece(text, 0..at);
    if !is_host_name(&name.0) {
        return Err(format!(
            "`{text}` has no valid host name; write `host=address`, without `:` or `=` in the name"
        ));
    }
    let addresses = split(text, at + 1..text.len(), ',').into_iter().map(without_brackets).collect();
    Ok(Host { name, addresses })
}

/// Whether Compose takes the text for a host name: there is one, and no separator in it.
#[must_use]
pub fn is_host_name(name: &str) -> bool {
    !name.is_empty() && !name.contains([':', '='])
}

/// An address without the brackets around it.
#[must_use]
pub fn without_brackets((text, range): Piece) -> Piece {
    match text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(inner) if !inner.is_empty() => (Text::new(inner), range.start + 1..range.end - 1),
        _ => (text, range),
    }
}

/// The pieces between the separators, as many as there are separators and one more.
fn split(text: &str, range: Range<usize>, separator: char) -> Vec<Piece> {
    let mut start = range.start;
    let mut pieces = Vec::new();
    for part in text[range].split(separator) {
        pieces.push((Text::new(part), start..start + part.len()));
        start += part.len() + separator.len_utf8();
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str, range: Range<usize>) -> Piece {
        (Text::new(text), range)
    }

    #[test]
    fn devices_have_up_to_three_parts() {
        let cases = [
            ("/dev/a", Device { source: text("/dev/a", 0..6), target: None, permissions: None }),
            (":b", Device { source: text("", 0..0), target: Some(text("b", 1..2)), permissions: None }),
            ("a::r", Device { source: text("a", 0..1), target: None, permissions: Some(text("r", 3..4)) }),
        ];
        for (entry, expected) in cases {
            assert_eq!(device(entry), Ok(expected), "{entry}");
        }
        let message = "`a:b:c:d` has too many colons; write `source:target:permissions` or the long syntax";
        assert_eq!(device("a:b:c:d"), Err(message.into()));
    }

    #[test]
    fn pairs_end_their_key_at_the_first_sign() {
        assert_eq!(key_value("A=b=c"), (text("A", 0..1), Some(text("b=c", 2..5))));
        assert_eq!(key_value("A="), (text("A", 0..1), Some(text("", 2..2))));
        assert_eq!(key_value("A"), (text("A", 0..1), None));
        assert_eq!(["A ", "A\u{a0}", "à", "é", ""].map(ends_in_blank), [true, true, true, false, false]);
    }

    #[test]
    fn hosts_have_addresses_with_or_without_brackets() {
        let expected =
            Host { name: text("h", 0..1), addresses: vec![text("::1", 3..6), text("1.2.3.4", 8..15)] };
        assert_eq!(host("h=[::1],1.2.3.4"), Ok(expected));
        assert_eq!(host("h:::1"), Ok(Host { name: text("h", 0..1), addresses: vec![text("::1", 2..5)] }));
        assert_eq!(host("h=[]"), Ok(Host { name: text("h", 0..1), addresses: vec![text("[]", 2..4)] }));
        let cases = [
            ("h", "`h` has no address; write `host=address`"),
            ("a:b=c", "`a:b=c` has no valid host name; write `host=address`, without `:` or `=` in the name"),
        ];
        for (entry, message) in cases {
            assert_eq!(host(entry), Err(message.to_owned()), "{entry}");
        }
    }
}
