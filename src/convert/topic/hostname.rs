//! The host name.

use crate::compose::codec::Field;
use crate::convert::draft::Seat;
use crate::convert::pass::Pass;
use crate::source::Text;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `hostname`
    pub hostname: &'p Field<Text>,
    /// `domainname`
    pub domainname: &'p Field<Text>,
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, keys: &Keys<'p>) {
    let Keys { hostname, domainname } = keys;
    let _ = (pass, seat, hostname, domainname);
}
