//! The stub of the Secrets that somebody has to make: names and keys, never values.

use std::collections::BTreeMap;

use crate::plan::Plan;

/// The name of the file: neither `kubectl apply -f` nor a chart takes it for YAML.
pub const NAME: &str = "secrets.yaml.example";

/// The text of the stub.
#[must_use]
pub fn text(plan: &Plan) -> String {
    let mut secrets: BTreeMap<(&str, &str), Vec<&crate::plan::SecretKey>> = BTreeMap::new();
    for key in &plan.secrets {
        secrets.entry((&key.namespace, &key.secret)).or_default().push(key);
    }
    let _ = secrets;
    String::new()
}
