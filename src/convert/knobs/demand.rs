//! Values that the files demand, and nobody has given.

use super::variables;
use crate::convert::options::Form;
use crate::convert::pass::Pass;
use crate::diag::{Finding, slugs};
use crate::plan::ledger::{Row, Verdict};
use crate::source::Text;
use crate::source::origin::{PartKind, Variable};

/// Refuses what the output cannot ask for: a value that the file demands, that nobody has given, and that is no secret.
pub fn demanded(pass: &mut Pass<'_>) {
    let mut missing: Vec<(usize, Text, Text)> = Vec::new();
    for (at, row) in pass.accounts.rows().iter().enumerate() {
        let Some(variable) = unmet(pass, row) else { continue };
        let words = variables::words(variable);
        let shown = if words.is_empty() { words } else { format!("\"{words}\"") };
        missing.push((at, variable.name.clone(), shown.into()));
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
    // Who makes the Secret gives the value, or who installs the chart.
    let asked = row.rule() == Some(slugs::UNPROVIDED_SECRET);
    if pass.options().form == Form::Helm && is_text(&row.path) {
        return None;
    }
    template.parts.iter().find_map(|part| match &part.kind {
        PartKind::Variable(variable) if variable.is_unmet() => {
            let can_ask = asked && pass.survey.secrets.is_secret(variable);
            (!can_ask).then_some(variable)
        }
        PartKind::Variable(_) | PartKind::Literal(_) => None,
    })
}

/// Whether the value at a path is handed to a program as it is, so that a chart can ask for it.
fn is_text(path: &str) -> bool {
    let rest = path.split_once('.').and_then(|(section, rest)| {
        let is_container = matches!(section, "services" | "jobs");
        is_container.then(|| rest.split_once('.').map_or("", |(_, rest)| rest))
    });
    rest.is_some_and(|rest| rest.starts_with("environment"))
}
