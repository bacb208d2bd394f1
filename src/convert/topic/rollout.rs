//! How an update is rolled out.

use crate::compose::codec::Field;
use crate::compose::deploy::UpdateConfig;
use crate::convert::draft::Draft;
use crate::convert::pass::Pass;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `update_config`
    pub update_config: &'p Field<UpdateConfig>,
    /// `rollback_config`
    pub rollback_config: &'p Field<UpdateConfig>,
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, draft: &mut Draft<'p>, keys: &Keys<'p>) {
    let Keys { update_config, rollback_config } = keys;
    let _ = (pass, draft, update_config, rollback_config);
}
