//! The view as JSON.

use super::sheet::{Held, Sheet};
use super::view::View;

/// The project as a JSON value.
#[must_use]
pub fn whole(sheet: &Sheet<'_>) -> serde_json::Value {
    let held = |key: &str, held: Held<'_>| match held {
        Held::One(view) => value(&view),
        Held::Members(members) => members
            .into_iter()
            .map(|member| (member.0.to_string(), value(&sheet.member(key, member).view)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
    };
    let tops = sheet.tops().into_iter().map(|top| (top.key.to_owned(), held(top.key, top.held)));
    tops.collect::<serde_json::Map<_, _>>().into()
}

/// The view as a JSON value.
fn value(view: &View) -> serde_json::Value {
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
