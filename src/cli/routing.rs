//! The flags that say where secret values are kept and how requests come in, and how their words are read.

use clap::Args;

use super::error::Error;
use crate::convert::options::{self, Gateway, Issuer, Store};
use crate::convert::routes::words;
use crate::k8s::name as names;
use crate::source::Text;

/// The host of a service, or of all.
pub type HostOf = (Option<Text>, Text);

/// What routes from outside need; the twins in the settings are the same.
#[derive(Clone, Debug, Default, Args)]
pub struct Routing {
    /// The host under which a service is reached; without SERVICE that of all, where `*` stands for the service
    #[arg(long, value_name = "[SERVICE=]HOST", value_parser = host)]
    pub host: Vec<HostOf>,
    /// The class of Ingresses [default: that of the cluster]
    #[arg(long, value_name = "CLASS", value_parser = name)]
    pub ingress_class: Option<Text>,
    /// The Gateway of HTTPRoutes [default: one that is called like the project]
    #[arg(long, value_name = "[NAMESPACE/]NAME[:LISTENER]", value_parser = gateway)]
    pub gateway: Option<Gateway>,
    /// The Secret with the certificate of all routes
    #[arg(long, value_name = "SECRET", value_parser = name)]
    pub tls_secret: Option<Text>,
    /// cert-manager's issuer of the certificates of all routes: a ClusterIssuer, or `Issuer/NAME`
    #[arg(long, value_name = "ISSUER", value_parser = issuer)]
    pub cert_issuer: Option<Issuer>,
    /// The namespace of the ingress controller or the gateway: policies let routed requests in from there alone
    #[arg(long, value_name = "NAMESPACE", value_parser = label)]
    pub ingress_namespace: Option<Text>,
}

impl Routing {
    /// What these flags say, and where they say nothing, the settings.
    #[must_use]
    pub fn over(&self, twins: &Self) -> options::Routing {
        let all = || twins.host.iter().chain(&self.host);
        let hosts = all().filter_map(|(service, host)| Some((service.clone()?, host.clone())));
        options::Routing {
            host: all().rfind(|(service, _)| service.is_none()).map(|(_, host)| host.clone()),
            hosts: hosts.collect(),
            ingress_class: self.ingress_class.clone().or_else(|| twins.ingress_class.clone()),
            gateway: self.gateway.clone().or_else(|| twins.gateway.clone()),
            tls_secret: self.tls_secret.clone().or_else(|| twins.tls_secret.clone()),
            cert_issuer: self.cert_issuer.clone().or_else(|| twins.cert_issuer.clone()),
            namespace: self.ingress_namespace.clone().or_else(|| twins.ingress_namespace.clone()),
        }
    }
}

/// Whether the operator of Vault can take its values from there.
///
/// # Errors
/// When it cannot.
pub(super) fn of_vault(store: &Store) -> Result<(), Error> {
    match store {
        Store::Vault(_) | Store::Known { cluster: false, .. } => Ok(()),
        Store::Known { cluster: true, .. } | Store::Aws(_) | Store::Gcp(_) => Err(Error::Flags(
            "`--secrets vso` takes values of Vault alone, and the store is another one",
            "name a VaultAuth, or pass `--secret-store vault=ADDRESS`; other stores are for `--secrets external`",
        )),
    }
}

/// Where secret values are kept.
pub(super) fn store(text: &str) -> Result<Store, String> {
    const WORDS: &str = "write the name of a store, `ClusterSecretStore/NAME`, or `aws=REGION`, `gcp=PROJECT` or \
                         `vault=ADDRESS` to have one written";
    let known = |cluster: bool, name: &str| {
        names::is_subdomain(name)
            .then(|| Store::Known { cluster, name: name.into() })
            .ok_or_else(|| WORDS.to_owned())
    };
    let word = |text: &str| {
        let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.:".contains(&byte);
        (!text.is_empty() && text.bytes().all(legal)).then(|| Text::new(text))
    };
    let Some((provider, place)) = text.split_once('=') else {
        return match text.split_once('/') {
            Some(("ClusterSecretStore", name)) => known(true, name),
            Some(("SecretStore" | "VaultAuth", name)) => known(false, name),
            Some(_) => Err(WORDS.to_owned()),
            None if matches!(text, "aws" | "gcp" | "vault") => Err(format!(
                "say where it is, as `aws=REGION`, `gcp=PROJECT` or `vault=ADDRESS`; a store of that name is \
                 `SecretStore/{text}`"
            )),
            None => known(false, text),
        };
    };
    match provider {
        "aws" => word(place).map(Store::Aws).ok_or_else(|| "write a region, as `aws=eu-central-1`".into()),
        "gcp" => word(place).map(Store::Gcp).ok_or_else(|| "write a project, as `gcp=shop-prod`".into()),
        "vault" => {
            let host = place.strip_prefix("https://").or_else(|| place.strip_prefix("http://"));
            let legal =
                host.is_some_and(|host| !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_graphic()));
            // A user or a password has no place in an address that is written down.
            let legal = legal && !place.contains('@');
            let words = "write an address, as `vault=https://vault.example.com:8200`";
            if legal { Ok(Store::Vault(place.trim_end_matches('/').into())) } else { Err(words.into()) }
        }
        _ => Err(WORDS.to_owned()),
    }
}

/// A host, perhaps of one service.
pub(super) fn host(text: &str) -> Result<HostOf, String> {
    let words = "write a DNS name, as `shop.example.com`, `*.example.com` or `web=shop.example.com`";
    let (service, host) = text.split_once('=').map_or((None, text), |(service, host)| (Some(service), host));
    let lower = host.to_ascii_lowercase();
    // Of all services, the star stands for the name of each.
    let plain = if service.is_none() { lower.replacen('*', "x", 1) } else { lower.clone() };
    if service == Some("") || !words::is_host(&plain) {
        return Err(words.to_owned());
    }
    Ok((service.map(Text::new), lower.into()))
}

/// A Gateway, perhaps with its namespace and a listener.
pub(super) fn gateway(text: &str) -> Result<Gateway, String> {
    words::gateway(text).ok_or_else(|| "write NAME, NAMESPACE/NAME or NAMESPACE/NAME:LISTENER".to_owned())
}

/// An issuer of certificates.
pub(super) fn issuer(text: &str) -> Result<Issuer, String> {
    words::issuer(text).ok_or_else(|| "write the name of a ClusterIssuer, or `Issuer/NAME`".to_owned())
}

/// The name of an object.
pub(super) fn name(text: &str) -> Result<Text, String> {
    let words = "write the name of an object: small letters, digits, dashes and dots";
    if names::is_subdomain(text) { Ok(text.into()) } else { Err(words.to_owned()) }
}

/// The name of a namespace.
pub(super) fn label(text: &str) -> Result<Text, String> {
    let words = "write the name of a namespace: small letters, digits and dashes";
    if names::is_label(text) { Ok(text.into()) } else { Err(words.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_known_or_has_a_provider_and_a_place() {
        assert_eq!(store("aws=eu-central-1"), Ok(Store::Aws("eu-central-1".into())));
        assert_eq!(store("gcp=shop-prod"), Ok(Store::Gcp("shop-prod".into())));
        assert_eq!(store("vault=https://vault:8200/"), Ok(Store::Vault("https://vault:8200".into())));
        assert_eq!(store("team"), Ok(Store::Known { cluster: false, name: "team".into() }));
        assert_eq!(store("ClusterSecretStore/team"), Ok(Store::Known { cluster: true, name: "team".into() }));
        for wrong in ["aws", "aws=", "azure=x", "vault=vault:8200", "vault=https://a:b@c", "a/b", "A", ""] {
            assert!(store(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_host_is_that_of_a_service_or_of_all() {
        assert_eq!(host("Web=Shop.example.com"), Ok((Some("Web".into()), "shop.example.com".into())));
        assert_eq!(host("*.example.com"), Ok((None, "*.example.com".into())));
        assert_eq!(host("*-shop.example.com"), Ok((None, "*-shop.example.com".into())));
        assert_eq!(host("web=*.example.com"), Ok((Some("web".into()), "*.example.com".into())));
        for wrong in ["", "=a.b", "web=", "http://a", "a b", "web=x*.example.com", "10.0.0.1"] {
            assert!(host(wrong).is_err(), "{wrong}");
        }
    }
}
