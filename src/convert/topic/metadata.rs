//! Labels and annotations.

use crate::compose::codec::{Field, List, Map};
use crate::compose::leaf::Loose;
use crate::convert::draft::Seat;
use crate::convert::pass::Pass;
use crate::source::Text;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `labels`
    pub labels: &'p Field<Map<Loose>>,
    /// `label_file`
    pub label_file: &'p Field<List<Text>>,
    /// `annotations`
    pub annotations: &'p Field<Map<Loose>>,
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, keys: &Keys<'p>) {
    let Keys { labels, label_file, annotations } = keys;
    let _ = (pass, seat, labels, label_file, annotations);
}
