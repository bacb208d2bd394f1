//! Names of ports.

/// Whether a container's port can have the name: at most 15 small letters, digits and inner single dashes, a letter
/// among them.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !name.is_empty()
        && name.len() <= 15
        && name.bytes().all(legal)
        && name.bytes().any(|byte| byte.is_ascii_lowercase())
        && !name.starts_with('-')
        && !name.ends_with('-')
        && !name.contains("--")
}

/// The name of a port that nobody has named: `tcp-8080`.
#[must_use]
pub fn name(protocol: &str, number: u16) -> String {
    format!("{}-{number}", protocol.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_ports_are_short_and_have_a_letter() {
        assert!(is_name("http") && is_name("tcp-65535") && is_name("a1"));
        for illegal in ["", "8080", "-a", "a-", "a--b", "Http", "a-name-that-is-long"] {
            assert!(!is_name(illegal), "{illegal}");
        }
        assert_eq!(name("UDP", 53), "udp-53");
    }
}
