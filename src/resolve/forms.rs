//! The kinds of value that a file must have whose services others extend: the schema never sees it.

use super::context::Loader;
use super::trail::Trail;
use crate::diag::{Finding, slugs};
use crate::source::Text;
use crate::tree::{Map, Node, Value};

/// Which values a key may have.
#[derive(Clone, Copy)]
enum Form {
    /// Text or a mapping.
    TextOrMap,
    /// Text or a list.
    TextOrList,
    /// A list or a mapping.
    ListOrMap,
    /// A list.
    List,
    /// A whole number or a mapping.
    IntOrMap,
}

impl Form {
    fn takes(self, value: &Value) -> bool {
        match value {
            Value::Map(_) => matches!(self, Self::TextOrMap | Self::ListOrMap | Self::IntOrMap),
            Value::List(_) => matches!(self, Self::TextOrList | Self::ListOrMap | Self::List),
            Value::String(_) => matches!(self, Self::TextOrMap | Self::TextOrList),
            Value::Int(_) => matches!(self, Self::IntOrMap),
            _ => false,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::TextOrMap => "text or a mapping",
            Self::TextOrList => "text or a list",
            Self::ListOrMap => "a list or a mapping",
            Self::List => "a list",
            Self::IntOrMap => "a whole number or a mapping",
        }
    }
}

/// Keys of a service, or of its `build`, with the form of their value.
const VALUES: &[(&str, Form)] = &[
    ("additional_contexts", Form::ListOrMap),
    ("build", Form::TextOrMap),
    ("depends_on", Form::ListOrMap),
    ("env_file", Form::TextOrList),
    ("ports", Form::List),
    ("ssh", Form::ListOrMap),
];

/// Keys with the form of what is in their list or mapping.
const ITEMS: &[(&str, Form)] = &[
    ("configs", Form::TextOrMap),
    ("devices", Form::TextOrMap),
    ("secrets", Form::TextOrMap),
    ("ulimits", Form::IntOrMap),
    ("volumes", Form::TextOrMap),
];

/// Refuses the kinds that Compose cannot bring into their long form.
pub fn check(loader: &mut Loader<'_>, root: &Node) {
    for section in ["services", "jobs"] {
        let members = root.as_map().and_then(|map| map.get(section)).and_then(Node::as_map);
        for member in members.into_iter().flat_map(|map| &map.entries) {
            let mut trail = Trail::of(&[section, &member.key]);
            let Some(container) = member.node.as_map() else { continue };
            keys(loader, container, &mut trail);
            if let Some(build) = container.get("build").and_then(Node::as_map) {
                trail.with(&Text::new_static("build"), |trail| keys(loader, build, trail));
            }
        }
    }
}

fn keys(loader: &mut Loader<'_>, map: &Map, trail: &mut Trail) {
    for entry in &map.entries {
        let form = |table: &[(&str, Form)]| {
            table.iter().find(|(key, _)| *key == entry.key.as_str()).map(|(_, form)| *form)
        };
        if let Some(form) = form(VALUES) {
            trail.with(&entry.key, |trail| one(loader, &entry.node, form, trail));
        }
        let Some(form) = form(ITEMS) else { continue };
        trail.with(&entry.key, |trail| match &entry.node.value {
            Value::List(items) => items.iter().for_each(|item| one(loader, item, form, trail)),
            Value::Map(map) => map.entries.iter().for_each(|item| one(loader, &item.node, form, trail)),
            _ => {}
        });
    }
}

fn one(loader: &mut Loader<'_>, node: &Node, form: Form, trail: &Trail) {
    if !form.takes(&node.value) {
        let message = format!("a {} stands where Compose takes {}", node.value.kind(), form.name());
        loader.refuse(Finding::new(slugs::INVALID_COMPOSE, node.span, trail.text(), message));
    }
}
