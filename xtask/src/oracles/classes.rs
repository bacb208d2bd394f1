//! The known differences from Compose: each has a row in `docs/parity.md` and a function here that recognises it.

use std::collections::BTreeMap;

use super::compare::Place;

/// How transship and Compose disagree about a project.
#[derive(Clone, Debug)]
pub(crate) enum Difference {
    /// Both accept it, and the models differ.
    Model(Vec<Place>),
    /// We refuse what Compose accepts; our words.
    WeRefuse(String),
    /// We accept what Compose refuses; its words.
    WeAccept(String),
    /// Both refuse it, and our words name no place.
    NoPlace(String),
    /// We died or hung.
    Lost,
}

/// A recogniser, under the name of its row.
pub(crate) struct Class {
    /// The name in `docs/parity.md`.
    pub(crate) name: &'static str,
    /// Whether a difference is of this class.
    pub(crate) matches: fn(&Difference) -> bool,
}

/// The recognisers, in the order in which they are tried.
pub(crate) const CLASSES: &[Class] = &[
    Class { name: "top-level models", matches: only_the_models },
    Class { name: "keys of ssh", matches: no_json_for_ssh },
];

/// Compose's JSON form has no `models`.
fn only_the_models(difference: &Difference) -> bool {
    let Difference::Model(places) = difference else { return false };
    places.iter().all(|place| place.path == "models" && place.theirs.is_none())
}

/// Compose loads the project, and writes a key of `ssh` that is no JSON.
fn no_json_for_ssh(difference: &Difference) -> bool {
    matches!(difference, Difference::WeAccept(words) if words.contains("MarshalJSON for type types.SSHKey"))
}

/// The most classes that may be written down before the comparison counts for nothing.
const MOST: usize = 10;

/// Reads the table of `docs/parity.md`: the highest count of each class.
pub(crate) fn allowances(
    page: &str,
    case_exists: &dyn Fn(&str) -> bool,
) -> Result<BTreeMap<String, usize>, String> {
    let mut allowances = BTreeMap::new();
    let mut in_table = false;
    for (number, line) in page.lines().enumerate() {
        let cells: Vec<&str> = line.trim().trim_matches('|').split('|').map(str::trim).collect();
        if !line.trim_start().starts_with('|') {
            in_table = false;
        } else if cells.first() == Some(&"class") {
            in_table = true;
        } else if in_table && !cells.iter().all(|cell| cell.trim_matches(['-', ':']).is_empty()) {
            let place = format!("docs/parity.md:{}", number + 1);
            let [class, count, case, reason] = cells.as_slice() else {
                return Err(format!("{place}: a row is class, count, case, reason"));
            };
            let count = count.parse().map_err(|_| format!("{place}: `{count}` is no count"))?;
            let case = case.trim_matches('`');
            if !case_exists(case) {
                return Err(format!("{place}: there is no case `{case}`"));
            }
            if reason.is_empty() {
                return Err(format!("{place}: a difference needs its reason"));
            }
            allowances.insert((*class).to_owned(), count);
        }
    }
    if allowances.len() > MOST {
        return Err(format!("docs/parity.md: {} classes, {MOST} at most", allowances.len()));
    }
    Ok(allowances)
}

/// Whether a text names a place: `file:line:column`.
pub(crate) fn names_a_place(text: &str) -> bool {
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.lines().any(|line| {
        let parts: Vec<&str> = line.split(':').collect();
        parts.windows(3).any(|parts| !parts[0].trim().is_empty() && number(parts[1]) && number(parts[2]))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_table_gives_a_count_for_each_class() {
        let page = "# Parity\n\n| class | count | case | reason |\n|---|---|---|---|\n| ipv6 | 3 | `testdata/resolve/ipv6` | why |\n";
        assert_eq!(allowances(page, &|_| true), Ok(BTreeMap::from([("ipv6".to_owned(), 3)])));
        assert_eq!(
            allowances(page, &|_| false),
            Err("docs/parity.md:5: there is no case `testdata/resolve/ipv6`".to_owned())
        );
    }

    #[test]
    fn a_class_takes_its_own_difference_only() {
        let place = |path: &str| Place { path: path.to_owned(), ours: Some(json!({})), theirs: None };
        assert!(only_the_models(&Difference::Model(vec![place("models")])));
        assert!(!only_the_models(&Difference::Model(vec![place("models"), place("services")])));
        let words = "json: error calling MarshalJSON for type types.SSHKey: invalid character ':'";
        assert!(no_json_for_ssh(&Difference::WeAccept(words.to_owned())));
        assert!(!no_json_for_ssh(&Difference::WeRefuse(words.to_owned())));
    }

    #[test]
    fn a_place_is_file_line_column() {
        assert!(names_a_place("a/compose.yaml:3:19: error[broken-reference]: …"));
        assert!(!names_a_place("compose.yaml: line 3"));
    }
}
