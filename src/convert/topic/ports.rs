//! Ports, and the Services in front of them.

use crate::compose::codec::{Field, List};
use crate::compose::leaf::Loose;
use crate::compose::port::Port;
use crate::convert::draft::Draft;
use crate::convert::pass::Pass;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `ports`
    pub ports: &'p Field<List<Port>>,
    /// `expose`
    pub expose: &'p Field<List<Loose>>,
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, draft: &mut Draft<'p>, keys: &Keys<'p>) {
    let Keys { ports, expose } = keys;
    let _ = (pass, draft, ports, expose);
}

/// The Services in front of the pods.
pub fn services<'p>(pass: &mut Pass<'p>, drafts: &mut [Draft<'p>]) {
    let _ = (pass, drafts);
}
