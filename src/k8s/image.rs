//! The name of an image as it is written in a container.

/// The name, the tag and the digest of an image; the last two may be empty.
#[must_use]
pub fn split(image: &str) -> (&str, &str, &str) {
    let (rest, digest) = image.split_once('@').unwrap_or((image, ""));
    // A colon before the last slash belongs to the port of the registry.
    let after = rest.rfind('/').map_or(0, |at| at + 1);
    match rest[after..].find(':') {
        Some(at) => (&rest[..after + at], &rest[after + at + 1..], digest),
        None => (rest, "", digest),
    }
}
