//! Commands and containers around the life of a service.

use crate::compose::codec::{Field, List};
use crate::compose::hook::{Hook, PreStart};
use crate::convert::draft::Draft;
use crate::convert::pass::Pass;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `pre_start`
    pub pre_start: &'p Field<List<PreStart>>,
    /// `post_start`
    pub post_start: &'p Field<List<Hook>>,
    /// `pre_stop`
    pub pre_stop: &'p Field<List<Hook>>,
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, draft: &mut Draft<'p>, keys: &Keys<'p>) {
    let Keys { pre_start, post_start, pre_stop } = keys;
    let _ = (pass, draft, pre_start, post_start, pre_stop);
}
