//! Labels, and selectors over them.

use serde_json::Value;

use crate::k8s::label;
use crate::verify::schema::cursor::Cursor;
use crate::verify::schema::problems::Problems;

/// Checks a map of labels.
pub(super) fn labels(problems: &mut Problems, labels: &Cursor) {
    for (key, value) in labels.entries() {
        if !label::is_key(key) {
            problems.at(&value, "the key must be a name of 63 letters, digits, `-`, `_` and `.`, with a domain before a slash or none");
        } else if value.value.as_str().is_some_and(|text| !label::is_value(text)) {
            problems.at(
                &value,
                "must be at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends",
            );
        }
    }
}

/// Checks a selector by labels and expressions.
pub(super) fn check(problems: &mut Problems, selector: &Cursor) {
    if let Some(wanted) = selector.get("matchLabels") {
        labels(problems, &wanted);
    }
    expressions(problems, selector, "matchExpressions", &["In", "NotIn", "Exists", "DoesNotExist"]);
}

/// Checks expressions over labels or fields of nodes.
pub(super) fn expressions(problems: &mut Problems, place: &Cursor, field: &str, operators: &[&str]) {
    for expression in place.get(field).iter().flat_map(Cursor::items) {
        let values = expression.get("values").map_or(0, |values| values.items().count());
        problems.shape(&expression, "key", label::is_key, "the key of a label");
        match expression.text("operator") {
            "In" | "NotIn" if values == 0 => problems.need(&expression, "values"),
            "Exists" | "DoesNotExist" if values > 0 => {
                problems.below(&expression, "values", "must be absent: the operator takes none");
            }
            "Gt" | "Lt" if values != 1 => problems.below(&expression, "values", "must be one number"),
            _ => problems.one_of(&expression, "operator", operators),
        }
    }
}

/// Whether a selector takes these labels.
pub(super) fn takes(selector: &Cursor, labels: Option<&Cursor>) -> bool {
    let label = |key: &str| labels.and_then(|labels| labels.value.get(key)).and_then(Value::as_str);
    let wanted = selector.get("matchLabels");
    let is_equal =
        wanted.iter().flat_map(Cursor::entries).all(|(key, value)| label(key) == value.value.as_str());
    let expressions = selector.get("matchExpressions");
    is_equal
        && expressions.iter().flat_map(Cursor::items).all(|expression| {
            let own = label(expression.text("key"));
            let values = expression.get("values");
            let is_among = values.iter().flat_map(Cursor::items).any(|value| value.value.as_str() == own);
            match expression.text("operator") {
                "In" => own.is_some() && is_among,
                "NotIn" => own.is_none() || !is_among,
                "Exists" => own.is_some(),
                "DoesNotExist" => own.is_none(),
                // An operator that there is not was reported.
                _ => true,
            }
        })
}
