//! Text as XML takes it.

use super::safe;

/// The text as the value of an attribute in double quotes, or between tags; nothing in it is markup or steers a
/// terminal.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match safe::shown(character) {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // XML has no way to write these two.
            '\u{fffe}' | '\u{ffff}' => out.push(char::REPLACEMENT_CHARACTER),
            harmless => out.push(harmless),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_and_what_xml_cannot_write_are_replaced() {
        assert_eq!(escaped("a<b> & \"c\"\x1b\u{ffff}'é"), "a&lt;b&gt; &amp; &quot;c&quot;␛\u{fffd}'é");
    }
}
