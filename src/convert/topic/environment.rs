//! Environment variables, and the values that nobody may see.

use crate::compose::codec::{Field, List, Map};
use crate::compose::container::EnvFile;
use crate::compose::leaf::Loose;
use crate::convert::draft::Seat;
use crate::convert::pass::Pass;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `environment`
    pub environment: &'p Field<Map<Option<Loose>>>,
    /// `env_file`
    pub env_file: &'p Field<List<EnvFile>>,
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, keys: &Keys<'p>) {
    let Keys { environment, env_file } = keys;
    let _ = (pass, seat, environment, env_file);
}
