//! Configs and secrets as files of a container.

use crate::compose::codec::{Field, List, Map};
use crate::compose::file_object::{Config, FileReference, Secret};
use crate::convert::draft::{Draft, Seat};
use crate::convert::pass::Pass;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `configs`
    pub configs: &'p Field<List<FileReference>>,
    /// `secrets`
    pub secrets: &'p Field<List<FileReference>>,
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, keys: &Keys<'p>) {
    let Keys { configs, secrets } = keys;
    let _ = (pass, seat, configs, secrets);
}

/// What becomes of the configs and secrets that the project declares.
pub fn declarations<'p>(
    pass: &mut Pass<'p>,
    drafts: &mut [Draft<'p>],
    configs: &'p Field<Map<Config>>,
    secrets: &'p Field<Map<Secret>>,
) {
    let _ = (pass, drafts, configs, secrets);
}
