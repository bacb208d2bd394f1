//! Who may import whom: the walls table of `docs/architecture.md`, held against every path in `src`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::Breach;

/// The rooms, and which rooms each may import.
#[derive(Debug, PartialEq)]
pub(super) struct Walls(BTreeMap<String, BTreeSet<String>>);

impl Walls {
    /// Reads the table: its head row begins with `room`; a row may speak of several rooms.
    pub(super) fn of(page: &str) -> Result<Self, String> {
        let mut rows = Vec::new();
        let mut in_table = false;
        for (index, line) in page.lines().enumerate() {
            let cells: Vec<&str> = line.trim().trim_matches('|').split('|').map(str::trim).collect();
            if !line.starts_with('|') {
                in_table = false;
            } else if cells.first() == Some(&"room") {
                in_table = true;
            } else if in_table && !cells[0].trim_matches('-').is_empty() {
                let imports = cells
                    .get(1)
                    .ok_or_else(|| format!("docs/architecture.md:{}: a row has two cells", index + 1))?;
                rows.push((names(cells[0]), imports.to_string()));
            }
        }
        let rooms: BTreeSet<String> = rows.iter().flat_map(|(rooms, _)| rooms.clone()).collect();
        if rooms.is_empty() {
            return Err("docs/architecture.md has no table whose head begins with `room`".to_owned());
        }
        let mut walls = BTreeMap::new();
        for (owners, imports) in &rows {
            let allowed = match imports.as_str() {
                "nothing of ours" => BTreeSet::new(),
                "all rooms" => rooms.clone(),
                list => names(list),
            };
            if let Some(stranger) = allowed.difference(&rooms).next() {
                return Err(format!("docs/architecture.md: the walls table names no room `{stranger}`"));
            }
            for owner in owners {
                walls.insert(owner.clone(), allowed.clone());
            }
        }
        Ok(Self(walls))
    }
}

fn names(cell: &str) -> BTreeSet<String> {
    cell.split(',').map(|name| name.trim().trim_matches('`').to_owned()).collect()
}

/// Every import in a file of `src` that the table does not permit.
pub(super) fn check(file: &Path, code: &str, walls: &Walls) -> Vec<Breach> {
    let mut parts: Vec<String> =
        file.with_extension("").iter().skip(1).map(|part| part.to_string_lossy().into_owned()).collect();
    if parts.last().is_some_and(|last| last == "mod") {
        parts.pop();
    }
    let room = parts.first().cloned().unwrap_or_default();
    if room == "lib" {
        return Vec::new(); // The list of the rooms.
    }
    let breach = |at: usize, rule: String| Breach {
        file: file.to_owned(),
        line: code[..at].matches('\n').count() + 1,
        rule,
    };
    let imports = imports(code);
    if room == "main" {
        let only_cli = imports.into_iter().filter(|(_, name)| name != "cli");
        return only_cli
            .map(|(at, name)| breach(at, format!("`main` wires `cli` only, not `{name}`")))
            .collect();
    }
    let Some(allowed) = walls.0.get(&room) else {
        return vec![breach(0, format!("the room `{room}` has no row in the walls table"))];
    };
    let mut breaches: Vec<Breach> = imports
        .into_iter()
        .filter(|(_, name)| *name != room && !allowed.contains(name))
        .map(|(at, name)| breach(at, format!("`{room}` may not import `{name}` (docs/architecture.md)")))
        .collect();
    for (at, _) in code.match_indices("super::super") {
        breaches.push(breach(at, "a path climbs one step at most; say `crate::room::…`".to_owned()));
    }
    breaches
}

/// The rooms that a text names through `crate::` or `transship::`, with the place of each.
fn imports(code: &str) -> Vec<(usize, String)> {
    let mut imports = Vec::new();
    for root in ["crate::", "transship::"] {
        for (at, _) in code.match_indices(root) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$') {
                continue;
            }
            let rest = &code[at + root.len()..];
            imports.extend(first_names(rest).into_iter().map(|name| (at, name)));
        }
    }
    imports.sort_unstable();
    imports
}

/// `a::b` names `a`; `{a::b, c::{d, e}}` names `a` and `c`.
fn first_names(rest: &str) -> Vec<String> {
    let identifier = |text: &str| -> String {
        text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let Some(group) = rest.trim_start().strip_prefix('{') else {
        return vec![identifier(rest)];
    };
    let mut found = vec![identifier(group)];
    let mut depth = 0;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => found.push(identifier(&group[at + 1..])),
            _ => {}
        }
    }
    found.retain(|name| !name.is_empty());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "| room | may import |\n|---|---|\n| source | nothing of ours |\n| tree, diag | source |\n| cli | all rooms |\n";

    #[test]
    fn a_breach_names_its_line_and_rule() {
        let walls = Walls::of(PAGE).expect("the table is sound");
        let code = "use crate::source::Text;\nuse crate::{source::span, diag::{Finding, Slug}};\n";
        let found = check(Path::new("src/tree.rs"), code, &walls);
        assert_eq!(
            found.iter().map(Breach::to_string).collect::<Vec<_>>(),
            ["src/tree.rs:2: `tree` may not import `diag` (docs/architecture.md)"]
        );
    }

    #[test]
    fn a_room_may_name_itself_and_a_macro_crate_is_no_import() {
        let walls = Walls::of(PAGE).expect("the table is sound");
        let code = "use crate::diag::Slug; macro_rules! m { () => { $crate::cli::x } }";
        assert_eq!(check(Path::new("src/diag/mod.rs"), code, &walls), []);
    }

    #[test]
    fn a_room_without_a_row_is_a_breach() {
        let walls = Walls::of(PAGE).expect("the table is sound");
        let found = check(Path::new("src/attic/mod.rs"), "", &walls);
        assert_eq!(found[0].rule, "the room `attic` has no row in the walls table");
    }

    #[test]
    fn the_table_may_not_name_a_room_that_it_does_not_have() {
        let page = "| room | may import |\n|---|---|\n| tree | souce |\n";
        assert_eq!(
            Walls::of(page),
            Err("docs/architecture.md: the walls table names no room `souce`".to_owned())
        );
    }
}
