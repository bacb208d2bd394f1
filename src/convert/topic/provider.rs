//! Services that no container provides.

use crate::compose::codec::Field;
use crate::compose::service::Provider;
use crate::convert::draft::Draft;
use crate::convert::pass::Pass;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `provider`
    pub provider: &'p Field<Provider>,
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, draft: &mut Draft<'p>, keys: &Keys<'p>) {
    let Keys { provider } = keys;
    let _ = (pass, draft, provider);
}
