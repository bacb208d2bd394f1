//! What makes one set of objects of another: added, removed, changed field by field.

use std::collections::BTreeMap;

use super::field::Leaf;
use super::object::{Id, Object};
use super::{Plan, address};
use crate::source::Text;

/// A plan beside that of the base: what override files or profiles make of it.
#[derive(Clone, Debug)]
pub struct Variant<'p> {
    /// Its name, which is that of a folder.
    pub name: Text,
    /// What it is.
    pub sort: Sort,
    /// The whole plan, the base included.
    pub plan: &'p Plan,
}

/// What a variant of the base is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// The base for one purpose: an environment, a site.
    Overlay,
    /// Something that can be added to the base and to overlays.
    Component,
}

/// What is different between two sets of objects; each list is in the order of the objects' identities.
#[derive(Clone, Debug, Default)]
pub struct Difference<'p> {
    /// Objects that only the new set has.
    pub added: Vec<&'p Object>,
    /// Objects that only the old set has.
    pub removed: Vec<&'p Object>,
    /// Objects that both have, and not alike.
    pub changed: Vec<Pair<'p>>,
}

/// An object as it was and as it is.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'p> {
    /// As it was.
    pub old: &'p Object,
    /// As it is.
    pub new: &'p Object,
}

/// A field that is different.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldChange {
    /// Its address in the object.
    pub path: String,
    /// What it was, when it was there.
    pub old: Option<Leaf>,
    /// What it is, when it is there.
    pub new: Option<Leaf>,
}

/// What makes the new objects of the old ones.
#[must_use]
pub fn difference<'p>(old: &'p [Object], new: &'p [Object]) -> Difference<'p> {
    let (before, after) = (index(old), index(new));
    let mut difference = Difference::default();
    for (id, object) in &after {
        match before.get(id) {
            None => difference.added.push(object),
            Some(old) if is_same(old, object) => {}
            Some(old) => difference.changed.push(Pair { old, new: object }),
        }
    }
    difference.removed =
        before.into_iter().filter(|(id, _)| !after.contains_key(id)).map(|(_, o)| o).collect();
    difference
}

impl Pair<'_> {
    /// The fields that are different, in the order of their addresses; none when only the order of a list is.
    #[must_use]
    pub fn fields(&self) -> Vec<FieldChange> {
        let (before, after) = (leaves(self.old), leaves(self.new));
        let mut paths: Vec<&String> = before.keys().chain(after.keys()).collect();
        paths.sort();
        paths.dedup();
        let mut changes = Vec::new();
        for path in paths {
            let (old, new) = (before.get(path), after.get(path));
            if old.zip(new).is_none_or(|(left, right)| left.value != right.value) {
                let clone = |leaf: Option<&&Leaf>| leaf.map(|leaf| (*leaf).clone());
                changes.push(FieldChange { path: path.clone(), old: clone(old), new: clone(new) });
            }
        }
        changes
    }
}

fn index(objects: &[Object]) -> BTreeMap<&Id, &Object> {
    objects.iter().map(|object| (&object.id, object)).collect()
}

/// Whether both say the same, whatever the reasons and the order of fields.
fn is_same(old: &Object, new: &Object) -> bool {
    old.body.equals(&new.body)
}

fn leaves(object: &Object) -> BTreeMap<String, &Leaf> {
    let mut leaves = BTreeMap::new();
    address::each(&object.body, &mut |path, leaf| {
        leaves.insert(path.to_owned(), leaf);
    });
    leaves
}
