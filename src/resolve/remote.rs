//! Which file names are addresses on the network: nothing that we read.

/// Whether Compose would fetch it, or hand it to the builder as an address.
#[must_use]
pub fn is_remote(path: &str) -> bool {
    path.contains("://") || is_repository(path)
}

/// Whether it is the address of a repository or of a web page, as the builder sees it.
#[must_use]
pub fn is_repository(path: &str) -> bool {
    ["https://", "http://", "git://", "ssh://", "github.com/", "git@"]
        .iter()
        .any(|prefix| path.starts_with(prefix))
}
