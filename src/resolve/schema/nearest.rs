//! "Did you mean": the known name that is the fewest typing errors away.

/// Longer names than this are no typing errors of ours.
const LONGEST: usize = 40;

/// The known name nearest to what was written, when it is near enough to be meant; of equals the first.
pub(super) fn name(written: &str, known: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    if written.len() > LONGEST {
        return None;
    }
    let written = written.to_ascii_lowercase().replace('-', "_");
    let limit = (written.len() / 4).clamp(1, 3);
    known
        .filter(|known| known.len().abs_diff(written.len()) <= limit)
        .map(|known| (distance(written.as_bytes(), known.as_bytes()), known))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// How many letters must be added, dropped, changed or swapped with their neighbour.
fn distance(left: &[u8], right: &[u8]) -> usize {
    let mut before = vec![0; right.len() + 1];
    let mut above: Vec<usize> = (0..=right.len()).collect();
    for (row, letter) in left.iter().enumerate() {
        let mut line = vec![row + 1; right.len() + 1];
        for (column, other) in right.iter().enumerate() {
            let changed = above[column] + usize::from(letter != other);
            let mut least = changed.min(above[column + 1] + 1).min(line[column] + 1);
            if row > 0 && column > 0 && *letter == right[column - 1] && left[row - 1] == *other {
                least = least.min(before[column - 1] + 1);
            }
            line[column + 1] = least;
        }
        before = above;
        above = line;
    }
    above[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_within_a_quarter_of_its_length() {
        let near = |written| {
            name(written, ["env_file", "environment", "image", "ports", "privileged", "version"].into_iter())
        };
        assert_eq!(near("prots"), Some("ports"));
        assert_eq!(near("enviroment"), Some("environment"));
        assert_eq!(near("envFile"), Some("env_file"));
        assert_eq!(near("env-file"), Some("env_file"));
        assert_eq!(near("posts"), Some("ports"));
        assert_eq!(near("apiVersion"), None);
        assert_eq!(near(""), None);
    }
}
