//! A Kustomize tree: the objects as a base.

use std::collections::BTreeMap;

use super::manifests;
use crate::plan::Plan;

/// The files of a folder, by their paths in it.
#[must_use]
pub fn files(plan: &Plan) -> BTreeMap<String, String> {
    let objects = manifests::files(plan);
    let mut text =
        String::from("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n");
    for path in objects.keys() {
        text.push_str(&format!("- {path}\n"));
    }
    let mut files: BTreeMap<String, String> =
        objects.into_iter().map(|(path, text)| (format!("base/{path}"), text)).collect();
    files.insert("base/kustomization.yaml".to_owned(), text);
    files
}
