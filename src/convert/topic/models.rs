//! Language models that a container uses.

use crate::compose::codec::{Field, Map};
use crate::compose::language_model::{LanguageModel, ModelUse};
use crate::convert::draft::Seat;
use crate::convert::pass::Pass;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `models`
    pub models: &'p Field<Map<Option<ModelUse>>>,
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, keys: &Keys<'p>) {
    let Keys { models } = keys;
    let _ = (pass, seat, models);
}

/// What becomes of the language models that the project declares.
pub fn declarations<'p>(pass: &mut Pass<'p>, models: &'p Field<Map<LanguageModel>>) {
    let _ = (pass, models);
}
