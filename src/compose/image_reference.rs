//! The name of an image in its parts: registry, repository, tag, digest.

use std::fmt;

use crate::source::Text;

/// The registry of names that name none.
pub const DOCKER_HUB: &str = "docker.io";

/// The name of an image, normalised as Docker does it: `postgres` is `docker.io/library/postgres`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageReference {
    /// The registry, with its port.
    pub registry: Text,
    /// The repository in it, `library/` included.
    pub repository: Text,
    /// The tag, when one is written; without tag and digest Docker takes `latest`.
    pub tag: Option<Text>,
    /// The digest, as `sha256:…`.
    pub digest: Option<Text>,
}

impl ImageReference {
    /// Reads the name of an image; nothing when Docker would refuse it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(digest)),
            None => (text, None),
        };
        if digest.is_some_and(|digest| !is_digest(digest)) {
            return None;
        }
        // A colon before the last slash belongs to the port of the registry.
        let (name, tag) = match name.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
            _ => (name, None),
        };
        if tag.is_some_and(|tag| !is_tag(tag)) {
            return None;
        }
        let (registry, repository) = match name.split_once('/') {
            Some((first, rest)) if is_registry(first) => (first, rest),
            _ => (DOCKER_HUB, name),
        };
        let registry = if registry == "index.docker.io" { DOCKER_HUB } else { registry };
        if !repository.split('/').all(is_component) || !is_host(registry) {
            return None;
        }
        let is_official = registry == DOCKER_HUB && !repository.contains('/');
        let repository =
            if is_official { Text::from(format!("library/{repository}")) } else { Text::new(repository) };
        Some(Self {
            registry: Text::new(registry),
            repository,
            tag: tag.map(Text::new),
            digest: digest.map(Text::new),
        })
    }

    /// Whether a name says which registry holds the image.
    #[must_use]
    pub fn names_registry(text: &str) -> bool {
        text.split_once('/').is_some_and(|(first, _)| is_registry(first))
    }

    /// The name without registry (when it is Docker Hub), tag and digest, as people write it: `postgres`.
    #[must_use]
    pub fn familiar(&self) -> String {
        if self.registry != DOCKER_HUB {
            return format!("{}/{}", self.registry, self.repository);
        }
        self.repository.strip_prefix("library/").unwrap_or(&self.repository).to_owned()
    }

    /// The tag that is pulled: the written one, or `latest` where there is neither tag nor digest.
    #[must_use]
    pub fn pulled_tag(&self) -> Option<&str> {
        self.tag.as_deref().or_else(|| self.digest.is_none().then_some("latest"))
    }

    /// Whether both name the same image: the same digest, or without one the same tag.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        if (&self.registry, &self.repository) != (&other.registry, &other.repository) {
            return false;
        }
        match (&self.digest, &other.digest) {
            (Some(one), Some(other)) => one == other,
            // A digest names one image, a tag another one every day.
            (Some(_), None) | (None, Some(_)) => false,
            (None, None) => self.pulled_tag() == other.pulled_tag(),
        }
    }
}

impl fmt::Display for ImageReference {
    /// The normalised name.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.registry, self.repository)?;
        if let Some(tag) = self.pulled_tag() {
            write!(out, ":{tag}")?;
        }
        match &self.digest {
            Some(digest) => write!(out, "@{digest}"),
            None => Ok(()),
        }
    }
}

fn is_registry(first: &str) -> bool {
    first == "localhost" || first.contains(['.', ':']) || first.bytes().any(|byte| byte.is_ascii_uppercase())
}

fn is_host(registry: &str) -> bool {
    let (host, port) = match registry.rsplit_once(':') {
        // The colons of an address in brackets are its own.
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => (registry, "0"),
    };
    let is_letter =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']');
    !host.is_empty()
        && host.bytes().all(is_letter)
        && !port.is_empty()
        && port.bytes().all(|byte| byte.is_ascii_digit())
}

/// Words of small letters and digits, with `.`, `_`, `__` or hyphens between them.
fn is_component(part: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = part.as_bytes();
    let ends = [bytes.first(), bytes.last()];
    if !ends.iter().all(|byte| byte.is_some_and(|byte| is_word(*byte))) {
        return false;
    }
    part.split(|letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit())
        .all(|gap| matches!(gap, "" | "." | "_" | "__") || gap.bytes().all(|byte| byte == b'-'))
}

fn is_tag(tag: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    tag.len() <= 128
        && tag.bytes().next().is_some_and(is_word)
        && tag.bytes().all(|byte| is_word(byte) || matches!(byte, b'.' | b'-'))
}

fn is_digest(digest: &str) -> bool {
    let Some((algorithm, sum)) = digest.split_once(':') else { return false };
    !algorithm.is_empty() && sum.len() >= 32 && sum.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[test]
    fn names_are_normalised_as_docker_does_it() {
        let names = [
            ("postgres", "docker.io/library/postgres:latest", "postgres"),
            ("postgres:17-alpine", "docker.io/library/postgres:17-alpine", "postgres"),
            ("docker.io/postgres", "docker.io/library/postgres:latest", "postgres"),
            ("index.docker.io/library/postgres:1", "docker.io/library/postgres:1", "postgres"),
            ("grafana/grafana:11.0", "docker.io/grafana/grafana:11.0", "grafana/grafana"),
            ("quay.io/keycloak/keycloak", "quay.io/keycloak/keycloak:latest", "quay.io/keycloak/keycloak"),
            ("localhost/foo", "localhost/foo:latest", "localhost/foo"),
            ("localhost:5000/foo:1", "localhost:5000/foo:1", "localhost:5000/foo"),
            ("my_org/my__image.x-y", "docker.io/my_org/my__image.x-y:latest", "my_org/my__image.x-y"),
        ];
        for (text, whole, familiar) in names {
            let reference = ImageReference::parse(text).expect(text);
            assert_eq!((reference.to_string().as_str(), reference.familiar().as_str()), (whole, familiar));
        }
    }

    #[test]
    fn a_digest_leaves_the_tag_open() {
        let reference = ImageReference::parse(&format!("redis@{DIGEST}")).expect("a name with a digest");
        assert_eq!(reference.pulled_tag(), None);
        assert_eq!(reference.to_string(), format!("docker.io/library/redis@{DIGEST}"));
        assert!(!reference.is_same(&ImageReference::parse("redis").expect("a name")));
    }

    #[test]
    fn what_docker_refuses_is_no_name() {
        for text in [
            "",
            ":1",
            "Postgres",
            "a b",
            "a:b:c",
            "${IMAGE}",
            "a@sha256:1",
            "a//b",
            "/a",
            "a:",
            "-a",
            "a.",
            "a:é",
            "é",
        ] {
            assert_eq!(ImageReference::parse(text), None, "{text}");
        }
    }
}
