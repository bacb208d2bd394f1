//! Text of the user's files, made harmless for a terminal.

use std::borrow::Cow;

/// The text with every character replaced that could steer a terminal or turn the reading direction.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    let is_plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if is_plain || text.chars().all(|character| shown(character) == character) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(shown).collect())
}

/// What stands for a character: control characters have pictures of their own, the rest a replacement mark.
#[must_use]
pub fn shown(character: char) -> char {
    match character {
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(character)).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\x7f' => '\u{2421}',
        steering if steers(steering) => char::REPLACEMENT_CHARACTER,
        harmless => harmless,
    }
}

/// Whether the character is a control character above ASCII, or invisible and changes how its neighbours are read.
#[must_use]
pub fn steers(character: char) -> bool {
    matches!(
        character,
        '\u{80}'..='\u{9f}'
            | '\u{61c}'
            | '\u{200e}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_and_direction_marks_lose_their_power() {
        assert_eq!(visible("\x1b[31mred\u{202e}\u{9b}31m\x7f\n"), "␛[31mred\u{fffd}\u{fffd}31m␡␊");
        assert!(matches!(visible("grün 🦀"), Cow::Borrowed(_)));
    }
}
