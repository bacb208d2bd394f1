//! What starts a job.

use crate::compose::codec::Field;
use crate::compose::job::Triggers;
use crate::convert::draft::Draft;
use crate::convert::pass::Pass;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `triggers`
    pub triggers: &'p Field<Triggers>,
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, draft: &mut Draft<'p>, keys: &Keys<'p>) {
    let Keys { triggers } = keys;
    let _ = (pass, draft, triggers);
}
