//! Names that an API server takes.

/// The longest name of a label, of most objects, and of a container.
pub const LABEL_LENGTH: usize = 63;

/// Lower case, `_` and `.` and what else no name may hold as `-`, no dash at the ends, at most `longest` letters:
/// a name that is cut ends in a digest of the whole, so that two long names stay two. Nothing when nothing is left.
#[must_use]
pub fn object(text: &str, longest: usize) -> Option<String> {
    let letters: String = text
        .chars()
        .map(|letter| {
            let letter = letter.to_ascii_lowercase();
            if letter.is_ascii_lowercase() || letter.is_ascii_digit() { letter } else { '-' }
        })
        .collect();
    let trimmed = letters.trim_matches('-');
    if trimmed.is_empty() {
        return None;
    }
    if trimmed.len() <= longest {
        return Some(trimmed.to_owned());
    }
    let digest = digest(text.as_bytes());
    let kept = trimmed[..longest - digest.len() - 1].trim_end_matches('-');
    Some(format!("{kept}-{digest}"))
}

/// A name with an ending, at most `longest` letters: the ending stays whole.
#[must_use]
pub fn with_ending(name: &str, ending: &str, longest: usize) -> String {
    let room = longest.saturating_sub(ending.len() + 1);
    let start = object(name, room).unwrap_or_default();
    format!("{start}-{ending}")
}

/// Whether it is a label of RFC 1123: lower-case letters, digits and inner dashes, at most 63.
#[must_use]
pub fn is_label(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !name.is_empty()
        && name.len() <= LABEL_LENGTH
        && name.bytes().all(inner)
        && !name.starts_with('-')
        && !name.ends_with('-')
}

/// Whether a Service can have the name: a label of RFC 1035, which starts with a letter.
#[must_use]
pub fn is_service_name(name: &str) -> bool {
    is_label(name) && name.starts_with(|letter: char| letter.is_ascii_lowercase())
}

/// Whether it is a subdomain of RFC 1123: labels with dots between, at most 253 letters.
#[must_use]
pub fn is_subdomain(name: &str) -> bool {
    let label = |part: &str| {
        let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        !part.is_empty() && part.bytes().all(inner) && !part.starts_with('-') && !part.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(label)
}

/// Whether a variable can have the name, in Kubernetes of that minor version.
#[must_use]
pub fn is_variable(name: &str, minor: u32) -> bool {
    if minor >= 32 {
        return !name.is_empty() && name.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'=');
    }
    let letter = |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-' | b'.');
    let starts = name.bytes().next().is_some_and(letter);
    // `.` and what starts with `..` would name folders.
    starts
        && name.bytes().all(|byte| letter(byte) || byte.is_ascii_digit())
        && name != "."
        && !name.starts_with("..")
}

/// Eight letters that stand for the bytes: the same ones always, others with near certainty.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    // FNV-1a: short, without state, and the same on every machine.
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
    });
    format!("{:08x}", (hash >> 32) ^ (hash & 0xffff_ffff))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_labels_and_long_ones_keep_apart() {
        assert_eq!(object("My_App.web", 63).as_deref(), Some("my-app-web"));
        assert_eq!(object("__", 63), None);
        let (left, right) = ("a".repeat(70), format!("{}b", "a".repeat(69)));
        let names = [object(&left, 63), object(&right, 63)].map(|name| name.expect("letters are left"));
        assert!(names.iter().all(|name| name.len() == 63 && is_label(name)));
        assert_ne!(names[0], names[1]);
        assert_eq!(with_ending("web", "published", 63), "web-published");
    }

    #[test]
    fn variables_are_named_more_freely_since_1_32() {
        assert!(is_variable("a[0] b", 32) && !is_variable("a[0]", 31) && is_variable("a.b-C_1", 31));
        assert!(!is_variable("A=B", 34) && !is_variable("\u{e9}", 34) && !is_variable("", 34));
        assert!(!is_variable("1A", 31) && !is_variable("..a", 31));
    }

    #[test]
    fn services_start_with_a_letter() {
        assert!(is_service_name("db") && !is_service_name("3d") && !is_service_name("a_b"));
        assert!(is_subdomain("a.b-c.d") && !is_subdomain("a..b") && !is_subdomain(""));
    }
}
