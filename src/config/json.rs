//! The view as JSON.

use super::view::View;

/// The view as a JSON value.
#[must_use]
pub fn value(view: &View) -> serde_json::Value {
    match view {
        View::Leaf(leaf) => leaf.clone(),
        View::List(items) => items.iter().map(|item| value(&item.view)).collect(),
        View::Map(entries) => entries
            .iter()
            .map(|(key, item)| (key.clone(), value(&item.view)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
    }
}
