//! What runs: the argument vector and the working directory.

use crate::compose::codec::Field;
use crate::compose::command::Command;
use crate::convert::draft::Seat;
use crate::convert::pass::Pass;
use crate::source::Text;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `entrypoint`
    pub entrypoint: &'p Field<Command>,
    /// `command`
    pub command: &'p Field<Command>,
    /// `working_dir`
    pub working_dir: &'p Field<Text>,
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, keys: &Keys<'p>) {
    let Keys { entrypoint, command, working_dir } = keys;
    let _ = (pass, seat, entrypoint, command, working_dir);
}
