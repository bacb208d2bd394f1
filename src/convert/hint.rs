//! What Compose cannot say: `x-transship` on an entry, and labels `transship.…` on services.

use super::draft::Draft;
use super::pass::Pass;
use crate::compose::codec::Extensions;
use crate::source::Text;
use crate::source::span::{Identity, Span};
use crate::tree::{Map, Node, Value};

/// The key that holds hints.
pub const KEY: &str = "x-transship";

/// A hint and its place.
#[derive(Clone, Copy, Debug)]
pub struct Hint<'p> {
    /// Its value.
    pub node: &'p Node,
    /// The place of its key.
    pub key: Span,
    /// Which value it is.
    pub identity: Identity,
}

impl<'p> Hint<'p> {
    /// The text of a scalar.
    #[must_use]
    pub fn text(&self) -> Option<Text> {
        self.node.value.scalar_text()
    }

    /// The words of a list, or of a text with commas.
    #[must_use]
    pub fn words(&self) -> Vec<Text> {
        match &self.node.value {
            Value::List(items) => items.iter().filter_map(|item| item.value.scalar_text()).collect(),
            _ => self
                .text()
                .map(|text| text.split(',').map(|word| Text::new(word.trim())).collect())
                .unwrap_or_default(),
        }
    }

    /// The mapping, when it is one.
    #[must_use]
    pub fn map(&self) -> Option<&'p Map> {
        self.node.as_map()
    }
}

/// The hint of that name among the extension keys of an entry.
#[must_use]
pub fn find<'p>(extensions: &'p Extensions, name: &str) -> Option<Hint<'p>> {
    let holder = extensions.iter().find(|entry| entry.key == KEY)?;
    let entry = holder.node.as_map()?.entry(name)?;
    Some(Hint { node: &entry.node, key: entry.key_span, identity: Identity::of(entry) })
}

/// Takes the hints of a member in.
pub fn member<'p>(pass: &mut Pass<'p>, draft: &mut Draft<'p>, extensions: &'p Extensions) {
    let _ = (pass, draft, extensions);
}

/// Takes the hints of the project in.
pub fn project<'p>(pass: &mut Pass<'p>, extensions: &'p Extensions) {
    let _ = (pass, extensions);
}
