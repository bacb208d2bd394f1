//! Patterns for paths: `*` stands for a part of a name, `?` for a letter, `**` for folders, as many as there are.

/// Whether a path, its names parted by `/`, fits a pattern; a pattern that names a folder fits all below it.
#[must_use]
pub fn fits(pattern: &str, path: &str) -> bool {
    let pattern: Vec<&str> = pattern.split('/').filter(|name| !matches!(*name, "" | ".")).collect();
    let path: Vec<&str> = path.split('/').collect();
    names(&pattern, &path)
}

fn names(pattern: &[&str], path: &[&str]) -> bool {
    let (mut at, mut in_path) = (0, 0);
    // Behind the last `**`, and where in the path what follows it was last tried.
    let mut star = None;
    loop {
        match pattern.get(at) {
            None => return true,
            Some(&"**") if at + 1 == pattern.len() => return in_path < path.len(),
            Some(&"**") => {
                at += 1;
                star = Some((at, in_path));
            }
            Some(name)
                if path.get(in_path).is_some_and(|other| letters(name.as_bytes(), other.as_bytes())) =>
            {
                (at, in_path) = (at + 1, in_path + 1);
            }
            Some(_) => {
                let Some((behind, tried)) = star.filter(|(_, tried)| *tried < path.len()) else {
                    return false;
                };
                (at, in_path) = (behind, tried + 1);
                star = Some((behind, tried + 1));
            }
        }
    }
}

/// Whether a name fits, in time that grows with the two lengths multiplied and no faster.
fn letters(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut in_name) = (0, 0);
    // Behind the last star, and where in the name what follows it was last tried.
    let mut star = None;
    while in_name < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                at += 1;
                star = Some((at, in_name));
            }
            Some(letter) if *letter == b'?' || *letter == name[in_name] => {
                (at, in_name) = (at + 1, in_name + 1)
            }
            _ => {
                let Some((behind, tried)) = star else { return false };
                (at, in_name) = (behind, tried + 1);
                star = Some((behind, tried + 1));
            }
        }
    }
    pattern[at..].iter().all(|letter| *letter == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_names_folders_and_what_is_below_them() {
        for (pattern, path) in [
            ("legacy", "legacy/a/compose.yaml"),
            ("legacy/", "legacy/compose.yaml"),
            ("./legacy/**", "legacy/a/compose.yaml"),
            ("**/test/*.yaml", "a/b/test/compose.yaml"),
            ("**/compose.yaml", "compose.yaml"),
            ("*-old/compose.y?ml", "shop-old/compose.yaml"),
            ("**", "a"),
        ] {
            assert!(fits(pattern, path), "{pattern} {path}");
        }
        for (pattern, path) in [
            ("legacy", "other/legacy/compose.yaml"),
            ("*.yaml", "a/compose.yaml"),
            ("a/**/b", "a/c"),
            ("ab*c", "ab"),
        ] {
            assert!(!fits(pattern, path), "{pattern} {path}");
        }
    }
}
