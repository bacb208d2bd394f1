//! Language models that a container uses.

use crate::compose::codec::{Field, Map};
use crate::compose::language_model::{LanguageModel, ModelUse};
use crate::compose::project::entries;
use crate::convert::draft::Seat;
use crate::convert::pass::{Pass, Told};
use crate::diag::slugs;
use crate::k8s::dollar;
use crate::plan::ledger::Verdict;
use crate::plan::why::Why;
use crate::source::Text;
use crate::source::span::Spanned;

/// The keys of the topic.
pub struct Keys<'p> {
    /// `models`
    pub models: &'p Field<Map<Option<ModelUse>>>,
}

/// Where the addresses of models are given.
const HINT: &str = "models";

/// Converts the keys.
pub fn convert<'p>(pass: &mut Pass<'p>, seat: &mut Seat<'_, 'p>, keys: &Keys<'p>) {
    for (model, used) in entries(keys.models) {
        let Some((address, hinted)) = pass.given(HINT, model, |_| true) else {
            // The declaration is refused, with one finding for all who use the model.
            let told = Told { rule: slugs::DELEGATED_SERVICE, message: missing(model) };
            let declared =
                pass.input.project.model.models.as_ref().and_then(|models| models.value.get(model));
            let refusal = declared.map(|declared| pass.finding_at_key(declared, told.rule, ""));
            let allowed = refusal.is_some_and(|refusal| pass.allows(&refusal));
            pass.likewise(used, if allowed { Verdict::Approximated } else { Verdict::Refused }, &told);
            continue;
        };
        let message = format!(
            "`{}` reaches the model `{model}` at a given address; nobody starts it with the project",
            seat.member.name
        );
        let finding = pass.finding_at_key(used, slugs::APPROXIMATED_KEY, message);
        let why = pass.approximated(used, finding).and(&hinted);
        let upper = model.to_uppercase().replace('-', "_");
        let named = |name: Option<&Spanned<Text>>, ending: &str| {
            name.map_or_else(|| format!("{upper}_{ending}"), |name| name.value.to_string())
        };
        let (of_address, of_model) = match &used.value {
            Some(ModelUse { endpoint_var, model_var, extensions: _ }) => {
                (endpoint_var.as_deref(), model_var.as_deref())
            }
            None => (None, None),
        };
        variable(seat, &named(of_address, "URL"), &address, &why);
        let declared = pass.input.project.model.models.as_ref();
        let declared = declared.and_then(|models| models.value.get(model));
        if let Some(artifact) = declared.and_then(|declared| declared.value.model.as_ref()) {
            let why = why.and(&pass.why(artifact));
            variable(seat, &named(of_model, "MODEL"), &artifact.value, &why);
        }
    }
}

/// A variable that Compose sets unless the file does.
fn variable(seat: &mut Seat<'_, '_>, name: &str, value: &str, why: &Why) {
    let variables = seat.container.list("env");
    if variables.find("name", name).is_none() {
        let variable = variables.push_map();
        variable.put("name", name, why);
        variable.put("value", dollar::literal(value), why);
    }
}

fn missing(model: &str) -> String {
    format!("nothing says where the model `{model}` answers; a cluster does not run models by itself")
}

/// What becomes of the language models that the project declares.
pub fn declarations<'p>(pass: &mut Pass<'p>, models: &'p Field<Map<LanguageModel>>) {
    for (name, model) in entries(models) {
        if !pass.survey.uses.models.contains_key(name) {
            let message = format!("no active service uses the model `{name}`");
            let finding = pass.finding_at_key(model, slugs::UNUSED_DECLARATION, message);
            let finding = pass.removable(finding, model);
            pass.dropped(model, finding);
            continue;
        }
        if pass.given(HINT, name, |_| true).is_none() {
            let finding = pass.finding_at_key(model, slugs::DELEGATED_SERVICE, missing(name));
            let tip = format!("name its address: `x-transship: {{models: {{{name}: https://…}}}}`");
            pass.refused(model, finding.tip(tip));
            continue;
        }
        declared(pass, name, &model.value);
    }
}

/// A model that runs elsewhere: its name reaches the services, its settings reach nobody.
fn declared<'p>(pass: &mut Pass<'p>, name: &Text, model: &'p LanguageModel) {
    let LanguageModel { context_size, model: artifact, name: alias, runtime_flags, extensions: _ } = model;
    for written in [artifact, alias].into_iter().filter_map(|written| written.as_deref()) {
        let message =
            format!("`{}` of the model `{name}` is told to services, and nobody pulls it", written.value);
        let finding = pass.finding(written, slugs::APPROXIMATED_KEY, message);
        pass.approximated(written, finding);
    }
    let message = |key| format!("`{key}` of the model `{name}` stays behind; who runs the model sets it");
    if let Some(size) = context_size {
        let finding = pass.finding(size, slugs::DROPPED_KEY, message("context_size"));
        pass.dropped(size, finding);
    }
    if let Some(flags) = runtime_flags {
        let finding = pass.finding_at_key(flags, slugs::DROPPED_KEY, message("runtime_flags"));
        pass.dropped(flags, finding);
    }
}
