//! How long a file and a function may be.

use std::path::Path;

use super::Breach;

const FILE: usize = 500;
const FUNCTION: usize = 80;

/// A breach for a file and for each function that is too long; generated files may be as long as they must.
pub(super) fn check(file: &Path, text: &str, code: &str) -> Vec<Breach> {
    if text
        .lines()
        .next()
        .is_some_and(|line| line.contains("generated") || line.contains("Written by `cargo xtask gen`"))
    {
        return Vec::new();
    }
    let breach = |line: usize, rule: String| Breach { file: file.to_owned(), line, rule };
    let mut breaches = Vec::new();
    let lines = text.lines().count();
    if lines > FILE {
        breaches.push(breach(1, format!("the file has {lines} lines, {FILE} at most")));
    }
    for (name, first, last) in functions(code) {
        let length = last - first + 1;
        if length > FUNCTION {
            breaches.push(breach(first, format!("`{name}` has {length} lines, {FUNCTION} at most")));
        }
    }
    breaches
}

/// Name, first and last line of each function with a body.
fn functions(code: &str) -> Vec<(&str, usize, usize)> {
    let mut functions = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &code[at + 3..];
        let name_end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(0);
        let Some(length) = body_end(rest).filter(|_| name_end > 0) else {
            continue;
        };
        let first = code[..at].matches('\n').count() + 1;
        functions.push((&rest[..name_end], first, first + rest[..length].matches('\n').count()));
    }
    functions
}

/// Where the body closes; a declaration without a body has none.
fn body_end(rest: &str) -> Option<usize> {
    let (mut braces, mut others) = (0_usize, 0_usize);
    for (at, c) in rest.char_indices() {
        match c {
            '(' | '[' if braces == 0 => others += 1,
            ')' | ']' if braces == 0 => others = others.checked_sub(1)?,
            ';' if braces == 0 && others == 0 => return None,
            '{' if others == 0 => braces += 1,
            '}' if others == 0 => {
                braces = braces.checked_sub(1)?;
                if braces == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_measured_from_its_name_to_its_brace() {
        let code =
            "trait T { fn declared(&self); }\n\nfn long(a: [u8; 3]) -> u8 {\n    if a { b } else { c }\n}\n";
        assert_eq!(functions(code), [("long", 3, 5)]);
    }

    #[test]
    fn what_is_too_long_is_named() {
        let code = format!("fn long() {{{}}}\n", "\n".repeat(90));
        let long = check(Path::new("src/a.rs"), &code, &code);
        assert_eq!(long[0].to_string(), "src/a.rs:1: `long` has 91 lines, 80 at most");
        let file = "\n".repeat(501);
        assert_eq!(check(Path::new("src/a.rs"), &file, &file)[0].rule, "the file has 501 lines, 500 at most");
    }
}
