//! Paths by their letters alone: Unix paths as Go cleans and joins them, and what counts as a Windows path.

/// The shortest path that means the same, as Go's `path.Clean`; of nothing it is `.`.
#[must_use]
pub fn path_clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut kept: Vec<&str> = Vec::new();
    for element in path.split('/') {
        match element {
            "" | "." => {}
            ".." => match kept.last() {
                Some(&last) if last != ".." => {
                    kept.pop();
                }
                _ if rooted => {}
                _ => kept.push(".."),
            },
            _ => kept.push(element),
        }
    }
    match (rooted, kept.join("/")) {
        (true, inner) => format!("/{inner}"),
        (false, inner) if inner.is_empty() => ".".into(),
        (false, inner) => inner,
    }
}

/// Two paths in one, cleaned, as Go's `filepath.Join` on Unix; an empty one does not count.
#[must_use]
pub fn path_join(base: &str, path: &str) -> String {
    match (base.is_empty(), path.is_empty()) {
        (true, true) => String::new(),
        (true, false) => path_clean(path),
        (false, _) => path_clean(&format!("{base}/{path}")),
    }
}

/// Whether a Unix system takes the path as absolute.
#[must_use]
pub fn is_abs(path: &str) -> bool {
    path.starts_with('/')
}

/// Whether Windows would take the path as absolute: a drive with a root, a share, a device.
#[must_use]
pub fn is_abs_windows(path: &str) -> bool {
    let bytes = path.as_bytes();
    let volume = volume_length(bytes);
    if volume == 0 {
        return false;
    }
    is_separator(bytes.first()) && is_separator(bytes.get(1)) || is_separator(bytes.get(volume))
}

fn is_separator(byte: Option<&u8>) -> bool {
    matches!(byte, Some(b'\\' | b'/'))
}

/// How many bytes name the volume, as Go counts them on Windows.
fn volume_length(path: &[u8]) -> usize {
    if path.get(1) == Some(&b':') {
        return 2;
    }
    if !is_separator(path.first()) {
        return 0;
    }
    if starts_with_folded(path, br"\\.\UNC") {
        return share_length(path, br"\\.\UNC\".len());
    }
    if [br"\\.", br"\\?", br"\??"].iter().any(|prefix| starts_with_folded(path, *prefix)) {
        let device = path.get(4..).and_then(|rest| rest.iter().position(|byte| is_separator(Some(byte))));
        return device.map_or(path.len(), |length| 4 + length);
    }
    if is_separator(path.get(1)) { share_length(path, 2) } else { 0 }
}

/// Whether the path starts with whole elements `prefix`, whatever their letter case and their separators.
fn starts_with_folded(path: &[u8], prefix: &[u8]) -> bool {
    let same = |(left, right): (&u8, &u8)| {
        if is_separator(Some(left)) { is_separator(Some(right)) } else { left.eq_ignore_ascii_case(right) }
    };
    path.len() >= prefix.len()
        && prefix.iter().zip(path).all(same)
        && (path.len() == prefix.len() || is_separator(path.get(prefix.len())))
}

/// How many bytes the host and the share take, from the path's start.
fn share_length(path: &[u8], start: usize) -> usize {
    let tail = path.get(start..).unwrap_or(&[]).iter().enumerate();
    let mut separators = tail.filter(|(_, byte)| is_separator(Some(byte)));
    separators.nth(1).map_or(path.len(), |(at, _)| start + at)
}
