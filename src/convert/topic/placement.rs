//! On which nodes the pods run.

use crate::compose::codec::Field;
use crate::compose::deploy::Placement;
use crate::convert::draft::Draft;
use crate::convert::pass::Pass;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `placement`
    pub placement: &'p Field<Placement>,
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, draft: &mut Draft<'p>, keys: &Keys<'p>) {
    let Keys { placement } = keys;
    let _ = (pass, draft, placement);
}
