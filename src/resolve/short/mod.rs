//! Short syntaxes: what Compose packs into one string, taken apart, every part with its bytes in the string.

pub mod pairs;
pub mod port;
pub mod volume;

use std::ops::Range;

use crate::source::Text;

/// A part of a string and its bytes there.
pub type Piece = (Text, Range<usize>);

fn piece(text: &str, range: Range<usize>) -> Piece {
    (Text::new(&text[range.clone()]), range)
}
