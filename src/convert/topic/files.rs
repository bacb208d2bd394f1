//! Configs and secrets as files of a container.

pub mod content;
pub mod references;
pub mod declared;

use crate::compose::codec::{Field, List, Map};
use crate::compose::file_object::{Config, FileReference, Secret};
use crate::compose::project::items;
use crate::convert::draft::{Draft, Seat};
use crate::convert::member::Member;
use crate::convert::pass::Pass;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `configs`
    pub configs: &'p Field<List<FileReference>>,
    /// `secrets`
    pub secrets: &'p Field<List<FileReference>>,
}

/// Which of the two a file comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// `configs`
    Configs,
    /// `secrets`
    Secrets,
}

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, keys: &Keys<'p>) {
    let Keys { configs, secrets } = keys;
    for (section, files) in [(Section::Configs, configs), (Section::Secrets, secrets)] {
        if let Some(files) = files {
            pass.consumed(files);
        }
        for file in items(files) {
            references::mount(pass, seat, section, file);
        }
    }
}

/// What becomes of the configs and secrets that the project declares.
pub fn declarations<'p>(
    pass: &mut Pass<'p>,
    _: &mut [Draft<'p>],
    configs: &'p Field<Map<Config>>,
    secrets: &'p Field<Map<Secret>>,
) {
    declared::configs(pass, configs);
    declared::secrets(pass, secrets);
}

/// The paths at which a member mounts configs and secrets.
#[must_use]
pub fn targets(member: &Member<'_>) -> Vec<String> {
    let configs =
        items(&member.container.configs).map(|file| references::target(Section::Configs, &file.value));
    let secrets =
        items(&member.container.secrets).map(|file| references::target(Section::Secrets, &file.value));
    configs.chain(secrets).collect()
}
