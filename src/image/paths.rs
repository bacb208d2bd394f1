//! Paths in an image: with slashes, whatever the machine that reads them.

/// The path as seen from `base`, which is absolute, without `.`, `..` and doubled slashes.
pub(super) fn join(base: &str, path: &str) -> String {
    let whole = if path.starts_with('/') { path.to_owned() } else { format!("{base}/{path}") };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// Whether the path is one of Windows, which has its own rules.
pub(super) fn is_windows(path: &str) -> bool {
    path.contains('\\') || path.chars().nth(1) == Some(':')
}

#[cfg(test)]
mod tests {
    use super::join;

    #[test]
    fn paths_are_joined_and_cleaned() {
        assert_eq!(join("/a", "b/./c/../d/"), "/a/b/d");
        assert_eq!(join("/a", "/b//c"), "/b/c");
        assert_eq!(join("/", "../.."), "/");
    }
}
