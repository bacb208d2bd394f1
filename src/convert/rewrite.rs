//! Host names that no Service can have, written as the name of the Service that stands for them, where the author asks
//! for it.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use smol_str::format_smolstr;

use super::pass::Pass;
use super::survey::references::Reference;
use super::topic::storage::held;
use crate::diag::{Finding, slugs};
use crate::k8s::kind::Kind;
use crate::k8s::name;
use crate::plan::field::{Field, Fields, Leaf, Scalar};
use crate::plan::object::Object;
use crate::plan::why::RowId;
use crate::source::Text;

/// The hint of the project.
pub const HINT: &str = "rewrite-hostnames";

/// A name, and what is written in its place.
struct Change {
    name: Text,
    by: Text,
}

/// Whether names are rewritten.
#[must_use]
pub fn is_asked(pass: &Pass<'_>) -> bool {
    pass.project_hint(HINT).is_some_and(|hint| hint.is_on())
}

/// Rewrites the names, and says where.
pub fn apply(pass: &mut Pass<'_>) {
    if !is_asked(pass) {
        return;
    }
    // Whom they concern is left out by now, and nothing of it is there to be looked through.
    for (value, finding) in pass.late.clone() {
        pass.refused_of(value, finding);
    }
    let survey = Rc::clone(&pass.survey);
    let is_wanted = |pass: &Pass<'_>, reference: &&Reference| {
        !name::is_service_name(&reference.name.to_ascii_lowercase()) && pass.is_written(&reference.from)
    };
    let wanted: Vec<&Reference> =
        survey.references.iter().filter(|reference| is_wanted(pass, reference)).collect();
    let mut changes: BTreeMap<RowId, Vec<Change>> = BTreeMap::new();
    for reference in &wanted {
        let by = survey.object_name(survey.pods.owner(&reference.to));
        for row in pass.accounts.why(reference.value).rows() {
            let known = changes.entry(*row).or_default();
            if !known.iter().any(|change| change.name == reference.name) {
                known.push(Change { name: reference.name.clone(), by: by.clone() });
            }
        }
    }
    // A name may be part of another one.
    changes.values_mut().for_each(|changes| changes.sort_by_key(|change| usize::MAX - change.name.len()));
    let mut objects = std::mem::take(&mut pass.objects);
    let mut done = BTreeSet::new();
    let mut texts = BTreeMap::new();
    for object in &mut objects {
        let before = content(object);
        let mut rewriter = Rewriter { changes: &changes, done: &mut done };
        rewriter.fields(&mut object.body);
        let after = content(object);
        if let (Some(before), Some(after)) = (before, after)
            && before != after
        {
            texts.insert(held::annotation(&object.id.name), (held::digest(&before), held::digest(&after)));
        }
    }
    objects.iter_mut().for_each(|object| follow(object, &texts));
    pass.objects = objects;
    told(pass, &wanted, &done);
}

/// The texts of a ConfigMap, as the digest in pods counts them.
fn content(object: &Object) -> Option<Vec<u8>> {
    let data = (object.id.kind == Kind::ConfigMap).then(|| object.body.get("data")?.as_map())??;
    Some(data.iter().filter_map(|(_, field)| field.as_text()).collect::<String>().into_bytes())
}

/// Has pods bear the digest of the text that was written.
fn follow(object: &mut Object, texts: &BTreeMap<String, (String, String)>) {
    let Some(Field::Map(spec)) = object.body.get_mut("spec") else { return };
    let template = match spec.get_mut("jobTemplate") {
        Some(Field::Map(job)) => job.map("spec").get_mut("template"),
        _ => spec.get_mut("template"),
    };
    let Some(Field::Map(template)) = template else { return };
    let Some(Field::Map(metadata)) = template.get_mut("metadata") else { return };
    let Some(Field::Map(annotations)) = metadata.get_mut("annotations") else { return };
    for (key, (before, after)) in texts {
        if let Some(Field::Leaf(leaf)) = annotations.get_mut(key)
            && leaf.value == Scalar::from(before.as_str())
        {
            leaf.value = after.as_str().into();
        }
    }
}

/// Looks through an object.
struct Rewriter<'r> {
    changes: &'r BTreeMap<RowId, Vec<Change>>,
    done: &'r mut BTreeSet<(RowId, Text)>,
}

impl Rewriter<'_> {
    fn fields(&mut self, fields: &mut Fields) {
        for (key, field) in fields.iter_mut() {
            // What names objects stays.
            if key != "metadata" {
                self.field(field);
            }
        }
    }

    fn field(&mut self, field: &mut Field) {
        match field {
            Field::Map(fields) => self.fields(fields),
            Field::List(items) => items.iter_mut().for_each(|field| self.field(field)),
            Field::Leaf(leaf) => self.leaf(leaf),
        }
    }

    fn leaf(&mut self, leaf: &mut Leaf) {
        let Scalar::Text(text) = &mut leaf.value else { return };
        for row in leaf.why.rows() {
            for Change { name, by } in self.changes.get(row).into_iter().flatten() {
                if let Some(changed) = replaced(text, name, by) {
                    *text = changed;
                    self.done.insert((*row, name.clone()));
                }
            }
        }
    }
}

/// The text with a name replaced wherever it stands as a word of its own; nothing when it does not.
fn replaced(text: &str, name: &str, by: &str) -> Option<Text> {
    let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.');
    let (mut written, mut rest, mut found) = (String::new(), text, false);
    while let Some(at) = rest.find(name) {
        let (before, behind) = (&rest[..at], &rest[at + name.len()..]);
        let starts = written.chars().chain(before.chars()).next_back().is_none_or(|letter| !is_part(letter));
        let ends = behind.chars().next().is_none_or(|letter| !is_part(letter));
        written.push_str(before);
        written.push_str(if starts && ends { by } else { name });
        found |= starts && ends;
        rest = behind;
    }
    written.push_str(rest);
    found.then(|| format_smolstr!("{written}"))
}

/// Says what is written in place of each name, and which ones stand where nothing can be written.
fn told(pass: &mut Pass<'_>, wanted: &[&Reference], done: &BTreeSet<(RowId, Text)>) {
    let mut seen = BTreeSet::new();
    for reference in wanted {
        let Reference { from, to, name, value, span, .. } = *reference;
        let rows: Vec<RowId> = pass.accounts.why(*value).rows().to_vec();
        if !seen.insert((rows.clone(), name.clone())) {
            continue;
        }
        let place = reference.file.as_ref().map(|file| format!(" in `{file}`")).unwrap_or_default();
        let is_done = rows.iter().any(|row| done.contains(&(*row, name.clone())));
        let by = pass.survey.object_name(pass.survey.pods.owner(to));
        let said = |pass: &Pass<'_>, rule, message: String| -> Finding {
            pass.finding_in(*value, *span, rule, message)
        };
        if is_done {
            let message = format!(
                "`{name}`{place} cannot be the name of a Service; `{from}` is given `{by}` in its place"
            );
            let finding = said(pass, slugs::APPROXIMATED_KEY, message);
            pass.approximated_of(*value, finding.tip(format!("call `{to}` by `{by}` in the Compose file")));
            continue;
        }
        let message = format!(
            "`{from}` calls `{to}` by `{name}`{place}, which cannot be the name of a Service, and the output does not hold \
             the text in which it could be rewritten"
        );
        let finding = said(pass, slugs::UNRESOLVABLE_HOSTNAME, message);
        let finding = finding.tip(format!("rename it in the Compose file, and call it by that, as `{by}`"));
        pass.late.push((*value, finding.clone()));
        pass.refused_of(*value, finding);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_replaced_where_they_stand_alone() {
        let by = |text: &str| replaced(text, "my_db", "my-db");
        assert_eq!(by("postgres://u@my_db:5432/my_db_1").as_deref(), Some("postgres://u@my-db:5432/my_db_1"));
        assert_eq!(by("my_db,my_db"), Some("my-db,my-db".into()));
        assert_eq!(by("not_my_db my_db.local"), None);
    }
}
