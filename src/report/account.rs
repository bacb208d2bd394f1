//! What became of a value of the project, and why a field of an object is there, in words for a person.

use std::collections::{BTreeMap, BTreeSet};

use super::safe;
use crate::compose::leaf::Loose;
use crate::compose::project::{Project, entries};
use crate::diag::sensitive::{self, command};
use crate::plan::field::{Leaf, Scalar};
use crate::plan::ledger::Row;
use crate::plan::why::Why;
use crate::plan::{Plan, address};
use crate::source::Text;
use crate::source::files::Files;
use crate::source::origin::{Hop, Modifier, PartKind, Variable};
use crate::source::span::{Span, Spanned};

/// A secret of fewer bytes is found in every text.
const SHORTEST: usize = 4;

/// A text of the source with more characters is not shown, and no longer one is searched for the secrets of other values.
const SHORT: usize = 60;

/// In a text of more bytes nobody looks for what a command is given.
const LONG: usize = 4096;

/// So many words before one are asked whether they name it.
const BEFORE: usize = 16;

/// What there is to be told about.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The project.
    pub project: &'a Project,
    /// Its files.
    pub files: &'a Files,
}

impl View<'_> {
    fn line(&self, span: Span) -> String {
        let position = self.files.start(span);
        format!("{}:{}", self.files.file(span.file).name, position.line)
    }

    fn column(&self, span: Span) -> String {
        let position = self.files.start(span);
        format!("{}:{}:{}", self.files.file(span.file).name, position.line, position.column)
    }

    /// What stands in the source, when it may be shown and is short.
    fn source(&self, row: &Row, known: &Known<'_>) -> Option<String> {
        // What nobody wrote has a place and no text.
        if self.project.origins.get(row.place.origin).is_implicit() {
            return None;
        }
        let text = self.files.text(row.place.span);
        let is_short = !text.is_empty() && !text.contains('\n') && text.chars().count() <= SHORT;
        let is_shown = is_short
            && !self.is_secret(row, known)
            && sensitive::secrets(text).is_empty()
            && !sensitive::holds_secret(text)
            && !known.is_repeated_in(text);
        is_shown.then(|| safe::visible(text).into_owned())
    }

    /// Whether a value is taken for a secret, whatever it is.
    fn is_secret(&self, row: &Row, known: &Known<'_>) -> bool {
        let name = row.path.rsplit(['.', '[']).next().unwrap_or_default().trim_end_matches(['"', ']']);
        sensitive::is_sensitive(name) || self.is_of_env_file(row) || self.follows_flag(row, known)
    }
}

impl View<'_> {
    /// Whether a value comes from an env file, whose values are all taken for secrets.
    fn is_of_env_file(&self, row: &Row) -> bool {
        let origin = self.project.origins.get(row.place.origin);
        origin.hops.iter().any(|hop| matches!(hop, Hop::EnvFile(_)))
    }

    /// Whether the words before say that this one holds a secret: `--password`, `redis-cli -a`.
    fn follows_flag(&self, row: &Row, known: &Known<'_>) -> bool {
        let Some((list, number)) = row.path.strip_suffix(']').and_then(|path| path.rsplit_once('[')) else {
            return false;
        };
        let Ok(number) = number.parse::<usize>() else { return false };
        let words = (number.saturating_sub(BEFORE)..=number).map(|at| {
            let row = known.rows.get(format!("{list}[{at}]").as_str());
            row.map(|row| self.files.text(row.place.span).trim_matches(['"', '\''])).unwrap_or_default()
        });
        let words: Vec<&str> = words.collect();
        command::behind_flags(&words).iter().any(|secret| secret.value.word + 1 == words.len())
    }
}

/// What is asked of every row, gathered once.
struct Known<'a> {
    /// The rows by their paths.
    rows: BTreeMap<&'a str, &'a Row>,
    /// The values of variables that are secrets.
    secrets: BTreeSet<&'a str>,
}

impl<'a> Known<'a> {
    fn of(view: &View<'a>) -> Self {
        let containers = entries(&view.project.model.services).map(|(_, service)| &service.value.container);
        let variables = containers.flat_map(|container| entries(&container.environment));
        let secret = |(name, entry): (&Text, &'a Spanned<Option<Loose>>)| {
            let Loose(value) = entry.value.as_ref()?;
            let is_secret =
                sensitive::is_sensitive(name) && value.len() >= SHORTEST && !sensitive::is_switch(value);
            is_secret.then_some(value.as_str())
        };
        Self {
            rows: view.plan.ledger.iter().map(|row| (&*row.path, row)).collect(),
            secrets: variables.filter_map(secret).collect(),
        }
    }

    /// Whether a secret stands in a short text: the parts of the text are fewer than the secrets of a large project.
    fn is_repeated_in(&self, text: &str) -> bool {
        let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        ends.iter().any(|start| {
            let parts = ends.iter().filter(|end| **end >= start + SHORTEST).map(|end| &text[*start..*end]);
            parts.into_iter().any(|part| self.secrets.contains(part))
        })
    }
}

/// What became of every value at or below a path; `*` stands for any key or position.
#[must_use]
pub fn key(view: &View<'_>, wanted: &str) -> Option<String> {
    let rows: Vec<(usize, &Row)> =
        view.plan.ledger.iter().enumerate().filter(|(_, row)| covers(wanted, &row.path)).collect();
    if rows.is_empty() {
        return None;
    }
    let mut targets: BTreeMap<usize, Vec<String>> = rows.iter().map(|(at, _)| (*at, Vec::new())).collect();
    for object in &view.plan.objects {
        let own = object.id.address(&view.plan.namespace);
        address::each(&object.body, &mut |path, leaf| {
            for row in leaf.why.rows() {
                if let Some(found) = targets.get_mut(&(row.0 as usize)) {
                    found.push(format!("{own} {path}"));
                }
            }
        });
    }
    let mut out = String::new();
    let known = Known::of(view);
    for (at, row) in rows {
        let value = view.source(row, &known).map(|text| format!(": {text}")).unwrap_or_default();
        out.push_str(&format!("{}{value}   {}\n", row.path, view.line(row.place.span)));
        let verdict = row.verdict.map_or("", |verdict| verdict.word());
        let found = targets.remove(&at).unwrap_or_default();
        let mut names = found.iter();
        match names.next() {
            Some(first) => out.push_str(&format!("  {verdict} → {first}\n")),
            None => out.push_str(&format!("  {verdict}\n")),
        }
        let indent = " ".repeat(verdict.len() + 2);
        names.for_each(|name| out.push_str(&format!("{indent} → {name}\n")));
        if let Some(said) = &row.said {
            out.push_str(&format!("  {}   ({})\n", safe::visible(&said.reason), said.rule.0));
        }
        out.push('\n');
    }
    Some(out.trim_end().to_owned() + "\n")
}

/// Whether a path lies at or below another, in which `*` stands for one key or position.
fn covers(wanted: &str, path: &str) -> bool {
    let (wanted, path) = (steps(wanted), steps(path));
    wanted.len() <= path.len() && wanted.iter().zip(&path).all(|(want, step)| want == "*" || want == step)
}

/// The keys and positions of a path; `ports[]` is any position.
fn steps(path: &str) -> Vec<String> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix("[\"") {
            let end = quoted.find("\"]").unwrap_or(quoted.len());
            steps.push(quoted[..end].to_owned());
            rest = quoted.get(end + 2..).unwrap_or_default();
        } else if let Some(index) = rest.strip_prefix('[') {
            let end = index.find(']').unwrap_or(index.len());
            steps.push(if end == 0 { "*".to_owned() } else { index[..end].to_owned() });
            rest = index.get(end + 1..).unwrap_or_default();
        } else {
            let key = rest.strip_prefix('.').unwrap_or(rest);
            let end = key.find(['.', '[']).unwrap_or(key.len());
            steps.push(key[..end].to_owned());
            rest = &key[end..];
        }
    }
    steps
}

/// Why the fields of an object are there, at or below an address; all of them when none is given.
#[must_use]
pub fn object(view: &View<'_>, name: &str, field: &str) -> Option<String> {
    let object = view.plan.objects.iter().find(|object| object.id.address(&view.plan.namespace) == name)?;
    let mut out = String::new();
    let known = Known::of(view);
    address::each(&object.body, &mut |path, leaf| {
        let below =
            path.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
        if field.is_empty() || below {
            out.push_str(&format!("{path}: {}\n", value(leaf)));
            reasons(view, &leaf.why, &known, &mut out);
        }
    });
    (!out.is_empty()).then_some(out)
}

fn value(leaf: &Leaf) -> String {
    match &leaf.value {
        Scalar::Text(text) => safe::visible(text).replace('\n', "⏎"),
        other => serde_json::Value::from(other).to_string(),
    }
}

fn reasons(view: &View<'_>, why: &Why, known: &Known<'_>, out: &mut String) {
    match why {
        Why::Policy(words) => out.push_str(&format!("  policy     {words}\n")),
        Why::Fact(words) => out.push_str(&format!("  image      {words}\n")),
        Why::Flag(flag) => out.push_str(&format!("  flag       {flag}\n")),
        Why::Row(_) | Why::Rows(_) => {
            for row in why.rows().iter().filter_map(|row| view.plan.ledger.get(row.0 as usize)) {
                way(view, row, known, out);
            }
        }
    }
}

/// The place of a value, its template and the way that it took.
fn way(view: &View<'_>, row: &Row, known: &Known<'_>, out: &mut String) {
    let origin = view.project.origins.get(row.place.origin);
    out.push_str(&format!("  {}   {}\n", view.column(row.place.span), row.path));
    if let Some(template) = &origin.template {
        let names = template.parts.iter().filter_map(|part| match &part.kind {
            PartKind::Variable(variable) => Some(variable),
            PartKind::Literal(_) => None,
        });
        // The words of a line share its template.
        let is_secret = view.is_secret(row, known)
            || template.text.len() <= LONG && command::names_secret(&template.text);
        for variable in names {
            let result = &variable.result;
            // What a secret is made of is as secret, whatever the variable is called.
            let hidden = is_secret
                || speaks(variable)
                || !sensitive::secrets(result).is_empty()
                || result.chars().count() <= SHORT && known.is_repeated_in(result);
            let value = if hidden { "(sensitive)".into() } else { safe::visible(result) };
            out.push_str(&format!("    variable   {} = {value}\n", variable.name));
        }
    }
    for hop in &origin.hops {
        let words = match hop {
            Hop::Include(span) => format!("included by {}", view.line(*span)),
            Hop::Extends(span) => format!("taken over by the `extends` at {}", view.line(*span)),
            Hop::Override(span) => format!("replaces what stands at {}", view.line(*span)),
            Hop::EnvFile(span) => format!("read from the file that {} names", view.line(*span)),
            Hop::Default(rule) => format!("filled in: {rule}"),
            Hop::Derived(span) => format!("derived from {}", view.line(*span)),
            Hop::Alias(span) => format!("through the alias at {}", view.line(*span)),
            Hop::Inherited(Some(span)) => format!("value taken from {}", view.line(*span)),
            Hop::Inherited(None) => "value taken from the project's environment".to_owned(),
        };
        out.push_str(&format!("    {words}\n"));
    }
}

/// Whether a variable is taken for a secret, or one that its word names.
fn speaks(variable: &Variable) -> bool {
    let word = match &variable.modifier {
        Modifier::Default { word, .. }
        | Modifier::Required { word, .. }
        | Modifier::Alternative { word, .. } => word,
        Modifier::None => return sensitive::is_sensitive(&variable.name),
    };
    let inner =
        word.iter().any(|part| matches!(&part.kind, PartKind::Variable(variable) if speaks(variable)));
    inner || sensitive::is_sensitive(&variable.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_cover_what_lies_below_and_stars_stand_for_a_step() {
        assert!(covers("services.web", "services.web.ports[0].target"));
        assert!(covers("services.*.ports[]", "services.web.ports[0].target"));
        assert!(covers("services[\"a.b\"]", "services[\"a.b\"].image"));
        assert!(!covers("services.we", "services.web.image"));
        assert!(!covers("services.web.image", "services.web"));
    }
}
