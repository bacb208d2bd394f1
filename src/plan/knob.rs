//! What can be chosen when the output is installed: the choices, and where each stands in the objects.

use std::collections::{BTreeMap, BTreeSet};

use super::field::Field;
use super::object::Id;
use crate::source::Text;
use crate::source::span::Span;

/// A parameter of the output.
#[derive(Clone, Debug, PartialEq)]
pub struct Knob {
    /// Where it stands among the choices: `variables` and a variable's name, or a service and what is chosen of it.
    pub path: Vec<Text>,
    /// What can be chosen.
    pub shape: Shape,
    /// What is taken when nothing is chosen; nothing when somebody has to choose.
    pub default: Option<Field>,
    /// Whether there has to be a value, and not an empty one.
    pub required: bool,
    /// What it is, in a sentence without an end.
    pub help: Text,
    /// The value of the project that it comes from.
    pub place: Option<Span>,
}

impl Knob {
    /// Its name: that of the variable, or its path.
    #[must_use]
    pub fn name(&self) -> String {
        match self.path.as_slice() {
            [section, name] if section == "variables" => name.to_string(),
            path => path.join("."),
        }
    }
}

/// The slots in which each choice stands, those of an image's parts included.
#[must_use]
pub fn feeds<'s>(knobs: &[Knob], slots: &'s [Slot]) -> BTreeMap<KnobId, Vec<&'s Slot>> {
    let paths: BTreeMap<&[Text], KnobId> =
        knobs.iter().zip(0..).map(|(knob, at)| (knob.path.as_slice(), KnobId(at))).collect();
    let mut feeds: BTreeMap<KnobId, Vec<&Slot>> = BTreeMap::new();
    for slot in slots {
        let mut fed: BTreeSet<KnobId> = slot.fill.knobs().into_iter().collect();
        if let Fill::Image(image) = &slot.fill {
            let part = |part: &str| image.path.iter().cloned().chain([part.into()]).collect::<Vec<Text>>();
            fed.extend(IMAGE_PARTS.iter().filter_map(|name| paths.get(part(name).as_slice())));
        }
        for knob in fed {
            feeds.entry(knob).or_default().push(slot);
        }
    }
    feeds
}

/// What can be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Text.
    Text,
    /// A number in whole, within bounds.
    Integer {
        /// The least.
        least: i64,
        /// The greatest; none when there is no bound.
        most: Option<i64>,
    },
    /// A switch.
    Switch,
    /// An amount such as `1Gi` or `2`.
    Amount,
    /// A mapping.
    Map,
    /// A list.
    List,
}

/// A choice, by its number in the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KnobId(pub usize);

/// A place of the objects in which a choice stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Slot {
    /// The object.
    pub object: Id,
    /// The address in it; empty for the object itself.
    pub path: Text,
    /// What stands there.
    pub fill: Fill,
}

/// How a choice stands in an object.
#[derive(Clone, Debug, PartialEq)]
pub enum Fill {
    /// Text that is put together, and chosen in part.
    Text(Vec<Part>),
    /// What is chosen, as it is; a field that is not there without it is left out when nothing is chosen.
    Whole(KnobId),
    /// What is chosen stands behind the items, or beside the fields, that are there anyway.
    Also(KnobId),
    /// The name of an image.
    Image(Box<Image>),
    /// What is chosen, or the text when nothing is.
    Or(KnobId, Text),
    /// A secret value, which nobody can look up in the output.
    Secret(KnobId),
    /// The object is there only while one of the switches is on.
    When(Vec<KnobId>),
    /// The object, or what stands at the address, is there only while nothing is chosen.
    Unless(KnobId),
    /// Volumes of a pod, by their names: each is there as soon as a claim is chosen for it.
    Claims(Vec<(KnobId, Text)>),
    /// The first letters of the digest of all texts of a ConfigMap, whatever is chosen in them.
    Digest(Id),
}

/// The name of an image, of which each part can be chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Image {
    /// The path of its choices, such as `api` and `image`; below it are the names of the parts.
    pub path: Vec<Text>,
    /// The registry of all images, which counts more than the image's own.
    pub registry: KnobId,
    /// The name as it is put together without these choices.
    pub text: Vec<Part>,
    /// The parts that come from other choices where none is made here.
    pub or: Vec<(&'static str, Vec<Part>)>,
}

/// What an image's name is made of, in the order of the name.
pub const IMAGE_PARTS: [&str; 4] = ["registry", "repository", "tag", "digest"];

impl Image {
    /// Whether a choice is one of the parts of its name.
    #[must_use]
    pub fn has(&self, knob: &Knob) -> bool {
        let part = knob.path.strip_prefix(self.path.as_slice());
        matches!(part, Some([part]) if IMAGE_PARTS.contains(&part.as_str()))
    }
}

/// A piece of a text that is put together.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Text that nobody chooses.
    Literal(Text),
    /// What is chosen.
    Knob(KnobId),
    /// The namespace of the output, where it says that itself.
    Namespace(Text),
    /// The name of a Job, which is another one whenever something else is chosen for it.
    Job(Text),
}

impl Fill {
    /// The choices that take part, but those of an image's own parts.
    #[must_use]
    pub fn knobs(&self) -> Vec<KnobId> {
        let of_parts = |parts: &[Part]| -> Vec<KnobId> {
            let knob = |part: &Part| match part {
                Part::Knob(knob) => Some(*knob),
                Part::Literal(_) | Part::Namespace(_) | Part::Job(_) => None,
            };
            parts.iter().filter_map(knob).collect()
        };
        match self {
            Self::Text(parts) => of_parts(parts),
            Self::Image(image) => {
                let of_or = image.or.iter().flat_map(|(_, parts)| of_parts(parts));
                of_or.chain([image.registry]).collect()
            }
            Self::Whole(knob)
            | Self::Also(knob)
            | Self::Or(knob, _)
            | Self::Secret(knob)
            | Self::Unless(knob) => vec![*knob],
            Self::When(switches) => switches.clone(),
            Self::Claims(claims) => claims.iter().map(|(knob, _)| *knob).collect(),
            Self::Digest(_) => Vec::new(),
        }
    }

    /// Gives the choices other numbers.
    pub fn renumber(&mut self, numbers: &[KnobId]) {
        let change = |knob: &mut KnobId| *knob = numbers.get(knob.0).copied().unwrap_or(*knob);
        let parts = |parts: &mut Vec<Part>| {
            for part in parts {
                if let Part::Knob(knob) = part {
                    change(knob);
                }
            }
        };
        match self {
            Self::Text(text) => parts(text),
            Self::Image(image) => {
                image.or.iter_mut().for_each(|(_, text)| parts(text));
                parts(&mut image.text);
                change(&mut image.registry);
            }
            Self::Whole(knob)
            | Self::Also(knob)
            | Self::Or(knob, _)
            | Self::Secret(knob)
            | Self::Unless(knob) => change(knob),
            Self::When(switches) => switches.iter_mut().for_each(change),
            Self::Claims(claims) => claims.iter_mut().for_each(|(knob, _)| change(knob)),
            Self::Digest(_) => {}
        }
    }
}
