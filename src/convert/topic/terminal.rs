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
    if let Some(tty) = tty {
        let why = pass.mapped(tty);
        if tty.value {
            // The API wants both: a terminal is also the standard input.
            draft.container.put("stdin", true, &why);
            draft.container.put("tty", true, &why);
        }
    }
    if let Some(stdin_open) = stdin_open {
        let why = pass.mapped(stdin_open);
        if stdin_open.value {
            draft.container.put("stdin", true, &why);
        }
    }
}
