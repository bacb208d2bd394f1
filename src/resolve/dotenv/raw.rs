//! Env files of the format `raw`: a line is a name, `=` and the value to the letter.

use super::{Assignment, Dotenv, Problem};
use crate::resolve::template::Lookup;
use crate::source::Text;

/// Docker's reader of `raw` files refuses a line from this length on.
const RAW_LINE_LIMIT: usize = 64 * 1024;

/// Reads an env file of the format `raw`.
#[must_use]
pub fn parse(text: &str, lookup: &Lookup<'_>) -> Dotenv {
    let mut dotenv = Dotenv::default();
    let mut at = 0;
    for (number, whole) in text.split_inclusive('\n').enumerate() {
        let line = whole.strip_suffix('\n').unwrap_or(whole);
        if line.len() >= RAW_LINE_LIMIT {
            let message = format!("the line has {} bytes; a line has less than {RAW_LINE_LIMIT}", line.len());
            dotenv.problem = Some(Problem { range: at..at + line.len(), message });
            break;
        }
        let line = line.strip_suffix('\r').unwrap_or(line);
        let unmarked = if number == 0 { line.strip_prefix('\u{feff}').unwrap_or(line) } else { line };
        let trimmed = unmarked.trim_start();
        let start = at + line.len() - trimmed.len();
        at += whole.len();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        match raw_line(trimmed, start, lookup) {
            Ok(assignment) => dotenv.variables.extend(assignment),
            Err(problem) => {
                dotenv.problem = Some(problem);
                break;
            }
        }
    }
    dotenv
}

fn raw_line(line: &str, start: usize, lookup: &Lookup<'_>) -> Result<Option<Assignment>, Problem> {
    let (name, value) = match line.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (line, None),
    };
    let key = start..start + name.len();
    if name.is_empty() {
        let message = "there is no name before the `=`; write `NAME=value`".into();
        return Err(Problem { range: start..start + 1, message });
    }
    if let Some(blank) = name.find([' ', '\t']) {
        let message =
            "the name of a variable contains a blank; write `NAME=value` without blanks around `=`".into();
        return Err(Problem { range: start + blank..start + blank + 1, message });
    }
    let (value, range, inherited) = match value {
        Some(value) => (Text::new(value), key.end + 1..start + line.len(), false),
        None => match lookup(name) {
            Some(value) => (value, key.clone(), true),
            None => return Ok(None),
        },
    };
    let name = Text::new(name);
    Ok(Some(Assignment { name, value, key, range, inherited, template: None, warnings: Vec::new() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lookup(name: &str) -> Option<Text> {
        (name == "HOST").then(|| Text::new("host"))
    }

    #[test]
    fn raw_lines_are_taken_to_the_letter() {
        let dotenv = parse("\u{feff}A=\"$X\" # c \r\n \u{2003}B=\n#C=1\nHOST\nNONE\nD==", &lookup);
        let variables: Vec<_> =
            dotenv.variables.iter().map(|it| (it.name.as_str(), it.value.as_str())).collect();
        assert_eq!(variables, [("A", "\"$X\" # c "), ("B", ""), ("HOST", "host"), ("D", "=")]);
        assert_eq!(dotenv.problem, None);
    }

    #[test]
    fn raw_lines_are_refused_for_their_names_and_their_length() {
        let long = format!("A={}\n", "x".repeat(RAW_LINE_LIMIT - 2));
        let cases = [
            ("A=1\n=2", 4..5, "there is no name before the `=`; write `NAME=value`"),
            (
                "A =2",
                1..2,
                "the name of a variable contains a blank; write `NAME=value` without blanks around `=`",
            ),
            (long.as_str(), 0..RAW_LINE_LIMIT, "the line has 65536 bytes; a line has less than 65536"),
        ];
        for (text, range, message) in cases {
            assert_eq!(parse(text, &lookup).problem, Some(Problem { range, message: message.into() }));
        }
        assert_eq!(parse(&long[1..], &lookup).problem.map(|problem| problem.range), Some(0..1));
    }
}
