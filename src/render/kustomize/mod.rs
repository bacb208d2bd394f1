//! A Kustomize tree: the objects as a base, overlays and components as what differs from it.

pub mod patch;
pub mod images;

use std::collections::BTreeMap;

use super::{emit, manifests, secrets_example};
use crate::plan::Plan;
use crate::plan::difference::{Sort, Variant, difference};
use images::{Image, Replicas};

/// The folder of the base.
pub const BASE: &str = "base";
/// The file that makes a folder something to build.
const NAME: &str = "kustomization.yaml";
/// Where the patches of an overlay stand, below it.
const PATCHES: &str = "patches";

/// The files of a folder, by their paths in it.
#[must_use]
pub fn files(plan: &Plan, variants: &[Variant<'_>]) -> BTreeMap<String, String> {
    let objects = manifests::files(plan);
    let whole = Kustomization { resources: objects.keys().cloned().collect(), ..Kustomization::default() };
    let mut files: BTreeMap<String, String> =
        objects.into_iter().map(|(path, text)| (format!("{BASE}/{path}"), text)).collect();
    files.insert(format!("{BASE}/{NAME}"), whole.text(KUSTOMIZATION));
    for variant in variants {
        let folder = folder(variant);
        files
            .extend(beside(plan, variant).into_iter().map(|(path, text)| (format!("{folder}/{path}"), text)));
    }
    files
}

/// The folder of a variant.
#[must_use]
pub fn folder(variant: &Variant<'_>) -> String {
    match variant.sort {
        Sort::Overlay => format!("overlays/{}", variant.name),
        Sort::Component => format!("components/{}", variant.name),
    }
}

/// What the file of a folder begins with: it is something of its own, or something that can be added.
const KUSTOMIZATION: &str = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n";
const COMPONENT: &str = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n";

/// What a `kustomization.yaml` says.
#[derive(Debug, Default)]
struct Kustomization {
    /// Whether the base is the first of the resources.
    stands_on_base: bool,
    resources: Vec<String>,
    patches: Vec<String>,
    replicas: Vec<Replicas>,
    images: Vec<Image>,
}

/// The files of a variant, by their paths in its folder.
fn beside(base: &Plan, variant: &Variant<'_>) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut whole = Kustomization::default();
    let mut new = variant.plan.objects.clone();
    whole.replicas = images::replicas(&base.objects, &mut new);
    whole.images = images::images(&base.objects, &mut new);
    let difference = difference(&base.objects, &new);
    whole.stands_on_base = variant.sort == Sort::Overlay;
    for object in &difference.added {
        let path = manifests::path(object, variant.plan);
        files.insert(path.clone(), emit::object(object));
        whole.resources.push(path);
    }
    let changes = difference.changed.iter().filter_map(|pair| Some((pair.new, patch::change(pair)?)));
    let removals = difference.removed.iter().map(|object| (*object, patch::removal(object)));
    for (object, text) in changes.chain(removals) {
        let path = format!("{PATCHES}/{}", manifests::path(object, base));
        files.insert(path.clone(), text);
        whole.patches.push(path);
    }
    whole.resources.sort();
    whole.patches.sort();
    let head = if variant.sort == Sort::Overlay { KUSTOMIZATION } else { COMPONENT };
    files.insert(NAME.to_owned(), whole.text(head));
    let secrets = secrets_example::text(variant.plan, false)
        .filter(|text| Some(text) != secrets_example::text(base, false).as_ref());
    files.extend(secrets.map(|text| (secrets_example::FILE.to_owned(), text)));
    files
}

impl Kustomization {
    fn text(&self, head: &str) -> String {
        let Self { stands_on_base, resources, patches, replicas, images } = self;
        let mut text = head.to_owned();
        let list = |text: &mut String, key: &str, items: Vec<Vec<(&str, String)>>| {
            if items.is_empty() {
                return;
            }
            text.push_str(&format!("{key}:\n"));
            for item in items {
                for (at, (key, value)) in item.into_iter().enumerate() {
                    let dash = if at == 0 { '-' } else { ' ' };
                    let key = if key.is_empty() { String::new() } else { format!("{key}: ") };
                    text.push_str(&format!("{dash} {key}{value}\n"));
                }
            }
        };
        let word = |text: &str| emit::word(text);
        let base = stands_on_base.then(|| format!("../../{BASE}"));
        let resources = base.into_iter().chain(resources.iter().map(|path| word(path)));
        list(&mut text, "resources", resources.map(|path| vec![("", path)]).collect());
        list(&mut text, "patches", patches.iter().map(|path| vec![("path", word(path))]).collect());
        let replicas = replicas
            .iter()
            .map(|entry| vec![("name", word(&entry.name)), ("count", entry.count.to_string())]);
        list(&mut text, "replicas", replicas.collect());
        let image = |image: &Image| {
            let Image { name, new_name, new_tag, digest } = image;
            let fields = [
                ("name", Some(name)),
                ("newName", new_name.as_ref()),
                ("newTag", new_tag.as_ref()),
                ("digest", digest.as_ref()),
            ];
            fields.into_iter().filter_map(|(key, value)| Some((key, word(value?)))).collect()
        };
        list(&mut text, "images", images.iter().map(image).collect());
        text
    }
}
