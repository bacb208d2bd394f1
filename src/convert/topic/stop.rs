//! How a container is stopped.

use crate::compose::codec::Field;
use crate::compose::units::Duration;
use crate::convert::draft::Seat;
use crate::convert::pass::Pass;
use crate::source::Text;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `stop_signal`
    pub stop_signal: &'p Field<Text>,
    /// `stop_grace_period`
    pub stop_grace_period: &'p Field<Duration>,
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, keys: &Keys<'p>) {
    let Keys { stop_signal, stop_grace_period } = keys;
    let _ = (pass, seat, stop_signal, stop_grace_period);
}
