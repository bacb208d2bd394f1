//! Who mounts what: the users of each volume and of each path of the host, who of them writes, and in how many pods.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::file_set::{Found, look};
use crate::compose::codec::{Field, List};
use crate::compose::mount::{Mount, MountKind};
use crate::compose::project::{entries, items};
use crate::compose::volume::Volume;
use crate::convert::Input;
use crate::convert::backing::{self, Backing};
use crate::convert::hint::Hint;
use crate::convert::member::Member;
use crate::k8s::name;
use crate::source::Text;
use crate::source::reader::relative;
use crate::source::span::{Identity, Spanned};

/// The most services whose mounts one service takes over.
const BORROWED: usize = 32;

/// The mounts of all members.
#[derive(Debug, Default)]
pub struct Volumes<'p> {
    named: BTreeMap<Text, Usage>,
    sources: BTreeMap<Text, Source>,
    mounts: BTreeMap<Text, Vec<Mounted<'p>>>,
    owners: BTreeMap<Text, Identity>,
    claimed: BTreeSet<Text>,
}

/// A mount of a member, its own or one that it takes over by `volumes_from`.
#[derive(Clone, Copy, Debug)]
pub struct Mounted<'p> {
    /// The mount, as it is declared.
    pub mount: &'p Spanned<Mount>,
    /// The value of the member that asks for it: the source, without one the target, or the entry of `volumes_from`.
    pub at: &'p Spanned<Text>,
    /// Whether it is taken over.
    pub borrowed: bool,
    /// Whether the member only reads.
    pub read_only: bool,
}

/// The members that mount something, in the order of the files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// The members.
    pub users: Vec<User>,
}

/// A member that mounts something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Its name.
    pub member: Text,
    /// Whether it writes.
    pub writes: bool,
    /// In how many pods; of one pod on each node, two.
    pub pods: i64,
}

/// A path of the host that members mount.
#[derive(Clone, Debug)]
pub struct Source {
    /// The name of the objects that stand for it.
    pub name: Text,
    /// Who mounts it.
    pub usage: Usage,
    /// What is there; of a path of the machine nobody looks.
    pub found: Option<Found>,
}

impl Usage {
    /// Whether one pod alone mounts it.
    #[must_use]
    pub fn is_exclusive(&self) -> bool {
        self.pods() <= 1
    }

    /// Whether anybody writes.
    #[must_use]
    pub fn is_written(&self) -> bool {
        self.users.iter().any(|user| user.writes)
    }

    /// How many pods mount it.
    #[must_use]
    pub fn pods(&self) -> i64 {
        self.users.iter().fold(0, |pods: i64, user| pods.saturating_add(user.pods))
    }

    /// The usage by some of the members only.
    #[must_use]
    pub fn among(&self, keep: impl Fn(&str) -> bool) -> Self {
        Self { users: self.users.iter().filter(|user| keep(&user.member)).cloned().collect() }
    }

    /// The names of the members.
    #[must_use]
    pub fn members(&self) -> Vec<Text> {
        self.users.iter().map(|user| user.member.clone()).collect()
    }

    fn enter(&mut self, member: &Member<'_>, writes: bool) {
        match self.users.last_mut().filter(|user| user.member == *member.name) {
            Some(user) => user.writes |= writes,
            None => self.users.push(User { member: member.name.clone(), writes, pods: pods(member) }),
        }
    }
}

impl<'p> Volumes<'p> {
    /// Looks at the mounts of all members.
    #[must_use]
    pub fn of(input: &Input<'p>, members: &[Member<'p>]) -> Self {
        let by_name: BTreeMap<&str, Member<'p>> =
            members.iter().map(|member| (member.name.as_str(), *member)).collect();
        let mut volumes = Self::default();
        for member in members {
            let mounts = mounts(&by_name, member);
            for mounted in &mounts {
                volumes.enter(member, mounted);
            }
            volumes.mounts.insert(member.name.clone(), mounts);
            for hook in member.service().into_iter().flat_map(|service| items(&service.pre_start)) {
                for mounted in own(&hook.value.container.volumes) {
                    volumes.enter(member, &mounted);
                }
            }
        }
        volumes.name(input);
        volumes.own(input, members);
        volumes
    }

    fn enter(&mut self, member: &Member<'_>, mounted: &Mounted<'_>) {
        let Some(source) = &mounted.mount.value.source else { return };
        match mounted.kind() {
            MountKind::Volume => {
                self.named.entry(source.value.clone()).or_default().enter(member, !mounted.read_only);
            }
            MountKind::Bind => {
                let fresh = || Source { name: Text::default(), usage: Usage::default(), found: None };
                let known = self.sources.entry(source.value.clone()).or_insert_with(fresh);
                known.usage.enter(member, !mounted.read_only);
            }
            MountKind::Tmpfs | MountKind::Cluster | MountKind::NamedPipe | MountKind::Image => {}
        }
    }

    /// Names the paths of the host, each unlike all others, and looks at those of the project.
    fn name(&mut self, input: &Input<'p>) {
        let model = &input.project.model;
        let declared = entries(&model.volumes).map(|(key, _)| key);
        let declared = declared.chain(entries(&model.configs).map(|(key, _)| key));
        let declared = declared.chain(entries(&model.secrets).map(|(key, _)| key));
        let object = |text: &str| name::object(text, name::LABEL_LENGTH).map(Text::from);
        let mut taken: BTreeSet<Text> = declared.filter_map(|key| object(key)).collect();
        self.claimed.clone_from(&taken);
        let directory = &input.project.directory;
        for mounts in self.mounts.values() {
            for mounted in mounts.iter().filter(|mounted| mounted.kind() == MountKind::Bind) {
                let Some(source) = &mounted.mount.value.source else { continue };
                let Some(known) = self.sources.get_mut(&source.value) else { continue };
                if known.found.is_none() && is_of_project(input, source) {
                    known.found = Some(look(input.reader, Path::new(source.value.as_str())));
                }
            }
        }
        for (path, source) in &mut self.sources {
            let way = relative(directory, Path::new(path.as_str()));
            let words: Vec<String> = way
                .components()
                .filter(|part| matches!(part, std::path::Component::Normal(_)))
                .map(|part| part.as_os_str().to_string_lossy().into_owned())
                .collect();
            let like = object(&words.join("-")).unwrap_or_else(|| "project".into());
            let digest = || name::digest(way.to_string_lossy().as_bytes());
            source.name = if taken.contains(&like) {
                name::with_ending(&like, &digest(), name::LABEL_LENGTH).into()
            } else {
                like
            };
            taken.insert(source.name.clone());
        }
    }

    fn own(&mut self, input: &Input<'p>, members: &[Member<'p>]) {
        for member in members {
            let owned = |mounted: &Mounted<'p>| {
                let Some(source) = mounted.mount.value.source.as_ref() else { return false };
                mounted.kind() == MountKind::Volume
                    && !mounted.read_only
                    && declaration(input, &source.value).is_some_and(|volume| {
                        matches!(backing::of(volume, &source.value, input.options), Backing::Claim)
                    })
                    && (is_per_replica(member)
                        || self.named.get(&source.value).is_some_and(Usage::is_exclusive))
            };
            if let Some(mounted) = self.mounts(member.name).iter().find(|mounted| owned(mounted)) {
                self.owners.insert(member.name.clone(), Identity::of(mounted.mount));
            }
        }
    }

    /// The mounts of a member, its own first.
    #[must_use]
    pub fn mounts(&self, member: &str) -> &[Mounted<'p>] {
        self.mounts.get(member).map_or(&[], Vec::as_slice)
    }

    /// Who mounts a volume.
    #[must_use]
    pub fn usage(&self, volume: &str) -> Option<&Usage> {
        self.named.get(volume)
    }

    /// All volumes that are mounted, and by whom.
    pub fn used(&self) -> impl Iterator<Item = (&Text, &Usage)> {
        self.named.iter()
    }

    /// What is known of a path of the host.
    #[must_use]
    pub fn source(&self, path: &str) -> Option<&Source> {
        self.sources.get(path)
    }

    /// All paths of the host that are mounted.
    pub fn sources(&self) -> impl Iterator<Item = (&Text, &Source)> {
        self.sources.iter()
    }

    /// The mount of the volume to which the member writes and which nobody else mounts: it has one pod, or each of its
    /// pods has a volume of its own.
    #[must_use]
    pub fn state(&self, member: &str) -> Option<Identity> {
        self.owners.get(member).copied()
    }

    /// Whether a volume, config or secret of the project has objects of that name.
    #[must_use]
    pub fn is_declared_name(&self, name: &str) -> bool {
        self.claimed.contains(name)
    }
}

impl Mounted<'_> {
    /// What is mounted.
    #[must_use]
    pub fn kind(&self) -> MountKind {
        self.mount.value.kind.as_ref().map_or(MountKind::Volume, |kind| kind.value)
    }
}

/// The declaration of a volume.
#[must_use]
pub fn declaration<'p>(input: &Input<'p>, volume: &str) -> Option<&'p Volume> {
    input.project.model.volumes.as_ref()?.value.get(volume).map(|volume| &volume.value)
}

/// In how many pods a member runs; one on each node counts as two.
#[must_use]
pub fn pods(member: &Member<'_>) -> i64 {
    if is_global(member) { 2 } else { member.most_replicas() }
}

/// Whether one pod runs on each node.
#[must_use]
pub fn is_global(member: &Member<'_>) -> bool {
    let deploy = member.service().and_then(|service| service.deploy.as_ref());
    let mode = deploy.and_then(|deploy| deploy.value.mode.as_ref());
    mode.is_some_and(|mode| matches!(mode.value.as_str(), "global" | "global-job"))
}

/// Whether each pod of the member is to have volumes of its own.
#[must_use]
pub fn is_per_replica(member: &Member<'_>) -> bool {
    Hint::of(member, "storage").is_some_and(|hint| hint.says("per-replica"))
}

/// Whether a path of the host is one of the project: below its folder, or written as seen from the file.
#[must_use]
pub fn is_of_project(input: &Input<'_>, source: &Spanned<Text>) -> bool {
    let path = Path::new(source.value.as_str());
    if input.project.directory.parent().is_some() && path.starts_with(&input.project.directory) {
        return true;
    }
    let origin = input.project.origins.get(source.origin);
    let written = match &origin.template {
        Some(template) => crate::source::origin::text(&template.parts),
        None => input.files.text(source.span).to_owned(),
    };
    written.trim_start_matches(['"', '\'', ' ']).starts_with('.')
}

/// All mounts of a member: its own, and those that it takes over; of two at one path the first counts.
fn mounts<'p>(members: &BTreeMap<&str, Member<'p>>, member: &Member<'p>) -> Vec<Mounted<'p>> {
    let mut mounts = own(&member.container.volumes);
    let mut seen: Vec<&str> = vec![member.name];
    for entry in items(&member.container.volumes_from) {
        let (name, read_only) = lender(&entry.value);
        borrow(
            members,
            name,
            &mut |lent: Mounted<'p>| {
                let target =
                    |mount: &Spanned<Mount>| mount.value.target.as_ref().map(|target| target.value.clone());
                if mounts.iter().all(|known| target(known.mount) != target(lent.mount)) {
                    let read_only = read_only || lent.read_only;
                    mounts.push(Mounted { at: entry, borrowed: true, read_only, ..lent });
                }
            },
            &mut seen,
        );
    }
    mounts
}

fn borrow<'p>(
    members: &BTreeMap<&str, Member<'p>>,
    name: &'p str,
    lend: &mut impl FnMut(Mounted<'p>),
    seen: &mut Vec<&'p str>,
) {
    if name.starts_with("container:") || seen.contains(&name) || seen.len() > BORROWED {
        return;
    }
    seen.push(name);
    let Some(member) = members.get(name) else { return };
    own(&member.container.volumes).into_iter().for_each(&mut *lend);
    for entry in items(&member.container.volumes_from) {
        borrow(members, lender(&entry.value).0, lend, seen);
    }
}

/// The service that an entry of `volumes_from` names, and whether it is only read.
#[must_use]
pub fn lender(entry: &Text) -> (&str, bool) {
    if let Some(name) = entry.strip_suffix(":ro") {
        return (name, true);
    }
    (entry.strip_suffix(":rw").unwrap_or(entry), false)
}

/// The mounts that a container declares itself.
#[must_use]
pub fn own(volumes: &Field<List<Mount>>) -> Vec<Mounted<'_>> {
    fn mounted(mount: &Spanned<Mount>) -> Option<Mounted<'_>> {
        let keys = &mount.value;
        let at = keys.source.as_ref().or(keys.target.as_ref())?;
        let read_only = keys.read_only.as_ref().is_some_and(|read_only| read_only.value);
        Some(Mounted { mount, at, borrowed: false, read_only })
    }
    items(volumes).filter_map(mounted).collect()
}
