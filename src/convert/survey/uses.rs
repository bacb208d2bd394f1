//! Who uses which declaration.

use std::collections::BTreeMap;

use crate::compose::codec::{Field, List};
use crate::compose::file_object::FileReference;
use crate::compose::mount::MountKind;
use crate::compose::project::{entries, items};
use crate::convert::member::Member;
use crate::source::Text;

/// The members that use each declaration, in the order of the files.
#[derive(Debug, Default)]
pub struct Uses {
    /// By network.
    pub networks: BTreeMap<Text, Vec<Text>>,
    /// By volume.
    pub volumes: BTreeMap<Text, Vec<Text>>,
    /// By config.
    pub configs: BTreeMap<Text, Vec<Text>>,
    /// By secret.
    pub secrets: BTreeMap<Text, Vec<Text>>,
    /// By language model.
    pub models: BTreeMap<Text, Vec<Text>>,
}

impl Uses {
    /// Looks at all members.
    #[must_use]
    pub fn of(members: &[Member<'_>]) -> Self {
        let mut uses = Self::default();
        for member in members {
            uses.member(member);
        }
        uses
    }

    fn member(&mut self, member: &Member<'_>) {
        let hooks = member.service().map(|service| items(&service.pre_start)).into_iter().flatten();
        let hooks = hooks.map(|hook| &hook.value.container);
        for container in std::iter::once(member.container).chain(hooks) {
            for (name, _) in entries(&container.networks) {
                enter(&mut self.networks, name, member);
            }
            for mount in items(&container.volumes).map(|mount| &mount.value) {
                let named = mount.kind.as_ref().is_some_and(|kind| kind.value == MountKind::Volume);
                if let Some(source) = mount.source.as_ref().filter(|_| named) {
                    enter(&mut self.volumes, &source.value, member);
                }
            }
            files(&mut self.configs, &container.configs, member);
            files(&mut self.secrets, &container.secrets, member);
            for (name, _) in entries(&container.models) {
                enter(&mut self.models, name, member);
            }
        }
    }
}

fn files(uses: &mut BTreeMap<Text, Vec<Text>>, files: &Field<List<FileReference>>, member: &Member<'_>) {
    for source in items(files).filter_map(|file| file.value.source.as_ref()) {
        enter(uses, &source.value, member);
    }
}

fn enter(uses: &mut BTreeMap<Text, Vec<Text>>, name: &Text, member: &Member<'_>) {
    let users = uses.entry(name.clone()).or_default();
    if users.last() != Some(member.name) {
        users.push(member.name.clone());
    }
}
