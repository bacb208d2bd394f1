//! The dollar sign: where the kubelet would replace `$(NAME)`, text is written so that it does not.

/// The text so that the kubelet makes of it what it is: each `$` before a `$` or a `(` is doubled.
#[must_use]
pub fn literal(text: &str) -> String {
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
