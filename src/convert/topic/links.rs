//! Links to other services and to containers outside.

use crate::compose::codec::{Field, List};
use crate::convert::draft::Draft;
use crate::convert::pass::Pass;
use crate::source::Text;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `links`
    pub links: &'p Field<List<Text>>,
    /// `external_links`
    pub external_links: &'p Field<List<Text>>,
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, draft: &mut Draft<'p>, keys: &Keys<'p>) {
    let Keys { links, external_links } = keys;
    let _ = (pass, draft, links, external_links);
}
