//! Rust text with its comments and literals blanked, so that what is left can be searched as code.

/// The same text with a blank for each byte of a comment, string or character; lines and columns stay.
pub(super) fn code_of(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut code = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = match literal_end(bytes, at) {
            Some(end) => end,
            None => {
                at += 1;
                continue;
            }
        };
        for byte in &mut code[at..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at = end;
    }
    String::from_utf8_lossy(&code).into_owned()
}

/// Where the comment or literal ends that begins here.
fn literal_end(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = &bytes[at..];
    if rest.starts_with(b"//") {
        return Some(at + rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len()));
    }
    if rest.starts_with(b"/*") {
        return Some(at + block_comment_length(rest));
    }
    let after_word = at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_');
    match rest[0] {
        b'"' => Some(at + string_length(rest)),
        b'r' if !after_word || bytes[at - 1] == b'b' => raw_string_length(rest).map(|length| at + length),
        b'\'' => character_length(rest).map(|length| at + length),
        _ => None,
    }
}

fn block_comment_length(rest: &[u8]) -> usize {
    let (mut at, mut depth) = (0, 0);
    while at < rest.len() {
        match &rest[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn string_length(rest: &[u8]) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// `r"…"`, `r#"…"#`; a raw identifier (`r#type`) is none.
fn raw_string_length(rest: &[u8]) -> Option<usize> {
    let hashes = rest[1..].iter().take_while(|byte| **byte == b'#').count();
    if rest.get(1 + hashes) != Some(&b'"') {
        return None;
    }
    let mut close = vec![b'"'];
    close.resize(1 + hashes, b'#');
    let start = 2 + hashes;
    let body = &rest[start..];
    let end = body.windows(close.len()).position(|window| window == close).unwrap_or(body.len());
    Some((start + end + close.len()).min(rest.len()))
}

/// `'a'`, `'\n'`, `'é'`; a lifetime is none.
fn character_length(rest: &[u8]) -> Option<usize> {
    if rest.get(1) == Some(&b'\\') {
        return rest[3..].iter().position(|byte| *byte == b'\'').map(|end| end + 4);
    }
    let end = rest.iter().skip(2).take(4).position(|byte| *byte == b'\'')? + 2;
    let inside = std::str::from_utf8(&rest[1..end]).ok()?;
    (inside.chars().count() == 1).then_some(end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_become_blanks() {
        let text = "a // {\nb \"}\\\"{\" c '{' d /* { /* } */ */ e r#\"\"{\"# f";
        let blanked = "a     \nb         c     d                 e            f";
        assert_eq!(code_of(text).split_whitespace().collect::<Vec<_>>(), ["a", "b", "c", "d", "e", "f"]);
        assert_eq!(code_of(text).len(), text.len());
        assert_eq!(code_of(text).lines().next(), blanked.lines().next());
    }

    #[test]
    fn lifetimes_and_raw_names_are_code() {
        let text = "fn f<'a>(r#type: &'a str, s: &'static str) {}";
        assert_eq!(code_of(text), text);
    }
}
