//! Whom the process runs as.

use crate::compose::codec::{Field, List};
use crate::compose::leaf::Count;
use crate::convert::draft::Seat;
use crate::convert::pass::Pass;
use crate::source::Text;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `user`
    pub user: &'p Field<Text>,
    /// `group_add`
    pub group_add: &'p Field<List<Text>>,
    /// `umask`
    pub umask: &'p Field<Count>,
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, keys: &Keys<'p>) {
    let Keys { user, group_add, umask } = keys;
    let _ = (pass, seat, user, group_add, umask);
}
