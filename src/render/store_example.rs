//! What a store has to hold for the Secrets that operators make: every name, no value.

use std::collections::BTreeMap;

use super::secrets_example::quoted;
use crate::k8s::kind::Kind;
use crate::plan::Plan;
use crate::plan::field::{Field, Fields};
use crate::plan::object::Object;

/// Where a store keeps values: its mount, when it has several, and the name under which they stand together.
type Place<'p> = (Option<&'p str>, &'p str);

/// What stands at a place: each property with where its value comes from in Compose.
type Held<'p> = BTreeMap<Place<'p>, BTreeMap<&'p str, &'p str>>;

/// The text; nothing when no object asks for anything.
#[must_use]
pub fn text(plan: &Plan) -> Option<String> {
    let mut held = Held::new();
    for object in &plan.objects {
        match object.id.kind {
            Kind::ExternalSecret => external(plan, object, &mut held),
            Kind::VaultStaticSecret => vault(plan, object, &mut held),
            _ => {}
        }
    }
    if held.is_empty() {
        return None;
    }
    let mut text = String::from(
        "# What the store has to hold for the Secrets that operators make of it. There is no value here, and nothing reads\n\
         # the file under this name. Fill in a copy that is kept out of version control, or put the values in by command.\n",
    );
    let commands: Vec<String> = held.iter().filter_map(|(place, keys)| command(plan, *place, keys)).collect();
    if !commands.is_empty() {
        text.push_str("#\n");
        commands.iter().for_each(|command| text.push_str(&format!("# {command}\n")));
    }
    text.push_str("---\n");
    for ((mount, name), keys) in &held {
        let mount =
            mount.map_or(String::new(), |mount| format!("   # of the mount `{}`", mount.escape_debug()));
        text.push_str(&format!("\"{}\":{mount}\n", name.escape_debug()));
        for (key, from) in keys {
            text.push_str(&format!("  # {}\n  {}: \"\"\n", from.escape_debug(), quoted(key)));
        }
    }
    Some(text)
}

/// Where the value of a key comes from in Compose.
fn from<'p>(plan: &'p Plan, secret: &Object, key: &str) -> &'p str {
    let of = |known: &&crate::plan::SecretKey| {
        known.namespace == secret.id.namespace && known.secret == secret.id.name && known.key == key
    };
    plan.secrets.iter().find(of).map_or("", |known| known.from.as_str())
}

fn external<'p>(plan: &'p Plan, object: &'p Object, held: &mut Held<'p>) {
    let items = object.body.at(&["spec", "data"]).and_then(Field::as_list);
    for item in items.into_iter().flat_map(|items| items.iter()).filter_map(Field::as_map) {
        let text = |keys: &[&str]| item.at(keys).and_then(Field::as_text);
        let (Some(key), Some(name)) = (text(&["secretKey"]), text(&["remoteRef", "key"])) else { continue };
        let property = text(&["remoteRef", "property"]).unwrap_or(key);
        held.entry((None, name)).or_default().insert(property, from(plan, object, key));
    }
}

fn vault<'p>(plan: &'p Plan, object: &'p Object, held: &mut Held<'p>) {
    let text = |key: &str| object.body.at(&["spec", key]).and_then(Field::as_text);
    let Some(path) = text("path") else { return };
    let own = plan
        .secrets
        .iter()
        .filter(|key| key.namespace == object.id.namespace && key.secret == object.id.name);
    let keys = held.entry((text("mount"), path)).or_default();
    keys.extend(own.map(|key| (key.key.as_str(), key.from.as_str())));
}

/// The command that puts values to their place, when it is known which store it is.
fn command(plan: &Plan, (mount, name): Place<'_>, keys: &BTreeMap<&str, &str>) -> Option<String> {
    let pairs = || keys.keys().map(|key| format!("'{key}=…'")).collect::<Vec<_>>().join(" ");
    if let Some(mount) = mount {
        return Some(format!("vault kv put -mount={mount} {name} {}", pairs()));
    }
    let store = plan.objects.iter().find(|object| object.id.kind == Kind::SecretStore)?;
    let provider = store.body.at(&["spec", "provider"])?.as_map()?;
    let text =
        |fields: &Fields, key: &str| fields.get(key).and_then(Field::as_text).unwrap_or_default().to_owned();
    let json = keys.keys().map(|key| format!("\"{key}\": \"…\"")).collect::<Vec<_>>().join(", ");
    let (kind, fields) = provider.iter().next()?;
    let fields = fields.as_map()?;
    Some(match kind.as_str() {
        "aws" => format!(
            "aws secretsmanager create-secret --region {} --name {name} --secret-string '{{{json}}}'",
            text(fields, "region")
        ),
        "gcpsm" => format!(
            "printf %s '{{{json}}}' | gcloud secrets create {name} --project {} --data-file=-",
            text(fields, "projectID")
        ),
        _ => format!("vault kv put -mount={} {name} {}", text(fields, "path"), pairs()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::object::Id;
    use crate::plan::why::Why;
    use crate::plan::{SecretKey, Supply};

    const WHY: Why = Why::Policy("a test");

    fn object(kind: Kind, name: &str, spec: Fields) -> Object {
        let id = Id { kind, namespace: "shop".into(), name: name.into() };
        let mut body = Fields::default();
        body.map("spec").extend(spec);
        Object { id, owners: Vec::new(), folder: None, body }
    }

    fn key(key: &str) -> SecretKey {
        let from = format!("the variable `{key}`").into();
        SecretKey { namespace: "shop".into(), secret: "api-env".into(), key: key.into(), from }
    }

    fn plan(objects: Vec<Object>) -> Plan {
        let secrets = vec![key("API_TOKEN"), key("tls.key")];
        Plan { objects, secrets, supply: Supply::Store, ..Plan::default() }
    }

    fn external(remote: &str) -> Object {
        let mut spec = Fields::default();
        for key in ["API_TOKEN", "tls.key"] {
            let item = spec.list("data").push_map();
            item.put("secretKey", key, &WHY);
            item.map("remoteRef").put("key", remote, &WHY);
            item.map("remoteRef").put("property", key, &WHY);
        }
        object(Kind::ExternalSecret, "api-env", spec)
    }

    fn store(provider: &'static str, key: &'static str, place: &str) -> Object {
        let mut spec = Fields::default();
        spec.map("provider").map(provider).put(key, place, &WHY);
        object(Kind::SecretStore, "shop", spec)
    }

    fn commands(objects: Vec<Object>) -> String {
        let text = text(&plan(objects)).expect("a Secret is asked for");
        let lines = text.lines().filter(|line| line.starts_with("# ") && line.contains('…'));
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn what_a_store_has_to_hold_is_listed_without_values() {
        let text = text(&plan(vec![external("shop/api-env")])).expect("a Secret is asked for");
        let (_, body) = text.split_once("---\n").expect("a head and a body");
        assert_eq!(
            body,
            "\"shop/api-env\":\n  # the variable `API_TOKEN`\n  API_TOKEN: \"\"\n  # the variable `tls.key`\n  \"tls.key\": \"\"\n"
        );
        assert_eq!(super::text(&plan(Vec::new())), None);
    }

    #[test]
    fn commands_are_those_of_the_store() {
        assert_eq!(commands(vec![external("shop/api-env")]), "");
        assert_eq!(
            commands(vec![store("aws", "region", "eu-central-1"), external("shop/api-env")]),
            "# aws secretsmanager create-secret --region eu-central-1 --name shop/api-env --secret-string \
             '{\"API_TOKEN\": \"…\", \"tls.key\": \"…\"}'"
        );
        assert_eq!(
            commands(vec![store("gcpsm", "projectID", "shop-prod"), external("shop-api-env")]),
            "# printf %s '{\"API_TOKEN\": \"…\", \"tls.key\": \"…\"}' | gcloud secrets create shop-api-env --project \
             shop-prod --data-file=-"
        );
        assert_eq!(
            commands(vec![store("vault", "path", "kv"), external("shop/api-env")]),
            "# vault kv put -mount=kv shop/api-env 'API_TOKEN=…' 'tls.key=…'"
        );
        let mut spec = Fields::default();
        spec.put("mount", "secret", &WHY);
        spec.put("path", "team/api", &WHY);
        assert_eq!(
            commands(vec![object(Kind::VaultStaticSecret, "api-env", spec)]),
            "# vault kv put -mount=secret team/api 'API_TOKEN=…' 'tls.key=…'"
        );
    }
}
