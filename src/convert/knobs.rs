//! Variables of the files: which fields they feed, and what becomes of those that have no value.

use std::collections::BTreeMap;

use super::pass::Pass;
use crate::diag::sensitive::is_sensitive;
use crate::diag::{Finding, slugs};
use crate::k8s::base64;
use crate::k8s::dollar;
use crate::plan::address;
use crate::plan::field::Scalar;
use crate::plan::knob::{Feed, Knob};
use crate::plan::ledger::{Row, Verdict};
use crate::plan::object::Object;
use crate::plan::why::RowId;
use crate::source::Text;
use crate::source::origin::{Hop, Modifier, Origin, PartKind, Variable, text};

/// Refuses what the output cannot ask for: a value that the file demands, that nobody has given, and that is no secret.
pub fn demanded(pass: &mut Pass<'_>) {
    let mut missing: Vec<(usize, Text, Text)> = Vec::new();
    for (at, row) in pass.accounts.rows().iter().enumerate() {
        let Some(variable) = unmet(pass, row) else { continue };
        missing.push((at, variable.name.clone(), words(variable)));
    }
    for (at, name, words) in missing {
        let row = &pass.accounts.rows()[at];
        let (path, span) = (row.path.clone(), row.place.span);
        let message = format!("`{name}` has no value, and the file demands one");
        let finding = Finding::new(slugs::MISSING_REQUIRED_VARIABLE, span, path.as_str(), message)
            .at(words)
            .tip(format!("put it into `.env`, or pass `-e {name}=…`"));
        let allowed = pass.allows(&finding);
        if !allowed {
            pass.leave_out_all(&path, &finding);
        }
        pass.accounts.demand(at, finding.slug, &finding.message, allowed);
        pass.report(finding);
    }
}

/// The variable without value that a row needs and nobody can be asked for.
fn unmet<'a>(pass: &'a Pass<'_>, row: &Row) -> Option<&'a Variable> {
    let used = match row.verdict? {
        Verdict::Mapped | Verdict::Consumed | Verdict::Approximated => true,
        Verdict::Build | Verdict::Dev | Verdict::Dropped | Verdict::Refused => false,
    };
    let template = pass.input.project.origins.get(row.place.origin).template.as_ref().filter(|_| used)?;
    // Who makes the Secret gives the value.
    let asked = row.rule == Some(slugs::UNPROVIDED_SECRET);
    template.parts.iter().find_map(|part| match &part.kind {
        PartKind::Variable(variable) if variable.is_unmet() => {
            let can_ask = asked && pass.survey.secrets.is_secret(variable);
            (!can_ask).then_some(variable)
        }
        PartKind::Variable(_) | PartKind::Literal(_) => None,
    })
}

/// What the author says about a variable that is needed.
fn words(variable: &Variable) -> Text {
    match &variable.modifier {
        Modifier::Required { word, .. } if !word.is_empty() => format!("\"{}\"", text(word)).into(),
        _ => Text::default(),
    }
}

/// The parameters of the output: each variable of the files that feeds a field.
#[must_use]
pub fn of(pass: &Pass<'_>, objects: &[Object]) -> Vec<Knob> {
    let mut knobs: BTreeMap<Text, (Knob, Text)> = BTreeMap::new();
    let feeds = |row: &RowId| {
        let place = pass.accounts.rows().get(row.0 as usize);
        place.is_some_and(|row| has_variable(pass.input.project.origins.get(row.place.origin)))
    };
    for object in objects {
        // Addresses are made for the few objects in which a variable stands.
        let mut any = false;
        object.body.each_leaf(&mut |leaf| any = any || leaf.why.rows().iter().any(feeds));
        if !any {
            continue;
        }
        address::each(&object.body, &mut |path, leaf| {
            if !leaf.why.rows().iter().any(feeds) {
                return;
            }
            // What names a variable or a key is no value.
            if path.contains("secretKeyRef") || path.contains("env[") && path.ends_with(".name") {
                return;
            }
            let Some(written) = readable(&leaf.value) else { return };
            for row in leaf.why.rows() {
                let Some(place) = pass.accounts.rows().get(row.0 as usize) else { continue };
                let origin = pass.input.project.origins.get(place.place.origin);
                for used in uses(pass, place, origin, &written) {
                    let feed = Feed { object: object.id.clone(), path: path.into(), row: *row };
                    enter(&mut knobs, used, feed);
                }
            }
        });
    }
    knobs.into_values().map(|(knob, _)| knob).collect()
}

/// Whether a value has its text from a variable.
fn has_variable(origin: &Origin) -> bool {
    origin.template.is_some() || origin.hops.iter().any(|hop| matches!(hop, Hop::Inherited(_)))
}

/// The use of a variable in a field.
struct Use {
    name: Text,
    result: Text,
    required: bool,
    secret: bool,
}

fn enter(knobs: &mut BTreeMap<Text, (Knob, Text)>, used: Use, feed: Feed) {
    let Use { name, result, required, secret } = used;
    let (knob, default) = knobs.entry(name.clone()).or_insert_with(|| {
        (Knob { name, default: None, required: false, feeds: Vec::new() }, result.clone())
    });
    // A parameter has one value: where the files give another one, the field keeps what it has.
    if *default != result {
        return;
    }
    knob.required |= required || secret;
    knob.default = (!knob.required).then_some(result);
    // A field that names the variable twice is shown twice, one time after the other.
    if knob.feeds.last() != Some(&feed) {
        knob.feeds.push(feed);
    }
}

/// The text of a field as the container will see it.
fn readable(value: &Scalar) -> Option<String> {
    match value {
        Scalar::Text(text) | Scalar::Number(text) => Some(text.to_string()),
        Scalar::Int(number) => Some(number.to_string()),
        Scalar::Bool(switch) => Some(switch.to_string()),
        Scalar::EmptyMap | Scalar::EmptyList => None,
    }
}

/// The variables of a value that stand in the text of a field: those whose text is found there.
fn uses(pass: &Pass<'_>, row: &Row, origin: &Origin, written: &str) -> Vec<Use> {
    if origin.hops.iter().any(|hop| matches!(hop, Hop::Inherited(_))) {
        let path = row.path.as_str();
        let name = path.rsplit_once("environment.").map_or(path, |(_, name)| name);
        let name = Text::new(name.trim_start_matches("[\"").trim_end_matches("\"]"));
        let is_own = path.contains(".environment") && written != name;
        let secret = is_sensitive(&name);
        return is_own
            .then_some(Use { name, result: written.into(), required: true, secret })
            .into_iter()
            .collect();
    }
    let Some(template) = &origin.template else { return Vec::new() };
    let whole = text(&template.parts);
    let mut uses = Vec::new();
    for part in &template.parts {
        let PartKind::Variable(variable) = &part.kind else { continue };
        let result = variable.result.as_str();
        let found = if result.is_empty() {
            [whole.clone(), dollar::literal(&whole)].iter().any(|text| text == written)
        } else {
            written.contains(result)
                || written.contains(&dollar::literal(result))
                || written == base64::encode(whole.as_bytes())
        };
        if found {
            let required = matches!(variable.modifier, Modifier::Required { .. });
            let secret = pass.survey.secrets.is_secret(variable);
            uses.push(Use { name: variable.name.clone(), result: variable.result.clone(), required, secret });
        }
    }
    uses
}
