//! What is known of an image, and how it is known: types only.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::units::Duration;
use crate::source::{Text, span::Span};

/// How a fact is known.
#[derive(Clone, Debug, PartialEq)]
pub enum Evidence {
    /// A file of `--image-metadata` says so.
    Metadata {
        /// The file, as it was named.
        file: Text,
        /// The image that the entry is of.
        image: Text,
    },
    /// A Dockerfile says so, at this place.
    Dockerfile(Span),
    /// The catalogue of well-known images says so.
    Catalogue(Arc<CatalogueEntry>),
}

/// Where an entry of the catalogue has its facts from.
#[derive(Debug, PartialEq, Eq)]
pub struct CatalogueEntry {
    /// The images that it covers, as `postgres` or `postgres:*alpine*`.
    pub pattern: Text,
    /// Where the facts are written.
    pub source: Text,
    /// When that was read, as a year and a month.
    pub date: Text,
}

/// A value and how it is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Known<T> {
    /// The value.
    pub value: T,
    /// How it is known.
    pub evidence: Evidence,
}

/// Something that an image has, or has not, or that is not known of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Fact<T> {
    /// Nobody says.
    #[default]
    Unknown,
    /// The image is known not to have it.
    Absent(Evidence),
    /// The image has it.
    Present(Known<T>),
}

/// Things that an image has several of.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing<T> {
    /// Those that are known, each with its evidence.
    pub items: Vec<Known<T>>,
    /// Whether the image is known to have no others.
    pub complete: bool,
}

/// What is known of one image.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// USER; absent is root.
    pub user: Fact<User>,
    /// The account to which the program changes when it is started as root, and as which it can also be started.
    pub settles_as: Option<Known<User>>,
    /// EXPOSE.
    pub ports: Listing<ExposedPorts>,
    /// ENTRYPOINT.
    pub entrypoint: Fact<Process>,
    /// CMD.
    pub command: Fact<Process>,
    /// SHELL; absent is `/bin/sh -c`.
    pub shell: Fact<Vec<Text>>,
    /// HEALTHCHECK; `NONE` is absent.
    pub healthcheck: Fact<ImageHealthcheck>,
    /// VOLUME: clean paths.
    pub volumes: Listing<Text>,
    /// STOPSIGNAL, as it is written; absent is SIGTERM.
    pub stop_signal: Fact<Text>,
    /// How many signatures it has; unknown where nobody records any.
    pub signatures: Fact<usize>,
    /// ENV.
    pub environment: Listing<ImageVariable>,
    /// WORKDIR; absent is `/`.
    pub working_dir: Fact<Text>,
    /// The architectures that it is known to be published for, as Docker names them.
    pub architectures: Listing<Text>,
    /// Clean paths at or below which the image has files.
    pub content: Listing<Text>,
    /// Accounts of its `/etc/passwd`, by name.
    pub accounts: BTreeMap<Text, Known<AccountNumbers>>,
    /// Groups of its `/etc/group`, by name.
    pub groups: BTreeMap<Text, Known<u32>>,
    /// Why no two of its containers may write to the same data.
    pub single_writer: Option<Known<Text>>,
    /// Where it keeps its data.
    pub data: Vec<Known<DataDirectory>>,
    /// Paths that it must be able to write to when its root file system is read-only.
    pub writable: Vec<Known<Text>>,
    /// A command that tests its health, for where nothing better is known.
    pub probe: Option<Known<Vec<Text>>>,
    /// What else is worth saying of it.
    pub notes: Vec<Known<Text>>,
    /// ONBUILD: instructions that a build on top of it runs first.
    pub triggers: Vec<Known<Text>>,
    /// The image at the end of its FROM chain, as the Dockerfile names it after substitution.
    pub base: Option<Known<Text>>,
}

/// A user, and the group after the colon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The user.
    pub user: Account,
    /// The group, when one is given.
    pub group: Option<Account>,
    /// The number of the group that `/etc/passwd` gives the user, where it is known.
    pub own_group: Option<u32>,
}

/// A user or a group, as a number or as a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Account {
    /// A number.
    Number(u32),
    /// A name, and its number where it is known; `root` is 0.
    Name(Text, Option<u32>),
}

/// The numbers of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountNumbers {
    /// Its own.
    pub uid: u32,
    /// That of its group.
    pub gid: Option<u32>,
}

/// A range of ports; most are of one port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExposedPorts {
    /// The first port.
    pub first: u16,
    /// The last port.
    pub last: u16,
    /// Their protocol.
    pub protocol: Protocol,
}

/// A transport protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}

/// What is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Process {
    /// The words of a program and its arguments.
    Exec(Vec<Text>),
    /// A line that a shell runs.
    Shell {
        /// The words before the line.
        shell: Vec<Text>,
        /// The line.
        line: Text,
        /// Whether the shell is Docker's default because nothing is known of the base image's SHELL.
        assumed: bool,
    },
}

/// The HEALTHCHECK of an image; a field that is absent has Docker's default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageHealthcheck {
    /// The test.
    pub test: ImageTest,
    /// Time between two tests.
    pub interval: Option<Duration>,
    /// Time that a test may take.
    pub timeout: Option<Duration>,
    /// Time in which failures do not count.
    pub start_period: Option<Duration>,
    /// Time between two tests in that time.
    pub start_interval: Option<Duration>,
    /// Failures in a row that make it unhealthy.
    pub retries: Option<u32>,
}

/// The test of a HEALTHCHECK.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImageTest {
    /// The words of a program and its arguments.
    Exec(Vec<Text>),
    /// A line for the shell of the image.
    Shell(Text),
}

/// A variable of an image's environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageVariable {
    /// Its name.
    pub name: Text,
    /// Its value; unknown where it depends on something that is.
    pub value: Option<Text>,
}

/// A folder in which a program keeps its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataDirectory {
    /// The path that is to be mounted.
    pub path: Text,
    /// What makes the program keep its data in a folder below: file systems have a `lost+found` of their own.
    pub below: Option<Below>,
}

/// A variable that moves a data directory below the mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Below {
    /// The variable.
    pub variable: Text,
    /// The value that it needs.
    pub value: Text,
}

/// What is known of every image of a project.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImageFacts {
    /// Services, by name.
    pub services: BTreeMap<Text, Arc<Facts>>,
    /// Jobs, by name.
    pub jobs: BTreeMap<Text, Arc<Facts>>,
    /// The `pre_start` containers of services, by name of the service, in their order.
    pub pre_start: BTreeMap<Text, Vec<Arc<Facts>>>,
    /// Images that are named elsewhere, as in mounts, as they are written.
    pub images: BTreeMap<Text, Arc<Facts>>,
    /// Dockerfiles that could not be read, in the order of the services.
    pub unread: Vec<Unread>,
}

/// A Dockerfile that says nothing, because it could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The first service or job that is built from it.
    pub service: Text,
    /// The place: in the Dockerfile, or else of the `build` that names it.
    pub span: Span,
    /// Why.
    pub reason: String,
}

/// The facts of an image of which nothing is known.
static NOTHING: std::sync::LazyLock<Facts> = std::sync::LazyLock::new(Facts::default);

impl ImageFacts {
    /// What is known of a service's image.
    #[must_use]
    pub fn of_service(&self, name: &str) -> &Facts {
        self.services.get(name).map_or(&NOTHING, AsRef::as_ref)
    }

    /// What is known of a job's image.
    #[must_use]
    pub fn of_job(&self, name: &str) -> &Facts {
        self.jobs.get(name).map_or(&NOTHING, AsRef::as_ref)
    }

    /// What is known of the image of a service's `pre_start` container, by its position.
    #[must_use]
    pub fn of_pre_start(&self, service: &str, index: usize) -> &Facts {
        self.pre_start.get(service).and_then(|hooks| hooks.get(index)).map_or(&NOTHING, AsRef::as_ref)
    }

    /// What is known of an image that a mount names.
    #[must_use]
    pub fn of_image(&self, reference: &str) -> &Facts {
        self.images.get(reference).map_or(&NOTHING, AsRef::as_ref)
    }
}

impl<T> Fact<T> {
    /// The value, when there is one.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        self.known().map(|known| &known.value)
    }

    /// The value and its evidence, when there is one.
    #[must_use]
    pub fn known(&self) -> Option<&Known<T>> {
        match self {
            Self::Present(known) => Some(known),
            Self::Absent(_) | Self::Unknown => None,
        }
    }

    /// How it is known what the image has, or has not.
    #[must_use]
    pub fn evidence(&self) -> Option<&Evidence> {
        match self {
            Self::Present(known) => Some(&known.evidence),
            Self::Absent(evidence) => Some(evidence),
            Self::Unknown => None,
        }
    }

    /// Whether nobody says.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }
}

impl<T> Default for Listing<T> {
    /// Nothing is known.
    fn default() -> Self {
        Self { items: Vec::new(), complete: false }
    }
}

impl<T> Listing<T> {
    /// The values without their evidence.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.items.iter().map(|known| &known.value)
    }
}

impl User {
    /// The number of the user, where it is known.
    #[must_use]
    pub fn uid(&self) -> Option<u32> {
        self.user.number()
    }

    /// The number of the group that its processes have, where it is known.
    #[must_use]
    pub fn gid(&self) -> Option<u32> {
        match &self.group {
            Some(group) => group.number(),
            None => self.own_group,
        }
    }
}

impl Account {
    /// Its number, where it is known.
    #[must_use]
    pub fn number(&self) -> Option<u32> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Name(_, number) => *number,
        }
    }
}

impl Process {
    /// All words of the command line.
    #[must_use]
    pub fn words(&self) -> Vec<Text> {
        match self {
            Self::Exec(words) => words.clone(),
            Self::Shell { shell, line, .. } => shell.iter().chain([line]).cloned().collect(),
        }
    }
}
