//! The image that a Dockerfile makes: its final or target stage, with everything that it builds on.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::dockerfile::instruction::{Instruction, Kind};
use super::dockerfile::lexer::Lookup;
use super::dockerfile::{Dockerfile, Problem, Stage, expand, trigger};
use super::layers::Image;
use crate::compose::image_facts::{Evidence, Fact, Facts, Known};
use crate::compose::image_reference::ImageReference;
use crate::source::{Text, span::Span};

/// How deep stages may build on each other.
const DEPTH: usize = 256;

/// What a build is made with, beside its Dockerfile.
pub(super) struct Inputs<'a> {
    /// `build.args`.
    pub(super) arguments: &'a BTreeMap<String, String>,
    /// `build.additional_contexts`.
    pub(super) contexts: &'a BTreeMap<String, String>,
    /// `build.target`.
    pub(super) target: Option<&'a str>,
    /// The place of bytes of the Dockerfile.
    pub(super) place: &'a dyn Fn(Range<usize>) -> Span,
}

/// The names that the builder gives a value of its own; it depends on the machine.
const PREDEFINED: [&str; 20] = [
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDOSVERSION",
    "BUILDARCH",
    "BUILDVARIANT",
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETOSVERSION",
    "TARGETARCH",
    "TARGETVARIANT",
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "FTP_PROXY",
    "ftp_proxy",
    "NO_PROXY",
    "no_proxy",
    "ALL_PROXY",
    "all_proxy",
];

/// Variables with their values; one without is not known.
pub(super) type Variables = BTreeMap<String, Option<String>>;

/// What the image is like; `base` says what is known of an image that a FROM names.
pub(super) fn facts(
    dockerfile: &Dockerfile,
    inputs: &Inputs<'_>,
    base: &mut dyn FnMut(&str) -> Arc<Facts>,
) -> Result<Facts, Problem> {
    let globals = globals(dockerfile, inputs)?;
    let bases = bases(dockerfile, &globals, inputs.contexts)?;
    let chain = chain(dockerfile, inputs, &bases)?;
    let mut image: Option<Image<'_>> = None;
    for index in chain {
        let stage = &dockerfile.stages[index];
        let origin = (inputs.place)(stage.range.clone());
        let (mut next, triggers) = match (image.take(), &bases[index].name) {
            (Some(before), _) => {
                let parent = bases[index].stage.map(|stage| &dockerfile.stages[stage]);
                (before, parent.map(own_triggers).transpose()?.unwrap_or_default())
            }
            (None, Some(name)) if name == "scratch" => {
                (Image::new(empty(origin), true, dockerfile.escape, &globals, inputs), Vec::new())
            }
            (None, Some(name)) => {
                let mut facts = base(name).as_ref().clone();
                let evidence = Evidence::Dockerfile(origin);
                facts.base = facts.base.or(Some(Known { value: Text::new(name), evidence }));
                let triggers = foreign_triggers(&facts, stage)?;
                let closed = facts.environment.complete;
                (Image::new(facts, closed, dockerfile.escape, &globals, inputs), triggers)
            }
            (None, None) => {
                (Image::new(Facts::default(), false, dockerfile.escape, &globals, inputs), Vec::new())
            }
        };
        next.begin();
        let own: &[Instruction] = if bases[index].replaced { &[] } else { &stage.instructions };
        for instruction in triggers.iter().chain(own) {
            next.apply(instruction)?;
        }
        image = Some(next);
    }
    let facts = image.map(Image::finish);
    Ok(facts.expect("a chain has the target stage"))
}

/// What the arguments before the first FROM are.
fn globals(dockerfile: &Dockerfile, inputs: &Inputs<'_>) -> Result<Variables, Problem> {
    let mut globals: Variables =
        PREDEFINED.iter().map(|name| ((*name).to_owned(), inputs.arguments.get(*name).cloned())).collect();
    let last = dockerfile.stages.last().and_then(|stage| stage.name.as_deref());
    let target = inputs.target.or(last).unwrap_or("default");
    globals.insert("TARGETSTAGE".to_owned(), Some(target.to_owned()));
    for instruction in &dockerfile.arguments {
        let Kind::Arg(names) = &instruction.kind else { continue };
        for (name, default) in names {
            let value = match (inputs.arguments.get(name), default) {
                (Some(value), _) => Some(value.clone()),
                (None, Some(default)) => {
                    let lookup = |name: &str| known(&globals, name, Lookup::Unset);
                    expand(default, dockerfile.escape, &lookup)
                        .map_err(|reason| Problem { range: instruction.range.clone(), reason })?
                }
                (None, None) => continue,
            };
            globals.insert(name.clone(), value);
        }
    }
    Ok(globals)
}

/// The value of a variable, or what it is when no such variable is there.
pub(super) fn known<'v>(variables: &'v Variables, name: &str, otherwise: Lookup<'v>) -> Lookup<'v> {
    match variables.get(name) {
        Some(Some(value)) => Lookup::Value(value),
        Some(None) => Lookup::Unknown,
        None => otherwise,
    }
}

/// What a stage builds on.
struct Base {
    /// The name after substitution; nothing when a variable of it is not known.
    name: Option<String>,
    /// The earlier stage of that name.
    stage: Option<usize>,
    /// Whether a context of the stage's own name stands for the whole stage.
    replaced: bool,
}

/// The context that stands for an image of that name.
pub(super) fn context<'c>(contexts: &'c BTreeMap<String, String>, name: &str) -> Option<&'c String> {
    contexts.get(name).or_else(|| contexts.get(name.strip_suffix(":latest")?))
}

fn bases(
    dockerfile: &Dockerfile,
    globals: &Variables,
    contexts: &BTreeMap<String, String>,
) -> Result<Vec<Base>, Problem> {
    let mut named: BTreeMap<&str, usize> = BTreeMap::new();
    let mut bases = Vec::new();
    for (index, stage) in dockerfile.stages.iter().enumerate() {
        let lookup = |name: &str| known(globals, name, Lookup::Unset);
        let problem = |reason| Problem { range: stage.range.clone(), reason };
        let name = expand(&stage.base, dockerfile.escape, &lookup).map_err(problem)?;
        if name.as_deref() == Some("") {
            return Err(problem("nothing is left of the name of the base image".to_owned()));
        }
        let earlier = name.as_deref().and_then(|name| named.get(name).copied());
        if let Some(name) = name.as_deref().filter(|name| earlier.is_none() && *name != "scratch")
            && ImageReference::parse(name).is_none()
        {
            return Err(problem(format!("`{name}` is no name of an image")));
        }
        let replaced = stage.name.as_deref().filter(|name| contexts.contains_key(*name));
        bases.push(match replaced {
            Some(name) => Base { name: Some(name.to_owned()), stage: None, replaced: true },
            None => Base { name, stage: earlier, replaced: false },
        });
        if let Some(name) = &stage.name {
            named.insert(name, index);
        }
    }
    Ok(bases)
}

/// The stages from the outermost base to the target.
fn chain(dockerfile: &Dockerfile, inputs: &Inputs<'_>, bases: &[Base]) -> Result<Vec<usize>, Problem> {
    let mut at = dockerfile.stages.len() - 1;
    if let Some(target) = inputs.target {
        let target = target.to_lowercase();
        let found = dockerfile.stages.iter().rposition(|stage| stage.name.as_deref() == Some(&*target));
        let reason = || format!("it has no stage `{target}`, which `build.target` names");
        at = found.ok_or_else(|| Problem { range: 0..0, reason: reason() })?;
    }
    let mut chain = vec![at];
    while let Some(stage) = bases[at].stage {
        at = stage;
        chain.push(at);
        if chain.len() > DEPTH {
            let reason = format!("more than {DEPTH} stages build on each other");
            return Err(Problem { range: dockerfile.stages[at].range.clone(), reason });
        }
    }
    chain.reverse();
    Ok(chain)
}

/// What the stage makes its children run.
fn own_triggers(stage: &Stage) -> Result<Vec<Instruction>, Problem> {
    let mut triggers = Vec::new();
    for instruction in &stage.instructions {
        let Kind::Onbuild(_, trigger) = &instruction.kind else { continue };
        let range = instruction.range.clone();
        match trigger {
            Ok(kind) => triggers.push(Instruction { kind: (**kind).clone(), range }),
            Err(reason) => return Err(Problem { range, reason: reason.clone() }),
        }
    }
    Ok(triggers)
}

/// What the base image makes its children run; it has no place but the FROM that names the image.
fn foreign_triggers(facts: &Facts, stage: &Stage) -> Result<Vec<Instruction>, Problem> {
    let read = |known: &Known<Text>| {
        let reason = || "the base image has an `ONBUILD` that cannot be read".to_owned();
        let problem = || Problem { range: stage.range.clone(), reason: reason() };
        let instruction = trigger(&known.value).ok_or_else(problem)?;
        Ok(Instruction { range: stage.range.clone(), ..instruction })
    };
    facts.triggers.iter().map(read).collect()
}

/// The image that has nothing.
fn empty(from: Span) -> Facts {
    let evidence = Evidence::Dockerfile(from);
    let mut facts = Facts {
        user: Fact::Absent(evidence.clone()),
        entrypoint: Fact::Absent(evidence.clone()),
        command: Fact::Absent(evidence.clone()),
        shell: Fact::Absent(evidence.clone()),
        healthcheck: Fact::Absent(evidence.clone()),
        stop_signal: Fact::Absent(evidence.clone()),
        working_dir: Fact::Absent(evidence.clone()),
        base: Some(Known { value: Text::new_static("scratch"), evidence }),
        ..Facts::default()
    };
    facts.ports.complete = true;
    facts.volumes.complete = true;
    facts.environment.complete = true;
    facts.content.complete = true;
    facts
}
