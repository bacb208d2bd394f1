//! Labels and annotations: what may be their keys and values.

use super::name::is_subdomain;

/// Whether it can be the value of a label.
#[must_use]
pub fn is_value(text: &str) -> bool {
    text.is_empty() || (text.len() <= 63 && is_qualified_part(text))
}

/// Whether it can be the key of a label or of an annotation: a name, with or without a prefix.
#[must_use]
pub fn is_key(text: &str) -> bool {
    let (prefix, name) = text.split_once('/').map_or((None, text), |(prefix, name)| (Some(prefix), name));
    prefix.is_none_or(is_subdomain) && name.len() <= 63 && is_qualified_part(name)
}

fn is_qualified_part(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let end = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    text.bytes().all(inner) && end(text.as_bytes().first()) && end(text.as_bytes().last())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values_follow_the_api() {
        assert!(
            is_key("app.kubernetes.io/name")
                && is_key("a_b")
                && !is_key("a b")
                && !is_key("/x")
                && !is_key("")
        );
        assert!(is_value("") && is_value("1.2") && !is_value("https://x") && !is_value("-a"));
    }
}
