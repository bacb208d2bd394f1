//! What acts at build or development time only.

use crate::compose::build::Build;
use crate::compose::codec::Field;
use crate::compose::develop::Develop;
use crate::convert::draft::Draft;
use crate::convert::pass::Pass;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `build`
    pub build: &'p Field<Build>,
    /// `develop`
    pub develop: &'p Field<Develop>,
    /// `attach`
    pub attach: &'p Field<bool>,
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, draft: &mut Draft<'p>, keys: &Keys<'p>) {
    let Keys { build, develop, attach } = keys;
    let _ = (pass, draft, build, develop, attach);
}
