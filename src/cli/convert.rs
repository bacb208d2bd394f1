//! `convert`: the objects that stand for a project.

use std::path::Path;

use super::args::Convert;
use super::error::Error;
use super::output::Output;
use super::selection::Ground;
use super::{Outcome, config, project};
use crate::compose::image_facts::ImageFacts;
use crate::convert::{self, Input};
use crate::diag::{Finding, Level, slugs};
use crate::lint;
use crate::plan::Plan;
use crate::render::manifests;
use crate::report::{self, Format, conversion};
use crate::resolve::Resolved;

/// Runs the command.
///
/// # Errors
/// When a path cannot be read, nothing is found, or the output cannot be written.
pub fn run(arguments: &Convert, output: &mut Output) -> Result<Outcome, Error> {
    let mut ground = Ground::new(&arguments.project)?;
    let target = config::target(arguments.path.as_deref(), &arguments.project.files, &mut ground)?;
    let selection = ground.at(target);
    let Some(mut resolved) = project::load(&selection, &ground.named, ground.follow) else {
        return Err(config::nothing(arguments.path.as_deref(), &selection.target));
    };
    if resolved.broken {
        let findings =
            lint::run(std::mem::take(&mut resolved.findings), arguments.conversion.posture.posture());
        let reasons: Vec<Finding> =
            findings.into_iter().filter(|finding| finding.level == Level::Error).collect();
        output.remark(&report::render(Format::Text, &reasons, &resolved.files, output.error_style));
        return Ok(Outcome::Unloadable);
    }
    let options = arguments.conversion.options();
    let reader = ground.reader(&resolved.project.directory);
    let facts = ImageFacts::default();
    let input = Input {
        project: &resolved.project,
        facts: &facts,
        files: &resolved.files,
        reader: &reader,
        options: &options,
    };
    let mut plan = convert::convert(&input);
    let mut findings = std::mem::take(&mut resolved.findings);
    // The conversion says itself which of the variables without value nobody can be asked for.
    findings.retain(|finding| {
        finding.slug != slugs::MISSING_REQUIRED_VARIABLE || finding.path.starts_with("configs.")
    });
    findings.append(&mut plan.findings);
    let findings = lint::run(findings, options.posture);
    if let Some(path) = &arguments.report {
        write_report(path, &plan, &findings, &resolved, arguments)?;
    }
    let shown: Vec<Finding> =
        findings.iter().filter(|finding| finding.level > Level::Note).cloned().collect();
    output.remark(&report::render(Format::Concise, &shown, &resolved.files, output.error_style));
    output.write(&manifests::stream(&plan))?;
    let refused = plan.left_out.iter().any(|entry| entry.rule.is_some());
    let error =
        findings.iter().any(|finding| finding.level == Level::Error && !is_allowed(finding, &options));
    Ok(if refused || error { Outcome::Findings } else { Outcome::Clean })
}

fn is_allowed(finding: &Finding, options: &convert::options::Options) -> bool {
    options.allow.contains(finding.slug.0)
}

fn write_report(
    path: &Path,
    plan: &Plan,
    findings: &[Finding],
    resolved: &Resolved,
    arguments: &Convert,
) -> Result<(), Error> {
    let text = conversion::render(
        plan,
        findings,
        &resolved.files,
        &resolved.project.origins,
        arguments.conversion.posture.posture(),
    );
    std::fs::write(path, text)
        .map_err(|error| Error::Output(format!("`{}`", path.display()), error.to_string()))
}
