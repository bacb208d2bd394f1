//! Secrets whose values an operator takes from a store: the objects that ask for them, and the store itself.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::format_smolstr;

use super::hint::{self, Hint};
use super::options::{Secrets, Store};
use super::pass::Pass;
use super::topic::files::content::Declared;
use crate::diag::slugs;
use crate::k8s::kind::Kind;
use crate::plan::field::Fields;
use crate::plan::why::Why;
use crate::source::Text;

const ASKED: Why = Why::Flag("--secrets");
const STORE: Why = Why::Flag("--secret-store");
const NAMED: Why = Why::Policy("a store keeps a Secret under the name of the project and its own");
const OWN_STORE: Why = Why::Policy("the store is called like the project, until `--secret-store` says more");
const REFRESH: Why = Why::Policy("values are read again every hour");
const MOUNT: Why = Why::Policy("Vault mounts its first engine for values at `secret`");
const ENGINE: Why = Why::Policy("the engine for values keeps their versions");
const ROLE: Why = Why::Policy("the role in Vault is called like the project");

/// How long a value is kept before it is read again.
const HOUR: &str = "1h";
/// Where Vault mounts its engine for values.
const ENGINE_MOUNT: &str = "secret";

/// Where the store keeps a key of a Secret, as far as a hint says.
#[derive(Clone, Debug, Default)]
pub struct Place {
    mount: Option<(Text, Why)>,
    path: Option<(Text, Why)>,
    refresh: Option<(Text, Why)>,
}

/// The places that hints give, by Secret and key.
pub type Places = BTreeMap<(Text, Text), Place>;

/// A Secret that pods name: its keys, and the members that need it.
#[derive(Debug, Default)]
pub struct Asked {
    /// Its keys, in order.
    pub keys: Vec<Text>,
    /// Who needs it.
    pub owners: BTreeSet<Text>,
}

/// Whether an operator takes the values from a store.
#[must_use]
pub fn are_asked(pass: &Pass<'_>) -> bool {
    matches!(pass.options().secrets, Secrets::External | Secrets::Vault)
}

/// The store in words, for a finding.
#[must_use]
pub fn words(pass: &Pass<'_>) -> String {
    match (pass.options().secrets, &pass.options().secret_store) {
        (Secrets::Vault, _) => "Vault".to_owned(),
        (_, store) => {
            let (kind, name) = store_name(pass, store.as_ref());
            format!("{kind} `{name}`")
        }
    }
}

/// Notes what the hint of a secret says of its place in the store.
pub fn place(pass: &mut Pass<'_>, declared: &Declared<'_>) {
    let hint = hint::find(declared.extensions, "vault").filter(|_| are_asked(pass));
    let Some(hint) = hint.filter(|hint| hint.map().is_some()) else { return };
    let mut place = Place::default();
    for (key, slot) in
        [("mount", &mut place.mount), ("path", &mut place.path), ("refresh", &mut place.refresh)]
    {
        *slot = part(pass, &hint, key);
    }
    if let Some((mount, _)) = place.mount.take_if(|_| pass.options().secrets == Secrets::External)
        && mount != ENGINE_MOUNT
        && let Some(entry) = hint.map().and_then(|map| map.entry("mount"))
    {
        let message =
            format!("an ExternalSecret names no mount; that of its store counts, and not `{mount}`");
        let said = crate::source::span::Identity::of(entry);
        let path = pass.accounts.path(said).to_owned();
        let finding = crate::diag::Finding::new(slugs::APPROXIMATED_KEY, entry.node.span, path, message);
        pass.approximated_of(said, finding.tip("give the store this `path`, or use `--secrets vso`"));
    }
    pass.wanted.places.insert((declared.object(), declared.data_key()), place);
}

/// A part of the hint, when it can be used.
fn part(pass: &mut Pass<'_>, hint: &Hint<'_>, key: &str) -> Option<(Text, Why)> {
    let under = hint.under(key)?;
    let entry = hint.map()?.entry(key)?;
    let text = under.text().unwrap_or_default();
    let (legal, tip) = match key {
        "refresh" => (is_time(&text), "write seconds, minutes or hours, as `30m`"),
        _ => (is_path(&text), "write names with slashes between, as `team/api`"),
    };
    if !legal {
        let message = format!("`{key}` of `vault` cannot be used, and is not followed");
        hint::unusable(pass, entry, message, tip);
        return None;
    }
    let why = under.mapped(pass);
    Some((text, why))
}

/// A number of seconds, minutes or hours, as both operators read it.
fn is_time(text: &str) -> bool {
    let number = text.strip_suffix(['s', 'm', 'h']).unwrap_or_default();
    number.parse::<u32>().is_ok_and(|number| number > 0) && number.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_path(text: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.@+=".contains(&byte);
    text.split('/').all(|part| !part.is_empty() && part.bytes().all(legal))
}

/// Writes the objects that ask for Secrets, and the store when one is to be written.
pub fn write(pass: &mut Pass<'_>, secrets: BTreeMap<Text, Asked>, places: &Places) {
    if secrets.is_empty() {
        return;
    }
    let everybody: BTreeSet<Text> =
        secrets.values().flat_map(|secret| secret.owners.iter().cloned()).collect();
    let everybody: Vec<Text> = everybody.into_iter().collect();
    if pass.options().secrets == Secrets::External {
        secret_store(pass, everybody);
        for (secret, asked) in secrets {
            external_secret(pass, &secret, asked, places);
        }
    } else {
        vault_auth(pass, everybody);
        for (secret, asked) in secrets {
            vault_static_secret(pass, &secret, asked, places);
        }
    }
}

/// The kind and the name of the store of ExternalSecrets.
fn store_name(pass: &Pass<'_>, store: Option<&Store>) -> (&'static str, Text) {
    match store {
        Some(Store::Known { cluster: true, name }) => ("ClusterSecretStore", name.clone()),
        Some(Store::Known { cluster: false, name }) => ("SecretStore", name.clone()),
        Some(Store::Aws(_) | Store::Gcp(_) | Store::Vault(_)) | None => {
            ("SecretStore", pass.namespace.clone())
        }
    }
}

/// The least that each provider has to be told. Without more, the operator asks as itself.
fn secret_store(pass: &mut Pass<'_>, owners: Vec<Text>) {
    let Some(store) = pass.options().secret_store.clone() else { return };
    let namespace = pass.namespace.clone();
    let mut provider = Fields::default();
    match store {
        Store::Known { .. } => return,
        Store::Aws(region) => {
            let aws = provider.map("aws");
            aws.put("service", "SecretsManager", &STORE);
            aws.put("region", region, &STORE);
        }
        Store::Gcp(project) => provider.map("gcpsm").put("projectID", project, &STORE),
        Store::Vault(server) => {
            let vault = provider.map("vault");
            vault.put("server", server, &STORE);
            vault.put("path", ENGINE_MOUNT, &MOUNT);
            vault.put("version", "v2", &ENGINE);
            let auth = vault.map("auth").map("kubernetes");
            auth.put("mountPath", "kubernetes", &Why::Policy("Vault mounts the way in for Kubernetes there"));
            auth.put("role", &namespace, &ROLE);
        }
    }
    let body = pass.common_object(Kind::SecretStore, namespace, owners);
    body.map("spec").map("provider").extend(provider);
}

/// How the store calls what it keeps for a Secret.
fn remote(pass: &Pass<'_>, secret: &Text) -> Text {
    // Google's names have no slash.
    let between = if matches!(pass.options().secret_store, Some(Store::Gcp(_))) { '-' } else { '/' };
    format_smolstr!("{}{between}{secret}", pass.namespace)
}

fn external_secret(pass: &mut Pass<'_>, secret: &Text, asked: Asked, places: &Places) {
    let Asked { keys, owners } = asked;
    let usual = remote(pass, secret);
    let store = pass.options().secret_store.clone();
    let (kind, name) = store_name(pass, store.as_ref());
    let of_store = if store.is_some() { STORE } else { OWN_STORE };
    let place_of = |key: &Text| places.get(&(secret.clone(), key.clone()));
    let refresh = keys.iter().find_map(|key| place_of(key)?.refresh.clone());
    // The keys of one Secret stand together, unless a hint says more.
    let together = keys.iter().find_map(|key| place_of(key)?.path.clone()).unwrap_or((usual, NAMED));
    let (refresh, of_refresh) = refresh.unwrap_or((HOUR.into(), REFRESH));
    let spec = pass.object(Kind::ExternalSecret, secret.clone(), owners.into_iter().collect()).map("spec");
    spec.put("refreshInterval", refresh, &of_refresh);
    let reference = spec.map("secretStoreRef");
    reference.put("kind", kind, &of_store);
    reference.put("name", name, &of_store);
    spec.map("target").put("name", secret, &ASKED);
    for key in &keys {
        let (path, of_path) =
            place_of(key).and_then(|place| place.path.clone()).unwrap_or_else(|| together.clone());
        let item = spec.list("data").push_map();
        item.put("secretKey", key, &ASKED);
        let remote = item.map("remoteRef");
        remote.put("key", path, &of_path);
        remote.put("property", key, &ASKED);
    }
}

/// Where Vault is and as whom it is asked, when that is to be written.
fn vault_auth(pass: &mut Pass<'_>, owners: Vec<Text>) {
    let Some(Store::Vault(address)) = pass.options().secret_store.clone() else { return };
    let name = pass.namespace.clone();
    let connection = pass.common_object(Kind::VaultConnection, name.clone(), owners.clone());
    connection.map("spec").put("address", address, &STORE);
    let spec = pass.common_object(Kind::VaultAuth, name.clone(), owners).map("spec");
    spec.put("vaultConnectionRef", &name, &STORE);
    spec.put("method", "kubernetes", &STORE);
    spec.put("mount", "kubernetes", &Why::Policy("Vault mounts the way in for Kubernetes there"));
    let kubernetes = spec.map("kubernetes");
    kubernetes.put("role", &name, &ROLE);
    kubernetes.put("serviceAccount", "default", &Why::Policy("every namespace has this account"));
}

fn vault_static_secret(pass: &mut Pass<'_>, secret: &Text, asked: Asked, places: &Places) {
    let Asked { keys, owners } = asked;
    // One object reads one path: of several hints the first counts.
    let mut hinted = Place::default();
    for place in keys.iter().filter_map(|key| places.get(&(secret.clone(), key.clone()))) {
        hinted.mount = hinted.mount.or_else(|| place.mount.clone());
        hinted.path = hinted.path.or_else(|| place.path.clone());
        hinted.refresh = hinted.refresh.or_else(|| place.refresh.clone());
    }
    let Place { mount, path, refresh } = hinted;
    let auth = match pass.options().secret_store.clone() {
        Some(Store::Known { name, .. }) => Some(name),
        Some(Store::Vault(_)) => Some(pass.namespace.clone()),
        Some(Store::Aws(_) | Store::Gcp(_)) | None => None,
    };
    let (mount, of_mount) = mount.unwrap_or((ENGINE_MOUNT.into(), MOUNT));
    let (path, of_path) = path.unwrap_or_else(|| (remote(pass, secret), NAMED));
    let (refresh, of_refresh) = refresh.unwrap_or((HOUR.into(), REFRESH));
    let spec = pass.object(Kind::VaultStaticSecret, secret.clone(), owners.into_iter().collect()).map("spec");
    // Without one, the operator takes its own.
    if let Some(auth) = auth {
        spec.put("vaultAuthRef", auth, &STORE);
    }
    spec.put("type", "kv-v2", &ENGINE);
    spec.put("mount", mount, &of_mount);
    spec.put("path", path, &of_path);
    spec.put("refreshAfter", refresh, &of_refresh);
    let destination = spec.map("destination");
    destination.put("name", secret, &ASKED);
    destination.put("create", true, &ASKED);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_seconds_minutes_or_hours_and_paths_have_no_holes() {
        assert!(
            is_time("1h")
                && is_time("30m")
                && !is_time("1d")
                && !is_time("0s")
                && !is_time("+1h")
                && !is_time("h")
        );
        assert!(
            is_path("team/api") && !is_path("/team") && !is_path("team/") && !is_path("a b") && !is_path("")
        );
    }
}
