//! `explain`: a rule, what becomes of a Compose key, or why a field of an object is there.

use std::collections::BTreeSet;

use super::args::Explain;
use super::convert::{Converted, Loaded, load};
use super::error::Error;
use super::output::Output;
use super::selection::Ground;
use super::{Outcome, reference};
use crate::lint;
use crate::report::account;
use crate::source::nearest::nearest;

/// Runs the command.
///
/// # Errors
/// When there is nothing to explain, a path cannot be read, or the output cannot be written.
pub fn run(arguments: &Explain, output: &mut Output) -> Result<Outcome, Error> {
    let Explain { what, field, project: flags, conversion } = arguments;
    if lint::rule(what).is_some() || !what.contains(['.', '/']) && field.is_none() {
        return reference::explain(what, output);
    }
    let mut ground = Ground::new(flags)?;
    let loaded = load(None, &flags.files, conversion, &mut ground, output)?;
    let Some(Loaded { converted, .. }) = loaded else { return Ok(Outcome::Unloadable) };
    let Converted { resolved, plan, .. } = &converted;
    let view = account::View { plan, project: &resolved.project, files: &resolved.files };
    let text = if what.contains('/') {
        account::object(&view, what, field.as_deref().unwrap_or_default())
    } else {
        account::key(&view, what)
    };
    let Some(text) = text else {
        let whole = field.as_ref().map_or_else(|| what.clone(), |field| format!("{what} {field}"));
        return Err(Error::Unexplained(whole, near(what, &converted)));
    };
    output.write(&text)?;
    Ok(Outcome::Clean)
}

/// The path or address that differs least from what was asked for.
fn near(what: &str, converted: &Converted) -> Option<String> {
    let plan = &converted.plan;
    let paths = plan.ledger.iter().map(|row| row.path.to_string());
    let objects = plan.objects.iter().map(|object| object.id.address(&plan.namespace));
    let known: BTreeSet<String> = paths.chain(objects).take(10_000).collect();
    nearest(what, known.iter().map(String::as_str)).map(str::to_owned)
}
