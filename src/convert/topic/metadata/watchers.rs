//! Labels that a watcher of the Docker API acts on.

use crate::compose::codec::{Field, Map};
use crate::compose::leaf::Loose;
use crate::compose::project::entries;
use crate::convert::pass::{Pass, Told};
use crate::diag::slugs;
use crate::plan::ledger::Verdict;
use crate::source::Text;
use crate::source::span::Spanned;

/// A program that reads labels of containers.
#[derive(Debug, PartialEq, Eq)]
struct Watcher {
    /// Its name.
    name: &'static str,
    /// How its labels begin; one that ends without a dot stands for itself, and for what follows behind a dot or `_`.
    starts: &'static [&'static str],
    /// What its labels do.
    does: &'static str,
    /// What does that on Kubernetes.
    tip: &'static str,
}

const WATCHERS: [Watcher; 7] = [
    Watcher {
        name: "Traefik",
        starts: &["traefik"],
        does: "route requests",
        tip: "write an Ingress, an HTTPRoute or an IngressRoute for it",
    },
    Watcher {
        name: "caddy-docker-proxy",
        starts: &["caddy"],
        does: "route requests",
        tip: "write an Ingress or an HTTPRoute for it",
    },
    Watcher {
        name: "nginx-proxy",
        starts: &["com.github.jrcs.letsencrypt_nginx_proxy_companion", "com.github.nginx-proxy"],
        does: "route requests",
        tip: "write an Ingress or an HTTPRoute for it",
    },
    Watcher {
        name: "watchtower",
        starts: &["com.centurylinklabs.watchtower"],
        does: "update the image",
        tip: "have a GitOps tool or Renovate write new tags",
    },
    Watcher {
        name: "autoheal",
        starts: &["autoheal"],
        does: "restart the container when it is unhealthy",
        tip: "ask for a liveness probe: `x-transship: {liveness: true}`",
    },
    Watcher {
        name: "ofelia",
        starts: &["ofelia"],
        does: "run commands by the clock",
        tip: "write an entry of `jobs`, which becomes a CronJob",
    },
    Watcher {
        name: "diun",
        starts: &["diun"],
        does: "tell of new images",
        tip: "have Diun watch the cluster: it reads annotations of pods with its Kubernetes provider",
    },
];

/// Tells of labels that nobody acts on in a cluster: one finding for each watcher.
pub fn tell<'p>(pass: &mut Pass<'p>, service: &Text, labels: &'p Field<Map<Loose>>) {
    let mut found: Vec<(&'static Watcher, Vec<&'p Spanned<Loose>>)> = Vec::new();
    for (key, value) in entries(labels) {
        let Some(watcher) = watcher(key) else { continue };
        match found.iter_mut().find(|(known, _)| *known == watcher) {
            Some((_, values)) => values.push(value),
            None => found.push((watcher, vec![value])),
        }
    }
    for (watcher, values) in found {
        let Watcher { name, does, tip, starts: _ } = watcher;
        let Some((first, others)) = values.split_first() else { continue };
        let message = format!(
            "labels of `{service}` have {name} {does}; nobody reads them in a cluster, where they are annotations"
        );
        let mut finding = pass.finding_at_key(first, slugs::BEHAVIORAL_LABEL, message).tip(*tip);
        for other in others {
            finding = finding.also(other.key, "");
        }
        let told = Told::by(&finding);
        pass.report(finding);
        for value in values {
            pass.likewise(value, Verdict::Approximated, &told);
        }
    }
}

/// Whether a watcher acts on a label.
#[must_use]
pub fn is_watched(key: &str) -> bool {
    watcher(key).is_some()
}

fn watcher(key: &str) -> Option<&'static Watcher> {
    let lower = key.to_ascii_lowercase();
    let starts = |start: &&str| {
        lower.strip_prefix(*start).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '_']))
    };
    WATCHERS.iter().find(|watcher| watcher.starts.iter().any(starts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn watchers_are_known_by_their_labels() {
        let named = |key| watcher(key).map(|watcher| watcher.name);
        assert_eq!(named("traefik.enable"), Some("Traefik"));
        assert_eq!(named("caddy"), Some("caddy-docker-proxy"));
        assert_eq!(named("caddy_0.reverse_proxy"), Some("caddy-docker-proxy"));
        assert_eq!(named("com.centurylinklabs.watchtower.enable"), Some("watchtower"));
        assert_eq!(named("traefikish"), None);
        assert_eq!(named("org.opencontainers.image.title"), None);
    }
}
