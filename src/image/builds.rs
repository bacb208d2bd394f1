//! The images that a project builds or names, each looked at once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::dockerfile::Problem;
use super::metadata::Metadata;
use super::source::{Shelf, Text as Source};
use super::stages::{self, Inputs};
use super::{catalogue, merge, text};
use crate::compose::build::Build;
use crate::compose::image_facts::{Facts, Unread};
use crate::compose::image_reference::ImageReference;
use crate::compose::project::{Project, entries, items};
use crate::source::Text;
use crate::source::files::Files;
use crate::source::reader::{Reader, join};
use crate::source::span::{Span, Spanned};

/// How many images of the project may be built on each other.
const DEPTH: usize = 32;

/// Looks at images.
pub(super) struct Builds<'a> {
    metadata: &'a [Metadata],
    files: &'a mut Files,
    shelf: Shelf<'a>,
    workloads: BTreeMap<Text, Workload<'a>>,
    /// The names of the image that a workload builds.
    names: BTreeMap<Text, Vec<ImageReference>>,
    /// The workloads that build an image of a name.
    builders: BTreeMap<ImageReference, BTreeSet<Text>>,
    built: BTreeMap<Recipe, Arc<Facts>>,
    named: BTreeMap<Text, Arc<Facts>>,
    /// What is being looked at: an image may be built on itself.
    open: Vec<Recipe>,
    unread: Vec<Unread>,
    failed: BTreeSet<(Span, String)>,
    /// What is known of images that nobody knows, for all of them.
    nothing: Arc<Facts>,
}

/// What an image is made of: equal recipes make equal images.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Recipe {
    dockerfile: Origin,
    arguments: BTreeMap<String, String>,
    contexts: BTreeMap<String, String>,
    target: Option<String>,
}

/// Where a Dockerfile is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Origin {
    Path(std::path::PathBuf),
    Inline(Text, Span),
}

/// A service or a job, as far as its image goes.
#[derive(Clone, Copy)]
struct Workload<'a> {
    image: Option<&'a Text>,
    build: Option<&'a Spanned<Build>>,
}

impl<'a> Builds<'a> {
    pub(super) fn new(
        project: &'a Project,
        metadata: &'a [Metadata],
        reader: &'a dyn Reader,
        standpoint: &'a Path,
        files: &'a mut Files,
    ) -> Self {
        let services = entries(&project.model.services).map(|(name, service)| {
            let service = &service.value;
            (
                name,
                Workload { image: text(&service.container.image), build: service.workload.build.as_deref() },
            )
        });
        let jobs = entries(&project.model.jobs).map(|(name, job)| {
            let job = &job.value;
            (name, Workload { image: text(&job.container.image), build: job.workload.build.as_deref() })
        });
        // Compose refuses a job with the name of a service.
        let workloads: BTreeMap<Text, Workload<'a>> =
            services.chain(jobs).map(|(name, workload)| (name.clone(), workload)).collect();
        let project_name = text(&project.model.name).map_or("", |name| name.as_str());
        let mut names = BTreeMap::new();
        let mut builders: BTreeMap<ImageReference, BTreeSet<Text>> = BTreeMap::new();
        for (name, workload) in &workloads {
            let Some(build) = workload.build else { continue };
            let own = match workload.image {
                Some(image) => image.to_string(),
                None => format!("{project_name}-{name}"),
            };
            let tags = items(&build.value.tags).map(|tag| tag.value.to_string());
            let references: Vec<_> = [own].into_iter().chain(tags).filter_map(|name| whole(&name)).collect();
            for reference in &references {
                builders.entry(reference.clone()).or_default().insert(name.clone());
            }
            names.insert(name.clone(), references);
        }
        Self {
            metadata,
            files,
            shelf: Shelf::new(reader, standpoint),
            workloads,
            names,
            builders,
            built: BTreeMap::new(),
            named: BTreeMap::new(),
            open: Vec::new(),
            unread: Vec::new(),
            failed: BTreeSet::new(),
            nothing: Arc::default(),
        }
    }

    /// What is known of a service's image.
    pub(super) fn of_service(&mut self, name: &Text) -> Arc<Facts> {
        self.of_workload(name)
    }

    /// What is known of a job's image.
    pub(super) fn of_job(&mut self, name: &Text) -> Arc<Facts> {
        self.of_workload(name)
    }

    /// The Dockerfiles that could not be read.
    pub(super) fn unread(self) -> Vec<Unread> {
        self.unread
    }

    fn of_workload(&mut self, name: &Text) -> Arc<Facts> {
        let Some(workload) = self.workloads.get(name).copied() else { return Arc::clone(&self.nothing) };
        let Some(build) = workload.build else {
            return match workload.image {
                Some(image) => self.of_image(image),
                None => Arc::clone(&self.nothing),
            };
        };
        let built = self.of_build(name, build);
        // Metadata knows the image by the name that Compose gives it.
        let mut names = self.names.get(name).into_iter().flatten();
        let known = names.find_map(|reference| self.metadata.iter().find_map(|file| file.of(reference)));
        known.map_or(Arc::clone(&built), |known| Arc::new(merge::merge(known, &built)))
    }

    /// What is known of an image that is named.
    pub(super) fn of_image(&mut self, name: &Text) -> Arc<Facts> {
        if let Some(known) = self.named.get(name) {
            return Arc::clone(known);
        }
        let facts = self.look(name);
        // What is found while something else is open may lack what is open.
        if self.open.is_empty() {
            self.named.insert(name.clone(), Arc::clone(&facts));
        }
        facts
    }

    fn look(&mut self, name: &Text) -> Arc<Facts> {
        let Some(reference) = ImageReference::parse(name) else { return Arc::clone(&self.nothing) };
        let described = self.metadata.iter().find_map(|file| file.of(&reference));
        let other = self.of_builders(&reference).or_else(|| catalogue::of(&reference).map(Arc::new));
        match (described, other) {
            (Some(described), Some(other)) => Arc::new(merge::merge(described, &other)),
            (Some(described), None) => Arc::new(described),
            (None, other) => other.unwrap_or_else(|| Arc::clone(&self.nothing)),
        }
    }

    /// What the workload makes that builds an image of this name; two that make it differently cancel each other.
    fn of_builders(&mut self, reference: &ImageReference) -> Option<Arc<Facts>> {
        let builders = self.builders.get(&latest(reference))?.clone();
        let mut found: Option<Arc<Facts>> = None;
        for name in &builders {
            let Some(build) = self.workloads.get(name).and_then(|workload| workload.build) else { continue };
            let facts = self.of_build(name, build);
            if found.as_ref().is_some_and(|found| *found != facts) {
                return Some(Arc::clone(&self.nothing));
            }
            found = Some(facts);
        }
        found
    }

    fn of_build(&mut self, service: &Text, build: &'a Spanned<Build>) -> Arc<Facts> {
        let recipe = match recipe(&build.value) {
            Ok(recipe) => recipe,
            Err(reason) => return self.fail(service, build.key, reason),
        };
        if let Some(known) = self.built.get(&recipe) {
            return Arc::clone(known);
        }
        if self.open.len() >= DEPTH || self.open.contains(&recipe) {
            return Arc::clone(&self.nothing);
        }
        let source = match &recipe.dockerfile {
            Origin::Inline(text, span) => Ok(Arc::new(Source::inline(text, *span, self.files))),
            Origin::Path(path) => self.shelf.text(path, self.files),
        };
        let source = match source {
            Ok(source) => source,
            Err(reason) => {
                self.built.insert(recipe, Arc::clone(&self.nothing));
                let dockerfile = build.value.dockerfile.as_ref().map_or(build.key, |field| field.span);
                return self.fail(service, dockerfile, reason);
            }
        };
        self.open.push(recipe.clone());
        let made = self.make(&recipe, &source);
        self.open.pop();
        let facts = match made {
            Ok(facts) => Arc::new(facts),
            Err(problem) => self.fail(service, source.place(problem.range), problem.reason),
        };
        self.built.insert(recipe, Arc::clone(&facts));
        facts
    }

    fn make(&mut self, recipe: &Recipe, source: &Source) -> Result<Facts, Problem> {
        let dockerfile = source.dockerfile.as_ref().map_err(Clone::clone)?;
        let inputs = Inputs {
            arguments: &recipe.arguments,
            contexts: &recipe.contexts,
            target: recipe.target.as_deref(),
            place: &|range| source.place(range),
        };
        stages::facts(dockerfile, &inputs, &mut |name| match stages::context(&recipe.contexts, name) {
            None => self.of_image(&Text::new(name)),
            Some(context) => {
                match (context.strip_prefix("docker-image://"), context.strip_prefix("service:")) {
                    (Some(image), _) => self.of_image(&Text::new(image)),
                    (None, Some(service)) => self.of_workload(&Text::new(service)),
                    (None, None) => Arc::clone(&self.nothing),
                }
            }
        })
    }

    fn fail(&mut self, service: &Text, span: Span, reason: String) -> Arc<Facts> {
        if self.failed.insert((span, reason.clone())) {
            self.unread.push(Unread { service: service.clone(), span, reason });
        }
        Arc::clone(&self.nothing)
    }
}

fn recipe(build: &Build) -> Result<Recipe, String> {
    let context = text(&build.context).map_or("", |context| context.as_str());
    let dockerfile = match (&build.dockerfile_inline, text(&build.dockerfile)) {
        (Some(inline), _) => Origin::Inline(inline.value.clone(), inline.span),
        (None, _) if is_remote(context) => {
            return Err("the build context is an address; nothing is fetched".to_owned());
        }
        (None, name) => {
            let folder = Path::new(context);
            if !folder.is_absolute() {
                return Err("the build context is no folder of this machine".to_owned());
            }
            Origin::Path(join(folder, name.map_or("Dockerfile", |name| name.as_str())))
        }
    };
    let arguments = entries(&build.args).filter_map(|(name, value)| {
        value.value.as_ref().map(|value| (name.to_string(), value.0.to_string()))
    });
    let contexts = entries(&build.additional_contexts)
        .map(|(name, value)| (name.to_string(), value.value.0.to_string()));
    Ok(Recipe {
        dockerfile,
        arguments: arguments.collect(),
        contexts: contexts.collect(),
        target: text(&build.target).map(Text::to_string),
    })
}

/// Whether the builder would fetch the context.
fn is_remote(context: &str) -> bool {
    let prefixes = ["github.com/", "git@", "service:"];
    context.contains("://") || prefixes.iter().any(|prefix| context.starts_with(prefix))
}

/// The name of an image, with its tag.
fn whole(name: &str) -> Option<ImageReference> {
    ImageReference::parse(name).map(|reference| latest(&reference))
}

fn latest(reference: &ImageReference) -> ImageReference {
    ImageReference { tag: reference.pulled_tag().map(Text::new), ..reference.clone() }
}
