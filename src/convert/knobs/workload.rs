//! What a cluster decides of the pods: images, numbers, resources, places.

use super::{Desk, Draft};
use crate::compose::image_reference::ImageReference;
use crate::convert::wait;
use crate::k8s::image;
use crate::k8s::kind::Kind;
use crate::plan::address;
use crate::plan::field::{Field, Fields, Leaf, Scalar};
use crate::plan::knob::{Fill, IMAGE_PARTS, Image, Part, Shape};
use crate::plan::object::Object;
use crate::plan::why::Why;
use crate::source::Text;

const NONE: Why = Why::Policy("nothing is chosen");

/// Finds what can be chosen of an object.
pub fn find(desk: &mut Desk<'_, '_>, object: &Object) {
    match object.id.kind {
        Kind::HorizontalPodAutoscaler => scaler(desk, object),
        Kind::ServiceAccount => account(desk, object),
        Kind::Service => published(desk, object),
        Kind::NetworkPolicy => {
            let help = "Whether network policies are written; without them every pod of the cluster reaches every other";
            let knob = desk.knob(&["networkPolicy", "enabled"], || {
                Draft::new(Shape::Switch, Field::leaf(true, &NONE), help)
            });
            desk.fill(object, "", Fill::When(vec![knob]));
        }
        _ => pod(desk, object),
    }
}

fn pod(desk: &mut Desk<'_, '_>, object: &Object) {
    let Some((template, at)) = object.template() else { return };
    let Some(spec) = template.get("spec").and_then(Field::as_map) else { return };
    for list in ["initContainers", "containers"] {
        for container in spec.get(list).and_then(Field::as_list).into_iter().flat_map(|list| list.iter()) {
            let Some(container) = container.as_map() else { continue };
            let Some(name) = container.get("name").and_then(Field::as_text) else { continue };
            one_container(desk, object, container, name, &format!("{at}.spec.{list}[{name}]"));
        }
    }
    let pull = desk.knob(&["global", "imagePullSecrets"], || {
        Draft::open(Shape::List, "Secrets for private registries, as `- name: …`")
    });
    desk.fill(object, format!("{at}.spec.imagePullSecrets"), Fill::Also(pull));
    // The name of a Job has an ending of its own; the label of its pods has none.
    let owner = template.at(&["metadata", "labels", crate::convert::assemble::NAME_LABEL]);
    let Some(owner) = owner.and_then(Field::as_text) else { return };
    let Some(key) = desk.names.member(owner).map(|(key, _)| key.clone()) else { return };
    replicas(desk, object, &key);
    let further: [(&str, &str, Shape, &str); 5] = [
        ("podAnnotations", "metadata.annotations", Shape::Map, "Further annotations of the pods"),
        ("podLabels", "metadata.labels", Shape::Map, "Further labels of the pods"),
        ("nodeSelector", "spec.nodeSelector", Shape::Map, "Labels that a node must have"),
        ("tolerations", "spec.tolerations", Shape::List, "Taints of nodes that the pods bear"),
        ("affinity", "spec.affinity", Shape::Map, "Where the pods like to be"),
    ];
    for (name, path, shape, help) in further {
        let known = path.split_once('.').and_then(|(first, second)| template.at(&[first, second]));
        // What the files say of affinity cannot be completed field by field: who chooses, chooses all of it.
        let whole = known.filter(|_| name == "affinity");
        let place = known.and_then(|field| desk.place_in(field));
        let knob = desk.knob(&[&key, name], || match whole {
            Some(field) => Draft::new(shape, field.clone(), help).at(place),
            None => Draft::open(shape, help),
        });
        let fill = if whole.is_some() { Fill::Whole(knob) } else { Fill::Also(knob) };
        desk.fill(object, format!("{at}.{path}"), fill);
    }
}

fn replicas(desk: &mut Desk<'_, '_>, object: &Object, key: &Text) {
    if !matches!(object.id.kind, Kind::Deployment | Kind::StatefulSet) {
        return;
    }
    let Some(Field::Leaf(leaf)) = object.body.at(&["spec", "replicas"]) else { return };
    if desk.filled(object, "spec.replicas").is_some() {
        return;
    }
    // Each pod would get a claim of its own, where all of them had one volume.
    let is_single = object.body.at(&["spec", "volumeClaimTemplates"]).is_some()
        && matches!(leaf.value, Scalar::Int(number) if number <= 1);
    let help =
        if is_single { "How many pods; a second one would have data of its own" } else { "How many pods" };
    let (place, most) = (desk.place(&leaf.why), is_single.then_some(1));
    let knob = desk.knob(&[key, "replicas"], || {
        Draft::new(Shape::Integer { least: 0, most }, Field::Leaf(leaf.clone()), help).at(place)
    });
    desk.fill(object, "spec.replicas", Fill::Whole(knob));
}

fn one_container(desk: &mut Desk<'_, '_>, object: &Object, container: &Fields, name: &str, at: &str) {
    let Some(Field::Leaf(image)) = container.get("image") else { return };
    let member = desk.names.member(name).map(|(key, _)| key.clone());
    let Some(key) = member else {
        // A container of ours: all that do the same have one image.
        if image.why.rows().is_empty() {
            let for_end = matches!(&image.value, Scalar::Text(text) if text == wait::API_IMAGE);
            let group = if for_end { "waitForEndImage" } else { "waitImage" };
            names_of_image(desk, object, (container, image), &[group], at);
        }
        return;
    };
    names_of_image(desk, object, (container, image), &[&key, "image"], at);
    let resources = container.get("resources");
    let place = resources.and_then(|field| desk.place_in(field));
    let help = "What the container asks for and may use at most";
    let knob = desk.knob(&[&key, "resources"], || match resources {
        Some(field) => Draft::new(Shape::Map, field.clone(), help).at(place),
        None => Draft::open(Shape::Map, help),
    });
    desk.fill(object, format!("{at}.resources"), Fill::Whole(knob));
    let help = "Further variables, as `- name: …`; the later one of two with one name counts";
    let knob = desk.knob(&[&key, "extraEnv"], || Draft::open(Shape::List, help));
    desk.fill(object, format!("{at}.env"), Fill::Also(knob));
}

/// The choices of an image's name, part by part, and of when it is pulled.
fn names_of_image(
    desk: &mut Desk<'_, '_>,
    object: &Object,
    (container, leaf): (&Fields, &Leaf),
    group: &[&str],
    at: &str,
) {
    let Scalar::Text(text) = &leaf.value else { return };
    let path = format!("{at}.image");
    let place = desk.place(&leaf.why);
    let Some(own) = parts(text) else { return };
    let (text, or) = match desk.slots.get(&(object.id.clone(), Text::new(&path))) {
        Some(Fill::Text(chosen)) => match shared(desk, chosen, &own) {
            Some(or) => (chosen.clone(), or),
            // One variable gives several parts: it is the choice.
            None => return pull_policy(desk, object, container, group, at),
        },
        Some(_) => return pull_policy(desk, object, container, group, at),
        None => (vec![Part::Literal(text.clone())], Vec::new()),
    };
    let registry = desk.knob(&["global", "imageRegistry"], || {
        Draft::open(Shape::Text, "The registry of all images, in place of their own")
    });
    let helps = [
        "Its registry; empty for Docker Hub",
        "Its name there",
        "Its tag",
        "Its digest, as `sha256:…`, which counts more than the tag",
    ];
    for ((part, value), help) in IMAGE_PARTS.into_iter().zip(&own).zip(helps) {
        let chosen = or.iter().find(|(name, _)| *name == part);
        let help = match chosen.map(|(_, parts)| first_name(desk, parts)) {
            Some(name) => format!("{help}; when it is empty, what `{name}` says"),
            None => help.to_owned(),
        };
        let value: Text = if chosen.is_some() { Text::default() } else { value.into() };
        let place = place.filter(|_| !value.is_empty());
        let group: Vec<&str> = group.iter().copied().chain([part]).collect();
        desk.knob(&group, || Draft::new(Shape::Text, Field::leaf(value, &leaf.why), help).at(place));
    }
    // Another image under the same choices keeps its name: there is one choice for all of them.
    let same = IMAGE_PARTS.into_iter().zip(&own).all(|(part, value)| {
        let group: Vec<Text> = group.iter().copied().chain([part]).map(Text::new).collect();
        let known = desk.known.get(&group).and_then(|knob| desk.knobs[knob.0].default.as_ref()?.as_text());
        known == Some(value.as_str()) || or.iter().any(|(name, _)| *name == part)
    });
    if same {
        let path_of_choices = group.iter().copied().map(Text::new).collect();
        let fill = Fill::Image(Box::new(Image { path: path_of_choices, registry, text, or }));
        desk.slots.insert((object.id.clone(), path.into()), fill);
    }
    pull_policy(desk, object, container, group, at);
}

fn pull_policy(desk: &mut Desk<'_, '_>, object: &Object, container: &Fields, group: &[&str], at: &str) {
    let Some(Field::Leaf(policy)) = container.get("imagePullPolicy") else { return };
    let group: Vec<&str> = group.iter().copied().chain(["pullPolicy"]).collect();
    let place = desk.place(&policy.why);
    let knob = desk
        .knob(&group, || Draft::new(Shape::Text, Field::Leaf(policy.clone()), "When it is pulled").at(place));
    desk.fill(object, format!("{at}.imagePullPolicy"), Fill::Whole(knob));
}

/// The name of the first choice in a text.
fn first_name(desk: &Desk<'_, '_>, parts: &[Part]) -> String {
    let knob = parts.iter().find_map(|part| match part {
        Part::Knob(knob) => Some(*knob),
        Part::Literal(_) | Part::Namespace(_) | Part::Job(_) => None,
    });
    knob.map(|knob| desk.knobs[knob.0].path.join(".")).unwrap_or_default()
}

/// Registry, repository, tag and digest as the name writes them; nothing when it is none.
fn parts(text: &str) -> Option<[String; 4]> {
    ImageReference::parse(text)?;
    let (name, tag, digest) = image::split(text);
    let (registry, repository) = match name.split_once('/') {
        Some((first, rest)) if ImageReference::names_registry(name) => (first, rest),
        _ => ("", name),
    };
    Some([registry, repository, tag, digest].map(str::to_owned))
}

/// Which parts of an image's name come from other choices; nothing when one of them gives more than one part.
fn shared(desk: &Desk<'_, '_>, chosen: &[Part], own: &[String; 4]) -> Option<Vec<(&'static str, Vec<Part>)>> {
    let text = |part: &Part| match part {
        Part::Literal(text) | Part::Namespace(text) | Part::Job(text) => text.to_string(),
        Part::Knob(knob) => {
            desk.knobs[knob.0].default.as_ref().and_then(Field::as_text).unwrap_or_default().to_owned()
        }
    };
    let mut or = Vec::new();
    let mut start = 0;
    for (name, value) in IMAGE_PARTS.into_iter().zip(own) {
        if value.is_empty() {
            continue;
        }
        let end = start + value.len();
        let (mut at, mut parts) = (0, Vec::new());
        for part in chosen {
            let text = text(part);
            let (from, to) = (at, at + text.len());
            at = to;
            match part {
                Part::Knob(_) if from >= start && to <= end && (from < to || start < from && from < end) => {
                    parts.push(part.clone());
                }
                Part::Knob(_) if from < end && start < to => return None,
                Part::Literal(_) if from < end && start < to => {
                    let shown = from.max(start) - from..to.min(end) - from;
                    parts.push(Part::Literal(text[shown].into()));
                }
                Part::Knob(_) | Part::Literal(_) | Part::Namespace(_) | Part::Job(_) => {}
            }
        }
        if parts.iter().any(|part| matches!(part, Part::Knob(_))) {
            or.push((name, parts));
        }
        // Behind each part stands one letter that tells it from the next.
        start = end + 1;
    }
    Some(or)
}

fn scaler(desk: &mut Desk<'_, '_>, object: &Object) {
    let Some((key, _)) = desk.names.member(&object.id.name) else { return };
    let key = key.clone();
    for (name, help) in
        [("minReplicas", "The least number of pods"), ("maxReplicas", "The greatest number of pods")]
    {
        let Some(Field::Leaf(leaf)) = object.body.at(&["spec", name]) else { continue };
        let place = desk.place(&leaf.why);
        let shape = Shape::Integer { least: 1, most: None };
        let knob = desk.knob(&[&key, "autoscaling", name], || {
            Draft::new(shape, Field::Leaf(leaf.clone()), help).at(place)
        });
        desk.fill(object, format!("spec.{name}"), Fill::Whole(knob));
    }
}

fn account(desk: &mut Desk<'_, '_>, object: &Object) {
    let Some((key, _)) = desk.names.member(&object.id.name) else { return };
    let key = key.clone();
    let knob = desk.knob(&[&key, "serviceAccount", "annotations"], || {
        Draft::open(Shape::Map, "Annotations of the account, for clouds that give it rights by them")
    });
    desk.fill(object, "metadata.annotations", Fill::Also(knob));
}

/// What is chosen of the Service that others reach from outside.
fn published(desk: &mut Desk<'_, '_>, object: &Object) {
    let Some(owner) = object.id.name.strip_suffix("-published") else { return };
    let Some((key, _)) = desk.names.member(owner) else { return };
    let key = key.clone();
    if let Some(Field::Leaf(leaf)) = object.body.at(&["spec", "type"]) {
        let help = "How the published ports are reached: ClusterIP, NodePort or LoadBalancer";
        let place = desk.place(&leaf.why);
        let knob = desk.knob(&[&key, "published", "type"], || {
            Draft::new(Shape::Text, Field::Leaf(leaf.clone()), help).at(place)
        });
        desk.fill(object, "spec.type", Fill::Whole(knob));
    }
    let knob = desk.knob(&[&key, "published", "annotations"], || {
        Draft::open(Shape::Map, "Annotations of the Service, which load balancers read")
    });
    desk.fill(object, "metadata.annotations", Fill::Also(knob));
}

/// The address of an item or a field below another address.
#[must_use]
pub fn below(path: &str, key: &str) -> String {
    let mut path = path.to_owned();
    address::push_key(&mut path, key);
    path
}
