//! The names of choices: short, such that a template can use them as they are, and never the same for two things.

use std::collections::{BTreeMap, BTreeSet};

use crate::convert::pass::Pass;
use crate::source::Text;

/// The names that choices of the whole have, in their order; no service can have them.
const OURS: &[&str] = &["global", "variables", "networkPolicy", "waitImage", "waitForEndImage"];
/// The names that stand behind those of the services.
const LAST: &[&str] = &["volumes", "secretStore", "secrets", "components"];

/// What is chosen of a service, in the order in which people look for it; the rest follows.
const OF_SERVICE: &[&str] = &[
    "image",
    "replicas",
    "autoscaling",
    "resources",
    "extraEnv",
    "published",
    "ingress",
    "route",
    "certificate",
    "serviceAccount",
];

/// The names of the services among the choices.
pub struct Names {
    /// By the name of the object that stands for it: the name among the choices, and the service.
    members: BTreeMap<Text, (Text, Text)>,
    /// The names among the choices, in the order of the files.
    order: BTreeMap<Text, usize>,
    /// The names of other things, by the section that they stand in.
    others: BTreeMap<(&'static str, Text), Text>,
    taken: BTreeMap<&'static str, BTreeSet<String>>,
}

impl Names {
    /// The names of a project.
    #[must_use]
    pub fn of(pass: &Pass<'_>) -> Self {
        let mut taken: BTreeSet<String> = OURS.iter().chain(LAST).map(|name| (*name).to_owned()).collect();
        let (mut members, mut order) = (BTreeMap::new(), BTreeMap::new());
        for (member, at) in pass.members.iter().zip(0..) {
            let object = pass.survey.object_name(member.name);
            let name: Text = free(&camel(&object), &mut taken).into();
            order.insert(name.clone(), at);
            members.insert(object, (name, member.name.clone()));
        }
        Self { members, order, others: BTreeMap::new(), taken: BTreeMap::new() }
    }

    /// The name among the choices, and the service, of an object of that name.
    #[must_use]
    pub fn member(&self, object: &str) -> Option<(&Text, &Text)> {
        self.members.get(object).map(|(name, member)| (name, member))
    }

    /// The services, by the names that they have among the choices.
    #[must_use]
    pub fn titles(self) -> BTreeMap<Text, Text> {
        self.members.into_values().collect()
    }

    /// The name of something else among the choices of a section.
    pub fn other(&mut self, section: &'static str, name: &str) -> Text {
        let key = (section, Text::new(name));
        if let Some(known) = self.others.get(&key) {
            return known.clone();
        }
        let free = Text::from(free(&camel(name), self.taken.entry(section).or_default()));
        self.others.insert(key, free.clone());
        free
    }

    /// Where a choice stands among all.
    #[must_use]
    pub fn rank(&self, path: &[Text]) -> (usize, usize, usize) {
        let first = path.first().map_or("", Text::as_str);
        if let Some(at) = OURS.iter().position(|name| *name == first) {
            return (0, at, 0);
        }
        let second = path.get(1).map_or("", Text::as_str);
        let of_service = OF_SERVICE.iter().position(|name| *name == second).unwrap_or(OF_SERVICE.len());
        match self.order.get(first) {
            Some(at) => (1, *at, of_service),
            None => (2, LAST.iter().position(|name| *name == first).unwrap_or(LAST.len()), 0),
        }
    }
}

/// A name for something, in the way of values: `web-app` is `webApp`.
#[must_use]
pub fn camel(name: &str) -> String {
    let mut written = String::with_capacity(name.len());
    let mut upper = false;
    for letter in name.chars() {
        if !letter.is_ascii_alphanumeric() {
            upper = !written.is_empty();
        } else if std::mem::take(&mut upper) {
            written.push(letter.to_ascii_uppercase());
        } else {
            written.push(letter);
        }
    }
    // A template reads what begins with a digit as a number.
    if written.starts_with(|letter: char| letter.is_ascii_digit()) { format!("n{written}") } else { written }
}

/// The name, or the first one like it that nobody has.
pub fn free(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut wanted = name.to_owned();
    for number in 2.. {
        if taken.insert(wanted.clone()) {
            break;
        }
        wanted = format!("{name}{number}");
    }
    wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_can_stand_in_a_template_and_stay_two() {
        assert_eq!(camel("web-app"), "webApp");
        assert_eq!(camel("2fa-server"), "n2faServer");
        assert_eq!(camel("db"), "db");
        let mut taken = BTreeSet::from(["global".to_owned()]);
        assert_eq!(free("global", &mut taken), "global2");
        assert_eq!(free("webApp", &mut taken), "webApp");
        assert_eq!(free("webApp", &mut taken), "webApp2");
    }
}
