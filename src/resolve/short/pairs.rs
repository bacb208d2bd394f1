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
