//! What a conversion makes: objects whose every field knows why it is there, and what became of every value.

pub mod field;
pub mod why;
pub mod object;
pub mod ledger;
pub mod knob;
pub mod chosen;
pub mod address;
pub mod difference;
pub mod image_build;
pub mod topology;

use std::collections::BTreeMap;

use crate::diag::Finding;
use crate::source::Text;
use crate::source::span::Span;
use ledger::Row;
use object::Object;

/// The whole result of a conversion.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The project's name.
    pub project: Text,
    /// The namespace of the objects that name no other.
    pub namespace: Text,
    /// The objects, in the order in which a cluster wants them.
    pub objects: Vec<Object>,
    /// One row for each value of the project, in the order of the files.
    pub ledger: Vec<Row>,
    /// What is to be said.
    pub findings: Vec<Finding>,
    /// What can be chosen when the output is installed.
    pub knobs: Vec<knob::Knob>,
    /// The variables of the files of which the output holds the value that they have now.
    pub fixed: Vec<Text>,
    /// The services, by the names that they have among the choices.
    pub titles: BTreeMap<Text, Text>,
    /// Where the choices stand in the objects, in the order of the objects.
    pub slots: Vec<knob::Slot>,
    /// The services and jobs, and the places of their names.
    pub members: BTreeMap<Text, Span>,
    /// The services and jobs that no object stands for.
    pub left_out: Vec<LeftOut>,
    /// Who can reach whom, as Compose has it.
    pub connectivity: Connectivity,
    /// How the services stand to each other, as Compose has it.
    pub topology: topology::Topology,
    /// The Secret keys that somebody has to provide.
    pub secrets: Vec<SecretKey>,
    /// Who makes the Secrets of these keys.
    pub supply: Supply,
    /// The images that have to be built first.
    pub builds: Vec<image_build::ImageBuild>,
}

/// A service or job that was left out, and the value that is the reason.
#[derive(Clone, Debug, PartialEq)]
pub struct LeftOut {
    /// Its name.
    pub service: Text,
    /// The rule; none when it was left out on purpose, by a flag or a hint.
    pub rule: Option<crate::diag::Slug>,
    /// The path of the value.
    pub path: Text,
    /// The place of the value.
    pub span: Span,
}

/// Who can reach whom, by the services whose pods stand for them.
///
/// A network of many members is one group instead of a pair for each two of them: what is said is the same, and its
/// length is that of the members and not of their square.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Connectivity {
    /// From whom, to whom.
    pub pairs: Vec<(Text, Text)>,
    /// Services that all reach each other, where there are too many for pairs.
    pub groups: Vec<Vec<Text>>,
    /// Who reaches the outside.
    pub egress: Vec<Text>,
    /// Who is reached from outside, and under which published port.
    pub published: Vec<(Text, u32)>,
}

/// Who makes Secrets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Supply {
    /// A person.
    #[default]
    Hand,
    /// An operator, of the values of a store: objects say where these are.
    Store,
    /// A controller, of what a person has encrypted.
    Sealed,
}

/// A key of a Secret that pods refer to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SecretKey {
    /// The Secret's namespace.
    pub namespace: Text,
    /// The Secret.
    pub secret: Text,
    /// The key.
    pub key: Text,
    /// Where its value comes from in Compose, in words: never the value.
    pub from: Text,
}
