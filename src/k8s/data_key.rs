//! Keys of ConfigMaps and Secrets, and how much one object holds.

use super::name::digest;

/// The most bytes that the values of one object may have together.
pub const LIMIT: usize = 1 << 20;

/// The longest key.
const LONGEST: usize = 253;

/// Whether it can be a key.
#[must_use]
pub fn is_key(text: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    !text.is_empty()
        && text.len() <= LONGEST
        && text.bytes().all(legal)
        && text != "."
        && !text.starts_with("..")
}

/// A key for a path: the path itself when it can be one, else a text like it that ends in a digest of the path.
#[must_use]
pub fn of_path(path: &str) -> String {
    if is_key(path) {
        return path.to_owned();
    }
    let legal = |letter: char| match letter {
        '/' => '.',
        _ if letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.') => letter,
        _ => '_',
    };
    let like: String = path.trim_start_matches(['.', '/']).chars().map(legal).take(LONGEST - 9).collect();
    format!("{like}-{}", digest(path.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_keys_that_differ() {
        assert_eq!(of_path("nginx.conf"), "nginx.conf");
        assert_eq!(of_path(".htpasswd"), ".htpasswd");
        let nested = of_path("conf.d/a b.conf");
        assert!(nested.starts_with("conf.d.a_b.conf-") && is_key(&nested));
        assert_ne!(of_path("a/b"), of_path("a b"));
        assert!(["..", ".", "", "..x", &"é".repeat(200)].iter().all(|path| is_key(&of_path(path))));
    }
}
