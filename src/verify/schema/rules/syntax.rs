//! What the API server takes for names, numbers and paths. Rules of `k8s.io/kubernetes` 1.34, told in our words.

use std::net::IpAddr;

use serde_json::Value;

use crate::k8s::label;
use crate::k8s::name::is_subdomain;

/// The highest number of a user or group.
pub(in crate::verify) const LAST_ID: i64 = 2_147_483_647;

/// A quantity as a number; nothing when it is none. Good to compare with, not to count with.
pub(in crate::verify) fn quantity(value: &Value) -> Option<f64> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(&text);
    let digits = unsigned.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    let (number, suffix) = text.split_at(text.len() - unsigned.len() + digits);
    let number: f64 = number.parse().ok()?;
    let factor = match suffix {
        "" => 1.0,
        "n" => 1e-9,
        "u" => 1e-6,
        "m" => 1e-3,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "E" => 1e18,
        "Ki" => 1024.0,
        "Mi" => 1024_f64.powi(2),
        "Gi" => 1024_f64.powi(3),
        "Ti" => 1024_f64.powi(4),
        "Pi" => 1024_f64.powi(5),
        "Ei" => 1024_f64.powi(6),
        exponent => 10_f64.powi(exponent.strip_prefix(['e', 'E'])?.parse::<i16>().ok()?.into()),
    };
    Some(number * factor)
}

/// Base64 with its padding, as Go's decoder wants it; line breaks are passed over.
pub(in crate::verify) fn is_base64(text: &str) -> bool {
    let letters: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r')).collect();
    let padding = letters.iter().rev().take_while(|byte| **byte == b'=').count();
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    letters.len().is_multiple_of(4)
        && padding <= 2
        && letters[..letters.len() - padding].iter().all(is_letter)
}

/// A key of a ConfigMap or Secret: it becomes the name of a file.
pub(in crate::verify) fn is_config_key(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    !text.is_empty() && text.len() <= 253 && text.bytes().all(inner) && text != "." && !text.starts_with("..")
}

/// The name of a container port.
pub(in crate::verify) fn is_port_name(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=15).contains(&text.len())
        && text.bytes().all(inner)
        && text.bytes().any(|byte| byte.is_ascii_lowercase())
        && !text.contains("--")
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// The name of an environment variable: printable ASCII without an equals sign.
pub(in crate::verify) fn is_variable(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| (0x20..0x7f).contains(&byte) && byte != b'=')
}

/// A kernel parameter, with dots or slashes between its parts.
pub(in crate::verify) fn is_sysctl(text: &str) -> bool {
    let end = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    let part =
        |part: &str| part.bytes().all(inner) && end(part.as_bytes().first()) && end(part.as_bytes().last());
    text.len() <= 253 && text.split(['.', '/']).all(part)
}

/// A relative path that does not climb.
pub(in crate::verify) fn is_inner_path(text: &str) -> bool {
    !text.starts_with('/') && text.split('/').all(|part| part != "..")
}

/// An address of either family.
pub(in crate::verify) fn is_address(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok()
}

/// An address block; its first address and how many bits of it count.
pub(in crate::verify) fn block(text: &str) -> Option<(IpAddr, u8)> {
    let (address, bits) = text.split_once('/')?;
    let address: IpAddr = address.parse().ok()?;
    let bits: u8 = bits.parse().ok()?;
    (bits <= if address.is_ipv4() { 32 } else { 128 }).then_some((address, bits))
}

/// Whether a block lies within another and is smaller.
pub(in crate::verify) fn is_part((inner, bits): (IpAddr, u8), (outer, most): (IpAddr, u8)) -> bool {
    let lead = |address: IpAddr| match address {
        IpAddr::V4(address) => u128::from(address.to_bits()) << 96,
        IpAddr::V6(address) => address.to_bits(),
    };
    let same = u32::from(most) == 0 || (lead(inner) ^ lead(outer)) >> (128 - u32::from(most)) == 0;
    inner.is_ipv4() == outer.is_ipv4() && bits > most && same
}

/// The name of a resource in requests and limits: one that all know, or one with a prefix.
pub(in crate::verify) fn is_resource(text: &str) -> bool {
    matches!(text, "cpu" | "memory" | "ephemeral-storage")
        || text.starts_with("hugepages-")
        || (text.contains('/') && label::is_key(text))
}

/// A share of all: `25%`.
pub(in crate::verify) fn percent(text: &str) -> Option<u32> {
    text.strip_suffix('%').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()
}

/// A host name with a star as its first label.
pub(in crate::verify) fn is_wildcard(text: &str) -> bool {
    text.strip_prefix("*.").is_some_and(is_subdomain)
}

/// The name of an object as a segment of a path, as roles have it.
pub(in crate::verify) fn is_segment(text: &str) -> bool {
    !text.is_empty() && text != "." && text != ".." && !text.contains(['/', '%'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn quantities_have_the_suffixes_of_kubernetes() {
        let good =
            [json!("1"), json!(2), json!("1.5Gi"), json!("250m"), json!("1e3"), json!("-1"), json!("12E")];
        let read: Vec<Option<f64>> = good.iter().map(quantity).collect();
        let wanted = [1.0, 2.0, 1_610_612_736.0, 0.25, 1000.0, -1.0, 12e18].map(Some);
        assert_eq!(read, wanted);
        for bad in ["", "512mb", "1 Gi", "Gi", "1GiB", "1KI", "0x10", "1e", "--1"] {
            assert_eq!(quantity(&json!(bad)), None, "{bad}");
        }
    }

    #[test]
    fn blocks_lie_within_others() {
        let part = |inner, outer| is_part(block(inner).expect("a block"), block(outer).expect("a block"));
        assert!(part("10.1.0.0/16", "10.0.0.0/8") && part("10.0.0.0/8", "0.0.0.0/0"));
        assert!(!part("10.0.0.0/8", "10.0.0.0/8") && !part("192.168.0.0/16", "10.0.0.0/8"));
        assert!(!part("2001:db8::/64", "0.0.0.0/0") && part("2001:db8::/64", "::/0"));
        assert_eq!(block("10.0.0.0"), None);
    }

    #[test]
    fn base64_is_padded() {
        assert!(is_base64("") && is_base64("YQ==") && is_base64("YWJj") && is_base64("YW\nJj"));
        assert!(!is_base64("YQ") && !is_base64("plain text") && !is_base64("===="));
    }
}
