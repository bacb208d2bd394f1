//! Hosts, paths, Gateways and issuers, as people write them.

use crate::convert::options::{Gateway, Issuer};
use crate::k8s::name;
use crate::source::Text;

/// Whether a route can have the host: a DNS name in small letters, whose first label may be `*`; addresses are none.
#[must_use]
pub fn is_host(host: &str) -> bool {
    let plain = host.strip_prefix("*.").unwrap_or(host);
    let labels = plain.split('.').all(|label| label.len() <= 63);
    let address = plain.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    labels && !address && name::is_subdomain(plain)
}

/// Whether a route can have the path.
#[must_use]
pub fn is_path(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let hole = ["//", "/./", "/../", "%2f", "#", "?"].iter().any(|part| lower.contains(part));
    path.starts_with('/')
        && !hole
        && !path.ends_with("/.")
        && !path.ends_with("/..")
        && path.bytes().all(|byte| byte.is_ascii_graphic() && !b"`{}\"\\^<>|".contains(&byte))
}

/// A Gateway: `NAME`, `NAMESPACE/NAME`, and behind a colon a listener.
#[must_use]
pub fn gateway(text: &str) -> Option<Gateway> {
    let (path, listener) =
        text.split_once(':').map_or((text, None), |(path, listener)| (path, Some(listener)));
    let (namespace, own) = path.split_once('/').map_or((None, path), |(space, own)| (Some(space), own));
    let legal = name::is_subdomain(own)
        && namespace.is_none_or(name::is_label)
        && listener.is_none_or(name::is_subdomain);
    legal.then(|| Gateway {
        namespace: namespace.map(Text::new),
        name: own.into(),
        listener: listener.map(Text::new),
    })
}

/// An issuer of certificates: the name of a ClusterIssuer, or the kind and the name.
#[must_use]
pub fn issuer(text: &str) -> Option<Issuer> {
    let (cluster, own) = match text.split_once('/') {
        None => (true, text),
        Some(("ClusterIssuer", own)) => (true, own),
        Some(("Issuer", own)) => (false, own),
        Some(_) => return None,
    };
    name::is_subdomain(own).then(|| Issuer { cluster, name: own.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_paths_are_what_routes_take() {
        for host in ["shop.example.com", "localhost", "*.example.com", "a-1.b"] {
            assert!(is_host(host), "{host}");
        }
        for host in ["", "*", "10.0.0.1", "Shop.example.com", "a_b.c", "a..b", "*.*.a", "a/b", "a:80"] {
            assert!(!is_host(host), "{host}");
        }
        for path in ["/", "/api", "/api/", "/.well-known/x", "/a-b_c~d"] {
            assert!(is_path(path), "{path}");
        }
        for path in ["", "api", "//", "/a/../b", "/{id}", "/a b", "/a?x", "/..", "/%2Fa"] {
            assert!(!is_path(path), "{path}");
        }
    }

    #[test]
    fn gateways_and_issuers_have_a_name_and_perhaps_more() {
        let gateway_of = |text| gateway(text).map(|found| (found.namespace, found.name, found.listener));
        assert_eq!(gateway_of("shop"), Some((None, "shop".into(), None)));
        assert_eq!(
            gateway_of("infra/public:https"),
            Some((Some("infra".into()), "public".into(), Some("https".into())))
        );
        assert!(gateway("a/b/c").is_none() && gateway("").is_none() && gateway("a:").is_none());
        assert_eq!(issuer("letsencrypt"), Some(Issuer { cluster: true, name: "letsencrypt".into() }));
        assert_eq!(issuer("Issuer/own"), Some(Issuer { cluster: false, name: "own".into() }));
        assert!(issuer("Secret/own").is_none() && issuer("").is_none());
    }
}
