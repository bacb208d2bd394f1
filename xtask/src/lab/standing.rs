//! What every container sees differently, whatever the project says: the table in `docs/lab.md`, each row with its reason.

use crate::place;

/// The rows of the table.
pub(super) struct Standing(Vec<Row>);

struct Row {
    field: String,
    docker: String,
    kubernetes: String,
}

/// Reads the rows of `docs/lab.md` that have a field in backticks, two values and a reason.
pub(super) fn read() -> Result<Standing, String> {
    let page = place::root().join("docs/lab.md");
    let text = std::fs::read_to_string(&page).map_err(|error| format!("docs/lab.md: {error}"))?;
    let mut rows = Vec::new();
    for line in text.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> =
            line.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        if let [field, docker, kubernetes, _why] = cells[..] {
            rows.push(Row {
                field: field.to_owned(),
                docker: docker.to_owned(),
                kubernetes: kubernetes.to_owned(),
            });
        }
    }
    if rows.is_empty() {
        Err("docs/lab.md has no table of standing differences".to_owned())
    } else {
        Ok(Standing(rows))
    }
}

impl Standing {
    /// Whether a row of the table says this difference.
    pub(super) fn knows(&self, field: &str, docker: &str, kubernetes: &str) -> bool {
        self.0.iter().any(|row| {
            matches(&row.field, field) && matches(&row.docker, docker) && matches(&row.kubernetes, kubernetes)
        })
    }
}

/// `*` stands for anything.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut left) = text.strip_prefix(start) else { return false };
    if rest.is_empty() {
        return true;
    }
    loop {
        if matches(rest, left) {
            return true;
        }
        let mut letters = left.chars();
        if letters.next().is_none() {
            return false;
        }
        left = letters.as_str();
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_anything_and_nothing_else_does() {
        assert!(matches("paths[*].mode", "paths[/data].mode"));
        assert!(!matches("paths[*].mode", "paths[/data].uid"));
        assert!(matches("*", ""));
        assert!(!matches("", "1"));
    }
}
