//! Patterns of `?` and `*` in a variable's modifier.

/// One piece of a pattern.
#[derive(Clone, Copy, PartialEq)]
enum Piece {
    Letter(char),
    Any,
    Many,
}

/// Values and patterns longer than this are not matched: the work grows with the product of the two.
const LENGTH: usize = 512;

/// `${NAME#pattern}` and its kin: `sign` is `#` or `%`; a pattern that begins with it asks for the longest match.
pub(super) fn trimmed(value: &str, pattern: &str, sign: char) -> Result<String, String> {
    let (pattern, longest) = match pattern.strip_prefix(sign) {
        Some(rest) => (rest, true),
        None => (pattern, false),
    };
    let mut pieces = pieces(pattern)?;
    let mut letters: Vec<char> = value.chars().collect();
    check(&letters, &pieces)?;
    if sign == '%' {
        pieces.reverse();
        letters.reverse();
    }
    let end = ends(&letters, &pieces);
    let end = if longest { end.last().copied() } else { end.first().copied() };
    letters.drain(..end.unwrap_or(0));
    if sign == '%' {
        letters.reverse();
    }
    Ok(letters.into_iter().collect())
}

/// `${NAME/pattern/replacement}`.
pub(super) fn replaced(value: &str, pattern: &str, replacement: &str, all: bool) -> Result<String, String> {
    if replacement.contains('$') {
        return Err("a replacement with `$` is not read".to_owned());
    }
    let pieces = pieces(pattern)?;
    let letters: Vec<char> = value.chars().collect();
    check(&letters, &pieces)?;
    let mut text = String::new();
    let mut at = 0;
    let mut done = false;
    while at < letters.len() {
        let end = if done { None } else { ends(&letters[at..], &pieces).last().copied() };
        match end.filter(|end| *end > 0) {
            Some(end) => {
                text.push_str(replacement);
                at += end;
                done = !all;
            }
            None => {
                text.push(letters[at]);
                at += 1;
            }
        }
    }
    Ok(text)
}

fn check(letters: &[char], pieces: &[Piece]) -> Result<(), String> {
    if letters.len() > LENGTH || pieces.len() > 64 {
        return Err("a pattern or the value that it is matched with is too long to be read".to_owned());
    }
    Ok(())
}

fn pieces(pattern: &str) -> Result<Vec<Piece>, String> {
    let mut letters = pattern.chars().peekable();
    let mut pieces = Vec::new();
    while let Some(letter) = letters.next() {
        pieces.push(match letter {
            '*' => Piece::Many,
            '?' => Piece::Any,
            '\\' => match letters.next() {
                Some(escaped @ ('}' | '/' | '*' | '?' | '\\')) => Piece::Letter(escaped),
                _ => return Err("a pattern escapes what needs no escape".to_owned()),
            },
            _ => Piece::Letter(letter),
        });
    }
    Ok(pieces)
}

/// Where matches that begin at the first letter can end, in ascending order.
fn ends(letters: &[char], pieces: &[Piece]) -> Vec<usize> {
    let mut reached = vec![false; letters.len() + 1];
    reached[0] = true;
    for piece in pieces {
        let mut next = vec![false; letters.len() + 1];
        match piece {
            Piece::Many => {
                let first = reached.iter().position(|is_reached| *is_reached).unwrap_or(next.len());
                next[first..].fill(true);
            }
            Piece::Any | Piece::Letter(_) => {
                for (at, letter) in letters.iter().enumerate() {
                    next[at + 1] = reached[at] && (*piece == Piece::Any || *piece == Piece::Letter(*letter));
                }
            }
        }
        reached = next;
    }
    (0..reached.len()).filter(|at| reached[*at]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_and_suffixes_are_cut_at_their_shortest_or_longest() {
        let cases = [
            ("v1.2.3", "v", '#', "1.2.3"),
            ("a/b/c", "*/", '#', "b/c"),
            ("a/b/c", "#*/", '#', "c"),
            ("a.b.c", ".*", '%', "a.b"),
            ("a.b.c", "%.*", '%', "a"),
            ("abc", "x", '#', "abc"),
            ("a*c", "a\\*", '#', "c"),
        ];
        for (value, pattern, sign, result) in cases {
            assert_eq!(trimmed(value, pattern, sign).as_deref(), Ok(result), "{value}{sign}{pattern}");
        }
    }

    #[test]
    fn places_are_replaced_once_or_everywhere() {
        assert_eq!(replaced("linux/arm/v7", "/", "-", false).as_deref(), Ok("linux-arm/v7"));
        assert_eq!(replaced("linux/arm/v7", "/", "-", true).as_deref(), Ok("linux-arm-v7"));
        assert_eq!(replaced("abc", "?", "x", true).as_deref(), Ok("xxx"));
    }
}
