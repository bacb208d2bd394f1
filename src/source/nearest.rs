//! "Did you mean": the known name that is the fewest typing errors away.

/// Longer names than this are no typing errors of ours.
const LONGEST: usize = 100;

/// The known name nearest to what was written, when it is near enough to be meant; of equals the first. Large letters
/// are as small ones, and one sign between words is as good as the other.
#[must_use]
pub fn nearest<'k>(written: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    if written.len() > LONGEST {
        return None;
    }
    let left = plain(written);
    let limit = (left.len() / 4).clamp(1, 5);
    let near = known.into_iter().filter(|known| known.len().abs_diff(left.len()) <= limit);
    near.map(|known| (distance(&left, &plain(known)), known))
        .filter(|(distance, _)| *distance <= limit && *distance < left.len())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

fn plain(name: &str) -> Vec<u8> {
    let letter = |byte| if matches!(byte, b'-' | b'.') { b'_' } else { byte.to_ascii_lowercase() };
    name.bytes().map(letter).collect()
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
            nearest(written, ["env_file", "environment", "image", "ports", "privileged", "version"])
        };
        assert_eq!(near("prots"), Some("ports"));
        assert_eq!(near("enviroment"), Some("environment"));
        assert_eq!(near("envFile"), Some("env_file"));
        assert_eq!(near("env-file"), Some("env_file"));
        assert_eq!(near("posts"), Some("ports"));
        assert_eq!(near("apiVersion"), None);
        assert_eq!(near(""), None);
    }

    #[test]
    fn signs_and_large_letters_count_little() {
        let near = |written| nearest(written, ["kind", "service-account", "retain", "z"]);
        assert_eq!(near("kinds"), Some("kind"));
        assert_eq!(near("serviceAccount"), Some("service-account"));
        assert_eq!(near("retian"), Some("retain"));
        assert_eq!((near("foo"), near("a")), (None, None));
    }

    #[test]
    fn slips_of_the_pen_are_understood() {
        let near = |written| nearest(written, ["imagePullPolicy", "image", "command", "env"]);
        assert_eq!(near("imagePullPolcy"), Some("imagePullPolicy"));
        assert_eq!((near("Image"), near("healthcheck"), near("e")), (Some("image"), None, None));
    }
}
