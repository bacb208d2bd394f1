//! Standard input and the terminal.

use crate::compose::codec::Field;
use crate::convert::draft::Draft;
use crate::convert::pass::Pass;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `stdin_open`
    pub stdin_open: &'p Field<bool>,
    /// `tty`
    pub tty: &'p Field<bool>,
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, draft: &mut Draft<'p>, keys: &Keys<'p>) {
    let Keys { stdin_open, tty } = keys;
    let _ = (pass, draft, stdin_open, tty);
}
