//! What can be chosen when the output is installed.

use super::object::Id;
use super::why::RowId;
use crate::source::Text;

/// A parameter of the output.
#[derive(Clone, Debug, PartialEq)]
pub struct Knob {
    /// Its name: that of the variable in the Compose file.
    pub name: Text,
    /// Its value when nothing is chosen; a sensitive or required one has none.
    pub default: Option<Text>,
    /// Whether a value has to be given.
    pub required: bool,
    /// The fields that it feeds.
    pub feeds: Vec<Feed>,
}

/// A field that a parameter feeds, whole or in part.
#[derive(Clone, Debug, PartialEq)]
pub struct Feed {
    /// The object.
    pub object: Id,
    /// The address in it.
    pub path: Text,
    /// The value whose template says which part.
    pub row: RowId,
}
