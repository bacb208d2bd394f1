//! The healthcheck as a probe.

use crate::compose::codec::Field;
use crate::compose::health::Healthcheck;
use crate::convert::draft::Draft;
use crate::convert::pass::Pass;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `healthcheck`
    pub healthcheck: &'p Field<Healthcheck>,
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, draft: &mut Draft<'p>, keys: &Keys<'p>) {
    let Keys { healthcheck } = keys;
    let _ = (pass, draft, healthcheck);
}
