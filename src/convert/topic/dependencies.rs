//! What must be there first.

use crate::compose::codec::{Field, Map};
use crate::compose::service::Dependency;
use crate::convert::draft::Draft;
use crate::convert::pass::Pass;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `depends_on`
    pub depends_on: &'p Field<Map<Dependency>>,
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, draft: &mut Draft<'p>, keys: &Keys<'p>) {
    let Keys { depends_on } = keys;
    let _ = (pass, draft, depends_on);
}
