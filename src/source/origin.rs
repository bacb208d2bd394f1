//! The way that a value took: includes, extends, overrides, variables, env files, defaults.

use std::collections::HashMap;
use std::ops::Range;
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
    /// The bytes of what the template became that are this value, when a short form was taken apart.
    pub of: Option<Range<u32>>,
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
    pub range: Range<u32>,
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

/// A piece of a resolved text and what it was written as.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece<'o> {
    /// The bytes of the resolved text.
    pub range: Range<usize>,
    /// The variable that stands for it, when one does.
    pub variable: Option<&'o Variable>,
    /// The bytes of the template's text.
    pub written: Range<usize>,
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

    /// The origin of a part of a short form: the bytes `range` of the whole. Where no template made the whole, the part
    /// has its origin.
    pub fn part(&mut self, id: OriginId, range: &Range<usize>) -> OriginId {
        let bounds = u32::try_from(range.start).ok().zip(u32::try_from(range.end).ok());
        match (self.get(id), bounds) {
            (Origin { template: Some(_), .. }, Some((start, end))) => {
                let origin = Origin { of: Some(start..end), ..self.get(id).clone() };
                self.add(origin)
            }
            _ => id,
        }
    }

    /// The origin of what is filled in because nothing is written, where a value of that number would stand.
    pub fn implied(&mut self, id: OriginId, rule: &'static str) -> OriginId {
        if let Some(known) = self.implied.get(&(id, rule)) {
            return *known;
        }
        // No variable made what nobody wrote.
        let mut origin = Origin { template: None, of: None, ..self.get(id).clone() };
        origin.hops.push(Hop::Default(rule));
        let implied = self.add(origin);
        self.implied.insert((id, rule), implied);
        implied
    }
}

impl Variable {
    /// Whether the file demands a value, and there is none.
    #[must_use]
    pub fn is_unmet(&self) -> bool {
        match &self.modifier {
            Modifier::Required { empty, .. } => {
                self.value.as_ref().is_none_or(|value| *empty && value.is_empty())
            }
            Modifier::None | Modifier::Default { .. } | Modifier::Alternative { .. } => false,
        }
    }

    /// The default that the file writes for it, used or not.
    #[must_use]
    pub fn default(&self) -> Option<&[Part]> {
        match &self.modifier {
            Modifier::Default { word, .. } => Some(word),
            Modifier::None | Modifier::Required { .. } | Modifier::Alternative { .. } => None,
        }
    }
}

impl Part {
    /// What it became.
    fn text(&self) -> &str {
        match &self.kind {
            PartKind::Literal(text) => text,
            PartKind::Variable(variable) => &variable.result,
        }
    }

    /// The piece of it that lies in `wanted`, both in bytes of the resolved text; the part begins at `start`.
    fn piece(&self, start: usize, wanted: &Range<usize>) -> Option<Piece<'_>> {
        let text = self.text();
        let own = start..start + text.len();
        let range = own.start.max(wanted.start)..own.end.min(wanted.end);
        let mut written = self.range.start as usize..self.range.end as usize;
        let variable = match &self.kind {
            PartKind::Literal(_) => None,
            PartKind::Variable(variable) => Some(variable),
        };
        // An empty literal says nothing, and an unset variable does, also at the edge.
        let is_unset = variable.is_some() && own.is_empty() && range.start == range.end;
        if range.start >= range.end && !is_unset {
            return None;
        }
        // A `$$` makes what is written longer than what it became; then all of it has to do.
        if variable.is_none() && written.len() == text.len() {
            written = written.start + (range.start - own.start)..written.end - (own.end - range.end);
        }
        Some(Piece { range: range.start - wanted.start..range.end - wanted.start, variable, written })
    }
}

impl Template {
    /// The pieces of what it became, from the byte `start` on; nothing when `value` does not stand there.
    fn pieces(&self, value: &str, start: usize) -> Option<Vec<Piece<'_>>> {
        if text(&self.parts).get(start..start + value.len()) != Some(value) {
            return None;
        }
        let wanted = start..start + value.len();
        let mut at = 0;
        let mut pieces = Vec::with_capacity(self.parts.len());
        for part in &self.parts {
            let length = part.text().len();
            let piece = part.piece(at, &wanted);
            // A variable is there as a whole, or nobody can say what it gives.
            if piece.as_ref().is_some_and(|piece| piece.variable.is_some() && piece.range.len() < length) {
                return None;
            }
            pieces.extend(piece);
            at += length;
        }
        Some(pieces)
    }
}

impl Origin {
    /// The pieces of a resolved text: of the part that a short form gives, of the whole that a template became, or of its end, since a `KEY=VALUE` has one
    /// template for both. Nothing when no template made it.
    #[must_use]
    pub fn pieces(&self, value: &str) -> Option<Vec<Piece<'_>>> {
        let template = self.template.as_deref()?;
        if let Some(of) = self.of.as_ref().filter(|of| of.len() == value.len()) {
            return template.pieces(value, of.start as usize);
        }
        let length: usize = template.parts.iter().map(|part| part.text().len()).sum();
        template.pieces(value, length.checked_sub(value.len())?)
    }

    /// What the template became, as far as it is this value; nothing when no template made it.
    #[must_use]
    pub fn whole(&self) -> Option<String> {
        let whole = text(&self.template.as_deref()?.parts);
        match &self.of {
            Some(of) => whole.get(of.start as usize..of.end as usize).map(str::to_owned),
            None => Some(whole),
        }
    }

    /// The pieces of a text that is the beginning of what a template became, as the source of `source:target` is.
    #[must_use]
    pub fn first_pieces(&self, value: &str) -> Option<Vec<Piece<'_>>> {
        self.template.as_deref()?.pieces(value, 0)
    }
}

impl Origin {
    /// Whether no line of the source wrote the value.
    #[must_use]
    pub fn is_implicit(&self) -> bool {
        self.hops.iter().any(|hop| matches!(hop, Hop::Default(_)))
    }
}
