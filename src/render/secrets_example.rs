//! The stub of the Secrets that somebody has to make: every key, no value.

use std::collections::BTreeMap;

use super::store_example;
use crate::plan::{Plan, SecretKey, Supply};

/// The name of the file: one that no tool takes for YAML.
pub const FILE: &str = "secrets.yaml.example";

/// The text of the stub; nothing when nobody has to make a Secret. `released` when the namespace is that of a release,
/// which nobody knows yet.
#[must_use]
pub fn text(plan: &Plan, released: bool) -> Option<String> {
    if plan.supply == Supply::Store {
        return store_example::text(plan);
    }
    let mut secrets: BTreeMap<(&str, &str), Vec<&SecretKey>> = BTreeMap::new();
    for key in &plan.secrets {
        let keys = secrets.entry((key.namespace.as_str(), key.secret.as_str())).or_default();
        if !keys.iter().any(|known| known.key == key.key) {
            keys.push(key);
        }
    }
    if secrets.is_empty() {
        return None;
    }
    let sealed = plan.supply == Supply::Sealed;
    let mut text = String::from(if sealed { SEALED } else { PLAIN });
    let is_open = |namespace: &str| released && namespace == plan.namespace;
    if secrets.keys().any(|(namespace, _)| is_open(namespace)) {
        text.push_str(RELEASED);
    }
    text.push_str("#\n");
    for ((namespace, secret), keys) in &mut secrets {
        keys.sort_by(|left, right| left.key.cmp(&right.key));
        let literals: Vec<String> =
            keys.iter().map(|key| format!("'--from-literal={}=…'", key.key)).collect();
        let seal = if sealed {
            format!(" --dry-run=client -o yaml | kubeseal --format yaml > sealedsecret-{secret}.yaml")
        } else {
            String::new()
        };
        let namespace = if is_open(namespace) { "NAMESPACE" } else { namespace };
        text.push_str(&format!(
            "# kubectl -n {namespace} create secret generic {secret} {}{seal}\n",
            literals.join(" ")
        ));
    }
    for ((namespace, secret), keys) in &secrets {
        let (head, indent) = if sealed {
            ("apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret", "    ")
        } else {
            ("apiVersion: v1\nkind: Secret", "  ")
        };
        let within = |margin: &str| {
            if is_open(namespace) { String::new() } else { format!("{margin}namespace: {namespace}\n") }
        };
        text.push_str(&format!("---\n{head}\nmetadata:\n  name: {secret}\n{}", within("  ")));
        text.push_str(if sealed { "spec:\n  encryptedData:\n" } else { "type: Opaque\nstringData:\n" });
        for key in keys {
            text.push_str(&format!(
                "{indent}# {}\n{indent}{}: \"\"\n",
                key.from.escape_debug(),
                quoted(&key.key)
            ));
        }
        if sealed {
            text.push_str(&format!(
                "  template:\n    metadata:\n      name: {secret}\n{}    type: Opaque\n",
                within("      ")
            ));
        }
    }
    Some(text)
}

/// What stands above Secrets that a person makes.
const PLAIN: &str = "# A template of the Secrets that pods refer to. It holds no value, and nothing reads it under this name.\n\
     # Fill in a copy that is kept out of version control, or create the Secrets by command:\n";

/// What is said when the namespace is that of a release.
const RELEASED: &str = "# NAMESPACE is that of the release: `kubectl apply -n NAMESPACE -f FILE`.\n";

/// What stands above Secrets that a person seals.
const SEALED: &str = "# Templates of the SealedSecrets of which a controller makes the Secrets that pods refer to. Nothing is encrypted here, and\n\
     # nothing reads the file under this name. Each command writes one of them, which may then stand in version control:\n";

/// A key that YAML reads as text, whatever it looks like.
#[must_use]
pub fn quoted(key: &str) -> String {
    let plain = key.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && key.contains('_')
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if plain { key.to_owned() } else { format!("\"{key}\"") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(secret: &str, key: &str) -> SecretKey {
        SecretKey {
            namespace: "shop".into(),
            secret: secret.into(),
            key: key.into(),
            from: format!("the variable `{key}`").into(),
        }
    }

    #[test]
    fn every_key_is_there_and_no_value() {
        let secrets = vec![key("web-env", "API_TOKEN"), key("db", "no"), key("web-env", "API_TOKEN")];
        let plan = Plan { secrets, ..Plan::default() };
        let text = text(&plan, false).expect("two Secrets are to be made");
        let (head, body) = text.split_once("---\n").expect("a head and a body");
        assert!(head.ends_with(
            "# kubectl -n shop create secret generic db '--from-literal=no=…'\n\
             # kubectl -n shop create secret generic web-env '--from-literal=API_TOKEN=…'\n"
        ));
        assert_eq!(
            body,
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  namespace: shop\ntype: Opaque\nstringData:\n  \
             # the variable `no`\n  \"no\": \"\"\n---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: web-env\n  \
             namespace: shop\ntype: Opaque\nstringData:\n  # the variable `API_TOKEN`\n  API_TOKEN: \"\"\n"
        );
        assert_eq!(super::text(&Plan::default(), false), None);
    }

    #[test]
    fn what_is_sealed_has_templates_and_the_commands_that_seal() {
        let secrets = vec![key("web-env", "API_TOKEN")];
        let plan = Plan { secrets, supply: Supply::Sealed, ..Plan::default() };
        let text = text(&plan, false).expect("a Secret is to be sealed");
        let (head, body) = text.split_once("---\n").expect("a head and a body");
        assert!(head.ends_with(
            "# kubectl -n shop create secret generic web-env '--from-literal=API_TOKEN=…' --dry-run=client -o yaml | kubeseal \
             --format yaml > sealedsecret-web-env.yaml\n"
        ));
        assert_eq!(
            body,
            "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  name: web-env\n  namespace: shop\nspec:\n  \
             encryptedData:\n    # the variable `API_TOKEN`\n    API_TOKEN: \"\"\n  template:\n    metadata:\n      name: web-env\n      \
             namespace: shop\n    type: Opaque\n"
        );
    }
}
