//! Every golden vector and every mistake that was seen elsewhere has a case, by the table beside the cases.
#![expect(clippy::disallowed_methods, reason = "a test reads its table")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// How many vectors there are.
const VECTORS: usize = 42;

/// How many mistakes are held by a case; the others need outputs that are not there yet.
const MISTAKES: usize = 20;

/// The cells of the rows of a table below a heading.
fn rows(text: &str, heading: &str) -> Vec<Vec<String>> {
    let section = text.split(&format!("## {heading}\n")).nth(1).expect("the heading is there");
    let section = section.split("\n## ").next().unwrap_or_default();
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect()
    };
    section.lines().filter(|line| line.starts_with("| ")).skip(1).map(cells).collect()
}

/// The names in a cell; each must be a folder of cases.
fn cases(cell: &str) -> Vec<String> {
    let names: Vec<String> = cell.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    for name in &names {
        let below = if name.contains('/') { name.clone() } else { format!("convert/{name}") };
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(below);
        assert!(folder.is_dir(), "`{name}` is no case");
    }
    names
}

#[test]
fn every_vector_and_every_mistake_has_a_case() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/convert/README.md");
    let text = fs::read_to_string(path).expect("the table is there");
    let vectors = rows(&text, "Golden vectors");
    let numbers: Vec<String> = vectors.iter().map(|row| row[0].clone()).collect();
    assert_eq!(numbers, (1..=VECTORS).map(|number| number.to_string()).collect::<Vec<_>>());
    for row in &vectors {
        assert!(row.len() == 3 && !cases(&row[2]).is_empty(), "vector {} has no case", row[0]);
    }
    let mistakes = rows(&text, "Mistakes seen elsewhere");
    let different: BTreeSet<&str> = mistakes.iter().map(|row| row[0].as_str()).collect();
    assert_eq!((mistakes.len(), different.len()), (MISTAKES, MISTAKES));
    for row in &mistakes {
        assert!(row.len() == 2 && !cases(&row[1]).is_empty(), "`{}` has no case", row[0]);
    }
}
