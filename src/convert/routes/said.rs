//! What the hint `expose` says of a service.

use super::words;
use crate::convert::hint::Hint;
use crate::convert::member::Member;
use crate::convert::options::{Expose, Gateway, Issuer, Options};
use crate::convert::pass::Pass;
use crate::k8s::name;
use crate::plan::why::Why;
use crate::source::Text;
use crate::tree::Entry;

/// The ways in, as a hint names them.
pub const WAYS: &[&str] = &["none", "loadbalancer", "nodeport", "ingress", "gateway"];

/// The keys of the hint, when it is a mapping.
pub const KEYS: &[&str] = &["type", "host", "path", "port", "class", "gateway", "tls", "issuer"];

/// A value of the hint, and the hint itself.
pub type Part<'p, T> = Option<(T, Hint<'p>)>;

/// What the hint says.
#[derive(Debug, Default)]
pub struct Said<'p> {
    /// The host.
    pub host: Part<'p, Text>,
    /// The path.
    pub path: Part<'p, Text>,
    /// The port, published or of the container.
    pub port: Part<'p, u16>,
    /// The class of the Ingress.
    pub class: Part<'p, Text>,
    /// The Gateway.
    pub gateway: Part<'p, Gateway>,
    /// Whether there is a certificate, or the Secret that holds it.
    pub tls: Part<'p, Tls>,
    /// Who issues the certificate.
    pub issuer: Part<'p, Issuer>,
    /// What cannot be used, and what could be.
    pub wrong: Vec<(&'p Entry, &'static str)>,
}

/// What is said of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tls {
    /// There is none.
    Off,
    /// There is one.
    On,
    /// It stands in this Secret.
    Secret(Text),
}

/// How a member is reached from outside, and the hint that says so.
#[must_use]
pub fn way<'p>(options: &Options, member: &Member<'p>) -> (Expose, Option<Hint<'p>>) {
    let Some(hint) = Hint::of(member, "expose") else { return (options.expose, None) };
    let typed = hint.under("type");
    let word = typed.as_ref().map_or_else(|| hint.text(), Hint::text);
    let way = match word.as_deref() {
        Some("none") => Expose::None,
        Some("loadbalancer") => Expose::LoadBalancer,
        Some("nodeport") => Expose::NodePort,
        Some("ingress") => Expose::Ingress,
        Some("gateway") => Expose::Gateway,
        Some(_) => return (options.expose, None),
        // Who says more of a route wants one.
        None if hint.map().is_none() => return (options.expose, None),
        None if super::is_routed(options.expose) => return (options.expose, None),
        None => Expose::Ingress,
    };
    (way, Some(typed.unwrap_or(hint)))
}

/// Whether a hint of the member itself opens it.
#[must_use]
pub fn is_opened(options: &Options, member: &Member<'_>) -> bool {
    let (way, hint) = way(options, member);
    hint.is_some() && way != Expose::None
}

impl<'p> Said<'p> {
    /// What the hint of a member says.
    #[must_use]
    pub fn of(member: &Member<'p>) -> Self {
        let mut said = Self::default();
        let Some(hint) = Hint::of(member, "expose") else { return said };
        for entry in hint.map().iter().flat_map(|map| &map.entries) {
            let Some(under) = hint.under(&entry.key) else { continue };
            let text = under.text().unwrap_or_default();
            if let Some(tip) = said.take(&entry.key, &text, under) {
                said.wrong.push((entry, tip));
            }
        }
        said
    }

    /// Takes one part in; what would be right, when it is not.
    fn take(&mut self, key: &str, text: &str, hint: Hint<'p>) -> Option<&'static str> {
        let legal = |fits: bool| fits.then(|| (Text::new(text), hint));
        match key {
            "type" => {
                return (!WAYS.contains(&text))
                    .then_some("write `none`, `loadbalancer`, `nodeport`, `ingress` or `gateway`");
            }
            "host" => {
                let lower = text.to_ascii_lowercase();
                self.host = words::is_host(&lower).then(|| (lower.into(), hint));
                return self.host.is_none().then_some("write a DNS name, as `shop.example.com`");
            }
            "path" => {
                self.path = legal(words::is_path(text));
                return self.path.is_none().then_some("write a path, as `/api`");
            }
            "port" => {
                self.port = text.parse().ok().filter(|port| *port != 0).map(|port| (port, hint));
                return self.port.is_none().then_some("write the number of a port");
            }
            "class" => {
                self.class = legal(name::is_subdomain(text));
                return self.class.is_none().then_some("write the name of an IngressClass");
            }
            "gateway" => {
                self.gateway = words::gateway(text).map(|gateway| (gateway, hint));
                return self
                    .gateway
                    .is_none()
                    .then_some("write `NAMESPACE/NAME` or `NAMESPACE/NAME:LISTENER`");
            }
            "tls" => {
                let tls = match crate::compose::leaf::boolean(text) {
                    Some(true) => Some(Tls::On),
                    Some(false) => Some(Tls::Off),
                    None => name::is_subdomain(text).then(|| Tls::Secret(text.into())),
                };
                self.tls = tls.map(|tls| (tls, hint));
                return self.tls.is_none().then_some("write `true`, `false` or the name of a Secret");
            }
            "issuer" => {
                self.issuer = words::issuer(text).map(|issuer| (issuer, hint));
                return self
                    .issuer
                    .is_none()
                    .then_some("write the name of a ClusterIssuer, or `Issuer/NAME`");
            }
            // Other keys were reported where hints are read.
            _ => {}
        }
        None
    }
}

/// A part of the hint as a reason.
#[must_use]
pub fn why(pass: &Pass<'_>, hint: &Hint<'_>) -> Why {
    pass.accounts.why(hint.identity)
}
