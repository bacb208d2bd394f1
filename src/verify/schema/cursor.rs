//! One value of an object, and the way to it.

use serde_json::Value;

use crate::k8s::merge_key::{Naming, naming};
use crate::plan::address::push_key;

/// A value with its way from the root; the way becomes text only when something is wrong.
pub(super) struct Cursor<'c> {
    /// What stands here.
    pub(super) value: &'c Value,
    step: Step<'c>,
    above: Option<&'c Cursor<'c>>,
}

enum Step<'c> {
    Root,
    Field(&'c str),
    Item(usize),
}

impl<'c> Cursor<'c> {
    /// The object itself.
    pub(super) fn root(value: &'c Value) -> Self {
        Self { value, step: Step::Root, above: None }
    }

    /// The value of a field; nothing when it is absent or null, which is the same to the server.
    pub(super) fn get<'s>(&'s self, name: &'s str) -> Option<Cursor<'s>> {
        let value = self.value.get(name).filter(|value| !value.is_null())?;
        Some(Cursor { value, step: Step::Field(name), above: Some(self) })
    }

    /// Whether a field is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The text of a field; empty when it is absent or no text.
    pub(super) fn text(&self, name: &str) -> &str {
        self.value.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// The number of a field.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.value.get(name).and_then(Value::as_i64)
    }

    /// Whether a field is true.
    pub(super) fn is_true(&self, name: &str) -> bool {
        self.value.get(name) == Some(&Value::Bool(true))
    }

    /// The items of a list; none when this is no list.
    pub(super) fn items(&self) -> impl Iterator<Item = Cursor<'_>> {
        let items = self.value.as_array().into_iter().flatten().enumerate();
        items.map(|(at, value)| Cursor { value, step: Step::Item(at), above: Some(self) })
    }

    /// The fields of a map with their names, those that are null left out.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&str, Cursor<'_>)> {
        let fields = self.value.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
        fields.map(|(name, value)| {
            (name.as_str(), Cursor { value, step: Step::Field(name), above: Some(self) })
        })
    }

    /// Whether this is a list or a map with something in it.
    pub(super) fn is_filled(&self) -> bool {
        match self.value {
            Value::Array(items) => !items.is_empty(),
            Value::Object(fields) => !fields.is_empty(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
        }
    }

    /// The way from the root: `spec.containers[web].image`.
    pub(super) fn path(&self) -> String {
        self.path_and_owner().0
    }

    /// The path, and how the list items below call what holds them: `containers[web]`.
    fn path_and_owner(&self) -> (String, String) {
        let Some(above) = self.above else { return (String::new(), String::new()) };
        let (mut path, owner) = above.path_and_owner();
        match self.step {
            Step::Root => (path, owner),
            Step::Field(name) => {
                push_key(&mut path, name);
                (path, name.to_owned())
            }
            Step::Item(at) => {
                let list = above.name();
                let holder = above.above.map_or_else(String::new, |holder| holder.path_and_owner().1);
                let name = item_name(naming(&holder, list), above.value, at);
                path.push('[');
                path.push_str(&name);
                path.push(']');
                (path, format!("{list}[{name}]"))
            }
        }
    }

    fn name(&self) -> &str {
        match self.step {
            Step::Field(name) => name,
            Step::Root | Step::Item(_) => "",
        }
    }
}

/// What names an item; a second one of the same name has its position behind it.
fn item_name(naming: Naming, list: &Value, at: usize) -> String {
    let own = list.get(at).and_then(|item| key_of(naming, item));
    let Some(own) = own else { return at.to_string() };
    let before = list.as_array().into_iter().flatten().take(at);
    let is_twice = before.into_iter().any(|item| key_of(naming, item).as_ref() == Some(&own));
    if is_twice { format!("{own}#{at}") } else { own }
}

fn key_of(naming: Naming, item: &Value) -> Option<String> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let field = |key: &str| item.get(key).and_then(text);
    match naming {
        Naming::Field(key) => field(key),
        Naming::Pair(first, second) => {
            let first = field(first)?;
            Some(field(second).map_or(first.clone(), |second| format!("{first}/{second}")))
        }
        Naming::Metadata => item.get("metadata").and_then(|metadata| metadata.get("name")).and_then(text),
        Naming::Position => None,
    }
}
