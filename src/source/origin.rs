//! The way that a value took: includes, extends, overrides, variables, env files, defaults.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Text, span::Span};

/// An entry of [`Origins`]; number 0 is "written right there".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct OriginId(pub u32);

/// All origins of a project; a value refers to one by its number.
#[derive(Debug, Clone)]
pub struct Origins {
    entries: Vec<Origin>,
    implied: HashMap<(OriginId, &'static str), OriginId>,
}

/// How a value came to be what it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Origin {
    /// The hops from the place of the value to the resolved model, in their order.
    pub hops: Vec<Hop>,
    /// The parts of a value that was interpolated.
    pub template: Option<Arc<Template>>,
}

/// One step of the way.
#[derive(Debug, Clone, PartialEq)]
pub enum Hop {
    /// Read because an `include` entry, at this place, names the file.
    Include(Span),
    /// Taken over from another service by the `extends` at this place.
    Extends(Span),
    /// Replaced the value at this place, which an earlier file had.
    Override(Span),
    /// Read from a file that an `env_file` or `label_file` entry, at this place, names.
    EnvFile(Span),
    /// Filled in because nothing was written; the text names the rule.
    Default(&'static str),
    /// Derived from the value at this place, as one port of a range is.
    Derived(Span),
    /// Written elsewhere under an anchor; the alias at this place, `*name`, stands for it.
    Alias(Span),
    /// Taken from the project's environment because the file gives the name only; the line of the env file, if one
    /// sets it.
    Inherited(Option<Span>),
}

/// An interpolated string in its parts; joined, their values are the string.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// The string before interpolation, as YAML decodes it.
    pub text: Text,
    /// The parts in their order; they cover the text without gaps.
    pub parts: Vec<Part>,
}

/// A piece of a template and where it stands in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The bytes of the template's text.
    pub range: std::ops::Range<u32>,
    /// What stands there.
    pub kind: PartKind,
}

/// What a piece of a template is.
#[derive(Debug, Clone, PartialEq)]
pub enum PartKind {
    /// Literal text, with `$$` already one `$`.
    Literal(Text),
    /// A variable.
    Variable(Variable),
}

/// The use of a variable in a template.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    /// Its name.
    pub name: Text,
    /// What is to happen when it is unset, empty or set.
    pub modifier: Modifier,
    /// The value that the variable has, if it has one.
    pub value: Option<Text>,
    /// What the use of the variable became: its value, its default, its alternative, or nothing.
    pub result: Text,
}

/// The part of `${NAME…}` behind the name; the ranges of a word's parts are those of the whole template.
#[derive(Debug, Clone, PartialEq)]
pub enum Modifier {
    /// `$NAME` or `${NAME}`.
    None,
    /// `${NAME-word}`, or `${NAME:-word}` when `empty` counts as unset.
    Default {
        /// Whether the form has a colon.
        empty: bool,
        /// The default, itself a template.
        word: Vec<Part>,
    },
    /// `${NAME?word}` or `${NAME:?word}`.
    Required {
        /// Whether the form has a colon.
        empty: bool,
        /// The message, itself a template.
        word: Vec<Part>,
    },
    /// `${NAME+word}` or `${NAME:+word}`.
    Alternative {
        /// Whether the form has a colon.
        empty: bool,
        /// What stands for a value that is set, itself a template.
        word: Vec<Part>,
    },
}

/// The text of some parts, their variables replaced.
#[must_use]
pub fn text(parts: &[Part]) -> String {
    let text = |part: &Part| match &part.kind {
        PartKind::Literal(text) => text.clone(),
        PartKind::Variable(variable) => variable.result.clone(),
    };
    parts.iter().map(text).collect::<Vec<_>>().concat()
}

impl Default for Origins {
    fn default() -> Self {
        Self { entries: vec![Origin::default()], implied: HashMap::new() }
    }
}

impl Origins {
    /// Takes an origin in and gives it its number.
    ///
    /// # Panics
    /// When there are more than 2³² origins.
    pub fn add(&mut self, origin: Origin) -> OriginId {
        let id = u32::try_from(self.entries.len()).expect("fewer origins than memory could hold");
        self.entries.push(origin);
        OriginId(id)
    }

    /// The origin of that number.
    #[must_use]
    pub fn get(&self, id: OriginId) -> &Origin {
        &self.entries[id.0 as usize]
    }

    /// The origin of that number with one more hop.
    pub fn hop(&mut self, id: OriginId, hop: Hop) -> OriginId {
        let mut origin = self.get(id).clone();
        origin.hops.push(hop);
        self.add(origin)
    }

    /// The origin of what is filled in because nothing is written, where a value of that number would stand.
    pub fn implied(&mut self, id: OriginId, rule: &'static str) -> OriginId {
        if let Some(known) = self.implied.get(&(id, rule)) {
            return *known;
        }
        // No variable made what nobody wrote.
        let mut origin = Origin { template: None, ..self.get(id).clone() };
        origin.hops.push(Hop::Default(rule));
        let implied = self.add(origin);
        self.implied.insert((id, rule), implied);
        implied
    }
}

impl Origin {
    /// Whether no line of the source wrote the value.
    #[must_use]
    pub fn is_implicit(&self) -> bool {
        self.hops.iter().any(|hop| matches!(hop, Hop::Default(_)))
    }
}
