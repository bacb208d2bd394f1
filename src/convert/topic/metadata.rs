//! Labels and annotations.

pub mod watchers;

use crate::compose::codec::{Field, List, Map};
use crate::compose::leaf::Loose;
use crate::compose::project::entries;
use crate::convert::draft::{Part, Seat};
use crate::convert::pass::{Pass, Told};
use crate::diag::{sensitive, slugs};
use crate::k8s::label;
use crate::plan::field::Fields;
use crate::plan::ledger::Verdict;
use crate::plan::why::Why;
use crate::source::Text;
use crate::source::span::Spanned;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `labels`
    pub labels: &'p Field<Map<Loose>>,
    /// `label_file`
    pub label_file: &'p Field<List<Text>>,
    /// `annotations`
    pub annotations: &'p Field<Map<Loose>>,
}

/// What the API takes for all annotations of an object, less some room for ours.
const ROOM: usize = 256 * 1024 - 16 * 1024;

/// Labels that are hints to us.
const HINTS: &str = "transship.";

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, keys: &Keys<'p>) {
    let Keys { labels, label_file, annotations } = keys;
    if let Some(files) = label_file {
        // What they hold stands among the labels.
        pass.consumed(files);
    }
    kept(pass, seat, annotations, "annotations", "transship/annotations");
    watchers::tell(pass, seat.member.name, labels);
    kept(pass, seat, labels, "labels", "transship/labels");
}

/// Keeps entries as annotations of the pod: label values of Kubernetes are too narrow for what Compose takes. Keys that
/// cannot be those of annotations are kept together, as one annotation.
fn kept<'p>(
    pass: &mut Pass<'p>,
    seat: &mut Seat<'_, 'p>,
    map: &'p Field<Map<Loose>>,
    word: &str,
    rest: &'static str,
) {
    let Some(field) = map.as_deref() else { return };
    let mut told: Option<Told> = None;
    let mut others = serde_json::Map::new();
    let mut whys: Option<Why> = None;
    let mut used = size(&seat.pod.annotations);
    for (key, value) in entries(map) {
        if word == "labels" && key.starts_with(HINTS) {
            pass.consumed(value);
            continue;
        }
        if is_secret(key, &value.value.0) {
            secret(pass, seat, key, value);
            continue;
        }
        let why = if word == "labels" && watchers::is_watched(key) {
            pass.why(value)
        } else {
            tell(pass, seat, field, value, word, &mut told)
        };
        let text = &value.value.0;
        // In JSON a letter may take six bytes.
        used += 6 * (key.len() + text.len()) + 8;
        if used > ROOM {
            lost(pass, seat, key, value, "all annotations of a pod together have at most 256 KiB");
            continue;
        }
        let is_legal = label::is_key(&key.to_lowercase());
        match seat.pod.annotations.get_mut(key) {
            Some(known) if known.as_text() == Some(text) => known.because(&why),
            None if is_legal => seat.pod.annotations.put(key.clone(), text, &why),
            // A container that runs before has no metadata of its own.
            Some(_) | None if seat.part == Part::Before => {
                if is_inherited(seat, word, key, text) {
                    continue;
                }
                lost(
                    pass,
                    seat,
                    key,
                    value,
                    "a pod has one set of annotations, and this one is the service's",
                );
            }
            Some(_) | None => {
                others.insert(key.to_string(), text.as_str().into());
                whys = Some(whys.map_or(why.clone(), |known: Why| known.and(&why)));
            }
        }
    }
    if let Some(why) = whys {
        seat.pod.annotations.put(rest, serde_json::Value::Object(others).to_string(), &why);
    }
}

/// Whether the service has the same entry, and with it the pod.
fn is_inherited(seat: &Seat<'_, '_>, word: &str, key: &str, text: &str) -> bool {
    let container = seat.member.container;
    let of_service = if word == "labels" { &container.labels } else { &container.annotations };
    of_service.as_ref().and_then(|map| map.value.get(key)).is_some_and(|value| value.value.0 == text)
}

/// How many bytes the annotations have, keys included.
fn size(annotations: &Fields) -> usize {
    annotations.iter().map(|(key, value)| key.len() + value.as_text().map_or(0, str::len)).sum()
}

/// One finding tells of all entries of a map.
fn tell<'p>(
    pass: &mut Pass<'p>,
    seat: &Seat<'_, 'p>,
    field: &'p Spanned<Map<Loose>>,
    value: &'p Spanned<Loose>,
    word: &str,
    told: &mut Option<Told>,
) -> Why {
    let told = told.get_or_insert_with(|| {
        let message = format!(
            "the {word} of `{}` are kept as annotations of its pods; nothing selects pods by annotations",
            seat.member.name
        );
        let finding = pass.finding_at_key(field, slugs::APPROXIMATED_KEY, message);
        let told = Told::by(&finding);
        pass.report(finding);
        told
    });
    pass.likewise(value, Verdict::Approximated, told)
}

/// Whether an entry tells a secret, by its key or by what stands in its value.
fn is_secret(key: &str, value: &str) -> bool {
    let is_switch = matches!(value.to_ascii_lowercase().as_str(), "" | "true" | "false" | "yes" | "no");
    !is_switch && (sensitive::is_sensitive(key) || !sensitive::secrets(value).is_empty())
}

fn secret<'p>(pass: &mut Pass<'p>, seat: &Seat<'_, 'p>, key: &str, value: &'p Spanned<Loose>) {
    let message = format!(
        "`{key}` of `{}` looks like a secret, and is left out: everybody who sees a pod reads its annotations",
        seat.member.name
    );
    let finding = pass.finding_at_key(value, slugs::DROPPED_KEY, message);
    pass.dropped(value, finding);
}

fn lost<'p>(pass: &mut Pass<'p>, seat: &Seat<'_, 'p>, key: &str, value: &'p Spanned<Loose>, why: &str) {
    let message = format!("`{key}` of `{}` stays behind; {why}", seat.member.name);
    let finding = pass.finding_at_key(value, slugs::DROPPED_KEY, message);
    pass.dropped(value, finding);
}
