//! The fixed name of a container.

use crate::compose::codec::Field;
use crate::convert::draft::Draft;
use crate::convert::pass::Pass;
use crate::source::Text;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `container_name`
    pub container_name: &'p Field<Text>,
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, draft: &mut Draft<'p>, keys: &Keys<'p>) {
    let Keys { container_name } = keys;
    let _ = (pass, draft, container_name);
}
