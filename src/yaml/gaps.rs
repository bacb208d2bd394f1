//! What stands between the tokens: tabs there, where go-yaml lets only spaces indent.
//!
//! YAML 1.2 has nothing against a tab on a blank line or after a dash; the reader of Compose refuses the file.

/// The gaps of a text, looked at from its start to its end.
pub(super) struct Gaps<'t> {
    text: &'t [u8],
    /// Where the last token ended; nothing after a syntax error, until a new document starts.
    at: Option<usize>,
    /// What the last token was.
    after: After,
    /// The columns of the block collections around; nothing for brackets, within which tabs are blanks.
    around: Vec<Option<usize>>,
    /// How many brackets are open.
    brackets: usize,
    /// Whether there is a tab at all.
    tabs: bool,
}

/// What a gap follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    /// The start of the text or a block scalar: a key could follow at once, and a tab before it would indent.
    Line,
    /// A plain scalar: blank lines behind it belong to it, and tabs with them unless they stand left of this column.
    Plain(usize),
    /// Anything else.
    Token,
}

impl<'t> Gaps<'t> {
    /// The gaps of `text`.
    pub(super) fn new(text: &'t str) -> Self {
        let tabs = text.contains('\t');
        Self { text: text.as_bytes(), at: Some(0), after: After::Line, around: Vec::new(), brackets: 0, tabs }
    }

    /// Goes on to the token that starts at `start` and ends at `end`; the first tab before it that indents.
    pub(super) fn token(&mut self, start: usize, end: usize, after: After) -> Option<usize> {
        let found = self.at.filter(|_| self.tabs && self.brackets == 0).and_then(|at| self.tab(at, start));
        self.at = Some(end.max(self.at.unwrap_or(0)));
        self.after = after;
        found
    }

    /// What a plain scalar leaves behind: blanks from the column right of the innermost collection on are its own.
    pub(super) fn plain(&self) -> After {
        After::Plain(self.around.iter().rev().find_map(|column| *column).map_or(0, |column| column + 1))
    }

    /// Goes into a collection that starts at `start`.
    pub(super) fn open(&mut self, start: usize, bracketed: bool) {
        if bracketed {
            self.brackets += 1;
        }
        self.around.push((self.tabs && !bracketed).then(|| self.column(start)));
    }

    /// Leaves the innermost collection.
    pub(super) fn close(&mut self, bracketed: bool) {
        if bracketed {
            self.brackets = self.brackets.saturating_sub(1);
        }
        self.around.pop();
    }

    /// Nothing is known until the next token.
    pub(super) fn lose(&mut self) {
        self.at = None;
        self.brackets = 0;
        self.around.clear();
    }

    fn tab(&self, from: usize, to: usize) -> Option<usize> {
        let mut key = self.after == After::Line;
        let mut fresh = key;
        let mut after = self.after;
        let mut at = from;
        while at < to {
            match self.text[at] {
                b'\t' if key => match after {
                    After::Plain(least) if self.column(at) >= least => {}
                    After::Plain(_) | After::Line | After::Token => return Some(at),
                },
                b'\n' | b'\r' => (key, fresh) = (true, true),
                b' ' | b'\t' => {}
                other => {
                    after = After::Token;
                    match other {
                        b'#' | b'%' => at += self.until(at, |byte| matches!(byte, b'\n' | b'\r')) - 1,
                        b'-' | b'?' => (key, fresh) = (true, true),
                        // The colon of a key on the same line lets no further key follow; that of a `?` entry does.
                        b':' => key = fresh,
                        b'&' | b'!' => {
                            at += self.until(at, |byte| byte.is_ascii_whitespace()) - 1;
                            (key, fresh) = (false, false);
                        }
                        _ => {}
                    }
                }
            }
            at += 1;
        }
        None
    }

    /// How many bytes from `at` on come before one of that sort.
    fn until(&self, at: usize, stop: impl Fn(u8) -> bool) -> usize {
        let rest = &self.text[at..];
        rest.iter().position(|byte| stop(*byte)).unwrap_or(rest.len())
    }

    fn column(&self, at: usize) -> usize {
        self.text[..at].iter().rev().take_while(|byte| !matches!(byte, b'\n' | b'\r')).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tabs_that_indent_count() {
        let first = |text: &str| Gaps::new(text).token(text.len(), text.len(), After::Token);
        assert_eq!(first(" \t"), Some(1));
        assert_eq!(first("# \t\n\t"), Some(4));
        assert_eq!(first("- \t"), Some(2));
        assert_eq!(first("!t \t# \t"), None);
    }

    #[test]
    fn blank_lines_after_a_plain_scalar_are_its_own_unless_they_stand_left_of_it() {
        let mut gaps = Gaps::new("a: b\n \t\n\tc");
        gaps.open(0, false);
        assert_eq!(gaps.token(0, 1, gaps.plain()), None);
        assert_eq!(gaps.token(3, 4, gaps.plain()), None);
        assert_eq!(gaps.token(9, 10, After::Token), Some(8));
    }
}
