//! Labels that a watcher of the Docker API acts on.

use std::collections::BTreeMap;

use crate::compose::codec::{Field, Map};
use crate::compose::leaf::Loose;
use crate::compose::project::entries;
use crate::convert::options::Expose;
use crate::convert::pass::{Pass, Told};
use crate::convert::routes::Left;
use crate::convert::routes::decide::{self, Routed, kind_word};
use crate::diag::slugs;
use crate::plan::ledger::Verdict;
use crate::source::Text;
use crate::source::span::{Identity, Spanned};

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
    /// Whether routes are read from its labels.
    routes: bool,
}

const WATCHERS: [Watcher; 7] = [
    Watcher {
        name: "Traefik",
        starts: &["traefik"],
        does: "route requests",
        tip: "write an Ingress, an HTTPRoute or an IngressRoute for it",
        routes: true,
    },
    Watcher {
        name: "caddy-docker-proxy",
        starts: &["caddy"],
        does: "route requests",
        tip: "write an Ingress or an HTTPRoute for it",
        routes: true,
    },
    Watcher {
        name: "nginx-proxy",
        starts: &["com.github.jrcs.letsencrypt_nginx_proxy_companion", "com.github.nginx-proxy"],
        does: "route requests",
        tip: "write an Ingress or an HTTPRoute for it",
        routes: false,
    },
    Watcher {
        name: "watchtower",
        starts: &["com.centurylinklabs.watchtower"],
        does: "update the image",
        tip: "have a GitOps tool or Renovate write new tags",
        routes: false,
    },
    Watcher {
        name: "autoheal",
        starts: &["autoheal"],
        does: "restart the container when it is unhealthy",
        tip: "ask for a liveness probe: `x-transship: {liveness: true}`",
        routes: false,
    },
    Watcher {
        name: "ofelia",
        starts: &["ofelia"],
        does: "run commands by the clock",
        tip: "write an entry of `jobs`, which becomes a CronJob",
        routes: false,
    },
    Watcher {
        name: "diun",
        starts: &["diun"],
        does: "tell of new images",
        tip: "have Diun watch the cluster: it reads annotations of pods with its Kubernetes provider",
        routes: false,
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
    let routed = pass.survey.member(service).copied().and_then(|member| decide::routed(pass, &member));
    for (watcher, values) in found {
        let values = match &routed {
            Some(routed) if watcher.routes => routes(pass, service, watcher, routed, values),
            Some(_) | None => values,
        };
        let Watcher { name, does, tip, starts: _, routes: _ } = watcher;
        let message = format!(
            "labels of `{service}` have {name} {does}; nobody reads them in a cluster, where they are annotations"
        );
        say(pass, &values, message, tip);
    }
}

/// One finding tells of all of these labels.
fn say<'p>(pass: &mut Pass<'p>, values: &[&'p Spanned<Loose>], message: String, tip: &str) {
    let Some((first, others)) = values.split_first() else { return };
    let mut finding = pass.finding_at_key(first, slugs::BEHAVIORAL_LABEL, message).tip(tip);
    for other in others {
        finding = finding.also(other.key, "");
    }
    let told = Told::by(&finding);
    pass.report(finding);
    for value in values {
        pass.likewise(*value, Verdict::Approximated, &told);
    }
}

/// What becomes of labels where routes are written: those that routes are made of have their effect, of the others it is
/// said why not. Hands back those of which nothing is known.
fn routes<'p>(
    pass: &mut Pass<'p>,
    service: &Text,
    watcher: &Watcher,
    routed: &Routed<'_>,
    values: Vec<&'p Spanned<Loose>>,
) -> Vec<&'p Spanned<Loose>> {
    let survey = std::rc::Rc::clone(&pass.survey);
    let Some(inferred) = survey.routes.get(service) else { return values };
    let kind = kind_word(routed.way);
    let mut unknown = Vec::new();
    let mut overruled = Vec::new();
    let mut left: BTreeMap<&Left, Vec<&'p Spanned<Loose>>> = BTreeMap::new();
    for value in values {
        let label = Identity::of(value);
        let is_used = inferred.routes.iter().any(|route| {
            let certificate = route.tls == Some(label) && route.rule != label;
            // The certificates of a Gateway are those of its listeners.
            route.labels.contains(&label) && !(certificate && routed.way == Expose::Gateway)
        });
        match inferred.left.iter().find(|(known, _)| *known == label) {
            _ if routed.overruled.contains(&label) => overruled.push(value),
            _ if is_used => {
                pass.mapped(value);
            }
            Some((_, why)) => left.entry(why).or_default().push(value),
            None if inferred.routes.is_empty() => unknown.push(value),
            None => left.entry(&Left::Beside).or_default().push(value),
        }
    }
    // What belongs to no router says nothing by itself.
    if let Some((_, values)) = left.iter_mut().find(|(why, _)| matches!(why, Left::Because(_))) {
        values.append(&mut unknown);
    }
    let message = format!(
        "labels of `{service}` ask for a route in whose place stands that of a flag, a hint or another label"
    );
    say(pass, &overruled, message, "take out what is not meant");
    for (why, values) in left {
        match why {
            Left::Beside => {
                let message = format!(
                    "labels of `{service}` say more than hosts, paths and ports: its {kind} has these alone, and the rest is \
                     set where the controller is"
                );
                say(pass, &values, message, "set entry points, middlewares and certificates up there");
            }
            Left::Because(words) => {
                let message = format!("labels of `{service}`: {words}, so no {kind} is written for it");
                say(pass, &values, message, watcher.tip);
            }
        }
    }
    unknown
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
