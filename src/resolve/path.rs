//! Paths in the project, as findings print them.

use std::fmt::Write as _;

use crate::yaml::Step;

/// The path as text: `services.web.ports[0]`; a key that would read as something else is quoted, as `services."a.b"`.
#[must_use]
pub fn path_text(steps: &[Step]) -> String {
    let mut path = String::new();
    for step in steps {
        match step {
            Step::Key(key) => {
                if !path.is_empty() {
                    path.push('.');
                }
                push_key(&mut path, key);
            }
            Step::Index(index) => {
                write!(path, "[{index}]").expect("a string takes all that is written to it")
            }
        }
    }
    path
}

/// Adds a key to a path, quoted when it has to be.
pub(crate) fn push_key(path: &mut String, key: &str) {
    let is_plain = |letter: char| {
        !letter.is_whitespace() && !letter.is_control() && !matches!(letter, '.' | '[' | ']' | '"' | '`')
    };
    if !key.is_empty() && key.chars().all(is_plain) {
        path.push_str(key);
    } else {
        write!(path, "{key:?}").expect("a string takes all that is written to it");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Text;

    #[test]
    fn keys_that_would_read_as_steps_are_quoted() {
        let path =
            |keys: &[&str]| path_text(&keys.iter().map(|key| Step::Key(Text::new(key))).collect::<Vec<_>>());
        assert_eq!(path(&["services", "web-1", "x-é"]), "services.web-1.x-é");
        assert_eq!(path(&["services", "a.b", "", "c\nd", "e[0]"]), r#"services."a.b".""."c\nd"."e[0]""#);
        let port = [Step::Key("ports".into()), Step::Index(0), Step::Key("target".into())];
        assert_eq!(path_text(&port), "ports[0].target");
    }
}
