//! The entries of the printed project, whose views are made when it is their turn.

use super::Paths;
use super::used::Used;
use super::view::{self, Item, View, node_item};
use crate::compose::codec::{Codec, Field, Map, Walker, walk_spanned};
use crate::compose::project::Project;
use crate::source::Text;
use crate::source::files::Files;
use crate::source::span::Spanned;

/// What is printed of a project, and how.
#[derive(Clone, Copy)]
pub struct Sheet<'a> {
    /// The project.
    pub project: &'a Project,
    /// The files that it came from.
    pub files: &'a Files,
    /// How paths of the host are written.
    pub paths: Paths,
}

/// An entry of the printed project.
pub struct Top<'a> {
    /// Its key.
    pub key: &'a str,
    /// Where it comes from.
    pub place: Option<Spanned<()>>,
    /// What stands there.
    pub held: Held<'a>,
}

/// What an entry of the printed project holds.
pub enum Held<'a> {
    /// A value.
    One(View),
    /// The members of a section. The view of each is made when it is its turn: all of them at once take more memory than
    /// the project.
    Members(Vec<Member<'a>>),
}

/// A member of a section, by its name.
pub type Member<'a> = (&'a Text, &'a dyn Shown);

/// A value of any type that can be walked.
pub trait Shown: Sync {
    /// Shows it, behind its place.
    fn show(&self, walker: &mut dyn Walker);
}

impl<T: Codec + Sync> Shown for Spanned<T> {
    fn show(&self, walker: &mut dyn Walker) {
        walk_spanned(self, walker);
    }
}

impl<'a> Sheet<'a> {
    /// The entries in their order.
    #[must_use]
    pub fn tops(&self) -> Vec<Top<'a>> {
        let model = &self.project.model;
        let used = Used::of(model);
        let mut tops = Vec::new();
        if let Some(Item { view, place }) =
            model.name.as_ref().and_then(|name| view::under(self, "", "name", name.as_ref()))
        {
            tops.push(Top { key: "name", place, held: Held::One(view) });
        }
        let services = section("services", &model.services, |_| true);
        tops.push(services.unwrap_or(Top { key: "services", place: None, held: Held::Members(Vec::new()) }));
        let sections = [
            section("jobs", &model.jobs, |_| true),
            section("networks", &model.networks, |name| used.networks.contains(name)),
            section("volumes", &model.volumes, |name| used.volumes.contains(name)),
            section("secrets", &model.secrets, |name| used.secrets.contains(name)),
            section("configs", &model.configs, |name| used.configs.contains(name)),
            section("models", &model.models, |name| used.models.contains(name)),
        ];
        let is_empty = |top: &Top<'_>| matches!(&top.held, Held::Members(members) if members.is_empty());
        tops.extend(sections.into_iter().flatten().filter(|top| !is_empty(top)));
        tops.extend(model.extensions.iter().map(|entry| {
            let Item { view, place } = node_item(&entry.node, entry.key_span);
            Top { key: &entry.key, place, held: Held::One(view) }
        }));
        tops
    }

    /// The view of a member of a section.
    #[must_use]
    pub fn member(&self, section: &str, (name, shown): Member<'_>) -> Item {
        view::under(self, section, name, shown).unwrap_or(Item { view: View::Map(Vec::new()), place: None })
    }
}

/// A section with the members that are wanted.
fn section<'a, T: Codec + Sync>(
    key: &'static str,
    section: &'a Field<Map<T>>,
    wanted: impl Fn(&str) -> bool,
) -> Option<Top<'a>> {
    let section = section.as_ref()?;
    let members = section.value.iter().filter(|(name, _)| wanted(name));
    let members = members.map(|(name, value)| (name, value as &dyn Shown)).collect();
    Some(Top { key, place: Some(section.with(())), held: Held::Members(members) })
}
