//! The dollar sign: where the kubelet would replace `$(NAME)`, text is written so that it does not.

/// The text so that the kubelet makes of it what it is: each `$` before a `$` or a `(` is doubled.
#[must_use]
pub fn literal(text: &str) -> String {
    if !text.contains('$') {
        return text.to_owned();
    }
    let mut written = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        written.push(letter);
        if letter == '$' && matches!(letters.peek(), Some('$' | '(')) {
            written.push('$');
        }
    }
    written
}

/// A piece of a text that the kubelet expands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'t> {
    /// Text that stays what it is.
    Literal(&'t str),
    /// The variable of that name, which the kubelet puts in.
    Reference(&'t str),
}

/// The pieces as one text; a `$` directly before a reference is doubled too, so that it does not swallow it.
#[must_use]
pub fn written(pieces: &[Piece<'_>]) -> String {
    let mut written = String::new();
    let mut literal_run = String::new();
    for piece in pieces {
        match piece {
            Piece::Literal(text) => literal_run.push_str(text),
            Piece::Reference(name) => {
                written.push_str(&literal(&literal_run));
                if literal_run.ends_with('$') {
                    written.push('$');
                }
                literal_run.clear();
                written.push_str("$(");
                written.push_str(name);
                written.push(')');
            }
        }
    }
    written.push_str(&literal(&literal_run));
    written
}

/// The text in pieces, where each `$(NAME)` with a name that `is_reference` knows is a reference.
#[must_use]
pub fn pieces<'t>(text: &'t str, is_reference: &dyn Fn(&str) -> bool) -> Vec<Piece<'t>> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for (at, _) in text.match_indices("$(") {
        if at < start {
            continue;
        }
        let Some(length) = text[at + 2..].find(')') else { break };
        let name = &text[at + 2..at + 2 + length];
        if is_reference(name) {
            pieces.push(Piece::Literal(&text[start..at]));
            pieces.push(Piece::Reference(name));
            start = at + 3 + length;
        }
    }
    pieces.push(Piece::Literal(&text[start..]));
    pieces
}

/// Whether the kubelet would change the text.
#[must_use]
pub fn is_changed(text: &str) -> bool {
    text.contains("$$") || text.contains("$(")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the kubelet makes of a text when no variable is known: `$$` becomes `$`, `$(NAME)` stays.
    fn kubelet(text: &str) -> String {
        let mut read = String::new();
        let mut letters = text.chars().peekable();
        while let Some(letter) = letters.next() {
            read.push(letter);
            if letter == '$' && letters.peek() == Some(&'$') {
                letters.next();
            }
        }
        read
    }

    #[test]
    fn a_reference_is_raw_and_a_dollar_before_it_stays_one() {
        let text = [Piece::Literal("a$"), Piece::Reference("PW"), Piece::Literal("$"), Piece::Literal("(B)")];
        assert_eq!(written(&text), "a$$$(PW)$$(B)");
        let text = pieces("$(POD)-$(OTHER)-$(POD", &|name| name == "POD");
        assert_eq!(written(&text), "$(POD)-$$(OTHER)-$$(POD");
    }

    #[test]
    fn what_the_kubelet_reads_is_what_was_meant() {
        let vectors = [
            ("$$", "$$$"),
            ("$(hostname -i)", "$$(hostname -i)"),
            ("$(PATH)", "$$(PATH)"),
            ("$", "$"),
            ("a$", "a$"),
            ("$$(X)", "$$$$(X)"),
            ("${X}", "${X}"),
        ];
        for (text, written) in vectors {
            assert_eq!(literal(text), written);
            assert_eq!(kubelet(&literal(text)), text);
        }
    }
}
