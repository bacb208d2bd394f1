//! Where the output goes.

use crate::compose::codec::Field;
use crate::compose::container::Logging;
use crate::convert::draft::Seat;
use crate::convert::pass::Pass;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `logging`
    pub logging: &'p Field<Logging>,
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, keys: &Keys<'p>) {
    let Keys { logging } = keys;
    let _ = (pass, seat, logging);
}
