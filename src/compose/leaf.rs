//! Values without parts: text, switches, numbers, and the words that a key may be.

use super::codec::{Codec, Leaf, Reading, Walker};
use super::numbers::truncate;
use super::units::{Bytes, Duration, FileMode};
use crate::source::Text;
use crate::tree::{Node, Value};

impl Codec for Text {
    fn read(node: Node, reading: &mut Reading<'_>) -> Option<Self> {
        match node.value {
            Value::String(text) => Some(text),
            Value::Int(_) => node.value.scalar_text(),
            _ => {
                reading.unexpected(&node, "a string");
                None
            }
        }
    }

    fn walk(&self, walker: &mut dyn Walker) {
        walker.leaf(Leaf::Text(self));
    }
}

/// Any scalar as text; nothing is the empty text. Labels, options and system controls are so.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Loose(pub Text);

impl Codec for Loose {
    fn read(node: Node, reading: &mut Reading<'_>) -> Option<Self> {
        if node.is_null() {
            return Some(Self::default());
        }
        let text = node.value.scalar_text();
        if text.is_none() {
            reading.unexpected(&node, "a scalar");
        }
        text.map(Self)
    }

    fn walk(&self, walker: &mut dyn Walker) {
        walker.leaf(Leaf::Text(&self.0));
    }
}

impl Codec for bool {
    fn read(node: Node, reading: &mut Reading<'_>) -> Option<Self> {
        let value = match &node.value {
            Value::Bool(value) => Some(*value),
            Value::String(text) => boolean(text),
            _ => None,
        };
        if value.is_none() {
            reading.unexpected(&node, "`true` or `false`");
        }
        value
    }

    fn walk(&self, walker: &mut dyn Walker) {
        walker.leaf(Leaf::Bool(*self));
    }
}

/// The words that Compose takes for a boolean.
#[must_use]
pub fn boolean(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" | "y" | "yes" | "on" => Some(true),
        "false" | "n" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// A switch that is on unless it is turned off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptOut(pub bool);

impl Codec for OptOut {
    fn read(node: Node, reading: &mut Reading<'_>) -> Option<Self> {
        bool::read(node, reading).map(Self)
    }

    fn walk(&self, walker: &mut dyn Walker) {
        walker.leaf(Leaf::OptOut(self.0));
    }
}

impl Codec for i64 {
    fn read(node: Node, reading: &mut Reading<'_>) -> Option<Self> {
        let value = match &node.value {
            Value::Int(value) => Some(*value),
            // Compose cuts the fraction off.
            Value::Float(value) => Some(truncate(*value)),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        if value.is_none() {
            reading.unexpected(&node, "a whole number");
        }
        value
    }

    fn walk(&self, walker: &mut dyn Walker) {
        walker.leaf(Leaf::Int(*self));
    }
}

/// A whole number that is not negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count(pub i64);

impl Codec for Count {
    fn read(node: Node, reading: &mut Reading<'_>) -> Option<Self> {
        let span = node.span;
        let value = i64::read(node, reading)?;
        if value < 0 {
            reading.problem(span, "the number is negative; Compose takes 0 or more");
            return None;
        }
        Some(Self(value))
    }

    fn walk(&self, walker: &mut dyn Walker) {
        walker.leaf(Leaf::Int(self.0));
    }
}

impl Codec for f32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "Compose keeps single precision"
    )]
    fn read(node: Node, reading: &mut Reading<'_>) -> Option<Self> {
        let value = match &node.value {
            Value::Int(value) => Some(*value as Self),
            Value::Big(value) => Some(*value as Self),
            Value::Float(value) => Some(*value as Self),
            Value::String(text) => super::numbers::parse_float(text).map(|value| value as Self),
            _ => None,
        };
        if value.is_none() {
            reading.unexpected(&node, "a number");
        }
        value
    }

    fn walk(&self, walker: &mut dyn Walker) {
        walker.leaf(Leaf::Float(*self));
    }
}

impl Codec for Bytes {
    fn read(node: Node, reading: &mut Reading<'_>) -> Option<Self> {
        match &node.value {
            Value::Int(value) => Some(Self(*value)),
            Value::String(text) => {
                Self::parse(text).map_err(|message| reading.problem(node.span, message)).ok()
            }
            // Compose reads a fraction as nothing at all.
            Value::Float(_) | Value::Big(_) => Some(Self(0)),
            _ => {
                reading.unexpected(&node, "a size as `512m`");
                None
            }
        }
    }

    fn walk(&self, walker: &mut dyn Walker) {
        walker.leaf(Leaf::Quantity(self.0));
    }
}

impl Codec for Duration {
    fn read(node: Node, reading: &mut Reading<'_>) -> Option<Self> {
        let Some(text) = node.value.scalar_text() else {
            reading.unexpected(&node, "a duration as `1m30s`");
            return None;
        };
        Self::parse(&text).map_err(|message| reading.problem(node.span, message)).ok()
    }

    fn walk(&self, walker: &mut dyn Walker) {
        walker.leaf(Leaf::Duration(self.0));
    }
}

impl Codec for FileMode {
    fn read(node: Node, reading: &mut Reading<'_>) -> Option<Self> {
        match &node.value {
            Value::Int(value) => Some(Self(*value)),
            Value::String(text) => {
                Self::parse(text).map_err(|message| reading.problem(node.span, message)).ok()
            }
            _ => {
                reading.unexpected(&node, "a file mode as `\"0440\"`");
                None
            }
        }
    }

    fn walk(&self, walker: &mut dyn Walker) {
        walker.leaf(Leaf::Mode(self.0));
    }
}

/// Declares a key that takes one of a few words.
macro_rules! choice {
    ($(#[$meta:meta])* $name:ident { $( $(#[$variant_meta:meta])* $variant:ident = $word:literal, )+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $( $(#[$variant_meta])* $variant, )+ }

        impl $name {
            /// The word in the file.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $( Self::$variant => $word, )+ }
            }
        }

        impl $crate::compose::codec::Codec for $name {
            fn read(
                node: $crate::tree::Node,
                reading: &mut $crate::compose::codec::Reading<'_>,
            ) -> Option<Self> {
                match node.as_str() {
                    $( Some($word) => Some(Self::$variant), )+
                    _ => {
                        reading.unexpected(&node, concat!("one of" $(, " `", $word, "`")+));
                        None
                    }
                }
            }

            fn walk(&self, walker: &mut dyn $crate::compose::codec::Walker) {
                walker.leaf($crate::compose::codec::Leaf::Text(self.word()));
            }
        }
    };
}
pub(crate) use choice;
